//! What rests on test reports: evidence, verdicts, listings.

use crate::conformity::test_reports::{NUMBER, fault, push, void};
use lvcai_tests::{Client, LABORATORY, LIST, Story};
use serde_json::{Value, json};

fn verdict(story: &Story, question: &Value) -> Value {
    let verdict = story.verdict(question);
    json!([verdict["eligibility"], verdict["reasons"][0]["code"]])
}

/// The standing of the one listing, with its ground.
fn standing(story: &Story) -> Value {
    let listing = story.anybody.get("/v1/listings").expect(200).body["items"][0].clone();
    json!([listing["status"], listing.get("ground")])
}

/// A product that is listed by a report alone, and that report.
fn listed(story: &Story, laboratory: &Client) -> (String, String) {
    let (product, report) = (story.product("窗"), push(laboratory, NUMBER, &json!({})).expect(201).id());
    story.report_evidence(&product, &report, "2027-01-14");
    story.open_list();
    story.publish(&[&product]);
    (product, report)
}

#[test]
fn a_report_makes_green_once_the_authority_confirms_it_and_until_the_day_it_states() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let (product, pushed) = (story.product("窗"), push(&laboratory, NUMBER, &json!({})).expect(201));
    let report = pushed.id();
    let question = json!({ "items": [{ "product": product }] });
    let proposal = json!({ "product": product, "test_report": report });
    let proposed = story.enterprise.post("/v1/evidence", &proposal).expect(201).id();
    assert_eq!(verdict(&story, &question), json!(["not_eligible", "no_confirmed_evidence"]));
    let confirm = |until: Value| {
        let step = json!({ "step": "confirm", "valid_until": until });
        story.authority.post(&format!("/v1/evidence/{proposed}/transitions"), &step)
    };
    assert_eq!(fault(confirm(Value::Null)), json!(["/valid_until", "required"]));
    assert_eq!(fault(confirm(json!("2026-03-01"))), json!(["/valid_until", "out-of-range"]));

    let confirmed = confirm(json!("2027-01-14")).expect(200).body;

    assert_eq!((&confirmed["kind"], &confirmed["valid_until"]), (&json!("gbm-09"), &json!("2027-01-14")));
    let told = story.verdict(&question);
    assert_eq!((&told["eligibility"], &told["test_report"]), (&json!("eligible"), &json!(report)));
    assert_eq!(
        told["reasons"][0],
        json!({ "code": "report_valid", "seq": pushed.seq(), "effective_on": "2026-01-15" })
    );
    let on = |day: &str| verdict(&story, &json!({ "valid_on": day, "items": [{ "product": product }] }));
    assert_eq!(on("2027-01-14"), json!(["eligible", "report_valid"]));
    assert_eq!(on("2027-01-15"), json!(["not_eligible", "report_expired"]));
    let model = |model: &str| verdict(&story, &json!({ "items": [{ "product": product, "model": model }] }));
    assert_eq!(
        (model("65系列")[0].clone(), model("80系列")),
        (json!("eligible"), json!(["not_eligible", "model_not_covered"]))
    );
    let resting = story.anybody.get(&format!("/v1/test-reports/{report}/evidence")).expect(200).body["items"].clone();
    assert_eq!((resting.as_array().unwrap().len(), &resting[0]["product"]), (1, &json!(product)));
    assert_eq!(resting, story.anybody.get(&format!("/v1/evidence?test_report={report}")).expect(200).body["items"]);
    let unknown = "/v1/test-reports/rept_01900000-0000-7000-8000-000000000009/evidence";
    story.anybody.get(unknown).problem(404, "not-found");
}

#[test]
fn the_evidence_of_a_report_is_seen_by_its_parties_before_it_is_confirmed() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let (product, report) = (story.product("窗"), push(&laboratory, NUMBER, &json!({})).expect(201).id());
    let claim = json!({ "product": product, "test_report": report });

    story.enterprise.post("/v1/evidence", &claim).expect(201);

    let seen = |client: &Client| {
        client.get(&format!("/v1/test-reports/{report}/evidence")).expect(200).body["items"].as_array().unwrap().len()
    };
    assert_eq!((seen(&story.enterprise), seen(&laboratory), seen(&story.authority)), (1, 1, 1));
    assert_eq!((seen(&story.anybody), seen(&story.body)), (0, 0));
}

