//! Lists: drafted by one holder, approved by another, numbered, signed, and followed by listings.

use lvcai_tests::{ALL_SCOPES, Answer, BODY, Client, LIST, Story, address, record};
use serde_json::{Value, json};

/// A product that qualifies, with its certificate.
fn qualified(story: &Story, number: &str) -> (String, String) {
    let (product, certificate) = (story.product(&format!("窗 {number}")), story.certificate(number));
    story.evidence(&product, &certificate);
    (product, certificate)
}

fn publications() -> String {
    format!("/v1/lists/{LIST}/publications")
}

fn draft(story: &Story, products: &[&str]) -> Answer {
    story.authority.post(
        &publications(),
        &json!({ "title": "第一批", "authority_document": "庆工信发〔2026〕1号", "products": products }),
    )
}

fn step(client: &Client, publication: &str, step: &str) -> Answer {
    client.post(&format!("{}/{publication}/transitions", publications()), &json!({ "step": step }))
}

#[test]
fn a_list_is_opened_by_an_authority_once() {
    let story = Story::begin();
    let new = json!({ "id": LIST, "title": "大庆市绿色建材产品信息", "purpose": "product_list" });

    let opened = story.authority.post("/v1/lists", &new).expect(201);

    assert_eq!(opened.header("location"), format!("/v1/lists/{LIST}"));
    assert_eq!(story.anybody.get(&format!("/v1/lists/{LIST}")).expect(200).text, opened.text);
    assert_eq!(opened.body["publisher"], story.authority.organisation.unwrap().to_string());
    story.authority.post("/v1/lists", &new).problem(409, "conflict");
    for empty in ["standing", "publications"] {
        assert_eq!(story.anybody.get(&format!("/v1/lists/{LIST}/{empty}")).expect(200).body["items"], json!([]));
        story.anybody.get(&format!("/v1/lists/no-such-list/{empty}")).problem(404, "not-found");
    }
}

#[test]
fn two_holders_publish_a_numbered_list() {
    let story = Story::begin();
    let (product, certificate) = qualified(&story, "CABR-1");
    story.open_list();

    let drafted = draft(&story, &[&product]).expect(201);
    let id = drafted.id();
    assert_eq!(
        (drafted.body["status"].as_str(), drafted.header("location")),
        (Some("draft"), format!("{}/{id}", publications()).as_str())
    );
    step(&story.authority, &id, "approve").problem(403, "second-holder-required");
    let legal =
        step(&story.authority, &id, "publish").problem(409, "illegal-step").body["errors"][0]["allowed"].clone();
    let approved = step(&story.second, &id, "approve").expect(200);
    let published = step(&story.authority, &id, "publish").expect(200);

    assert_eq!(legal, json!(["approve", "cancel"]));
    assert_eq!((approved.body["status"].as_str(), approved.body.get("number")), (Some("approved"), None));
    assert_eq!((published.body["status"].as_str(), published.body["number"].as_i64()), (Some("published"), Some(1)));
    assert_eq!(published.body["published_on"], "2026-03-02");
    let by = |it: &Client| it.id.unwrap().to_string();
    assert_eq!(
        (&published.body["drafted_by"]["client"], &published.body["approved_by"]["client"]),
        (&json!(by(&story.authority)), &json!(by(&story.second)))
    );
    assert_eq!(story.anybody.get(&format!("{}/1", publications())).expect(200).text, published.text);
    assert_eq!(story.anybody.get(&format!("{}/{id}", publications())).expect(200).text, published.text);
    let current = story.anybody.get(&format!("/v1/lists/{LIST}/standing")).expect(200).body["items"].clone();
    assert_eq!(
        (&current[0]["product"], &current[0]["publication_number"], &current[0]["status"]),
        (&json!(product), &json!(1), &json!("listed"))
    );
    let entry = story.anybody.get(&format!("{}/1/entries", publications())).expect(200).body["items"][0].clone();
    assert_eq!(
        (&entry["product"], &entry["certificate"], &entry["position"]),
        (&json!(product), &json!(certificate), &json!(1))
    );
    let versions = story.anybody.get(&format!("{}/1/versions", publications())).expect(200).body["items"].clone();
    assert_eq!(versions.as_array().unwrap().len(), 1, "draft and approval stay private");
    assert_eq!(versions[0]["authority_document"], "庆工信发〔2026〕1号");
}

#[test]
fn two_clients_of_one_holder_are_one_holder() {
    let story = Story::begin();
    let (product, _) = qualified(&story, "CABR-1");
    story.open_list();
    let id = draft(&story, &[&product]).expect(201).id();

    for holder in ["bureau-1", "Bureau-1 ", "ｂｕｒｅａｕ－１"] {
        let twin = story.server.client(story.authority.organisation.unwrap(), holder, ALL_SCOPES);
        step(&twin, &id, "approve").problem(403, "second-holder-required");
    }
    step(&story.second, &id, "approve").expect(200);
}

