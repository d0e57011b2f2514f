//! Units and models that are cancelled while their certificate goes on.

use super::{NUMBER, eligible, listing, newest, on, put, told};
use lvcai_tests::{LIST, Story};
use serde_json::{Value, json};

pub(super) fn units() -> Value {
    json!({ "units": [
        { "name": "平开窗", "models": ["65系列", "70系列"], "climate_zones": ["cold"] },
        { "name": "推拉窗", "models": ["80系列"] }
    ] })
}

#[test]
fn a_cancelled_model_no_longer_counts_and_the_others_do() {
    let story = Story::begin();
    let (product, id) = (story.product("窗"), put(&story, NUMBER, &units()).expect(201).id());
    story.evidence(&product, &id);
    story.open_list();
    story.publish(&[&product]);
    story.server.at("2026-03-10T02:00:00Z");
    let model = |model: &str, day: &str| {
        told(&story, &json!({ "valid_on": day, "items": [{ "certificate_number": NUMBER, "model": model }] }))
    };
    let cancel =
        |unit: &str, models: Value| story.step(&id, &json!({ "step": "cancel", "unit": unit, "models": models }));
    let unknown = cancel("平开门", json!([])).problem(422, "invalid");
    assert_eq!(unknown.body["errors"][0]["allowed"], json!(["平开窗", "推拉窗"]));
    let unknown = cancel("平开窗", json!(["70系列", "80系列"])).problem(422, "invalid");
    assert_eq!(unknown.body["errors"][0]["source"]["pointer"], "/models/1");

    cancel("平开窗", json!(["65系列"])).expect(200);

    assert_eq!(newest(&story, &id), ("certificate.unit_cancelled".to_owned(), "2026-03-10".to_owned()));
    assert_eq!(model("65系列", "2026-03-10"), json!(["not_eligible", "model_not_covered"]));
    assert_eq!((model("65系列", "2026-03-09"), model("70系列", "2026-03-10")), (eligible(), eligible()));
    let listing = listing(&story);
    assert_eq!((&listing["status"], &listing["ground"]), (&json!("suspended"), &json!("not_covered")));
    assert_eq!(told(&story, &json!({ "items": [{ "product": product }] }))[0], "not_eligible");
    let again = cancel("平开窗", json!(["65系列"])).problem(409, "illegal-step");
    assert_eq!(again.body["errors"][0]["source"]["pointer"], "/models/0", "cancelled is final");
    let untold = put(&story, NUMBER, &units()).expect(200);
    assert_eq!(
        untold.body["units"][0]["cancelled_models"][0]["model"], "65系列",
        "it is so though it is not told again"
    );
    assert_eq!(newest(&story, &id), ("certificate.unit_cancelled".to_owned(), "2026-03-10".to_owned()));
    let mut otherwise = units();
    otherwise["units"][0]["cancelled_models"] = json!([{ "model": "65系列", "cancelled_on": "2026-03-12" }]);
    let revived = put(&story, NUMBER, &otherwise).problem(409, "illegal-step");
    assert_eq!(revived.body["errors"][0]["source"]["pointer"], "/units/0/cancelled_on", "{}", revived.text);
    for left_out in [json!([]), json!([{ "name": "推拉窗", "models": ["80系列"] }])] {
        let revived = put(&story, NUMBER, &json!({ "units": left_out })).problem(409, "illegal-step");
        assert_eq!(revived.body["errors"][0]["source"]["pointer"], "/units", "nor by being left out");
    }
    let mut corrected = units();
    corrected["correction"] = json!("型号误注销");
    put(&story, NUMBER, &corrected).expect(200);
    assert_eq!(newest(&story, &id).0, "certificate.corrected");
    assert_eq!(model("65系列", "2026-03-10"), eligible());
}

#[test]
fn what_was_cancelled_stands_in_the_way_of_no_suspension_and_no_withdrawal() {
    let story = Story::begin();
    for (place, left_out) in
        [units(), json!({ "units": [{ "name": "推拉窗", "models": ["80系列"] }] })].into_iter().enumerate()
    {
        let number = format!("CABR-{place}");
        let id = put(&story, &number, &units()).expect(201).id();
        story.step(&id, &json!({ "step": "cancel", "unit": "平开窗", "models": ["65系列"] })).expect(200);
        let told = |status: &str, reason: &str| {
            let mut record = left_out.clone();
            (record["reported_status"], record["status_reason"]) = (json!(status), json!(reason));
            put(&story, &number, &record).expect(200)
        };

        for (status, reason) in [("02", "0203"), ("02", "0203"), ("03", "0209")] {
            let after = told(status, reason).body;
            assert_eq!(after["reported_status"], status);
            let unit = after["units"].as_array().unwrap().iter().find(|it| it["name"] == "平开窗").unwrap();
            assert_eq!(unit["cancelled_models"][0]["model"], "65系列");
        }
    }
}

#[test]
fn a_cancelled_unit_takes_its_models_with_it() {
    let story = Story::begin();
    let id = put(&story, NUMBER, &units()).expect(201).id();
    story.server.at("2026-03-10T02:00:00Z");
    let model = |model: &str| told(&story, &json!({ "items": [{ "certificate_number": NUMBER, "model": model }] }));
    let cancel = |unit: &str| story.step(&id, &json!({ "step": "cancel", "unit": unit })).expect(200);

    assert_eq!(cancel("平开窗").body["units"][0]["cancelled_on"], "2026-03-10");

    assert_eq!(model("70系列"), json!(["not_eligible", "model_not_covered"]));
    assert_eq!((model("80系列"), on(&story, NUMBER, "2026-03-10")), (eligible(), eligible()));
    let stray = json!({ "step": "cancel", "unit": "推拉窗", "reason": "0204" });
    assert_eq!(story.step(&id, &stray).problem(422, "invalid").body["errors"][0]["source"]["pointer"], "/reason");
    story.step(&id, &json!({ "step": "cancel", "unit": "推拉窗", "models": ["80系列"] })).expect(200);
    assert_eq!(on(&story, NUMBER, "2026-03-10"), json!(["not_eligible", "model_not_covered"]), "nothing is left");
    assert_eq!(on(&story, NUMBER, "2026-03-09"), eligible());
}

