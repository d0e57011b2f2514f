//! Certificates: pushed by their body, stepped through the state machine, mirrored as they are.

use crate::conformity::batch::BATCH;
use lvcai_tests::{Answer, BODY, OTHER_BODY, Story, address, record};
use serde_json::{Value, json};

const NUMBER: &str = "CABR-01(02)-(2025)-CGP-035";

/// A record with some fields set, or taken away where the value is null.
fn record_with(fields: &Value) -> Value {
    let mut record = record();
    for (name, value) in fields.as_object().unwrap() {
        match value {
            Value::Null => drop(record.as_object_mut().unwrap().remove(name)),
            value => record[name] = value.clone(),
        }
    }
    record
}

fn put(story: &Story, number: &str, fields: &Value) -> Answer {
    story.body.put(&address(BODY, number), &record_with(fields))
}

fn event(story: &Story, certificate: &str) -> Value {
    story.anybody.get(&format!("/v1/certificates/{certificate}/versions")).expect(200).body["items"][0].clone()
}

#[test]
fn a_pushed_certificate_is_read_by_its_id_and_by_its_number() {
    let story = Story::begin();

    for number in [
        NUMBER,
        "T/CECS 10026-2019/001",
        "第〔1〕号".trim_matches(|it| "〔〕".contains(it)),
        "（2025）绿建材-001",
        "a%2Fb".trim_end_matches("%2Fb"),
    ] {
        let Ok(number) = number.parse::<lvcai_domain::CertificateNumber>() else { continue };
        let pushed = put(&story, number.as_str(), &json!({})).expect(201);

        let by_id = story.anybody.get(pushed.header("location")).expect(200);
        let by_number = story.anybody.get(&address(BODY, number.as_str())).expect(200);
        assert_eq!((&by_id.text, &by_number.text), (&pushed.text, &pushed.text));
        assert_eq!(pushed.body["number"], number.as_str(), "the number stays as its body writes it");
        assert_eq!(pushed.header("location"), format!("/v1/certificates/{}", pushed.id()));
        assert_eq!((by_number.header("etag"), by_number.header("registry-version")), (pushed.tag().as_str(), "1"));
    }
    story.anybody.get(&address(OTHER_BODY, NUMBER)).problem(404, "not-found");
}

#[test]
fn a_number_with_a_slash_is_one_segment_of_the_path() {
    let story = Story::begin();
    let id = put(&story, "CTC/2025/0081", &json!({})).expect(201).id();

    let written =
        story.anybody.get(&format!("/v1/certification-bodies/{BODY}/certificates/CTC%2F2025%2f0081")).expect(200);

    assert_eq!(written.id(), id);
    story.anybody.get(&format!("/v1/certification-bodies/{BODY}/certificates/CTC/2025/0081")).problem(404, "not-found");
}

#[test]
fn the_same_push_twice_changes_nothing() {
    let story = Story::begin();
    let first = put(&story, NUMBER, &json!({})).expect(201);

    let again = put(&story, NUMBER, &json!({})).expect(200);

    assert_eq!(
        (&again.text, again.header("registry-version"), again.header("registry-seq")),
        (&first.text, "1", first.header("registry-seq"))
    );
    // The next day the same record still says the same.
    story.server.at("2026-03-09T02:00:00Z");
    put(&story, NUMBER, &json!({})).expect(200);
    let suspended = json!({ "reported_status": "02", "status_reason": "0203" });
    let once = put(&story, NUMBER, &suspended).expect(200);
    story.server.at("2026-03-12T02:00:00Z");
    assert_eq!(put(&story, NUMBER, &suspended).expect(200).text, once.text, "the suspension goes on since its day");
}

