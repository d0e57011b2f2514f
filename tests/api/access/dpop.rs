//! Tokens that are bound to a key (DPoP, RFC 9449): worth nothing to who has the token alone.

use lvcai_auth::generate_client_key;
use lvcai_client::{ProvedRequest, sign_proof};
use lvcai_tests::{Answer, Client, ISSUER, Story, client_record};
use serde_json::{Value, json};
use std::process::Command;

/// What a thief or an owner may vary of a request that carries a bound token.
struct Sent<'a> {
    story: &'a Story,
    scheme: &'a str,
    token: &'a str,
}

impl Sent<'_> {
    /// Reads the clients that the token may see, with these proofs.
    fn with(&self, proofs: &[&str]) -> Answer {
        let authorization = format!("{} {}", self.scheme, self.token);
        let mut headers = vec![("authorization", authorization.as_str())];
        headers.extend(proofs.iter().map(|it| ("dpop", *it)));
        self.story.anybody.send("GET", "/v1/clients?limit=1", &headers, None)
    }

    /// A proof for that read, by a key.
    fn proof(&self, pem: &str) -> String {
        prove(self.story, pem, "GET", "/v1/clients", Some(self.token))
    }
}

fn prove(story: &Story, pem: &str, method: &str, path: &str, token: Option<&str>) -> String {
    let url = format!("{ISSUER}{path}");
    sign_proof(pem, ProvedRequest { method, url: &url, token }, story.server.clock.now()).unwrap()
}

/// Asks for a token with a proof, or without one.
fn ask(story: &Story, client: &Client, proof: Option<&str>) -> Answer {
    let assertion = client.sign(&client.claims(story.server.clock.now()));
    let form = format!(
        "grant_type=client_credentials&client_assertion={assertion}\
         &client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
    );
    let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
    headers.extend(proof.map(|it| ("dpop", it)));
    story.anybody.send("POST", "/oauth/token", &headers, Some(form.as_bytes()))
}

/// A client of the enterprise that is registered for bound tokens, by the enterprise itself.
fn registered(story: &Story) -> Client {
    let (pem, jwks) = generate_client_key().unwrap();
    let mut record = client_record();
    record["keys"] = serde_json::from_str(&jwks).unwrap();
    record["dpop_bound_access_tokens"] = json!(true);
    let registered = story.enterprise.post("/v1/clients", &record).expect(201);
    assert_eq!(registered.body["dpop_bound_access_tokens"], true);
    let id = registered.body["id"].as_str().unwrap().parse().unwrap();
    Client::known(&story.server.url, id, story.enterprise.organisation.unwrap(), pem)
}

fn refused(answer: &Answer, error: &str) {
    assert_eq!((answer.status, answer.slug()), (401, Some("unauthenticated")), "{}", answer.text);
    let told = format!("DPoP error=\"{error}\", algs=\"ES256 EdDSA Ed25519 RS256\"");
    assert_eq!(answer.header("www-authenticate"), told, "{}", answer.text);
}

#[test]
fn a_client_registered_for_bound_tokens_gets_no_other() {
    let story = Story::begin();
    let client = registered(&story);
    // Any key may prove; it need not be one that the client has registered.
    let (key, _) = generate_client_key().unwrap();

    let bare = ask(&story, &client, None);
    let elsewhere = ask(&story, &client, Some(&prove(&story, &key, "POST", "/v1/token", None)));
    let bound = ask(&story, &client, Some(&prove(&story, &key, "POST", "/oauth/token", None))).expect(200);

    for refusal in [bare, elsewhere] {
        assert_eq!((refusal.status, &refusal.body["error"]), (400, &json!("invalid_dpop_proof")), "{}", refusal.text);
    }
    assert_eq!((&bound.body["token_type"], &bound.body["expires_in"]), (&json!("DPoP"), &json!(600)));
    let token = bound.body["access_token"].as_str().unwrap();
    let sent = Sent { story: &story, scheme: "DPoP", token };
    let own = sent.with(&[&sent.proof(&key)]).expect(200);
    assert_eq!(own.body["items"][0]["id"], client.id.unwrap().to_string());
    assert_eq!(own.body["items"][0]["dpop_bound_access_tokens"], true);
}

#[test]
fn whoever_steals_a_bound_token_has_nothing() {
    let story = Story::begin();
    let client = registered(&story);
    let (key, thief) = (generate_client_key().unwrap().0, generate_client_key().unwrap().0);
    let bound = ask(&story, &client, Some(&prove(&story, &key, "POST", "/oauth/token", None))).expect(200);
    let token = bound.body["access_token"].as_str().unwrap();
    let sent = Sent { story: &story, scheme: "DPoP", token };

    refused(&Sent { scheme: "Bearer", ..sent }.with(&[]), "invalid_token");
    refused(&Sent { scheme: "Bearer", ..sent }.with(&[&sent.proof(&key)]), "invalid_token");
    refused(&sent.with(&[]), "invalid_dpop_proof");
    refused(&sent.with(&["no proof"]), "invalid_dpop_proof");
    refused(&sent.with(&[&sent.proof(&thief)]), "invalid_dpop_proof");
    // For another method, another address, another token, or none.
    for (method, path, token) in [
        ("POST", "/v1/clients", Some(token)),
        ("GET", "/v1/products", Some(token)),
        ("GET", "/v1/clients", Some("another")),
        ("GET", "/v1/clients", None),
    ] {
        refused(&sent.with(&[&prove(&story, &key, method, path, token)]), "invalid_dpop_proof");
    }
    let seen = sent.proof(&key);
    sent.with(&[&seen]).expect(200);
    refused(&sent.with(&[&seen]), "invalid_dpop_proof");
    sent.with(&[&sent.proof(&key), &sent.proof(&key)]).problem(400, "malformed");
    sent.with(&[&sent.proof(&key)]).expect(200);
}

