//! What wraps every request: its id, HEAD, refusals kept for the auditor, and problems written out.

use crate::connections::{Asked, Peer};
use crate::http::failure::{Cause, Failure, ProblemDocument, Telling};
use crate::http::headers::REQUEST_ID;
use crate::http::possession::CameAsHead;
use crate::http::rate;
use crate::http::upgrade;
use crate::service::AppState;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError as _};
use lvcai_domain::{Problem, ProblemKind};
use lvcai_store::refusals::Attempt;
use uuid::Uuid;

/// What the auditor is to see. Faults of transport, such as a missing key, say nothing of an attempt.
const AUDITED: [ProblemKind; 9] = [
    ProblemKind::Forbidden,
    ProblemKind::NotAccredited,
    ProblemKind::SecondHolder,
    ProblemKind::NotFound,
    ProblemKind::IllegalStep,
    ProblemKind::LikelyDouble,
    ProblemKind::Conflict,
    ProblemKind::NotEligible,
    ProblemKind::Invalid,
];

/// What a page for people may load: what is served here. Its program writes styles into the page and has images in data addresses.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Marks a request whose faults of form the outcomes of its lines tell and the registry keeps, each for itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ToldByLine;

/// Wraps every request: gives it an id, answers HEAD as GET without the body,
/// and writes problems in the language asked for.
pub(crate) async fn wrap<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let peer = request.conn_data::<Peer>().cloned();
    let asked = peer.as_ref().map(Peer::asks);
    let id = give_id(&mut request);
    upgrade::decline(&mut request);
    if request.method() == Method::HEAD {
        // Routed as the GET. The connection has noted the HEAD before, and leaves the body of the answer out.
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(CameAsHead);
    }
    let told = rate::take(&request);
    let response = match told.as_ref().and_then(rate::Told::refusal) {
        Some(refusal) => request.into_response(refusal),
        None => next.call(request).await?.map_into_boxed_body(),
    };
    keep_refusal(&response).await;
    let mut response = finish(response, &id);
    if let Some(told) = told {
        told.tell(response.headers_mut());
    }
    Ok(match peer.zip(asked) {
        Some((peer, asked)) => bounded(response, &id, &peer, asked),
        None => response,
    })
}

/// Sends the body piece by piece, within what all answers may hold. Only of a read can be said that it is to be asked
/// again: what was written has to be told.
fn bounded(response: ServiceResponse<BoxBody>, id: &str, peer: &Peer, asked: Asked) -> ServiceResponse<BoxBody> {
    let request = response.request();
    let writes = !request.method().is_safe() && request.extensions().contains::<Attempt>();
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    match peer.answer(body, asked, writes) {
        Ok(body) => ServiceResponse::new(request, response.set_body(body)),
        Err(asked) => {
            let busy = Failure::from(ProblemKind::Busy).error_response();
            bounded(finish(ServiceResponse::new(request, busy), id), id, peer, asked)
        }
    }
}

/// Gives a request its id, as the header that it would have sent: its own where that is a plain one, else a new one.
fn give_id(request: &mut ServiceRequest) -> String {
    let plain = |id: &&str| {
        (1..=128).contains(&id.len()) && id.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it))
    };
    let given = request.headers().get(REQUEST_ID).and_then(|it| it.to_str().ok());
    if let Some(id) = given.filter(plain) {
        return id.to_owned();
    }
    let id = Uuid::now_v7().to_string();
    if let Ok(value) = HeaderValue::from_str(&id) {
        request.headers_mut().insert(REQUEST_ID, value);
    }
    id
}

/// Keeps for the auditor what was refused to a known caller. What was kept line by line is not kept twice.
async fn keep_refusal(response: &ServiceResponse<BoxBody>) {
    let request = response.request();
    let Some(attempt) = request.extensions().get::<Attempt>().cloned() else { return };
    let Some(problem) = response.response().extensions().get::<Problem>().cloned() else { return };
    // The query is parsed as the handler parses it, since these words may also stand in the value of another parameter.
    let dry_run = form_urlencoded::parse(request.query_string().as_bytes())
        .any(|(name, value)| (&*name, &*value) == ("validate_only", "true"));
    let asks_only = request.method().is_safe() || dry_run;
    let told = problem.kind == ProblemKind::Invalid && request.extensions().contains::<ToldByLine>();
    if asks_only || told || !AUDITED.contains(&problem.kind) {
        return;
    }
    let Some(state) = request.app_data::<Data<AppState>>().cloned() else { return };
    let subject = request.path().to_owned();
    if let Err(error) = state.registry.keep_refusal(attempt, subject, problem).await {
        log::error!("a refusal was not kept: error={error}");
    }
}

