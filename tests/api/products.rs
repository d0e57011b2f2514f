//! Products: private drafts, admission, amendments, keys of repeats, dry runs.

mod frequent_terms;
mod search;
mod typed;

use lvcai_domain::Role;
use lvcai_tests::{ALL_SCOPES, Client, Story};
use serde_json::{Value, json};

fn window(name: &str) -> Value {
    json!({ "name": name, "kind": "gbm-09", "models": ["65系列"] })
}

/// A client of another enterprise.
fn rival(story: &Story) -> Client {
    story.server.client(story.server.organisation("另一门窗有限公司", Role::Enterprise), "rival", ALL_SCOPES)
}

#[test]
fn a_draft_is_seen_by_its_enterprise_and_the_authority_alone() {
    let story = Story::begin();
    let rival = rival(&story);

    let drafted = story.enterprise.post("/v1/products", &window("内平开窗")).expect(201);

    let address = drafted.header("location");
    assert_eq!(
        (drafted.body["status"].as_str(), address),
        (Some("draft"), format!("/v1/products/{}", drafted.id()).as_str())
    );
    for insider in [&story.enterprise, &story.authority] {
        assert_eq!(insider.get(address).expect(200).text, drafted.text);
        assert_eq!(insider.get("/v1/products?status=draft").expect(200).body["items"][0]["id"], drafted.body["id"]);
        insider.get(&format!("{address}/versions")).expect(200);
    }
    for outsider in [&story.anybody, &rival, &story.body] {
        outsider.get(address).problem(404, "not-found");
        outsider.get(&format!("{address}/versions")).problem(404, "not-found");
        for query in ["", "?status=draft", "?kind=gbm-09", "?q=%E5%B9%B3%E5%BC%80"] {
            assert_eq!(outsider.get(&format!("/v1/products{query}")).expect(200).body["items"], json!([]), "{query}");
        }
    }
}

#[test]
fn admission_makes_a_product_public_from_its_own_cut_on() {
    let story = Story::begin();
    let drafted = story.enterprise.post("/v1/products", &window("内平开窗")).expect(201);
    let address = format!("/v1/products/{}", drafted.id());
    let before = drafted.seq();

    let admitted = story.authority.post(&format!("{address}/transitions"), &json!({ "step": "admit" })).expect(200);

    assert_eq!(admitted.body["status"], "admitted");
    assert_eq!(story.anybody.get(&address).expect(200).text, admitted.text);
    story.anybody.get(&format!("{address}?as_of={before}")).problem(404, "not-found");
    assert_eq!(story.anybody.get(&format!("/v1/products?as_of={before}")).expect(200).body["items"], json!([]));
    assert_eq!(story.enterprise.get(&format!("{address}?as_of={before}")).expect(200).body["status"], "draft");
    let versions = |client: &Client| {
        client.get(&format!("{address}/versions")).expect(200).body["items"].as_array().unwrap().len()
    };
    assert_eq!((versions(&story.anybody), versions(&story.enterprise)), (1, 2), "the draft stays private");
}

#[test]
fn a_product_is_admitted_once_and_by_the_authority() {
    let story = Story::begin();
    let id = story.enterprise.post("/v1/products", &window("内平开窗")).expect(201).id();
    let steps = format!("/v1/products/{id}/transitions");

    story.enterprise.post(&steps, &json!({ "step": "admit" })).problem(403, "forbidden");
    story.body.post(&steps, &json!({ "step": "admit" })).problem(403, "forbidden");
    story.authority.post(&steps, &json!({ "step": "admit" })).expect(200);

    story.authority.post(&steps, &json!({ "step": "admit" })).problem(409, "illegal-step");
}

#[test]
fn a_product_is_amended_by_its_enterprise_with_the_etag_it_read() {
    let story = Story::begin();
    let address = format!("/v1/products/{}", story.product("内平开窗"));
    let read = story.enterprise.get(&address).expect(200);
    story.enterprise.send("PATCH", &address, &[], Some(b"{}")).problem(428, "precondition-required");

    let amended = story
        .enterprise
        .patch(&address, read.header("etag"), &json!({ "trademark": "示例", "models": null }))
        .expect(200);

    assert_eq!((amended.body["trademark"].as_str(), amended.body.get("models")), (Some("示例"), None));
    assert_eq!((amended.body["status"].as_str(), amended.body["name"].as_str()), (Some("admitted"), Some("内平开窗")));
    let stale = story
        .enterprise
        .patch(&address, read.header("etag"), &json!({ "name": "x" }))
        .problem(412, "precondition-failed");
    assert!(stale.body["detail"].as_str().unwrap().contains(amended.header("etag")));
    for (field, value) in
        [("status", json!("draft")), ("id", json!("x")), ("sample", json!(true)), ("record_source", json!("body"))]
    {
        let refused = story.enterprise.patch(&address, "*", &json!({ field: value })).problem(422, "invalid");
        assert_eq!(refused.body["errors"][0]["rule"], "unknown-field", "{}", refused.text);
    }
    let given_away = json!({ "enterprise": story.authority.organisation.unwrap() });
    assert_eq!(
        story.enterprise.patch(&address, "*", &given_away).problem(422, "invalid").body["errors"][0]["source"]["pointer"],
        "/enterprise"
    );
}

