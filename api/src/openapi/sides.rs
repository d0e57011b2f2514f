//! Requests are strict and answers are open.
//!
//! A client may send what the document names and nothing else, but it must bear what a later version of the registry
//! answers: a field more, a code more. So a schema that stands on both sides and says different things there is written
//! twice: `CertifiedUnit` as it is answered, `CertifiedUnitInput` as it is sent. Enums of answers name the values that
//! there are in `x-extensible-enum`, which generators read as plain text, so that a value to come breaks no client.
//!
//! What is absent is absent: `null` stands in merge patches alone.

use super::members::put;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const SCHEMAS: &str = "#/components/schemas/";

/// Writes apart what is sent and what is answered.
pub(super) fn separate(document: &mut Value) {
    let Some(mut schemas) =
        document.pointer_mut("/components/schemas").and_then(Value::as_object_mut).map(std::mem::take)
    else {
        return;
    };
    for (name, schema) in &mut schemas {
        if !name.ends_with("Patch") {
            without_null(schema);
        }
    }
    let asked = reachable(document, &schemas, |operation| {
        ["requestBody", "parameters"].into_iter().filter_map(|it| operation.get(it)).collect()
    });
    let answered = reachable(document, &schemas, |operation| operation.get("responses").into_iter().collect());
    let twofold = differing(&schemas, &asked.intersection(&answered).cloned().collect());

    let inputs: Vec<(String, Value)> =
        twofold.iter().filter_map(|it| Some((input(it), schemas.get(it)?.clone()))).collect();
    for (name, schema) in &mut schemas {
        if asked.contains(name) && !answered.contains(name) {
            refer_to_inputs(schema, &twofold);
        } else {
            open(schema);
        }
    }
    for (name, mut schema) in inputs {
        refer_to_inputs(&mut schema, &twofold);
        schemas.insert(name, schema);
    }
    schemas.sort_keys();
    for operation in operations_mut(document) {
        for side in ["requestBody", "parameters"] {
            if let Some(side) = operation.get_mut(side) {
                without_null(side);
                refer_to_inputs(side, &twofold);
            }
        }
    }
    put(document, "/components", "schemas", Value::Object(schemas));
}

/// What a schema is called as it is sent.
fn input(name: &str) -> String {
    format!("{name}Input")
}

fn operations_mut(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    paths.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut).flat_map(Map::values_mut)
}

/// The schemas that are referred to from one side of the operations, also by others of them.
fn reachable(document: &Value, schemas: &Map<String, Value>, side: impl Fn(&Value) -> Vec<&Value>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let paths = document.get("paths").and_then(Value::as_object).into_iter().flat_map(Map::values);
    let mut open: Vec<String> =
        paths.filter_map(Value::as_object).flat_map(Map::values).flat_map(side).flat_map(references).collect();
    while let Some(name) = open.pop() {
        if let Some(schema) = schemas.get(&name).filter(|_| found.insert(name)) {
            open.extend(references(schema));
        }
    }
    found
}

/// The names of the schemas that a value refers to.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix(SCHEMAS));
            own.map(str::to_owned).into_iter().chain(members.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// Those of the schemas that say another thing when they are sent: closed ones, enums, and whatever refers to such.
fn differing(schemas: &Map<String, Value>, among: &BTreeSet<String>) -> BTreeSet<String> {
    let mut differing: BTreeSet<String> =
        among.iter().filter(|it| schemas.get(*it).is_some_and(is_strict)).cloned().collect();
    loop {
        let references = |it: &String| schemas.get(it).map(references).unwrap_or_default();
        let refers = |it: &&String| references(it).iter().any(|other| differing.contains(other));
        let more: Vec<String> = among.difference(&differing).filter(refers).cloned().collect();
        if more.is_empty() {
            return differing;
        }
        differing.extend(more);
    }
}

fn is_strict(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => {
            members.contains_key("enum")
                || members.get("additionalProperties") == Some(&Value::Bool(false))
                || members.values().any(is_strict)
        }
        Value::Array(items) => items.iter().any(is_strict),
        _ => false,
    }
}

fn refer_to_inputs(value: &mut Value, twofold: &BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref")
                && let Some(name) = reference.strip_prefix(SCHEMAS)
                && twofold.contains(name)
            {
                *reference = format!("{SCHEMAS}{}", input(name));
            }
            members.values_mut().for_each(|it| refer_to_inputs(it, twofold));
        }
        Value::Array(items) => items.iter_mut().for_each(|it| refer_to_inputs(it, twofold)),
        _ => {}
    }
}

/// Opens a schema of answers.
fn open(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.retain(|name, value| name != "additionalProperties" || *value != Value::Bool(false));
            if let Some(values) = members.remove("enum") {
                members.insert("x-extensible-enum".to_owned(), values);
            }
            members.values_mut().for_each(open);
        }
        Value::Array(items) => items.iter_mut().for_each(open),
        _ => {}
    }
}

/// Takes `null` out of a schema: a field that may be left out is not required, and that says it.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Array(types)) = members.get_mut("type") {
                types.retain(|it| it != "null");
                if let [one] = types.as_slice() {
                    let one = one.clone();
                    members.insert("type".to_owned(), one);
                }
            }
            if let Some(Value::Array(either)) = members.get_mut("oneOf") {
                either.retain(|it| *it != json!({ "type": "null" }));
                if either.len() == 1
                    && let Some(Value::Object(one)) = either.pop()
                {
                    members.remove("oneOf");
                    for (name, value) in one {
                        members.entry(name).or_insert(value);
                    }
                }
            }
            members.values_mut().for_each(without_null);
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}
