//! Certificates pushed by the thousand.
//!
//! A batch is cut into chunks, each one piece of the writer's work, so that the
//! single pushes of others wait for a chunk at most. What became of a chunk is
//! kept with it, in the same transaction, under the batch's idempotency key: a
//! batch sent again goes on where it was interrupted. What is not about
//! certificates, writing many commands at once, is `ledger::execution`.

use super::steps::{Codes, Decided, changes, complete, decide};
use super::{CertificateKey, CurrentCertificate, find, find_many};
use crate::access::clients::{self, Standing};
use crate::access::refusals::{self, Attempt};
use crate::error::{Error, Result};
use crate::ledger::{
    Change, Consequences, IdempotencyKey, Origin, Registry, Tx, View, foresee_each, store_answer, stored_answer,
    write_each, write_together,
};
use crate::parties::certification_bodies;
use lvcai_domain::certificate::PushedRecord;
use lvcai_domain::{
    ApprovalNumber, Certificate, CertificateNumber, CertificationBody, Fault, Problem, ProblemKind, Rule,
};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::Arc;

/// One line of a batch.
#[derive(Clone)]
pub struct Line {
    /// Its position in the input, from 1.
    pub line: u64,
    /// The number, where the line has one, readable or not.
    pub number: Option<CertificateNumber>,
    /// What it says, or why it cannot be read.
    pub pushed: Result<PushedRecord, Problem>,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineResult {
    /// A certificate that is new.
    Created,
    /// A new version of a certificate.
    Changed,
    /// It was so already.
    Unchanged,
    /// Nothing was changed, for the reasons given.
    Refused,
}

/// The outcome of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Its position in the input, from 1.
    pub line: u64,
    /// The number, where the line has one.
    pub number: Option<CertificateNumber>,
    /// What became of it.
    pub became: LineResult,
    /// The certificate.
    pub certificate: Option<String>,
    /// Its version.
    pub version: Option<i32>,
    /// The ledger entry.
    pub seq: Option<i64>,
    /// What happened.
    pub event: Option<String>,
    /// Why it was refused.
    pub problem: Option<Problem>,
}

/// Some lines of a batch, carried out together.
#[derive(Clone)]
pub struct Chunk {
    /// Who pushes.
    pub attempt: Attempt,
    /// What that was admitted on; it is asked again for each chunk.
    pub standing: Standing,
    /// Whose certificates.
    pub body: ApprovalNumber,
    /// The key of the chunk; `None` when only validation is asked for.
    pub key: Option<IdempotencyKey>,
    /// All lines or none, as one command.
    pub atomic: bool,
    /// The position up to which the lines know the registry: they change nothing that was changed after it.
    pub unchanged_since: Option<i64>,
    /// The lines, no number twice.
    pub lines: Arc<Vec<Line>>,
}

/// What a line would change, with what follows from it.
pub struct Foreseen {
    /// Its position in the input.
    pub line: u64,
    /// Its own change first.
    pub changes: Vec<Change>,
}

/// What became of a chunk.
#[derive(Serialize, Deserialize)]
pub struct ChunkResult {
    /// The lines, in order.
    pub outcomes: Vec<Outcome>,
    /// The head after it.
    pub cut: i64,
    /// Whether this is what was answered before.
    #[serde(skip)]
    pub replayed: bool,
    /// Where it was only decided on: what each line would change, as if it alone were carried out.
    #[serde(skip)]
    pub foreseen: Vec<Foreseen>,
}

impl Chunk {
    /// Whether its lines were written down before an entry.
    fn is_before(&self, seq: i64) -> bool {
        self.unchanged_since.is_some_and(|since| since < seq)
    }

    /// A position that the ledger has not reached guards nothing.
    fn check_position(&self, head: i64) -> Result<()> {
        if self.unchanged_since.is_none_or(|since| since <= head) {
            return Ok(());
        }
        let fault = Fault::new("unchanged_since", Rule::OutOfRange)
            .detail(format!("账本目前止于 {head}"), format!("the ledger ends at {head} now"));
        Err(Problem::from(ProblemKind::UnknownParameter).fault(fault).into())
    }
}

impl Registry {
    /// Carries out a chunk, or only decides on it where it has no key.
    ///
    /// # Errors
    ///
    /// Refuses another body's certificates and a key that was used for something else. A refused line is no error.
    pub async fn push(&self, chunk: Chunk) -> Result<ChunkResult> {
        if chunk.key.is_none() {
            return self.foresee(move |view, consequences| preview(view, &chunk, consequences)).await;
        }
        self.transact(move |tx, consequences| carry_out(tx, &chunk, consequences)).await
    }
}

