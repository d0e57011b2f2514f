//! What a proof must say, rule by rule.

use super::*;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;

static NOW: LazyLock<Timestamp> = LazyLock::new(|| "2026-03-01T00:00:00Z".parse().unwrap());
static KEY: LazyLock<Key> = LazyLock::new(Key::new);
const REQUEST: ProvedRequest<'_> =
    ProvedRequest { method: "POST", url: "https://registry.example/v1/products", token: Some("a token") };

fn after(seconds: i64) -> Timestamp {
    *NOW + SignedDuration::from_secs(seconds)
}

/// A key of a client, and its public half.
struct Key {
    pair: EcdsaKeyPair,
    jwk: Value,
}

impl Key {
    fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = pair.public_key().as_ref();
        let [x, y] = [&point[1..33], &point[33..]].map(|it| BASE64_URL_SAFE_NO_PAD.encode(it));
        let jwk = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y });
        Self { pair, jwk }
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let [header, claims] = [header, claims].map(|it| BASE64_URL_SAFE_NO_PAD.encode(it.to_string()));
        let message = format!("{header}.{claims}");
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

/// A proof whose header and claims are changed before it is signed.
fn proof(change: impl Fn(&mut Value, &mut Value)) -> String {
    let mut header = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": KEY.jwk });
    let mut claims = json!({ "htm": "POST", "htu": REQUEST.url, "jti": "a", "iat": NOW.as_second(), "ath": token_digest("a token") });
    change(&mut header, &mut claims);
    KEY.sign(&header, &claims)
}

fn claiming(name: &str, value: impl Into<Value>) -> Result<String, ProofError> {
    let value = value.into();
    verify_proof(&proof(|_, claims| claims[name] = value.clone()), REQUEST, *NOW).map(|it| it.jti)
}

#[test]
fn the_proof_of_the_standard_verifies() {
    // RFC 9449 §4.2 and, for the thumbprint, §6.1.
    let proof = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
    let request = ProvedRequest { method: "POST", url: "https://server.example.com/token", token: None };

    let proved = verify_proof(proof, request, Timestamp::from_second(1_562_262_616).unwrap()).unwrap();

    assert_eq!(
        (proved.thumbprint.as_str(), proved.jti.as_str()),
        ("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I", "-BwC3ESc6acc2lTc")
    );
}

#[test]
fn a_proof_is_for_one_request() {
    assert_eq!(claiming("jti", "a"), Ok("a".to_owned()));
    assert_eq!(claiming("htm", "GET"), Err(ProofError::Method("POST".to_owned())));
    assert_eq!(claiming("htm", "post"), Err(ProofError::Method("POST".to_owned())));
    assert_eq!(claiming("ath", token_digest("another")), Err(ProofError::Token));
    assert_eq!(claiming("ath", Value::Null), Err(ProofError::Token));
    let asks = ProvedRequest { token: None, ..REQUEST };
    assert_eq!(verify_proof(&proof(|_, _| ()), asks, *NOW), Err(ProofError::Token), "made for a request with a token");
    for (jti, told) in [("", Err(ProofError::Jti)), ("a\u{7}", Err(ProofError::Jti)), ("是", Ok("是".to_owned()))] {
        assert_eq!(claiming("jti", jti), told);
    }
}

#[test]
fn addresses_are_compared_as_addresses() {
    let wrong = || Err(ProofError::Address(REQUEST.url.to_owned()));
    let same = ["HTTPS://Registry.Example:443/v1/products", "https://registry.example/v1/produ%63ts", REQUEST.url];
    for told in same.into_iter().chain(["https://registry.example/v1/products?q=%E7%AA%97#top"]) {
        assert_eq!(claiming("htu", told), Ok("a".to_owned()), "{told}");
    }
    let other = ["http://registry.example/v1/products", "https://registry.example:8443/v1/products"];
    for told in other.into_iter().chain(["https://registry.example/v1/products/", "/v1/products", "data:,a", ""]) {
        assert_eq!(claiming("htu", told), wrong(), "{told}");
    }
    assert_eq!(claiming("htu", Value::Null), wrong());
}

#[test]
fn a_proof_is_of_the_last_minute() {
    let at = |seconds| verify_proof(&proof(|_, _| ()), REQUEST, after(seconds)).map(|it| it.jti);

    assert_eq!((at(60), at(-30)), (Ok("a".to_owned()), Ok("a".to_owned())));
    assert_eq!((at(61), at(-31)), (Err(ProofError::Stale), Err(ProofError::Stale)));
    assert_eq!(claiming("iat", Value::Null), Err(ProofError::NoInstant));
    assert_eq!(claiming("iat", "2026-03-01"), Err(JwsError::Malformed.into()));
    assert!(REMEMBERED >= LIFETIME + AHEAD);
}

#[test]
fn the_header_has_a_type_a_public_key_and_its_algorithm() {
    let with = |change: fn(&mut Value)| {
        verify_proof(&proof(|header, _| change(header)), REQUEST, *NOW).map(|it| it.jti).unwrap_err()
    };

    assert_eq!(with(|it| it["typ"] = "JWT".into()), ProofError::WrongType);
    assert_eq!(with(|it| it["typ"] = Value::Null), ProofError::WrongType);
    assert_eq!(with(|it| it["jwk"] = Value::Null), ProofError::NoKey);
    assert_eq!(with(|it| it["jwk"]["d"] = "AA".into()), ProofError::Key(KeyFault::Private("d")));
    assert_eq!(with(|it| it["jwk"] = json!({ "kty": "oct", "k": "AA" })), ProofError::Key(KeyFault::Private("k")));
    assert_eq!(with(|it| it["alg"] = "RS256".into()), JwsError::WrongAlgorithm.into());
    assert_eq!(with(|it| it["alg"] = "none".into()), JwsError::Malformed.into());
    let stranger = Key::new().jwk;
    let proof = proof(|header, _| header["jwk"] = stranger.clone());
    assert_eq!(verify_proof(&proof, REQUEST, *NOW), Err(JwsError::Signature.into()));
    assert_eq!(verify_proof(&"a".repeat(MAX_LENGTH + 1), REQUEST, *NOW), Err(ProofError::TooLong));
}

proptest! {
    #[test]
    fn a_changed_proof_is_refused(at: prop::sample::Index, with in "[A-Za-z0-9_-]") {
        let proof = proof(|_, _| ());
        let at = at.index(proof.len());
        let mut changed = proof.clone();
        changed.replace_range(at..=at, &with);
        prop_assume!(changed != proof);
        prop_assert!(verify_proof(&changed, REQUEST, *NOW).is_err());
    }

    #[test]
    fn no_text_makes_it_panic(text: String) {
        prop_assert!(verify_proof(&text, REQUEST, *NOW).is_err());
    }
}
