//! What a handler asks of a request: who asks and the query (`Query`, `Read`), what every write has in common (`Write`),
//! and the body (`Body`).
//!
//! They are checked one after the other. actix asks all arguments of a handler at once, and whichever fails first
//! answers; a request with two faults would be answered now by the one and now by the other. Here each waits for those
//! that the handler names before it.

use crate::connections::{BodyShare, Charge, Peer};
use crate::http::answer::{self, Answer};
use crate::http::caller::{Anybody, Asker, Caller};
use crate::http::conditions::Conditions;
use crate::http::days::{Asks, OnDayOrLatest};
use crate::http::failure::Failure;
use crate::http::headers::{REQUEST_ID, malformed, media_type, text, unsupported};
use crate::http::json;
use crate::http::params::{self, NoParams, ReadParams, Shared};
use crate::service::AppState;
use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::web::{Bytes, BytesMut, Data};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use futures_util::StreamExt as _;
use lvcai_domain::{Fault, Problem, ProblemKind, Rule};
use lvcai_store::{
    CommandContext, Conn, Decision, HistoryEntry, IdempotencyKey, Moment, Origin, Preview, Receipt, Result,
    StoredVersion, View, clients,
};
use lvcai_trust::{Digest, canonical};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use tokio::sync::oneshot::{Receiver, channel};
use utoipa::ToSchema;
use validator::Validate;

/// A request: by whom, with the operation's own parameters and with those that it shares with others.
#[derive(Debug)]
pub(crate) struct Query<A = Anybody, P = NoParams, S = NoParams> {
    /// Who asks.
    pub(crate) by: A,
    /// The operation's own parameters.
    pub(crate) params: P,
    /// The parameters that it shares with others.
    pub(crate) shared: S,
    /// The request.
    pub(crate) request: HttpRequest,
    /// The state of the handlers.
    pub(crate) state: Data<AppState>,
}

/// A read at a cut.
pub(crate) type Read<A = Anybody, P = NoParams> = Query<A, P, ReadParams>;

/// A read of what holds from a day on.
pub(crate) type ReadOn<A = Anybody, P = NoParams> = Query<A, P, (ReadParams, OnDayOrLatest)>;

impl<A: Asker, P: DeserializeOwned + 'static, S: Shared + 'static> FromRequest for Query<A, P, S> {
    type Error = Failure;
    type Future = Ordered<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asked = request.clone();
        after_earlier(request, async move {
            let by = A::ask(&asked).await?;
            let (params, shared) = params::parse_with(asked.query_string())?;
            let state = asked.app_data::<Data<AppState>>().cloned().ok_or(ProblemKind::Internal)?;
            Ok(Self { by, params, shared, request: asked, state })
        })
    }
}

impl<A, P, S: Asks> Query<A, P, S> {
    /// Reads at the cut and for the day that were asked for, and says which they are.
    pub(crate) async fn at_moment<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Conn, Moment) -> Result<T> + Send + 'static,
    ) -> Result<(Moment, T)> {
        self.state.registry.read_on(self.shared.asked(), work).await
    }

    /// Answers one record as it holds on the day, or 404.
    pub(crate) async fn record_on(
        &self,
        work: impl FnMut(&mut Conn, Moment) -> Result<Option<StoredVersion>> + Send + 'static,
    ) -> Answer {
        let (moment, stored) = self.at_moment(work).await?;
        let mut answer = answer::record(&self.request, (moment.cut, stored))?;
        if self.shared.tells_day() {
            answer::tell_day(&mut answer, moment.day);
        }
        Ok(answer)
    }
}

impl<A, P> Read<A, P> {
    /// Reads at the cut that was asked for, and says which it is.
    pub(crate) async fn at_cut<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Conn, i64) -> Result<T> + Send + 'static,
    ) -> Result<(i64, T)> {
        self.state.registry.read_at(self.shared.as_of, work).await
    }

    /// Answers one record, or 404.
    pub(crate) async fn record(
        &self,
        work: impl FnMut(&mut Conn, i64) -> Result<Option<StoredVersion>> + Send + 'static,
    ) -> Answer {
        answer::record(&self.request, self.at_cut(work).await?)
    }

    /// Answers the versions of a record, or 404 when there are none to see.
    pub(crate) async fn versions(
        &self,
        work: impl FnMut(&mut Conn, i64) -> Result<Vec<HistoryEntry>> + Send + 'static,
    ) -> Answer {
        answer::versions(&self.request, self.at_cut(work).await?)
    }
}

