//! The main job end to end, as a city meets it: a real process, a key made by
//! another tool, a certificate, a product, a signed list, a verdict, a suspension.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use lvcai_domain::Role;
use lvcai_store::Clock;
use lvcai_tests::{BODY, LIST, address, record, scopes_of};
use lvcai_tests::{Client, Serving, Story, WorkingFolder};
use serde_json::{Value, json};
use std::process::Command;

const NUMBER: &str = "CABR-01(02)-(2025)-CGP-035";

/// A P-256 key that openssl makes; answers its PEM and its public JWKS.
fn key_of_another_tool(folder: &WorkingFolder) -> (String, String) {
    let pem = folder.path("body.pem");
    let openssl = |arguments: &[&str]| {
        let output = Command::new("openssl").args(arguments).output().unwrap();
        assert!(output.status.success(), "openssl {arguments:?}");
        output.stdout
    };
    let file = pem.to_str().unwrap();
    openssl(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", file]);
    let public = openssl(&["pkey", "-in", file, "-pubout", "-outform", "DER"]);
    // The point is the end of the structure: 04, then 32 bytes each.
    let (x, y) = public[public.len() - 64..].split_at(32);
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let jwks = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y) }] });
    (std::fs::read_to_string(&pem).unwrap(), jwks.to_string())
}

/// The body's client, whose key the registry has never held.
fn body(folder: &WorkingFolder, serving: &Serving) -> Client {
    let (pem, jwks) = key_of_another_tool(folder);
    let file = folder.path("body.jwks.json");
    std::fs::write(&file, jwks).unwrap();
    folder.accredit(BODY);
    let arguments =
        ["client", "add", "--organisation", BODY, "--holder", "body", "--scopes", &scopes_of(Role::CertificationBody)];
    let added = folder.run(&[&arguments[..], &["--jwks", file.to_str().unwrap()]].concat()).expect(0);
    let id = added.out.trim().parse().unwrap();
    Client::known(&serving.url, id, lvcai_domain::OrganisationId::mint(), pem).authenticated(&Clock::Wall)
}

/// A client of an organisation, held by nobody else.
fn client(folder: &WorkingFolder, serving: &Serving, whose: &[&str], role: Role) -> Client {
    let holder = uuid::Uuid::new_v4().to_string();
    folder.client(whose, &holder, &scopes_of(role), &serving.url).authenticated(&Clock::Wall)
}

/// Checks the document with a JWS library that is not ours; answers its payload.
fn verified_elsewhere(document: &Value, jwks: &Value) -> Value {
    let part = |name: &str| document[name].as_str().unwrap();
    let header = jsonwebtoken::decode_header(format!("{}.e30.x", part("protected"))).unwrap();
    let jwk = jwks["keys"].as_array().unwrap().iter().find(|it| it["kid"] == header.kid.clone().unwrap()).unwrap();
    let jwk: Jwk = serde_json::from_value(jwk.clone()).unwrap();
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    let compact = format!("{}.{}.{}", part("protected"), part("payload"), part("signature"));
    jsonwebtoken::decode::<Value>(compact, &DecodingKey::from_jwk(&jwk).unwrap(), &validation).unwrap().claims
}

