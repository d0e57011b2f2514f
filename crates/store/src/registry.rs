//! The registry as `api` and the command line hold it: readers, the writer, the clock.

use crate::ledger::{self, AsOf, Command};
use crate::readers::Readers;
use crate::schema::{idempotency, used_assertions};
use crate::versions::{Change, Stored};
use crate::writer::{Tx, Writer};
use crate::{Clock, Error, Result};
use diesel::prelude::*;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use lvcai_database::{Conn, Id, Instant, on_conn};
use lvcai_domain::calendar::shanghai_day;
use lvcai_domain::{ClientId, ProblemKind};
use lvcai_trust::Digest;
use serde::{Deserialize, Serialize};
use std::thread::JoinHandle;

/// How long an answer is kept for its idempotency key.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 14);

/// What a decision may see: the registry at the head, inside the writer's transaction.
pub struct View<'a> {
    /// The connection, to read on.
    pub conn: &'a mut Conn,
    /// The head, which is the cut to read at.
    pub cut: i64,
    /// The instant under which the changes will be recorded.
    pub now: Timestamp,
}

impl View<'_> {
    /// The present day in Asia/Shanghai.
    pub fn today(&self) -> Date {
        shanghai_day(self.now)
    }
}

/// What shall happen, decided and not yet done. The first change is the one answered.
pub enum Decision {
    /// Something new comes to be.
    Create(Vec<Change>),
    /// Something changes.
    Amend(Vec<Change>),
    /// It is so already.
    Unchanged(String, Stored),
}

/// On whose behalf a command runs.
#[derive(Debug, Clone)]
pub struct Order {
    /// The organisation that acts, `operator`, or `clock`.
    pub actor: String,
    /// The key under which a repeat is recognised.
    pub idempotency: Option<IdempotencyKey>,
    /// Whether to decide alone and change nothing.
    pub validate_only: bool,
}

impl Order {
    /// An order of the operator, at the command line.
    pub fn operator() -> Self {
        Self::of(lvcai_domain::ledger::OPERATOR)
    }

    /// An order of the clock.
    pub(crate) fn clock() -> Self {
        Self::of(lvcai_domain::ledger::CLOCK)
    }

    fn of(actor: &str) -> Self {
        Self { actor: actor.to_owned(), idempotency: None, validate_only: false }
    }
}

/// A client's name for one request.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    /// The client.
    pub client: ClientId,
    /// The key it chose.
    pub key: String,
    /// The digest of what it asks.
    pub request: Digest,
}

impl IdempotencyKey {
    /// The key of one part of a request that is carried out in parts. No client can send it: a header has no newline.
    #[must_use]
    pub fn of_part(&self, part: usize) -> Self {
        let key = if part == 0 { self.key.clone() } else { format!("{}\n{part}", self.key) };
        Self { key, ..self.clone() }
    }
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Whether something new came to be.
    pub created: bool,
    /// The subject answered.
    pub subject: String,
    /// Its version.
    pub version: i32,
    /// The cut that the command made, or that it saw.
    pub cut: i64,
    /// The canonical JSON.
    pub body: String,
    /// Whether this is the answer to an earlier request with the same key.
    #[serde(skip)]
    pub replayed: bool,
    /// Whether nothing was changed because only validation was asked for.
    #[serde(skip)]
    pub validated_only: bool,
}

/// Readers, the writer and the clock: cheap to clone, shared by every worker.
#[derive(Debug, Clone)]
pub struct Registry {
    readers: Readers,
    writer: Writer,
    clock: Clock,
}

impl Registry {
    /// Opens the database at `url`, which must have been migrated, with so many readers.
    ///
    /// # Errors
    ///
    /// Fails when the database cannot be reached.
    pub fn open(url: &str, readers: u32, clock: Clock) -> Result<(Self, JoinHandle<()>)> {
        let (writer, thread) = Writer::start(url, clock.clone())?;
        Ok((Self { readers: Readers::open(url, readers), writer, clock }, thread))
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
    /// As [`Registry::read`] and [`ledger::cut`].
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
            let cut = ledger::cut(conn, as_of, now)?;
            Ok((cut, work(conn, cut)?))
        }
    }

    /// Decides and, unless only validation is asked for, applies.
    ///
    /// `decide` reads and refuses; it changes nothing and may run more than once.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the problem, [`Error::Busy`], or [`Error::Database`].
    pub async fn execute(
        &self,
        order: Order,
        mut decide: impl FnMut(&mut View<'_>) -> Result<Decision> + Send + 'static,
    ) -> Result<Receipt> {
        if order.validate_only {
            let now = self.clock.now();
            return self
                .read(move |conn| {
                    let cut = ledger::head(conn)?.seq;
                    preview(decide(&mut View { conn, cut, now })?, cut)
                })
                .await;
        }
        self.writer.run(move |tx| carry_out(tx, &order, &mut decide)).await
    }

    /// Runs work inside the writer's transaction.
    pub(crate) async fn transact<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.run(work).await
    }

    /// Writes to a working table, which is outside the ledger.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Conn, Timestamp) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.run(move |tx| work(tx.conn, tx.head.at)).await
    }

    /// Marks a client assertion as used; `false` when it was used before.
    ///
    /// # Errors
    ///
    /// As [`Registry::execute`].
    pub async fn use_assertion(&self, client: ClientId, jti: String, expires_at: Timestamp) -> Result<bool> {
        let row = (
            used_assertions::client.eq(Id(client.uuid())),
            used_assertions::jti.eq(jti),
            used_assertions::expires_at.eq(Instant::from(expires_at)),
        );
        let work = move |tx: &mut Tx<'_>| {
            let now = Instant::from(tx.head.at);
            let fresh = on_conn!(tx.conn, c => {
                diesel::delete(used_assertions::table.filter(used_assertions::expires_at.lt(now))).execute(c)?;
                diesel::insert_into(used_assertions::table).values(row.clone()).on_conflict_do_nothing().execute(c)?
            });
            Ok(fresh == 1)
        };
        self.writer.run(work).await
    }
}

