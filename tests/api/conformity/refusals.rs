//! Refusals, what a step would touch, and how good a body's data is.

use crate::conformity::batch::{BATCH, line as line_with};
use lvcai_domain::Role;
use lvcai_tests::{ALL_SCOPES, BODY, Client, OTHER_BODY, Story, address, record, report, report_address};
use serde_json::{Value, json};

const NUMBER: &str = "CABR-01(02)-(2025)-CGP-035";

/// Pushes lines in one batch.
fn batch(client: &Client, path: &str, lines: &[Value]) -> lvcai_tests::Answer {
    client.post(path, &json!(lines))
}

fn line(number: &str) -> Value {
    let mut line = record();
    line["number"] = number.into();
    line
}

/// What the refusals say of it: operation, subject and problem, the newest first.
fn refusals(client: &Client, query: &str) -> Vec<[String; 3]> {
    let page = client.get(&format!("/v1/refusals?limit=500{query}")).expect(200);
    let text = |it: &Value, name: &str| it[name].as_str().unwrap().to_owned();
    let items = page.body["items"].as_array().unwrap().clone();
    items.iter().map(|it| ["operation", "subject", "problem"].map(|name| text(it, name))).collect()
}

#[test]
fn a_body_that_tries_everything_on_anothers_changes_nothing_and_the_auditor_sees_it() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let auditor = story.server.client(story.server.organisation("审计局", Role::Auditor), "auditor", "read:private");
    let other = story.server.client(
        story.server.certification_body(OTHER_BODY),
        "other",
        &format!("{ALL_SCOPES} reports:push"),
    );
    let (product, certificate) = (story.product("65系列内平开塑料窗"), story.certificate(NUMBER));
    let reported = laboratory.put(&report_address("R-1"), &report()).expect(201).id();
    let before = story.anybody.get("/v1/certificates").expect(200);

    other.put(&address(BODY, NUMBER), &record()).problem(403, "forbidden");
    other.put(&address(BODY, "NEW-1"), &record()).problem(403, "forbidden");
    let steps = [
        json!({ "step": "suspend", "reason": "0203" }),
        json!({ "step": "withdraw", "reason": "0209" }),
        json!({ "step": "cancel", "reason": "0204" }),
        json!({ "step": "cancel", "unit": "65系列内平开窗" }),
        json!({ "step": "correct", "status": "03", "note": "误报", "reason": "0209", "effective_on": "2026-03-01" }),
    ];
    for step in &steps {
        other.post(&format!("/v1/certificates/{certificate}/transitions"), step).problem(403, "forbidden");
    }
    // The words of a dry run in another parameter hide no attempt.
    let hidden = "/v1/certification-bodies/CNCA-R-2006-148/certificates:batch?kind=validate_only=true";
    batch(&other, hidden, &[line("NEW-2")]).problem(403, "forbidden");
    batch(&other, "/v1/certification-bodies/CNCA-R-2006-148/certificates:reconcile", &[line("NEW-2")])
        .problem(403, "forbidden");
    let claim = json!({ "product": product, "certificate": certificate });
    other.post("/v1/evidence", &claim).problem(403, "forbidden");
    other.put(&report_address("R-1"), &report()).problem(403, "forbidden");
    let void = json!({ "step": "void", "note": "x" });
    other.post(&format!("/v1/test-reports/{reported}/transitions"), &void).problem(403, "forbidden");

    let after = story.anybody.get("/v1/certificates").expect(200);
    assert_eq!((after.text, after.body["page"]["as_of"].clone()), (before.text, before.body["page"]["as_of"].clone()));
    let organisation = other.organisation.unwrap();
    let seen = refusals(&auditor, &format!("&organisation={organisation}"));
    assert_eq!(seen.len(), 12, "{seen:#?}");
    assert!(seen.iter().all(|[_, _, problem]| *problem == lvcai_tests::problem("forbidden")), "{seen:#?}");
    assert_eq!(refusals(&other, ""), seen, "a body sees its own");
    assert_eq!(refusals(&story.body, ""), Vec::<[String; 3]>::new(), "and nobody else's");
    story.body.get(&format!("/v1/refusals?organisation={organisation}")).problem(403, "forbidden");
    story.anybody.get("/v1/refusals").problem(401, "unauthenticated");
}

