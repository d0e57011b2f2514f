//! Bodies too large to be held: they wait in a file that has no name.

use crate::http::failure::Failure;
use crate::http::headers::{media_type, unsupported};
use crate::service::AppState;
use actix_web::HttpRequest;
use actix_web::web::{Bytes, Data, Payload};
use futures_util::StreamExt;
use lvcai_domain::{Fault, Problem, ProblemKind, Rule};
use lvcai_exchange::lines::{Form, Line, LineLimits, LinesError, Summary, read_lines};
use lvcai_trust::{Digest, Hasher};
use std::fs::File;
use std::io::Write;
use std::ops::ControlFlow;
use tokio::sync::OwnedSemaphorePermit;

/// How large an upload may be.
pub(crate) const BYTES: u64 = 64 * 1024 * 1024;

/// The content types of an upload.
pub(crate) const FORMS: [(&str, Form); 5] = [
    ("application/json", Form::JsonArray),
    ("application/jsonl", Form::JsonLines),
    ("application/x-ndjson", Form::JsonLines),
    ("text/csv", Form::Table),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Form::Table),
];

/// A body that has arrived whole.
pub(crate) struct Upload {
    file: File,
    form: Form,
    limits: LineLimits,
    pub(crate) digest: Digest,
    /// How many are worked on is bounded.
    _permit: OwnedSemaphorePermit,
}

impl Upload {
    /// Receives a body of so many lines at most. Each piece of it must arrive within the time a request may take.
    pub(crate) async fn receive(
        request: &HttpRequest,
        state: &Data<AppState>,
        mut payload: Payload,
        lines: u64,
    ) -> Result<Self, Failure> {
        let form = form(request)?;
        let permit = state.uploads.clone().try_acquire_owned().map_err(|_| ProblemKind::Busy)?;
        let mut file = tempfile::tempfile().map_err(failed)?;
        let mut hasher = Hasher::default();
        let mut size = 0;
        while let Some(piece) = next(state, &mut payload).await? {
            size += u64::try_from(piece.len()).unwrap_or(BYTES);
            if size > BYTES {
                return Err(ProblemKind::TooLarge.into());
            }
            hasher.update(&piece);
            // This blocks, but a few kilobytes go no further than the page cache: to hand them to another thread costs
            // more.
            file.write_all(&piece).map_err(failed)?;
        }
        let limits = LineLimits { lines, ..LineLimits::default() };
        Ok(Self { file, form, limits, digest: hasher.finish(), _permit: permit })
    }

    /// Reads the lines, which takes a while and blocks.
    pub(crate) fn lines(&self, each: &mut dyn FnMut(Line) -> ControlFlow<()>) -> Result<Summary, Problem> {
        read_lines(&self.file, self.form, &self.limits, each).map_err(|error| refused(&error))
    }
}

async fn next(state: &AppState, payload: &mut Payload) -> Result<Option<Bytes>, Failure> {
    match tokio::time::timeout(state.request_time, payload.next()).await {
        Err(_) => Err(ProblemKind::TooSlow.into()),
        Ok(None) => Ok(None),
        Ok(Some(Ok(piece))) => Ok(Some(piece)),
        Ok(Some(Err(_))) => Err(ProblemKind::Malformed.into()),
    }
}

fn form(request: &HttpRequest) -> Result<Form, Failure> {
    let essence = media_type(request)?;
    let known = FORMS.iter().find(|(name, _)| *name == essence);
    known.map(|(_, form)| *form).ok_or_else(|| unsupported(&FORMS.map(|(name, _)| name)))
}

/// What keeps a batch as a whole from being read.
fn refused(error: &LinesError) -> Problem {
    let (kind, rule) = match error {
        LinesError::Io(_) => (ProblemKind::Internal, Rule::MalformedJson),
        LinesError::TooManyLines { .. } => (ProblemKind::Invalid, Rule::TooManyItems),
        LinesError::Broken { .. } => (ProblemKind::Malformed, Rule::MalformedJson),
        LinesError::Table(_) | LinesError::NoHeader | LinesError::SeveralTables { .. } => {
            (ProblemKind::Invalid, Rule::Pattern)
        }
    };
    let fault = Fault::new("", rule).detail(error.zh(), error.to_string());
    Problem::from(kind).fault(match error.fix() {
        Some(fix) => fault.fix(fix.zh, fix.en),
        None => fault,
    })
}

fn failed(error: std::io::Error) -> Failure {
    lvcai_store::Error::Database(Box::new(error)).into()
}
