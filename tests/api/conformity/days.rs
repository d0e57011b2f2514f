//! On which day what is read must hold: `valid_on`, and what goes without it.

use crate::conformity::life::{NUMBER, listed, put};
use lvcai_tests::{Answer, BODY, Client, LIST, REPORT, Story, address, report, report_address};
use serde_json::{Value, json};

/// The ids that a list answers.
fn ids(answer: Answer) -> Vec<String> {
    let items = answer.expect(200).body["items"].clone();
    items.as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

fn count(client: &Client, path: &str) -> usize {
    ids(client.get(path)).len()
}

/// A listed product whose certificate is suspended from the 20th on, told on the 2nd.
fn scheduled(story: &Story) -> (String, String) {
    let (product, certificate) = listed(story);
    let step = json!({ "step": "suspend", "reason": "0203", "effective_on": "2026-03-20" });
    story.step(&certificate, &step).expect(200);
    (product, certificate)
}

/// Every address that shows the certificate and its listing, with the field that tells how it stands.
fn records(story: &Story, certificate: &str) -> Vec<(String, &'static str)> {
    let listing = ids(story.anybody.get("/v1/listings")).remove(0);
    vec![
        (format!("/v1/certificates/{certificate}"), "reported_status"),
        (address(BODY, NUMBER), "reported_status"),
        (format!("/v1/listings/{listing}"), "status"),
    ]
}

#[test]
fn a_step_to_come_is_shown_from_its_day_and_not_before() {
    let story = Story::begin();
    let (product, certificate) = scheduled(&story);
    let is_suspended = |it: &Value| it == "02" || it == "suspended";
    let lists = [
        "/v1/certificates?status=02".to_owned(),
        "/v1/listings?status=suspended".to_owned(),
        format!("/v1/listings?product={product}&status=suspended"),
    ];
    for (path, field) in records(&story, &certificate) {
        let asked = |query: &str| story.anybody.get(&format!("{path}{query}")).expect(200);
        let (now, then) = (asked(""), asked("?valid_on=2026-03-20"));

        assert!(!is_suspended(&now.body[field]) && is_suspended(&then.body[field]), "{path}");
        assert_eq!((now.header("registry-version"), then.header("registry-version")), ("1", "2"), "{path}");
        assert_eq!(
            (now.header("registry-valid-on"), then.header("registry-valid-on")),
            ("2026-03-02", "2026-03-20"),
            "{path}"
        );
        assert_eq!(asked("?valid_on=2026-03-19").text, now.text, "{path}");
        let latest = asked("?latest=true");
        assert_eq!((&latest.text, latest.headers.get("registry-valid-on")), (&then.text, None), "{path}");
    }
    for path in &lists {
        let on = |query: &str| count(&story.anybody, &format!("{path}{query}"));
        assert_eq!((on(""), on("&valid_on=2026-03-19"), on("&valid_on=2026-03-20"), on("&latest=true")), (0, 0, 1, 1));
    }

    story.server.at("2026-03-19T16:00:00Z");

    assert!(lists.iter().all(|path| count(&story.anybody, path) == 1), "its day has come");
    for (path, field) in records(&story, &certificate) {
        assert!(is_suspended(&story.anybody.get(&path).expect(200).body[field]), "{path}");
    }
}

#[test]
fn lists_below_a_record_are_of_the_day_as_well() {
    let story = Story::begin();
    let (product, certificate) = scheduled(&story);
    let below = [
        (format!("/v1/certification-bodies/{BODY}/certificates"), "reported_status", ["01", "02"]),
        (format!("/v1/products/{product}/listings"), "status", ["listed", "suspended"]),
    ];

    for (path, field, [now, then]) in below {
        let on = |query: &str| story.anybody.get(&format!("{path}{query}")).expect(200).body["items"][0][field].clone();
        assert_eq!([on(""), on("?valid_on=2026-03-20"), on("?latest=true")], [json!(now), json!(then), json!(then)]);
    }
    let evidence = format!("/v1/certificates/{certificate}/evidence");
    assert_eq!(count(&story.anybody, &evidence), 1);
    story.anybody.get(&format!("{evidence}?valid_on=2025-06-04")).problem(404, "not-found");
}

#[test]
fn before_its_first_day_a_record_is_not_there() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let report_id = laboratory.put(&report_address(REPORT), &report()).expect(201).id();
    let (product, certificate) = (story.product("窗"), story.certificate(NUMBER));
    let claim = json!({ "product": product, "certificate": certificate, "effective_on": "2026-01-10" });
    let evidence = story.body.post("/v1/evidence", &claim).expect(201).id();

    for (list, id, before, first) in [
        ("certificates", &certificate, "2025-06-04", "2025-06-05"),
        ("test-reports", &report_id, "2026-01-14", "2026-01-15"),
        ("evidence", &evidence, "2026-01-09", "2026-01-10"),
    ] {
        let on = |day: &str| ids(story.anybody.get(&format!("/v1/{list}?valid_on={day}")));
        assert_eq!((on(before), on(first)), (Vec::new(), vec![id.clone()]), "{list}");
        story.anybody.get(&format!("/v1/{list}/{id}?valid_on={before}")).problem(404, "not-found");
        story.anybody.get(&format!("/v1/{list}/{id}?valid_on={first}")).expect(200);
        let versions = story.anybody.get(&format!("/v1/{list}/{id}/versions")).expect(200);
        assert_eq!(versions.body["items"].as_array().unwrap().len(), 1, "{list}");
    }
    for path in [address(BODY, NUMBER), report_address(REPORT)] {
        story.anybody.get(&format!("{path}?valid_on=2025-06-04")).problem(404, "not-found");
        story.anybody.get(&path).expect(200);
    }
}

