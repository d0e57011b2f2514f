//! A body with several faults: all of them are named at once, whatever they are.

use lvcai_tests::{Answer, BODY, NUMBER, Story, address, record, report, report_address};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The faults of an answer: pointer and rule.
fn faults(errors: &Value) -> BTreeSet<(String, String)> {
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    errors.as_array().unwrap().iter().map(|it| (text(&it["source"]["pointer"]), text(&it["rule"]))).collect()
}

#[track_caller]
fn are(answer: &Value, expected: &[(&str, &str)]) {
    let expected = expected.iter().map(|(pointer, rule)| ((*pointer).to_owned(), (*rule).to_owned())).collect();
    assert_eq!(faults(&answer["errors"]), expected, "{answer}");
    for error in answer["errors"].as_array().unwrap() {
        assert!(!error["fix"].as_str().unwrap().is_empty(), "{error}");
    }
}

/// A record of a certificate with one fault of each sort.
fn with_many_faults() -> Value {
    let mut record = record();
    for place in 0..12 {
        record[format!("unknown_{place}")] = json!(place);
    }
    for (field, value) in [
        ("star", json!("3")),
        ("holder", json!({ "uscc": "91230607716675409M", "organisation_code": "716675408", "phone": "0459" })),
        ("factory", json!({ "name": "厂", "country": "国".repeat(61), "address": "\u{0}" })),
        ("units", json!([{ "models": ["a", 1] }, "b", { "name": "c", "cancelled_on": "2025-13-01" }])),
        ("standards", json!(["GB/T 28887-2012", "§"])),
        ("issued_on", json!("2025-02-30")),
        ("status_on", json!("2026年1月1日")),
        ("decided_on", json!(20_250_605)),
        ("reported_status", json!("06")),
        ("remark", json!("a".repeat(4001))),
    ] {
        record[field] = value;
    }
    record.as_object_mut().unwrap().remove("product_name");
    record
}

const MANY: [(&str, &str); 18] = [
    ("/star", "wrong-type"),
    ("/holder/phone", "unknown-field"),
    ("/holder/name", "required"),
    ("/holder/uscc", "uscc-check-digit"),
    ("/holder/organisation_code", "organisation-code-form"),
    ("/factory/country", "too-long"),
    ("/factory/address", "nul-character"),
    ("/units/0/name", "required"),
    ("/units/0/models/1", "wrong-type"),
    ("/units/1", "wrong-type"),
    ("/units/2/cancelled_on", "date-form"),
    ("/standards/1", "standard-number-form"),
    ("/issued_on", "date-form"),
    ("/status_on", "date-form"),
    ("/decided_on", "wrong-type"),
    ("/reported_status", "not-allowed"),
    ("/remark", "too-long"),
    ("/product_name", "required"),
];

fn many() -> Vec<(String, &'static str)> {
    let unknown = (0..12).map(|place| (format!("/unknown_{place}"), "unknown-field"));
    MANY.iter().map(|(pointer, rule)| ((*pointer).to_owned(), *rule)).chain(unknown).collect()
}

#[track_caller]
fn are_many(answer: &Value) {
    let many = many();
    are(answer, &many.iter().map(|(pointer, rule)| (pointer.as_str(), *rule)).collect::<Vec<_>>());
}

#[test]
fn every_fault_of_a_record_is_named_at_once() {
    let story = Story::begin();

    let pushed = story.body.put(&address(BODY, NUMBER), &with_many_faults()).problem(422, "invalid");

    are_many(&pushed.body);
    let star = pushed.body["errors"].as_array().unwrap().iter().find(|it| it["source"]["pointer"] == "/star").unwrap();
    assert_eq!(star["detail"], "类型不符：应为整数，实为文本");
}

#[test]
fn every_fault_of_a_line_is_named_at_once() {
    let story = Story::begin();
    let mut line = with_many_faults();
    line["number"] = json!(NUMBER);

    for (form, text) in [("application/json", format!("[{line}]")), ("application/jsonl", line.to_string())] {
        let key = uuid::Uuid::new_v4().to_string();
        let headers = [("content-type", form), ("idempotency-key", key.as_str())];
        let report = story
            .body
            .send(
                "POST",
                "/v1/certification-bodies/CNCA-R-2006-148/certificates:batch",
                &headers,
                Some(text.as_bytes()),
            )
            .expect(200);
        are_many(&report.body["outcomes"][0]);
        assert_eq!(report.body["outcomes"][0]["number"], NUMBER);
    }
}

