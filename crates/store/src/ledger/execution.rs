//! Carrying out what was decided: the answer of a repeat, what follows from a change, and the writing of both; as one
//! command, or as many of one piece of the writer's work, so that any noun can be pushed by the thousand.
//!
//! What follows from a change of one noun for another must never be seen apart from it: a listing is suspended in the
//! command that suspends its certificate. The ledger asks for it between the decision and the writing, for whatever
//! makes the change: a request, a line of a batch, an import, the clock, a preview. So nobody who decides has to
//! remember it ([decision 15]).
//!
//! [decision 15]: ../../../../api/docs/decisions/0015-the-ledger-asks-for-consequences.md

use super::clock::swept_before;
use super::command::{Answer, CommandContext, Decision, IdempotencyKey, Receipt, View};
use super::entries::{Change, Command, Recorded, apply};
use super::origin::Origin;
use super::writer::Tx;
use crate::error::{Error, Result};
use crate::schema::idempotency;
use diesel::prelude::*;
use jiff::SignedDuration;
use lvcai_database::{Conn, Id, Instant, on_conn};
use lvcai_domain::ProblemKind;
use std::collections::HashSet;
use uuid::Uuid;

/// The subjects through which something may follow from a change; most changes concern none.
pub type Concerned = Vec<Uuid>;

