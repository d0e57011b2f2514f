//! The registry as `api` and the command line hold it: readers, the writer, the clock, and what follows from a change.

use super::clock::Clock;
use super::command::{Answer, CommandContext, Decision, Preview, Receipt, View};
use super::consequences::Consequences;
use super::entries::{self, Recorded};
use super::group::write_together;
use super::guard::Guard;
use super::idempotency::{store_answer, stored_answer};
use super::readers::Readers;
use super::reading::AsOf;
use super::writer::{Tx, Writer};
use crate::error::{Error, Result};
use jiff::Timestamp;
use lvcai_database::Conn;
use std::sync::Arc;
use std::thread::JoinHandle;

/// Readers, the writer and the clock: cheap to clone, shared by every worker.
#[derive(Debug, Clone)]
pub struct Registry {
    readers: Readers,
    writer: Writer,
    clock: Clock,
    consequences: Consequences,
}

impl Registry {
    /// Opens the database at `url`, which must have been migrated, with so many readers and somebody who is asked
    /// before each group of writes.
    pub(crate) fn open(
        url: &str,
        readers: u32,
        clock: Clock,
        guard: Arc<dyn Guard>,
        consequences: Consequences,
    ) -> Result<(Self, JoinHandle<()>)> {
        let (writer, thread) = Writer::start(url, clock.clone(), guard)?;
        Ok((Self { readers: Readers::open(url, readers), writer, clock, consequences }, thread))
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Runs `work` on a reader's connection, off the async threads; once more when that connection is lost.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when no connection is free in time or two were lost, and what `work` fails with.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.readers.read(work).await
    }

    /// Asks the database for the head of the ledger, whether a reader is free or not.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when the database does not answer.
    pub async fn head(&self) -> Result<i64> {
        self.readers.head().await
    }

    /// Runs `work` at the cut that `as_of` names and answers that cut beside it.
    ///
    /// # Errors
    ///
    /// As [`Registry::read`] and [`entries::cut`].
    pub async fn read_at<T: Send + 'static>(
        &self,
        as_of: AsOf,
        work: impl FnMut(&mut Conn, i64) -> Result<T> + Send + 'static,
    ) -> Result<(i64, T)> {
        self.readers.read(self.at(as_of, work)).await
    }

    /// The same for what takes long: the last free reader is left to others.
    ///
    /// # Errors
    ///
    /// As [`Registry::read_at`].
    pub async fn read_long_at<T: Send + 'static>(
        &self,
        as_of: AsOf,
        work: impl FnMut(&mut Conn, i64) -> Result<T> + Send + 'static,
    ) -> Result<(i64, T)> {
        self.readers.read_long(self.at(as_of, work)).await
    }

    fn at<T>(
        &self,
        as_of: AsOf,
        mut work: impl FnMut(&mut Conn, i64) -> Result<T> + Send + 'static,
    ) -> impl FnMut(&mut Conn) -> Result<(i64, T)> + Send + 'static {
        let now = self.clock.now();
        move |conn| {
            let cut = entries::cut(conn, as_of, now)?;
            Ok((cut, work(conn, cut)?))
        }
    }

    /// Runs `work` on what a decision would see at the cut that `as_of` names. Nothing can be written from it.
    ///
    /// # Errors
    ///
    /// As [`Registry::read_at`].
    pub async fn view_at<T: Send + 'static>(
        &self,
        as_of: AsOf,
        mut work: impl FnMut(&mut View<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let now = self.clock.now();
        let (_, told) = self.read_at(as_of, move |conn, cut| work(&mut View { conn, cut, now })).await?;
        Ok(told)
    }

    /// Decides and, unless only validation is asked for, writes; answers the record.
    ///
    /// `decide` reads and refuses; it changes nothing and may run more than once.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the problem, [`Error::Busy`], [`Error::OutcomeUnknown`], or [`Error::Database`].
    pub async fn execute(
        &self,
        context: CommandContext,
        mut decide: impl FnMut(&mut View<'_>) -> Result<Decision> + Send + 'static,
    ) -> Result<Receipt> {
        if context.validate_only {
            return Ok(self.preview(decide).await?.receipt);
        }
        let consequences = self.consequences;
        self.writer.run(move |tx| execute(tx, &context, consequences, &mut decide)).await
    }

    /// Decides alone: what would be answered, and all that would change.
    ///
    /// # Errors
    ///
    /// As [`Registry::execute`].
    pub async fn preview(
        &self,
        mut decide: impl FnMut(&mut View<'_>) -> Result<Decision> + Send + 'static,
    ) -> Result<Preview> {
        let consequences = self.consequences;
        self.view_at(AsOf::Now, move |view| {
            let Decision { changes, outcome } = decide(view)?;
            let changes = consequences.complete(view, changes)?;
            let receipt = match outcome {
                Answer::Unchanged(subject, stored) => Receipt::unchanged(subject, stored, view.cut),
                Answer::Changed => Receipt::foreseen(changes.first().ok_or_else(no_change)?, view.cut)?,
            };
            Ok(Preview { receipt: Receipt { validated_only: true, ..receipt }, changes })
        })
        .await
    }

    /// Decides on work that answers no record and, unless only validation is asked for, writes what it decides; answers
    /// its outcome.
    ///
    /// # Errors
    ///
    /// As [`Registry::execute`].
    pub async fn carry_out<T: Send + 'static>(
        &self,
        context: CommandContext,
        mut decide: impl FnMut(&mut View<'_>) -> Result<Decision<T>> + Send + 'static,
    ) -> Result<T> {
        if context.validate_only {
            return self.view_at(AsOf::Now, move |view| Ok(decide(view)?.outcome)).await;
        }
        let consequences = self.consequences;
        let work = move |tx: &mut Tx<'_>| {
            let Decision { changes, outcome } = decide(&mut tx.view())?;
            write_together(tx, &context.actor, consequences, changes)?;
            Ok(outcome)
        };
        self.writer.run(work).await
    }

    /// Runs work inside the writer's transaction that decides and writes by itself.
    pub(crate) async fn transact<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Tx<'_>, Consequences) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let consequences = self.consequences;
        self.writer.run(move |tx| work(tx, consequences)).await
    }

    /// Writes to a working table, which is outside the ledger.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Conn, Timestamp) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.run(move |tx| work(tx.conn, tx.now)).await
    }
}

fn no_change() -> Error {
    Error::Database("a decision without a change".into())
}

/// Replays, or decides and writes, inside the writer's transaction.
fn execute(
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
    let answered = write_together(tx, &context.actor, consequences, changes)?.into_iter().next();
    let Recorded { subject, version, body, .. } = answered.ok_or_else(no_change)?;
    let cut = tx.head.seq;
    let receipt = Receipt { created, subject, version, cut, body, replayed: false, validated_only: false };
    if let Some(key) = &context.idempotency {
        store_answer(tx, key, &serde_json::to_string(&receipt)?)?;
    }
    Ok(receipt)
}