#[test]
fn a_product_names_only_what_exists() {
    let story = Story::begin();
    let missing = "org_01900000-0000-7000-8000-000000000009";
    let mut product = window("窗");
    (product["manufacturer"], product["factory"], product["kind"]) = (json!(missing), json!(missing), json!("gbm-99"));

    let answer = story.enterprise.post("/v1/products", &product).problem(422, "invalid");

    let pointers: Vec<_> =
        answer.body["errors"].as_array().unwrap().iter().map(|it| it["source"]["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/kind", "/manufacturer", "/factory"]);
    product = window("窗");
    product["enterprise"] = json!(missing);
    assert_eq!(
        story.authority.post("/v1/products", &product).problem(422, "invalid").body["errors"][0]["source"]["pointer"],
        "/enterprise"
    );
}

#[test]
fn indicators_are_kept_as_they_were_measured() {
    let story = Story::begin();
    let mut product = window("窗");
    product["indicators"] = json!([
        { "name": "传热系数", "value": "1.30", "unit": "W/(m²·K)" }, { "name": "气密", "value": "0.050", "unit": "m³/(m·h)", "method": "GB/T 7106-2019" }
    ]);

    let drafted = story.enterprise.post("/v1/products", &product).expect(201);

    assert_eq!(drafted.body["indicators"], product["indicators"]);
}

#[test]
fn a_repeat_of_a_request_is_answered_and_not_carried_out() {
    let story = Story::begin();
    let send = |client: &Client, key: &str, body: &Value| {
        client.send("POST", "/v1/products", &[("idempotency-key", key)], Some(body.to_string().as_bytes()))
    };
    let first = send(&story.enterprise, "key-1", &window("窗")).expect(201);

    let repeat = send(&story.enterprise, "\"key-1\"", &window("窗")).expect(201);

    assert_eq!((repeat.header("idempotency-replayed"), first.header("idempotency-replayed")), ("true", ""));
    assert_eq!(
        (&repeat.text, repeat.header("location"), repeat.header("etag")),
        (&first.text, first.header("location"), first.header("etag"))
    );
    assert_eq!(story.authority.get("/v1/products").expect(200).body["items"].as_array().unwrap().len(), 1);
    send(&story.enterprise, "key-1", &window("门")).problem(422, "idempotency-key-reused");
    let other = send(&rival(&story), "key-1", &window("窗")).expect(201);
    assert_ne!(other.id(), first.id(), "a key is its client's own");
    let elsewhere = json!({ "step": "admit" }).to_string();
    let path = format!("/v1/products/{}/transitions", first.id());
    send(&story.authority, "key-2", &window("窗")).expect(201);
    story
        .authority
        .send("POST", &path, &[("idempotency-key", "key-2")], Some(elsewhere.as_bytes()))
        .problem(422, "idempotency-key-reused");
}

#[test]
fn a_refused_request_may_be_repeated_with_its_key() {
    let story = Story::begin();
    let send = |body: &Value| {
        story.enterprise.send("POST", "/v1/products", &[("idempotency-key", "k")], Some(body.to_string().as_bytes()))
    };
    let mut wrong = window("窗");
    wrong["kind"] = json!("gbm-99");
    send(&wrong).problem(422, "invalid");

    let right = send(&window("窗"));

    right.expect(201);
}

#[test]
fn a_dry_run_answers_and_changes_nothing() {
    let story = Story::begin();
    let id = story.product("窗");
    let before = story.authority.get("/v1/products").expect(200);
    let dry = |client: &Client, method: &str, path: &str, headers: &[(&str, &str)], body: Value| {
        let headers = [&[("idempotency-key", "dry")], headers].concat();
        client.send(method, &format!("{path}?validate_only=true"), &headers, Some(body.to_string().as_bytes()))
    };
    let (product, steps) = (format!("/v1/products/{id}"), format!("/v1/products/{id}/transitions"));
    let any = [("if-match", "*")];

    let drafted = dry(&story.enterprise, "POST", "/v1/products", &[], window("门"));
    let amended = dry(&story.enterprise, "PATCH", &product, &any, json!({ "name": "大窗" }));
    let admitted = dry(&story.authority, "POST", &steps, &any, json!({ "step": "admit" }));

    let drafted = drafted.expect(200);
    assert_eq!(
        (drafted.header("registry-validated-only"), drafted.header("location"), drafted.header("etag")),
        ("true", "", "")
    );
    assert_eq!((drafted.body["name"].as_str(), drafted.body["status"].as_str()), (Some("门"), Some("draft")));
    assert_eq!(amended.expect(200).body["name"], "大窗");
    admitted.problem(409, "illegal-step");
    let after = story.authority.get("/v1/products").expect(200);
    assert_eq!((&after.text, after.header("registry-seq")), (&before.text, before.header("registry-seq")));
    let real = story.enterprise.send(
        "POST",
        "/v1/products",
        &[("idempotency-key", "dry")],
        Some(window("门").to_string().as_bytes()),
    );
    assert_eq!(real.expect(201).header("idempotency-replayed"), "", "a dry run keeps no key");
}

