//! Test reports: pushed by their laboratory and voided by it.

use lvcai_domain::Role;
use lvcai_tests::{ALL_SCOPES, Answer, Client, LABORATORY, Story, laboratory, report, report_address};
use serde_json::{Value, json};

/// The number of a report.
pub(crate) const NUMBER: &str = "黑建检〔2026〕第0117号";

/// A record with some fields set.
fn report_with(fields: &Value) -> Value {
    let mut record = report();
    for (name, value) in fields.as_object().unwrap() {
        record[name] = value.clone();
    }
    record
}

/// Pushes a record with some fields set.
pub(crate) fn push(laboratory: &Client, number: &str, fields: &Value) -> Answer {
    laboratory.put(&report_address(number), &report_with(fields))
}

/// Voids a report.
pub(crate) fn void(client: &Client, report: &str) -> Answer {
    client.post(&format!("/v1/test-reports/{report}/transitions"), &json!({ "step": "void", "note": "样品信息有误" }))
}

/// The first fault of a refusal: where, and which rule.
pub(crate) fn fault(answer: Answer) -> Value {
    let fault = answer.problem(422, "invalid").body["errors"][0].clone();
    json!([fault["source"]["pointer"], fault["rule"]])
}

#[test]
fn a_pushed_report_is_read_by_its_id_and_by_its_number() {
    let story = Story::begin();
    let laboratory = story.laboratory();

    for number in [NUMBER, "WT/2026-0117", "No: 2026#0117 [A]"] {
        let pushed = push(&laboratory, number, &json!({})).expect(201);

        let by_id = story.anybody.get(pushed.header("location")).expect(200);
        let by_number = story.anybody.get(&report_address(number)).expect(200);
        assert_eq!((&by_id.text, &by_number.text), (&pushed.text, &pushed.text));
        assert_eq!(pushed.body["number"], number, "the number stays as its laboratory writes it");
        assert_eq!(pushed.body["status"], "issued");
        assert_eq!(pushed.header("location"), format!("/v1/test-reports/{}", pushed.id()));
    }
    let spelt = push(&laboratory, "黑建检[2026] 第0117号", &json!({})).problem(409, "conflict");
    assert!(spelt.body["detail"].as_str().unwrap().contains(NUMBER));
    story.anybody.get(&report_address("WT-9")).problem(404, "not-found");
}

#[test]
fn values_stay_exactly_as_they_were_reported() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let item = |value: &str, number: Value| {
        let mut item =
            json!({ "name": "甲醛", "method": "GB/T 17657-2022 4.60", "value": value, "conclusion": "pass" });
        if !number.is_null() {
            item["number"] = number;
        }
        item
    };
    let items = json!([
        item("0.050", json!("0.050")),
        item("-0.000000000000001", json!("-0.000000000000001")),
        item("123456789012345.100000000000000", json!("123456789012345.100000000000000")),
        item("< 0.01", Value::Null),
        item("未检出", Value::Null),
        item("1.20×10³", json!("1200")),
    ]);

    let id = push(&laboratory, NUMBER, &json!({ "items": items })).expect(201).id();

    let read = story.anybody.get(&format!("/v1/test-reports/{id}")).expect(200);
    assert_eq!(read.body["items"], items);
    assert!(read.text.contains("\"number\":\"0.050\""), "a string with its zero: {}", read.text);
    let amended = json!({ "items": [item("0.05", json!("0.05"))] });
    assert_eq!(push(&laboratory, NUMBER, &amended).expect(200).body["status"], "amended", "0.05 is not 0.050");
    for (value, number, pointer, rule) in [
        ("0.050", json!("0.05"), "/items/0/number", "not-allowed"),
        ("x", json!("1e3"), "/items/0/number", "decimal-form"),
        ("0.05", json!(0.05), "/items/0/number", "wrong-type"),
        ("0.\u{0}5", Value::Null, "/items/0/value", "nul-character"),
        (" ", Value::Null, "/items/0/value", "text-form"),
    ] {
        let spoilt = json!({ "items": [item(value, number)] });
        assert_eq!(fault(push(&laboratory, NUMBER, &spoilt)), json!([pointer, rule]));
    }
}