#[test]
fn a_draft_is_private_whatever_the_cut() {
    let story = Story::begin();
    let (product, _) = qualified(&story, "CABR-1");
    story.open_list();
    let opened = story.anybody.get("/v1/lists").expect(200).seq();
    let id = draft(&story, &[&product]).expect(201).id();
    let unseen = |at: &str| {
        let address = format!("{}/{id}", publications());
        for outsider in [&story.anybody, &story.enterprise, &story.body] {
            for part in ["", "/entries", "/versions", "/document"] {
                outsider.get(&format!("{address}{part}{at}")).problem(404, "not-found");
            }
            let listed = outsider.get(&format!("{}{at}", publications())).expect(200);
            assert_eq!(listed.body["items"], json!([]));
            outsider.get(&format!("{}/1{at}", publications())).problem(404, "not-found");
        }
    };

    unseen("");
    step(&story.second, &id, "approve").expect(200);
    unseen("");
    let before = story.anybody.get("/v1/lists").expect(200).seq();
    step(&story.authority, &id, "publish").expect(200);

    for cut in opened..=before {
        unseen(&format!("?as_of={cut}"));
    }
    let insider = story.second.get(&format!("{}/{id}?as_of={before}", publications())).expect(200);
    assert_eq!(insider.body["status"], "approved");
    assert_eq!(
        story.authority.get(&format!("{}/{id}/versions", publications())).expect(200).body["items"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

#[test]
fn publications_are_numbered_without_gaps_and_never_change() {
    let story = Story::begin();
    let (first, _) = qualified(&story, "CABR-1");
    let (second, _) = qualified(&story, "CABR-2");
    story.open_list();
    let one = story.publish(&[&first]);
    let given_up = draft(&story, &[&second]).expect(201).id();
    step(&story.authority, &given_up, "cancel").expect(200);

    let (two, three) = (story.publish(&[&second]), story.publish(&[&first, &second]));

    assert_eq!([&one["number"], &two["number"], &three["number"]], [&json!(1), &json!(2), &json!(3)]);
    let id = one["id"].as_str().unwrap();
    for name in ["approve", "publish", "cancel"] {
        let answer = step(&story.second, id, name).problem(409, "illegal-step");
        assert_eq!(answer.body["errors"][0].get("allowed"), None);
        step(&story.second, &given_up, name).problem(409, "illegal-step");
    }
    let listing = story.anybody.get(&format!("/v1/listings?product={first}")).expect(200).body["items"].clone();
    assert_eq!(
        (listing.as_array().unwrap().len(), &listing[0]["publication_number"]),
        (1, &json!(3)),
        "one standing, listed anew"
    );
    assert_eq!(story.anybody.get(&format!("{}/1", publications())).expect(200).body, one);
    story.anybody.get(&format!("{}/4", publications())).problem(404, "not-found");
    let numbers = story.anybody.get(&publications()).expect(200).body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["number"].clone())
        .collect::<Vec<_>>();
    assert_eq!(numbers, [json!(3), json!(2), json!(1)]);
}

#[test]
fn a_product_that_does_not_qualify_is_refused_by_its_place() {
    let story = Story::begin();
    let (good, _) = qualified(&story, "CABR-1");
    let (bad, certificate) = qualified(&story, "CABR-2");
    story.step(&certificate, &json!({ "step": "suspend", "reason": "0203" })).expect(200);
    let bare = story.product("没有证据的窗");
    story.open_list();

    let answer = draft(&story, &[&good, &bad, &bare, &good]).problem(409, "not-eligible");

    let pointers: Vec<_> =
        answer.body["errors"].as_array().unwrap().iter().map(|it| it["source"]["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/products/1", "/products/2", "/products/3"]);
    let said = |place: usize, member: &str| answer.body["errors"][place][member].as_str().unwrap().to_owned();
    assert!(said(0, "detail").contains("暂停") && said(0, "fix").contains("状态 01"), "{}", answer.text);
    assert!(
        said(1, "detail").contains("没有经确认的证据") && said(1, "fix").contains("/v1/evidence"),
        "{}",
        answer.text
    );
    assert!(said(2, "detail").contains("不止一次"), "{}", answer.text);
    let nothing = json!({ "title": "x", "filter": { "kind": "gbm-10" } });
    story.authority.post(&publications(), &nothing).problem(409, "not-eligible");
}

#[test]
fn a_filter_takes_all_that_qualify() {
    let story = Story::begin();
    let (first, _) = qualified(&story, "CABR-1");
    let (second, _) = qualified(&story, "CABR-2");
    story.product("没有证据的窗");
    story.open_list();
    let filtered = |filter: Value| {
        let drafted = story.authority.post(&publications(), &json!({ "title": "x", "filter": filter })).expect(201);
        let entries = story.authority.get(&format!("{}/{}/entries", publications(), drafted.id())).expect(200).body;
        let products: Vec<Value> =
            entries["items"].as_array().unwrap().iter().map(|it| it["product"].clone()).collect();
        products
    };

    assert_eq!(
        filtered(json!({ "kind": "gbm-09", "star_min": 3, "scheme": "star_certification" })),
        [json!(first), json!(second)]
    );
    assert_eq!(filtered(json!({})), [json!(first), json!(second)]);
}

#[test]
fn what_stopped_holding_after_the_draft_is_not_published() {
    let story = Story::begin();
    let (product, certificate) = qualified(&story, "CABR-1");
    story.open_list();
    let id = draft(&story, &[&product]).expect(201).id();
    step(&story.second, &id, "approve").expect(200);
    story.step(&certificate, &json!({ "step": "suspend", "reason": "0203" })).expect(200);

    let refused = step(&story.authority, &id, "publish").problem(409, "not-eligible");

    assert_eq!(refused.body["errors"][0]["source"]["pointer"], "/entries/0");
    assert_eq!(story.anybody.get("/v1/listings").expect(200).body["items"], json!([]));
    story.step(&certificate, &json!({ "step": "restore" })).expect(200);
    assert_eq!(step(&story.authority, &id, "publish").expect(200).body["number"], 1);
}

#[test]
fn what_was_approved_is_published_or_nothing() {
    let story = Story::begin();
    let (product, _) = qualified(&story, "CABR-1");
    story.open_list();
    let id = draft(&story, &[&product]).expect(201).id();
    step(&story.second, &id, "approve").expect(200);
    let mut downgraded = record();
    downgraded["star"] = json!(2);
    story.body.put(&address(BODY, "CABR-1"), &downgraded).expect(200);

    step(&story.authority, &id, "publish").problem(409, "not-eligible");

    step(&story.authority, &id, "cancel").expect(200);
    assert_eq!(story.publish(&[&product])["number"], 1);
}

#[test]
fn what_expired_after_the_draft_is_not_published() {
    let story = Story::begin();
    let (product, _) = qualified(&story, "CABR-1");
    story.open_list();
    let id = draft(&story, &[&product]).expect(201).id();
    step(&story.second, &id, "approve").expect(200);

    story.server.at("2030-06-04T16:00:00Z");

    step(&story.authority, &id, "publish").problem(409, "not-eligible");
}

#[test]
fn the_document_of_a_publication_is_verified_by_anybody() {
    let story = Story::begin();
    let (product, _) = qualified(&story, "CABR-1");
    story.open_list();
    let published = story.publish(&[&product]);
    let address = format!("{}/1/document", publications());

    let (document, keys) =
        (story.anybody.get(&address).expect(200), story.anybody.get("/.well-known/jwks.json").expect(200));

    assert_eq!(document.header("content-type"), "application/jose+json");
    let ours: lvcai_trust::Jwks = serde_json::from_str(&keys.text).unwrap();
    let verified = lvcai_trust::verify_document(&document.text, &ours).unwrap();
    // The three parts in a row are a compact JWS, which any library verifies.
    let part = |name: &str| document.body[name].as_str().unwrap().to_owned();
    let compact = [part("protected"), part("payload"), part("signature")].join(".");
    let theirs: jsonwebtoken::jwk::JwkSet = serde_json::from_str(&keys.text).unwrap();
    let header = jsonwebtoken::decode_header(&compact).unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(theirs.find(header.kid.as_deref().unwrap()).unwrap()).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    let payload = jsonwebtoken::decode::<Value>(&compact, &key, &validation).unwrap().claims;
    assert_eq!((header.typ.as_deref(), verified.key.kid), (Some("lvcai-publication+json"), header.kid.clone()));
    assert_eq!(serde_json::from_str::<Value>(&verified.payload).unwrap(), payload);
    assert_eq!((&payload["publication"], payload["issuer"].as_str()), (&published, Some(lvcai_tests::ISSUER)));
    let entries = story.anybody.get(&format!("{}/1/entries", publications())).expect(200).body["items"].clone();
    assert_eq!(payload["entries"], entries);
    let digest = lvcai_trust::Digest::of(lvcai_trust::canonical(&entries).unwrap().as_bytes()).to_string();
    assert_eq!(published["entries_sha256"], digest);
    let changed = document.text.replace(&part("payload")[..8], "AAAAAAAA");
    assert!(lvcai_trust::verify_document(&changed, &ours).is_err());
    let again = story.anybody.send("GET", &address, &[("if-none-match", document.header("etag"))], None);
    assert_eq!(again.status, 304);
}

#[test]
fn entries_are_read_page_by_page() {
    let story = Story::begin();
    let products: Vec<String> = (0..5).map(|it| qualified(&story, &format!("CABR-{it}")).0).collect();
    story.open_list();
    let order: Vec<&str> = [3, 1, 4, 0, 2].iter().map(|it: &usize| products[*it].as_str()).collect();
    story.publish(&order);

    let mut seen = Vec::new();
    let mut address = format!("{}/1/entries?limit=2", publications());
    loop {
        let page = story.anybody.get(&address).expect(200).body;
        seen.extend(page["items"].as_array().unwrap().iter().map(|it| (it["position"].clone(), it["product"].clone())));
        let Some(next) = page["page"]["next"].as_str() else { break };
        address = format!("{}/1/entries?limit=2&cursor={next}", publications());
    }

    let expected: Vec<_> = order.iter().zip(1..).map(|(product, position)| (json!(position), json!(product))).collect();
    assert_eq!(seen, expected, "in the order in which they were named");
}
