//! Accreditation: what a body may certify, and until when.

use lvcai_tests::{ALL_SCOPES, Answer, BODY, Client, OTHER_BODY, Story, address, record};
use serde_json::{Value, json};

/// The address of a body's accreditation.
fn accreditation_of(body: &str) -> String {
    format!("/v1/certification-bodies/{body}/accreditation")
}

fn accreditation(from: &str, until: &str, scopes: &Value) -> Value {
    json!({ "valid_from": from, "valid_until": until, "scopes": scopes, "source": "认证机构批准书", "verified": true })
}

/// Accredits the body of the story for doors and windows until a day.
fn accredit(story: &Story, from: &str, until: &str) -> Answer {
    let windows = json!([{ "scheme": "star_certification", "kinds": ["gbm-09"] }]);
    story.authority.put(&accreditation_of(BODY), &accreditation(from, until, &windows)).expect(200)
}

fn with(fields: &Value) -> Value {
    let mut record = record();
    record.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    record
}

fn put(story: &Story, number: &str, fields: &Value) -> Answer {
    story.body.put(&address(BODY, number), &with(fields))
}

#[test]
fn a_body_without_accreditation_certifies_nothing() {
    let story = Story::begin();
    // The client of another body, of which nothing is recorded but that it exists.
    let read = |conn: &mut _| lvcai_store::certification_bodies::read(conn, &OTHER_BODY.parse().unwrap(), i64::MAX - 1);
    let body: lvcai_domain::CertificationBody =
        story.server.wait(story.server.registry.read(read)).unwrap().unwrap().parse().unwrap();
    let other = story.server.client(body.organisation, "other", ALL_SCOPES);

    for fields in [
        json!({}),
        json!({ "reported_status": "02", "status_reason": "0203" }),
        json!({ "reported_status": "03", "status_reason": "0209" }),
        json!({ "correction": "补录" }),
    ] {
        let refused = other.put(&address(OTHER_BODY, "A-1"), &with(&fields)).problem(403, "not-accredited");
        assert!(refused.body["detail"].as_str().unwrap().contains("尚未登记"), "{}", refused.text);
    }

    story.anybody.get(&address(OTHER_BODY, "A-1")).problem(404, "not-found");
    let all = json!([{ "scheme": "star_certification" }]);
    story.authority.put(&accreditation_of(OTHER_BODY), &accreditation("2022-03-01", "2028-02-29", &all)).expect(200);
    other.put(&address(OTHER_BODY, "A-1"), &record()).expect(201);
}

#[test]
fn what_is_outside_the_scope_is_refused() {
    let story = Story::begin();
    accredit(&story, "2022-03-01", "2028-02-29");
    put(&story, "A-1", &json!({})).expect(201);

    for (fields, word) in [
        (json!({ "kind": "gbm-10" }), "gbm-10"),
        (json!({ "scheme": "green_product", "kind": "gp-01", "star": null }), "green_product"),
        (json!({ "scheme": "legacy_label", "issued_on": "2024-06-05", "valid_until": "2027-06-04" }), "legacy_label"),
    ] {
        for number in ["A-1", "A-2"] {
            let refused = put(&story, number, &fields).problem(403, "not-accredited");
            assert!(refused.body["detail"].as_str().unwrap().contains(word), "{}", refused.text);
        }
        let mut line = with(&fields);
        line["number"] = json!("A-3");
        let batch =
            story.body.post("/v1/certification-bodies/CNCA-R-2006-148/certificates:batch", &json!([line])).expect(200);
        assert_eq!(batch.body["outcomes"][0]["problem"], lvcai_tests::problem("not-accredited"), "{}", batch.text);
        let atomic = story
            .body
            .post("/v1/certification-bodies/CNCA-R-2006-148/certificates:batch?mode=atomic", &json!([line]))
            .problem(422, "invalid");
        assert_eq!(atomic.body["errors"][0]["source"]["pointer"], "/0", "{}", atomic.text);
    }

    let mut both = accreditation("2022-03-01", "2028-02-29", &json!([{ "scheme": "green_product" }]));
    both["scopes"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "scheme": "star_certification", "kinds": ["gbm-09", "gbm-10"] }));
    story.authority.put(&accreditation_of(BODY), &both).expect(200);
    put(&story, "A-2", &json!({ "kind": "gbm-10" })).expect(201);
    put(&story, "A-3", &json!({ "scheme": "green_product", "kind": "gp-01", "star": null })).expect(201);
}

#[test]
fn an_approval_holds_from_its_first_to_its_last_day() {
    let story = Story::begin();
    accredit(&story, "2026-03-05", "2026-03-09");

    for (instant, day, holds) in [
        ("2026-03-04T15:59:59Z", 4, false),
        ("2026-03-04T16:00:00Z", 5, true),
        ("2026-03-09T15:59:59Z", 9, true),
        ("2026-03-09T16:00:00Z", 10, false),
    ] {
        story.server.at(instant);
        let answer = put(&story, &format!("A-{day}"), &json!({}));
        if holds {
            answer.expect(201);
        } else {
            answer.problem(403, "not-accredited");
        }
    }
}