#[test]
fn products_are_listed_by_page_while_the_registry_grows() {
    let story = Story::begin();
    let ids: Vec<String> = (0..5).map(|it| story.product(&format!("窗{it}"))).collect();

    let first = story.anybody.get("/v1/products?limit=2").expect(200);
    story.product("后来的窗");
    let mut seen: Vec<String> = Vec::new();
    let mut page = first;
    loop {
        seen.extend(page.body["items"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()));
        let Some(next) = page.body["page"]["next"].as_str() else { break };
        let link = format!("/v1/products?limit=2&cursor={next}");
        assert_eq!(page.header("link"), format!("<{link}>; rel=\"next\""));
        page = story.anybody.get(&link).expect(200);
    }

    let newest_first: Vec<String> = ids.into_iter().rev().collect();
    assert_eq!(seen, newest_first, "no page skips or repeats, and none shows what came later");
    assert_eq!(page.header("link"), "");
}

#[test]
fn a_product_of_a_list_stands_there_until_its_evidence_ends() {
    let story = Story::begin();
    let (product, certificate) = (story.product("窗"), story.certificate("CABR-1"));
    story.evidence(&product, &certificate);
    story.open_list();
    story.publish(&[&product]);
    let count = |query: &str| {
        story.anybody.get(&format!("/v1/products?{query}")).expect(200).body["items"].as_array().unwrap().len()
    };

    assert_eq!((count("listed_in=green-building-materials"), count("star_min=3")), (1, 1));
    story.step(&certificate, &json!({ "step": "suspend", "reason": "0203" })).expect(200);

    assert_eq!(count("listed_in=green-building-materials"), 0);
    story.step(&certificate, &json!({ "step": "restore" })).expect(200);
    assert_eq!(count("listed_in=green-building-materials"), 1);
    story.server.at("2030-06-04T16:00:00Z");
    assert_eq!(count("listed_in=green-building-materials"), 0, "its last day has passed");
}

#[test]
fn a_merge_patch_names_a_field_once() {
    let story = Story::begin();
    let path = format!("/v1/products/{}", story.product("65系列内平开塑料窗"));
    let patch = |body: &str| {
        let headers = [("if-match", "*"), ("content-type", "application/merge-patch+json")];
        story.enterprise.send("PATCH", &path, &headers, Some(body.as_bytes()))
    };
    let refused = |body: &str, pointer: &str| {
        let fault = patch(body).problem(422, "invalid").body["errors"][0].clone();
        assert_eq!((&fault["source"]["pointer"], &fault["rule"]), (&json!(pointer), &json!("duplicate")), "{body}");
    };

    refused(r#"{"name":"甲","name":"乙"}"#, "/name");
    refused(r#"{"trademark":null,"name":"甲","trademark":"乙"}"#, "/trademark");
    let twice = r#"{"indicators":[{"name":"传热系数","value":"1.3","value":"1.4","unit":"W"}]}"#;
    refused(twice, "/indicators/0/value");
    patch(r#"{"name":"甲","indicators":[{"name":"传热系数","value":"1.3","unit":"W"}]}"#).expect(200);
}

#[test]
fn a_record_says_whether_the_enterprise_or_the_authority_states_it() {
    let story = Story::begin();
    let product = json!({ "name": "窗", "kind": "gbm-09", "enterprise": story.enterprise.organisation.unwrap() });

    let own = story.enterprise.post("/v1/products", &product).expect(201);
    let theirs = story.authority.post("/v1/products", &product).expect(201);
    let address = format!("/v1/products/{}", own.id());
    let same = story.authority.patch(&address, own.header("etag"), &json!({ "name": "窗" })).expect(200);
    assert_eq!((&same.text, same.header("registry-version")), (&own.text, "1"), "who repeats it states nothing new");
    let amended = story.authority.patch(&address, own.header("etag"), &json!({ "name": "门" })).expect(200);

    let source = |answer: &lvcai_tests::Answer| answer.body["record_source"].clone();
    assert_eq!([source(&own), source(&theirs), source(&amended)], ["enterprise", "authority", "authority"]);
}
