//! The life of a certificate: scheduled steps, corrections, cancelled units, predecessors, labels, and spellings.

mod ahead;
mod units;

use lvcai_domain::Role;
use lvcai_store::expiry;
use lvcai_tests::{
    ALL_SCOPES, Answer, BODY, Client, LIST, OTHER_BODY, Story, WorkingFolder, address, record, scopes_of,
};
use serde_json::{Value, json};

pub(super) const NUMBER: &str = "CABR-01(02)-(2025)-CGP-035";

fn with(fields: &Value) -> Value {
    let mut record = record();
    record.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    record
}

pub(super) fn put(story: &Story, number: &str, fields: &Value) -> Answer {
    story.body.put(&address(BODY, number), &with(fields))
}

/// Event and effective day of each version of a certificate, the newest first.
fn history(story: &Story, id: &str) -> Vec<(String, String)> {
    let versions = story.anybody.get(&format!("/v1/certificates/{id}/versions")).expect(200).body["items"].clone();
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    versions.as_array().unwrap().iter().map(|it| (text(&it["event"]), text(&it["effective_on"]))).collect()
}

fn newest(story: &Story, id: &str) -> (String, String) {
    history(story, id).swap_remove(0)
}

/// Verdict and first reason on a question.
fn told(story: &Story, question: &Value) -> Value {
    let verdict = story.verdict(question);
    json!([verdict["eligibility"], verdict["reasons"][0]["code"]])
}

fn on(story: &Story, number: &str, day: &str) -> Value {
    told(story, &json!({ "valid_on": day, "items": [{ "certificate_number": number }] }))
}

/// A product that is listed by one certificate.
pub(super) fn listed(story: &Story) -> (String, String) {
    let (product, certificate) = (story.product("窗"), story.certificate(NUMBER));
    story.evidence(&product, &certificate);
    story.open_list();
    story.publish(&[&product]);
    (product, certificate)
}

/// The latest record of the one listing, whether or not its day has come.
fn listing(story: &Story) -> Value {
    story.anybody.get("/v1/listings?latest=true").expect(200).body["items"][0].clone()
}

fn eligible() -> Value {
    json!(["eligible", "certificate_valid"])
}

#[test]
fn a_scheduled_suspension_counts_from_its_day() {
    let story = Story::begin();
    let (product, certificate) = listed(&story);
    let in_list = |day: &str| {
        let question = json!({ "basis": "listing", "list": LIST, "valid_on": day, "items": [{ "product": product }] });
        told(&story, &question)
    };

    let step = json!({ "step": "suspend", "reason": "0203", "effective_on": "2026-03-20", "suspension_planned_end": "2026-06-20" });
    story.step(&certificate, &step).expect(200);

    assert_eq!(newest(&story, &certificate), ("certificate.suspended".to_owned(), "2026-03-20".to_owned()));
    assert_eq!(on(&story, NUMBER, "2026-03-19"), eligible());
    assert_eq!(on(&story, NUMBER, "2026-03-20"), json!(["not_eligible", "certificate_suspended"]));
    assert_eq!(on(&story, NUMBER, "2026-06-21"), json!(["not_eligible", "certificate_suspended"]), "no end by itself");
    assert_eq!(
        (in_list("2026-03-19"), in_list("2026-03-20")),
        (json!(["eligible", "listed"]), json!(["not_eligible", "listing_suspended"]))
    );
    let listing = listing(&story);
    assert_eq!((&listing["status"], &listing["effective_on"]), (&json!("suspended"), &json!("2026-03-20")));
}