#[test]
fn a_refused_line_is_kept_with_its_rule_and_counts_in_the_quality_of_the_body() {
    let story = Story::begin();
    let mut starless = line("B-2");
    starless.as_object_mut().unwrap().remove("star");
    let report =
        batch(&story.body, "/v1/certification-bodies/CNCA-R-2006-148/certificates:batch", &[line("B-1"), starless])
            .expect(200);
    assert_eq!((&report.body["created"], &report.body["refused"]), (&json!(1), &json!(1)), "{}", report.text);

    let kept = story.authority.get("/v1/refusals?problem=invalid").expect(200);
    assert_eq!(kept.body["items"][0]["subject"], format!("{BODY}/B-2"));
    assert_eq!(kept.body["items"][0]["errors"][0]["rule"], "star-required");
    let quality = story.body.get(&format!("/v1/certification-bodies/{BODY}/quality")).expect(200);
    let months = quality.body["refused"].as_array().unwrap();
    assert_eq!(months.len(), 6);
    assert_eq!(months[5], json!({ "begins": "2026-03-01", "rules": [{ "rule": "star-required", "count": 1 }] }));
    let open = |rule: &str| {
        let findings = quality.body["findings"].as_array().unwrap();
        let found = findings.iter().find(|it| it["rule"] == rule).unwrap();
        (found["certificates"].as_i64().unwrap(), found["thirty_days_ago"].as_i64().unwrap())
    };
    assert_eq!(open("holder-without-uscc"), (1, 0));
    assert_eq!(open("no-models"), (0, 0));
    let path = format!("/v1/certification-bodies/{OTHER_BODY}/quality");
    story.body.get(&path).problem(403, "forbidden");
    story.authority.get(&path).expect(200);
}

#[test]
fn a_step_that_is_only_validated_names_what_it_would_touch() {
    let story = Story::begin();
    story.open_list();
    let (product, certificate) = (story.product("65系列内平开塑料窗"), story.certificate(NUMBER));
    story.evidence(&product, &certificate);
    story.publish(&[&product]);
    let before = story.anybody.get("/v1/listings").expect(200);

    let path = format!("/v1/certificates/{certificate}/transitions?validate_only=true");
    let step = json!({ "step": "suspend", "reason": "0203", "effective_on": "2026-03-10" });
    let answer = story.body.post(&path, &step).expect(200);

    let impact = &answer.body["impact"];
    assert_eq!(answer.body["reported_status"], "02");
    assert_eq!(impact["products"], json!([product]));
    assert_eq!(impact["publications"], json!([{ "list": lvcai_tests::LIST, "number": 1 }]));
    let listing = &impact["listings"][0];
    assert_eq!(
        (&listing["before"], &listing["after"], &listing["effective_on"]),
        (&json!("listed"), &json!("suspended"), &json!("2026-03-10"))
    );
    assert_eq!(story.anybody.get("/v1/listings").expect(200).text, before.text, "and nothing was touched");
    let taken = story.step(&certificate, &step).expect(200);
    assert!(taken.body.get("impact").is_none());

    // What was scheduled has not come yet: the listing stands today.
    let instead =
        json!({ "step": "correct", "status": "03", "reason": "0209", "effective_on": "2026-03-02", "note": "提前" });
    let answer = story.body.post(&path, &instead).expect(200);
    let listing = &answer.body["impact"]["listings"][0];
    assert_eq!((&listing["before"], &listing["after"]), (&json!("listed"), &json!("removed")), "{}", answer.text);
}

#[test]
fn a_record_and_a_line_that_are_only_validated_name_what_they_would_touch() {
    let story = Story::begin();
    story.open_list();
    let (product, certificate) = (story.product("65系列内平开塑料窗"), story.certificate(NUMBER));
    story.evidence(&product, &certificate);
    story.publish(&[&product]);
    story.certificate("UNUSED-1");
    let suspended = json!({ "reported_status": "02", "status_reason": "0203", "status_on": "2026-03-02" });
    let touched = |impact: &Value| {
        assert_eq!(impact["products"], json!([product]));
        assert_eq!(impact["publications"], json!([{ "list": lvcai_tests::LIST, "number": 1 }]));
        let listing = &impact["listings"][0];
        assert_eq!((&listing["before"], &listing["after"]), (&json!("listed"), &json!("suspended")), "{impact}");
    };
    let mut pushed = record();
    pushed.as_object_mut().unwrap().extend(suspended.as_object().unwrap().clone());

    let put = story.body.put(&format!("{}?validate_only=true", address(BODY, NUMBER)), &pushed).expect(200);
    touched(&put.body["impact"]);
    let lines = [line_with(NUMBER, &suspended), line_with("UNUSED-1", &suspended), line("NEW-1")];
    let foreseen = batch(&story.body, &format!("{BATCH}?validate_only=true"), &lines).expect(200).body;
    touched(&foreseen["outcomes"][0]["impact"]);
    assert!((1..3).all(|at| foreseen["outcomes"][at].get("impact").is_none()), "{foreseen}");

    let done = batch(&story.body, BATCH, &lines).expect(200).body;
    assert!(done["outcomes"][0].get("impact").is_none(), "{done}");
    assert_eq!(story.anybody.get("/v1/listings").expect(200).body["items"][0]["status"], "suspended");
    let put = story.body.put(&address(BODY, NUMBER), &pushed).expect(200);
    assert!(put.body.get("impact").is_none(), "{}", put.text);
}

