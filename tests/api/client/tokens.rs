//! Tokens: got, renewed before they end, and asked for again where they are refused.

use super::gateway::{Fate, answer};
use super::{direct, through};
use lvcai_client::{Credentials, Error, Registry};
use lvcai_tests::Story;
use lvcai_trust::SigningKey;
use serde_json::{Value, json};

fn refused() -> Fate {
    answer(
        "401 Unauthorized",
        "www-authenticate: Bearer error=\"invalid_token\"\r\ncontent-type: application/problem+json\r\n",
        r#"{"type":"https://registry.test/problems/unauthenticated","title":"No token","status":401}"#,
    )
}

#[test]
fn a_token_is_got_once_and_renewed_before_it_ends() {
    let story = Story::begin();
    let (gateway, registry) = through(&story, &story.enterprise);
    let asked = || gateway.seen("POST /oauth/token").len();
    let read = || registry.get("/v1/products").send().unwrap();

    read();
    story.server.at("2026-03-02T02:08:00Z");
    read();
    assert_eq!(asked(), 1);

    // It ends at 02:10.
    story.server.at("2026-03-02T02:09:30Z");
    read();
    assert_eq!(asked(), 2);

    story.server.at("2026-03-02T03:00:00Z");
    read();
    assert_eq!((asked(), gateway.seen("GET /.well-known").len()), (3, 1));
}

#[test]
fn threads_that_need_a_token_together_get_it_once() {
    let story = Story::begin();
    let (gateway, registry) = through(&story, &story.enterprise);

    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| registry.clone().get("/v1/products").send().unwrap());
        }
    });

    assert_eq!((gateway.seen("POST /oauth/token").len(), gateway.seen("GET /v1/products").len()), (1, 8));
}

#[test]
fn a_token_that_is_refused_is_renewed_once() {
    let story = Story::begin();
    let (gateway, registry) = through(&story, &story.enterprise);

    gateway.next([refused()]);
    registry.get("/v1/products").send().unwrap();
    assert_eq!((gateway.seen("POST /oauth/token").len(), gateway.seen("GET /v1/products").len()), (2, 2));

    gateway.next([refused(), refused()]);
    let error = registry.get("/v1/products").send().unwrap_err();
    assert!(error.is("unauthenticated"), "{error}");
    assert_eq!((gateway.seen("POST /oauth/token").len(), gateway.seen("GET /v1/products").len()), (3, 4));
}

#[test]
fn a_key_that_is_not_the_clients_is_refused_in_the_words_of_oauth() {
    let story = Story::begin();
    let id = story.enterprise.id.unwrap().to_string();
    let credentials = Credentials::new(&id, &story.authority.pem).unwrap();

    let error = direct(&story, &story.anybody).with(credentials).get("/v1/products").send().unwrap_err();

    assert!(matches!(&error, Error::Token { error, .. } if error == "invalid_client"), "{error}");
}

#[test]
fn fewer_scopes_are_asked_for_where_they_are_named() {
    let story = Story::begin();
    let id = story.enterprise.id.unwrap().to_string();
    let credentials = Credentials::new(&id, &story.enterprise.pem).unwrap().scope("evidence:write");
    let registry = direct(&story, &story.anybody).with(credentials);

    let error = registry.post("/v1/products").body(&json!({ "name": "窗", "kind": "gbm-09" })).send().unwrap_err();

    assert!(error.is("forbidden"), "{error}");
}

#[test]
fn an_ed25519_key_proves_a_client_too() {
    let story = Story::begin();
    let key = SigningKey::generate().unwrap();
    let record = json!({ "holder": "maker-2", "scopes": ["products:write"], "keys": { "keys": [key.jwk()] } });
    let id = story.enterprise.post("/v1/clients", &record).expect(201).id();
    let registry = direct(&story, &story.anybody).with(Credentials::new(&id, &key.to_pem().unwrap()).unwrap());

    let made = registry.post("/v1/products").body(&json!({ "name": "窗", "kind": "gbm-09" })).send().unwrap();

    assert_eq!(made.status(), 201);
}

#[test]
fn a_bound_token_is_sent_with_a_proof_of_the_key() {
    let story = Story::begin();
    let (pem, jwks) = lvcai_auth::generate_client_key().unwrap();
    let mut record = lvcai_tests::client_record();
    record["keys"] = serde_json::from_str(&jwks).unwrap();
    record["dpop_bound_access_tokens"] = json!(true);
    let id = story.enterprise.post("/v1/clients", &record).expect(201).id();
    let (gateway, registry) = through(&story, &story.anybody);
    let bearer = registry.clone().with(Credentials::new(&id, &pem).unwrap());
    let bound = registry.with(Credentials::new(&id, &pem).unwrap().bound());

    let refused = bearer.get("/v1/clients").send().unwrap_err();
    let own = bound.get("/v1/clients").query("limit", "1").send().unwrap();
    // The answer of the first try is lost: the second brings another proof, and the same key.
    gateway.next([Fate::Unanswered]);
    let made = bound.post("/v1/products").body(&json!({ "name": "窗", "kind": "gbm-09" })).send().unwrap();

    assert!(matches!(&refused, Error::Token { error, .. } if error == "invalid_dpop_proof"), "{refused}");
    assert_eq!(own.parse::<Value>().unwrap()["items"][0]["id"], id.as_str());
    assert_eq!((made.status(), gateway.seen("POST /v1/products").len()), (201, 2));
    let token = bound.token().unwrap();
    assert_eq!(story.anybody.token.replace(token), None);
    story.anybody.get("/v1/clients").problem(401, "unauthenticated");
}

#[test]
fn who_calls_itself_otherwise_gets_no_assertion() {
    let story = Story::begin();
    let (gateway, _) = through(&story, &story.enterprise);
    let clock = story.server.clock.clone();
    let credentials = Credentials::new(&story.enterprise.id.unwrap().to_string(), &story.enterprise.pem).unwrap();
    let registry = Registry::at(&gateway.url).clock(move || clock.now()).with(credentials);

    let error = registry.get("/v1/products").send().unwrap_err();

    assert!(matches!(&error, Error::Issuer { told, .. } if told == lvcai_tests::ISSUER), "{error}");
    assert!(gateway.seen("POST /oauth/token").is_empty());
}

#[test]
fn the_token_is_handed_out_for_other_means() {
    let story = Story::begin();

    assert_eq!(direct(&story, &story.anybody).token().unwrap(), None);
    *story.anybody.token.borrow_mut() = direct(&story, &story.enterprise).token().unwrap();
    let seen: Value = story.anybody.get("/v1/clients").expect(200).body;

    assert!(!seen["items"].as_array().unwrap().is_empty());
}