/// Who writes, under which key, which a POST cannot do without, and whether only to validate. The query string of a
/// write holds `validate_only` and nothing else.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) caller: Caller,
    /// The state of the handlers.
    pub(crate) state: Data<AppState>,
    /// Whether it is only to be decided.
    pub(crate) validate_only: bool,
    /// On what it depends.
    pub(crate) conditions: Conditions,
    key: Option<String>,
    /// Method and path, so that a key is not taken for another operation.
    operation: String,
    /// The id of the request.
    request_id: Option<String>,
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
        // Only what is posted makes something or takes a step once more when it is sent once more.
        if request.method() == Method::POST && key.is_none() && !validate_only {
            return Err(ProblemKind::IdempotencyKeyRequired.into());
        }
        let conditions = Conditions::of(request)?;
        let state = request.app_data::<Data<AppState>>().cloned().ok_or(ProblemKind::Internal)?;
        let operation = format!("{} {}{params}", request.method(), request.path());
        let request_id = request.headers().get(REQUEST_ID).and_then(|it| it.to_str().ok()).map(str::to_owned);
        Ok(Self { caller, state, validate_only, conditions, key, operation, request_id })
    }

    /// A write of many records, whose query string has parameters of its own, `validate_only` among them. They are part
    /// of what an idempotency key stands for.
    pub(crate) async fn with<P: DeserializeOwned>(
        request: &HttpRequest,
        validate_only: impl Fn(&P) -> bool,
    ) -> Result<(Self, P), Failure> {
        let caller = Caller::ask(request).await?;
        let params: P = params::parse(request.query_string())?;
        let write = Self::new(request, caller, validate_only(&params), &format!("?{}", request.query_string()))?;
        write.conditions.refuse()?;
        Ok((write, params))
    }

    /// Decides and, unless only that is asked for, does what a request with a body of this digest asks for.
    pub(crate) async fn execute(
        &self,
        body: &Digest,
        decide: impl FnMut(&mut View<'_>) -> Result<Decision> + Send + 'static,
    ) -> Result<Receipt> {
        self.state.registry.execute(self.order(body), self.while_standing(decide)).await
    }

    /// The same for what makes something new, which depends on no record.
    pub(crate) async fn create(
        &self,
        body: &Digest,
        decide: impl FnMut(&mut View<'_>) -> Result<Decision> + Send + 'static,
    ) -> Result<Receipt> {
        self.conditions.refuse()?;
        self.execute(body, decide).await
    }

    /// Decides alone: what would be answered, and all that would change.
    pub(crate) async fn preview(
        &self,
        decide: impl FnMut(&mut View<'_>) -> Result<Decision> + Send + 'static,
    ) -> Result<Preview> {
        self.state.registry.preview(self.while_standing(decide)).await
    }

    /// Asks whether the client still stands before anything is decided: a revoked one does not finish what it began.
    fn while_standing(
        &self,
        mut decide: impl FnMut(&mut View<'_>) -> Result<Decision> + Send + 'static,
    ) -> impl FnMut(&mut View<'_>) -> Result<Decision> + Send + 'static {
        let standing = self.caller.standing();
        move |view| {
            clients::must_stand(view, &standing)?;
            decide(view)
        }
    }

    /// The order to carry out for a request with a body of this digest.
    pub(crate) fn order(&self, body: &Digest) -> CommandContext {
        let idempotency = self.key.clone().map(|key| IdempotencyKey {
            client: self.caller.client,
            key,
            request: Digest::of_parts(&[self.operation.as_bytes(), body.bytes()]),
        });
        let Caller { client, organisation, .. } = &self.caller;
        let (client, request_id) = (Some(*client), self.request_id.clone());
        let by = Origin { client, request_id, ..Origin::of(organisation.to_string()) };
        CommandContext { by, idempotency, validate_only: self.validate_only }
    }
}

/// Reads `Idempotency-Key`, quoted or bare.
fn key(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let name = "Idempotency-Key";
    let Some(value) = text(request, name)? else { return Ok(None) };
    let key = value.trim().trim_matches('"');
    match key.len() {
        0 => Err(malformed(Fault::new(name, Rule::TooShort))),
        1..=255 => Ok(Some(key.to_owned())),
        _ => Err(malformed(Fault::new(name, Rule::TooLong))),
    }
}

/// A JSON body that matches its schema, with its digest. There is no other way
/// to take a body, so no handler can forget to validate one.
#[derive(Debug)]
pub(crate) struct Body<T> {
    pub(crate) value: T,
    pub(crate) digest: Digest,
}

impl<T: DeserializeOwned + Validate + ToSchema + 'static> FromRequest for Body<T> {
    type Error = Failure;
    type Future = Ordered<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let types = ["application/json", "application/merge-patch+json"];
        // A merge patch in the place of a whole record would be taken for all of it.
        let types = if request.method() == Method::PATCH { &types[..] } else { &types[..1] };
        let accepted = require_media_type(request, types);
        let bytes = receive(request, payload);
        after_earlier(request, async move {
            accepted?;
            let bytes = bytes.await?;
            let text = json::read(&bytes)?;
            let digest = digest(&text.value, &bytes);
            Ok(Self { value: json::build(text, bytes.len())?, digest })
        })
    }
}

/// The digest by which a request is known again: of its canonical JSON (RFC 8785), since a repeat may have been
/// serialised anew, with its members in another order. What has no such form (integers beyond 2^53) is known by its
/// bytes.
pub(crate) fn digest(value: &serde_json::Value, bytes: &[u8]) -> Digest {
    canonical(value).map_or_else(|_| Digest::of(bytes), |text| Digest::of(text.as_bytes()))
}

/// Requires that the body is of one of these types, and not compressed.
pub(crate) fn require_media_type(request: &HttpRequest, types: &[&str]) -> Result<(), Failure> {
    if types.contains(&media_type(request)?.as_str()) { Ok(()) } else { Err(unsupported(types)) }
}

/// How large a body may be, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyLimit(pub(crate) usize);

/// Receives the body within the limits of size and time, and within what all bodies may hold.
pub(crate) fn receive(
    request: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = Result<Bytes, Failure>> + use<> {
    let (request, mut payload) = (request.clone(), payload.take());
    let time = request.app_data::<Data<AppState>>().map_or(Duration::from_secs(30), |it| it.request_time);
    async move {
        let arrived = tokio::time::timeout(time, gather(&request, &mut payload)).await;
        arrived.map_err(|_| ProblemKind::TooSlow)?
    }
}

async fn gather(request: &HttpRequest, payload: &mut Payload) -> Result<Bytes, Failure> {
    let limit = request.app_data::<BodyLimit>().map_or(0, |it| it.0);
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok());
    if announced.is_some_and(|size: usize| size > limit) {
        return Err(ProblemKind::TooLarge.into());
    }
    let mut share = request.conn_data::<Peer>().map(Peer::body);
    // What is announced is taken at once, so that nothing is read of a body for which there is no room.
    if share.as_mut().is_some_and(|it| !it.expect(announced.unwrap_or_default())) {
        return Err(ProblemKind::Busy.into());
    }
    // There is room for it. To let it grow would take as much again for the smaller ones before.
    let mut body = BytesMut::with_capacity(announced.unwrap_or_default());
    while let Some(piece) = payload.next().await {
        let piece = piece.map_err(|_| ProblemKind::Malformed)?;
        if body.len() + piece.len() > limit {
            return Err(ProblemKind::TooLarge.into());
        }
        if share.as_mut().is_some_and(|it| !it.add(piece.len())) {
            return Err(ProblemKind::Busy.into());
        }
        body.extend_from_slice(&piece);
    }
    // What was read from the body is held for as long as the request is worked on.
    request.extensions_mut().insert(Held { _charge: share.and_then(BodyShare::has_arrived) });
    Ok(body.freeze())
}

/// What a request's body holds, until the request is answered.
struct Held {
    _charge: Option<Charge>,
}

/// A check that is under way.
pub(crate) type Ordered<T> = Pin<Box<dyn Future<Output = Result<T, Failure>>>>;

/// Tells when the check that was named last has passed.
struct Last(Receiver<()>);

/// Runs a check once those before it have passed.
pub(crate) fn after_earlier<T: 'static>(
    request: &HttpRequest,
    check: impl Future<Output = Result<T, Failure>> + 'static,
) -> Ordered<T> {
    let (passed, next) = channel();
    let before = request.extensions_mut().insert(Last(next));
    Box::pin(async move {
        if let Some(Last(before)) = before
            && before.await.is_err()
        {
            // An earlier check failed and dropped its sender. The request is answered with that failure, so this one
            // never ends.
            return std::future::pending().await;
        }
        let value = check.await?;
        // No check waits for the last one, so that its message may have no receiver is no failure.
        _ = passed.send(());
        Ok(value)
    })
}
