//! Proofs of possession (DPoP, RFC 9449): with one, a token is got that is bound to a key, and then sent.

use crate::private_key::{PrivateKey, PrivateKeyError};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::json;

/// The request that a proof is for.
#[derive(Debug, Clone, Copy)]
pub struct ProvedRequest<'a> {
    /// Its method.
    pub method: &'a str,
    /// The registry's issuer and the path, without the query.
    pub url: &'a str,
    /// The access token that it sends; none where it asks for one.
    pub token: Option<&'a str>,
}

/// Signs a proof, to be sent in the header `DPoP` with this one request.
///
/// # Errors
///
/// `PrivateKeyError` says what is wrong with the key.
pub fn sign_proof(key: &str, request: ProvedRequest<'_>, now: Timestamp) -> Result<String, PrivateKeyError> {
    prove(&PrivateKey::parse(key)?, request, now)
}

pub(crate) fn prove(key: &PrivateKey, request: ProvedRequest<'_>, now: Timestamp) -> Result<String, PrivateKeyError> {
    let header = json!({ "alg": key.algorithm(), "typ": "dpop+jwt", "jwk": key.public_jwk() });
    let ProvedRequest { method, url, token } = request;
    let mut claims = json!({ "htm": method, "htu": url, "jti": uuid::Uuid::new_v4(), "iat": now.as_second() });
    if let (Some(token), Some(claims)) = (token, claims.as_object_mut()) {
        let ath = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()));
        claims.insert("ath".to_owned(), ath.into());
    }
    key.jws(&header, &claims)
}