#[test]
fn another_spelling_of_a_number_is_no_second_certificate() {
    let story = Story::begin();
    let id = story.certificate(NUMBER);

    for spelling in ["cabr-01(02)-(2025)-cgp-035", "CABR－01（02）－（2025）－CGP－035", "CABR-01 (02)-(2025)-CGP-035"]
    {
        let answer = put(&story, spelling, &json!({})).problem(409, "conflict");
        assert!(answer.body["detail"].as_str().unwrap().contains(NUMBER), "{}", answer.text);
        assert_eq!(story.anybody.get(&address(BODY, spelling)).expect(200).id(), id);
    }
}

#[test]
fn a_body_corrects_its_own_first_spelling_of_a_number() {
    let story = Story::begin();
    let first = put(&story, "cabr-01（02）-2025", &json!({})).expect(201);
    let right = "CABR-01(02)-2025";
    put(&story, right, &json!({})).problem(409, "conflict");

    let corrected = put(&story, right, &json!({ "correction": "编号写法有误" })).expect(200);

    assert_eq!((corrected.id(), &corrected.body["number"]), (first.id(), &json!(right)));
    assert_eq!(corrected.header("registry-version"), "2");
    assert_eq!(put(&story, right, &json!({})).expect(200).header("registry-version"), "2", "it goes on as before");
    put(&story, "cabr-01（02）-2025", &json!({})).problem(409, "conflict");
}

#[test]
fn a_new_number_that_looks_like_a_known_one_is_told_and_taken() {
    let story = Story::begin();
    let known = put(&story, "CABR-01(02)-2025", &json!({})).expect(201);
    assert_eq!(known.header("registry-look-alikes"), "");

    let letter = put(&story, "CABR-O1(02)-2025", &json!({})).expect(201);
    let again = put(&story, "CABR-O1(02)-2025", &json!({})).expect(200);
    let mut line = record();
    line["number"] = json!("CABR-0l(02)-2025");
    let batch = story.body.post(BATCH, &json!([line])).expect(200);

    assert_eq!(
        (letter.header("registry-look-alikes"), again.header("registry-look-alikes")),
        (known.id().as_str(), "")
    );
    assert_eq!(batch.body["outcomes"][0]["look_alikes"], json!([known.id(), letter.id()]), "{}", batch.text);
    // One number of two bodies is no look-alike.
    let other = story.server.client(story.server.certification_body(OTHER_BODY), "other", lvcai_tests::ALL_SCOPES);
    let same = other.put(&address(OTHER_BODY, "CABR-01(02)-2025"), &record()).expect(201);
    assert!(!same.header("registry-look-alikes").contains(&known.id()), "{:?}", same.headers);
}

#[test]
fn two_bodies_may_use_one_number() {
    let story = Story::begin();
    let other = story.server.client(story.server.certification_body(OTHER_BODY), "other", lvcai_tests::ALL_SCOPES);
    let first = story.certificate(NUMBER);

    let second = other.put(&address(OTHER_BODY, NUMBER), &record()).expect(201).id();

    assert_ne!(first, second);
    assert_eq!(story.anybody.get(&address(OTHER_BODY, NUMBER)).expect(200).id(), second);
    let of_body = story.anybody.get(&format!("/v1/certificates?certification_body={OTHER_BODY}")).expect(200).body;
    assert_eq!((of_body["items"].as_array().unwrap().len(), &of_body["items"][0]["id"]), (1, &json!(second)));
}

#[test]
fn a_push_may_name_the_etag_it_goes_out_from() {
    let story = Story::begin();
    let first = put(&story, NUMBER, &json!({})).expect(201);
    let body = record_with(&json!({ "product_name": "内平开窗" })).to_string();
    let send =
        |etag: &str| story.body.send("PUT", &address(BODY, NUMBER), &[("if-match", etag)], Some(body.as_bytes()));

    let changed = send(&first.tag()).expect(200);

    assert_eq!(changed.header("registry-version"), "2");
    let stale = send(&first.tag()).problem(412, "precondition-failed");
    assert!(stale.body["detail"].as_str().unwrap().contains(&changed.tag()));
}

