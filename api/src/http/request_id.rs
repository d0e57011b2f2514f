//! The id of a request: in the log, in every answer and in every problem.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::HeaderName;
use actix_web::{HttpMessage, HttpRequest};
use uuid::Uuid;

/// The header of the request's id, in and out.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, for those who handle it.
#[derive(Debug, Clone)]
struct RequestId(String);

/// Gives a request its id: the client's own where it sends a plain one, a new one otherwise.
pub(crate) fn give(request: &ServiceRequest) -> String {
    let given = request.headers().get(REQUEST_ID).and_then(|it| it.to_str().ok());
    let plain = |id: &&str| {
        (1..=128).contains(&id.len()) && id.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it))
    };
    let id = given.filter(plain).map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
    request.extensions_mut().insert(RequestId(id.clone()));
    id
}

/// The id that a request was given.
pub(crate) fn id_of(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map(|it| it.0.clone()).unwrap_or_default()
}
