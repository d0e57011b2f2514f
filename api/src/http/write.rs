//! What every write has in common: the caller, the idempotency key, and whether it is only to be decided.

use crate::http::caller::{Asker, Caller};
use crate::http::failure::Failure;
use crate::http::in_order::{Ordered, after_earlier};
use crate::http::{headers, params};
use crate::service::AppState;
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use lvcai_domain::{Fault, Problem, ProblemKind, Rule};
use lvcai_store::{CommandContext, Decision, IdempotencyKey, Receipt, View};
use lvcai_trust::Digest;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Who writes, under which key, and whether only to validate. The query string
/// of a write holds `validate_only` and nothing else.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) caller: Caller,
    /// The state of the handlers.
    pub(crate) state: Data<AppState>,
    /// Whether it is only to be decided.
    pub(crate) validate_only: bool,
    key: Option<String>,
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
            Self::new(&asked, caller, validate_only, "")
        })
    }
}

impl Write {
    fn new(request: &HttpRequest, caller: Caller, validate_only: bool, params: &str) -> Result<Self, Failure> {
        let key = key(request)?;
        let state = request.app_data::<Data<AppState>>().cloned().ok_or(ProblemKind::Internal)?;
        let operation = format!("{} {}{params}", request.method(), request.path());
        Ok(Self { caller, state, validate_only, key, operation })
    }

    /// A write whose query string has parameters of its own, `validate_only` among them. They are part of what an
    /// idempotency key stands for.
    pub(crate) async fn with<P: DeserializeOwned>(
        request: &HttpRequest,
        validate_only: impl Fn(&P) -> bool,
    ) -> Result<(Self, P), Failure> {
        let caller = Caller::ask(request).await?;
        let params: P = params::parse(request.query_string())?;
        let write = Self::new(request, caller, validate_only(&params), &format!("?{}", request.query_string()))?;
        Ok((write, params))
    }

    /// Decides and, unless only that is asked for, does what a request with a body of this digest asks for.
    pub(crate) async fn execute(
        &self,
        body: &Digest,
        decide: impl FnMut(&mut View<'_>) -> lvcai_store::Result<Decision> + Send + 'static,
    ) -> lvcai_store::Result<Receipt> {
        self.state.registry.execute(self.order(body), decide).await
    }

    /// The order to carry out for a request with a body of this digest.
    pub(crate) fn order(&self, body: &Digest) -> CommandContext {
        let idempotency = self.key.clone().map(|key| IdempotencyKey {
            client: self.caller.client,
            key,
            request: Digest::of_parts(&[self.operation.as_bytes(), body.bytes()]),
        });
        CommandContext { actor: self.caller.organisation.to_string(), idempotency, validate_only: self.validate_only }
    }

    /// Requires an idempotency key, unless only validation is asked for.
    pub(crate) fn must_have_key(&self) -> Result<(), Failure> {
        if self.key.is_some() || self.validate_only { Ok(()) } else { Err(ProblemKind::IdempotencyKeyRequired.into()) }
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
