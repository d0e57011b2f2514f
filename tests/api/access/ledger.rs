//! The ledger as the auditor reads it: who did what, by which client and request.

use lvcai_domain::Role;
use lvcai_tests::{BODY, Client, NUMBER, Story, record};
use lvcai_trust::Digest;
use serde_json::{Value, json};

fn auditor(story: &Story) -> Client {
    story.server.client(story.server.organisation("审计局", Role::Auditor), "auditor", "read:private")
}

fn entries(client: &Client, query: &str) -> Vec<Value> {
    client.get(&format!("/v1/ledger?limit=500{query}")).expect(200).body["items"].as_array().unwrap().clone()
}

fn events(client: &Client, query: &str) -> Vec<String> {
    entries(client, query).iter().map(|it| it["event"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_entry_tells_which_client_acted_by_which_request() {
    let story = Story::begin();
    let auditor = auditor(&story);
    let certificate = story.certificate(NUMBER);
    let headers = [("x-request-id", "suspend-7"), ("idempotency-key", "k")];
    let step = json!({ "step": "suspend", "reason": "0203" }).to_string();
    let address = format!("/v1/certificates/{certificate}/transitions");

    story.body.send("POST", &address, &headers, Some(step.as_bytes())).expect(200);

    let entry = &entries(&auditor, &format!("&subject={certificate}"))[0];
    assert_eq!(entry["event"], "certificate.suspended");
    assert_eq!(entry["actor"], story.body.organisation.unwrap().to_string());
    assert_eq!(entry["client"], story.body.id.unwrap().to_string());
    assert_eq!(entry["request_id"], "suspend-7");
    let by_operator = &entries(&auditor, "&actor=operator")[0];
    assert!(by_operator.get("client").is_none() && by_operator.get("request_id").is_none(), "{by_operator}");
}

#[test]
fn each_line_of_a_batch_tells_its_client_and_its_request() {
    let story = Story::begin();
    let mut line = record();
    line["number"] = "B-1".into();
    let address = format!("/v1/certification-bodies/{BODY}/certificates:batch");
    let headers = [("x-request-id", "nightly-1"), ("idempotency-key", "b"), ("content-type", "application/json")];

    story.body.send("POST", &address, &headers, Some(json!([line]).to_string().as_bytes())).expect(200);

    let entry = &entries(&story.authority, "&event=certificate.issued")[0];
    assert_eq!((&entry["client"], &entry["request_id"]), (&json!(story.body.id.unwrap()), &json!("nightly-1")));
}

#[test]
fn what_is_private_is_told_and_its_envelope_hides_it() {
    let story = Story::begin();
    let draft = story.enterprise.post("/v1/products", &json!({ "name": "草案", "kind": "gbm-09" })).expect(201).id();

    let entry = &entries(&story.authority, "&event=product.drafted")[0];

    assert_eq!(entry["subject"], draft);
    let envelope = entry["envelope"].as_str().unwrap();
    assert!(envelope.contains("private.recorded") && !envelope.contains(&draft), "{envelope}");
    assert_eq!(entry["leaf_sha256"], Digest::leaf(envelope.as_bytes()).to_string());
    assert_eq!(entry["nonce"].as_str().unwrap().len(), 32);
}

#[test]
fn entries_are_found_by_who_what_and_when() {
    let story = Story::begin();
    story.server.at("2026-11-21T16:30:00Z");
    let product = story.product("65系列内平开塑料窗");
    story.server.at("2026-11-22T16:30:00Z");
    let certificate = story.certificate(NUMBER);
    let of = |query: &str| events(&story.authority, query);
    let own = |client: &Client| format!("&client_id={}", client.id.unwrap());

    assert_eq!(of(&own(&story.enterprise)), ["product.drafted"]);
    assert_eq!(of(&format!("&subject={product}")), ["product.admitted", "product.drafted"]);
    assert_eq!(of(&format!("&subject={certificate}&event=product.admitted")), Vec::<String>::new());
    assert_eq!(of(&format!("&actor={}", story.body.organisation.unwrap())), ["certificate.issued"]);
    assert_eq!(of("&from=2026-11-23"), ["certificate.issued"], "a day begins at midnight in Shanghai");
    assert_eq!(of("&from=2026-11-22&until=2026-11-22"), ["product.admitted", "product.drafted"]);
    assert_eq!(of("&from=2026-11-22T16:30:00Z"), ["certificate.issued"], "from an instant on");
    assert_eq!(of("&from=2026-11-21T16:30:00Z&until=2026-11-22T16:30:00Z").len(), 2, "up to an instant");
    let first = story.authority.get("/v1/ledger?limit=1").expect(200).body;
    let next = story.authority.get(&format!("/v1/ledger?limit=1&cursor={}", first["page"]["next"].as_str().unwrap()));
    assert_eq!(next.expect(200).body["items"][0]["seq"], first["items"][0]["seq"].as_i64().unwrap() - 1);
}

#[test]
fn a_filter_that_means_nothing_is_refused_by_name() {
    let story = Story::begin();
    let refused = |query: &str| {
        let answer = story.authority.get(&format!("/v1/ledger?{query}")).problem(400, "unknown-parameter");
        answer.body["errors"][0].clone()
    };

    assert_eq!(refused("actor=somebody")["rule"], "id-form");
    assert_eq!(refused("client_id=x")["source"]["parameter"], "client_id");
    let event = refused("event=certificate.vanished");
    assert!(event["allowed"].as_array().unwrap().contains(&json!("certificate.issued")), "{event}");
    assert_eq!(refused("from=yesterday")["rule"], "instant-form");
    assert_eq!(refused("until=2026-02-30")["source"]["parameter"], "until");
}

#[test]
fn the_ledger_is_read_by_the_authority_and_the_auditor_alone() {
    let story = Story::begin();

    auditor(&story).get("/v1/ledger").expect(200);
    story.authority.get("/v1/ledger").expect(200);
    for client in [&story.body, &story.enterprise] {
        client.get("/v1/ledger").problem(403, "forbidden");
    }
    story.anybody.get("/v1/ledger").problem(401, "unauthenticated");
}
