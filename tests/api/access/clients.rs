//! Clients by API: who registers, sees and changes which, and how keys change without a gap.

use jiff::SignedDuration;
use lvcai_domain::Role;
use lvcai_tests::{Client, Story, client_record};
use serde_json::{Value, json};

/// A new key pair: the private half, and the JWK of the public one without a name.
fn key() -> (String, Value) {
    let (pem, jwks) = lvcai_auth::generate_client_key().unwrap();
    let mut key = serde_json::from_str::<Value>(&jwks).unwrap()["keys"][0].clone();
    key.as_object_mut().unwrap().remove("kid");
    (pem, key)
}

/// The client of an id that proves itself by a key.
fn with_key(story: &Story, of: &Client, pem: String) -> Client {
    Client::known(&story.server.url, of.id.unwrap(), of.organisation.unwrap(), pem)
}

fn status_of_token(story: &Story, client: &Client) -> u16 {
    client.ask_for_token(&client.sign(&client.claims(story.server.clock.now())), None).status
}

fn steps(client: &Client) -> String {
    format!("/v1/clients/{}/transitions", client.id.unwrap())
}

/// The step that adds a key under a name.
fn add(kid: &str, key: &Value) -> Value {
    let mut key = key.clone();
    key["kid"] = kid.into();
    json!({ "step": "add_key", "key": key })
}

#[test]
fn a_key_officer_registers_a_client_that_gets_tokens() {
    let story = Story::begin();
    let (pem, key) = key();
    let record = json!({ "holder": "maker-2", "scopes": ["products:write"], "keys": { "keys": [key] } });

    let registered = story.enterprise.post("/v1/clients", &record).expect(201);

    let id = registered.body["id"].as_str().unwrap().parse().unwrap();
    let client = Client::known(&story.server.url, id, story.enterprise.organisation.unwrap(), pem);
    let client = client.authenticated(&story.server.clock);
    client.post("/v1/products", &json!({ "name": "窗", "kind": "gbm-09" })).expect(201);
    assert_eq!(registered.body["organisation"], story.enterprise.organisation.unwrap().to_string());
    assert_eq!(story.enterprise.get(registered.header("location")).expect(200).text, registered.text);
    assert_eq!(registered.body["keys"]["keys"][0]["alg"], "ES256");
}

#[test]
fn what_is_wrong_with_a_client_is_named() {
    let story = Story::begin();
    let refused = |change: fn(&mut Value)| {
        let mut record = client_record();
        change(&mut record);
        let answer = story.enterprise.post("/v1/clients", &record).problem(422, "invalid");
        let fault = &answer.body["errors"][0];
        (fault["source"]["pointer"].as_str().unwrap().to_owned(), fault["rule"].as_str().unwrap().to_owned())
    };
    let found = |pointer: &str, rule: &str| (pointer.to_owned(), rule.to_owned());

    assert_eq!(refused(|it| it["holder"] = "无".into()), found("/holder", "required"));
    assert_eq!(refused(|it| it["scopes"] = json!(["products:fly"])), found("/scopes/0", "not-allowed"));
    assert_eq!(refused(|it| it["scopes"] = json!(["products:admit"])), found("/scopes/0", "scope-not-permitted"));
    assert_eq!(refused(|it| it["keys"]["keys"][0]["d"] = "AA".into()), found("/keys/keys/0/d", "unknown-field"));
    assert_eq!(refused(|it| it["keys"]["keys"][0]["x"] = "AA".into()), found("/keys/keys/0", "key-form"));
    let twice = |it: &mut Value| {
        let nameless = |_| key().1;
        it["keys"]["keys"] = (0..2).map(nameless).collect();
    };
    assert_eq!(refused(twice), found("/keys/keys/1", "key-form"), "two keys without a kid");
}

#[test]
fn clients_are_seen_by_their_own_the_authority_and_the_auditor() {
    let story = Story::begin();
    let id = story.registered_client();
    let address = format!("/v1/clients/{id}");
    let rival = story.server.client(story.server.organisation("另一企业", Role::Enterprise), "r", "clients:manage");
    let auditor = story.server.client(story.server.organisation("审计局", Role::Auditor), "a", "read:private");
    let plain = story.server.client(story.enterprise.organisation.unwrap(), "maker-3", "products:write");
    let listed = |client: &Client| -> Vec<String> {
        let items = client.get("/v1/clients?limit=500").expect(200).body["items"].clone();
        items.as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    };

    for client in [&story.enterprise, &story.authority, &auditor] {
        client.get(&address).expect(200);
        client.get(&format!("{address}/versions")).expect(200);
        assert!(listed(client).contains(&id));
    }
    for client in [&rival, &plain] {
        client.get(&address).problem(404, "not-found");
        client.get(&format!("{address}/versions")).problem(404, "not-found");
        assert_eq!(listed(client), [client.id.unwrap().to_string()], "itself alone");
    }
    story.anybody.get(&address).problem(401, "unauthenticated");
    let of_rival = format!("/v1/clients?organisation={}", rival.organisation.unwrap());
    assert_eq!(story.enterprise.get(&of_rival).expect(200).body["items"], json!([]));
    assert_eq!(auditor.get(&of_rival).expect(200).body["items"].as_array().unwrap().len(), 1);
}