#[test]
fn a_day_ahead_is_answered_by_what_is_known() {
    let story = Story::begin();
    let (product, _) = listed(&story);
    let standing = format!("/v1/lists/{LIST}/standing");
    let found = |day: &str| {
        let listed_in = format!("/v1/products?listed_in={LIST}&valid_on={day}");
        (count(&story.anybody, &format!("{standing}?valid_on={day}")), ids(story.anybody.get(&listed_in)))
    };

    assert_eq!(found("2030-06-04"), (1, vec![product]), "the last day of the certificate");
    assert_eq!(found("2030-06-05"), (0, Vec::new()));
    assert_eq!(found("2026-03-01"), (0, Vec::new()), "it was listed on the 2nd");
}

#[test]
fn as_of_alone_is_of_its_own_day() {
    let story = Story::begin();
    let (product, certificate) = scheduled(&story);
    let seq = story.anybody.get("/v1/certificates").seq();
    story.server.at("2031-01-01T02:00:00Z");
    let certificate = format!("/v1/certificates/{certificate}");
    let status =
        |query: &str| story.anybody.get(&format!("{certificate}?{query}")).expect(200).body["reported_status"].clone();

    for as_of in [seq.to_string(), "2026-03-02T02:00:00Z".to_owned()] {
        assert_eq!(status(&format!("as_of={as_of}")), "01", "{as_of}");
        assert_eq!(status(&format!("as_of={as_of}&valid_on=2026-03-20")), "02", "{as_of}");
        let standing = story.anybody.get(&format!("/v1/lists/{LIST}/standing?as_of={as_of}")).expect(200);
        assert_eq!(standing.body["items"][0]["product"], product, "past lists are not judged by today");
        assert_eq!(
            (&standing.body["page"]["valid_on"], standing.header("registry-valid-on")),
            (&json!("2026-03-02"), "2026-03-02")
        );
        assert_eq!(count(&story.anybody, &format!("/v1/products?listed_in={LIST}&as_of={as_of}")), 1);
        let question = json!({ "as_of": as_of, "items": [{ "certificate_number": NUMBER }] });
        let verdicts = story.anybody.post("/v1/verifications", &question).expect(200).body;
        assert_eq!(
            (&verdicts["valid_on"], &verdicts["verdicts"][0]["eligibility"]),
            (&json!("2026-03-02"), &json!("eligible"))
        );
    }
    assert_eq!(status(""), "02");
    assert_eq!(count(&story.anybody, &format!("/v1/lists/{LIST}/standing")), 0, "it has ended meanwhile");
}

