//! Who asks, what their token lets them do, and what they may see.

use crate::http::failure::Failure;
use crate::http::headers::{self, REQUEST_ID};
use crate::http::possession::{self, Scheme};
use crate::service::AppState;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};
use jiff::Timestamp;
use lvcai_auth::{Access, Scope, Scopes};
use lvcai_domain::scope::permitted;
use lvcai_domain::{Client, ClientId, ClientStatus, OrganisationId, Problem, ProblemKind, Role, Signatory};
use lvcai_store::clients::Standing;
use lvcai_store::refusals::Attempt;
use lvcai_store::{AsOf, Author, Viewer, clients};
use lvcai_trust::Digest;

/// A caller whose token verified. Asking for one, alone or in a `Write`, is what makes an operation require a token.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) client: ClientId,
    pub(crate) organisation: OrganisationId,
    pub(crate) roles: Vec<Role>,
    scopes: Scopes,
    expires_at: Timestamp,
}

impl Caller {
    /// What the request was admitted on, to be asked again when something is decided.
    pub(crate) fn standing(&self) -> Standing {
        Standing { client: self.client, roles: self.roles.clone(), expires_at: self.expires_at }
    }

    /// Requires a scope.
    pub(crate) fn may(&self, scope: Scope) -> Result<(), Failure> {
        if self.has(scope) {
            return Ok(());
        }
        let problem = Problem::from(ProblemKind::Forbidden);
        let needed = scope.wire();
        let problem = problem.detail(format!("令牌缺少权限 {needed}"), format!("the token lacks the scope {needed}"));
        // RFC 6750 §3.1.
        let told = format!("Bearer error=\"insufficient_scope\", scope=\"{needed}\"");
        Err(Failure::from(problem).header(header::WWW_AUTHENTICATE, told))
    }

    /// Whether the token has a scope.
    pub(crate) fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(scope)
    }

    /// Whether the caller acts for an authority.
    pub(crate) fn is_authority(&self) -> bool {
        self.roles.contains(&Role::Authority)
    }

    /// Requires that the caller acts for an authority.
    pub(crate) fn must_be_authority(&self) -> Result<(), Failure> {
        if self.is_authority() {
            return Ok(());
        }
        let problem = Problem::from(ProblemKind::Forbidden);
        Err(problem.detail("仅主管部门可以办理", "only an authority may do this").into())
    }

    /// What the caller may see: the authority and the auditor everything, others their own.
    pub(crate) fn viewer(&self) -> Viewer {
        if self.is_authority() || self.has(Scope::ReadPrivate) {
            return Viewer::Everything;
        }
        Viewer::Organisation(self.organisation)
    }

    /// The caller as one who writes.
    pub(crate) fn author(&self) -> Author {
        Author { organisation: self.organisation, authority: self.is_authority(), sees: self.viewer() }
    }

    /// The caller as a signatory.
    pub(crate) fn signatory(&self) -> Signatory {
        Signatory { organisation: self.organisation, client: self.client }
    }
}

/// Who is asked for before a read is looked at.
pub(crate) trait Asker: Sized + 'static {
    /// Finds out who asks, or refuses the request.
    fn ask(request: &HttpRequest) -> impl Future<Output = Result<Self, Failure>>;

    /// What of them decides what a list holds, as text.
    fn scope(&self) -> String;
}

impl Asker for Caller {
    async fn ask(request: &HttpRequest) -> Result<Self, Failure> {
        identify(request).await?.ok_or_else(|| ProblemKind::Unauthenticated.into())
    }

    fn scope(&self) -> String {
        format!("{:?}", self.viewer())
    }
}

/// Who is looking: the caller where there is a token, anybody where there is none.
#[derive(Debug)]
pub(crate) struct Audience {
    /// What they may see.
    pub(crate) viewer: Viewer,
}

impl Asker for Audience {
    async fn ask(request: &HttpRequest) -> Result<Self, Failure> {
        let caller = identify(request).await?;
        Ok(Self { viewer: caller.map_or(Viewer::Public, |it| it.viewer()) })
    }