#[test]
fn a_claim_names_one_of_the_two_and_a_report_that_is_good_for_it() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let (product, certificate) = (story.product("窗"), story.certificate("CABR-1"));
    let good = push(&laboratory, "WT-1", &json!({ "valid_until": "2026-12-31" })).expect(201).id();
    let failing = push(&laboratory, "WT-2", &json!({ "conclusion": "fail" })).expect(201).id();
    let other = push(&laboratory, "WT-3", &json!({ "models": ["80系列"] })).expect(201).id();
    let voided = push(&laboratory, "WT-4", &json!({})).expect(201).id();
    void(&laboratory, &voided).expect(200);
    let claim = |fields: Value| {
        let mut claim = fields;
        claim["product"] = json!(product);
        story.authority.post("/v1/evidence", &claim)
    };
    let until = "2026-12-31";

    assert_eq!(fault(claim(json!({}))), json!(["/certificate", "required"]));
    let both = json!({ "certificate": certificate, "test_report": good, "valid_until": until });
    assert_eq!(fault(claim(both)), json!(["/test_report", "not-allowed"]));
    let lasting = json!({ "certificate": certificate, "valid_until": until });
    assert_eq!(fault(claim(lasting)), json!(["/valid_until", "not-allowed"]));
    for report in [&failing, &voided] {
        let claimed = claim(json!({ "test_report": report, "valid_until": until }));
        assert_eq!(fault(claimed), json!(["/test_report", "not-allowed"]));
    }
    assert_eq!(fault(claim(json!({ "test_report": other, "valid_until": until }))), json!(["/models", "not-allowed"]));
    let nobody = "rept_01900000-0000-7000-8000-000000000009";
    let claimed = claim(json!({ "test_report": nobody, "valid_until": until }));
    assert_eq!(fault(claimed), json!(["/test_report", "unknown-reference"]));
    let late = claim(json!({ "test_report": good, "valid_until": "2027-01-01" }));
    assert_eq!(fault(late), json!(["/valid_until", "out-of-range"]), "not past the report's own end");
    let early = json!({ "test_report": good, "valid_until": until, "effective_on": "2026-01-14" });
    assert_eq!(fault(claim(early)), json!(["/effective_on", "out-of-range"]));
    let proposal = json!({ "product": product, "test_report": good, "valid_until": until });
    assert_eq!(fault(story.enterprise.post("/v1/evidence", &proposal)), json!(["/valid_until", "not-allowed"]));
    claim(json!({ "test_report": good, "valid_until": until })).expect(201);
    claim(json!({ "test_report": good, "valid_until": until })).problem(409, "conflict");
}

