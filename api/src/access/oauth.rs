//! Access tokens: OAuth 2 client credentials with `private_key_jwt`
//! (RFC 6749 §4.4, RFC 7523).

use crate::http::possession::proved_key;
use crate::http::request::{Ordered, after_earlier, receive, require_media_type};
use crate::http::{Answer, Failure};
use crate::service::AppState;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse, post};
use lvcai_auth::{ClientKeys, Grant, Scopes, peek_client, verify_assertion};
use lvcai_domain::{Client, ClientId, ClientStatus, ProblemKind, Role};
use lvcai_store::{AsOf, clients};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(issue_token);
}

/// A request for a token
///
/// Parameters that are not known are ignored, and one without a value counts as left out (RFC 6749 §3.2).
#[derive(Debug, Deserialize, ToSchema)]
struct TokenRequest {
    /// `client_credentials`.
    #[schema(example = "client_credentials")]
    grant_type: String,
    /// Always `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    #[schema(example = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")]
    client_assertion_type: String,
    /// A JWT signed by a key of the client: `iss` = `sub` = its id, `aud` = the issuer, a `jti` used once, at most 5 minutes.
    client_assertion: String,
    /// The id of the client; it may be left to the assertion.
    client_id: Option<String>,
    /// What the token shall allow, separated by spaces; everything the client may when absent.
    #[schema(example = "certificates:push")]
    scope: Option<String>,
}

/// A token
#[derive(Debug, Serialize, ToSchema)]
struct TokenAnswer {
    /// The token, an ES256 JWT (RFC 9068).
    access_token: String,
    /// How it is sent: `Bearer`, or `DPoP` where it is bound to the key of the proof that the request brought along.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// For how many seconds it holds.
    #[schema(example = 600)]
    expires_in: i64,
    /// What it allows.
    #[schema(example = "certificates:push")]
    scope: String,
}

/// Why no token was issued (RFC 6749 §5.2)
#[derive(Debug, Serialize, ToSchema)]
struct TokenError {
    /// The code of the standard.
    #[schema(example = "invalid_client")]
    error: &'static str,
    /// What is wrong, in words.
    error_description: String,
}

/// The body of the form, as it was sent.
struct Form(String);

impl FromRequest for Form {
    type Error = Failure;
    type Future = Ordered<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let accepted = require_media_type(request, &["application/x-www-form-urlencoded"]);
        let bytes = receive(request, payload);
        after_earlier(request, async move {
            accepted?;
            let text = String::from_utf8(bytes.await?.to_vec()).map_err(|_| ProblemKind::Malformed)?;
            Ok(Self(text))
        })
    }
}

fn refused(error: &'static str, description: impl Into<String>) -> HttpResponse {
    let mut response =
        if error == "invalid_client" { HttpResponse::Unauthorized() } else { HttpResponse::BadRequest() };
    response
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(TokenError { error, error_description: description.into() })
}