#[test]
fn a_push_that_goes_out_from_nothing_finds_nothing_to_match() {
    let story = Story::begin();
    let body = record().to_string();

    for etag in ["*", "\"abc\""] {
        let answer = story.body.send("PUT", &address(BODY, NUMBER), &[("if-match", etag)], Some(body.as_bytes()));
        answer.problem(412, "precondition-failed");
    }

    story.anybody.get(&address(BODY, NUMBER)).problem(404, "not-found");
}

#[test]
fn a_first_sight_of_a_certificate_may_be_in_any_state() {
    let story = Story::begin();
    let first_sights = [
        (
            "A-1",
            json!({ "reported_status": "02", "status_reason": "0203", "status_on": "2026-01-15", "suspension_planned_end": "2026-04-15" }),
        ),
        ("A-2", json!({ "reported_status": "03", "status_reason": "0209", "status_on": "2026-01-15" })),
        ("A-3", json!({ "reported_status": "04", "status_reason": "0204", "status_on": "2026-01-15" })),
        ("A-4", json!({ "reported_status": "05", "valid_until": "2025-12-31", "status_on": "2026-01-01" })),
        ("A-5", json!({ "valid_until": "2025-12-31" })),
    ];

    for (number, fields) in first_sights {
        let pushed = put(&story, number, &fields).expect(201);
        let version = event(&story, &pushed.id());
        let valid = fields.get("reported_status").is_none();
        assert_eq!(version["event"], if valid { "certificate.issued" } else { "certificate.recorded" });
        assert_eq!(version["effective_on"], pushed.body["status_on"]);
        assert_eq!(pushed.body["status_on"], if valid { json!("2025-06-05") } else { fields["status_on"].clone() });
    }
}

#[test]
fn every_legal_step_is_taken_and_every_other_is_refused_with_the_legal_ones() {
    let story = Story::begin();
    let reason = |step: &str| match step {
        "restore" => json!({ "step": "restore" }),
        step => json!({ "step": step, "reason": "0201" }),
    };
    let from_valid = json!(["suspend", "withdraw", "cancel"]);
    let from_suspended = json!(["restore", "withdraw", "cancel"]);
    let states: [(&[&str], Value); 5] = [
        (&[], from_valid.clone()),
        (&["suspend"], from_suspended),
        (&["suspend", "restore"], from_valid),
        (&["withdraw"], json!([])),
        (&["suspend", "cancel"], json!([])),
    ];

    for (index, (path, legal)) in states.iter().enumerate() {
        for step in ["suspend", "restore", "withdraw", "cancel"] {
            let id = story.certificate(&format!("S-{index}-{step}"));
            for step in *path {
                story.step(&id, &reason(step)).expect(200);
            }
            let answer = story.step(&id, &reason(step));
            if legal.as_array().unwrap().contains(&json!(step)) {
                let event_name = match step {
                    "suspend" => "certificate.suspended",
                    "restore" => "certificate.restored",
                    "withdraw" => "certificate.withdrawn",
                    _ => "certificate.cancelled",
                };
                answer.expect(200);
                assert_eq!(event(&story, &id)["event"], event_name);
            } else {
                let answer = answer.problem(409, "illegal-step");
                let fault = &answer.body["errors"][0];
                assert_eq!(fault["source"]["pointer"], "/step");
                assert_eq!(fault.get("allowed").unwrap_or(&json!([])), legal, "{path:?} {step}: {}", answer.text);
            }
        }
    }
}