/// Tells what each of some changes concerns, in the same order.
type Concern = fn(&mut View<'_>, &[&Change]) -> Result<Vec<Concerned>>;

/// Tells what follows from the changes of one command, given what each of them concerns.
type Follow = fn(&mut View<'_>, &[Change], &[Concerned]) -> Result<Vec<Change>>;

/// The rules by which changes follow from changes, as those who know the nouns give them to the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Consequences {
    /// What changes concern. Two commands that concern the same are not decided side by side.
    pub concerned: Concern,
    /// What follows from changes.
    pub follow: Follow,
}

impl Consequences {
    /// The changes of a command with what follows from them behind.
    pub(super) fn complete(self, view: &mut View<'_>, changes: Vec<Change>) -> Result<Vec<Change>> {
        if changes.is_empty() {
            return Ok(changes);
        }
        let concerned = (self.concerned)(view, &changes.iter().collect::<Vec<_>>())?;
        self.complete_with(view, changes, &concerned)
    }

    /// The same where it is known already what they concern.
    fn complete_with(
        self,
        view: &mut View<'_>,
        mut changes: Vec<Change>,
        concerned: &[Concerned],
    ) -> Result<Vec<Change>> {
        if concerned.iter().any(|it| !it.is_empty()) {
            let following = (self.follow)(view, &changes, concerned)?;
            changes.extend(following);
        }
        Ok(changes)
    }
}

pub(super) fn no_change() -> Error {
    Error::Database("a decision without a change".into())
}

/// Replays, or decides and writes, inside the writer's transaction.
pub(super) fn execute(
    tx: &mut Tx<'_>,
    context: &CommandContext,
    consequences: Consequences,
    decide: &mut (impl FnMut(&mut View<'_>) -> Result<Decision> + Send),
) -> Result<Receipt> {
    if let Some(key) = &context.idempotency
        && let Some(answer) = stored_answer(tx.conn, key)?
    {
        return Ok(Receipt { replayed: true, ..serde_json::from_str(&answer)? });
    }
    let Decision { changes, outcome } = decide(&mut tx.view())?;
    if let Answer::Unchanged(subject, stored) = outcome {
        return Ok(Receipt::unchanged(subject, stored, tx.head.seq));
    }
    let created = changes.first().is_some_and(|it| it.creates);
    let answered = write_together(tx, &context.by, consequences, changes)?.into_iter().next();
    let Recorded { subject, version, body, .. } = answered.ok_or_else(no_change)?;
    let cut = tx.head.seq;
    let receipt = Receipt { created, subject, version, cut, body, replayed: false, validated_only: false };
    if let Some(key) = &context.idempotency {
        store_answer(tx, key, &serde_json::to_string(&receipt)?)?;
    }
    Ok(receipt)
}

/// Writes changes as one command. Answers what became of each, those that followed last.
pub(crate) fn write_together(
    tx: &mut Tx<'_>,
    by: &Origin,
    consequences: Consequences,
    changes: Vec<Change>,
) -> Result<Vec<Recorded>> {
    let changes = consequences.complete(&mut tx.view(), changes)?;
    apply(tx.conn, tx.head, vec![Command { id: tx.command, by, changes }])
}

/// The changes of commands with what follows from each of them, as if it alone were carried out.
pub(crate) fn foresee_each(
    view: &mut View<'_>,
    consequences: Consequences,
    commands: Vec<Vec<Change>>,
) -> Result<Vec<Vec<Change>>> {
    let all: Vec<&Change> = commands.iter().flatten().collect();
    let mut concerned = (consequences.concerned)(view, &all)?.into_iter();
    let mut complete = |changes: Vec<Change>| {
        let concerned: Vec<Concerned> = concerned.by_ref().take(changes.len()).collect();
        consequences.complete_with(view, changes, &concerned)
    };
    commands.into_iter().map(&mut complete).collect()
}

/// Writes commands that were decided on the same cut and are of different subjects. Answers what became of the first
/// change of each, in order.
pub(crate) fn write_each(
    tx: &mut Tx<'_>,
    by: &Origin,
    consequences: Consequences,
    commands: Vec<Vec<Change>>,
) -> Result<Vec<Recorded>> {
    let all: Vec<&Change> = commands.iter().flatten().collect();
    let mut concerned = (consequences.concerned)(&mut tx.view(), &all)?.into_iter();
    let (mut recorded, mut pending) = (Vec::with_capacity(commands.len()), Pending::new(by));
    // After a lost COMMIT the writer looks for its command in the ledger, so the first one must bear its identifier.
    let mut id = tx.command;
    for changes in commands {
        let concerned: Vec<Concerned> = concerned.by_ref().take(changes.len()).collect();
        // What follows is decided on what is written: a listing may rest on the certificates of two commands.
        if concerned.iter().flatten().any(|subject| pending.concerned.contains(subject)) {
            recorded.extend(pending.write(tx)?);
        }
        let changes = consequences.complete_with(&mut tx.view(), changes, &concerned)?;
        pending.add(id, changes, concerned);
        id = Uuid::now_v7();
    }
    recorded.extend(pending.write(tx)?);
    Ok(recorded)
}

/// Commands that wait to be written together.
struct Pending<'a> {
    by: &'a Origin,
    commands: Vec<Command<'a>>,
    /// The subjects that they concern beside their own.
    concerned: HashSet<Uuid>,
}

impl<'a> Pending<'a> {
    fn new(by: &'a Origin) -> Self {
        Self { by, commands: Vec::new(), concerned: HashSet::new() }
    }

    fn add(&mut self, id: Uuid, changes: Vec<Change>, concerned: Vec<Concerned>) {
        self.commands.push(Command { id, by: self.by, changes });
        self.concerned.extend(concerned.into_iter().flatten());
    }

    /// Writes them; what became of the first change of each.
    fn write(&mut self, tx: &mut Tx<'_>) -> Result<Vec<Recorded>> {
        let Self { commands, .. } = std::mem::replace(self, Self::new(self.by));
        let counts: Vec<usize> = commands.iter().map(|it| it.changes.len()).collect();
        let mut recorded = apply(tx.conn, tx.head, commands)?.into_iter();
        let first = |count: usize| {
            let first = recorded.next();
            recorded.by_ref().take(count.saturating_sub(1)).for_each(drop);
            first
        };
        Ok(counts.into_iter().filter_map(first).collect())
    }
}

/// How long an answer is kept for its idempotency key.
const RETENTION: SignedDuration = SignedDuration::from_hours(24 * 14);

/// Reads what was answered under a key.
///
/// # Errors
///
/// Refuses a key that was used for another request.
pub(crate) fn stored_answer(conn: &mut Conn, key: &IdempotencyKey) -> Result<Option<String>> {
    let found: Option<(Vec<u8>, String)> = on_conn!(conn, c => idempotency::table
        .find((Id(key.client.uuid()), &key.key))
        .select((idempotency::request_sha256, idempotency::answer))
        .get_result(c)
        .optional())?;
    let Some((request, answer)) = found else { return Ok(None) };
    if request != key.request.bytes() {
        return Err(ProblemKind::IdempotencyReuse.into());
    }
    Ok(Some(answer))
}

/// Stores an answer under its key, in the transaction of what it answers.
pub(crate) fn store_answer(tx: &mut Tx<'_>, key: &IdempotencyKey, answer: &str) -> Result<()> {
    let row = (
        idempotency::client.eq(Id(key.client.uuid())),
        idempotency::key.eq(&key.key),
        idempotency::request_sha256.eq(key.request.bytes().to_vec()),
        idempotency::answer.eq(answer),
        idempotency::created_at.eq(Instant::from(tx.head.at)),
    );
    let stale = Instant::from(swept_before(tx.now, RETENTION));
    on_conn!(tx.conn, c => {
        diesel::delete(idempotency::table.filter(idempotency::created_at.lt(stale))).execute(c)?;
        diesel::insert_into(idempotency::table).values(row).execute(c)?
    });
    Ok(())
}
