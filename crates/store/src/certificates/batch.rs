//! Certificates pushed by the thousand.
//!
//! A batch is cut into chunks, each one piece of the writer's work, so that the
//! single pushes of others wait for a chunk at most. What became of a chunk is
//! kept with it, in the same transaction, under the batch's idempotency key: a
//! batch sent again goes on where it was interrupted.

use super::settle::{Stated, settle};
use super::steps::{Decided, decide, own_body};
use super::{Held, held};
use crate::ledger::{self, Command, Recorded};
use crate::refusals::{self, Attempt};
use crate::registry::{IdempotencyKey, Registry, View, kept, remember};
use crate::versions::Change;
use crate::writer::Tx;
use crate::{Error, Result, listings};
use lvcai_domain::{
    ApprovalNumber, Certificate, CertificateNumber, CertificationBody, OrganisationId, Problem, ProblemKind,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// States the certificate of a line, given its body and what is held now.
pub type State = Box<dyn Fn(&CertificationBody, Option<&Held>) -> Result<Stated> + Send + Sync>;

/// One line of a batch.
pub struct Line {
    /// Its position in the input, from 1.
    pub line: u64,
    /// The number, where the line has one, readable or not.
    pub number: Option<CertificateNumber>,
    /// The number and what is stated under it, or why the line cannot be read.
    pub stated: Result<(CertificateNumber, State), Problem>,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
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
    pub became: Became,
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
    /// Whose certificates.
    pub body: ApprovalNumber,
    /// The key of the chunk; `None` when only validation is asked for.
    pub key: Option<IdempotencyKey>,
    /// All lines or none, as one command.
    pub atomic: bool,
    /// The lines, no number twice.
    pub lines: Arc<Vec<Line>>,
}

/// What became of a chunk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Done {
    /// The lines, in order.
    pub outcomes: Vec<Outcome>,
    /// The head after it.
    pub cut: i64,
    /// Whether this is what was answered before.
    #[serde(skip)]
    pub replayed: bool,
}

impl Registry {
    /// Carries out a chunk, or only decides on it where it has no key.
    ///
    /// # Errors
    ///
    /// Refuses another body's certificates and a key that was used for something else. A refused line is no error.
    pub async fn push(&self, chunk: Chunk) -> Result<Done> {
        if chunk.key.is_none() {
            let now = self.clock().now();
            return self
                .read(move |conn| {
                    let cut = ledger::head(conn)?.seq;
                    let mut view = View { conn, cut, now };
                    let body = own_body(&mut view, &chunk.body, chunk.attempt.organisation)?;
                    let outcomes: Result<_> = chunk.lines.iter().map(|line| preview(&mut view, &body, line)).collect();
                    Ok(Done { outcomes: outcomes?, cut, replayed: false })
                })
                .await;
        }
        self.transact(move |tx| carry_out(tx, &chunk)).await
    }
}

fn preview(view: &mut View<'_>, body: &CertificationBody, line: &Line) -> Result<Outcome> {
    Ok(match decided(view, body, line)? {
        Ok(Decided::Unchanged(held)) => unchanged(line, &held),
        Ok(Decided::Step { step, after, first }) => {
            let became = if first { Became::Created } else { Became::Changed };
            Outcome { event: Some(step.event.to_owned()), ..outcome(line, became, after.id.to_string()) }
        }
        Err(problem) => refused(line, problem),
    })
}

fn carry_out(tx: &mut Tx<'_>, chunk: &Chunk) -> Result<Done> {
    if let Some(key) = &chunk.key
        && let Some(answer) = kept(tx.conn, key)?
    {
        return Ok(Done { replayed: true, ..serde_json::from_str(&answer)? });
    }
    let mut view = View { conn: tx.conn, cut: tx.head.seq, now: tx.head.at };
    let body = own_body(&mut view, &chunk.body, chunk.attempt.organisation)?;
    let outcomes = if chunk.atomic { all_or_none(tx, chunk, &body)? } else { each(tx, chunk, &body)? };
    let refusals: Vec<_> = outcomes.iter().filter_map(|it| Some((subject(&body, it), it.problem.clone()?))).collect();
    refusals::keep(tx.conn, &chunk.attempt, &refusals, tx.head.at)?;
    let done = Done { outcomes, cut: tx.head.seq, replayed: false };
    // A batch that was refused as a whole may be mended and sent again under its key.
    if let Some(key) = &chunk.key
        && (!chunk.atomic || refusals.is_empty())
    {
        remember(tx, key, &serde_json::to_string(&done)?)?;
    }
    Ok(done)
}

fn subject(body: &CertificationBody, outcome: &Outcome) -> String {
    let number = outcome.number.as_ref().map_or_else(|| format!("line {}", outcome.line), ToString::to_string);
    format!("{}/{number}", body.approval_number)
}

