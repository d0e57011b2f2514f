//! Who may get a token, with which key, and what a token lets one do.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use lvcai_auth::ClientKeys;
use lvcai_domain::{ClientId, OrganisationId};
use lvcai_store::CommandContext;
use lvcai_store::clients::{self, Officer};
use lvcai_tests::{ALL_SCOPES, Answer, Client, ISSUER, Server, Story};
use p256::ecdsa::signature::Signer as _;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// What is signed of a JWT.
fn signed_part(header: &Value, claims: &Value) -> String {
    format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()))
}

/// Registers a client whose keys were made elsewhere.
fn register(server: &Server, organisation: OrganisationId, key: &Value) -> Client {
    let keys = ClientKeys::from_value(&json!({ "keys": [key] })).unwrap();
    let scopes = vec!["products:write".to_owned()];
    let client = lvcai_domain::Client::new(organisation, "elsewhere".to_owned(), scopes, keys.registered().unwrap());
    let id = client.id;
    server
        .wait(
            server
                .registry
                .execute(CommandContext::operator(), move |view| clients::add(view, &client, Officer::Operator)),
        )
        .unwrap();
    Client::known(&server.url, id, organisation, String::new())
}

/// Runs openssl in a folder.
fn openssl(folder: &Path, arguments: &str) -> Vec<u8> {
    let output = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Signs a JWT with openssl.
fn signed_by_openssl(folder: &Path, command: &str, header: &Value, claims: &Value) -> String {
    let part = signed_part(header, claims);
    std::fs::write(folder.join("part"), &part).unwrap();
    format!("{part}.{}", base64url(openssl(folder, command)))
}

/// A client of the enterprise that has asked for nothing yet.
fn newcomer(story: &Story) -> Client {
    story.server.client_without_token(story.enterprise.organisation.unwrap(), "maker-2", "products:write")
}

fn refusal(answer: &Answer, status: u16, error: &str) {
    assert_eq!((answer.status, answer.body["error"].as_str()), (status, Some(error)), "{}", answer.text);
    assert!(!answer.body["error_description"].as_str().unwrap().is_empty());
    assert_eq!(answer.header("cache-control"), "no-store");
}

/// Claims in order but for one, or without it where the value is null.
fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

#[test]
fn a_key_of_the_p256_crate_gets_a_token() {
    let story = Story::begin();
    let secret: Vec<u8> = (0..2).flat_map(|_| *uuid::Uuid::new_v4().as_bytes()).collect();
    let key = p256::ecdsa::SigningKey::from_slice(&secret).unwrap();
    let point = key.verifying_key().to_sec1_point(false);
    let jwk =
        json!({ "kty": "EC", "crv": "P-256", "x": base64url(point.x().unwrap()), "y": base64url(point.y().unwrap()) });
    let client = register(&story.server, story.enterprise.organisation.unwrap(), &jwk);

    let part = signed_part(&json!({ "alg": "ES256", "typ": "JWT" }), &client.claims(story.server.clock.now()));
    let signature: p256::ecdsa::Signature = key.sign(part.as_bytes());
    let answer = client.ask_for_token(&format!("{part}.{}", base64url(signature.to_bytes())), None).expect(200);

    assert_eq!((answer.body["token_type"].as_str(), answer.body["expires_in"].as_i64()), (Some("Bearer"), Some(600)));
    *client.token.borrow_mut() = Some(answer.body["access_token"].as_str().unwrap().to_owned());
    client.post("/v1/products", &json!({ "name": "窗", "kind": "gbm-09" })).expect(201);
}

#[test]
fn an_rsa_key_of_openssl_gets_a_token() {
    let (story, folder) = (Story::begin(), tempfile::tempdir().unwrap());
    openssl(folder.path(), "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem");
    let modulus = String::from_utf8(openssl(folder.path(), "rsa -in key.pem -noout -modulus")).unwrap();
    let digits = modulus.trim().trim_start_matches("Modulus=");
    let modulus: Vec<u8> =
        (0..digits.len() / 2).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap()).collect();
    let jwk = json!({ "kty": "RSA", "n": base64url(modulus), "e": "AQAB" });
    let client = register(&story.server, story.enterprise.organisation.unwrap(), &jwk);
    let claims = client.claims(story.server.clock.now());

    let assertion =
        signed_by_openssl(folder.path(), "dgst -sha256 -sign key.pem part", &json!({ "alg": "RS256" }), &claims);

    client.ask_for_token(&assertion, None).expect(200);
    // The key has one algorithm, whatever the header says.
    let claims = client.claims(story.server.clock.now());
    let confused =
        signed_by_openssl(folder.path(), "dgst -sha256 -sign key.pem part", &json!({ "alg": "PS256" }), &claims);
    refusal(&client.ask_for_token(&confused, None), 401, "invalid_client");
}