#[test]
fn a_push_takes_the_same_steps_as_their_names() {
    let story = Story::begin();
    let id = story.certificate(NUMBER);
    story.server.at("2026-03-10T02:00:00Z");

    put(&story, NUMBER, &json!({ "reported_status": "02", "status_reason": "0203" })).expect(200);
    assert_eq!(
        (event(&story, &id)["event"].as_str(), event(&story, &id)["effective_on"].as_str()),
        (Some("certificate.suspended"), Some("2026-03-10"))
    );
    story.server.at("2026-03-20T02:00:00Z");
    put(&story, NUMBER, &json!({})).expect(200);
    assert_eq!(event(&story, &id)["event"], "certificate.restored");
    put(&story, NUMBER, &json!({ "reissued_on": "2026-03-20", "product_name": "内平开窗" })).expect(200);
    assert_eq!(event(&story, &id)["event"], "certificate.changed");
    put(&story, NUMBER, &json!({ "reissued_on": "2026-03-20", "product_name": "内平开塑料窗（改）" })).expect(200);
    assert_eq!(event(&story, &id)["event"], "certificate.corrected");
    put(&story, NUMBER, &json!({ "reported_status": "03", "status_reason": "0209" })).expect(200);

    let revived = put(&story, NUMBER, &json!({})).problem(409, "illegal-step");
    assert_eq!(revived.body["errors"][0]["source"]["pointer"], "/reported_status");
    assert!(revived.body["detail"].as_str().unwrap().contains("03"));
}

#[test]
fn a_step_is_a_year_ahead_at_most_and_never_before_the_one_before_it() {
    let story = Story::begin();
    let id = story.certificate(NUMBER);
    story.server.at("2026-04-10T02:00:00Z");
    let suspend = |on: &str| story.step(&id, &json!({ "step": "suspend", "reason": "0203", "effective_on": on }));

    assert_eq!(suspend("2027-04-11").problem(422, "invalid").body["errors"][0]["source"]["pointer"], "/effective_on");
    assert_eq!(suspend("2025-06-04").problem(422, "invalid").body["errors"][0]["source"]["pointer"], "/effective_on");
    // 2026-04-11 has begun in Shanghai while it is still the 10th in UTC.
    story.server.at("2026-04-10T16:00:00Z");
    suspend("2026-04-11").expect(200);
    let restore = story.step(&id, &json!({ "step": "restore", "effective_on": "2026-04-10" })).problem(422, "invalid");

    assert_eq!(
        (restore.body["errors"][0]["source"]["pointer"].as_str(), restore.body["errors"][0]["rule"].as_str()),
        (Some("/effective_on"), Some("date-order"))
    );
}

#[test]
fn a_step_says_why_with_a_code_of_the_code_list() {
    let story = Story::begin();
    let id = story.certificate(NUMBER);
    let refused = |step: Value, pointer: &str, rule: &str| {
        let answer = story.step(&id, &step).problem(422, "invalid");
        let fault = &answer.body["errors"][0];
        assert_eq!(
            (fault["source"]["pointer"].as_str(), fault["rule"].as_str()),
            (Some(pointer), Some(rule)),
            "{}",
            answer.text
        );
    };

    refused(json!({ "step": "suspend" }), "/reason", "required");
    refused(json!({ "step": "suspend", "reason": "9999" }), "/reason", "code-unknown");
    refused(
        json!({ "step": "suspend", "reason": "0203", "suspension_planned_end": "2026-03-01" }),
        "/suspension_planned_end",
        "date-order",
    );
    refused(
        json!({ "step": "cancel", "reason": "0204", "suspension_planned_end": "2026-05-01" }),
        "/suspension_planned_end",
        "not-allowed",
    );
    let suspended = story
        .step(&id, &json!({ "step": "suspend", "reason": "0203", "suspension_planned_end": "2026-06-01" }))
        .expect(200);
    assert_eq!(
        (suspended.body["status_reason"].as_str(), suspended.body["suspension_planned_end"].as_str()),
        (Some("0203"), Some("2026-06-01"))
    );
    refused(json!({ "step": "restore", "reason": "0203" }), "/reason", "not-allowed");
    let restored = story.step(&id, &json!({ "step": "restore" })).expect(200).body;
    assert!(restored.get("status_reason").is_none() && restored.get("suspension_planned_end").is_none());
}