/// Issue an access token (获取访问令牌)
///
/// The assertion's audience is the issuer exactly; each `jti` works once.
/// A request that got no answer, or 503 `outcome-unknown`, gave no token: make a new assertion. The same one may be sent
/// once more, to the same process.
/// A proof of possession in the header `DPoP` (RFC 9449) binds the token to its key: whoever steals the token has
/// nothing. A client registered with `dpop_bound_access_tokens` gets no other.
#[utoipa::path(
    tag = "tokens",
    operation_id = "issue_token",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token", body = TokenAnswer),
        (status = 400, description = "The request is not valid", body = TokenError),
        (status = 401, description = "The client is not known, or its assertion is not valid", body = TokenError),
    ),
)]
#[post("/oauth/token")]
async fn issue_token(state: Data<AppState>, sent: HttpRequest, form: Form) -> Answer {
    // What is not known is ignored, but a client proves itself in one way alone (RFC 6749 §2.3).
    if form_urlencoded::parse(form.0.as_bytes()).any(|(name, _)| name == "client_secret") {
        return Ok(refused("invalid_request", "there are no client secrets here: leave client_secret out"));
    }
    let request: TokenRequest = match serde_urlencoded::from_str(&form.0) {
        Ok(request) => request,
        Err(error) => return Ok(refused("invalid_request", error.to_string())),
    };
    if request.grant_type != "client_credentials" {
        return Ok(refused("unsupported_grant_type", "the grant type is client_credentials"));
    }
    if request.client_assertion_type != ASSERTION_TYPE {
        return Ok(refused("invalid_request", format!("client_assertion_type is {ASSERTION_TYPE}")));
    }
    let (client, roles) = match authenticate(&state, &request).await? {
        Ok(known) => known,
        Err(reason) => return Ok(refused("invalid_client", reason)),
    };
    let scopes = match scopes(&client, &roles, request.scope.as_deref()) {
        Ok(scopes) => scopes,
        Err(reason) => return Ok(refused("invalid_scope", reason)),
    };
    let bound_to = match proved_key(&state, &sent, None, None)? {
        Ok(None) if client.dpop_bound_access_tokens => {
            let missing =
                "the client is registered for tokens that are bound to a key: send a proof in the header DPoP";
            return Ok(refused("invalid_dpop_proof", missing));
        }
        Ok(key) => key,
        Err(unproved) => return Ok(refused("invalid_dpop_proof", unproved.en)),
    };
    let scope = scopes.to_string();
    let grant = Grant {
        client_id: client.id.to_string(),
        organisation: client.organisation.to_string(),
        holder: client.holder,
        scopes,
        bound_to,
    };
    let now = state.registry.clock().now();
    let (access_token, expires_in) = state.keys.tokens.issue(&grant, now).map_err(|_| ProblemKind::Internal)?;
    let token_type = if grant.bound_to.is_some() { "DPoP" } else { "Bearer" };
    let answer = TokenAnswer { access_token, token_type, expires_in, scope };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(answer))
}

/// The client that the assertion proves, with the roles of its organisation, or why it proves none.
async fn authenticate(
    state: &AppState,
    request: &TokenRequest,
) -> Result<Result<(Client, Vec<Role>), String>, Failure> {
    let named =
        request.client_id.clone().filter(|it| !it.is_empty()).or_else(|| peek_client(&request.client_assertion));
    // One answer for whatever is wrong with the client itself, so that ids cannot be probed.
    let unknown = || Ok(Err("the client is not known, or its assertion is not signed by a key of it".to_owned()));
    // That nobody is named is told by the request alone.
    let Some(named) = named else {
        return Ok(Err("client_assertion is no signed JWT that names the client in `iss`".to_owned()));
    };
    let Ok(id) = named.parse::<ClientId>() else { return unknown() };
    let found = state.registry.read_at(AsOf::Now, move |conn, cut| clients::with_roles(conn, id, cut)).await?.1;
    let Some((client, roles)) = found.filter(|(it, _)| it.status == ClientStatus::Active) else { return unknown() };
    let now = state.registry.clock().now();
    let Ok(keys) = ClientKeys::of(&client.keys.signing_at(now)) else { return unknown() };
    let audience = &state.keys.tokens.issuer;
    let assertion = match verify_assertion(&request.client_assertion, &id.to_string(), &keys, audience, now) {
        Ok(assertion) => assertion,
        // Logged and not answered: a reason would tell a caller who does not have the client's key that its id exists.
        Err(error) if !error.is_signed() => {
            log::info!("an assertion was refused: client={id} error={error}");
            return unknown();
        }
        Err(error) => return Ok(Err(format!("the assertion is not valid: {error}"))),
    };
    state.unanswered.forget(now);
    let waiting = state.unanswered.begin(id, &assertion.jti, assertion.expires_at);
    let (jti, expires_at) = (assertion.jti, assertion.expires_at);
    let fresh = state.registry.use_assertion(id, jti, expires_at, waiting.request).await?;
    waiting.answered();
    let used = "the assertion was used before: every jti works once, so make another one";
    Ok(if fresh { Ok((client, roles)) } else { Err(used.to_owned()) })
}

/// What the token shall allow: what is asked for, which the client must have and its organisation's roles permit.
fn scopes(client: &Client, roles: &[Role], asked: Option<&str>) -> Result<Scopes, String> {
    let held: Scopes = client.scopes_by(roles).into_iter().collect();
    let Some(asked) = asked else { return Ok(held) };
    let asked: Scopes = asked.parse().map_err(|error: lvcai_auth::UnknownScope| error.to_string())?;
    if asked.is_empty() {
        return Ok(held);
    }
    if asked.is_subset(&held) { Ok(asked) } else { Err(format!("the client may {held} and no more")) }
}