#[test]
fn an_ed25519_key_of_openssl_gets_a_token() {
    let (story, folder) = (Story::begin(), tempfile::tempdir().unwrap());
    openssl(folder.path(), "genpkey -algorithm ed25519 -out key.pem");
    let public = openssl(folder.path(), "pkey -in key.pem -pubout -outform DER");
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url(&public[public.len() - 32..]) });
    let client = register(&story.server, story.enterprise.organisation.unwrap(), &jwk);
    let claims = client.claims(story.server.clock.now());

    let command = "pkeyutl -sign -rawin -inkey key.pem -in part";
    let assertion = signed_by_openssl(folder.path(), command, &json!({ "alg": "EdDSA" }), &claims);

    client.ask_for_token(&assertion, None).expect(200);
}

#[test]
fn an_assertion_that_breaks_a_rule_gets_no_token() {
    let story = Story::begin();
    let client = newcomer(&story);
    let now = story.server.clock.now();
    let claims = || client.claims(now);
    let other = story.enterprise.id.unwrap().to_string();

    let broken = [
        ("aud", json!("https://elsewhere.test")),
        ("aud", json!(format!("{ISSUER}/"))),
        ("aud", json!(format!("{ISSUER}/oauth/token"))),
        ("aud", json!([ISSUER, "https://elsewhere.test"])),
        ("aud", Value::Null),
        ("exp", json!(now.as_second())),
        ("exp", json!(now.as_second() - 3600)),
        ("exp", json!(now.as_second() + 301)),
        ("exp", Value::Null),
        ("exp", json!("soon")),
        ("iat", json!(now.as_second() + 60)),
        ("nbf", json!(now.as_second() + 60)),
        ("jti", Value::Null),
        ("jti", json!("")),
        ("jti", json!("x".repeat(129))),
        ("jti", json!("a\u{0}b")),
        ("sub", json!(other)),
        ("iss", json!(other)),
        ("iss", Value::Null),
    ];

    for (name, value) in broken {
        let answer = client.ask_for_token(&client.sign(&with(&claims(), name, value)), None);
        refusal(&answer, 401, "invalid_client");
    }
    client.ask_for_token(&client.sign(&with(&claims(), "exp", json!(now.as_second() + 300))), None).expect(200);
}

#[test]
fn an_assertion_of_another_key_or_algorithm_gets_no_token() {
    let story = Story::begin();
    let client = newcomer(&story);
    let claims = || client.claims(story.server.clock.now());

    let by_other_key = Client::known(
        &story.server.url,
        client.id.unwrap(),
        client.organisation.unwrap(),
        story.enterprise.pem.clone(),
    );
    let unsigned = format!("{}.", signed_part(&json!({ "alg": "none" }), &claims()));
    // The public key as a secret, the classical confusion (RFC 8725 §2.1).
    let symmetric = jsonwebtoken::encode(
        &jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256),
        &claims(),
        &jsonwebtoken::EncodingKey::from_secret(client.pem.as_bytes()),
    );
    let in_order = client.sign(&claims());
    let (part, _) = in_order.rsplit_once('.').unwrap();
    let forgeries = [
        by_other_key.sign(&claims()),
        unsigned,
        symmetric.unwrap(),
        format!("{part}.{}", base64url([0; 64])),
        format!("{in_order}x"),
        part.to_owned(),
        "not a token".to_owned(),
        String::new(),
        "a".repeat(9000),
    ];

    for forgery in forgeries {
        refusal(&client.ask_for_token(&forgery, None), 401, "invalid_client");
    }
    client.ask_for_token(&in_order, None).expect(200);
}

