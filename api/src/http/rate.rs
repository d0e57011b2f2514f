//! The limit of requests: what each costs, and the headers that tell what is left
//! (draft-ietf-httpapi-ratelimit-headers).

use crate::http::caller;
use crate::http::failure::Failure;
use crate::quotas::{Quotas, Whose};
use crate::service::AppState;
use actix_web::HttpResponse;
use actix_web::ResponseError as _;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::web::Data;
use lvcai_domain::ProblemKind;
use lvcai_domain::quota::{Quota, Taken};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// What a request took of its caller's quota.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    quota: Quota,
    taken: Taken,
}

/// Takes what a request costs from the quota of its caller; nothing where there is no limit.
pub(crate) fn take(request: &ServiceRequest) -> Option<Told> {
    let quotas = request.app_data::<Data<Quotas>>()?;
    let state = request.app_data::<Data<AppState>>()?;
    let cost = cost(request.method(), request.path(), request.query_string());
    let whose = match caller::client_of_token(state, request.headers()) {
        Some(client) => Whose::Client(client),
        None => Whose::Address(request.peer_addr()?.ip()),
    };
    Some(Told { quota: quotas.quota, taken: quotas.take(whose, cost, state.registry.clock().now()) })
}

/// What a request costs: about how many reads of one record it is worth.
fn cost(method: &Method, path: &str, query: &str) -> u32 {
    let parameter = |wanted: &str| form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == wanted);
    if method == Method::OPTIONS {
        return 0;
    }
    if method.is_safe() {
        let limit: u32 = parameter("limit").and_then(|(_, it)| it.parse().ok()).unwrap_or(0);
        let searches = if parameter("q").is_some() { 4 } else { 0 };
        return 1 + limit.min(500) / 50 + searches;
    }
    match path.rsplit(['/', ':']).next() {
        Some("batch" | "reconcile") => 50,
        Some("verifications") => 10,
        _ => 5,
    }
}

impl Told {
    /// The refusal, where nothing was left.
    pub(crate) fn refusal(&self) -> Option<HttpResponse> {
        let wait = self.taken.wait?;
        let failure = Failure::from(ProblemKind::TooManyRequests).header(RETRY_AFTER, wait.to_string());
        Some(failure.error_response())
    }

    /// Tells the caller of the policy and of what is left.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        let Taken { left, whole_in, .. } = self.taken;
        let policy = format!("\"default\";q={};w={}", self.quota.units(), Quota::WINDOW.as_secs());
        for (name, value) in [(POLICY, policy), (LIMIT, format!("\"default\";r={left};t={whole_in}"))] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::cost;
    use actix_web::http::Method;

    #[test]
    fn a_request_costs_what_it_asks_for() {
        let read = |path: &str, query: &str| cost(&Method::GET, path, query);
        let write = |path: &str| cost(&Method::POST, path, "");

        assert_eq!(
            [read("/v1/products/x", ""), read("/v1/products", "limit=500"), read("/v1/products", "q=a")],
            [1, 11, 5]
        );
        assert_eq!(read("/v1/products", "limit=99999999999&limit=x"), 1);
        assert_eq!([write("/v1/products"), write("/v1/verifications"), write("/oauth/token")], [5, 10, 5]);
        assert_eq!(write("/v1/certification-bodies/CNCA-R-2006-148/certificates:batch"), 50);
        assert_eq!(cost(&Method::OPTIONS, "/v1/products", ""), 0);
    }
}
