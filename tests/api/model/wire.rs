//! The walk's requests as JSON, and the registry's answers as the model has them.

use super::life::{Record, Step, UNITS};
use jiff::civil::Date;
use lvcai_tests::record;
use serde_json::{Map, Value, json};

/// Puts what is there into an object.
fn object(members: &[(&str, Option<Value>)]) -> Value {
    let members = members.iter().filter_map(|(name, value)| Some(((*name).to_owned(), value.clone()?)));
    Value::Object(members.collect::<Map<_, _>>())
}

fn day(date: Option<Date>) -> Option<Value> {
    date.map(|it| json!(it))
}

/// The units with what is cancelled of them.
fn units(told: &Record) -> Value {
    let unit = |(name, models): &(&str, [&str; 2])| {
        let gone = models.iter().filter_map(|it| Some(json!({ "model": it, "cancelled_on": told.cancelled.get(it)? })));
        let gone: Vec<_> = gone.collect();
        let cancelled_on = told.cancelled.get(name).map(|it| json!(it));
        let cancelled_models = (!gone.is_empty()).then(|| json!(gone));
        object(&[
            ("name", Some(json!(name))),
            ("models", Some(json!(models))),
            ("cancelled_on", cancelled_on),
            ("cancelled_models", cancelled_models),
        ])
    };
    UNITS.iter().map(unit).collect()
}

/// The members of a record that the model knows.
fn members(told: &Record) -> Value {
    object(&[
        ("reported_status", Some(json!(told.status))),
        ("status_on", day(told.since)),
        ("status_reason", told.reason.map(|it| json!(it))),
        ("suspension_planned_end", day(told.planned_end)),
        ("issued_on", Some(json!(told.issued_on))),
        ("valid_until", Some(json!(told.valid_until))),
        ("reissued_on", day(told.reissued_on)),
        ("product_name", Some(json!(told.name))),
        ("holder", Some(json!({ "name": told.holder }))),
        ("correction", told.correction.as_ref().map(|it| json!(it))),
        ("units", Some(units(told))),
    ])
}

/// The push of a record.
pub(super) fn pushed(told: &Record) -> Value {
    let mut body = record();
    for (name, value) in members(told).as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// A transition.
pub(super) fn asked(step: &Step) -> Value {
    object(&[
        ("step", Some(json!(step.step))),
        ("effective_on", day(step.on)),
        ("reason", step.reason.map(|it| json!(it))),
        ("suspension_planned_end", day(step.planned_end)),
        ("unit", step.unit.map(|it| json!(it))),
        ("models", step.model.map(|it| json!([it]))),
        ("status", step.status.map(|it| json!(it))),
        ("note", step.note.as_ref().map(|it| json!(it))),
    ])
}

/// Where an answer says otherwise than a record of the model; nothing when it says the same.
pub(super) fn differences(answer: &Value, told: &Record) -> Vec<String> {
    let expected = members(told);
    let all = ["status_on", "status_reason", "suspension_planned_end", "reissued_on", "correction"];
    let names = expected.as_object().unwrap().keys().map(String::as_str).filter(|it| *it != "units").chain(all);
    let mut found: Vec<_> = names
        .filter(|it| answer.get(it) != expected.get(it))
        .map(|it| format!("{it}: {:?}, and not {:?}", answer.get(it), expected.get(it)))
        .collect();
    for (told, unit) in expected["units"].as_array().unwrap().iter().zip(answer["units"].as_array().unwrap()) {
        let models = |it: &Value| {
            let mut gone = it["cancelled_models"].as_array().cloned().unwrap_or_default();
            gone.sort_by_key(|it| it["model"].to_string());
            gone
        };
        if (models(told), told.get("cancelled_on")) != (models(unit), unit.get("cancelled_on")) {
            found.push(format!("units: {unit}, and not {told}"));
        }
    }
    found
}