#[test]
fn a_city_publishes_a_green_product_and_hears_of_the_suspension() {
    // Given a registry, a body with a key of its own, a maker, and two holders at the authority.
    let folder = WorkingFolder::new();
    folder.keys();
    let serving = folder.serve();
    let body = body(&folder, &serving);
    let maker = ["--organisation-name", "大庆示例门窗有限公司", "--role", "enterprise"];
    let maker = client(&folder, &serving, &maker, Role::Enterprise);
    let bureau = ["--organisation-name", "大庆市工业和信息化局", "--role", "authority"];
    let (drafter, approver) =
        (client(&folder, &serving, &bureau, Role::Authority), client(&folder, &serving, &bureau, Role::Authority));
    let anybody = Client::anonymous(&serving.url);

    // When the certificate is pushed, the product found by two characters, and the list published.
    let certificate = body.put(&address(BODY, NUMBER), &record()).expect(201).id();
    let new = json!({ "name": "65系列内平开塑料窗", "kind": "gbm-09", "models": ["65系列"] });
    let product = maker.post("/v1/products", &new).expect(201).id();
    drafter.post(&format!("/v1/products/{product}/transitions"), &json!({ "step": "admit" })).expect(200);
    let found = anybody.get("/v1/products?q=%E5%A1%91%E6%96%99").expect(200);
    assert_eq!(found.body["items"][0]["id"], product.as_str());
    body.post("/v1/evidence", &json!({ "product": product, "certificate": certificate })).expect(201);
    let list = json!({ "id": LIST, "title": "大庆市绿色建材产品信息", "purpose": "product_list" });
    drafter.post("/v1/lists", &list).expect(201);
    let draft = json!({ "title": "第一批", "filter": { "kind": "gbm-09", "star_min": 3 } });
    let publication = drafter.post(&format!("/v1/lists/{LIST}/publications"), &draft).expect(201).id();
    let steps = format!("/v1/lists/{LIST}/publications/{publication}/transitions");
    drafter.post(&steps, &json!({ "step": "approve" })).problem(403, "second-holder-required");
    approver.post(&steps, &json!({ "step": "approve" })).expect(200);
    drafter.post(&steps, &json!({ "step": "publish" })).expect(200);

    // Then the document verifies, here and elsewhere, and the verdict is eligible.
    let document = anybody.get(&format!("/v1/lists/{LIST}/publications/1/document")).expect(200);
    let jwks = anybody.get("/.well-known/jwks.json").expect(200);
    let (file, keys) = (folder.path("document.json"), folder.path("jwks.json"));
    std::fs::write(&file, &document.text).unwrap();
    std::fs::write(&keys, &jwks.text).unwrap();
    let said = folder.run(&["verify", file.to_str().unwrap(), "--jwks", keys.to_str().unwrap()]).expect(0);
    assert!(said.out.starts_with("OK"), "{}", said.out);
    let payload = verified_elsewhere(&document.body, &jwks.body);
    assert_eq!(payload["entries"][0]["certificate_number"], NUMBER);
    let by_certificate = json!({ "items": [{ "certificate_number": NUMBER }] });
    let by_listing = json!({ "basis": "listing", "list": LIST, "items": [{ "product": product }] });
    let verdict =
        |question: &Value| anybody.post("/v1/verifications", question).expect(200).body["verdicts"][0].clone();
    let before = verdict(&by_certificate);
    assert_eq!(
        (&before["eligibility"], &verdict(&by_listing)["eligibility"]),
        (&json!("eligible"), &json!("eligible"))
    );

    // When the body suspends it, the verdict says so with day and reason, and the past stays as it was.
    let suspend = json!({ "step": "suspend", "reason": "0203" });
    body.post(&format!("/v1/certificates/{certificate}/transitions"), &suspend).expect(200);
    let after = verdict(&by_certificate);
    assert_eq!(
        (&after["eligibility"], &after["reasons"][0]["code"]),
        (&json!("not_eligible"), &json!("certificate_suspended"))
    );
    assert_eq!(
        (&after["reasons"][0]["effective_on"], &after["reasons"][0]["status_reason"]),
        (&after["valid_on"], &json!("0203"))
    );
    assert_eq!(verdict(&by_listing)["reasons"][0]["code"], "listing_suspended");
    let mut then = by_certificate.clone();
    then["as_of"] = before["as_of"].to_string().into();
    assert_eq!(verdict(&then)["eligibility"], "eligible");
    together(&anybody, &certificate, before["as_of"].as_i64().unwrap());
}

/// No cut shows the certificate suspended while its listing stands, nor the other way round.
fn together(anybody: &Client, certificate: &str, from: i64) {
    let head = anybody.get("/v1/lists").expect(200).seq();
    for cut in from..=head {
        let status =
            anybody.get(&format!("/v1/certificates/{certificate}?as_of={cut}")).expect(200).body["reported_status"]
                .clone();
        let listing =
            anybody.get(&format!("/v1/listings?list={LIST}&as_of={cut}")).expect(200).body["items"][0]["status"]
                .clone();
        assert_eq!(status == "02", listing == "suspended", "at {cut}: {status} {listing}");
    }
}

#[test]
fn a_suspension_counts_from_its_day_and_not_before() {
    let story = Story::begin();
    let (product, certificate) = (story.product("65系列内平开塑料窗"), story.certificate(NUMBER));
    story.evidence(&product, &certificate);
    story.open_list();
    story.publish(&[&product]);
    story.server.at("2026-04-03T02:00:00Z");

    story.step(&certificate, &json!({ "step": "suspend", "reason": "0203", "effective_on": "2026-04-01" })).expect(200);

    let on = |day: &str| story.verdict(&json!({ "valid_on": day, "items": [{ "certificate_number": NUMBER }] }));
    assert_eq!(on("2026-03-31")["eligibility"], "eligible");
    assert_eq!(on("2026-04-01")["eligibility"], "not_eligible");
    assert_eq!(on("2026-04-01")["reasons"][0]["effective_on"], "2026-04-01");
    assert_eq!(on("2025-06-04")["reasons"][0]["code"], "certificate_not_yet_issued");
}