#[test]
fn a_unit_is_cancelled_on_its_day_though_it_was_told_before() {
    let story = Story::begin();
    let (product, id) = (story.product("窗"), put(&story, NUMBER, &units()).expect(201).id());
    story.evidence(&product, &id);
    story.open_list();
    story.publish(&[&product]);
    let model = |day: &str| {
        told(&story, &json!({ "valid_on": day, "items": [{ "certificate_number": NUMBER, "model": "65系列" }] }))
    };
    let current = |day: &str| {
        story.server.at(&format!("{day}T02:00:00Z"));
        story.anybody.get(&format!("/v1/lists/{LIST}/standing")).expect(200).body["items"].as_array().unwrap().len()
    };

    let cancel = json!({ "step": "cancel", "unit": "平开窗", "models": ["65系列"], "effective_on": "2026-03-20" });
    story.step(&id, &cancel).expect(200);

    assert_eq!((model("2026-03-19"), current("2026-03-19")), (eligible(), 1));
    assert_eq!((model("2026-03-20"), current("2026-03-20")), (json!(["not_eligible", "model_not_covered"]), 0));
    let suspended = json!({ "step": "suspend", "reason": "0203" });
    story.step(&id, &suspended).expect(200);
    let far = json!({ "step": "cancel", "unit": "推拉窗", "effective_on": "2027-04-01" });
    story.step(&id, &far).problem(422, "invalid");
}

#[test]
pub(super) fn units_of_one_push_are_cancelled_each_on_its_own_day() {
    let story = Story::begin();
    put(&story, NUMBER, &units()).expect(201);
    story.server.at("2026-03-20T02:00:00Z");
    let mut record = units();
    record["units"][0]["cancelled_on"] = json!("2026-03-10");
    record["units"][1]["cancelled_on"] = json!("2026-03-15");

    put(&story, NUMBER, &record).expect(200);

    let model = |model: &str, day: &str| {
        told(&story, &json!({ "valid_on": day, "items": [{ "certificate_number": NUMBER, "model": model }] }))[0]
            .clone()
    };
    let (first, second) = (record["units"][0]["models"][0].clone(), record["units"][1]["models"][0].clone());
    let (first, second) = (first.as_str().unwrap(), second.as_str().unwrap());
    let told = ["2026-03-09", "2026-03-10", "2026-03-14", "2026-03-15"];
    assert_eq!(told.map(|day| model(first, day) == "eligible"), [true, false, false, false]);
    assert_eq!(told.map(|day| model(second, day) == "eligible"), [true, true, true, false]);
}

#[test]
fn what_is_cancelled_is_the_same_in_whatever_order_it_is_told() {
    let story = Story::begin();
    let id = put(&story, NUMBER, &units()).expect(201).id();
    for model in ["70系列", "65系列"] {
        let cancel = json!({ "step": "cancel", "unit": "平开窗", "models": [model] });
        story.step(&id, &cancel).expect(200);
    }
    let known = story.anybody.get(&format!("/v1/certificates/{id}")).expect(200);
    let told = |models: &[&str]| {
        let mut record = units();
        let gone = models.iter().map(|it| json!({ "model": it, "cancelled_on": "2026-03-02" }));
        record["units"][0]["cancelled_models"] = gone.collect();
        put(&story, NUMBER, &record)
    };

    assert_eq!(told(&["70系列", "65系列"]).expect(200).text, known.text);
    assert_eq!(told(&["65系列", "70系列"]).expect(200).text, known.text);

    let twice = told(&["65系列", "70系列", "65系列"]).problem(422, "invalid");
    assert_eq!(twice.body["errors"][0]["source"]["pointer"], "/units/0/cancelled_models");
}

#[test]
fn a_unit_has_a_name_of_its_own() {
    let story = Story::begin();
    let mut record = units();
    record["units"][1]["name"] = record["units"][0]["name"].clone();

    let refused = put(&story, NUMBER, &record).problem(422, "invalid");

    assert_eq!(
        refused.body["errors"][0],
        json!({ "source": { "pointer": "/units/1/name" }, "rule": "duplicate",
        "detail": refused.body["errors"][0]["detail"], "fix": refused.body["errors"][0]["fix"] })
    );
}

#[test]
fn a_cancellation_to_come_holds_up_nothing_else() {
    let story = Story::begin();
    let id = put(&story, NUMBER, &units()).expect(201).id();
    let cancel =
        |model: &str, day: &str| json!({ "step": "cancel", "unit": "平开窗", "models": [model], "effective_on": day });
    story.step(&id, &cancel("65系列", "2026-03-20")).expect(200);
    story.server.at("2026-03-10T02:00:00Z");

    story.step(&id, &cancel("70系列", "2026-03-15")).expect(200);

    let model = |model: &str, day: &str| {
        told(&story, &json!({ "valid_on": day, "items": [{ "certificate_number": NUMBER, "model": model }] }))[0]
            .clone()
    };
    let days = ["2026-03-14", "2026-03-15", "2026-03-19", "2026-03-20"];
    assert_eq!(days.map(|day| model("65系列", day) == "eligible"), [true, true, true, false]);
    assert_eq!(days.map(|day| model("70系列", day) == "eligible"), [true, false, false, false]);
    story.step(&id, &json!({ "step": "suspend", "reason": "0203" })).expect(200);
}