#[test]
fn a_key_follows_another_without_a_gap() {
    let story = Story::begin();
    let (new_pem, jwk) = key();
    let old = &story.enterprise;
    let old_kid =
        old.get(&format!("/v1/clients/{}", old.id.unwrap())).expect(200).body["keys"]["keys"][0]["kid"].clone();
    let new = with_key(&story, old, new_pem);

    old.post(&steps(old), &add("2026-11", &jwk)).expect(200);
    let both = [status_of_token(&story, old), status_of_token(&story, &new)];
    let until = story.server.clock.now() + SignedDuration::from_hours(24);
    let retire = json!({ "step": "retire_key", "kid": old_kid, "retires_at": until.to_string() });
    let retiring = old.post(&steps(old), &retire).expect(200).body;
    let overlap = [status_of_token(&story, old), status_of_token(&story, &new)];
    story.server.clock.set(until + SignedDuration::from_secs(1));

    assert_eq!([both, overlap], [[200, 200], [200, 200]]);
    assert!(retiring["keys"]["keys"][0]["retires_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!([status_of_token(&story, old), status_of_token(&story, &new)], [401, 200]);
    let new = new.authenticated(&story.server.clock);
    let last = json!({ "step": "retire_key", "kid": "2026-11" });
    new.post(&steps(&new), &last).problem(409, "illegal-step");
    let events: Vec<Value> = new.get(&format!("/v1/clients/{}/versions", new.id.unwrap())).expect(200).body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["event"].clone())
        .collect();
    assert_eq!(events, ["client.key_retired", "client.key_added", "client.added"]);
}

#[test]
fn the_same_key_again_changes_nothing_and_another_of_its_name_is_refused() {
    let story = Story::begin();
    let (address, jwk) = (steps(&story.enterprise), key().1);

    let added = story.enterprise.post(&address, &add("k2", &jwk)).expect(200);
    let again = story.enterprise.post(&address, &add("k2", &jwk)).expect(200);

    assert_eq!(
        (again.text, again.headers["registry-version"].clone()),
        (added.text, added.headers["registry-version"].clone())
    );
    story.enterprise.post(&address, &add("k2", &key().1)).problem(409, "conflict");
    story.enterprise.post(&address, &add("k3", &jwk)).problem(409, "conflict");
}

#[test]
fn a_revoked_client_is_done_with() {
    let story = Story::begin();
    let client = story.server.client(story.enterprise.organisation.unwrap(), "maker-2", "products:write");

    story.enterprise.post(&steps(&client), &json!({ "step": "revoke" })).expect(200);

    client.post("/v1/products", &json!({ "name": "窗", "kind": "gbm-09" })).problem(401, "unauthenticated");
    assert_eq!(status_of_token(&story, &client), 401);
    story.enterprise.post(&steps(&client), &json!({ "step": "revoke" })).problem(409, "illegal-step");
    story.enterprise.post(&steps(&client), &add("k2", &key().1)).problem(409, "illegal-step");
    story.enterprise.post(&steps(&client), &json!({ "step": "revoke", "kid": "x" })).problem(422, "invalid");
    story.enterprise.post(&steps(&client), &json!({ "step": "retire_key" })).problem(422, "invalid");
}

#[test]
fn nobody_makes_or_takes_over_a_second_holder_of_an_authority_over_the_network() {
    let story = Story::begin();
    let mut record = client_record();
    record["scopes"] = json!(["publications:approve"]);

    story.authority.post("/v1/clients", &record).problem(403, "forbidden");
    story.authority.post(&steps(&story.second), &add("mine", &key().1)).problem(403, "forbidden");
    let other = story.server.organisation("另一主管部门", Role::Authority);
    let other = story.server.client(other, "bureau-2", "clients:manage");
    other.post(&steps(&story.second), &add("mine", &key().1)).problem(403, "forbidden");
    other.post(&steps(&story.second), &json!({ "step": "revoke" })).problem(403, "forbidden");

    story.second.post(&steps(&story.second), &add("own", &key().1)).expect(200);
    story.authority.post(&steps(&story.second), &json!({ "step": "revoke" })).expect(200);
}

#[test]
fn the_authority_registers_the_first_key_officer_of_an_organisation_and_nobody_else_does() {
    let story = Story::begin();
    let platform = story.server.organisation("示例采购平台", Role::ProcurementPlatform);
    let mut record = client_record();
    record["organisation"] = platform.to_string().into();
    record["scopes"] = json!(["clients:manage"]);

    story.enterprise.post("/v1/clients", &record).problem(403, "forbidden");
    let registered = story.authority.post("/v1/clients", &record).expect(201);

    assert_eq!(registered.body["organisation"], platform.to_string());
    record["organisation"] = "org_01900000-0000-7000-8000-000000000001".into();
    let unknown = story.authority.post("/v1/clients", &record).problem(422, "invalid");
    assert_eq!(unknown.body["errors"][0]["rule"], "unknown-reference");
    let without = story.server.client(story.enterprise.organisation.unwrap(), "m", "products:write");
    without.post("/v1/clients", &client_record()).problem(403, "forbidden");
}