#[test]
fn a_body_whose_approval_ended_may_only_take_away() {
    let story = Story::begin();
    for number in ["A-1", "A-2", "A-3", "A-4", "A-5"] {
        put(&story, number, &json!({})).expect(201);
    }
    let suspended = json!({ "reported_status": "02", "status_reason": "0203" });
    let id = put(&story, "A-5", &suspended).expect(200).id();
    accredit(&story, "2020-03-10", "2026-03-09");
    story.server.at("2026-03-10T02:00:00Z");

    put(&story, "B-1", &json!({})).problem(403, "not-accredited");
    put(&story, "A-1", &json!({ "reissued_on": "2026-03-10", "product_name": "内平开窗" }))
        .problem(403, "not-accredited");
    put(&story, "A-1", &json!({ "product_name": "内平开窗" })).problem(403, "not-accredited");
    put(&story, "A-1", &json!({ "product_name": "内平开窗", "correction": "名称有误" })).problem(403, "not-accredited");
    put(&story, "A-5", &json!({})).problem(403, "not-accredited");
    let mut longer = suspended.clone();
    longer["valid_until"] = json!("2035-06-04");
    put(&story, "A-1", &longer).problem(403, "not-accredited");
    story.step(&id, &json!({ "step": "restore" })).problem(403, "not-accredited");
    story.step(&id, &json!({ "step": "correct", "status": "01", "note": "误报" })).problem(403, "not-accredited");
    assert_eq!(put(&story, "A-1", &json!({})).expect(200).header("registry-version"), "1", "what is so stays so");

    put(&story, "A-1", &suspended).expect(200);
    put(&story, "A-2", &json!({ "reported_status": "03", "status_reason": "0209" })).expect(200);
    let third = story.anybody.get(&address(BODY, "A-3")).expect(200).id();
    let fourth = story.anybody.get(&address(BODY, "A-4")).expect(200).id();
    story.step(&third, &json!({ "step": "cancel", "reason": "0204" })).expect(200);
    story.step(&fourth, &json!({ "step": "suspend", "reason": "0203", "effective_on": "2026-03-20" })).expect(200);
    let back = json!({ "step": "correct", "status": "01", "note": "误报" });
    story.step(&fourth, &back).problem(403, "not-accredited");
    // A scheduled suspension does not keep the body from withdrawing at once.
    let at_once =
        json!({ "step": "correct", "status": "03", "effective_on": "2026-03-10", "reason": "0209", "note": "提前" });
    story.step(&fourth, &at_once).expect(200);
    let back =
        json!({ "step": "correct", "status": "02", "reason": "0203", "effective_on": "2026-03-10", "note": "误报" });
    story.step(&fourth, &back).problem(403, "not-accredited");
    story.step(&id, &json!({ "step": "withdraw", "reason": "0209" })).expect(200);
    let mut line = with(&json!({ "reported_status": "03", "status_reason": "0209" }));
    line["number"] = json!("A-1");
    let batch =
        story.body.post("/v1/certification-bodies/CNCA-R-2006-148/certificates:batch", &json!([line])).expect(200);
    assert_eq!(batch.body["outcomes"][0]["event"], "certificate.withdrawn", "{}", batch.text);
}

#[test]
fn a_unit_may_be_cancelled_after_the_approval_ended() {
    let story = Story::begin();
    let id = put(&story, "A-1", &json!({})).expect(201).id();
    accredit(&story, "2020-03-10", "2026-03-09");
    story.server.at("2026-03-10T02:00:00Z");

    let mut wider = record()["units"].clone();
    wider[0]["cancelled_on"] = json!("2026-03-10");
    wider.as_array_mut().unwrap().push(json!({ "name": "70系列外平开窗" }));
    put(&story, "A-1", &json!({ "units": wider })).problem(403, "not-accredited");

    let unit = json!({ "step": "cancel", "unit": "65系列内平开窗" });

    assert_eq!(story.step(&id, &unit).expect(200).body["units"][0]["cancelled_on"], "2026-03-10");
}

#[test]
fn the_last_day_may_become_an_earlier_one_after_the_approval_ended() {
    let story = Story::begin();
    put(&story, "A-1", &json!({ "valid_until": "2027-06-30" })).expect(201);
    accredit(&story, "2020-03-10", "2026-03-09");
    story.server.at("2026-03-10T02:00:00Z");

    put(&story, "A-1", &json!({ "valid_until": "2027-07-01" })).problem(403, "not-accredited");
    put(&story, "A-1", &json!({ "valid_until": "2026-12-31", "product_name": "门" })).problem(403, "not-accredited");

    let shorter = put(&story, "A-1", &json!({ "valid_until": "2026-12-31" })).expect(200);
    assert_eq!(shorter.body["valid_until"], "2026-12-31");
}

