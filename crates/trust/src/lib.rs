//! Canonical JSON, digests and signatures: what makes a document checkable without asking us.
//!
//! Nothing here reads a file, a clock or the network, and nothing knows a noun of the registry.

mod canonical;
mod digest;
mod document;
mod jwk;
mod key;

pub use canonical::{CanonicalError, canonical, is_canonical};
pub use digest::{Digest, DigestError, Hasher, MacKey};
pub use document::{DocumentError, Verified, sign_document, verify_document};
pub use jwk::{Jwk, Jwks};
pub use key::{KeyError, SigningKey};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// Encodes as JOSE does: base64url without padding.
pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes base64url; padding, other alphabets and stray trailing bits are refused.
pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()
}
