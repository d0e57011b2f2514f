//! What clients find out by themselves: where tokens are issued (RFC 8414), and with which keys the registry signs
//! (RFC 7517).

use crate::service::AppState;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use lvcai_auth::{ALGORITHMS, Scope};
use lvcai_trust::Jwk;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(read_authorization_server).service(read_keys);
}

/// The metadata of the authorization server (RFC 8414)
#[derive(Serialize, ToSchema)]
struct AuthorizationServer {
    /// The issuer: the audience of every assertion, and the `iss` of every token.
    #[schema(example = "https://materials.example.cn")]
    issuer: String,
    /// Where tokens are issued.
    token_endpoint: String,
    /// Where the registry's public keys are.
    jwks_uri: String,
    /// `client_credentials`.
    grant_types_supported: Vec<&'static str>,
    /// None: nobody is sent to a page to consent.
    response_types_supported: Vec<&'static str>,
    /// `private_key_jwt`.
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    /// The algorithms by which an assertion may be signed.
    token_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    /// The algorithms by which a proof of possession may be signed (RFC 9449).
    dpop_signing_alg_values_supported: Vec<&'static str>,
    /// The scopes that there are.
    scopes_supported: Vec<&'static str>,
    /// Where people read about it.
    service_documentation: String,
}

/// Read the authorization server metadata (RFC 8414) (读取授权服务器元数据)
#[utoipa::path(
    tag = "tokens",
    operation_id = "read_authorization_server",
    responses((status = 200, description = "The metadata", body = AuthorizationServer)),
)]
#[get("/.well-known/oauth-authorization-server")]
async fn read_authorization_server(state: Data<AppState>) -> HttpResponse {
    let issuer = &state.keys.tokens.issuer;
    HttpResponse::Ok().json(AuthorizationServer {
        issuer: issuer.clone(),
        token_endpoint: format!("{issuer}/oauth/token"),
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        grant_types_supported: vec!["client_credentials"],
        response_types_supported: Vec::new(),
        token_endpoint_auth_methods_supported: vec!["private_key_jwt"],
        token_endpoint_auth_signing_alg_values_supported: ALGORITHMS.to_vec(),
        dpop_signing_alg_values_supported: ALGORITHMS.to_vec(),
        scopes_supported: Scope::ALL.iter().map(|scope| scope.wire()).collect(),
        service_documentation: format!("{issuer}/docs/"),
    })
}

/// The public keys of the registry (RFC 7517)
#[derive(Serialize, ToSchema)]
struct PublicKeys {
    /// The key of tokens, and those of publication documents, past ones too.
    keys: Vec<PublicKey>,
}

/// A public key of the registry, a JWK
#[derive(Serialize, ToSchema)]
struct PublicKey {
    /// The type: `OKP` for publication documents, `EC` for tokens.
    #[schema(example = "OKP")]
    kty: String,
    /// The curve: `Ed25519` or `P-256`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Ed25519")]
    crv: Option<String>,
    /// The x coordinate, or the Ed25519 key itself, base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    /// The y coordinate, base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    /// Names the key in the headers of what it signed: its thumbprint (RFC 7638).
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    /// `sig`.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    #[schema(example = "sig")]
    usage: Option<String>,
    /// The one algorithm of the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "EdDSA")]
    alg: Option<String>,
    /// The first day on which it signed publication documents, in Asia/Shanghai.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    valid_from: Option<String>,
    /// The last day on which it did, once another took its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    valid_until: Option<String>,
}

impl From<Jwk> for PublicKey {
    fn from(key: Jwk) -> Self {
        let Jwk { kty, crv, x, y, kid, usage, alg, valid_from, valid_until, n: _, e: _ } = key;
        Self { kty, crv, x, y, kid, usage, alg, valid_from, valid_until }
    }
}

/// Read the public keys (RFC 7517) (读取公钥)
#[utoipa::path(
    tag = "tokens",
    operation_id = "read_keys",
    responses((status = 200, description = "A JWKS", body = PublicKeys, content_type = "application/jwk-set+json")),
)]
#[get("/.well-known/jwks.json")]
async fn read_keys(state: Data<AppState>) -> HttpResponse {
    // The key of tokens is another library's, which says the same.
    let tokens = serde_json::to_value(state.keys.tokens.key.jwk()).and_then(serde_json::from_value::<Jwk>);
    let publications = state.keys.publications.keys.iter().cloned();
    let keys = tokens.into_iter().chain(publications).map(PublicKey::from).collect();
    HttpResponse::Ok().content_type("application/jwk-set+json").json(PublicKeys { keys })
}
