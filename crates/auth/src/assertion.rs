//! Client authentication by `private_key_jwt` (RFC 7523), held against RFC 8725.
//!
//! That a `jti` is used once is for the caller: it remembers each until `expires_at`, after which
//! the assertion is refused here. Hence there is no leeway after `exp`.

use crate::{
    ClientKeys, JwsError,
    jws::{self, NumericDate},
};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, dangerous::insecure_decode_claims};
use serde::Deserialize;

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
    #[error("`aud` must be exactly the issuer of this registry")]
    WrongAudience,
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
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<Audience>,
    exp: Option<NumericDate>,
    iat: Option<NumericDate>,
    nbf: Option<NumericDate>,
    jti: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Only([String; 1]),
}

/// Signs an assertion as a client does: for demonstrations and the command line. ES256 keys only.
///
/// # Errors
/// `JwsError::Malformed` when `pem` is not a P-256 private key in PKCS#8.
pub fn sign_assertion(pem: &str, client_id: &str, audience: &str, now: Timestamp) -> Result<String, JwsError> {
    let key = EncodingKey::from_ec_pem(pem.as_bytes()).map_err(|_| JwsError::Malformed)?;
    let claims = serde_json::json!({
        "iss": client_id, "sub": client_id, "aud": audience, "jti": uuid::Uuid::new_v4().to_string(),
        "iat": now.as_second(), "exp": now.as_second() + 60,
    });
    jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &key).map_err(|_| JwsError::Malformed)
}

/// Reads, unverified, which client an assertion claims to be of.
pub fn peek_client(assertion: &str) -> Option<String> {
    let short = Some(assertion).filter(|it| it.len() <= MAX_LENGTH)?;
    insecure_decode_claims::<Claims>(short).ok()?.iss
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
    if claims.iss.as_deref() != Some(client_id) || claims.sub.as_deref() != Some(client_id) {
        return Err(AssertionError::WrongClient);
    }
    match &claims.aud {
        Some(Audience::One(it) | Audience::Only([it])) if it == audience => {}
        _ => return Err(AssertionError::WrongAudience),
    }
    let expires_at = fresh_until(&claims, now)?;
    let jti = claims.jti.filter(|it| (1..=MAX_JTI).contains(&it.chars().count()) && !it.contains(char::is_control));
    Ok(Assertion { jti: jti.ok_or(AssertionError::Jti)?, expires_at })
}

fn verified(assertion: &str, keys: &ClientKeys) -> Result<Claims, AssertionError> {
    let header = jws::header(assertion)?;
    // Explicit typing (RFC 8725 §3.11): no other kind of token passes for an assertion.
    let typ = header.typ.as_deref().unwrap_or("JWT");
    if !["JWT", "client-authentication+jwt"].iter().any(|it| it.eq_ignore_ascii_case(typ)) {
        return Err(AssertionError::WrongType);
    }
    let key = keys.select(header.kid.as_deref()).ok_or(JwsError::UnknownKey)?;
    let algorithm = key.common.key_algorithm.and_then(|it| Algorithm::try_from(it).ok());
    let algorithm = algorithm.ok_or(JwsError::WrongAlgorithm)?;
    let key = DecodingKey::from_jwk(key).map_err(|_| JwsError::UnknownKey)?;
    Ok(jws::claims(assertion, algorithm, &key)?)
}

fn fresh_until(claims: &Claims, now: Timestamp) -> Result<Timestamp, AssertionError> {
    let NumericDate(exp) = claims.exp.ok_or(AssertionError::NoExpiry)?;
    if exp <= now {
        return Err(AssertionError::Expired);
    }
    if [claims.iat, claims.nbf].into_iter().flatten().any(|it| it.0.duration_since(now) > AHEAD) {
        return Err(AssertionError::NotYetValid);
    }
    if exp.duration_since(claims.iat.map_or(now, |it| it.0)) > LIFETIME {
        return Err(AssertionError::TooLongLived);
    }
    Ok(exp)
}

#[cfg(test)]
#[path = "assertion_tests.rs"]
mod tests;