#[test]
fn every_fault_of_a_patch_is_named_at_once() {
    let story = Story::begin();
    let product = story.product("65系列内平开塑料窗");
    let address = format!("/v1/products/{product}");
    let tag = story.anybody.get(&address).expect(200).header("etag").to_owned();
    let patch = json!({ "name": null, "gtin": "1", "colour": "red", "indicators": [["a", "1", "m"]], "models": [2],
        "trademark": "a".repeat(101) });

    let refused = story.enterprise.send("PATCH", &address, &[("if-match", &tag)], Some(patch.to_string().as_bytes()));

    are(
        &refused.problem(422, "invalid").body,
        &[
            ("/name", "required"),
            ("/gtin", "gtin-form"),
            ("/colour", "unknown-field"),
            ("/indicators/0", "wrong-type"),
            ("/models/0", "wrong-type"),
            ("/trademark", "too-long"),
        ],
    );
}

/// The members that a body must have, whoever sends it.
#[test]
fn every_member_that_is_missing_is_named_at_once() {
    let story = Story::begin();
    let (laboratory, _) = story.one_of_everything();
    let send = |method: &str, path: &str, body: &Value| -> Answer {
        let by = if path.contains("test-reports") { &laboratory } else { &story.authority };
        let key = uuid::Uuid::new_v4().to_string();
        by.send(method, path, &[("idempotency-key", &key)], Some(body.to_string().as_bytes()))
    };
    let (laboratory_address, report_address) = ("/v1/laboratories/230800020002", report_address("A"));
    for (method, path, required) in [
        ("POST", "/v1/organisations", &["name", "roles"][..]),
        ("POST", "/v1/products", &["name", "kind"]),
        ("POST", "/v1/evidence", &["product"]),
        ("POST", "/v1/lists", &["id", "title", "purpose"]),
        ("PUT", laboratory_address, &["name", "organisation", "valid_from", "valid_until"]),
        (
            "PUT",
            &format!("/v1/certification-bodies/{BODY}/accreditation"),
            &["valid_from", "valid_until", "scopes", "source", "verified"],
        ),
        ("PUT", &address(BODY, NUMBER), &["holder", "product_name", "issued_on", "valid_until", "reported_status"]),
        ("PUT", &report_address, &["sample_name", "client", "inspection", "issued_on", "items", "conclusion"]),
        ("POST", "/v1/verifications", &["items"]),
    ] {
        let refused = send(method, path, &json!({ "zzz": 1 })).problem(422, "invalid");

        let mut expected: BTreeSet<_> = required.iter().map(|it| (format!("/{it}"), "required".to_owned())).collect();
        expected.insert(("/zzz".to_owned(), "unknown-field".to_owned()));
        assert_eq!(faults(&refused.body["errors"]), expected, "{method} {path}");
    }
}

#[test]
fn an_answer_names_a_hundred_faults_and_says_that_there_may_be_more() {
    let story = Story::begin();
    let mut product = json!({ "name": "窗", "kind": "gbm-09" });
    for place in 0..150 {
        product[format!("unknown_{place}")] = json!(place);
    }
    let wrong: Vec<_> = (0..150).collect();

    for body in [product, json!({ "name": "窗", "kind": "gbm-09", "models": wrong })] {
        let refused = story.enterprise.post("/v1/products", &body).problem(422, "invalid");
        assert_eq!(refused.body["errors"].as_array().unwrap().len(), 100);
        assert!(refused.body["detail"].as_str().unwrap().contains("100"), "{}", refused.text);
    }
}

#[test]
fn a_large_body_of_many_faults_is_answered_soon() {
    let story = Story::begin();
    let wrong: Vec<_> = (0..100_000).collect();
    let body = json!({ "name": "窗", "kind": "gbm-09", "models": wrong });
    let begun = std::time::Instant::now();

    let refused = story.enterprise.post("/v1/products", &body).problem(422, "invalid");

    assert!(refused.body["detail"].is_string() && !refused.body["errors"].as_array().unwrap().is_empty());
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}

#[test]
fn a_test_report_with_several_faults_is_told_all_of_them() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let mut report = report();
    report["items"] = json!([{ "name": "铅", "value": "1", "conclusion": "good", "number": 1 }, { "unit": "" }]);
    report["inspection"] = json!(null);

    let refused = laboratory.put(&report_address("A"), &report).problem(422, "invalid");

    are(
        &refused.body,
        &[
            ("/inspection", "wrong-type"),
            ("/items/0/method", "required"),
            ("/items/0/conclusion", "not-allowed"),
            ("/items/0/number", "wrong-type"),
            ("/items/1/name", "required"),
            ("/items/1/method", "required"),
            ("/items/1/value", "required"),
            ("/items/1/conclusion", "required"),
            ("/items/1/unit", "text-form"),
        ],
    );
}