#[test]
fn pages_that_straddle_midnight_are_of_one_day() {
    let story = Story::begin();
    let first = story.certificate("A-1");
    story.certificate("A-2");
    story.step(&first, &json!({ "step": "suspend", "reason": "0203", "effective_on": "2026-03-03" })).expect(200);
    let page = story.anybody.get("/v1/certificates?status=01&limit=1").expect(200).body["page"].clone();
    story.server.at("2026-03-02T16:00:00Z");

    let next = format!("/v1/certificates?status=01&limit=1&cursor={}", page["next"].as_str().unwrap());

    let rest = story.anybody.get(&next).expect(200).body;
    assert_eq!((&rest["items"][0]["id"], &rest["page"]["valid_on"]), (&json!(first), &json!("2026-03-02")));
    assert_eq!(count(&story.anybody, "/v1/certificates?status=01"), 1);
    story.anybody.get(&format!("{next}&valid_on=2026-03-02")).problem(400, "bad-cursor");
    story.anybody.get(&format!("{next}&latest=true")).problem(400, "bad-cursor");
}

#[test]
fn a_day_is_asked_for_once_and_only_where_there_are_days() {
    let story = Story::begin();
    let at_fault = |path: &str| {
        let answer = story.anybody.get(path).problem(400, "unknown-parameter");
        json!([answer.body["errors"][0]["source"]["parameter"], answer.body["errors"][0]["rule"]])
    };

    for list in ["certificates", "test-reports", "evidence", "listings"] {
        assert_eq!(at_fault(&format!("/v1/{list}?valid_on=2026-03-02&latest=true")), json!(["latest", "not-allowed"]));
        assert_eq!(at_fault(&format!("/v1/{list}?valid_on=2026-02-30")), json!(["valid_on", "date-form"]));
        assert_eq!(at_fault(&format!("/v1/{list}?latest=yes")), json!(["latest", "not-allowed"]));
    }
    assert_eq!(at_fault("/v1/products?valid_on=2026-03-02"), json!(["valid_on", "not-allowed"]));
    assert_eq!(at_fault("/v1/organisations?valid_on=2026-03-02"), json!(["valid_on", "unknown-field"]));
    assert_eq!(at_fault(&format!("/v1/lists/{LIST}/standing?latest=true")), json!(["latest", "unknown-field"]));
    assert_eq!(at_fault("/v1/certificates?valid_on=x&limit=0"), json!(["valid_on", "date-form"]), "the first fault");
    assert_eq!(at_fault("/v1/certificates?limit=0&valid_on=x"), json!(["limit", "out-of-range"]), "the first fault");
}

#[test]
fn if_match_speaks_of_the_latest_record() {
    let story = Story::begin();
    let (_, certificate) = scheduled(&story);
    let path = address(BODY, NUMBER);
    let etag = |query: &str| story.anybody.get(&format!("{path}{query}")).expect(200).header("etag").to_owned();
    let (shown, latest) = (etag(""), etag("?latest=true"));
    assert_ne!(shown, latest);
    let mut record = lvcai_tests::record();
    record["correction"] = json!("暂停系误报");
    let body = record.to_string();
    let correct = |tag: &str| story.body.send("PUT", &path, &[("if-match", tag)], Some(body.as_bytes()));

    let refused = correct(&shown).problem(412, "precondition-failed");
    assert!(
        refused.body["detail"].as_str().unwrap().contains("latest=true"),
        "who writes has seen what is scheduled: {}",
        refused.text
    );
    correct(&latest).expect(200);

    let versions = story.anybody.get(&format!("/v1/certificates/{certificate}/versions")).expect(200);
    assert_eq!(versions.body["items"][0]["event"], "certificate.status_corrected");
    put(&story, NUMBER, &json!({})).expect(200);
}

