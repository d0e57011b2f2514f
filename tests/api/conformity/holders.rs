//! Whose certificate it is: a product does not become green by the certificate of another firm.

use lvcai_domain::Role;
use lvcai_tests::{ALL_SCOPES, Answer, BODY, Client, LIST, Story, address, record};
use serde_json::{Value, json};

const NUMBER: &str = "CABR-01(02)-(2025)-CGP-035";

/// A record of the certificate with other parties.
fn held_by(parties: &Value) -> Value {
    let mut record = record();
    record.as_object_mut().unwrap().extend(parties.as_object().unwrap().clone());
    record
}

/// A certificate of another firm than the enterprise of the story.
fn of_another(story: &Story) -> String {
    let record = held_by(&json!({ "holder": { "name": "大庆盛源建材有限公司", "uscc": "91330100799655058B" } }));
    story.body.put(&address(BODY, NUMBER), &record).expect(201).id()
}

fn claim(client: &Client, product: &str, certificate: &str, distinct_holder: Option<&str>) -> Answer {
    let claim = json!({ "product": product, "certificate": certificate });
    let reason = distinct_holder.map(|it| json!({ "distinct_holder": it })).unwrap_or(json!({}));
    let mut claim = claim;
    claim.as_object_mut().unwrap().extend(reason.as_object().unwrap().clone());
    client.post("/v1/evidence", &claim)
}

/// Where a refused request is at fault, and by which rule.
#[track_caller]
fn fault(answer: Answer) -> (String, String) {
    let answer = answer.problem(422, "invalid");
    let of = |place: &str| answer.body["errors"][0].pointer(place).unwrap().as_str().unwrap().to_owned();
    (of("/source/pointer"), of("/rule"))
}

fn at(pointer: &str, rule: &str) -> (String, String) {
    (pointer.to_owned(), rule.to_owned())
}

fn verdict(story: &Story, product: &str) -> Value {
    let verdict = story.verdict(&json!({ "items": [{ "product": product }] }));
    json!([verdict["eligibility"], verdict["reasons"][0]["code"]])
}

#[test]
fn a_certificate_of_another_firm_proves_nothing_until_it_is_said_why() {
    let story = Story::begin();
    let (product, certificate) = (story.product("窗"), of_another(&story));

    assert_eq!(fault(claim(&story.enterprise, &product, &certificate, None)), at("/certificate", "holder-differs"));
    assert_eq!(
        fault(claim(&story.enterprise, &product, &certificate, Some("我们代工"))),
        at("/distinct_holder", "not-allowed")
    );
    for confirming in [&story.body, &story.authority] {
        let refused = claim(confirming, &product, &certificate, None);
        assert!(
            refused.text.contains("大庆盛源建材有限公司") && refused.text.contains("大庆示例门窗有限公司"),
            "{}",
            refused.text
        );
        assert_eq!(fault(refused), at("/distinct_holder", "required"));
    }
    assert_eq!(verdict(&story, &product), json!(["not_eligible", "no_confirmed_evidence"]));

    let taken = claim(&story.body, &product, &certificate, Some("委托生产")).expect(201);

    assert_eq!(
        (&taken.body["distinct_holder"], &taken.body["holder"]["name"]),
        (&json!("委托生产"), &json!("大庆盛源建材有限公司"))
    );
    assert_eq!(verdict(&story, &product), json!(["eligible", "certificate_valid"]));
    story.open_list();
    let publication = story.publish(&[&product]);
    let id = publication["id"].as_str().unwrap();
    let entries = story.anybody.get(&format!("/v1/lists/{LIST}/publications/{id}/entries")).expect(200).body;
    let entry = &entries["items"][0];
    assert_eq!(
        (&entry["holder"]["name"], &entry["holder"]["uscc"], &entry["distinct_holder"]),
        (&json!("大庆盛源建材有限公司"), &json!("91330100799655058B"), &json!("委托生产"))
    );
}