    fn scope(&self) -> String {
        format!("{:?}", self.viewer)
    }
}

/// Whoever asks: what is read is public, and a token is not looked at.
#[derive(Debug)]
pub(crate) struct Anybody;

impl Asker for Anybody {
    async fn ask(_: &HttpRequest) -> Result<Self, Failure> {
        Ok(Self)
    }

    fn scope(&self) -> String {
        String::new()
    }
}

async fn identify(request: &HttpRequest) -> Result<Option<Caller>, Failure> {
    let Some(value) = headers::one(request, "Authorization")? else { return Ok(None) };
    let state = request.app_data::<Data<AppState>>().ok_or(ProblemKind::Internal)?;
    let (scheme, token) = token(value)
        .ok_or_else(|| {
            refused(
                "Authorization 头须为 Bearer（或 DPoP）加访问令牌（从 /oauth/token 取得），不支持 Basic 等其他方式；查询公开内容时不带该头",
                "the Authorization header is `Bearer` (or `DPoP`) and an access token (from /oauth/token), no other \
                 scheme such as Basic is known; what is public is read without it",
            )
        })?;
    let access = verified(state, token)?;
    possession::require(state, request, (scheme, token), &access)?;
    // A token outlives the revocation of its client, so status and roles are read from the registry at each request,
    // and of its scopes those count that the roles still permit.
    let (Client { id: client, organisation, .. }, roles) = current(state, &access).await?;
    let permitted = permitted(&roles);
    let scopes = access.scopes.iter().filter(|it| permitted.contains(it)).collect();
    let operation = format!("{} {}", request.method(), request.path());
    let request_id = request.headers().get(REQUEST_ID).and_then(|it| it.to_str().ok()).unwrap_or_default().to_owned();
    let attempt = Attempt { client, organisation, operation, request_id };
    // The middleware records what is refused, and finds here to whom.
    request.extensions_mut().insert(attempt);
    Ok(Some(Caller { client, organisation, roles, scopes, expires_at: access.expires_at }))
}

/// The token of an `Authorization`, and how it is sent.
fn token(value: &HeaderValue) -> Option<(Scheme, &str)> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    Some((Scheme::named(scheme)?, token.trim()))
}

/// The client whose token a request has; none where it has none that verifies. Whether it still stands is not asked.
pub(crate) fn client_of_token(state: &AppState, headers: &HeaderMap) -> Option<ClientId> {
    let (_, token) = token(headers.get(header::AUTHORIZATION)?)?;
    verified(state, token).ok()?.client_id.parse().ok()
}

fn verified(state: &AppState, token: &str) -> Result<Access, Failure> {
    let now = state.registry.clock().now();
    let digest = Digest::of(token.as_bytes());
    if let Some(access) = state.tokens.get(&digest)
        && now < access.expires_at
    {
        return Ok(access);
    }
    let access = state.keys.tokens.verify(token, now).map_err(|error| {
        refused("令牌无效或已过期", &format!("the token is not valid: {error}"))
            .header(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")
    })?;
    state.tokens.insert(digest, access.clone());
    Ok(access)
}

/// The client as it is now, with the roles that its organisation has now.
async fn current(state: &AppState, access: &Access) -> Result<(Client, Vec<Role>), Failure> {
    let id: ClientId = access.client_id.parse().map_err(|_| ProblemKind::Unauthenticated)?;
    let (_, found) = state.registry.read_at(AsOf::Now, move |conn, cut| clients::with_roles(conn, id, cut)).await?;
    found.filter(|(client, _)| client.status == ClientStatus::Active).ok_or_else(|| {
        refused("客户端已被吊销", "the client has been revoked")
            .header(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")
    })
}

fn refused(zh: &str, en: &str) -> Failure {
    Problem::from(ProblemKind::Unauthenticated).detail(zh, en).into()
}
