//! Listings: what stands in a list between two publications.

use lvcai_tests::{LIST, Story};
use serde_json::{Value, json};

/// A product that qualifies, with its certificate.
fn qualified(story: &Story, number: &str) -> (String, String) {
    let (product, certificate) = (story.product(&format!("窗 {number}")), story.certificate(number));
    story.evidence(&product, &certificate);
    (product, certificate)
}

/// The standing of the one listing, with its ground.
fn standing(story: &Story) -> Value {
    let listing = story.anybody.get("/v1/listings").expect(200).body["items"][0].clone();
    json!([listing["status"], listing.get("ground")])
}

#[test]
fn a_listing_follows_its_certificate_in_the_same_command() {
    let story = Story::begin();
    let (product, certificate) = qualified(&story, "CABR-1");
    story.open_list();
    story.publish(&[&product]);
    let current =
        || story.anybody.get(&format!("/v1/lists/{LIST}/standing")).expect(200).body["items"].as_array().unwrap().len();

    story.step(&certificate, &json!({ "step": "suspend", "reason": "0203" })).expect(200);
    assert_eq!((standing(&story), current()), (json!(["suspended", "certificate_suspended"]), 0));
    story.step(&certificate, &json!({ "step": "restore" })).expect(200);
    assert_eq!((standing(&story), current()), (json!(["listed", null]), 1));
    story.step(&certificate, &json!({ "step": "withdraw", "reason": "0209" })).expect(200);

    assert_eq!((standing(&story), current()), (json!(["removed", "certificate_withdrawn"]), 0));
    let listing = story.anybody.get("/v1/listings").expect(200).body["items"][0]["id"].as_str().unwrap().to_owned();
    let versions = story.anybody.get(&format!("/v1/listings/{listing}/versions")).expect(200).body["items"].clone();
    let certificates =
        story.anybody.get(&format!("/v1/certificates/{certificate}/versions")).expect(200).body["items"].clone();
    for index in 0..3 {
        assert_eq!(versions[index]["command"], certificates[index]["command"], "one command");
        assert_eq!(versions[index]["seq"].as_i64(), certificates[index]["seq"].as_i64().map(|it| it + 1));
    }
}

#[test]
fn a_listing_stands_while_one_of_its_evidences_does() {
    let story = Story::begin();
    let (product, first) = qualified(&story, "CABR-1");
    let second = story.certificate("CABR-2");
    let evidence = story.evidence(&product, &second);
    story.open_list();
    story.publish(&[&product]);
    let suspend = json!({ "step": "suspend", "reason": "0203" });

    story.step(&first, &suspend).expect(200);
    assert_eq!(standing(&story), json!(["listed", null]));
    story.step(&second, &suspend).expect(200);
    assert_eq!(standing(&story), json!(["suspended", "certificate_suspended"]));
    story.step(&first, &json!({ "step": "restore" })).expect(200);
    assert_eq!(standing(&story), json!(["listed", null]));
    story.step(&first, &json!({ "step": "cancel", "reason": "0204" })).expect(200);
    assert_eq!(standing(&story), json!(["suspended", "certificate_suspended"]), "one may still come back");
    let ended = story.body.post(&format!("/v1/evidence/{evidence}/transitions"), &json!({ "step": "end" })).expect(200);

    assert_eq!(ended.body["status"], "ended");
    assert_eq!(standing(&story)[0], "removed");
}

#[test]
fn a_removed_product_is_listed_again_only_by_a_publication() {
    let story = Story::begin();
    let (product, certificate) = qualified(&story, "CABR-1");
    story.open_list();
    story.publish(&[&product]);
    story.step(&certificate, &json!({ "step": "withdraw", "reason": "0209" })).expect(200);
    let anew = story.certificate("CABR-2");
    story.evidence(&product, &anew);
    assert_eq!(standing(&story)[0], "removed");

    story.publish(&[&product]);

    let listings =
        story.anybody.get(&format!("/v1/listings?product={product}&status=listed")).expect(200).body["items"].clone();
    assert_eq!((listings.as_array().unwrap().len(), &listings[0]["publication_number"]), (1, &json!(2)));
    let verdict = story.verdict(&json!({ "basis": "listing", "list": LIST, "items": [{ "product": product }] }));
    assert_eq!((verdict["eligibility"].as_str(), verdict["publication_number"].as_i64()), (Some("eligible"), Some(2)));
}

