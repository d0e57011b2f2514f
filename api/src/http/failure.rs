//! Problems on their way out: RFC 9457 documents in the language asked for.
//!
//! The catalogue is `lvcai_domain::ProblemKind`. A handler fails with a
//! [`Failure`]; the middleware writes it, since only it knows the language and
//! the request's id.

use crate::http::language::Language;
use crate::service::AppState;
use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use lvcai_auth::ALGORITHMS;
use lvcai_domain::{Fault, Problem, ProblemKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A request that fails.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) problem: Problem,
    pub(crate) headers: Vec<(header::HeaderName, String)>,
    /// What went wrong on our side, for the log alone.
    cause: Option<Box<Cause>>,
}

/// What went wrong on our side; the middleware logs it with the id of the request.
#[derive(Debug, Clone)]
pub(crate) struct Cause(pub(crate) String);

impl Failure {
    /// Sets a header of the answer.
    pub(crate) fn header(mut self, name: header::HeaderName, value: impl Into<String>) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.into()));
        self
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let headers = match problem.kind {
            ProblemKind::Busy | ProblemKind::OutcomeUnknown => vec![(header::RETRY_AFTER, "1".to_owned())],
            ProblemKind::Unauthenticated => {
                vec![(header::WWW_AUTHENTICATE, format!("Bearer, DPoP algs=\"{}\"", ALGORITHMS.join(" ")))]
            }
            _ => Vec::new(),
        };
        Self { problem, headers, cause: None }
    }
}

impl From<ProblemKind> for Failure {
    fn from(kind: ProblemKind) -> Self {
        Problem::from(kind).into()
    }
}

impl From<lvcai_store::Error> for Failure {
    fn from(error: lvcai_store::Error) -> Self {
        match error {
            lvcai_store::Error::Refused(problem) => problem.into(),
            lvcai_store::Error::Busy => ProblemKind::Busy.into(),
            lvcai_store::Error::OutcomeUnknown => ProblemKind::OutcomeUnknown.into(),
            lvcai_store::Error::Database(error) => {
                Self { cause: Some(Box::new(Cause(error.to_string()))), ..ProblemKind::Internal.into() }
            }
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.problem.fmt(f)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.as_str()));
        }
        let mut response = response.finish();
        response.extensions_mut().insert(self.problem.clone());
        if let Some(cause) = &self.cause {
            response.extensions_mut().insert(Cause::clone(cause));
        }
        response
    }
}

/// A problem (RFC 9457)
///
/// Why a request failed and what to do about it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument {
    /// A stable address for this kind of failure; the registry serves its documentation there.
    #[schema(format = "uri", example = "https://registry.example/problems/invalid")]
    pub(crate) r#type: String,
    /// The kind of failure, in words.
    #[schema(example = "请求内容不符合规则")]
    pub(crate) title: String,
    /// The HTTP status, repeated for clients that lose it.
    #[schema(example = 422)]
    pub(crate) status: u16,
    /// What was wrong with this request in particular.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
    /// The fields at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<FaultDocument>,
    /// The id of the request, to name when asking about it.
    #[schema(example = "01900000-0000-7000-8000-000000000000")]
    pub(crate) request_id: String,
}

/// A field at fault
///
/// Where, which rule, and what to do.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Fault)]
pub(crate) struct FaultDocument {
    /// What it is about.
    pub(crate) source: FaultSource,
    /// The id of the rule that is broken.
    #[schema(example = "uscc-check-digit")]
    pub(crate) rule: String,
    /// What is wrong, in words.
    pub(crate) detail: String,
    /// What to do about it.
    pub(crate) fix: String,
    /// The values that would have been accepted, where they can be listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) allowed: Vec<String>,
}

/// What of a request is at fault: one of the three
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({ "pointer": "/uscc" }))]
pub(crate) struct FaultSource {
    /// A JSON Pointer (RFC 6901) into the body; the empty one is all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// The name of a parameter of the query or of the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
    /// The name of a header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    header: Option<String>,
}

impl FaultSource {
    /// What the domain calls the place of a fault: names of headers have capitals, those of parameters have none.
    fn of(place: &str) -> Self {
        let named = Some(place.to_owned());
        match place.chars().next() {
            None | Some('/') => Self { pointer: named, ..Self::default() },
            Some(first) if first.is_ascii_uppercase() => Self { header: named, ..Self::default() },
            Some(_) => Self { parameter: named, ..Self::default() },
        }
    }
}

/// How problems are told: in a language, and at which registry their addresses are.
#[derive(Debug, Clone)]
pub(crate) struct Telling {
    pub(crate) language: Language,
    registry: String,
}

impl Telling {
    /// In the language that a request asks for, at the registry that answers it.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let state = request.app_data::<Data<AppState>>();
        Self::at(state.map(|it| it.keys.tokens.issuer.as_str()).unwrap_or_default(), Language::of(request))
    }

    /// In a language, at the registry of an issuer.
    pub(crate) fn at(issuer: &str, language: Language) -> Self {
        Self { language, registry: issuer.to_owned() }
    }

    /// The address of a kind of problem, an absolute URI as RFC 9457 §3.1.1 has it.
    pub(crate) fn address(&self, kind: ProblemKind) -> String {
        format!("{}/problems/{}", self.registry, kind.slug())
    }
}

impl ProblemDocument {
    /// Writes a problem.
    pub(crate) fn new(problem: &Problem, telling: &Telling, request_id: &str) -> Self {
        let (kind, language) = (problem.kind, telling.language);
        Self {
            r#type: telling.address(kind),
            title: language.of_two(kind.zh(), kind.en()).to_owned(),
            status: kind.status(),
            detail: problem.detail.as_ref().map(|said| language.pick(said).to_owned()),
            errors: problem.faults.iter().map(|fault| FaultDocument::new(fault, language)).collect(),
            request_id: request_id.to_owned(),
        }
    }
}

impl FaultDocument {
    /// Every fault of a problem.
    pub(crate) fn all(problem: &Problem, language: Language) -> Vec<Self> {
        problem.faults.iter().map(|it| Self::new(it, language)).collect()
    }

    pub(crate) fn new(fault: &Fault, language: Language) -> Self {
        let rule = fault.rule;
        let detail =
            fault.detail.as_ref().map_or_else(|| language.of_two(rule.zh(), rule.en()), |it| language.pick(it));
        let fix =
            fault.fix.as_ref().map_or_else(|| language.of_two(rule.fix_zh(), rule.fix_en()), |it| language.pick(it));
        Self {
            source: FaultSource::of(&fault.pointer),
            rule: rule.id().to_owned(),
            detail: detail.to_owned(),
            fix: fix.to_owned(),
            allowed: fault.allowed.clone(),
        }
    }
}
