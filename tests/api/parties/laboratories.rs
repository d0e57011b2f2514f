//! Laboratories: kept by the authority, named by their CMA number.

use lvcai_domain::Role;
use lvcai_tests::{LABORATORY, Story, laboratory};
use serde_json::{Value, json};

const OTHER: &str = "240800020002";

fn at(number: &str) -> String {
    format!("/v1/laboratories/{number}")
}

#[test]
fn a_laboratory_is_registered_amended_and_read_as_it_was() {
    let story = Story::begin();
    let organisation = story.server.organisation("黑龙江示例建筑材料检测有限公司", Role::Laboratory);
    let mut record = laboratory(organisation);

    let registered = story.authority.put(&at(LABORATORY), &record).expect(201);

    assert_eq!(registered.header("location"), at(LABORATORY));
    assert_eq!(story.anybody.get(&at(LABORATORY)).expect(200).text, registered.text);
    let again = story.authority.put(&at(LABORATORY), &record).expect(200);
    assert_eq!((again.header("registry-version"), again.seq()), ("1", registered.seq()), "nothing new");
    record["valid_until"] = json!("2035-05-31");
    let amended = story.authority.put(&at(LABORATORY), &record).expect(200);
    assert_eq!((amended.header("registry-version"), &amended.body["valid_until"]), ("2", &json!("2035-05-31")));
    let before = story.anybody.get(&format!("{}?as_of={}", at(LABORATORY), registered.seq())).expect(200);
    assert_eq!(before.text, registered.text);
    let versions = story.anybody.get(&format!("{}/versions", at(LABORATORY))).expect(200).body["items"].clone();
    let events: Vec<&Value> = versions.as_array().unwrap().iter().map(|it| &it["event"]).collect();
    assert_eq!(events, ["laboratory.amended", "laboratory.registered"]);
}

#[test]
fn laboratories_are_paged_by_their_number() {
    let story = Story::begin();
    story.laboratory();
    let second = laboratory(story.server.organisation("另一检测有限公司", Role::Laboratory));
    story.authority.put(&at(OTHER), &second).expect(201);

    let first = story.anybody.get("/v1/laboratories?limit=1").expect(200).body;

    assert_eq!(first["items"][0]["cma_number"], LABORATORY);
    let next = first["page"]["next"].as_str().unwrap();
    let rest = story.anybody.get(&format!("/v1/laboratories?limit=1&cursor={next}")).expect(200).body;
    assert_eq!((&rest["items"][0]["cma_number"], &rest["page"]["next"]), (&json!(OTHER), &Value::Null));
    story.anybody.get(&at("999999999999")).problem(404, "not-found");
    story.anybody.get(&at("12")).problem(404, "not-found");
}

#[test]
fn a_laboratory_is_the_authoritys_to_keep() {
    let story = Story::begin();
    let client = story.laboratory();
    let record = laboratory(client.organisation.unwrap());
    let before = story.anybody.get("/v1/laboratories").expect(200).text;

    for stranger in [&client, &story.enterprise, &story.body] {
        stranger.put(&at(LABORATORY), &record).problem(403, "forbidden");
        stranger.put(&at(OTHER), &record).problem(403, "forbidden");
    }
    story.anybody.put(&at(LABORATORY), &record).problem(401, "unauthenticated");

    assert_eq!(story.anybody.get("/v1/laboratories").expect(200).text, before, "nothing was changed");
}

#[test]
fn a_record_of_a_laboratory_is_refused_field_by_field() {
    let story = Story::begin();
    let organisation = story.server.organisation("检测有限公司", Role::Laboratory);
    let maker = story.enterprise.organisation.unwrap().to_string();
    let cases = [
        ("organisation", json!("org_01900000-0000-7000-8000-000000000009"), "unknown-reference"),
        ("organisation", json!(maker), "not-allowed"),
        ("valid_until", json!("2023-05-31"), "date-order"),
        ("valid_from", json!("2023-6-1"), "date-form"),
        ("cnas_number", json!("CNAS IB0001"), "cnas-number-form"),
        ("name", json!("有\u{0}限"), "nul-character"),
        ("stars", json!(5), "unknown-field"),
    ];

    for (field, value, rule) in cases {
        let mut record = laboratory(organisation);
        record[field] = value;
        let answer = story.authority.put(&at(LABORATORY), &record).problem(422, "invalid");
        let fault = &answer.body["errors"][0];
        assert_eq!(
            (&fault["source"]["pointer"], &fault["rule"]),
            (&json!(format!("/{field}")), &json!(rule)),
            "{}",
            answer.text
        );
    }
    story.anybody.get(&at(LABORATORY)).problem(404, "not-found");
}

#[test]
fn a_laboratory_may_name_the_etag_it_goes_out_from_and_be_tried_first() {
    let story = Story::begin();
    let organisation = story.server.organisation("检测有限公司", Role::Laboratory);
    let body = laboratory(organisation).to_string();
    let send = |etag: &str| story.authority.send("PUT", &at(LABORATORY), &[("if-match", etag)], Some(body.as_bytes()));

    send("*").problem(412, "precondition-failed");
    let tried = story.authority.put(&format!("{}?validate_only=true", at(LABORATORY)), &laboratory(organisation));
    assert_eq!(tried.expect(200).header("registry-validated-only"), "true");
    story.anybody.get(&at(LABORATORY)).problem(404, "not-found");
    let made = story.authority.put(&at(LABORATORY), &laboratory(organisation)).expect(201);
    send("\"stale\"").problem(412, "precondition-failed");

    send(&made.tag()).expect(200);
}
