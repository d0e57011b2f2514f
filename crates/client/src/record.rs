//! What the registry answered.

use lvcai_trust::Digest;
use serde::de::DeserializeOwned;
use ureq::http::HeaderMap;

/// An answer: a record, a page, or what became of a write.
#[derive(Debug, Clone)]
pub struct Record {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Record {
    pub(crate) fn new(status: u16, headers: HeaderMap, body: Vec<u8>) -> Self {
        Self { status, headers, body }
    }

    /// The status of HTTP, as 201 for what was made.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// A header, where there is one.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as it was sent: of a record its canonical JSON.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body as a [`serde_json::Value`] or another type.
    ///
    /// # Errors
    ///
    /// When it is none of that type; [`crate::Error`] takes it by `?`.
    pub fn parse<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(&self.body)
    }

    /// The ETag, to be sent as `If-Match` or `If-None-Match`.
    ///
    /// A `PUT` whose record the registry has completed answers none (RFC 9110 §9.3.4); it is that of the bytes which a
    /// `GET` at `Content-Location` would answer, and these are they.
    pub fn etag(&self) -> Option<String> {
        let of_bytes = || self.header("content-location").map(|_| format!("\"{}\"", Digest::of(&self.body)));
        self.header("etag").map(str::to_owned).or_else(of_bytes)
    }

    /// The cut of the ledger that it shows, or that the write made.
    pub fn registry_seq(&self) -> Option<i64> {
        self.header("registry-seq")?.parse().ok()
    }

    /// The version of the record, from 1.
    pub fn version(&self) -> Option<i64> {
        self.header("registry-version")?.parse().ok()
    }

    /// Where what was made is.
    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }

    /// Whether it is the answer to an earlier request under the same idempotency key.
    pub fn is_replayed(&self) -> bool {
        self.header("idempotency-replayed") == Some("true")
    }
}