fn preview(decision: Decision, cut: i64) -> Result<Receipt> {
    let (created, subject, version, body) = match decision {
        Decision::Unchanged(subject, stored) => (false, subject, stored.version, stored.body),
        Decision::Create(changes) => first(&changes).map(|(subject, body)| (true, subject, 0, body))?,
        Decision::Amend(changes) => first(&changes).map(|(subject, body)| (false, subject, 0, body))?,
    };
    Ok(Receipt { created, subject, version, cut, body, replayed: false, validated_only: true })
}

fn first(changes: &[Change]) -> Result<(String, String)> {
    let change = changes.first().ok_or_else(no_change)?;
    Ok((change.noun.subject(), change.noun.body()?))
}

fn no_change() -> Error {
    Error::Database("a decision without a change".into())
}

/// Replays, or decides and applies, inside the writer's transaction.
fn carry_out(
    tx: &mut Tx<'_>,
    order: &Order,
    decide: &mut (impl FnMut(&mut View<'_>) -> Result<Decision> + Send),
) -> Result<Receipt> {
    if let Some(key) = &order.idempotency
        && let Some(receipt) = replay(tx.conn, key)?
    {
        return Ok(receipt);
    }
    let decision = decide(&mut tx.view())?;
    let (created, changes) = match decision {
        Decision::Create(changes) => (true, changes),
        Decision::Amend(changes) => (false, changes),
        Decision::Unchanged(subject, Stored { version, body, .. }) => {
            let cut = tx.head.seq;
            return Ok(Receipt { created: false, subject, version, cut, body, replayed: false, validated_only: false });
        }
    };
    let command = Command { id: tx.command, actor: &order.actor, changes };
    let recorded = ledger::apply(tx.conn, tx.head, vec![command])?;
    let made = recorded.into_iter().next().ok_or_else(no_change)?;
    let receipt = Receipt {
        created,
        subject: made.subject,
        version: made.version,
        cut: tx.head.seq,
        body: made.body,
        replayed: false,
        validated_only: false,
    };
    if let Some(key) = &order.idempotency {
        remember(tx, key, &serde_json::to_string(&receipt)?)?;
    }
    Ok(receipt)
}

fn replay(conn: &mut Conn, key: &IdempotencyKey) -> Result<Option<Receipt>> {
    let answer = kept(conn, key)?;
    answer.map(|answer| Ok(Receipt { replayed: true, ..serde_json::from_str(&answer)? })).transpose()
}

/// What was answered under a key, where it was used for the same request.
pub(crate) fn kept(conn: &mut Conn, key: &IdempotencyKey) -> Result<Option<String>> {
    let kept: Option<(Vec<u8>, String)> = on_conn!(conn, c => idempotency::table
        .find((Id(key.client.uuid()), &key.key))
        .select((idempotency::request_sha256, idempotency::answer))
        .get_result(c)
        .optional())?;
    let Some((request, answer)) = kept else { return Ok(None) };
    if request != key.request.bytes() {
        return Err(ProblemKind::IdempotencyReuse.into());
    }
    Ok(Some(answer))
}

/// Keeps an answer under its key, in the transaction of what it answers.
pub(crate) fn remember(tx: &mut Tx<'_>, key: &IdempotencyKey, answer: &str) -> Result<()> {
    let row = (
        idempotency::client.eq(Id(key.client.uuid())),
        idempotency::key.eq(&key.key),
        idempotency::request_sha256.eq(key.request.bytes().to_vec()),
        idempotency::answer.eq(answer),
        idempotency::created_at.eq(Instant::from(tx.head.at)),
    );
    let stale = Instant::from(tx.head.at - KEPT);
    on_conn!(tx.conn, c => {
        diesel::delete(idempotency::table.filter(idempotency::created_at.lt(stale))).execute(c)?;
        diesel::insert_into(idempotency::table).values(row).execute(c)?
    });
    Ok(())
}