#[test]
fn no_day_shows_what_is_private() {
    let story = Story::begin();
    let (product, certificate) = (story.product("窗"), story.certificate(NUMBER));
    let claim = json!({ "product": product, "certificate": certificate });
    let id = story.enterprise.post("/v1/evidence", &claim).expect(201).id();
    story.server.at("2026-03-09T02:00:00Z");
    let steps = format!("/v1/evidence/{id}/transitions");
    story.body.post(&steps, &json!({ "step": "confirm" })).expect(200);
    let on = |client: &Client, day: &str| {
        let item = client.get(&format!("/v1/evidence/{id}?valid_on={day}")).body["status"].clone();
        let listed = client.get(&format!("/v1/evidence?valid_on={day}")).expect(200).body["items"][0].clone();
        [item, listed["status"].clone()]
    };

    for client in [&story.enterprise, &story.body, &story.authority] {
        assert_eq!(on(client, "2026-03-08"), ["proposed", "proposed"]);
        assert_eq!(on(client, "2026-03-09"), ["confirmed", "confirmed"]);
    }
    story.anybody.get(&format!("/v1/evidence/{id}?valid_on=2026-03-08")).problem(404, "not-found");
    assert_eq!(count(&story.anybody, "/v1/evidence?valid_on=2026-03-08"), 0);
    assert_eq!(on(&story.anybody, "2026-03-09"), ["confirmed", "confirmed"]);
}

#[test]
fn stars_are_asked_of_the_day() {
    let story = Story::begin();
    listed(&story);
    let of_three = |day: &str| count(&story.anybody, &format!("/v1/products?star_min=3&valid_on={day}"));

    assert_eq!((of_three("2026-03-01"), of_three("2026-03-02")), (0, 1), "its evidence counts from the 2nd");
    assert_eq!(count(&story.anybody, "/v1/products?star_min=3"), 1);
}

#[test]
fn calendar_and_quality_are_of_the_day() {
    let story = Story::begin();
    let before = story.anybody.get("/v1/certificates").seq();
    let (_, certificate) = scheduled(&story);
    story
        .step(&certificate, &json!({ "step": "withdraw", "reason": "0209", "effective_on": "2026-03-10" }))
        .expect(200);
    let calendar = |query: &str| {
        let path = format!("/v1/certification-bodies/{BODY}/calendar?from=2030-01-01&{query}");
        story.anybody.get(&path).expect(200)
    };
    let cancelled = |query: &str| calendar(query).text.contains("STATUS:CANCELLED");
    let quality = |query: &str| {
        let path = format!("/v1/certification-bodies/{BODY}/quality?{query}");
        story.body.get(&path).expect(200).body
    };

    assert_eq!(
        (cancelled(""), cancelled("valid_on=2026-03-09"), cancelled("valid_on=2026-03-10")),
        (false, false, true)
    );
    assert_eq!(calendar("valid_on=2026-03-09").header("registry-valid-on"), "2026-03-09");
    let told = |query: &str| {
        let quality = quality(query);
        let open: i64 =
            quality["findings"].as_array().unwrap().iter().map(|it| it["certificates"].as_i64().unwrap()).sum();
        (quality["valid_on"].clone(), quality["certificates"].as_i64().unwrap(), open > 0)
    };
    assert_eq!(told(""), (json!("2026-03-02"), 1, true));
    assert_eq!(told("valid_on=2026-03-10"), (json!("2026-03-10"), 1, false), "withdrawn, nothing is open");
    assert_eq!(told(&format!("as_of={before}")), (json!("2026-03-02"), 0, false));
}
