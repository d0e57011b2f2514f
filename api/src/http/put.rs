//! What is put at an address: a record as it shall be.
//!
//! What GET answers there can be put back. The members that it has beside those of a request (`id`, `record_source`) are
//! taken out before the request is read, and compared with the record that stands.

use crate::http::answer::{self, etag};
use crate::http::conditions::Conditions;
use crate::http::failure::Failure;
use crate::http::json;
use crate::http::request::{Ordered, Write, after_earlier, digest, receive, require_media_type};
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use lvcai_domain::Restated;
use lvcai_store::{Receipt, StoredVersion};
use lvcai_trust::Digest;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::marker::PhantomData;
use utoipa::ToSchema;
use validator::Validate;

/// A `T` that is put where a GET answers an `R`.
pub(crate) struct Put<T, R> {
    pub(crate) value: T,
    pub(crate) digest: Digest,
    restated: Restated,
    address: String,
    of: PhantomData<fn() -> R>,
}

impl<T: DeserializeOwned + Validate + ToSchema + 'static, R: ToSchema + 'static> FromRequest for Put<T, R> {
    type Error = Failure;
    type Future = Ordered<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        // A merge patch in the place of a whole record would be taken for all of it.
        let accepted = require_media_type(request, &["application/json"]);
        let (bytes, address) = (receive(request, payload), request.path().to_owned());
        after_earlier(request, async move {
            accepted?;
            let bytes = bytes.await?;
            let mut text = json::read(&bytes)?;
            let digest = digest(&text.value, &bytes);
            let restated = json::take_restated::<T, R>(&mut text.value);
            Ok(Self { value: json::build(text, bytes.len())?, digest, restated, address, of: PhantomData })
        })
    }
}

/// Under what it may be put.
#[derive(Clone)]
pub(crate) struct Terms {
    conditions: Conditions,
    restated: Restated,
}

impl<T, R> Put<T, R> {
    /// Under what it may be put.
    pub(crate) fn terms(&self, write: &Write) -> Terms {
        Terms { conditions: write.conditions.clone(), restated: self.restated.clone() }
    }

    /// Answers what became of it: the record, as a GET at the address answers it now.
    ///
    /// An ETag would say that what was sent is what is kept, so it is sent only where that is so (RFC 9110 §9.3.4).
    pub(crate) fn answer(&self, receipt: Receipt, location: impl FnOnce(&str) -> String) -> HttpResponse {
        let (decided_only, kept) = (receipt.validated_only, etag(&receipt.body) == format!("\"{}\"", self.digest));
        let mut response = answer::receipt(receipt, location);
        if !kept {
            response.headers_mut().remove(header::ETAG);
        }
        if let Some(address) = HeaderValue::from_str(&self.address).ok().filter(|_| !decided_only) {
            response.headers_mut().insert(header::CONTENT_LOCATION, address);
        }
        response
    }
}

impl Terms {
    /// Compares them with the record that stands at the address; where there is none, what is repeated is compared with
    /// what is known of the new one.
    pub(crate) fn check(&self, stands: Option<&StoredVersion>, new: &impl Serialize) -> lvcai_store::Result<()> {
        self.conditions.check(stands)?;
        Ok(match stands {
            Some(stands) => self.restated.agrees_with(&stands.parse::<Value>()?),
            None => self.restated.agrees_with(new),
        }?)
    }

    /// Whether what is repeated has this value in a member.
    pub(crate) fn restates(&self, name: &str, value: &str) -> bool {
        self.restated.says(name, value)
    }
}