#[test]
fn what_is_the_enterprises_own_needs_no_reason_and_takes_none() {
    let story = Story::begin();
    let parties = [
        json!({ "holder": { "name": "集团公司" }, "factory": { "name": "大庆示例门窗有限公司" } }),
        json!({ "holder": { "name": "大庆示例门窗 有限公司" } }),
        json!({ "holder": { "name": "集团公司" }, "manufacturer": { "name": "大庆示例门窗有限公司" } }),
    ];
    for (index, parties) in parties.iter().enumerate() {
        let product = story.product(&format!("窗{index}"));
        let certificate = story.body.put(&address(BODY, &format!("CABR-{index}")), &held_by(parties)).expect(201).id();

        assert_eq!(
            fault(claim(&story.body, &product, &certificate, Some("多余"))),
            at("/distinct_holder", "not-allowed")
        );
        assert_eq!(claim(&story.enterprise, &product, &certificate, None).expect(201).body["status"], "proposed");
    }
}

#[test]
fn two_factories_must_be_one() {
    let story = Story::begin();
    let there = story.server.organisation("大庆第一工厂", Role::Enterprise);
    let product = story.product("窗");
    let read = story.anybody.get(&format!("/v1/products/{product}")).expect(200);
    story
        .enterprise
        .patch(&format!("/v1/products/{product}"), read.header("etag"), &json!({ "factory": there }))
        .expect(200);
    let made = held_by(&json!({ "factory": { "name": "哈尔滨第二工厂" } }));
    let certificate = story.body.put(&address(BODY, NUMBER), &made).expect(201).id();

    assert_eq!(fault(claim(&story.enterprise, &product, &certificate, None)), at("/certificate", "holder-differs"));
    assert_eq!(fault(claim(&story.authority, &product, &certificate, None)), at("/distinct_holder", "required"));
}

#[test]
fn a_proposal_is_compared_again_when_it_is_confirmed() {
    let story = Story::begin();
    let (product, certificate) = (story.product("窗"), story.certificate(NUMBER));
    let proposed = claim(&story.enterprise, &product, &certificate, None).expect(201).id();
    story.body.put(&address(BODY, NUMBER), &held_by(&json!({ "holder": { "name": "另一公司" } }))).expect(200);
    let step = |step: &Value| story.body.post(&format!("/v1/evidence/{proposed}/transitions"), step);

    assert_eq!(fault(step(&json!({ "step": "confirm" }))), at("/distinct_holder", "required"));
    assert_eq!(
        fault(step(&json!({ "step": "reject", "distinct_holder": "无关" }))),
        at("/distinct_holder", "not-allowed")
    );
    let confirmed = step(&json!({ "step": "confirm", "distinct_holder": "证书转让中" })).expect(200);
    assert_eq!(confirmed.body["holder"]["name"], "另一公司");
}

#[test]
fn a_certificate_that_goes_to_another_firm_takes_its_listings_along() {
    let story = Story::begin();
    let (product, certificate) = (story.product("窗"), story.certificate(NUMBER));
    story.evidence(&product, &certificate);
    story.open_list();
    story.publish(&[&product]);
    let standing = || {
        let listing = story.anybody.get("/v1/listings").expect(200).body["items"][0].clone();
        json!([listing["status"], listing.get("ground")])
    };

    story.body.put(&address(BODY, NUMBER), &held_by(&json!({ "holder": { "name": "另一公司" } }))).expect(200);
    assert_eq!(verdict(&story, &product), json!(["not_eligible", "holder_changed"]));
    assert_eq!(standing(), json!(["suspended", "holder_changed"]));
    let draft = json!({ "title": "第二批", "products": [product] });
    story.authority.post(&format!("/v1/lists/{LIST}/publications"), &draft).problem(409, "not-eligible");

    story.body.put(&address(BODY, NUMBER), &record()).expect(200);
    assert_eq!(verdict(&story, &product), json!(["eligible", "certificate_valid"]));
    assert_eq!(standing(), json!(["listed", null]));
}

#[test]
fn a_draft_of_others_cannot_be_felt_out_by_a_dry_run() {
    let story = Story::begin();
    let other = story.server.organisation("另一门窗厂", Role::Enterprise);
    let other = story.server.client(other, "other-1", ALL_SCOPES);
    let secret = json!({ "name": "秘密", "kind": "gbm-10", "models": ["SECRETMODEL"] });
    let draft = other.post("/v1/products", &secret).expect(201).id();
    let certificate = story.certificate(NUMBER);
    let try_it = |product: &str| {
        let claim = json!({ "product": product, "certificate": certificate });
        let answer = story.body.post("/v1/evidence?validate_only=true", &claim).problem(422, "invalid");
        answer.body["errors"].clone()
    };

    assert_eq!(try_it(&draft), try_it("prod_01900000-0000-7000-8000-00000000000f"));
}