/// Each line is a command of its own.
fn each(tx: &mut Tx<'_>, chunk: &Chunk, body: &CertificationBody) -> Result<Vec<Outcome>> {
    let actor = chunk.attempt.organisation.to_string();
    let mut command = tx.command;
    let mut outcomes = Vec::with_capacity(chunk.lines.len());
    for line in chunk.lines.iter() {
        let mut view = View { conn: tx.conn, cut: tx.head.seq, now: tx.head.at };
        outcomes.push(match decided(&mut view, body, line)? {
            Ok(Decided::Unchanged(held)) => unchanged(line, &held),
            Ok(Decided::Step { step, after, first }) => {
                let mut changes = Vec::new();
                if !first {
                    changes.extend(listings::follow_certificates(&mut view, &[(&after, step.effective_on)])?);
                }
                changes.insert(0, Change::new(step.event, *after).effective_on(step.effective_on));
                let recorded = ledger::apply(tx.conn, tx.head, &Command { id: command, actor: &actor }, changes)?;
                // The first command keeps the identifier by which the writer finds its work again.
                command = Uuid::now_v7();
                let recorded = recorded.into_iter().next().ok_or_else(|| Error::Database("no change".into()))?;
                written(line, &recorded, first)
            }
            Err(problem) => refused(line, problem),
        });
    }
    Ok(outcomes)
}

/// All lines are one command, or nothing is done.
fn all_or_none(tx: &mut Tx<'_>, chunk: &Chunk, body: &CertificationBody) -> Result<Vec<Outcome>> {
    let mut view = View { conn: tx.conn, cut: tx.head.seq, now: tx.head.at };
    let (mut outcomes, mut steps) = (Vec::with_capacity(chunk.lines.len()), Vec::new());
    for (index, line) in chunk.lines.iter().enumerate() {
        outcomes.push(match decided(&mut view, body, line)? {
            Ok(Decided::Unchanged(held)) => unchanged(line, &held),
            Ok(Decided::Step { step, after, first }) => {
                let became = if first { Became::Created } else { Became::Changed };
                let outcome = outcome(line, became, after.id.to_string());
                steps.push((index, step, after));
                outcome
            }
            Err(problem) => refused(line, problem),
        });
    }
    if steps.is_empty() || outcomes.iter().any(|it| it.became == Became::Refused) {
        return Ok(outcomes);
    }
    let after: Vec<_> = steps.iter().map(|(_, step, after)| (&**after, step.effective_on)).collect();
    let follow = listings::follow_certificates(&mut view, &after)?;
    let places: Vec<usize> = steps.iter().map(|(index, ..)| *index).collect();
    let certificates =
        steps.into_iter().map(|(_, step, after)| Change::new(step.event, *after).effective_on(step.effective_on));
    let changes = certificates.chain(follow).collect();
    let actor = chunk.attempt.organisation.to_string();
    let recorded = ledger::apply(tx.conn, tx.head, &Command { id: tx.command, actor: &actor }, changes)?;
    for (place, recorded) in places.into_iter().zip(recorded) {
        if let (Some(line), Some(outcome)) = (chunk.lines.get(place), outcomes.get_mut(place)) {
            *outcome = written(line, &recorded, outcome.became == Became::Created);
        }
    }
    Ok(outcomes)
}

/// Decides on a line; a refusal is the line's own.
fn decided(view: &mut View<'_>, body: &CertificationBody, line: &Line) -> Result<Result<Decided, Problem>> {
    let (number, state) = match &line.stated {
        Ok(stated) => stated,
        Err(problem) => return Ok(Err(problem.clone())),
    };
    match decide(view, body, number, state) {
        Ok(decided) => Ok(Ok(decided)),
        Err(Error::Refused(problem)) => Ok(Err(problem)),
        Err(error) => Err(error),
    }
}

fn outcome(line: &Line, became: Became, certificate: String) -> Outcome {
    Outcome {
        line: line.line,
        number: line.number.clone(),
        became,
        certificate: Some(certificate).filter(|it| !it.is_empty()),
        version: None,
        seq: None,
        event: None,
        problem: None,
    }
}

fn unchanged(line: &Line, held: &Held) -> Outcome {
    let (version, seq) = (Some(held.stored.version), Some(held.stored.seq));
    Outcome { version, seq, ..outcome(line, Became::Unchanged, held.latest.id.to_string()) }
}

fn written(line: &Line, recorded: &Recorded, first: bool) -> Outcome {
    let became = if first { Became::Created } else { Became::Changed };
    Outcome {
        version: Some(recorded.version),
        seq: Some(recorded.seq),
        event: Some(recorded.event.to_owned()),
        ..outcome(line, became, recorded.subject.clone())
    }
}

fn refused(line: &Line, problem: Problem) -> Outcome {
    Outcome { problem: Some(problem), ..outcome(line, Became::Refused, String::new()) }
}

/// Compares a body's own account with ours: the certificate it states under a number, and the one we hold.
///
/// # Errors
///
/// Refuses what the line itself says wrongly.
pub fn compare(
    view: &mut View<'_>,
    body: &CertificationBody,
    (number, state): &(CertificateNumber, State),
) -> Result<(Certificate, Option<Held>)> {
    let today = view.today();
    let held = held(view.conn, (&body.approval_number, number), (view.cut, today))?;
    let stated = state(body, held.as_ref())?;
    Ok((settle(view, stated, held.as_ref())?, held))
}

/// The body of an approval number, where it is the caller's own.
///
/// # Errors
///
/// Refuses another's.
pub fn body_of(view: &mut View<'_>, number: &ApprovalNumber, by: OrganisationId) -> Result<CertificationBody> {
    own_body(view, number, by)
}

/// A number that a batch names twice: which of the two counts is not for the program to guess.
pub fn named_twice(line: u64) -> Problem {
    Problem::from(ProblemKind::Conflict)
        .detail(format!("同一批中第 {line} 行已有此编号"), format!("line {line} of the batch has the number already"))
}