fn preview(view: &mut View<'_>, chunk: &Chunk, consequences: Consequences) -> Result<ChunkResult> {
    clients::must_stand(view, &chunk.standing)?;
    chunk.check_position(view.cut)?;
    let body = certification_bodies::own(view, &chunk.body, chunk.attempt.organisation)?;
    let DecidedLines { outcomes, changes } = decide_lines(view, chunk, &body)?;
    let (places, changes): (Vec<usize>, Vec<Vec<Change>>) = changes.into_iter().unzip();
    let changes = foresee_each(view, consequences, changes)?;
    let lines = places.into_iter().filter_map(|place| outcomes.get(place).map(|it| it.line));
    let foreseen = lines.zip(changes).map(|(line, changes)| Foreseen { line, changes }).collect();
    Ok(ChunkResult { outcomes, cut: view.cut, replayed: false, foreseen })
}

fn carry_out(tx: &mut Tx<'_>, chunk: &Chunk, consequences: Consequences) -> Result<ChunkResult> {
    clients::must_stand(&mut tx.view(), &chunk.standing)?;
    chunk.check_position(tx.head.seq)?;
    let body = certification_bodies::own(&mut tx.view(), &chunk.body, chunk.attempt.organisation)?;
    let kept = chunk.key.as_ref().map(|key| stored_answer(tx.conn, key)).transpose()?.flatten();
    if let Some(answer) = kept {
        return replay(&mut tx.view(), chunk, &body, serde_json::from_str(&answer)?);
    }
    let decided = decide_lines(&mut tx.view(), chunk, &body)?;
    let outcomes = write(tx, chunk, decided, consequences)?;
    let refusals: Vec<_> = outcomes.iter().filter_map(|it| Some((subject(&body, it), it.problem.clone()?))).collect();
    refusals::keep(tx.conn, &chunk.attempt, &refusals, tx.now)?;
    let result = ChunkResult { outcomes, cut: tx.head.seq, replayed: false, foreseen: Vec::new() };
    // Where nothing was changed there is nothing that a repeat could do twice.
    if let Some(key) = &chunk.key
        && result.outcomes.iter().any(|it| it.seq.is_some() && it.became != LineResult::Unchanged)
    {
        store_answer(tx, key, &serde_json::to_string(&result.without_refusals())?)?;
    }
    Ok(result)
}

/// What was answered before. What was refused then is told again and not done: its line changes nothing under this key
/// any more, whatever has become of the cause.
fn replay(view: &mut View<'_>, chunk: &Chunk, body: &CertificationBody, kept: ChunkResult) -> Result<ChunkResult> {
    let ChunkResult { outcomes: kept, cut, .. } = kept;
    let done: HashSet<u64> = kept.iter().map(|it| it.line).collect();
    let refused = chunk.lines.iter().filter(|it| !done.contains(&it.line)).cloned().collect();
    let again = decide_lines(view, &Chunk { lines: Arc::new(refused), ..chunk.clone() }, body)?.outcomes;
    let mut outcomes: Vec<Outcome> = again.into_iter().map(Outcome::not_done).chain(kept).collect();
    outcomes.sort_by_key(|it| it.line);
    Ok(ChunkResult { outcomes, cut, replayed: true, foreseen: Vec::new() })
}

impl ChunkResult {
    /// As much of it as is kept: refusals can be larger than the lines that they refuse.
    fn without_refusals(&self) -> Self {
        let outcomes = self.outcomes.iter().filter(|it| it.problem.is_none()).cloned().collect();
        Self { outcomes, cut: self.cut, replayed: self.replayed, foreseen: Vec::new() }
    }
}

impl Outcome {
    /// The line was refused when the batch was first carried out, and would not be today.
    fn not_done(self) -> Self {
        if self.problem.is_some() {
            return self;
        }
        let problem = Problem::from(ProblemKind::Conflict).detail(
            "该行在首次提交时被拒收；以新的幂等键重新提交",
            "the line was refused when the batch was first sent: send it again under a new key",
        );
        let Self { line, number, .. } = self;
        let (certificate, version, seq, event) = (None, None, None, None);
        Self { line, number, became: LineResult::Refused, certificate, version, seq, event, problem: Some(problem) }
    }
}

fn subject(body: &CertificationBody, outcome: &Outcome) -> String {
    let number = outcome.number.as_ref().map_or_else(|| format!("line {}", outcome.line), ToString::to_string);
    format!("{}/{number}", body.approval_number)
}

/// The lines of a chunk, decided.
struct DecidedLines {
    /// What becomes of each, but for what writing it will tell.
    outcomes: Vec<Outcome>,
    /// The changes of each line that makes some, with its place.
    changes: Vec<(usize, Vec<Change>)>,
}