#[test]
fn a_report_is_issued_amended_unchanged_and_void_for_good() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let issued = push(&laboratory, NUMBER, &json!({})).expect(201);
    let id = issued.id();
    assert_eq!(push(&laboratory, NUMBER, &json!({})).expect(200).seq(), issued.seq(), "the same again is no news");
    story.server.at("2026-03-09T02:00:00Z");

    let amended = push(&laboratory, NUMBER, &json!({ "sample_name": "窗（改）" })).expect(200);
    let voided = void(&laboratory, &id).expect(200);

    assert_eq!((amended.id(), &amended.body["status"]), (id.clone(), &json!("amended")));
    assert_eq!((&voided.body["status"], &voided.body["voided_on"]), (&json!("voided"), &json!("2026-03-09")));
    assert_eq!(voided.body["void_note"], "样品信息有误");
    void(&laboratory, &id).problem(409, "illegal-step");
    push(&laboratory, NUMBER, &json!({})).problem(409, "illegal-step");
    let versions = story.anybody.get(&format!("/v1/test-reports/{id}/versions")).expect(200).body["items"].clone();
    let told: Vec<Value> =
        versions.as_array().unwrap().iter().map(|it| json!([it["event"], it["effective_on"]])).collect();
    assert_eq!(
        told,
        [
            json!(["test_report.voided", "2026-03-09"]),
            json!(["test_report.amended", "2026-03-09"]),
            json!(["test_report.issued", "2026-01-15"])
        ]
    );
    let before = story.anybody.get(&format!("/v1/test-reports/{id}?as_of={}", issued.seq())).expect(200);
    assert_eq!(before.text, issued.text);
}

#[test]
fn a_report_is_issued_while_the_cma_certificate_holds() {
    let story = Story::begin();
    let client = story.laboratory();
    let organisation = client.organisation.unwrap();
    let mut record = laboratory(organisation);
    record["valid_until"] = json!("2026-01-14");
    story.authority.put(&format!("/v1/laboratories/{LABORATORY}"), &record).expect(200);

    let refused = push(&client, NUMBER, &json!({}));

    assert!(refused.body["detail"].is_null() && refused.text.contains("2026-01-14"), "{}", refused.text);
    assert_eq!(fault(refused), json!(["/issued_on", "cma-not-valid"]));
    assert_eq!(
        fault(push(&client, NUMBER, &json!({ "sampled_on": "2023-05-01", "issued_on": "2023-05-31" }))),
        json!(["/issued_on", "cma-not-valid"])
    );
    let pushed = push(&client, NUMBER, &json!({ "issued_on": "2026-01-14" })).expect(201);
    record["valid_until"] = json!("2026-01-10");
    story.authority.put(&format!("/v1/laboratories/{LABORATORY}"), &record).expect(200);
    void(&client, &pushed.id()).expect(200);
}

#[test]
fn a_laboratory_tries_every_operation_on_anothers_report_and_changes_nothing() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let id = push(&laboratory, NUMBER, &json!({})).expect(201).id();
    let product = story.product("窗");
    let claim = json!({ "product": product, "test_report": id });
    let proposed = story.enterprise.post("/v1/evidence", &claim).expect(201).id();
    let rival = story.server.organisation("另一检测有限公司", Role::Laboratory);
    let other_maker = story.server.organisation("另一门窗有限公司", Role::Enterprise);
    let before = story.anybody.get("/v1/test-reports").expect(200).text;
    let confirm = json!({ "step": "confirm", "valid_until": "2027-01-14" });

    for stranger in [rival, other_maker] {
        let stranger = story.server.client(stranger, "stranger", ALL_SCOPES);
        push(&stranger, NUMBER, &json!({ "conclusion": "not_judged" })).problem(403, "forbidden");
        push(&stranger, "WT-NEW", &json!({})).problem(403, "forbidden");
        void(&stranger, &id).problem(403, "forbidden");
        stranger.post("/v1/evidence", &claim).problem(403, "forbidden");
        // Their roles confirm nothing, so that their tokens lack the scope.
        stranger.post(&format!("/v1/evidence/{proposed}/transitions"), &confirm).problem(403, "forbidden");
    }
    // Nor may those who have to do with it but did not issue it, and none but the authority confirms.
    for party in [&story.authority, &story.enterprise, &story.body] {
        push(party, NUMBER, &json!({ "conclusion": "not_judged" })).problem(403, "forbidden");
        void(party, &id).problem(403, "forbidden");
    }
    for party in [&laboratory, &story.enterprise] {
        party.post(&format!("/v1/evidence/{proposed}/transitions"), &confirm).problem(403, "forbidden");
    }
    let unscoped = story.server.client(laboratory.organisation.unwrap(), "laboratory-2", "certificates:push");
    push(&unscoped, NUMBER, &json!({ "conclusion": "not_judged" })).problem(403, "forbidden");
    void(&story.anybody, &id).problem(401, "unauthenticated");

    let after = story.anybody.get("/v1/test-reports").expect(200);
    assert_eq!(after.body["items"], serde_json::from_str::<Value>(&before).unwrap()["items"]);
    assert_eq!(story.authority.get(&format!("/v1/evidence/{proposed}")).expect(200).body["status"], "proposed");
}

