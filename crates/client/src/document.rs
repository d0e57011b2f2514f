//! Signed documents, checked without the registry.

use lvcai_trust::{Digest, DocumentError, Jwks, canonical, verify_document as verify_signature};
use serde_json::Value;

/// What the header of the document of a publication says of its payload.
const TYPE: &str = "lvcai-publication+json";

/// Why a document must not be believed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerificationError {
    /// It is not signed as it must be: by one of the keys, in force on the day of publication.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Its entries are not those to which the publication commits by digest.
    #[error("the entries are not those that were approved")]
    Entries,
    /// It is genuine, and that of another publication than the one that was asked for.
    #[error("it is no. {number} of {list}, which was not asked for")]
    Another {
        /// The list of which it is.
        list: String,
        /// Its number in that list.
        number: i64,
    },
}

/// A publication as it was signed. A member that this crate does not know is in [`Self::payload`].
#[derive(Debug, Clone, PartialEq)]
pub struct Publication {
    payload: Value,
}

impl Publication {
    /// The whole payload.
    pub fn payload(&self) -> &Value {
        &self.payload
    }

    /// The registry that issued it.
    pub fn issuer(&self) -> &str {
        self.text("/issuer")
    }

    /// The list.
    pub fn list(&self) -> &str {
        self.text("/list/id")
    }

    /// The number of the publication in its list.
    pub fn number(&self) -> i64 {
        self.payload.pointer("/publication/number").and_then(Value::as_i64).unwrap_or_default()
    }

    /// Its title.
    pub fn title(&self) -> &str {
        self.text("/publication/title")
    }

    /// The day on which it was published, `YYYY-MM-DD`.
    pub fn published_on(&self) -> &str {
        self.text("/publication/published_on")
    }

    /// Its entries in order.
    pub fn entries(&self) -> &[Value] {
        self.payload.get("entries").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Checks that it is the one that was asked for: another that is as genuine could be put in its place.
    pub(crate) fn must_be(&self, list: &str, number: i64) -> Result<(), VerificationError> {
        if self.list() == list && self.number() == number {
            return Ok(());
        }
        Err(VerificationError::Another { list: self.list().to_owned(), number: self.number() })
    }

    fn text(&self, pointer: &str) -> &str {
        self.payload.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

/// Verifies the document of a publication by the keys that one trusts: the signature, its kind, that the key was in
/// force on the day of publication, and that the entries are those that were approved. It needs no network.
///
/// # Errors
///
/// [`VerificationError`] says what is wrong.
pub fn verify_document(document: &str, keys: &Jwks) -> Result<Publication, VerificationError> {
    let verified = verify_signature(document, keys)?;
    let payload = serde_json::from_str(&verified.payload).map_err(|_| DocumentError::NotCanonical)?;
    let publication = Publication { payload };
    verified.holds(TYPE, publication.published_on())?;
    let entries = canonical(&publication.entries()).map_err(|_| VerificationError::Entries)?;
    if Digest::of(entries.as_bytes()).to_string() != publication.text("/publication/entries_sha256") {
        return Err(VerificationError::Entries);
    }
    Ok(publication)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lvcai_trust::{SigningKey, sign_document};
    use serde_json::json;

    fn payload(entries: &Value, digest_of: &Value) -> Value {
        let digest = Digest::of(canonical(digest_of).unwrap().as_bytes()).to_string();
        json!({
            "issuer": "https://registry.example", "list": { "id": "green", "title": "名单" }, "entries": entries,
            "publication": {
                "id": "publ_1", "number": 2, "title": "第二批", "published_on": "2026-03-02", "entries_sha256": digest,
                "member_of_tomorrow": true
            },
        })
    }

    fn signed(payload: &Value, typ: &str) -> (String, Jwks) {
        let key = SigningKey::generate().unwrap();
        let document = sign_document(&key, &canonical(payload).unwrap(), typ).unwrap();
        (document, Jwks { keys: vec![key.jwk()] })
    }

    #[test]
    fn a_document_verifies_with_members_that_nobody_knows_yet() {
        let entries = json!([{ "position": 1, "product_name": "窗", "entry_of_tomorrow": 1 }]);
        let (document, keys) = signed(&payload(&entries, &entries), TYPE);

        let publication = verify_document(&document, &keys).unwrap();

        assert_eq!((publication.list(), publication.number(), publication.title()), ("green", 2, "第二批"));
        assert_eq!((publication.issuer(), publication.published_on()), ("https://registry.example", "2026-03-02"));
        assert_eq!(json!(publication.entries()), entries);
        assert_eq!(publication.payload()["publication"]["member_of_tomorrow"], true);
    }

    #[test]
    fn other_entries_another_kind_and_a_day_without_the_key_are_refused() {
        let entries = json!([{ "position": 1 }]);
        let refusal = |(document, keys): (String, Jwks)| verify_document(&document, &keys).unwrap_err().to_string();

        let exchanged = signed(&payload(&entries, &json!([{ "position": 2 }])), TYPE);
        assert_eq!(refusal(exchanged), "the entries are not those that were approved");
        let other = signed(&payload(&entries, &entries), "other+json");
        assert_eq!(refusal(other), "a document of type other+json, not lvcai-publication+json");
        let (document, mut keys) = signed(&payload(&entries, &entries), TYPE);
        keys.keys[0].valid_from = Some("2026-03-03".to_owned());
        assert_eq!(refusal((document, keys)), "the key was not in force on 2026-03-02");
    }

    #[test]
    fn a_genuine_document_of_another_publication_is_not_the_one_that_was_asked_for() {
        let entries = json!([]);
        let (document, keys) = signed(&payload(&entries, &entries), TYPE);
        let publication = verify_document(&document, &keys).unwrap();

        assert!(publication.must_be("green", 2).is_ok());
        for (list, number) in [("green", 1), ("other", 2)] {
            let error = publication.must_be(list, number).unwrap_err();
            assert_eq!(error.to_string(), "it is no. 2 of green, which was not asked for");
        }
    }
}
