//! Records of any noun pushed by the thousand.
//!
//! A batch is cut into chunks, each one piece of the writer's work, so that the
//! single pushes of others wait for a chunk at most. What became of a chunk is
//! kept with it, in the same transaction, under the batch's idempotency key: a
//! batch sent again goes on where it was interrupted.
//!
//! Which noun it is says [`Pushed`]: whose a record is, what is held under its
//! number, and how one is decided on. Writing many commands at once is
//! `ledger::execution`.

mod comparison;
mod outcome;

pub use comparison::{Compared, Kept, compare};
pub use outcome::{ChunkResult, Foreseen, LineResult, Outcome};

use crate::access::clients::{self, Standing};
use crate::access::refusals::{self, Attempt};
use crate::error::{Error, Result};
use crate::ledger::{
    Change, Consequences, Decision, IdempotencyKey, Origin, Registry, Tx, View, foresee_each, store_answer,
    stored_answer, write_each, write_together,
};
use lvcai_domain::{CertificateNumber, Difference, Fault, OrganisationId, Problem, ProblemKind, ReportNumber, Rule};
use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::sync::Arc;

/// A number under which its owner keeps a record.
pub trait Number: Display + Clone + Send + Sync + 'static {
    /// The form in which two numbers of one owner are compared.
    fn normalised(&self) -> String;
}

impl Number for CertificateNumber {
    fn normalised(&self) -> String {
        self.normalised()
    }
}

impl Number for ReportNumber {
    fn normalised(&self) -> String {
        self.normalised()
    }
}

