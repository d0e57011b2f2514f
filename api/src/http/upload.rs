//! Bodies too large to be held: they wait in a file that has no name.

use crate::http::failure::Failure;
use crate::http::headers::{media_type, unsupported};
use crate::http::request::Write;
use crate::uploads::UnderWay;
use actix_web::HttpRequest;
use actix_web::web::{Bytes, Payload};
use futures_util::StreamExt;
use lvcai_domain::{Fault, Problem, ProblemKind, Rule};
use lvcai_exchange::lines::{Form, Line, LineLimits, LinesError, Summary, read_lines};
use lvcai_trust::{Digest, Hasher};
use std::fs::File;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};
use tokio::sync::OwnedSemaphorePermit;

/// How many bytes of an upload must arrive in a second, once the time for a request is over.
const LEAST_RATE: u64 = 32 * 1024;

/// How large an upload may be.
pub(crate) const BYTES: u64 = 64 * 1024 * 1024;

/// Content types, each with what it is.
pub(crate) type Forms = &'static [(&'static str, Form)];

/// The content types of an upload of records, or of a table of them.
pub(crate) const FORMS: Forms = &[
    ("application/json", Form::JsonArray),
    ("application/jsonl", Form::JsonLines),
    ("application/x-ndjson", Form::JsonLines),
    ("text/csv", Form::Table),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Form::Table),
    // An xls, and what Windows calls a csv.
    ("application/vnd.ms-excel", Form::Table),
];

/// The content types of an upload of records that no table has room for.
pub(crate) const RECORDS: Forms = &[
    ("application/json", Form::JsonArray),
    ("application/jsonl", Form::JsonLines),
    ("application/x-ndjson", Form::JsonLines),
];

/// A body that has arrived whole.
pub(crate) struct Upload {
    file: File,
    form: Form,
    limits: LineLimits,
    pub(crate) digest: Digest,
    /// How many are worked on is bounded, and how many one client has.
    _held: (OwnedSemaphorePermit, UnderWay),
}

impl Upload {
    /// Receives a body in one of some forms, of so many lines at most, of a client that may send it. It takes a place
    /// among those that are worked on only when it has arrived.
    pub(crate) async fn receive(
        request: &HttpRequest,
        write: &Write,
        mut payload: Payload,
        (forms, lines): (Forms, u64),
    ) -> Result<Self, Failure> {
        let (form, state) = (form(request, forms)?, &write.state);
        let under_way = state.uploads.begin(write.caller.client).ok_or(ProblemKind::Busy)?;
        let mut file = tempfile::tempfile().map_err(failed)?;
        let mut hasher = Hasher::default();
        let (mut size, begun) = (0, Instant::now());
        while let Some(piece) = next(&mut payload, due(begun, size, state.request_time)).await? {
            size += u64::try_from(piece.len()).unwrap_or(BYTES);
            if size > BYTES {
                return Err(ProblemKind::TooLarge.into());
            }
            hasher.update(&piece);
            // This blocks, but a few kilobytes go no further than the page cache: to hand them to another thread costs
            // more.
            file.write_all(&piece).map_err(failed)?;
        }
        let place = state.uploads.place(state.request_time).await.ok_or(ProblemKind::Busy)?;
        let limits = LineLimits { lines, ..LineLimits::default() };
        Ok(Self { file, form, limits, digest: hasher.finish(), _held: (place, under_way) })
    }

    /// Reads the lines, which takes a while and blocks.
    pub(crate) fn lines(&self, each: &mut dyn FnMut(Line) -> ControlFlow<()>) -> Result<Summary, Problem> {
        read_lines(&self.file, self.form, &self.limits, each).map_err(|error| refused(&error))
    }
}

/// When the next piece must have arrived, after so many bytes.
fn due(begun: Instant, size: u64, time: Duration) -> Instant {
    begun + time + Duration::from_secs(size / LEAST_RATE)
}

async fn next(payload: &mut Payload, due: Instant) -> Result<Option<Bytes>, Failure> {
    match tokio::time::timeout_at(due.into(), payload.next()).await {
        Err(_) => Err(ProblemKind::TooSlow.into()),
        Ok(None) => Ok(None),
        Ok(Some(Ok(piece))) => Ok(Some(piece)),
        Ok(Some(Err(_))) => Err(ProblemKind::Malformed.into()),
    }
}

fn form(request: &HttpRequest, forms: Forms) -> Result<Form, Failure> {
    let essence = media_type(request)?;
    let known = forms.iter().find(|(name, _)| *name == essence);
    known.map(|(_, form)| *form).ok_or_else(|| unsupported(&forms.iter().map(|(name, _)| *name).collect::<Vec<_>>()))
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
