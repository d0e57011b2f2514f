//! Certificates pushed by the thousand.

mod report;

use super::foreseen::of_lines;
use super::look_alikes::look_alikes;
use super::record::CertificateInput;
use crate::http::answer::in_language;
use crate::http::middleware::ToldByLine;
use crate::http::{Failure, Telling, Upload, Write, json, params, path_id};
use actix_web::web::{Path, Payload};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, post};
use lvcai_auth::Scope;
use lvcai_domain::certificate::StatedScope;
use lvcai_domain::{ApprovalNumber, CertificateNumber, Fault, Problem, ProblemKind, Rule, Scheme, Star};
use lvcai_exchange::lines::Line as Read;
use lvcai_store::certificates::{Chunk, Line, LineResult, Outcome, named_twice};
use lvcai_store::refusals::Attempt;
use lvcai_store::{AsOf, View, certification_bodies};
use report::{BatchReport, WasRead};
pub(super) use report::{UnreadColumn, unread};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use tokio::sync::mpsc;
use utoipa::{IntoParams, ToSchema};

/// How many lines a batch may have.
const LINES: u64 = 10_000;

/// How many lines one command may have: all of them are written while others wait.
const ATOMIC_LINES: u64 = 1_000;

/// How many lines are written at a time. Single pushes of others wait for one chunk at most.
const CHUNK: usize = 100;

/// How many faults a batch that is refused as a whole names.
const FAULTS: usize = 100;

/// Whether a line of a batch stands for itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mode {
    /// All lines as one command, or none of them; 1,000 at most.
    Atomic,
    /// Each line by itself, whatever becomes of the others.
    #[default]
    Each,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct BatchParams {
    /// Whether a line stands for itself: `each` when absent.
    #[serde(default)]
    #[param(required = false, inline)]
    mode: Mode,
    /// The scheme of the lines that name none.
    #[param(example = "star_certification")]
    scheme: Option<Scheme>,
    /// The kind of the lines that name none.
    #[param(example = "gbm-09")]
    kind: Option<String>,
    /// The star of the lines that name neither star nor scheme.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<Star>)]
    star: Option<Star>,
    /// A ledger position (`Registry-Seq`): a line that would change a certificate that was changed after it is refused.
    /// So an old export takes back no suspension.
    #[serde(default, deserialize_with = "params::position")]
    #[param(value_type = Option<i64>, minimum = 0)]
    unchanged_since: Option<i64>,
    #[serde(default)]
    #[param(ignore)]
    validate_only: bool,
}

/// Push certificates in a batch (批量推送证书)
///
/// By the body itself: a JSON array of records, JSON Lines, or the table that bodies report to CNCA as it is (csv,
/// xlsx or xls; `/v1/code-lists/certificate-fields` names its columns). Up to 10,000 lines and 64 MiB. Lines are written in
/// chunks of 100 while others go on pushing. Interrupted, the same batch under the same key goes on where it stopped and
/// answers the whole. With `validate_only` each line names the products, listings and publications that it would touch
/// by itself.
#[utoipa::path(
    tag = "certificates",
    operation_id = "push_certificates",
    params(("certification_body" = ApprovalNumber, Path, description = "The approval number (批准号)"), BatchParams),
    request_body(
        content(
            (Vec<CertificateInput> = "application/json", example = json!(super::record::example())),
            (String = "application/jsonl", example = json!(super::record::example_line())),
            (String = "application/x-ndjson", example = json!(super::record::example_line())),
            (String = "text/csv", example = json!(super::record::EXAMPLE_TABLE)),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (String = "application/vnd.ms-excel"),
        ),
        description = "The lines",
    ),
    security(("bearer" = ["certificates:push"])),
    responses(
        (status = 200, description = "What became of each line", body = BatchReport),
    ),
    extensions(("x-problems" = json!(["not-accredited"]))),
)]
#[post("/certification-bodies/{certification_body}/certificates:batch")]
pub(super) async fn push_certificates(
    request: HttpRequest,
    body: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Failure> {
    request.extensions_mut().insert(ToldByLine);
    let (write, params): (Write, BatchParams) = Write::with(&request, |it: &BatchParams| it.validate_only).await?;
    write.caller.may(Scope::CertificatesPush)?;
    let body = own_body(&write, path_id(&body)?).await?;
    let atomic = params.mode == Mode::Atomic;
    let unchanged_since = params.unchanged_since;
    let upload = Upload::receive(&request, &write, payload, if atomic { ATOMIC_LINES } else { LINES }).await?;
    let order = write.order(&upload.digest);
    let attempt = request.extensions().get::<Attempt>().cloned().ok_or(ProblemKind::Unauthenticated)?;
    let standing = write.caller.standing();
    let (of, scope) = (body.clone(), StatedScope { scheme: params.scheme, kind: params.kind, star: params.star });
    let (send, mut chunks) = mpsc::channel(2);
    let size = if atomic { usize::MAX } else { CHUNK };
    // Lines that cannot be told apart refuse the whole upload, so it is read once to its end before a line is written.
    let reading = tokio::task::spawn_blocking(move || {
        upload.lines(&mut |_| ControlFlow::Continue(()))?;
        read(&upload, (&of, &scope), size, &send)
    });
    let (mut outcomes, mut impacts) = (Vec::new(), HashMap::new());
    let mut cut = 0;
    let mut replayed = true;
    let mut place = 0_usize;
    while let Some(lines) = chunks.recv().await {
        let key = order.idempotency.as_ref().filter(|_| !order.validate_only).map(|key| key.of_part(place));
        let lines = Arc::new(lines);
        let done = write
            .state
            .registry
            .push(Chunk {
                attempt: attempt.clone(),
                standing: standing.clone(),
                body: body.clone(),
                key,
                atomic,
                unchanged_since,
                lines,
            })
            .await?;
        outcomes.extend(done.outcomes);
        impacts.extend(of_lines(&write.state.registry, done.foreseen, done.cut).await?);
        cut = done.cut;
        replayed = replayed && done.replayed;
        place += 1;
    }
    let read = reading.await.map_err(|error| lvcai_store::Error::Database(Box::new(error)))??;
    if atomic && !order.validate_only {
        none_refused(&outcomes)?;
    }
    let created = outcomes.iter().filter(|it| it.became == LineResult::Created).filter_map(|it| it.number.clone());
    let alike = look_alikes(&write, created.collect()).await?;
    let telling = Telling::of(&request);
    let report = BatchReport::new(body, outcomes, WasRead { alike, impacts, ..read }, &telling);
    Ok(in_language(answer(&report, (cut, place), replayed, order.validate_only), telling.language))
}

/// The answer to a batch of so many chunks, the last of which was written at a cut.
fn answer(report: &BatchReport, (cut, chunks): (i64, usize), replayed: bool, validate_only: bool) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    if replayed && chunks > 0 {
        answer.insert_header(("idempotency-replayed", "true"));
    }
    if validate_only {
        answer.insert_header(("registry-validated-only", "true"));
    }
    if chunks > 0 {
        answer.insert_header(("registry-seq", cut.to_string()));
    }
    answer.json(report)
}