#[test]
fn a_record_that_is_not_in_form_is_refused_field_by_field() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let item = report()["items"][0].clone();
    let mut unknown = item.clone();
    unknown["colour"] = json!("white");
    let mut failing = item.clone();
    failing["conclusion"] = json!("fail");
    let cases = [
        (json!({ "issued_on": "2026-03-03" }), "/issued_on", "out-of-range"),
        (json!({ "sampled_on": "2026-01-16" }), "/sampled_on", "date-order"),
        (json!({ "valid_until": "2026-01-14" }), "/valid_until", "date-order"),
        (json!({ "inspection": "whim" }), "/inspection", "not-allowed"),
        (json!({ "items": [] }), "/items", "too-few-items"),
        (json!({ "items": [unknown] }), "/items/0/colour", "unknown-field"),
        (json!({ "items": [failing] }), "/conclusion", "not-allowed"),
        (json!({ "supersedes": NUMBER }), "/supersedes", "not-allowed"),
        (json!({ "sample_name": "窗\u{0}" }), "/sample_name", "nul-character"),
        (json!({ "client": { "name": "甲\u{7}" } }), "/client/name", "nul-character"),
        (json!({ "models": ["\u{1}"] }), "/models/0", "nul-character"),
        (json!({ "status": "amended" }), "/status", "read-only"),
    ];

    for (fields, pointer, rule) in cases {
        assert_eq!(fault(push(&laboratory, NUMBER, &fields)), json!([pointer, rule]), "{fields}");
    }
    let number = push(&laboratory, "!!", &json!({})).problem(422, "invalid").body["errors"][0].clone();
    assert_eq!(json!([number["source"]["parameter"], number["rule"]]), json!(["number", "report-number-form"]));
    story.anybody.get(&report_address(NUMBER)).problem(404, "not-found");
    let id = push(&laboratory, NUMBER, &json!({})).expect(201).id();
    let steps = format!("/v1/test-reports/{id}/transitions");
    for (on, rule) in [("2026-03-03", "out-of-range"), ("2026-01-14", "date-order")] {
        let step = json!({ "step": "void", "note": "样品信息有误", "effective_on": on });
        assert_eq!(fault(laboratory.post(&steps, &step)), json!(["/effective_on", rule]));
    }
    assert_eq!(fault(laboratory.post(&steps, &json!({ "step": "void" }))), json!(["/note", "required"]));
}

#[test]
fn a_push_may_name_the_etag_be_tried_first_and_be_repeated() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let body = report().to_string();
    let send =
        |headers: &[(&str, &str)]| laboratory.send("PUT", &report_address(NUMBER), headers, Some(body.as_bytes()));

    send(&[("if-match", "*")]).problem(412, "precondition-failed");
    let tried = laboratory.put(&format!("{}?validate_only=true", report_address(NUMBER)), &report()).expect(200);
    assert_eq!(tried.header("registry-validated-only"), "true");
    story.anybody.get(&report_address(NUMBER)).problem(404, "not-found");
    let first = send(&[("idempotency-key", "a")]).expect(201);
    let again = send(&[("idempotency-key", "a")]).expect(201);
    assert_eq!((again.header("idempotency-replayed"), &again.text), ("true", &first.text));
    send(&[("if-match", "\"stale\"")]).problem(412, "precondition-failed");
    send(&[("if-match", &first.tag())]).expect(200);
    let steps = format!("/v1/test-reports/{}/transitions", first.id());
    let step = json!({ "step": "void", "note": "作废" }).to_string();
    laboratory.send("POST", &steps, &[], Some(step.as_bytes())).problem(428, "idempotency-key-required");
}

#[test]
fn reports_are_found_by_what_narrows_them() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    push(&laboratory, "WT-1", &json!({})).expect(201);
    push(&laboratory, "WT-2", &json!({ "conclusion": "fail" })).expect(201);
    let third = push(&laboratory, "XY-1", &json!({})).expect(201).id();
    void(&laboratory, &third).expect(200);
    let found = |query: &str| -> Vec<String> {
        let items = story.anybody.get(&format!("/v1/test-reports?{query}")).expect(200).body["items"].clone();
        items.as_array().unwrap().iter().map(|it| it["number"].as_str().unwrap().to_owned()).collect()
    };

    assert_eq!(found(""), ["XY-1", "WT-2", "WT-1"]);
    assert_eq!(found("number=%EF%BD%97t"), ["WT-2", "WT-1"], "by the beginning, whatever the spelling");
    assert_eq!(found("conclusion=fail"), ["WT-2"]);
    assert_eq!(found("status=voided"), ["XY-1"]);
    assert_eq!(found(&format!("laboratory={LABORATORY}&limit=1")), ["XY-1"]);
    story.anybody.get("/v1/test-reports?laboratory=999999999999").problem(400, "unknown-parameter");
    story.anybody.get("/v1/test-reports?laboratory=12").problem(400, "unknown-parameter");
    story.anybody.get("/v1/test-reports?colour=1").problem(400, "unknown-parameter");
}
