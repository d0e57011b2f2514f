//! What is sent about clients: a new one, a key, a step.

use crate::http::{checks, params};
use jiff::Timestamp;
use lvcai_auth::{ClientKeys, KeyError, client_key};
use lvcai_domain::{Client, ClientKey, Fault, OrganisationId, Problem, ProblemKind, Rule, Scope};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// A client to be registered
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "holder": "key-officer-1", "scopes": ["products:write", "evidence:write"],
    "keys": { "keys": [{ "kid": "2026-11", "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }] }
}))]
pub(super) struct ClientInput {
    /// For whom it acts; the caller's own organisation when absent.
    organisation: Option<OrganisationId>,
    /// The person or office that holds its keys, as an opaque name and never a person's own.
    #[validate(length(min = 1, max = 100), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 100)]
    holder: String,
    /// What its tokens may do.
    #[validate(length(min = 1, max = 20))]
    #[schema(min_items = 1, max_items = 20)]
    scopes: Vec<Scope>,
    /// Its public keys.
    #[validate(nested)]
    keys: JwksInput,
    /// Whether its tokens are always bound to a key that it proves to have (DPoP, RFC 9449); no when absent.
    #[serde(default)]
    dpop_bound_access_tokens: bool,
}

impl ClientInput {
    /// The client, of the caller's organisation where none is named.
    pub(super) fn client(self, own: OrganisationId) -> Result<Client, Problem> {
        let Self { organisation, holder, mut scopes, keys, dpop_bound_access_tokens } = self;
        let keys = serde_json::to_value(keys).map_err(|_| ProblemKind::Internal)?;
        let keys = ClientKeys::from_value(&keys).and_then(|it| it.registered()).map_err(|error| {
            let at =
                if let KeyError::Key { index, .. } = error { format!("/keys/keys/{index}") } else { "/keys".into() };
            Fault::new(at, Rule::KeyForm).detail(error.zh(), error.to_string())
        })?;
        scopes.sort();
        scopes.dedup();
        let scopes = scopes.into_iter().map(|it| it.wire().to_owned()).collect();
        let client = Client::new(organisation.unwrap_or(own), holder, scopes, keys);
        Ok(Client { dpop_bound_access_tokens, ..client })
    }
}

/// Public keys, a JWKS (RFC 7517)
///
/// Where there are several, each has a `kid`.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct JwksInput {
    /// The keys.
    #[validate(length(min = 1, max = 10), nested)]
    #[schema(min_items = 1, max_items = 10)]
    keys: Vec<JwkInput>,
}

/// The type of a key.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
enum KeyType {
    /// P-256, which signs ES256.
    #[serde(rename = "EC")]
    Ec,
    /// Ed25519, which signs EdDSA.
    #[serde(rename = "OKP")]
    Okp,
    /// RSA from 2048 to 8192 bits, which signs RS256.
    #[serde(rename = "RSA")]
    Rsa,
}

/// What a key is for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
enum KeyUse {
    /// To sign.
    #[serde(rename = "sig")]
    Signature,
}

/// A public key, a JWK (RFC 7517)
///
/// Private members are refused: a private key never leaves its owner.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }))]
struct JwkInput {
    /// Names the key within the client; its thumbprint (RFC 7638) when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 1, max = 128), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 128)]
    kid: Option<String>,
    /// The type.
    kty: KeyType,
    /// The algorithm: `ES256`, `EdDSA` (or `Ed25519`), `RS256`, as the type has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(length(max = 20), custom(function = "checks::text"))]
    #[schema(max_length = 20)]
    alg: Option<String>,
    /// What it is for.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    usage: Option<KeyUse>,
    /// What may be done with it: `verify` among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(length(max = 10), custom(function = "checks::texts"))]
    #[schema(max_items = 10)]
    key_ops: Option<Vec<String>>,
    /// Whether a browser may export it; not kept.
    #[serde(skip_serializing)]
    #[expect(dead_code, reason = "keys of browsers have it, and it says nothing here")]
    ext: Option<bool>,
    /// The curve: `P-256` or `Ed25519`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(length(max = 20), custom(function = "checks::text"))]
    #[schema(max_length = 20)]
    crv: Option<String>,
    /// The x coordinate, or the Ed25519 key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(length(max = 100), custom(function = "checks::text"))]
    #[schema(max_length = 100)]
    x: Option<String>,
    /// The y coordinate.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(length(max = 100), custom(function = "checks::text"))]
    #[schema(max_length = 100)]
    y: Option<String>,
    /// The modulus of an RSA key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(length(max = 1400), custom(function = "checks::text"))]
    #[schema(max_length = 1400)]
    n: Option<String>,
    /// The exponent of an RSA key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(length(max = 20), custom(function = "checks::text"))]
    #[schema(max_length = 20)]
    e: Option<String>,
}

impl JwkInput {
    /// The key, named by its thumbprint where it has no name.
    fn key(self) -> Result<ClientKey, Problem> {
        let key = serde_json::to_value(self).map_err(|_| ProblemKind::Internal)?;
        client_key(&key).map_err(|it| Fault::new("/key", Rule::KeyForm).detail(it.zh(), it.to_string()).into())
    }
}

/// A step of a client by its name.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ClientStepName {
    /// Add a key; it takes `key`.
    AddKey,
    /// Settle when a key retires; it takes `kid`.
    RetireKey,
    /// Revoke the client, for ever.
    Revoke,
}

/// A step of a client
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "step": "add_key",
    "key": { "kid": "2026-12", "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }
}))]
pub(super) struct ClientTransition {
    /// The step.
    step: ClientStepName,
    /// The key to add.
    #[validate(nested)]
    key: Option<JwkInput>,
    /// The key that retires.
    #[validate(length(min = 1, max = 128), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 128)]
    kid: Option<String>,
    /// From when on it signs no longer; now when absent.
    #[serde(default, deserialize_with = "params::instant_of_record")]
    #[schema(value_type = Option<String>, format = DateTime)]
    retires_at: Option<Timestamp>,
}

/// A step of a client with what it takes.
#[derive(Debug)]
pub(super) enum ClientStep {
    AddKey(ClientKey),
    RetireKey { kid: String, at: Option<Timestamp> },
    Revoke,
}

impl ClientTransition {
    /// The step, once it is known to have what it takes and nothing else.
    pub(super) fn checked(self) -> Result<ClientStep, Problem> {
        let Self { step, key, kid, retires_at } = self;
        let (adds, retires) = (matches!(step, ClientStepName::AddKey), matches!(step, ClientStepName::RetireKey));
        let stray = [
            ("/key", key.is_some() && !adds),
            ("/kid", kid.is_some() && !retires),
            ("/retires_at", retires_at.is_some() && !retires),
        ];
        let faults: Vec<_> = stray.into_iter().filter(|(_, is)| *is).map(|(at, _)| not_of_this_step(at)).collect();
        if !faults.is_empty() {
            return Err(faults.into());
        }
        match step {
            ClientStepName::AddKey => Ok(ClientStep::AddKey(key.ok_or(Fault::new("/key", Rule::Required))?.key()?)),
            ClientStepName::RetireKey => {
                let kid = kid.ok_or(Fault::new("/kid", Rule::Required))?;
                Ok(ClientStep::RetireKey { kid, at: retires_at })
            }
            ClientStepName::Revoke => Ok(ClientStep::Revoke),
        }
    }
}

fn not_of_this_step(pointer: &str) -> Fault {
    Fault::new(pointer, Rule::NotAllowed).detail("此步骤不带该字段", "this step takes no such field")
}
