//! Client authentication by `private_key_jwt` (RFC 7523), held against RFC 8725.
//!
//! That a `jti` is used once is for the caller: it remembers each until `expires_at`, after which
//! the assertion is refused here. Hence there is no leeway after `exp`.

use crate::{
    ClientKeys, JwsError,
    jws::{self, NumericDate},
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;

/// A real assertion has some 500 bytes; the bound keeps decoding cheap.
const MAX_LENGTH: usize = 8 * 1024;
const MAX_JTI: usize = 128;
const LIFETIME: SignedDuration = SignedDuration::from_secs(300);
/// How far a client's clock may be ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_secs(30);

/// What a verified assertion leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// Its name, to be used once.
    pub jti: String,
    /// Until when the name must be remembered.
    pub expires_at: Timestamp,
}

/// Why an assertion is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    /// It has more than 8 KiB.
    #[error("the assertion is longer than 8 KiB")]
    TooLong,
    /// It is no JWS of one of the client's keys.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// Its `typ` names something else.
    #[error("`typ` must be absent, `JWT` or `client-authentication+jwt`")]
    WrongType,
    /// `iss` or `sub` is not the client.
    #[error("`iss` and `sub` must both be the client's id")]
    WrongClient,
    /// `aud` is not exactly our issuer.
    #[error("`aud` must be exactly the issuer of this registry, and nothing beside it")]
    WrongAudience,
    /// `exp`, `iat` or `nbf` is in milliseconds.
    #[error("`{0}` is in milliseconds; seconds since 1970 are expected")]
    Milliseconds(&'static str),
    /// `exp`, `iat` or `nbf` is no number, or none of a day that exists.
    #[error("`{0}` must be a number of seconds since 1970")]
    NoInstant(&'static str),
    /// There is no `exp`.
    #[error("`exp` is required")]
    NoExpiry,
    /// `exp` has passed.
    #[error("the assertion has expired")]
    Expired,
    /// It lives longer than 300 seconds.
    #[error("the assertion lives longer than 300 seconds; set `exp` at most 300 seconds after `iat`")]
    TooLongLived,
    /// `iat` or `nbf` lies ahead.
    #[error("`iat` or `nbf` is more than 30 seconds in the future; check the clock")]
    NotYetValid,
    /// `jti` is missing, empty, too long or holds control characters.
    #[error("`jti` is required: 1 to 128 characters, no control characters")]
    Jti,
}

#[derive(Deserialize)]
struct Claims {
    // Whatever their types: the answer names the claim that is wrong.
    iss: Option<Value>,
    sub: Option<Value>,
    aud: Option<Value>,
    exp: Option<Value>,
    iat: Option<Value>,
    nbf: Option<Value>,
    jti: Option<Value>,
}

/// Reads, unverified, which client an assertion claims to be of.
pub fn peek_client(assertion: &str) -> Option<String> {
    let short = Some(assertion).filter(|it| it.len() <= MAX_LENGTH)?;
    jws::peek::<Claims>(short)?.iss?.as_str().map(str::to_owned)
}

impl AssertionError {
    /// Whether the signature had verified, so that whoever sent it has a key of the client.
    pub fn is_signed(self) -> bool {
        !matches!(self, Self::TooLong | Self::Jws(_) | Self::WrongType)
    }
}

/// Checks that an assertion is the client's, meant for us, and fresh.
///
/// # Errors
/// One variant of `AssertionError` for each rule it breaks, the signature first.
pub fn verify_assertion(
    assertion: &str,
    client_id: &str,
    keys: &ClientKeys,
    audience: &str,
    now: Timestamp,
) -> Result<Assertion, AssertionError> {
    if assertion.len() > MAX_LENGTH {
        return Err(AssertionError::TooLong);
    }
    let claims = verified(assertion, keys)?;
    if [&claims.iss, &claims.sub].into_iter().any(|it| it.as_ref().and_then(Value::as_str) != Some(client_id)) {
        return Err(AssertionError::WrongClient);
    }
    // One text, alone or in an array of its own.
    let named = match claims.aud.as_ref() {
        Some(Value::Array(items)) if items.len() == 1 => items.first(),
        other => other,
    };
    if named.and_then(Value::as_str) != Some(audience) {
        return Err(AssertionError::WrongAudience);
    }
    let expires_at = fresh_until(&claims, now)?;
    let jti = claims.jti.as_ref().and_then(Value::as_str);
    let jti = jti.filter(|it| (1..=MAX_JTI).contains(&it.chars().count()) && !it.contains(char::is_control));
    Ok(Assertion { jti: jti.ok_or(AssertionError::Jti)?.to_owned(), expires_at })
}

fn verified(assertion: &str, keys: &ClientKeys) -> Result<Claims, AssertionError> {
    let header = jws::header(assertion)?;
    // Explicit typing (RFC 8725 §3.11): no other kind of token passes for an assertion.
    let typ = header.typ.as_deref().unwrap_or("JWT");
    if !["JWT", "client-authentication+jwt"].iter().any(|it| it.eq_ignore_ascii_case(typ)) {
        return Err(AssertionError::WrongType);
    }
    let mut refused = None;
    for (algorithm, key) in keys.meant(header.kid.as_deref()) {
        match jws::claims(assertion, algorithm, &key) {
            Ok(claims) => return Ok(claims),
            // The key of the right kind says more than one that cannot have signed.
            Err(JwsError::WrongAlgorithm) if refused.is_some() => {}
            Err(error) => refused = Some(error),
        }
    }
    match header.kid {
        Some(kid) if !keys.knows(&kid) => Err(JwsError::UnknownKey.into()),
        _ => Err(refused.unwrap_or(JwsError::UnknownKey).into()),
    }
}

fn fresh_until(claims: &Claims, now: Timestamp) -> Result<Timestamp, AssertionError> {
    let exp = instant("exp", claims.exp.as_ref())?.ok_or(AssertionError::NoExpiry)?;
    let (iat, nbf) = (instant("iat", claims.iat.as_ref())?, instant("nbf", claims.nbf.as_ref())?);
    if exp <= now {
        return Err(AssertionError::Expired);
    }
    if [iat, nbf].into_iter().flatten().any(|it| it.duration_since(now) > AHEAD) {
        return Err(AssertionError::NotYetValid);
    }
    if exp.duration_since(iat.unwrap_or(now)) > LIFETIME {
        return Err(AssertionError::TooLongLived);
    }
    Ok(exp)
}

/// Reads the instant of a claim.
fn instant(name: &'static str, claim: Option<&Value>) -> Result<Option<Timestamp>, AssertionError> {
    let Some(claim) = claim else { return Ok(None) };
    // As seconds it would be a day after the year 5000.
    if claim.as_f64().is_some_and(|it| (1e11..1e14).contains(&it)) {
        return Err(AssertionError::Milliseconds(name));
    }
    let instant = serde_json::from_value(claim.clone()).map_err(|_| AssertionError::NoInstant(name))?;
    let NumericDate(instant) = instant;
    Ok(Some(instant))
}

#[cfg(test)]
#[path = "assertion_tests.rs"]
mod tests;
