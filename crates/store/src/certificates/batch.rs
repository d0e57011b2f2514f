//! Certificates pushed by the thousand.
//!
//! A batch is cut into chunks, each one piece of the writer's work, so that the
//! single pushes of others wait for a chunk at most. What became of a chunk is
//! kept with it, in the same transaction, under the batch's idempotency key: a
//! batch sent again goes on where it was interrupted.

use super::settle::{Stated, settle};
use super::steps::{Codes, Decided, decide, own_body};
use super::{Held, held, held_of};
use crate::ledger::{self, Command, Recorded};
use crate::refusals::{self, Attempt};
use crate::registry::{IdempotencyKey, Registry, View, kept, remember};
use crate::versions::Change;
use crate::writer::Tx;
use crate::{Error, Result, evidence, listings};
use jiff::civil::Date;
use lvcai_domain::{
    ApprovalNumber, Certificate, CertificateId, CertificateNumber, CertificationBody, OrganisationId, Problem,
    ProblemKind, ProductId,
};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
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
                    let mut gathered = Gathered::of(&mut view, &chunk)?;
                    let foreseen = |line| Ok(foreseen(line, &decided(&mut view, &body, line, &mut gathered)?));
                    let outcomes = chunk.lines.iter().map(foreseen).collect::<Result<_>>()?;
                    Ok(Done { outcomes, cut, replayed: false })
                })
                .await;
        }
        self.transact(move |tx| carry_out(tx, &chunk)).await
    }
}

fn carry_out(tx: &mut Tx<'_>, chunk: &Chunk) -> Result<Done> {
    if let Some(key) = &chunk.key
        && let Some(answer) = kept(tx.conn, key)?
    {
        return Ok(Done { replayed: true, ..serde_json::from_str(&answer)? });
    }
    let body = own_body(&mut tx.view(), &chunk.body, chunk.attempt.organisation)?;
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

/// What the lines of a chunk are decided on, read at once: a number stands in a batch once, so that no line changes
/// what is held under another's.
struct Gathered {
    /// What is held, by the normalised number.
    held: HashMap<String, Held>,
    /// The certificates of them.
    ids: Vec<CertificateId>,
    /// The products that rest on them, read when the first of them changes: most batches tell what is known.
    products: Option<HashMap<CertificateId, Vec<ProductId>>>,
    codes: Codes,
}

impl Gathered {
    fn of(view: &mut View<'_>, chunk: &Chunk) -> Result<Self> {
        let stated = chunk.lines.iter().filter_map(|it| it.stated.as_ref().ok());
        let numbers: Vec<_> = stated.map(|(number, _)| number.normalised()).collect();
        let held = held_of(view.conn, (&chunk.body, &numbers), (view.cut, view.today()))?;
        let ids = held.values().map(|it| it.latest.id).collect();
        Ok(Self { held, ids, products: None, codes: Codes::default() })
    }

    /// The products that rest on a certificate: none on one that is new.
    fn products(&mut self, view: &mut View<'_>, certificate: CertificateId) -> Result<&[ProductId]> {
        if !self.ids.contains(&certificate) {
            return Ok(&[]);
        }
        let products = match self.products.take() {
            Some(products) => products,
            None => evidence::products_of(view.conn, &self.ids, view.cut)?,
        };
        Ok(self.products.insert(products).get(&certificate).map(Vec::as_slice).unwrap_or_default())
    }
}

/// Commands that are decided and wait to be written together.
#[derive(Default)]
struct Pending<'a> {
    commands: Vec<Command<'a>>,
    changes: usize,
    /// Which line the change at a place belongs to.
    lines: Vec<(usize, usize)>,
    /// The products whose listings the changes may concern.
    products: HashSet<ProductId>,
}

impl<'a> Pending<'a> {
    fn push(&mut self, line: usize, command: Command<'a>, products: &[ProductId]) {
        self.lines.push((self.changes, line));
        self.changes += command.changes.len();
        self.commands.push(command);
        self.products.extend(products);
    }

    /// Writes them and says in the outcomes what became of their lines.
    fn write(&mut self, tx: &mut Tx<'_>, outcomes: &mut [Outcome]) -> Result<()> {
        let Self { commands, lines, .. } = std::mem::take(self);
        enter(&ledger::apply(tx.conn, tx.head, commands)?, &lines, outcomes);
        Ok(())
    }
}