#[test]
fn beside_a_scheduled_step_only_what_is_so_already_is_told() {
    let story = Story::begin();
    let id = story.certificate(NUMBER);
    let step = json!({ "step": "suspend", "reason": "0203", "effective_on": "2026-03-20" });
    let scheduled = story.step(&id, &step).expect(200);
    let version = |answer: Answer| answer.expect(200).header("registry-version").to_owned();
    let later = json!({ "reported_status": "02", "status_reason": "0203", "status_on": "2026-03-20" });

    assert_eq!(version(put(&story, NUMBER, &json!({}))), "2", "the body's system shows it as valid until then");
    assert_eq!(version(put(&story, NUMBER, &later)), "2");
    for fields in [
        json!({ "product_name": "内平开窗" }),
        json!({ "reported_status": "02", "status_reason": "0203", "status_on": "2026-03-25" }),
        json!({ "reported_status": "03", "status_reason": "0209", "status_on": "2026-03-21" }),
    ] {
        let refused = put(&story, NUMBER, &fields).problem(409, "illegal-step");
        assert!(refused.body["detail"].as_str().unwrap().contains("2026-03-20"), "{}", refused.text);
    }
    story.step(&id, &step).problem(409, "illegal-step");
    story
        .step(&id, &json!({ "step": "withdraw", "reason": "0209", "effective_on": "2026-03-20" }))
        .problem(409, "illegal-step");
    assert_eq!(story.anybody.get(&format!("/v1/certificates/{id}?latest=true")).text, scheduled.text);

    let taken_back = put(&story, NUMBER, &json!({ "correction": "暂停系误报" })).expect(200);

    assert_eq!(taken_back.body["correction"], "暂停系误报");
    assert_eq!(newest(&story, &id), ("certificate.status_corrected".to_owned(), "2025-06-05".to_owned()));
    assert_eq!(on(&story, NUMBER, "2026-03-20"), eligible());
    assert_eq!(version(put(&story, NUMBER, &json!({ "product_name": "内平开窗" }))), "4");
}

#[test]
fn a_scheduled_step_is_the_present_one_when_its_day_has_come() {
    let story = Story::begin();
    let (_, id) = listed(&story);
    story.step(&id, &json!({ "step": "suspend", "reason": "0203", "effective_on": "2026-03-20" })).expect(200);
    story.server.at("2026-03-19T16:00:00Z");

    let same = json!({ "reported_status": "02", "status_reason": "0203" });
    assert_eq!(put(&story, NUMBER, &same).expect(200).header("registry-version"), "2", "it goes on since its day");
    put(&story, NUMBER, &json!({})).expect(200);

    assert_eq!(newest(&story, &id), ("certificate.restored".to_owned(), "2026-03-20".to_owned()));
    assert_eq!(listing(&story)["status"], "listed");
    let first = json!({ "reported_status": "02", "status_reason": "0203", "status_on": "2026-03-25" });
    let refused = put(&story, "A-2", &first).problem(422, "invalid");
    assert_eq!(refused.body["errors"][0]["source"]["pointer"], "/status_on", "a first record says what is");
}