#[test]
fn an_assertion_works_once() {
    let story = Story::begin();
    let client = newcomer(&story);
    let assertion = client.sign(&client.claims(story.server.clock.now()));
    client.ask_for_token(&assertion, None).expect(200);

    let again = client.ask_for_token(&assertion, None);

    refusal(&again, 401, "invalid_client");
}

#[test]
fn of_two_requests_at_once_with_one_assertion_one_gets_a_token() {
    let story = Story::begin();
    let client = newcomer(&story);
    let url = &story.server.url;

    for _ in 0..5 {
        let assertion = client.sign(&client.claims(story.server.clock.now()));
        let ask = || Client::anonymous(url).ask_for_token(&assertion, None).status;
        let mut statuses: Vec<u16> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
            asking.into_iter().map(|it| it.join().unwrap()).collect()
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401, 401, 401]);
    }
}

#[test]
fn a_client_that_nobody_knows_gets_no_token() {
    let story = Story::begin();
    let client = newcomer(&story);
    let stranger = Client::known(&story.server.url, ClientId::mint(), client.organisation.unwrap(), client.pem.clone());

    let answer = stranger.ask_for_token(&stranger.sign(&stranger.claims(story.server.clock.now())), None);

    refusal(&answer, 401, "invalid_client");
}

#[test]
fn a_token_is_asked_for_in_the_form_of_the_standard() {
    let story = Story::begin();
    let anybody = &story.anybody;
    let ask = |content_type: &str, form: &str| {
        anybody.send("POST", "/oauth/token", &[("content-type", content_type)], Some(form.as_bytes()))
    };
    let form = "application/x-www-form-urlencoded";
    let kind = "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=x";

    ask("application/json", "{}").problem(415, "unsupported-media-type");
    refusal(&ask(form, ""), 400, "invalid_request");
    refusal(&ask(form, &format!("grant_type=password&{kind}")), 400, "unsupported_grant_type");
    refusal(&ask(form, &format!("grant_type=client_credentials&client_secret=x&{kind}")), 400, "invalid_request");
    refusal(
        &ask(form, "grant_type=client_credentials&client_assertion_type=x&client_assertion=x"),
        400,
        "invalid_request",
    );
    refusal(&ask(form, &format!("grant_type=client_credentials&{kind}&{kind}")), 400, "invalid_request");
}

#[test]
fn a_token_allows_what_is_asked_for_and_no_more_than_the_client_holds() {
    let story = Story::begin();
    let client =
        story.server.client_without_token(story.enterprise.organisation.unwrap(), "m", "products:write evidence:write");
    let assertion = || client.sign(&client.claims(story.server.clock.now()));

    let all = client.ask_for_token(&assertion(), None).expect(200);
    let narrow = client.ask_for_token(&assertion(), Some("products:write")).expect(200);

    assert_eq!(all.body["scope"], "products:write evidence:write");
    assert_eq!(narrow.body["scope"], "products:write");
    refusal(&client.ask_for_token(&assertion(), Some("products:admit")), 400, "invalid_scope");
    refusal(&client.ask_for_token(&assertion(), Some("products:fly")), 400, "invalid_scope");
    *client.token.borrow_mut() = Some(narrow.body["access_token"].as_str().unwrap().to_owned());
    client.post("/v1/products", &json!({ "name": "窗", "kind": "gbm-09" })).expect(201);
    let refused = client.post("/v1/evidence", &json!({
        "product": "prod_01900000-0000-7000-8000-000000000002", "certificate": "cert_01900000-0000-7000-8000-000000000003"
    }));
    assert!(refused.problem(403, "forbidden").text.contains("evidence:write"));
}

#[test]
fn a_token_is_a_typed_jwt_that_the_published_key_verifies() {
    let story = Story::begin();
    let client = newcomer(&story);
    let answer = client.ask_for_token(&client.sign(&client.claims(story.server.clock.now())), None).expect(200);
    let token = answer.body["access_token"].as_str().unwrap();

    let keys = story.anybody.get("/.well-known/jwks.json").expect(200);

    assert_eq!(keys.header("content-type"), "application/jwk-set+json");
    let header = jsonwebtoken::decode_header(token).unwrap();
    assert_eq!((header.typ.as_deref(), header.alg), (Some("at+jwt"), jsonwebtoken::Algorithm::ES256));
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_str(&keys.text).unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    validation.set_audience(&[ISSUER]);
    validation.set_issuer(&[ISSUER]);
    // The registry's clock stands still, that of the library does not.
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap().claims;
    assert_eq!(claims["client_id"], client.id.unwrap().to_string());
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);
}