/// Decides on the lines of a chunk. What they are decided on is read at once: a number stands in a batch once, so no
/// line changes what is held under another's.
fn decide_lines(view: &mut View<'_>, chunk: &Chunk, body: &CertificationBody) -> Result<DecidedLines> {
    let pushed = chunk.lines.iter().filter_map(|it| it.pushed.as_ref().ok());
    let numbers: Vec<_> = pushed.map(|it| it.certificate.number.normalised()).collect();
    let mut held = find_many(view.conn, &chunk.body, &numbers, view.moment())?;
    let mut codes = Codes::default();
    let (mut outcomes, mut decisions) = (Vec::with_capacity(chunk.lines.len()), Vec::new());
    for (place, line) in chunk.lines.iter().enumerate() {
        let decided = match &line.pushed {
            Ok(pushed) => {
                let held = held.remove(&pushed.certificate.number.normalised());
                let later = held.as_ref().map(|it| it.stored.seq).filter(|seq| chunk.is_before(*seq));
                let decided = refusal_apart(decide(view, body, held, pushed, &mut codes))?;
                match (&decided, later) {
                    (Ok(Decided::Step { .. }), Some(seq)) => Err(changed_since(seq)),
                    _ => decided,
                }
            }
            Err(problem) => Err(problem.clone()),
        };
        outcomes.push(outcome_of(line, &decided));
        if let Ok(Decided::Step { step, after, then, first }) = decided {
            let (change, more) = changes(step, *after, then, first);
            decisions.push((place, std::iter::once(change).chain(more).collect()));
        }
    }
    Ok(DecidedLines { outcomes, changes: decisions })
}

/// A refusal is the line's own; anything else ends the batch.
fn refusal_apart<T>(result: Result<T>) -> Result<Result<T, Problem>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Error::Refused(problem)) => Ok(Err(problem)),
        Err(error) => Err(error),
    }
}

/// Writes what was decided: each line as a command of its own, or all of them as one unless a line was refused.
fn write(tx: &mut Tx<'_>, chunk: &Chunk, decided: DecidedLines, consequences: Consequences) -> Result<Vec<Outcome>> {
    let DecidedLines { mut outcomes, changes } = decided;
    if changes.is_empty() || (chunk.atomic && outcomes.iter().any(|it| it.became == LineResult::Refused)) {
        return Ok(outcomes);
    }
    let Attempt { client, organisation, request_id, .. } = &chunk.attempt;
    let by =
        Origin { client: Some(*client), request_id: Some(request_id.clone()), ..Origin::of(organisation.to_string()) };
    let (places, changes): (Vec<usize>, Vec<Vec<Change>>) = changes.into_iter().unzip();
    let recorded = if chunk.atomic {
        // What became of the first change of each line is told, so these are written first.
        let (first, more): (Vec<_>, Vec<_>) =
            changes.into_iter().flat_map(|it| it.into_iter().enumerate()).partition(|(nth, _)| *nth == 0);
        write_together(tx, &by, consequences, first.into_iter().chain(more).map(|(_, it)| it).collect())?
    } else {
        write_each(tx, &by, consequences, changes)?
    };
    for (place, recorded) in places.into_iter().zip(recorded) {
        if let Some(outcome) = outcomes.get_mut(place) {
            outcome.version = Some(recorded.version);
            outcome.seq = Some(recorded.seq);
        }
    }
    Ok(outcomes)
}

/// What becomes of a line that is decided: all but what writing it will tell.
fn outcome_of(line: &Line, decided: &Result<Decided, Problem>) -> Outcome {
    let outcome = |became| Outcome {
        line: line.line,
        number: line.number.clone(),
        became,
        certificate: None,
        version: None,
        seq: None,
        event: None,
        problem: None,
    };
    match decided {
        Ok(Decided::Unchanged(held)) => Outcome {
            certificate: Some(held.latest.id.to_string()),
            version: Some(held.stored.version),
            seq: Some(held.stored.seq),
            ..outcome(LineResult::Unchanged)
        },
        Ok(Decided::Step { step, after, first, .. }) => Outcome {
            certificate: Some(after.id.to_string()),
            event: Some(step.event.name().to_owned()),
            ..outcome(if *first { LineResult::Created } else { LineResult::Changed })
        },
        Err(problem) => Outcome { problem: Some(problem.clone()), ..outcome(LineResult::Refused) },
    }
}

/// Compares a body's own account with ours: the certificate it states under a number, and the one we hold.
///
/// # Errors
///
/// Refuses what the line itself says wrongly.
pub fn compare(
    view: &mut View<'_>,
    body: &CertificationBody,
    pushed: &PushedRecord,
) -> Result<(Certificate, Option<CurrentCertificate>)> {
    let key = CertificateKey { body: &body.approval_number, number: &pushed.certificate.number };
    let held = find(view.conn, key, view.moment())?.filter(|it| it.latest.retracted_on.is_none());
    Ok((complete(view, body, held.as_ref(), pushed)?, held))
}

/// A line that would change what was changed after its export was made.
fn changed_since(seq: i64) -> Problem {
    Problem::from(ProblemKind::PreconditionFailed).detail(
        format!("该证书在 unchanged_since 之后已有变更（位置 {seq}）；请重新导出"),
        format!("the certificate was changed after `unchanged_since`, by the entry {seq}; export anew"),
    )
}

/// A number that a batch names twice: which of the two counts is not for the program to guess.
pub fn named_twice(line: u64) -> Problem {
    Problem::from(ProblemKind::Conflict)
        .detail(format!("同一批中第 {line} 行已有此编号"), format!("line {line} of the batch has the number already"))
}