#[test]
fn no_cut_shows_a_certificate_without_the_listings_that_rest_on_it() {
    let story = Story::begin();
    let (first, certificate) = qualified(&story, "CABR-1");
    let second = story.product("另一扇窗");
    story.evidence(&second, &certificate);
    story.open_list();
    story.publish(&[&first, &second]);
    let published = story.anybody.get("/v1/lists").expect(200).seq();
    for step in ["suspend", "restore", "suspend", "cancel"] {
        let why = if step == "restore" { json!({ "step": step }) } else { json!({ "step": step, "reason": "0201" }) };
        story.step(&certificate, &why).expect(200);
    }
    let head = story.anybody.get("/v1/lists").expect(200).seq();
    assert_eq!(head, published + 4 * 3, "each step is one entry for the certificate and one for each listing");

    let mut seen = Vec::new();
    for seq in published..=head {
        let certificate = story.anybody.get(&format!("/v1/certificates/{certificate}?as_of={seq}")).expect(200);
        let listings = story.anybody.get(&format!("/v1/listings?as_of={seq}")).expect(200);
        assert_eq!(certificate.seq(), listings.seq());
        assert_eq!((certificate.seq() - published) % 3, 0, "{seq} is read at the last whole command");
        let standings: Vec<_> = listings.body["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["status"].as_str().unwrap().to_owned())
            .collect();
        let expected = match certificate.body["reported_status"].as_str().unwrap() {
            "01" => "listed",
            "02" => "suspended",
            _ => "removed",
        };
        assert_eq!(standings, [expected, expected], "as of {seq}");
        seen.push(certificate.body["reported_status"].as_str().unwrap().to_owned());
    }

    seen.dedup();
    assert_eq!(seen, ["01", "02", "01", "02", "04"]);
}

#[test]
fn a_listing_follows_an_amendment_that_leaves_its_evidence_behind() {
    let story = Story::begin();
    let (product, _) = qualified(&story, "CABR-1");
    story.open_list();
    story.publish(&[&product]);
    let amend = |models: Value| {
        story.enterprise.patch(&format!("/v1/products/{product}"), "*", &json!({ "models": models })).expect(200)
    };

    amend(json!(["65系列", "80系列"]));
    assert_eq!(standing(&story), json!(["suspended", "not_covered"]));
    amend(json!(["65系列"]));

    assert_eq!(standing(&story), json!(["listed", null]));
}

/// What the list, the search for products and a verdict say of a day, each by itself; all must say the same.
fn stands(story: &Story, product: &str, day: &str) -> bool {
    story.server.at(&format!("{day}T04:00:00Z"));
    let count = |path: &str| story.anybody.get(path).expect(200).body["items"].as_array().unwrap().len();
    let current = count(&format!("/v1/lists/{LIST}/standing"));
    assert_eq!(count(&format!("/v1/products?listed_in={LIST}")), current, "{day}");
    let verdict =
        story.verdict(&json!({ "basis": "listing", "list": LIST, "valid_on": day, "items": [{ "product": product }] }));
    assert_eq!(usize::from(verdict["eligibility"] == "eligible"), current, "{day}: {verdict}");
    current == 1
}

#[test]
fn a_scheduled_step_changes_a_list_on_its_day_and_not_before() {
    let story = Story::begin();
    let (product, certificate) = qualified(&story, "CABR-1");
    story.open_list();
    story.publish(&[&product]);

    let suspend = json!({ "step": "suspend", "reason": "0203", "effective_on": "2026-03-20" });
    story.step(&certificate, &suspend).expect(200);

    assert_eq!(standing(&story)[0], "listed", "the step is still to come");
    assert_eq!(
        ["2026-03-02", "2026-03-19", "2026-03-20"].map(|day| stands(&story, &product, day)),
        [true, true, false]
    );
}

#[test]
fn a_schedule_that_is_taken_back_leaves_a_list_as_it_was() {
    let story = Story::begin();
    let (product, certificate) = qualified(&story, "CABR-1");
    story.open_list();
    story.publish(&[&product]);
    let withdraw = json!({ "step": "withdraw", "reason": "0209", "effective_on": "2026-03-20" });
    story.step(&certificate, &withdraw).expect(200);

    story.step(&certificate, &json!({ "step": "correct", "status": "01", "note": "误报" })).expect(200);

    assert_eq!(["2026-03-02", "2026-03-20", "2026-04-20"].map(|day| stands(&story, &product, day)), [true, true, true]);
}

#[test]
fn a_listing_rests_on_what_holds_until_a_scheduled_step() {
    let story = Story::begin();
    let (product, first) = qualified(&story, "CABR-1");
    let second = story.certificate("CABR-2");
    story.evidence(&product, &second);
    story.open_list();
    story.publish(&[&product]);
    story.step(&first, &json!({ "step": "suspend", "reason": "0203", "effective_on": "2026-03-20" })).expect(200);

    story.step(&second, &json!({ "step": "withdraw", "reason": "0209" })).expect(200);

    assert_eq!(
        ["2026-03-02", "2026-03-19", "2026-03-20"].map(|day| stands(&story, &product, day)),
        [true, true, false]
    );
    assert_eq!(standing(&story), json!(["suspended", "certificate_suspended"]));
}

#[test]
fn what_is_published_before_a_scheduled_step_follows_it_on_its_day() {
    let story = Story::begin();
    let (product, certificate) = qualified(&story, "CABR-1");
    story.open_list();
    story.step(&certificate, &json!({ "step": "suspend", "reason": "0203", "effective_on": "2026-03-20" })).expect(200);

    story.publish(&[&product]);

    assert_eq!(
        ["2026-03-02", "2026-03-19", "2026-03-20"].map(|day| stands(&story, &product, day)),
        [true, true, false]
    );
}

#[test]
fn a_step_told_late_changes_a_listing_from_its_day() {
    let story = Story::begin();
    let (product, certificate) = qualified(&story, "CABR-1");
    story.open_list();
    story.publish(&[&product]);
    story.server.at("2026-03-20T04:00:00Z");

    story.step(&certificate, &json!({ "step": "suspend", "reason": "0203", "effective_on": "2026-03-10" })).expect(200);

    let on = |day: &str| {
        let question = json!({ "basis": "listing", "list": LIST, "valid_on": day, "items": [{ "product": product }] });
        story.verdict(&question)["eligibility"].clone()
    };
    assert_eq!((on("2026-03-09"), on("2026-03-10")), (json!("eligible"), json!("not_eligible")));
}