#[test]
fn a_withdrawal_by_mistake_is_corrected_and_what_was_told_before_stays_told() {
    for by_name in [true, false] {
        let story = Story::begin();
        let id = story.certificate(NUMBER);
        story.server.at("2026-03-10T02:00:00Z");
        let withdrawn = story.step(&id, &json!({ "step": "withdraw", "reason": "0209" })).expect(200).seq();
        story.server.at("2026-03-12T02:00:00Z");
        story.step(&id, &json!({ "step": "restore" })).problem(409, "illegal-step");
        let refused = put(&story, NUMBER, &json!({})).problem(409, "illegal-step");
        assert!(refused.body["detail"].as_str().unwrap().contains("correction"), "{}", refused.text);

        let corrected = if by_name {
            story.step(&id, &json!({ "step": "correct", "status": "01", "note": "误报撤销" }))
        } else {
            let late = json!({ "correction": "误报撤销", "status_on": "2026-03-12" });
            let late = put(&story, NUMBER, &late).problem(422, "invalid");
            assert_eq!(late.body["errors"][0]["source"]["pointer"], "/status_on", "a gap would be left: {}", late.text);
            put(&story, NUMBER, &json!({ "correction": "误报撤销" }))
        };

        let corrected = corrected.expect(200);
        assert_eq!(
            (&corrected.body["reported_status"], &corrected.body["correction"]),
            (&json!("01"), &json!("误报撤销"))
        );
        assert!(corrected.body.get("status_reason").is_none(), "{}", corrected.text);
        assert_eq!(newest(&story, &id), ("certificate.status_corrected".to_owned(), "2025-06-05".to_owned()));
        for day in ["2026-03-09", "2026-03-11", "2026-03-12"] {
            assert_eq!(on(&story, NUMBER, day), eligible(), "{day}");
        }
        let then = json!({ "as_of": withdrawn.to_string(), "valid_on": "2026-03-11", "items": [{ "certificate_number": NUMBER }] });
        assert_eq!(told(&story, &then), json!(["not_eligible", "certificate_withdrawn"]));
        let known = story.anybody.get(&format!("/v1/certificates/{id}?as_of={withdrawn}")).expect(200);
        assert_eq!(known.body["reported_status"], "03");
        put(&story, NUMBER, &json!({})).expect(200);
        assert_eq!(history(&story, &id).len(), 3, "the record without its note says the same");
    }
}

#[test]
fn a_correction_says_what_it_corrects_and_to_what() {
    let story = Story::begin();
    let id = story.certificate(NUMBER);
    story.server.at("2026-03-10T02:00:00Z");
    story.step(&id, &json!({ "step": "withdraw", "reason": "0209" })).expect(200);
    let fault = |step: Value| {
        let answer = story.step(&id, &step).problem(422, "invalid");
        let fault = answer.body["errors"][0].clone();
        json!([fault["source"]["pointer"], fault["rule"]])
    };

    assert_eq!(fault(json!({ "step": "correct", "status": "01" })), json!(["/note", "required"]));
    assert_eq!(fault(json!({ "step": "correct", "note": "误报" })), json!(["/status", "required"]));
    assert_eq!(fault(json!({ "step": "restore", "note": "误报" })), json!(["/note", "not-allowed"]));
    assert_eq!(
        fault(json!({ "step": "suspend", "reason": "0203", "status": "01" })),
        json!(["/status", "not-allowed"])
    );
    let never = json!({ "step": "correct", "status": "02", "note": "应为暂停", "reason": "0203" });
    assert_eq!(fault(never.clone()), json!(["/effective_on", "required"]), "it was never suspended");
    let mut late = never.clone();
    late["effective_on"] = json!("2026-03-11");
    assert_eq!(fault(late)[0], "/effective_on");

    let mut right = never;
    right["effective_on"] = json!("2026-03-10");
    story.step(&id, &right).expect(200);

    assert_eq!(newest(&story, &id), ("certificate.status_corrected".to_owned(), "2026-03-10".to_owned()));
    story.step(&id, &json!({ "step": "restore" })).expect(200);
    assert_eq!(on(&story, NUMBER, "2026-03-10"), eligible());
}