/// A record as its owner pushes it, alone or by the thousand.
pub trait Pushed: Clone + Send + Sync + 'static {
    /// The number of the record.
    type Number: Number;
    /// What names the owner.
    type OwnerNumber: Display + Clone + Send + Sync + 'static;
    /// The owner: a certification body, a laboratory.
    type Owner;
    /// What the registry holds under a number.
    type Held;
    /// What the lines of a chunk look up once for all of them.
    type Shared: Default;

    /// The number of the record.
    fn number(&self) -> &Self::Number;

    /// The owner of a number, which must be the organisation's own.
    ///
    /// # Errors
    ///
    /// Refuses an owner that does not exist, and another's.
    fn own(view: &mut View<'_>, owner: &Self::OwnerNumber, by: OrganisationId) -> Result<Self::Owner>;

    /// What is held under normalised numbers.
    ///
    /// # Errors
    ///
    /// Those of the database.
    fn find_many(
        view: &mut View<'_>,
        owner: &Self::OwnerNumber,
        numbers: &[String],
    ) -> Result<HashMap<String, Self::Held>>;

    /// The last entry of what is held.
    fn last_entry(held: &Self::Held) -> i64;

    /// Decides on the record beside what is held under its number, as a single push does.
    ///
    /// # Errors
    ///
    /// Refuses what a single push refuses.
    fn decide(
        &self,
        view: &mut View<'_>,
        owner: &Self::Owner,
        held: Option<Self::Held>,
        shared: &mut Self::Shared,
    ) -> Result<Decision>;

    /// Compares the record, as the registry would understand it, with what is held: the identifier of that, and what
    /// differs; `None` where nothing is held.
    ///
    /// # Errors
    ///
    /// Refuses what the record itself says wrongly.
    fn compare(
        &self,
        view: &mut View<'_>,
        owner: &Self::Owner,
        held: Option<Self::Held>,
    ) -> Result<Option<(String, Vec<Difference>)>>;

    /// Every record of an owner, at the cut of a view.
    ///
    /// # Errors
    ///
    /// Those of the database.
    fn all(view: &mut View<'_>, owner: &Self::OwnerNumber) -> Result<Vec<Kept<Self::Number>>>;

    /// A line would change what was changed by an entry after its export was made.
    fn changed_since(entry: i64) -> Problem;
}

/// One line of a batch.
#[derive(Clone)]
pub struct Line<P: Pushed> {
    /// Its position in the input, from 1.
    pub line: u64,
    /// The number, where the line has one, readable or not.
    pub number: Option<P::Number>,
    /// What it says, or why it cannot be read.
    pub pushed: Result<P, Problem>,
}

/// Some lines of a batch, carried out together.
#[derive(Clone)]
pub struct Chunk<P: Pushed> {
    /// Who pushes.
    pub attempt: Attempt,
    /// What that was admitted on; it is asked again for each chunk.
    pub standing: Standing,
    /// Whose records.
    pub owner: P::OwnerNumber,
    /// The key of the chunk; `None` when only validation is asked for.
    pub key: Option<IdempotencyKey>,
    /// All lines or none, as one command.
    pub atomic: bool,
    /// The position up to which the lines know the registry: they change nothing that was changed after it.
    pub unchanged_since: Option<i64>,
    /// The lines, no number twice.
    pub lines: Arc<Vec<Line<P>>>,
}

impl<P: Pushed> Chunk<P> {
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
    /// Refuses another owner's records and a key that was used for something else. A refused line is no error.
    pub async fn push<P: Pushed>(&self, chunk: Chunk<P>) -> Result<ChunkResult> {
        if chunk.key.is_none() {
            return self.foresee(move |view, consequences| preview(view, &chunk, consequences)).await;
        }
        self.transact(move |tx, consequences| carry_out(tx, &chunk, consequences)).await
    }
}

fn preview<P: Pushed>(view: &mut View<'_>, chunk: &Chunk<P>, consequences: Consequences) -> Result<ChunkResult> {
    clients::must_stand(view, &chunk.standing)?;
    chunk.check_position(view.cut)?;
    let owner = P::own(view, &chunk.owner, chunk.attempt.organisation)?;
    let DecidedLines { outcomes, changes } = decide_lines(view, chunk, &owner)?;
    let (places, changes): (Vec<usize>, Vec<Vec<Change>>) = changes.into_iter().unzip();
    let changes = foresee_each(view, consequences, changes)?;
    let lines = places.into_iter().filter_map(|place| outcomes.get(place).map(|it| it.line));
    let foreseen = lines.zip(changes).map(|(line, changes)| Foreseen { line, changes }).collect();
    Ok(ChunkResult { outcomes, cut: view.cut, replayed: false, foreseen })
}

fn carry_out<P: Pushed>(tx: &mut Tx<'_>, chunk: &Chunk<P>, consequences: Consequences) -> Result<ChunkResult> {
    clients::must_stand(&mut tx.view(), &chunk.standing)?;
    chunk.check_position(tx.head.seq)?;
    let owner = P::own(&mut tx.view(), &chunk.owner, chunk.attempt.organisation)?;
    let kept = chunk.key.as_ref().map(|key| stored_answer(tx.conn, key)).transpose()?.flatten();
    if let Some(answer) = kept {
        return replay(&mut tx.view(), chunk, &owner, serde_json::from_str(&answer)?);
    }
    let decided = decide_lines(&mut tx.view(), chunk, &owner)?;
    let outcomes = write(tx, chunk, decided, consequences)?;
    let refusals: Vec<_> =
        outcomes.iter().filter_map(|it| Some((subject(&chunk.owner, it), it.problem.clone()?))).collect();
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
fn replay<P: Pushed>(
    view: &mut View<'_>,
    chunk: &Chunk<P>,
    owner: &P::Owner,
    kept: ChunkResult,
) -> Result<ChunkResult> {
    let ChunkResult { outcomes: kept, cut, .. } = kept;
    let done: HashSet<u64> = kept.iter().map(|it| it.line).collect();
    let refused = chunk.lines.iter().filter(|it| !done.contains(&it.line)).cloned().collect();
    let again = decide_lines(view, &Chunk { lines: Arc::new(refused), ..chunk.clone() }, owner)?.outcomes;
    let mut outcomes: Vec<Outcome> = again.into_iter().map(Outcome::not_done).chain(kept).collect();
    outcomes.sort_by_key(|it| it.line);
    Ok(ChunkResult { outcomes, cut, replayed: true, foreseen: Vec::new() })
}

fn subject(owner: &impl Display, outcome: &Outcome) -> String {
    let number = outcome.number.clone().unwrap_or_else(|| format!("line {}", outcome.line));
    format!("{owner}/{number}")
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
fn decide_lines<P: Pushed>(view: &mut View<'_>, chunk: &Chunk<P>, owner: &P::Owner) -> Result<DecidedLines> {
    let pushed = chunk.lines.iter().filter_map(|it| it.pushed.as_ref().ok());
    let numbers: Vec<_> = pushed.map(|it| it.number().normalised()).collect();
    let mut held = P::find_many(view, &chunk.owner, &numbers)?;
    let mut shared = P::Shared::default();
    let (mut outcomes, mut commands) = (Vec::with_capacity(chunk.lines.len()), Vec::new());
    for (place, line) in chunk.lines.iter().enumerate() {
        let decided = match &line.pushed {
            Ok(pushed) => {
                let held = held.remove(&pushed.number().normalised());
                let later = held.as_ref().map(P::last_entry).filter(|seq| chunk.is_before(*seq));
                let decided = refusal_apart(pushed.decide(view, owner, held, &mut shared))?;
                match (&decided, later) {
                    (Ok(decision), Some(seq)) if !decision.changes.is_empty() => Err(P::changed_since(seq)),
                    _ => decided,
                }
            }
            Err(problem) => Err(problem.clone()),
        };
        let number = line.number.as_ref().map(ToString::to_string);
        outcomes.push(Outcome::of(line.line, number, &decided));
        let changes = decided.map(|it| it.changes).unwrap_or_default();
        if !changes.is_empty() {
            commands.push((place, changes));
        }
    }
    Ok(DecidedLines { outcomes, changes: commands })
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
fn write<P: Pushed>(
    tx: &mut Tx<'_>,
    chunk: &Chunk<P>,
    decided: DecidedLines,
    consequences: Consequences,
) -> Result<Vec<Outcome>> {
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

/// A number that a batch names twice: which of the two counts is not for the program to guess.
pub fn named_twice(line: u64) -> Problem {
    Problem::from(ProblemKind::Conflict)
        .detail(format!("同一批中第 {line} 行已有此编号"), format!("line {line} of the batch has the number already"))
}
