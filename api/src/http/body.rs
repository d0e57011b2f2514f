//! Request bodies that have been checked: received whole, of the right type, in form.

use crate::http::failure::Failure;
use crate::http::headers;
use crate::http::in_order::{Ordered, after_earlier};
use crate::http::json::parse;
use crate::service::AppState;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpRequest, http::header};
use lvcai_domain::{Problem, ProblemKind};
use lvcai_trust::Digest;
use serde::de::DeserializeOwned;
use std::future::Future;
use validator::Validate;

/// A JSON body that matches its schema, with the digest of its bytes. There is
/// no other way to take a body, so no handler can forget to validate one.
#[derive(Debug)]
pub(crate) struct Body<T> {
    pub(crate) value: T,
    pub(crate) digest: Digest,
}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Body<T> {
    type Error = Failure;
    type Future = Ordered<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let accepted = require_media_type(request, &["application/json", "application/merge-patch+json"]);
        let bytes = receive(request, payload);
        after_earlier(request, async move {
            accepted?;
            let bytes = bytes.await?;
            let value = parse(&bytes)?;
            Ok(Self { value, digest: Digest::of(&bytes) })
        })
    }
}

/// Requires that the body is of one of these types, and not compressed.
pub(crate) fn require_media_type(request: &HttpRequest, types: &[&str]) -> Result<(), Failure> {
    if types.contains(&media_type(request)?.as_str()) { Ok(()) } else { Err(ProblemKind::UnsupportedMediaType.into()) }
}

/// The type of a body that is not compressed, in lower case and without its parameters.
pub(crate) fn media_type(request: &HttpRequest) -> Result<String, Failure> {
    let content_type = headers::one(request, "Content-Type")?.and_then(|it| it.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let encoding = headers::all(request, "Content-Encoding")?.unwrap_or_default();
    if encoding.is_empty() || encoding.eq_ignore_ascii_case("identity") {
        return Ok(essence);
    }
    let problem = Problem::from(ProblemKind::UnsupportedMediaType).detail(
        "请求体不得压缩：去掉 Content-Encoding",
        "the body must not be compressed: send it without Content-Encoding",
    );
    Err(Failure::from(problem).header(header::ACCEPT_ENCODING, "identity"))
}

/// Receives the body within the limits of size and time.
pub(crate) fn receive(
    request: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = Result<Bytes, Failure>> + use<> {
    let bytes = Bytes::from_request(request, payload);
    let time = request.app_data::<Data<AppState>>().map_or(std::time::Duration::from_secs(30), |it| it.request_time);
    async move {
        match tokio::time::timeout(time, bytes).await {
            Err(_) => Err(ProblemKind::TooSlow.into()),
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(error)) => match error.as_error::<PayloadError>() {
                Some(PayloadError::Overflow) => Err(ProblemKind::TooLarge.into()),
                _ => Err(ProblemKind::Malformed.into()),
            },
        }
    }
}
