//! The part that assertions and tokens share: a compact JWS whose key and algorithm we choose.
//!
//! Claims are judged by the callers, times included: `jsonwebtoken` would read the clock. Nor does it know `Ed25519`,
//! the name by which RFC 9864 replaces `EdDSA`, so the three parts are taken apart here and it verifies signatures.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Number, Value};

/// Why a compact JWS is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// It is not three parts of base64url, or its JSON is not the expected one.
    #[error("not a JWS with the expected header and claims")]
    Malformed,
    /// It has `crit`: none of the extensions is understood.
    #[error("critical header extensions are not supported")]
    Critical,
    /// No key has this `kid`.
    #[error("no registered key is named by `kid`")]
    UnknownKey,
    /// The header's `alg` is not the key's.
    #[error("`alg` is not the algorithm of the key")]
    WrongAlgorithm,
    /// The signature is not the key's.
    #[error("the signature does not verify")]
    Signature,
}

impl JwsError {
    /// The same in Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Malformed => "不是头部和声明符合要求的 JWS",
            Self::Critical => "不支持 crit 扩展",
            Self::UnknownKey => "没有以此 kid 登记的密钥",
            Self::WrongAlgorithm => "alg 不是该密钥的算法",
            Self::Signature => "签名不符",
        }
    }
}

/// What the header says, still unverified.
#[derive(Debug, Deserialize)]
pub(crate) struct Header {
    #[serde(deserialize_with = "algorithm")]
    pub(crate) alg: Algorithm,
    pub(crate) kid: Option<String>,
    pub(crate) typ: Option<String>,
    /// The key that a proof of possession brings along.
    pub(crate) jwk: Option<Value>,
    crit: Option<Value>,
}

/// The algorithm, which has two names where it is Ed25519 (RFC 8037, RFC 9864).
fn algorithm<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Algorithm, D::Error> {
    match String::deserialize(from)?.as_str() {
        "Ed25519" => Ok(Algorithm::EdDSA),
        other => other.parse().map_err(serde::de::Error::custom),
    }
}

/// The three parts of a compact JWS.
struct Parts<'a> {
    header: &'a str,
    /// Header and payload, over which the signature is.
    signed: &'a str,
    payload: &'a str,
    signature: &'a str,
}

fn parts(token: &str) -> Option<Parts<'_>> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    (!payload.contains('.')).then_some(Parts { header, signed, payload, signature })
}

fn json<T: DeserializeOwned>(part: &str) -> Result<T, JwsError> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsError::Malformed)?;
    // serde would read an array of the members as well.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(JwsError::Malformed);
    }
    serde_json::from_slice(&bytes).map_err(|_| JwsError::Malformed)
}

/// Reads the header, still unverified.
pub(crate) fn header(token: &str) -> Result<Header, JwsError> {
    let header: Header = json(parts(token).ok_or(JwsError::Malformed)?.header)?;
    if header.crit.is_some() { Err(JwsError::Critical) } else { Ok(header) }
}

/// Reads the claims, still unverified.
pub(crate) fn peek<T: DeserializeOwned>(token: &str) -> Option<T> {
    json(parts(token)?.payload).ok()
}

/// Verifies the signature and reads the claims.
pub(crate) fn claims<T: DeserializeOwned>(token: &str, alg: Algorithm, key: &DecodingKey) -> Result<T, JwsError> {
    if header(token)?.alg != alg {
        return Err(JwsError::WrongAlgorithm);
    }
    let Parts { signed, payload, signature, .. } = parts(token).ok_or(JwsError::Malformed)?;
    match crypto::verify(signature, signed.as_bytes(), key, alg) {
        Ok(true) => json(payload),
        _ => Err(JwsError::Signature),
    }
}

/// A `NumericDate` (RFC 7519 §2): seconds since 1970, with or without a fraction.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "Number")]
pub(crate) struct NumericDate(pub(crate) Timestamp);

impl TryFrom<Number> for NumericDate {
    type Error = &'static str;

    fn try_from(number: Number) -> Result<Self, Self::Error> {
        let whole = number.as_i64().map(Timestamp::from_second);
        let fraction = || SignedDuration::try_from_secs_f64(number.as_f64()?).and_then(Timestamp::from_duration).ok();
        whole.map_or_else(fraction, Result::ok).map(Self).ok_or("not an instant")
    }
}
