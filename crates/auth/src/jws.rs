//! The part that assertions and tokens share: a compact JWS whose key and algorithm we choose.
//!
//! Claims are judged by the callers, times included: `jsonwebtoken` would read the clock.

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header, errors::ErrorKind};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Number;

/// Why a compact JWS is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// It is not three parts of base64url, or its JSON is not the expected one.
    #[error("not a JWS with the expected header and claims")]
    Malformed,
    /// It has `crit`: none of the extensions is understood.
    #[error("critical header extensions are not supported")]
    Critical,
    /// No key has this `kid`, or there is none and several keys could be meant.
    #[error("no registered key is named by `kid`")]
    UnknownKey,
    /// The header's `alg` is not the key's.
    #[error("`alg` is not the algorithm of the key")]
    WrongAlgorithm,
    /// The signature is not the key's.
    #[error("the signature does not verify")]
    Signature,
}

/// Reads the header, still unverified.
pub(crate) fn header(token: &str) -> Result<Header, JwsError> {
    let header = decode_header(token).map_err(|_| JwsError::Malformed)?;
    if header.crit.is_some() { Err(JwsError::Critical) } else { Ok(header) }
}

/// Verifies the signature and reads the claims.
pub(crate) fn claims<T: DeserializeOwned>(token: &str, alg: Algorithm, key: &DecodingKey) -> Result<T, JwsError> {
    let mut validation = Validation::new(alg);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    decode(token, key, &validation).map(|it| it.claims).map_err(|error| match error.kind() {
        ErrorKind::InvalidAlgorithm => JwsError::WrongAlgorithm,
        ErrorKind::InvalidSignature => JwsError::Signature,
        _ => JwsError::Malformed,
    })
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