#[test]
fn refusals_are_bounded_in_size_and_number_and_counted_beyond() {
    let story = Story::begin();
    let long = format!("/v1/products/{}", "x".repeat(60_000));
    for _ in 0..3 {
        story.enterprise.patch(&long, "*", &json!({ "name": "x" })).problem(404, "not-found");
    }
    let kept = story.authority.get("/v1/refusals?limit=500").expect(200);
    assert_eq!(kept.body["items"].as_array().unwrap().len(), 3);
    assert!(kept.text.len() < 6_000, "{}", kept.text.len());

    let lines: Vec<Value> = (0..1_300).map(|it| json!({ "number": format!("R-{it}") })).collect();
    let head = lvcai_store::ledger::head(&mut story.server.database.conn()).unwrap();
    let told = batch(&story.body, "/v1/certification-bodies/CNCA-R-2006-148/certificates:batch", &lines).expect(200);
    assert_eq!(told.body["refused"], 1_300, "each line is told");
    assert_eq!(lvcai_store::ledger::head(&mut story.server.database.conn()).unwrap(), head);

    let organisation = story.body.organisation.unwrap();
    let mut kept = refusals(&story.authority, &format!("&organisation={organisation}")).len();
    let mut page = story.authority.get(&format!("/v1/refusals?limit=500&organisation={organisation}")).expect(200).body;
    while let Some(next) = page["page"]["next"].as_str() {
        let path = format!("/v1/refusals?limit=500&organisation={organisation}&cursor={next}");
        page = story.authority.get(&path).expect(200).body;
        kept += page["items"].as_array().unwrap().len();
    }
    assert_eq!(kept, 1_000);
    let quality = story.body.get(&format!("/v1/certification-bodies/{BODY}/quality")).expect(200).body;
    let rules = quality["refused"][5]["rules"].as_array().unwrap();
    assert_eq!(rules.iter().map(|it| it["count"].as_i64().unwrap()).max(), Some(1_300), "{rules:?}");
}

#[test]
fn lines_that_change_nothing_leave_no_answer_and_are_told_again() {
    let story = Story::begin();
    let key = [("idempotency-key", "k")];
    let send = |lines: &[Value]| {
        story.body.send(
            "POST",
            "/v1/certification-bodies/CNCA-R-2006-148/certificates:batch",
            &key,
            Some(json!(lines).to_string().as_bytes()),
        )
    };
    let answers = || rows(&story.server.database);
    let refused: Vec<Value> = (0..150).map(|it| json!({ "number": format!("R-{it}") })).collect();

    let first = send(&refused).expect(200);
    assert_eq!(answers(), Vec::<i64>::new(), "nothing was changed, so nothing is kept");
    assert_eq!(send(&refused).expect(200).text, first.text);

    let mixed = [vec![line("B-1")], refused].concat();
    let first = send(&mixed).expect(200);
    let again = send(&mixed).expect(200);
    assert_eq!((first.body["created"].as_i64(), &again.text), (Some(1), &first.text));
    assert!(answers().iter().sum::<i64>() < 1_000, "{:?}", answers());
    assert_eq!(story.anybody.get("/v1/certificates").expect(200).body["items"].as_array().unwrap().len(), 1);
}

/// The lengths of the answers that are kept.
fn rows(database: &lvcai_tests::Database) -> Vec<i64> {
    use diesel::RunQueryDsl as _;
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        length: i64,
    }
    let query = "SELECT CAST(length(answer) AS BIGINT) AS length FROM idempotency";
    let rows: Vec<Row> = lvcai_database::on_conn!(&mut database.conn(), c => diesel::sql_query(query).load(c)).unwrap();
    rows.into_iter().map(|it| it.length).collect()
}