#[test]
fn voiding_a_report_takes_its_listings_with_it_and_leaves_the_past_as_it_was() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let (product, report) = listed(&story, &laboratory);
    let entry =
        story.anybody.get(&format!("/v1/lists/{LIST}/publications/1/entries")).expect(200).body["items"][0].clone();
    assert_eq!(
        (&entry["test_report"], &entry["laboratory"], &entry["valid_until"], entry.get("certificate")),
        (&json!(report), &json!(LABORATORY), &json!("2027-01-14"), None)
    );
    let listed = json!({ "basis": "listing", "list": LIST, "items": [{ "product": product }] });
    assert_eq!((standing(&story), verdict(&story, &listed)), (json!(["listed", null]), json!(["eligible", "listed"])));
    let before = story.anybody.get("/v1/listings").expect(200).seq();
    story.server.at("2026-04-01T02:00:00Z");

    let voided = void(&laboratory, &report).expect(200);

    assert_eq!(standing(&story), json!(["removed", "report_voided"]));
    assert_eq!(verdict(&story, &listed), json!(["not_eligible", "listing_removed"]));
    let mut question = json!({ "items": [{ "product": product }] });
    assert_eq!(verdict(&story, &question), json!(["not_eligible", "report_voided"]));
    question["valid_on"] = json!("2026-03-31");
    assert_eq!(verdict(&story, &question), json!(["eligible", "report_valid"]));
    let then = json!({ "as_of": before.to_string(), "items": [{ "product": product }] });
    assert_eq!(verdict(&story, &then), json!(["eligible", "report_valid"]), "what would have been told then");
    let listing = story.anybody.get("/v1/listings").expect(200).body["items"][0]["id"].as_str().unwrap().to_owned();
    let of = |path: String| story.anybody.get(&format!("{path}/versions")).expect(200).body["items"][0].clone();
    let (listing, report) = (of(format!("/v1/listings/{listing}")), of(format!("/v1/test-reports/{report}")));
    assert_eq!((&listing["command"], listing["seq"].as_i64()), (&report["command"], Some(voided.seq())), "one command");
}

#[test]
fn a_report_amended_to_fail_or_to_other_models_no_longer_carries_its_listings() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let (product, _) = listed(&story, &laboratory);
    let question = json!({ "items": [{ "product": product }] });

    push(&laboratory, NUMBER, &json!({ "models": ["80系列"] })).expect(200);
    assert_eq!(standing(&story), json!(["suspended", "not_covered"]));
    assert_eq!(verdict(&story, &question), json!(["not_eligible", "model_not_covered"]));
    push(&laboratory, NUMBER, &json!({ "valid_until": "2026-06-30" })).expect(200);
    assert_eq!(standing(&story), json!(["listed", null]));
    assert_eq!(story.verdict(&question)["valid_until"], "2026-06-30", "the report ends before the day stated");
    push(&laboratory, NUMBER, &json!({ "conclusion": "fail" })).expect(200);

    assert_eq!(standing(&story), json!(["removed", "report_failed"]));
    assert_eq!(verdict(&story, &question), json!(["not_eligible", "report_failed"]));
}

#[test]
fn a_certificate_is_named_before_a_report_where_both_make_green() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let (product, certificate) = (story.product("窗"), story.certificate("CABR-1"));
    let report = push(&laboratory, NUMBER, &json!({})).expect(201).id();
    story.report_evidence(&product, &report, "2027-01-14");
    story.evidence(&product, &certificate);
    story.open_list();
    story.publish(&[&product]);
    let question = json!({ "items": [{ "product": product }] });
    assert_eq!(verdict(&story, &question), json!(["eligible", "certificate_valid"]));

    story.step(&certificate, &json!({ "step": "suspend", "reason": "0203" })).expect(200);

    assert_eq!(
        (verdict(&story, &question), standing(&story)),
        (json!(["eligible", "report_valid"]), json!(["listed", null]))
    );
    let listing = story.anybody.get("/v1/listings").expect(200).body["items"][0].clone();
    assert_eq!(listing["valid_until"], "2027-01-14", "by what it still rests on");
}

#[test]
fn a_report_counts_for_the_kind_that_the_authority_confirmed_and_for_admitted_products() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let (product, report) = (story.product("窗"), push(&laboratory, NUMBER, &json!({})).expect(201).id());
    story.report_evidence(&product, &report, "2027-01-14");
    let draft = story.enterprise.post("/v1/products", &json!({ "name": "草案", "kind": "gbm-09" })).expect(201).id();
    let early = json!({ "product": draft, "test_report": report, "valid_until": "2027-01-14" });
    story.authority.post("/v1/evidence", &early).problem(409, "illegal-step");

    story.enterprise.patch(&format!("/v1/products/{product}"), "*", &json!({ "kind": "gbm-10" })).expect(200);

    let question = json!({ "items": [{ "product": product }] });
    assert_eq!(verdict(&story, &question), json!(["not_eligible", "kind_not_covered"]));
}