#[test]
fn a_record_that_contradicts_itself_is_refused_field_by_field() {
    let story = Story::begin();
    let cases = [
        (json!({ "star": null }), "/star", "star-required"),
        (json!({ "scheme": "green_product", "kind": "gp-01" }), "/star", "star-not-allowed"),
        (json!({ "scheme": "green_product", "star": null }), "/kind", "kind-unknown"),
        (json!({ "kind": "gbm-99" }), "/kind", "kind-unknown"),
        (json!({ "valid_until": "2025-06-04" }), "/valid_until", "date-order"),
        (json!({ "issued_on": "2026-03-03" }), "/issued_on", "out-of-range"),
        (json!({ "first_issued_on": "2025-06-06" }), "/first_issued_on", "date-order"),
        (json!({ "reissued_on": "2025-06-04" }), "/reissued_on", "date-order"),
        (json!({ "status_on": "2026-03-03" }), "/status_on", "out-of-range"),
        (json!({ "status_reason": "0203" }), "/status_reason", "not-allowed"),
        (json!({ "reported_status": "02" }), "/status_reason", "required"),
        (json!({ "reported_status": "02", "status_reason": "x" }), "/status_reason", "code-unknown"),
        (json!({ "suspension_planned_end": "2026-06-01" }), "/suspension_planned_end", "not-allowed"),
        (json!({ "reported_status": "05" }), "/status_on", "date-order"),
    ];

    for (fields, pointer, rule) in cases {
        let answer = put(&story, NUMBER, &fields).problem(422, "invalid");
        let errors = answer.body["errors"].as_array().unwrap();
        let named = errors.iter().any(|it| it["source"]["pointer"] == pointer && it["rule"] == rule);
        assert!(named, "{fields}: {}", answer.text);
    }
    story.anybody.get(&address(BODY, NUMBER)).problem(404, "not-found");
}

#[test]
fn a_body_that_nobody_approved_has_no_certificates() {
    let story = Story::begin();

    story.body.put(&address("CNCA-R-2099-999", NUMBER), &record()).problem(404, "not-found");
    story.body.put(&address("CNCA-X-1", NUMBER), &record()).problem(404, "not-found");
}

#[test]
fn certificates_are_found_by_what_narrows_them() {
    let story = Story::begin();
    put(&story, "CABR-1", &json!({})).expect(201);
    put(&story, "CABR-2", &json!({ "star": 2, "valid_until": "2026-12-31" })).expect(201);
    put(
        &story,
        "XYZ-%_1".replace(['%', '_'], "").as_str(),
        &json!({ "kind": "gbm-10", "reported_status": "02", "status_reason": "0203" }),
    )
    .expect(201);
    let found = |query: &str| -> Vec<String> {
        let items = story.anybody.get(&format!("/v1/certificates?{query}")).expect(200).body["items"].clone();
        items.as_array().unwrap().iter().map(|it| it["number"].as_str().unwrap().to_owned()).collect()
    };

    assert_eq!(found(""), ["XYZ-1", "CABR-2", "CABR-1"]);
    assert_eq!(found("number=%EF%BC%A3abr"), ["CABR-2", "CABR-1"], "by the beginning, whatever the spelling");
    assert_eq!(found("number=ABR"), Vec::<String>::new());
    assert_eq!(found("kind=gbm-10"), ["XYZ-1"]);
    assert_eq!(found("status=02"), ["XYZ-1"]);
    assert_eq!(found("star_min=3"), ["XYZ-1", "CABR-1"]);
    assert_eq!(found("expires_before=2027-01-01"), ["CABR-2"]);
    assert_eq!(found("expires_before=2026-12-31"), Vec::<String>::new());
    assert_eq!(found("scheme=green_product"), Vec::<String>::new());
    assert_eq!(found(&format!("certification_body={OTHER_BODY}")), Vec::<String>::new());
    assert_eq!(found(&format!("certification_body={BODY}&kind=gbm-09&star_min=2&status=01")), ["CABR-2", "CABR-1"]);
}
