//! Assertions as clients and attackers make them.

use super::*;
use crate::{TokenKey, generate_client_key};
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize, PublicKeyComponents},
    signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto::sign};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;

const CLIENT: &str = "cli_0198";
const ISSUER: &str = "https://registry.example";
static NOW: LazyLock<Timestamp> = LazyLock::new(|| "2026-03-01T00:00:00Z".parse().unwrap());

/// A client with one ES256 key.
struct Client {
    key: EncodingKey,
    jwks: Value,
}

impl Client {
    fn new() -> Self {
        let (pem, jwks) = generate_client_key().unwrap();
        Self { key: EncodingKey::from_ec_pem(pem.as_bytes()).unwrap(), jwks: serde_json::from_str(&jwks).unwrap() }
    }

    fn kid(&self) -> &Value {
        &self.jwks["keys"][0]["kid"]
    }

    fn keys(&self) -> ClientKeys {
        ClientKeys::from_value(&self.jwks).unwrap()
    }

    fn assertion(&self, claims: &Value) -> String {
        let header = json!({"alg": "ES256", "kid": self.kid()});
        compact(&header, claims, |message| sign(message, &self.key, Algorithm::ES256).unwrap())
    }

    fn verify(&self, assertion: &str) -> Result<Assertion, AssertionError> {
        verify_assertion(assertion, CLIENT, &self.keys(), ISSUER, *NOW)
    }

    /// What becomes of an assertion with one claim changed; `null` removes it.
    fn with(&self, name: &str, value: Value) -> Result<Assertion, AssertionError> {
        let mut claims = claims();
        claims[name] = value;
        claims.as_object_mut().unwrap().retain(|_, it| !it.is_null());
        self.verify(&self.assertion(&claims))
    }
}

fn claims() -> Value {
    let now = NOW.as_second();
    json!({"iss": CLIENT, "sub": CLIENT, "aud": ISSUER, "iat": now, "exp": now + 60, "jti": "one"})
}

