//! Signed documents: one flattened JWS (RFC 7515 §7.2.2) around one canonical JSON.
//!
//! The form is narrower than the RFC: one algorithm, one header, nothing optional, so that a
//! document has one reading. Of which type a document must be and of which day it speaks, only the caller knows, who asks
//! [`Verified::holds`] for both.

use crate::{Jwk, Jwks, SigningKey, base64url, canonical, from_base64url, is_canonical};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

const ALGORITHM: &str = "EdDSA";

/// Why a document cannot be signed or trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It is not JSON with exactly `payload`, `protected` and `signature`.
    #[error("not a flattened JWS: exactly `payload`, `protected` and `signature`, each base64url, are expected")]
    NotFlattened,
    /// The protected header has other members.
    #[error("not our protected header: exactly `alg`, `kid` and `typ` are expected")]
    Header,
    /// It is signed with another algorithm, or with none.
    #[error("wrong algorithm `{0}`: documents are signed with EdDSA")]
    WrongAlgorithm(String),
    /// The key set has no such key.
    #[error("unknown key `{0}`")]
    UnknownKey(String),
    /// The key set's key of that name cannot have signed a document.
    #[error("key `{0}` is not a valid Ed25519 signing key")]
    KeyNotValid(String),
    /// The signature is not that key's for these bytes.
    #[error("the signature does not verify: the document was changed or signed by somebody else")]
    Signature,
    /// The payload is not written as RFC 8785 says.
    #[error("the payload is not canonical JSON (RFC 8785)")]
    NotCanonical,
    /// It is another kind of document.
    #[error("a document of type {0}, not {1}")]
    WrongType(String, String),
    /// The key had not begun to sign on the day, or had ended.
    #[error("the key was not in force on {0}")]
    NotInForce(String),
}

/// A document whose signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The key that signed.
    pub key: Jwk,
    /// What was signed: canonical JSON.
    pub payload: String,
    /// What kind of document it says it is.
    pub typ: String,
}

impl Verified {
    /// Checks that it is the kind of document that is expected, and that its key was in force on a day (`YYYY-MM-DD`).
    ///
    /// # Errors
    /// `WrongType` and `NotInForce`.
    pub fn holds(&self, typ: &str, day: &str) -> Result<(), DocumentError> {
        if self.typ != typ {
            return Err(DocumentError::WrongType(self.typ.clone(), typ.to_owned()));
        }
        if !self.key.valid_on(day) {
            return Err(DocumentError::NotInForce(day.to_owned()));
        }
        Ok(())
    }
}

// In the order in which canonical JSON writes them.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Flattened {
    payload: String,
    protected: String,
    signature: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Protected {
    alg: String,
    kid: String,
    typ: String,
}

/// Signs canonical JSON and gives the document, itself canonical JSON.
///
/// # Errors
/// `NotCanonical` when the payload is not canonical JSON.
pub fn sign_document(key: &SigningKey, payload_json: &str, typ: &str) -> Result<String, DocumentError> {
    if !is_canonical(payload_json) {
        return Err(DocumentError::NotCanonical);
    }
    let header = Protected { alg: ALGORITHM.to_owned(), kid: key.kid().to_owned(), typ: typ.to_owned() };
    let protected = base64url(canonical(&header).map_err(|_| DocumentError::Header)?);
    let payload = base64url(payload_json);
    let signature = key.sign(signing_input(&protected, &payload).as_bytes());
    canonical(&Flattened { payload, protected, signature }).map_err(|_| DocumentError::NotFlattened)
}

/// Checks a document against the keys one trusts.
///
/// # Errors
/// `NotFlattened` and `Header` when it is no document of ours, `WrongAlgorithm` before any key is looked for,
/// `UnknownKey` and `KeyNotValid` when no key could have signed it, `Signature` when the key did not, and
/// `NotCanonical` when it did sign something else than canonical JSON.
pub fn verify_document(document: &str, jwks: &Jwks) -> Result<Verified, DocumentError> {
    let Flattened { payload, protected, signature } = object(document.as_bytes()).ok_or(DocumentError::NotFlattened)?;
    let header = from_base64url(&protected).ok_or(DocumentError::NotFlattened)?;
    let Protected { alg, kid, typ } = object(&header).ok_or(DocumentError::Header)?;
    if alg != ALGORITHM {
        return Err(DocumentError::WrongAlgorithm(alg));
    }
    let Some(jwk) = jwks.find(&kid) else { return Err(DocumentError::UnknownKey(kid)) };
    let Some(public) = jwk.ed25519_public() else { return Err(DocumentError::KeyNotValid(kid)) };

    let signature = from_base64url(&signature).ok_or(DocumentError::NotFlattened)?;
    UnparsedPublicKey::new(&ED25519, public)
        .verify(signing_input(&protected, &payload).as_bytes(), &signature)
        .map_err(|_| DocumentError::Signature)?;

    let payload = from_base64url(&payload).ok_or(DocumentError::NotFlattened)?;
    let payload = String::from_utf8(payload).map_err(|_| DocumentError::NotCanonical)?;
    if !is_canonical(&payload) {
        return Err(DocumentError::NotCanonical);
    }
    Ok(Verified { key: jwk.clone(), payload, typ })
}

