//! What every write has in common: the caller, the idempotency key, and whether it is only to be decided.

use crate::http::caller::{Asker, Caller};
use crate::http::failure::Failure;
use crate::http::in_order::{Ordered, after_earlier};
use crate::http::{headers, params};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use lvcai_domain::{Fault, Problem, ProblemKind, Rule};
use lvcai_store::{IdempotencyKey, Order};
use lvcai_trust::Digest;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Who writes, under which key, and whether only to validate. The query string
/// of a write holds `validate_only` and nothing else.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) caller: Caller,
    key: Option<String>,
    validate_only: bool,
    /// Method and path, so that a key is not taken for another operation.
    operation: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WriteParams {
    #[serde(default)]
    validate_only: bool,
}

impl FromRequest for Write {
    type Error = Failure;
    type Future = Ordered<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asked = request.clone();
        after_earlier(request, async move {
            let caller = Caller::ask(&asked).await?;
            let WriteParams { validate_only } = params::parse(asked.query_string())?;
            let operation = format!("{} {}", asked.method(), asked.path());
            Ok(Self { caller, key: key(&asked)?, validate_only, operation })
        })
    }
}

impl Write {
    /// A write whose query string has parameters of its own, `validate_only` among them. They are part of what an
    /// idempotency key stands for.
    pub(crate) async fn with<P: DeserializeOwned>(
        request: &HttpRequest,
        validate_only: impl Fn(&P) -> bool,
    ) -> Result<(Self, P), Failure> {
        let caller = Caller::ask(request).await?;
        let params: P = params::parse(request.query_string())?;
        let operation = format!("{} {}?{}", request.method(), request.path(), request.query_string());
        let write = Self { caller, key: key(request)?, validate_only: validate_only(&params), operation };
        Ok((write, params))
    }
}

/// Reads `Idempotency-Key`, quoted or bare.
fn key(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let name = "Idempotency-Key";
    let Some(value) = headers::one(request, name)? else { return Ok(None) };
    let key = headers::text(value, name)?.trim().trim_matches('"');
    match key.len() {
        0 => Err(headers::malformed(Fault::new(name, Rule::TooShort))),
        1..=255 => Ok(Some(key.to_owned())),
        _ => Err(headers::malformed(Fault::new(name, Rule::TooLong))),
    }
}

impl Write {
    /// The order to carry out for a request with a body of this digest.
    pub(crate) fn order(&self, body: &Digest) -> Order {
        let idempotency = self.key.clone().map(|key| IdempotencyKey {
            client: self.caller.client,
            key,
            request: Digest::of_parts(&[self.operation.as_bytes(), body.bytes()]),
        });
        Order { actor: self.caller.organisation.to_string(), idempotency, validate_only: self.validate_only }
    }

    /// Requires an idempotency key, unless only validation is asked for.
    pub(crate) fn must_have_key(&self) -> Result<(), Failure> {
        if self.key.is_some() || self.validate_only { Ok(()) } else { Err(ProblemKind::IdempotencyKeyRequired.into()) }
    }
}
