//! Proofs of possession (DPoP, RFC 9449): a token that is bound to a key is worth nothing to whoever has not the key.
//!
//! That a proof is used once is for the caller: it remembers each for [`REMEMBERED`].

use crate::keys::{KeyFault, accepted};
use crate::{
    JwsError,
    jws::{self, NumericDate},
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::ThumbprintHash;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;
use url::Url;

const TYPE: &str = "dpop+jwt";
/// A real proof has some 500 bytes, one by an RSA key 1,500; the bound keeps decoding cheap.
const MAX_LENGTH: usize = 8 * 1024;
const MAX_JTI: usize = 128;
/// How old a proof may be.
const LIFETIME: SignedDuration = SignedDuration::from_secs(60);
/// How far a client's clock may be ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_secs(30);
/// For how long a proof could be sent once more: from 30 seconds before its `iat` to a minute after it.
pub const REMEMBERED: SignedDuration = SignedDuration::from_secs(90);

/// The request that a proof is for.
#[derive(Debug, Clone, Copy)]
pub struct ProvedRequest<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its address; query and fragment do not count.
    pub url: &'a str,
    /// The access token that it sends; none where it asks for one.
    pub token: Option<&'a str>,
}

/// What a verified proof says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The key that signed it: its thumbprint (RFC 7638), the `jkt` of a token that is bound to it.
    pub thumbprint: String,
    /// Its name, to be used once.
    pub jti: String,
}

/// Why a proof is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// It has more than 8 KiB.
    #[error("longer than 8 KiB")]
    TooLong,
    /// It is no JWS of the key in its header.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// Its `typ` is not `dpop+jwt`.
    #[error("`typ` must be `dpop+jwt`")]
    WrongType,
    /// It has no key in its header.
    #[error("the header must hold the public key, `jwk`")]
    NoKey,
    /// Its key is not one that the registry takes.
    #[error("`jwk`: {0}")]
    Key(KeyFault),
    /// `htm` is another method.
    #[error("`htm` must be the method of the request, {0}")]
    Method(String),
    /// `htu` is another address.
    #[error("`htu` must be the address of the request without its query, {0}")]
    Address(String),
    /// `iat` is missing, or no number of a day that exists.
    #[error("`iat` is required: a number of seconds since 1970")]
    NoInstant,
    /// `iat` is too long ago or lies ahead.
    #[error("`iat` must be of the last 60 seconds, and at most 30 ahead; make a proof for each request")]
    Stale,
    /// `jti` is missing, empty, too long or holds control characters.
    #[error("`jti` is required: 1 to 128 characters, no control characters")]
    Jti,
    /// `ath` is not the digest of the token.
    #[error("`ath` must be the SHA-256 of the access token, base64url")]
    Token,
}

impl ProofError {
    /// The same in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::TooLong => "超过 8 KiB".to_owned(),
            Self::Jws(error) => error.zh().to_owned(),
            Self::WrongType => "typ 须为 dpop+jwt".to_owned(),
            Self::NoKey => "头部须含公钥 jwk".to_owned(),
            Self::Key(fault) => format!("jwk：{}", fault.zh()),
            Self::Method(method) => format!("htm 须为本次请求的方法 {method}"),
            Self::Address(url) => format!("htu 须为本次请求的地址（不含查询参数）{url}"),
            Self::NoInstant => "须有 iat，为 1970 年起的秒数".to_owned(),
            Self::Stale => "iat 须在最近 60 秒内，且至多超前 30 秒；每次请求须另行生成".to_owned(),
            Self::Jti => "须有 jti，为 1 至 128 个字符，不含控制字符".to_owned(),
            Self::Token => "ath 须为访问令牌的 SHA-256（base64url）".to_owned(),
        }
    }
}

#[derive(Deserialize)]
struct Claims {
    htm: Option<String>,
    htu: Option<String>,
    iat: Option<NumericDate>,
    jti: Option<String>,
    ath: Option<String>,
}

/// Checks that a proof is of its own key, for this request and fresh (RFC 9449 §4.3).
///
/// # Errors
/// One variant of `ProofError` for each rule it breaks, the signature before the claims.
pub fn verify_proof(proof: &str, request: ProvedRequest<'_>, now: Timestamp) -> Result<Proof, ProofError> {
    if proof.len() > MAX_LENGTH {
        return Err(ProofError::TooLong);
    }
    let header = jws::header(proof)?;
    if !header.typ.is_some_and(|it| it.eq_ignore_ascii_case(TYPE)) {
        return Err(ProofError::WrongType);
    }
    let (algorithm, key, thumbprint) = proving_key(&header.jwk.ok_or(ProofError::NoKey)?).map_err(ProofError::Key)?;
    let claims: Claims = jws::claims(proof, algorithm, &key)?;
    if claims.htm.as_deref() != Some(request.method) {
        return Err(ProofError::Method(request.method.to_owned()));
    }
    let proved = address(request.url);
    if proved.is_none() || claims.htu.as_deref().and_then(address) != proved {
        return Err(ProofError::Address(request.url.to_owned()));
    }
    let NumericDate(iat) = claims.iat.ok_or(ProofError::NoInstant)?;
    let age = now.duration_since(iat);
    if age > LIFETIME || age < -AHEAD {
        return Err(ProofError::Stale);
    }
    if claims.ath != request.token.map(token_digest) {
        return Err(ProofError::Token);
    }
    let jti = claims.jti.filter(|it| (1..=MAX_JTI).contains(&it.chars().count()) && !it.contains(char::is_control));
    Ok(Proof { thumbprint, jti: jti.ok_or(ProofError::Jti)? })
}

/// The key that a proof brings along: its algorithm, itself and its thumbprint.
fn proving_key(value: &Value) -> Result<(Algorithm, DecodingKey, String), KeyFault> {
    let key = accepted(value)?;
    let algorithm = key.common.key_algorithm.and_then(|it| Algorithm::try_from(it).ok());
    let thumbprint = key.thumbprint(ThumbprintHash::SHA256).map_err(|_| KeyFault::Invalid)?;
    let decoding = DecodingKey::from_jwk(&key).map_err(|_| KeyFault::Invalid)?;
    Ok((algorithm.ok_or(KeyFault::Unsupported)?, decoding, thumbprint))
}

fn token_digest(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()))
}

/// An address as two are compared (RFC 9449 §4.3): without query and fragment, whatever the case of the host, a default
/// port, and what is written percent-encoded.
fn address(text: &str) -> Option<(String, Vec<u8>)> {
    let url = Url::parse(text).ok()?;
    let origin = url.origin();
    let path = Cow::from(percent_encoding::percent_decode_str(url.path()));
    origin.is_tuple().then(|| (origin.ascii_serialization(), path.into_owned()))
}

#[cfg(test)]
#[path = "dpop_tests.rs"]
mod tests;