/// Reads an object; serde would take an array of its members as well.
fn object<T: DeserializeOwned>(text: &[u8]) -> Option<T> {
    let is_object = text.trim_ascii_start().starts_with(b"{");
    serde_json::from_slice(text).ok().filter(|_| is_object)
}

fn signing_input(protected: &str, payload: &str) -> String {
    format!("{protected}.{payload}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Jwk, MacKey, key::tests::RFC_8037};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    const PAYLOAD: &str = r#"{"list":"green-products","number":3,"title":"绿色建材产品名单"}"#;

    fn key() -> SigningKey {
        SigningKey::from_pem(RFC_8037).unwrap()
    }

    fn jwks() -> Jwks {
        Jwks { keys: vec![SigningKey::generate().unwrap().jwk(), key().jwk()] }
    }

    fn signed() -> String {
        sign_document(&key(), PAYLOAD, "publication+jws").unwrap()
    }

    /// Signs any header and payload, as an attacker or a careless signer would.
    fn forged(header: &Value, payload: &[u8]) -> String {
        let (protected, payload) = (base64url(header.to_string()), base64url(payload));
        let signature = key().sign(signing_input(&protected, &payload).as_bytes());
        json!({"payload": payload, "protected": protected, "signature": signature}).to_string()
    }

    fn refusal(document: &str) -> DocumentError {
        verify_document(document, &jwks()).unwrap_err()
    }

    #[test]
    fn a_signed_document_gives_its_payload_back_and_is_canonical_itself() {
        let document = signed();

        let verified = verify_document(&document, &jwks()).unwrap();

        assert_eq!(
            verified,
            Verified { key: key().jwk(), payload: PAYLOAD.to_owned(), typ: "publication+jws".to_owned() }
        );
        assert!(document.starts_with(r#"{"payload":"#) && is_canonical(&document));
        assert_eq!(document, signed(), "Ed25519 signs the same bytes in the same way");
    }

    #[test]
    fn only_a_known_and_fitting_key_is_believed() {
        let kid = key().kid().to_owned();
        let with = |change: fn(&mut Jwk)| {
            let mut jwk = key().jwk();
            change(&mut jwk);
            verify_document(&signed(), &Jwks { keys: vec![jwk] }).unwrap_err()
        };

        assert_eq!(verify_document(&signed(), &Jwks::default()), Err(DocumentError::UnknownKey(kid.clone())));
        assert_eq!(with(|jwk| jwk.x = SigningKey::generate().unwrap().jwk().x), DocumentError::Signature);
        assert_eq!(with(|jwk| jwk.x = None), DocumentError::KeyNotValid(kid.clone()));
        assert_eq!(with(|jwk| jwk.kty = "EC".to_owned()), DocumentError::KeyNotValid(kid.clone()));
        assert_eq!(with(|jwk| jwk.alg = Some("HS256".to_owned())), DocumentError::KeyNotValid(kid));
    }

    #[test]
    fn a_document_holds_as_its_kind_and_on_the_days_of_its_key() {
        let until = Some("2026-12-31".to_owned());
        let jwks = Jwks { keys: vec![Jwk { valid_until: until, ..key().jwk() }] };
        let verified = verify_document(&signed(), &jwks).unwrap();

        assert_eq!(verified.holds("publication+jws", "2026-12-31"), Ok(()));
        assert_eq!(
            verified.holds("publication+jws", "2027-01-01"),
            Err(DocumentError::NotInForce("2027-01-01".to_owned()))
        );
        assert_eq!(
            verified.holds("other+jws", "2026-12-31"),
            Err(DocumentError::WrongType("publication+jws".to_owned(), "other+jws".to_owned()))
        );
    }

    #[test]
    fn another_algorithm_is_refused_before_any_key_is_used() {
        let kid = key().kid().to_owned();
        let public = key().jwk().ed25519_public().unwrap();
        let protected = base64url(json!({"alg": "HS256", "kid": kid, "typ": "a"}).to_string());
        let payload = base64url(PAYLOAD);
        let tag = MacKey::new(&public).tag(signing_input(&protected, &payload).as_bytes());
        let confused = json!({"payload": payload, "protected": protected, "signature": base64url(tag)}).to_string();
        let none = json!({
            "payload": payload, "signature": "",
            "protected": base64url(json!({"alg": "none", "kid": kid, "typ": "a"}).to_string()),
        });

        assert_eq!(refusal(&confused), DocumentError::WrongAlgorithm("HS256".to_owned()));
        assert_eq!(refusal(&none.to_string()), DocumentError::WrongAlgorithm("none".to_owned()));
    }

    #[test]
    fn headers_beyond_ours_are_refused_though_signed() {
        let kid = key().kid().to_owned();
        for header in [
            json!({"alg": "EdDSA", "kid": kid, "typ": "a", "crit": ["b64"], "b64": false}),
            json!({"alg": "EdDSA", "kid": kid, "typ": "a", "jwk": key().jwk()}),
            json!({"alg": "EdDSA", "kid": kid}),
            // serde would take the members of an array by their order.
            json!(["EdDSA", kid, "a"]),
        ] {
            assert_eq!(refusal(&forged(&header, PAYLOAD.as_bytes())), DocumentError::Header, "{header}");
        }
    }

    #[test]
    fn a_payload_that_is_not_canonical_is_neither_signed_nor_believed() {
        let header = json!({"alg": "EdDSA", "kid": key().kid(), "typ": "a"});
        for payload in ["{ }", r#"{"b":1,"a":2}"#, r#"{"a":1,"a":1}"#, "no json", "1.0"] {
            assert_eq!(sign_document(&key(), payload, "a"), Err(DocumentError::NotCanonical));
            assert_eq!(refusal(&forged(&header, payload.as_bytes())), DocumentError::NotCanonical, "{payload}");
        }
        assert_eq!(refusal(&forged(&header, b"\"\xff\"")), DocumentError::NotCanonical);
        assert!(verify_document(&forged(&header, PAYLOAD.as_bytes()), &jwks()).is_ok());
    }

    #[test]
    fn other_shapes_are_not_flattened_jws() {
        let document: Value = serde_json::from_str(&signed()).unwrap();
        let part = |name: &str| document[name].as_str().unwrap().to_owned();
        let with = |name: &str, value: Value| {
            let mut changed = document.clone();
            changed[name] = value;
            changed.to_string()
        };
        for text in [
            format!("{}.{}.{}", part("protected"), part("payload"), part("signature")),
            json!([part("payload"), part("protected"), part("signature")]).to_string(),
            json!({"payload": part("payload"), "signatures": [document]}).to_string(),
            with("header", json!({})),
            with("signature", json!(format!("{}==", part("signature")))),
            with("protected", json!(part("protected").replacen('e', "+", 1))),
            format!("{}{}", signed(), signed()),
            signed().replacen('{', r#"{"payload":"","#, 1),
            String::new(),
        ] {
            assert_eq!(refusal(&text), DocumentError::NotFlattened, "{text}");
        }
    }

    #[test]
    fn a_header_is_an_object() {
        let header = json!(["EdDSA", key().kid(), "publication+jws"]);

        assert_eq!(refusal(&forged(&header, PAYLOAD.as_bytes())), DocumentError::Header);
    }

    proptest! {
        #[test]
        fn changing_any_byte_of_any_part_is_noticed(
            part in prop::sample::select(vec!["payload", "protected", "signature"]),
            at: prop::sample::Index,
            with in "[A-Za-z0-9_-]",
        ) {
            let mut document: Value = serde_json::from_str(&signed()).unwrap();
            let mut text = document[part].as_str().unwrap().to_owned();
            let at = at.index(text.len());
            prop_assume!(text[at..=at] != with);
            text.replace_range(at..=at, &with);
            document[part] = json!(text);

            prop_assert!(verify_document(&document.to_string(), &jwks()).is_err());
        }

        #[test]
        fn no_text_makes_it_panic(text: String) {
            prop_assert!(verify_document(&text, &Jwks::default()).is_err());
        }
    }
}