/// Each line is a command of its own.
fn each(tx: &mut Tx<'_>, chunk: &Chunk, body: &CertificationBody) -> Result<Vec<Outcome>> {
    let actor = chunk.attempt.organisation.to_string();
    let mut gathered = Gathered::of(&mut tx.view(), chunk)?;
    let (mut outcomes, mut pending) = (Vec::with_capacity(chunk.lines.len()), Pending::default());
    // The first command keeps the identifier by which the writer finds its work again.
    let mut command = tx.command;
    for (index, line) in chunk.lines.iter().enumerate() {
        let decided = decided(&mut tx.view(), body, line, &mut gathered)?;
        outcomes.push(foreseen(line, &decided));
        let Ok(Decided::Step { step, after, .. }) = decided else { continue };
        let products = gathered.products(&mut tx.view(), after.id)?.to_vec();
        // A listing rests on all certificates of its product: it follows what was decided before.
        if products.iter().any(|it| pending.products.contains(it)) {
            pending.write(tx, &mut outcomes)?;
        }
        let follow = follow(&mut tx.view(), &mut gathered, &[(&after, step.effective_on)])?;
        let certificate = Change::new(step.event, *after).effective_on(step.effective_on);
        let changes = std::iter::once(certificate).chain(follow).collect();
        pending.push(index, Command { id: command, actor: &actor, changes }, &products);
        command = Uuid::now_v7();
    }
    pending.write(tx, &mut outcomes)?;
    Ok(outcomes)
}

/// All lines are one command, or nothing is done.
fn all_or_none(tx: &mut Tx<'_>, chunk: &Chunk, body: &CertificationBody) -> Result<Vec<Outcome>> {
    let mut view = tx.view();
    let mut gathered = Gathered::of(&mut view, chunk)?;
    let (mut outcomes, mut steps, mut lines) = (Vec::with_capacity(chunk.lines.len()), Vec::new(), Vec::new());
    for (index, line) in chunk.lines.iter().enumerate() {
        let decided = decided(&mut view, body, line, &mut gathered)?;
        outcomes.push(foreseen(line, &decided));
        if let Ok(Decided::Step { step, after, .. }) = decided {
            lines.push((steps.len(), index));
            steps.push((step, after));
        }
    }
    if steps.is_empty() || outcomes.iter().any(|it| it.became == Became::Refused) {
        return Ok(outcomes);
    }
    let after: Vec<_> = steps.iter().map(|(step, after)| (&**after, step.effective_on)).collect();
    let follow = follow(&mut view, &mut gathered, &after)?;
    let certificates =
        steps.into_iter().map(|(step, after)| Change::new(step.event, *after).effective_on(step.effective_on));
    let changes = certificates.chain(follow).collect();
    let actor = chunk.attempt.organisation.to_string();
    let command = Command { id: tx.command, actor: &actor, changes };
    enter(&ledger::apply(tx.conn, tx.head, vec![command])?, &lines, &mut outcomes);
    Ok(outcomes)
}

/// The changes of listings that follow; most certificates of a batch have none.
fn follow(view: &mut View<'_>, gathered: &mut Gathered, after: &[(&Certificate, Date)]) -> Result<Vec<Change>> {
    let mut proving = Vec::new();
    for (certificate, from) in after {
        if !gathered.products(view, certificate.id)?.is_empty() {
            proving.push((*certificate, *from));
        }
    }
    listings::follow_certificates(view, &proving)
}

/// Decides on a line; a refusal is the line's own.
fn decided(
    view: &mut View<'_>,
    body: &CertificationBody,
    line: &Line,
    gathered: &mut Gathered,
) -> Result<Result<Decided, Problem>> {
    let (number, state) = match &line.stated {
        Ok(stated) => stated,
        Err(problem) => return Ok(Err(problem.clone())),
    };
    let held = gathered.held.remove(&number.normalised());
    match decide(view, body, (number, held), state, &mut gathered.codes) {
        Ok(decided) => Ok(Ok(decided)),
        Err(Error::Refused(problem)) => Ok(Err(problem)),
        Err(error) => Err(error),
    }
}

/// What becomes of a line that is decided: all but what writing it will tell.
fn foreseen(line: &Line, decided: &Result<Decided, Problem>) -> Outcome {
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
            ..outcome(Became::Unchanged)
        },
        Ok(Decided::Step { step, after, first }) => Outcome {
            certificate: Some(after.id.to_string()),
            event: Some(step.event.to_string()),
            ..outcome(if *first { Became::Created } else { Became::Changed })
        },
        Err(problem) => Outcome { problem: Some(problem.clone()), ..outcome(Became::Refused) },
    }
}

/// Says in the outcomes of lines what was recorded of them, each at its place.
fn enter(recorded: &[Recorded], lines: &[(usize, usize)], outcomes: &mut [Outcome]) {
    for (place, line) in lines {
        if let (Some(recorded), Some(outcome)) = (recorded.get(*place), outcomes.get_mut(*line)) {
            outcome.version = Some(recorded.version);
            outcome.seq = Some(recorded.seq);
        }
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