fn finish(response: ServiceResponse<BoxBody>, id: &str) -> ServiceResponse<BoxBody> {
    let problem = problem(response.response());
    if let Some(Cause(cause)) = response.response().extensions().get::<Cause>() {
        let (method, path) = (response.request().method(), response.request().path());
        log::error!("the request failed: request_id={id} method={method} path={path} error={cause}");
    }
    let mut response = match problem {
        Some(problem) => write(response, &problem, id),
        None => response,
    };
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    set_below(&mut response);
    let content_type = response.headers().get(header::CONTENT_TYPE);
    if content_type.is_some_and(|it| it.as_bytes().starts_with(b"text/html")) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    }
    if upgrade::is_asked(response.request().head()) {
        // actix closes the connection of whoever asks for one, as Java's client does
        // with `Upgrade: h2c`, and without this would not say so: the next request on it would be lost.
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    response
}

/// Sets the addresses of the headers below the path that the issuer has: a proxy that serves the registry there takes the
/// path away from requests, and gives it to no answer.
fn set_below(response: &mut ServiceResponse<BoxBody>) {
    let issuer = response.request().app_data::<Data<AppState>>().map(|it| it.keys.tokens.issuer.clone());
    let place =
        issuer.as_deref().and_then(|it| it.split_once("://")?.1.split_once('/').map(|(_, path)| path.to_owned()));
    let Some(path) = place.filter(|it| !it.is_empty()) else { return };
    for name in [header::LOCATION, header::CONTENT_LOCATION, header::LINK] {
        let told = response.headers().get(&name).and_then(|it| it.to_str().ok());
        let set = told.and_then(|it| match it.strip_prefix('<') {
            Some(link) => link.starts_with('/').then(|| format!("</{path}{link}")),
            None => it.starts_with('/').then(|| format!("/{path}{it}")),
        });
        if let Some(set) = set.and_then(|it| HeaderValue::from_str(&it).ok()) {
            response.headers_mut().insert(name, set);
        }
    }
}

/// The problem that a response stands for: its own, or that of an error of the framework.
fn problem(response: &HttpResponse<BoxBody>) -> Option<Problem> {
    if let Some(problem) = response.extensions().get::<Problem>() {
        return Some(problem.clone());
    }
    let status = response.status();
    let written = response.headers().contains_key(header::CONTENT_TYPE);
    let kind = match status {
        StatusCode::NOT_FOUND if !written => ProblemKind::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ProblemKind::MethodNotAllowed,
        StatusCode::REQUEST_TIMEOUT => ProblemKind::TooSlow,
        StatusCode::PAYLOAD_TOO_LARGE => ProblemKind::TooLarge,
        StatusCode::BAD_REQUEST if response.error().is_some() => ProblemKind::Malformed,
        _ if status.is_server_error() => ProblemKind::Internal,
        _ => return None,
    };
    Some(kind.into())
}

fn write(response: ServiceResponse<BoxBody>, problem: &Problem, id: &str) -> ServiceResponse<BoxBody> {
    let telling = Telling::of(response.request());
    let document = ProblemDocument::new(problem, &telling, id);
    let body = serde_json::to_string(&document).unwrap_or_default();
    let (request, old) = response.into_parts();
    let status = StatusCode::from_u16(problem.kind.status()).unwrap_or(old.status());
    let mut new = HttpResponse::build(status).content_type("application/problem+json").body(body);
    for (name, value) in old.headers() {
        if *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH {
            new.headers_mut().insert(name.clone(), value.clone());
        }
    }
    new.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(telling.language.tag()));
    new.headers_mut().append(header::VARY, HeaderValue::from_static("accept-language"));
    ServiceResponse::new(request, new)
}