#[test]
fn only_the_authority_accredits() {
    let story = Story::begin();
    let body = accreditation("2022-03-01", "2028-02-29", &json!([{ "scheme": "star_certification" }]));
    let reader = story.server.client(story.authority.organisation.unwrap(), "reader", "evidence:write");
    let before = story.anybody.get("/v1/lists").expect(200).seq();
    let put = |client: &Client, body: &Value| client.put(&accreditation_of(BODY), body);

    put(&story.anybody, &body).problem(401, "unauthenticated");
    for client in [&story.body, &story.enterprise, &reader] {
        put(client, &body).problem(403, "forbidden");
    }
    story.authority.put(&accreditation_of("CNCA-R-2099-999"), &body).problem(404, "not-found");
    story.authority.put(&accreditation_of("CNCA-X-1"), &body).problem(404, "not-found");

    assert_eq!(story.anybody.get("/v1/lists").expect(200).seq(), before, "nothing was recorded");
    let done = put(&story.authority, &body).expect(200);
    assert_eq!((done.seq(), &done.body), (before + 1, &body));
    assert_eq!(put(&story.authority, &body).expect(200).seq(), before + 1, "the same again changes nothing");
    let versions = story.anybody.get(&format!("/v1/certification-bodies/{BODY}/versions")).expect(200).body;
    assert_eq!(versions["items"][0]["event"], "certification_body.accredited");
}

#[test]
fn an_accreditation_that_contradicts_itself_is_refused() {
    let story = Story::begin();
    let star = |kinds: Value| json!([{ "scheme": "star_certification", "kinds": kinds }]);
    let cases = [
        (accreditation("2028-02-29", "2028-02-28", &star(json!([]))), "/valid_until", "date-order"),
        (
            accreditation("2022-03-01", "2028-02-29", &star(json!(["gbm-09", "gbm-99"]))),
            "/scopes/0/kinds/1",
            "kind-unknown",
        ),
        (accreditation("2022-03-01", "2028-02-29", &star(json!(["gp-01"]))), "/scopes/0/kinds/0", "kind-unknown"),
        (accreditation("2022-03-01", "2028-02-30", &star(json!([]))), "/valid_until", "date-form"),
        (accreditation("2022-03-01", "2028-02-29", &json!([])), "/scopes", "too-few-items"),
        (accreditation("2022-03-01", "2028-02-29", &json!([{ "scheme": "halal" }])), "/scopes/0/scheme", "not-allowed"),
    ];

    for (body, pointer, rule) in cases {
        let answer = story.authority.put(&accreditation_of(BODY), &body).problem(422, "invalid");
        let fault = &answer.body["errors"][0];
        assert_eq!((&fault["source"]["pointer"], &fault["rule"]), (&json!(pointer), &json!(rule)), "{}", answer.text);
    }
}

#[test]
fn an_accreditation_may_name_the_etag_it_goes_out_from() {
    let story = Story::begin();
    let first = accredit(&story, "2022-03-01", "2028-02-29");
    let body = accreditation("2022-03-01", "2034-02-28", &json!([{ "scheme": "star_certification" }])).to_string();
    let send =
        |etag: &str| story.authority.send("PUT", &accreditation_of(BODY), &[("if-match", etag)], Some(body.as_bytes()));

    let second = send(first.header("etag")).expect(200);

    assert_ne!(second.header("etag"), first.header("etag"));
    send(first.header("etag")).problem(412, "precondition-failed");
    send("*").expect(200);
}

#[test]
fn a_record_names_its_own_body_or_is_refused() {
    let story = Story::begin();
    let name = story.anybody.get(&format!("/v1/certification-bodies/{BODY}")).expect(200).body["name"].clone();
    let refused = put(&story, "A-1", &json!({ "certification_body_name": "中国质量认证中心" })).problem(422, "invalid");
    let fault = &refused.body["errors"][0];
    assert_eq!(
        (&fault["source"]["pointer"], &fault["rule"]),
        (&json!("/certification_body_name"), &json!("body-name-mismatch")),
        "{}",
        refused.text
    );
    assert_eq!(fault["allowed"], json!([name]));
    let other = put(&story, "A-1", &json!({ "certification_body": OTHER_BODY })).problem(422, "invalid");
    assert_eq!(other.body["errors"][0]["source"]["pointer"], "/certification_body");
    let other = put(&story, "A-1", &json!({ "number": "A-2" })).problem(422, "invalid");
    assert_eq!(other.body["errors"][0]["source"]["pointer"], "/number");

    let own = json!({ "certification_body_name": name, "certification_body": BODY, "number": "A-1" });
    let pushed = put(&story, "A-1", &own).expect(201);

    assert!(pushed.body.get("certification_body_name").is_none(), "the name is the body's, not the certificate's");
    assert_eq!(put(&story, "A-1", &json!({})).expect(200).text, pushed.text);
}