#[test]
fn a_write_needs_a_proof_as_a_read_does() {
    let story = Story::begin();
    let client = registered(&story);
    let bound = ask(&story, &client, Some(&prove(&story, &client.pem, "POST", "/oauth/token", None))).expect(200);
    let token = bound.body["access_token"].as_str().unwrap();
    let authorization = format!("DPoP {token}");
    let draft = |proof: &str, key: &str| {
        let headers = [("authorization", authorization.as_str()), ("dpop", proof), ("idempotency-key", key)];
        let body = json!({ "name": "窗", "kind": "gbm-09" }).to_string();
        story.anybody.send("POST", "/v1/products", &headers, Some(body.as_bytes()))
    };
    let proof = prove(&story, &client.pem, "POST", "/v1/products", Some(token));

    let drafted = draft(&proof, "one").expect(201);

    refused(&draft(&proof, "two"), "invalid_dpop_proof");
    let again = draft(&prove(&story, &client.pem, "POST", "/v1/products", Some(token)), "one").expect(201);
    assert_eq!((again.id(), again.header("idempotency-replayed")), (drafted.id(), "true"));
}

#[test]
fn any_client_may_bind_its_token_and_a_bearer_goes_on_as_before() {
    let story = Story::begin();
    let client = story.server.client_without_token(story.enterprise.organisation.unwrap(), "maker-2", "products:write");
    let proof = prove(&story, &client.pem, "POST", "/oauth/token", None);

    let bound = ask(&story, &client, Some(&proof)).expect(200);
    let replayed = ask(&story, &client, Some(&proof));
    let bearer = ask(&story, &client, None).expect(200);

    assert_eq!((&bound.body["token_type"], &bearer.body["token_type"]), (&json!("DPoP"), &json!("Bearer")));
    assert_eq!((replayed.status, &replayed.body["error"]), (400, &json!("invalid_dpop_proof")), "{}", replayed.text);
    let token = bearer.body["access_token"].as_str().unwrap();
    let sent = Sent { story: &story, scheme: "DPoP", token };
    refused(&sent.with(&[&sent.proof(&client.pem)]), "invalid_token");
    Sent { scheme: "Bearer", ..sent }.with(&[]).expect(200);
    assert_eq!(
        story.enterprise.get(&format!("/v1/clients/{}", client.id.unwrap())).expect(200).body["dpop_bound_access_tokens"],
        Value::Null
    );
}

#[test]
fn a_proof_is_for_the_method_and_the_address_as_they_are_sent() {
    let story = Story::begin();
    let client = registered(&story);
    let bound = ask(&story, &client, Some(&prove(&story, &client.pem, "POST", "/oauth/token", None))).expect(200);
    let token = bound.body["access_token"].as_str().unwrap();
    let authorization = format!("DPoP {token}");
    let send = |method: &str, path: &str, proved: &str| {
        let proof = prove(&story, &client.pem, proved, path, Some(token));
        let headers = [("authorization", authorization.as_str()), ("dpop", proof.as_str())];
        story.anybody.send(method, path, &headers, None).status
    };
    // A HEAD is routed as a GET, and a number in an address is percent-encoded.
    let number = "/v1/certification-bodies/CNCA-R-2006-148/certificates/A%2F%EF%BC%881%EF%BC%89";

    assert_eq!((send("HEAD", "/v1/clients", "HEAD"), send("HEAD", "/v1/clients", "GET")), (200, 401));
    assert_eq!((send("GET", "/v1/clients", "GET"), send("GET", "/v1/clients", "HEAD")), (200, 401));
    // What is wrong beside the proof is told once that holds.
    assert_eq!((send("PUT", number, "PUT") == 401, send("PUT", number, "GET")), (false, 401));
}

#[test]
fn keys_of_other_kinds_prove_too() {
    let story = Story::begin();
    let client = registered(&story);
    // RFC 8037, appendix A; and an RSA key as openssl makes one.
    let ed = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let rsa = Command::new("openssl").args(["genpkey", "-algorithm", "RSA"]).output().unwrap();
    let rsa = String::from_utf8(rsa.stdout).unwrap();

    for key in [ed, rsa.as_str()] {
        let bound = ask(&story, &client, Some(&prove(&story, key, "POST", "/oauth/token", None))).expect(200);
        let token = bound.body["access_token"].as_str().unwrap();
        let sent = Sent { story: &story, scheme: "DPoP", token };
        sent.with(&[&sent.proof(key)]).expect(200);
    }
}

#[test]
fn a_client_finds_out_how_to_prove() {
    let story = Story::begin();
    let metadata = story.anybody.get("/.well-known/oauth-authorization-server").expect(200);
    let asked = story.anybody.get("/v1/clients").problem(401, "unauthenticated");

    let algorithms = ["ES256", "EdDSA", "Ed25519", "RS256"];
    assert_eq!(metadata.body["dpop_signing_alg_values_supported"], json!(algorithms));
    assert_eq!(asked.header("www-authenticate"), format!("Bearer, DPoP algs=\"{}\"", algorithms.join(" ")));
}