fn compact(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> String) -> String {
    let part = |it: &Value| BASE64_URL_SAFE_NO_PAD.encode(it.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = sign(message.as_bytes());
    format!("{message}.{signature}")
}

fn seconds(from_now: i64) -> Value {
    json!(NOW.as_second() + from_now)
}

#[test]
fn a_fresh_assertion_of_the_client_is_accepted() {
    let client = Client::new();

    let assertion = client.verify(&client.assertion(&claims())).unwrap();

    assert_eq!(assertion.jti, "one");
    assert_eq!(assertion.expires_at.to_string(), "2026-03-01T00:01:00Z");
    assert_eq!(peek_client(&client.assertion(&claims())).as_deref(), Some(CLIENT));
    assert!(client.with("aud", json!([ISSUER])).is_ok());
    assert!(client.with("exp", json!(1_772_323_230.5)).is_ok(), "NumericDate may have a fraction");
}

#[test]
fn each_registered_algorithm_works_with_its_own_key_only() {
    let ed = Ed25519KeyPair::generate().unwrap();
    let ed_key = EncodingKey::from_ed_der(ed.to_pkcs8v1().unwrap().as_ref());
    let ed_x = BASE64_URL_SAFE_NO_PAD.encode(ed.public_key());
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let public = PublicKeyComponents::<Vec<u8>>::from(rsa.public_key());
    let keys = ClientKeys::from_value(&json!({"keys": [
        {"kid": "ed", "kty": "OKP", "crv": "Ed25519", "x": ed_x},
        {"kid": "rsa", "kty": "RSA", "n": BASE64_URL_SAFE_NO_PAD.encode(public.n), "e": "AQAB"},
    ]}))
    .unwrap();
    let sign_ed = |message: &[u8]| sign(message, &ed_key, Algorithm::EdDSA).unwrap();
    let sign_rsa = |message: &[u8]| {
        let mut signature = vec![0; rsa.public_modulus_len()];
        rsa.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
        BASE64_URL_SAFE_NO_PAD.encode(signature)
    };
    let verify = |assertion: &str| verify_assertion(assertion, CLIENT, &keys, ISSUER, *NOW).map(|it| it.jti);
    let header = |alg: &str, kid: &str| json!({"alg": alg, "kid": kid});

    assert_eq!(verify(&compact(&header("EdDSA", "ed"), &claims(), sign_ed)).unwrap(), "one");
    assert_eq!(verify(&compact(&header("RS256", "rsa"), &claims(), sign_rsa)).unwrap(), "one");
    assert_eq!(
        verify(&compact(&header("RS256", "ed"), &claims(), sign_rsa)),
        Err(AssertionError::Jws(JwsError::WrongAlgorithm))
    );
    assert_eq!(
        verify(&compact(&header("PS256", "rsa"), &claims(), sign_rsa)),
        Err(AssertionError::Jws(JwsError::WrongAlgorithm))
    );
    for header in [json!({"alg": "EdDSA"}), header("Ed25519", "ed"), json!({"alg": "Ed25519", "kid": "of its tool"})] {
        assert_eq!(verify(&compact(&header, &claims(), sign_ed)).unwrap(), "one", "{header}");
    }
    assert_eq!(verify(&compact(&json!({"alg": "RS256"}), &claims(), sign_rsa)).unwrap(), "one");
}

#[test]
fn two_keys_of_one_kind_both_work_while_one_follows_the_other() {
    let (old, new, thief) = (Client::new(), Client::new(), Client::new());
    let mut bare = old.jwks["keys"][0].clone();
    bare.as_object_mut().unwrap().remove("kid");
    let keys = ClientKeys::from_value(&json!({"keys": [bare, new.jwks["keys"][0]]})).unwrap();
    let signed = |client: &Client, header: Value| {
        let signed = compact(&header, &claims(), |message| sign(message, &client.key, Algorithm::ES256).unwrap());
        verify_assertion(&signed, CLIENT, &keys, ISSUER, *NOW).map(|it| it.jti)
    };

    for client in [&old, &new] {
        for header in [json!({"alg": "ES256"}), json!({"alg": "ES256", "kid": client.kid()})] {
            assert_eq!(signed(client, header.clone()).as_deref(), Ok("one"), "{header}");
        }
    }
    let crossed = json!({"alg": "ES256", "kid": new.kid()});
    assert_eq!(signed(&old, crossed), Err(AssertionError::Jws(JwsError::Signature)), "a name that is known counts");
    assert_eq!(signed(&thief, json!({"alg": "ES256"})), Err(AssertionError::Jws(JwsError::Signature)));
}

#[test]
fn a_public_key_is_no_secret_and_none_is_no_signature() {
    let client = Client::new();
    let x = client.jwks["keys"][0]["x"].as_str().unwrap();
    let secret = EncodingKey::from_secret(&BASE64_URL_SAFE_NO_PAD.decode(x).unwrap());
    let confused = compact(&json!({"alg": "HS256", "kid": client.kid()}), &claims(), |message| {
        sign(message, &secret, Algorithm::HS256).unwrap()
    });
    let none = compact(&json!({"alg": "none", "kid": client.kid()}), &claims(), |_| String::new());

    assert_eq!(client.verify(&confused), Err(AssertionError::Jws(JwsError::WrongAlgorithm)));
    assert_eq!(client.verify(&none), Err(AssertionError::Jws(JwsError::Malformed)));
}

#[test]
fn the_key_comes_from_the_register_never_from_the_header() {
    let (client, thief) = (Client::new(), Client::new());
    let headers = [
        (json!({"alg": "ES256", "kid": client.kid()}), JwsError::Signature),
        (json!({"alg": "ES256", "jwk": thief.jwks["keys"][0]}), JwsError::Signature),
        (json!({"alg": "ES256", "kid": thief.kid()}), JwsError::UnknownKey),
        (json!({"alg": "ES256", "crit": ["exp"]}), JwsError::Critical),
    ];
    for (header, error) in headers {
        let stolen = compact(&header, &claims(), |message| sign(message, &thief.key, Algorithm::ES256).unwrap());
        assert_eq!(client.verify(&stolen), Err(AssertionError::Jws(error)), "{header}");
    }
}

#[test]
fn an_access_token_is_no_assertion() {
    let client = Client::new();
    let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": client.kid()});
    let token = compact(&header, &claims(), |message| sign(message, &client.key, Algorithm::ES256).unwrap());

    assert_eq!(client.verify(&token), Err(AssertionError::WrongType));
}

#[test]
fn issuer_subject_and_audience_are_exact() {
    let client = Client::new();
    for (name, value, error) in [
        ("iss", json!("cli_other"), AssertionError::WrongClient),
        ("sub", json!("cli_other"), AssertionError::WrongClient),
        ("sub", Value::Null, AssertionError::WrongClient),
        ("aud", json!("https://registry.example/"), AssertionError::WrongAudience),
        ("aud", json!("https://registry.example/oauth/token"), AssertionError::WrongAudience),
        ("aud", Value::Null, AssertionError::WrongAudience),
        ("aud", json!([ISSUER, "https://other.example"]), AssertionError::WrongAudience),
        ("aud", json!([ISSUER, format!("{ISSUER}/oauth/token")]), AssertionError::WrongAudience),
        ("aud", json!([]), AssertionError::WrongAudience),
        ("aud", json!(7), AssertionError::WrongAudience),
        ("iss", json!(7), AssertionError::WrongClient),
        ("jti", json!(7), AssertionError::Jti),
    ] {
        assert_eq!(client.with(name, value.clone()), Err(error), "{name} {value}");
    }
}

#[test]
fn an_assertion_lives_at_most_five_minutes_and_only_now() {
    let client = Client::new();
    for (name, value, outcome) in [
        ("exp", seconds(300), None),
        ("exp", seconds(301), Some(AssertionError::TooLongLived)),
        ("exp", seconds(1), None),
        ("exp", seconds(0), Some(AssertionError::Expired)),
        ("exp", Value::Null, Some(AssertionError::NoExpiry)),
        ("exp", json!(i64::MAX), Some(AssertionError::NoInstant("exp"))),
        ("exp", json!("soon"), Some(AssertionError::NoInstant("exp"))),
        ("iat", json!((NOW.as_millisecond())), Some(AssertionError::Milliseconds("iat"))),
        ("exp", json!(NOW.as_millisecond() + 60_000), Some(AssertionError::Milliseconds("exp"))),
        ("nbf", json!(NOW.as_millisecond()), Some(AssertionError::Milliseconds("nbf"))),
        ("iat", seconds(30), None),
        ("iat", seconds(31), Some(AssertionError::NotYetValid)),
        ("iat", seconds(-241), Some(AssertionError::TooLongLived)),
        ("iat", Value::Null, None),
        ("nbf", seconds(30), None),
        ("nbf", seconds(31), Some(AssertionError::NotYetValid)),
    ] {
        assert_eq!(client.with(name, value.clone()).err(), outcome, "{name} {value}");
    }
}

#[test]
fn a_jti_is_required_and_bounded() {
    let client = Client::new();
    for bad in [Value::Null, json!(""), json!("绿".repeat(129)), json!("a\0b")] {
        assert_eq!(client.with("jti", bad), Err(AssertionError::Jti));
    }
    assert!(client.with("jti", json!("绿".repeat(128))).is_ok());
    assert_eq!(client.verify(&"a".repeat(MAX_LENGTH + 1)), Err(AssertionError::TooLong));
    assert_eq!(peek_client(&"a".repeat(MAX_LENGTH + 1)), None);
}

proptest! {
    #[test]
    fn a_changed_assertion_is_refused(at: prop::sample::Index, with in "[A-Za-z0-9_-]") {
        static CASE: LazyLock<(Client, String)> = LazyLock::new(|| {
            let client = Client::new();
            let assertion = client.assertion(&claims());
            (client, assertion)
        });
        let (client, assertion) = &*CASE;
        let at = at.index(assertion.len());
        let mut changed = assertion.clone();
        changed.replace_range(at..=at, &with);
        prop_assume!(&changed != assertion);
        prop_assert!(client.verify(&changed).is_err());
    }

    #[test]
    fn no_text_makes_it_panic(text: String, dotted in "[a-zA-Z0-9_-]{0,9}\\.[a-zA-Z0-9_-]{0,9}\\.[a-zA-Z0-9_-]{0,9}") {
        static KEY: LazyLock<ClientKeys> = LazyLock::new(|| Client::new().keys());
        for it in [text, dotted] {
            let _ = peek_client(&it);
            prop_assert!(verify_assertion(&it, CLIENT, &KEY, ISSUER, *NOW).is_err());
            prop_assert!(TokenKey::from_pem(&it).is_err());
        }
    }
}