#[test]
fn a_certificate_names_the_one_before_it() {
    let story = Story::begin();
    let other = story.server.client(story.server.certification_body(OTHER_BODY), "other", ALL_SCOPES);
    story.certificate("A-1");
    let link = |relation: &str, body: Option<&str>, number: &str| {
        let mut link = json!({ "relation": relation, "number": number });
        body.into_iter().for_each(|it| link["certification_body"] = json!(it));
        json!({ "predecessor": link })
    };
    let refused = |fields: Value, pointer: &str, rule: &str| {
        let answer = put(&story, "A-2", &fields).problem(422, "invalid");
        let fault = &answer.body["errors"][0];
        assert_eq!((&fault["source"]["pointer"], &fault["rule"]), (&json!(pointer), &json!(rule)), "{}", answer.text);
    };

    refused(link("renewal", Some(OTHER_BODY), "A-1"), "/predecessor/certification_body", "not-allowed");
    refused(link("transfer", Some(BODY), "A-1"), "/predecessor/certification_body", "not-allowed");
    refused(link("renewal", None, "ａ-2"), "/predecessor/number", "duplicate");
    let renewed = put(&story, "A-2", &link("renewal", None, "A-1")).expect(201).id();
    let taken_over =
        other.put(&address(OTHER_BODY, "A-1"), &with(&link("transfer", Some(BODY), "a-1"))).expect(201).id();

    let found = |number: &str| -> Vec<String> {
        let items =
            story.anybody.get(&format!("/v1/certificates?predecessor={number}")).expect(200).body["items"].clone();
        items.as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(found("A-1"), [taken_over, renewed], "whatever the spelling, of any body");
    assert_eq!((found("A-2").len(), found("A").len()), (0, 0));
}

#[test]
fn a_label_counts_no_more_and_never_did_for_longer_than_three_years() {
    let story = Story::begin();
    let label = |issued: &str, until: &str| json!({ "scheme": "legacy_label", "issued_on": issued, "valid_until": until, "status_on": issued });

    let refused = put(&story, "L-1", &label("2019-06-05", "2022-06-06")).problem(422, "invalid");
    assert_eq!(refused.body["errors"][0]["source"]["pointer"], "/valid_until");
    put(&story, "L-1", &label("2019-06-05", "2022-06-05")).expect(201);
    put(&story, "L-2", &label("2024-06-05", "2027-06-05")).expect(201);

    for number in ["L-1", "L-2"] {
        assert_eq!(on(&story, number, "2026-03-02"), json!(["not_eligible", "certificate_expired"]), "{number}");
    }
    assert_eq!(on(&story, "L-1", "2020-01-01"), eligible());
    let starless = put(&story, "L-3", &json!({ "scheme": "legacy_label", "star": null, "valid_until": "2028-06-05" }));
    assert_eq!(starless.problem(422, "invalid").body["errors"][0]["rule"], "star-required");
}

#[test]
fn a_body_that_has_not_heard_of_the_end_changes_nothing() {
    let story = Story::begin();
    let ending = json!({ "valid_until": "2026-03-09" });
    let id = put(&story, NUMBER, &ending).expect(201).id();
    let suspended = json!({ "valid_until": "2026-03-09", "reported_status": "02", "status_reason": "0203" });
    put(&story, NUMBER, &suspended).expect(200);
    story.server.at("2026-03-09T16:00:00Z");
    story.server.wait(expiry::tick(&story.server.registry)).unwrap();
    let ended = story.anybody.get(&format!("/v1/certificates/{id}")).expect(200);
    assert_eq!(ended.body["reported_status"], "05");

    for fields in
        [json!({}), json!({ "reported_status": "02", "status_reason": "0203" }), json!({ "reported_status": "05" })]
    {
        let mut fields = fields;
        fields["valid_until"] = json!("2026-03-09");
        let answer = put(&story, NUMBER, &fields).expect(200);
        assert_eq!((&answer.text, answer.header("registry-version")), (&ended.text, "3"), "{fields}");
    }
    for unheard in [
        json!({ "reported_status": "02", "status_reason": "0201", "status_on": "2026-03-08" }),
        json!({ "reported_status": "01", "status_on": "2026-03-05" }),
    ] {
        let mut unheard = unheard;
        unheard["valid_until"] = json!("2026-03-09");
        put(&story, NUMBER, &unheard).problem(409, "illegal-step");
    }

    let mut line = with(&ending);
    line["number"] = json!(NUMBER);
    let batch =
        story.body.post("/v1/certification-bodies/CNCA-R-2006-148/certificates:batch", &json!([line])).expect(200);
    assert_eq!(batch.body["unchanged"], 1, "{}", batch.text);
    put(&story, NUMBER, &json!({ "valid_until": "2031-03-09" })).problem(409, "illegal-step");
    put(&story, NUMBER, &json!({ "valid_until": "2031-03-09", "correction": "到期日误报" })).expect(200);
    assert_eq!(newest(&story, &id).0, "certificate.status_corrected");
}

#[test]
fn the_spelling_of_a_city_list_gives_way_to_the_bodys_own() {
    let folder = WorkingFolder::new();
    folder.keys();
    folder.client(
        &["--organisation-name", "大庆市住房和城乡建设局", "--role", "authority"],
        "bureau",
        &scopes_of(Role::Authority),
        "",
    );
    let list = "企业名称,产品名称,产品类别,认证等级,证书编号,有效期至,认证机构\n\
                大庆示例门窗有限公司,内平开塑料窗,建筑门窗及配件,三星,cabr-01（02）-2025,2030-06-04,中国建筑科学研究院\n";
    std::fs::write(folder.path("list.csv"), list).unwrap();
    folder.run(&["import", "list.csv", "--authority", "大庆市住房和城乡建设局"]).expect(0);
    let serving = folder.serve();
    let body = folder.client(&["--organisation", BODY], "holder-1", "certificates:push", &serving.url);
    let (body, anybody) = (body.authenticated(&lvcai_store::Clock::Wall), Client::anonymous(&serving.url));
    let listed = anybody.get("/v1/certificates").expect(200).body["items"][0].clone();
    assert_eq!(listed["record_source"], "city_list");
    let cancel = json!({ "step": "cancel", "unit": "内平开塑料窗", "models": ["60系列"] });
    let steps = format!("/v1/certificates/{}/transitions", listed["id"].as_str().unwrap());
    body.post(&steps, &cancel).problem(403, "not-accredited");
    folder.accredit(BODY);

    let pushed = body.put(&address(BODY, "CABR-01(02)-2025"), &record()).expect(200);

    assert_eq!((&pushed.body["id"], &pushed.body["number"]), (&listed["id"], &json!("CABR-01(02)-2025")));
    assert_eq!((pushed.header("registry-version"), &pushed.body["record_source"]), ("2", &json!("certification_body")));
    body.put(&address(BODY, "cabr-01（02）-2025"), &record()).problem(409, "conflict");
}

#[test]
fn nothing_begins_when_a_certificate_has_ended() {
    let story = Story::begin();
    let id = put(&story, NUMBER, &{
        let mut record = units::units();
        record["valid_until"] = json!("2026-03-09");
        record
    })
    .expect(201)
    .id();
    // The clock has not come by yet.
    story.server.at("2026-03-10T02:00:00Z");

    for step in [
        json!({ "step": "suspend", "reason": "0203" }),
        json!({ "step": "withdraw", "reason": "0209", "effective_on": "2026-03-10" }),
        json!({ "step": "cancel", "unit": "平开窗" }),
    ] {
        let refused = story.step(&id, &step).problem(422, "invalid");
        assert_eq!(refused.body["errors"][0]["rule"], "date-order", "{step}");
    }
    story.step(&id, &json!({ "step": "withdraw", "reason": "0209", "effective_on": "2026-03-09" })).expect(200);
}

#[test]
fn a_dry_run_of_a_step_shows_it_and_takes_it_back() {
    let story = Story::begin();
    let id = story.certificate(NUMBER);
    let before = story.anybody.get(&format!("/v1/certificates/{id}")).expect(200);
    let step = json!({ "step": "suspend", "reason": "0203" });

    let preview = story.body.post(&format!("/v1/certificates/{id}/transitions?validate_only=true"), &step).expect(200);

    assert_eq!(
        (preview.body["reported_status"].as_str(), preview.header("registry-validated-only")),
        (Some("02"), "true")
    );
    let after = story.anybody.get(&format!("/v1/certificates/{id}")).expect(200);
    assert_eq!((&after.text, after.header("registry-seq")), (&before.text, before.header("registry-seq")));
}
