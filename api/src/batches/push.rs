//! A batch: it is uploaded whole, read once to its end, and written by the chunk.

use super::lines::{Lines, own};
use super::told::Sums;
use super::{Noun, OwnerOf};
use crate::http::answer::in_language;
use crate::http::middleware::ToldByLine;
use crate::http::upload::Forms;
use crate::http::{Failure, Telling, Upload, Write};
use actix_web::web::{Path, Payload};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use lvcai_domain::impact::Impact;
use lvcai_domain::{Fault, Problem, ProblemKind, Rule};
use lvcai_exchange::lines::{Note, Summary};
use lvcai_store::batches::{Chunk, Foreseen, Line, Outcome};
use lvcai_store::refusals::Attempt;
use lvcai_store::{Registry, impact};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use tokio::sync::mpsc;
use utoipa::ToSchema;

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
pub(crate) enum Mode {
    /// All lines as one command, or none of them; 1,000 at most.
    Atomic,
    /// Each line by itself, whatever becomes of the others.
    #[default]
    Each,
}

/// How a batch is to be carried out.
pub(crate) struct BatchOptions {
    pub(crate) forms: Forms,
    pub(crate) mode: Mode,
    pub(crate) unchanged_since: Option<i64>,
}

/// What became of a batch.
pub(crate) struct Done<N: Noun> {
    /// Whose records.
    pub(crate) owner: OwnerOf<N>,
    /// The lines, in order.
    pub(crate) outcomes: Vec<Outcome>,
    /// How many lines came to what.
    pub(crate) sums: Sums,
    /// What was read beside them.
    pub(crate) summary: Summary,
    /// The notes on lines, by their positions.
    pub(crate) notes: HashMap<u64, Vec<Note>>,
    /// What lines would touch, by their positions.
    pub(crate) impacts: HashMap<u64, Impact>,
    /// In which words it is told.
    pub(crate) telling: Telling,
}

/// A batch that is carried out, and what the headers of its answer say.
pub(crate) struct Answered<N: Noun> {
    done: Done<N>,
    /// The cut that the last chunk was written at; none where there was no line.
    cut: Option<i64>,
    replayed: bool,
    validate_only: bool,
}

impl<N: Noun> Answered<N> {
    /// The lines, in order.
    pub(crate) fn outcomes(&self) -> &[Outcome] {
        &self.done.outcomes
    }

    /// The answer, with a report in the noun's own words.
    pub(crate) fn answer<R: Serialize>(self, report: impl FnOnce(Done<N>) -> R) -> HttpResponse {
        let (mut answer, language) = (HttpResponse::Ok(), self.done.telling.language);
        if let Some(cut) = self.cut {
            if self.replayed {
                answer.insert_header(("idempotency-replayed", "true"));
            }
            answer.insert_header(("registry-seq", cut.to_string()));
        }
        if self.validate_only {
            answer.insert_header(("registry-validated-only", "true"));
        }
        in_language(answer.json(report(self.done)), language)
    }
}

/// Carries out a batch for a caller who may.
pub(crate) async fn push<N: Noun>(
    request: &HttpRequest,
    write: &Write,
    (owner, payload): (Path<String>, Payload),
    common: N::Common,
    options: BatchOptions,
) -> Result<Answered<N>, Failure> {
    request.extensions_mut().insert(ToldByLine);
    write.caller.may(N::SCOPE)?;
    let owner = own::<N>(write, &owner).await?;
    let atomic = options.mode == Mode::Atomic;
    let most = if atomic { ATOMIC_LINES } else { LINES };
    let upload = Upload::receive(request, write, payload, (options.forms, most)).await?;
    let order = write.order(&upload.digest);
    let attempt = request.extensions().get::<Attempt>().cloned().ok_or(ProblemKind::Unauthenticated)?;
    let standing = write.caller.standing();
    let lines = Lines::<N>::new(owner.clone(), common);
    let (send, mut chunks) = mpsc::channel(2);
    let size = if atomic { usize::MAX } else { CHUNK };
    // Lines that cannot be told apart refuse the whole upload, so it is read once to its end before a line is written.
    let reading = tokio::task::spawn_blocking(move || {
        upload.lines(&mut |_| ControlFlow::Continue(()))?;
        read(&upload, lines, size, &send)
    });
    let (mut outcomes, mut impacts) = (Vec::new(), HashMap::new());
    let (mut cut, mut replayed, mut place) = (None, true, 0_usize);
    while let Some(lines) = chunks.recv().await {
        let key = order.idempotency.as_ref().filter(|_| !order.validate_only).map(|key| key.of_part(place));
        let (attempt, standing, owner) = (attempt.clone(), standing.clone(), owner.clone());
        let (unchanged_since, lines) = (options.unchanged_since, Arc::new(lines));
        let chunk = Chunk { attempt, standing, owner, key, atomic, unchanged_since, lines };
        let done = write.state.registry.push(chunk).await?;
        outcomes.extend(done.outcomes);
        impacts.extend(impacts_of(&write.state.registry, done.foreseen, done.cut).await?);
        cut = Some(done.cut);
        replayed = replayed && done.replayed;
        place += 1;
    }
    let (summary, notes) = reading.await.map_err(|error| lvcai_store::Error::Database(Box::new(error)))??;
    let validate_only = order.validate_only;
    if atomic && !validate_only {
        none_refused(&outcomes)?;
    }
    let (sums, telling) = (Sums::of(&outcomes), Telling::of(request));
    let done = Done { owner, outcomes, sums, summary, notes, impacts, telling };
    Ok(Answered { done, cut, replayed, validate_only })
}

/// Reads the lines and hands them on by the chunk; it ends early when nobody takes them.
fn read<N: Noun>(
    upload: &Upload,
    mut lines: Lines<N>,
    size: usize,
    send: &mpsc::Sender<Vec<Line<N::Record>>>,
) -> Result<(Summary, HashMap<u64, Vec<Note>>), Problem> {
    let (mut chunk, mut notes) = (Vec::new(), HashMap::new());
    let summary = upload.lines(&mut |mut line| {
        if !line.notes.is_empty() {
            notes.insert(line.number, std::mem::take(&mut line.notes));
        }
        chunk.push(lines.read(line));
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
    Ok((summary, notes))
}

/// What each of some lines would touch as known at a cut, by their positions; lines that touch nothing are not in it.
async fn impacts_of(registry: &Registry, foreseen: Vec<Foreseen>, cut: i64) -> Result<HashMap<u64, Impact>, Failure> {
    if foreseen.is_empty() {
        return Ok(HashMap::new());
    }
    let (lines, changes): (Vec<u64>, Vec<_>) = foreseen.into_iter().map(|it| (it.line, it.changes)).unzip();
    let impacts = registry.read(move |conn| impact::impacts(conn, &changes, cut)).await?;
    Ok(impacts.into_iter().filter_map(|(at, impact)| Some((*lines.get(at)?, impact))).collect())
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