/// The body whose certificates a client pushes, which must be its own. It is asked before anything is uploaded.
pub(super) async fn own_body(write: &Write, body: ApprovalNumber) -> Result<ApprovalNumber, Failure> {
    let organisation = write.caller.organisation;
    let own = move |view: &mut View<'_>| certification_bodies::own(view, &body, organisation);
    Ok(write.state.registry.view_at(AsOf::Now, own).await?.approval_number)
}

/// Reads the lines and hands them on by the chunk; it ends early when nobody takes them.
fn read(
    upload: &Upload,
    batch: (&ApprovalNumber, &StatedScope),
    size: usize,
    send: &mpsc::Sender<Vec<Line>>,
) -> Result<WasRead, Problem> {
    let mut seen = HashMap::new();
    let mut chunk = Vec::new();
    let mut notes = HashMap::new();
    let summary = upload.lines(&mut |mut line| {
        if !line.notes.is_empty() {
            notes.insert(line.number, std::mem::take(&mut line.notes));
        }
        chunk.push(pushed(line, batch, &mut seen));
        if chunk.len() < size || send.blocking_send(std::mem::take(&mut chunk)).is_ok() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    if !chunk.is_empty() {
        // There is no receiver any more where the request was dropped; the lines are then not needed.
        drop(send.blocking_send(chunk));
    }
    Ok(WasRead { summary, notes, alike: HashMap::new(), impacts: HashMap::new() })
}

/// What a line pushes. A number may stand in a batch once.
pub(super) fn pushed(
    line: Read,
    (body, batch): (&ApprovalNumber, &StatedScope),
    seen: &mut HashMap<String, u64>,
) -> Line {
    let place = line.number;
    let pushed = record(&line).and_then(|(name, record)| {
        if let Some(first) = seen.insert(name.normalised(), place) {
            seen.insert(name.normalised(), first);
            return Err(named_twice(first));
        }
        Ok(record.pushed(body.clone(), name, batch))
    });
    let number = match &pushed {
        Ok(pushed) => Some(pushed.certificate.number.clone()),
        Err(_) => {
            let told = line.json.ok().and_then(|json| serde_json::from_str::<Numbered>(&json).ok());
            told.map(|it| it.number).or(line.certificate)
        }
    };
    Line { line: place, number, pushed }
}

/// As much of a record as tells which it is, whatever else is wrong with it.
#[derive(Deserialize)]
struct Numbered {
    number: CertificateNumber,
}

fn record(line: &Read) -> Result<(CertificateNumber, CertificateInput), Problem> {
    let json = line.json.as_ref().map_err(|faults| Problem::from(faults.clone()))?;
    let record: CertificateInput = json::parse(json.as_bytes())?;
    Ok((record.number()?, record))
}

/// A batch that is one command is refused as one.
fn none_refused(outcomes: &[Outcome]) -> Result<(), Problem> {
    let mut faults = Vec::new();
    for outcome in outcomes {
        let Some(problem) = &outcome.problem else { continue };
        let at = format!("/{}", outcome.line.saturating_sub(1));
        if problem.faults.is_empty() {
            let said = problem.detail.as_ref().map_or((problem.kind.zh(), problem.kind.en()), |it| (&it.zh, &it.en));
            faults.push(Fault::new(at.clone(), Rule::NotAllowed).detail(said.0, said.1));
        }
        faults.extend(problem.faults.iter().map(|it| Fault { pointer: format!("{at}{}", it.pointer), ..it.clone() }));
    }
    if faults.is_empty() {
        return Ok(());
    }
    let count = faults.len();
    faults.truncate(FAULTS);
    Err(Problem::from(faults)
        .detail(format!("共 {count} 处错误，全部未写入"), format!("{count} faults in all; nothing was written")))
}