#[test]
fn the_metadata_of_the_authorization_server_says_where_and_how() {
    let story = Story::begin();

    let metadata = story.anybody.get("/.well-known/oauth-authorization-server").expect(200).body;

    assert_eq!(metadata["issuer"], ISSUER);
    assert_eq!(metadata["token_endpoint"], format!("{ISSUER}/oauth/token"));
    assert_eq!(metadata["token_endpoint_auth_methods_supported"], json!(["private_key_jwt"]));
    let scopes = metadata["scopes_supported"].as_array().unwrap();
    assert!(ALL_SCOPES.split_whitespace().all(|scope| scopes.contains(&json!(scope))));
}

#[test]
fn a_token_ends_after_ten_minutes() {
    let story = Story::begin();
    let client = newcomer(&story);
    let answer = client.ask_for_token(&client.sign(&client.claims(story.server.clock.now())), None).expect(200);
    *client.token.borrow_mut() = Some(answer.body["access_token"].as_str().unwrap().to_owned());

    story.server.at("2026-03-02T02:09:59Z");
    client.post("/v1/products", &json!({ "name": "窗", "kind": "gbm-09" })).expect(201);
    story.server.at("2026-03-02T02:10:00Z");
    let late = client.post("/v1/products", &json!({ "name": "窗", "kind": "gbm-09" }));

    let late = late.problem(401, "unauthenticated");
    assert_eq!(late.header("www-authenticate"), "Bearer error=\"invalid_token\"");
}

#[test]
fn a_token_of_elsewhere_counts_for_nothing() {
    let (story, elsewhere) = (Story::begin(), Story::begin_elsewhere());
    let foreign = elsewhere.enterprise.token.borrow().clone();
    let assertion = story.enterprise.sign(&story.enterprise.claims(story.server.clock.now()));
    let visitor = story.server.anybody();

    for token in [foreign.unwrap(), assertion, String::new(), "a.b.c".to_owned()] {
        *visitor.token.borrow_mut() = Some(token);
        visitor.get("/v1/products").problem(401, "unauthenticated");
        visitor.post("/v1/products", &json!({ "name": "窗", "kind": "gbm-09" })).problem(401, "unauthenticated");
    }
    *visitor.token.borrow_mut() = None;
    visitor.send("GET", "/v1/products", &[("authorization", "Basic dTpw")], None).problem(401, "unauthenticated");
}

#[test]
fn a_revoked_client_is_stopped_at_once() {
    let story = Story::begin();
    let id = story.enterprise.id.unwrap();
    story.enterprise.post("/v1/products", &json!({ "name": "窗", "kind": "gbm-09" })).expect(201);

    story
        .server
        .wait(
            story
                .server
                .registry
                .execute(CommandContext::operator(), move |view| clients::revoke(view, id, Officer::Operator)),
        )
        .unwrap();

    story.enterprise.post("/v1/products", &json!({ "name": "门", "kind": "gbm-09" })).problem(401, "unauthenticated");
    story.enterprise.get("/v1/products").problem(401, "unauthenticated");
    let assertion = story.enterprise.sign(&story.enterprise.claims(story.server.clock.now()));
    refusal(&story.enterprise.ask_for_token(&assertion, None), 401, "invalid_client");
}

#[test]
fn a_rotated_client_proves_itself_by_its_new_key_alone() {
    let story = Story::begin();
    let (client, (pem, jwks)) = (newcomer(&story), lvcai_auth::generate_client_key().unwrap());
    let (id, keys) = (client.id.unwrap(), ClientKeys::parse(&jwks).unwrap().registered().unwrap());

    story
        .server
        .wait(story.server.registry.execute(CommandContext::operator(), move |view| clients::rotate(view, id, &keys)))
        .unwrap();

    let renewed = Client::known(&story.server.url, id, client.organisation.unwrap(), pem);
    refusal(&client.ask_for_token(&client.sign(&client.claims(story.server.clock.now())), None), 401, "invalid_client");
    renewed.ask_for_token(&renewed.sign(&renewed.claims(story.server.clock.now())), None).expect(200);
}
