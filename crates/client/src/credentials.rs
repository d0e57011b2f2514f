//! Who a client is: its id, its private key, and the assertions that it signs (RFC 7523).

use crate::private_key::{PrivateKey, PrivateKeyError};
use crate::proof::{ProvedRequest, prove};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::fmt;

/// How long an assertion may be used; the registry takes 300 seconds at most.
const LIFETIME: i64 = 60;

/// A client of the registry and its private key. `Debug` does not show the key.
pub struct Credentials {
    client: String,
    key: PrivateKey,
    scope: Option<String>,
    pub(crate) bound: bool,
}

impl Credentials {
    /// A client by its id (`clnt_…`) and its private key: P-256, Ed25519 or RSA, in PEM (PKCS#8, SEC1, PKCS#1) or as
    /// JWK. The algorithm is that of the key.
    ///
    /// # Errors
    ///
    /// `PrivateKeyError` says what is wrong with the key.
    pub fn new(client: &str, key: &str) -> Result<Self, PrivateKeyError> {
        Ok(Self { client: client.to_owned(), key: PrivateKey::parse(key)?, scope: None, bound: false })
    }

    /// Asks for no more than these scopes, separated by spaces; without it for all that the client may have.
    #[must_use]
    pub fn scope(mut self, scope: &str) -> Self {
        self.scope = Some(scope.to_owned());
        self
    }

    /// Has tokens bound to the client's key (DPoP, RFC 9449), so that whoever steals one has nothing. Each request then
    /// brings a proof along. Clients registered with `dpop_bound_access_tokens` get no other tokens.
    #[must_use]
    pub fn bound(mut self) -> Self {
        self.bound = true;
        self
    }

    /// The proof of a request that sends a bound token, or that asks for one.
    pub(crate) fn proof(&self, request: ProvedRequest<'_>, now: Timestamp) -> Result<String, PrivateKeyError> {
        prove(&self.key, request, now)
    }

    /// The form that asks for a token.
    pub(crate) fn form(&self, audience: &str, now: Timestamp) -> Result<Vec<(&'static str, String)>, PrivateKeyError> {
        let mut form = vec![
            ("grant_type", "client_credentials".to_owned()),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned()),
            ("client_assertion", self.key.jwt(&claims(&self.client, audience, now))?),
        ];
        form.extend(self.scope.clone().map(|scope| ("scope", scope)));
        Ok(form)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("client", &self.client).field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// Signs an assertion for whoever asks for the token by other means.
///
/// # Errors
///
/// `PrivateKeyError` says what is wrong with the key.
pub fn sign_assertion(key: &str, client: &str, audience: &str, now: Timestamp) -> Result<String, PrivateKeyError> {
    sign_claims(key, &claims(client, audience, now))
}

/// Signs any claims, whether or not the registry would take them.
///
/// # Errors
///
/// `PrivateKeyError` says what is wrong with the key.
pub fn sign_claims(key: &str, claims: &Value) -> Result<String, PrivateKeyError> {
    PrivateKey::parse(key)?.jwt(claims)
}

fn claims(client: &str, audience: &str, now: Timestamp) -> Value {
    json!({
        "iss": client, "sub": client, "aud": audience, "jti": uuid::Uuid::new_v4().to_string(),
        "iat": now.as_second(), "exp": now.as_second() + LIFETIME,
    })
}
