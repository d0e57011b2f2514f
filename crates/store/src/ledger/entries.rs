//! The ledger's entries: every change, numbered in commit order.
//!
//! `lvcai_domain::ledger` fixes the bytes that an entry commits to; here they
//! are written, inside the transaction of the change itself.

use super::command::Change;
use super::reading::{AsOf, CHUNK};
use super::versions::{self, NewVersion, PendingVersion};
use crate::error::{Error, Result};
use crate::schema::{ledger, ledger_head};
use diesel::prelude::*;
use jiff::Timestamp;
use jiff::civil::Date;
use lvcai_database::{Conn, Id, Instant, InstantColumn, insert_all, on_conn, update};
use lvcai_domain::calendar::shanghai_day;
use lvcai_domain::ledger::{Envelope, instant};
use lvcai_domain::{Event, Fault, Problem, ProblemKind, Rule};
use lvcai_trust::{Digest, canonical};
use uuid::Uuid;

/// The last position and its instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The position of the last entry, 0 when there is none. Always a cut.
    pub seq: i64,
    /// When it was recorded.
    pub at: Timestamp,
    /// The day on which what is written next begins to hold. It is the clock's: `at` may be ahead of that.
    pub today: Date,
}

impl Head {
    fn of((seq, at): (i64, Instant)) -> Self {
        let at = at.into();
        Self { seq, at, today: shanghai_day(at) }
    }
}

/// An entry as the table keeps it.
#[derive(Debug, Clone, PartialEq, Queryable, Insertable)]
#[diesel(table_name = ledger, treat_none_as_default_value = false)]
pub struct Entry {
    /// The position.
    pub seq: i64,
    /// When it was recorded.
    pub at: Instant,
    /// What happened.
    pub event: String,
    /// What it happened to.
    pub subject: String,
    /// Which version of the subject this made.
    pub subject_version: i32,
    /// The digest of the body, with the nonce before it for a private subject.
    pub body_sha256: Vec<u8>,
    /// The command it belongs to.
    pub command: Id,
    /// Whether it is the last entry of its command.
    pub cut: bool,
    /// Who did it.
    pub actor: String,
    /// The document that orders it.
    pub authority_document: Option<String>,
    /// From which day it holds.
    pub effective_on: Option<String>,
    /// The nonce that hides a private subject in the log.
    pub nonce: Option<Vec<u8>>,
    /// The hash of the leaf.
    pub leaf_sha256: Vec<u8>,
}

impl Entry {
    /// The envelope whose canonical JSON is the leaf of the log.
    ///
    /// # Errors
    ///
    /// Fails when a digest or a date in the row is malformed, which is a defect.
    pub fn envelope(&self) -> Result<Envelope> {
        let digest = Digest::try_from(self.body_sha256.as_slice()).map_err(|error| Error::Database(error.into()))?;
        let private =
            self.nonce.as_deref().map(|nonce| Digest::of_parts(&[nonce, self.subject.as_bytes()]).to_string());
        let effective_on = self.effective_on.as_deref().map(str::parse).transpose();
        Ok(Envelope {
            seq: self.seq,
            at: instant(self.at.into()),
            event: if private.is_some() { Event::PrivateRecorded.name().to_owned() } else { self.event.clone() },
            actor: if private.is_some() { None } else { Some(self.actor.clone()) },
            subject: private.unwrap_or_else(|| self.subject.clone()),
            subject_version: self.subject_version,
            body_sha256: digest.to_string(),
            command: self.command.0.to_string(),
            cut: self.cut,
            authority_document: self.authority_document.clone().filter(|_| self.nonce.is_none()),
            effective_on: effective_on
                .map_err(|error: jiff::Error| Error::Database(Box::new(error)))?
                .filter(|_| self.nonce.is_none()),
        })
    }

    /// The hash of the leaf: SHA-256(0x00 ‖ canonical envelope), as RFC 6962 and C2SP tlog-tiles have it.
    ///
    /// # Errors
    ///
    /// As [`Entry::envelope`].
    pub fn leaf(&self) -> Result<Digest> {
        Ok(Digest::leaf(canonical(&self.envelope()?)?.as_bytes()))
    }
}

/// Reads the head without locking it.
pub fn head(conn: &mut Conn) -> Result<Head> {
    let row: (i64, Instant) = on_conn!(conn, c => ledger_head::table
        .find(1)
        .select((ledger_head::seq, ledger_head::at))
        .get_result(c))?;
    Ok(Head::of(row))
}

/// Reads the head and keeps other writers out until the transaction ends. On SQLite the transaction itself does; on
/// PostgreSQL the row does, and the server's own time is told beside it.
pub(crate) fn lock(conn: &mut Conn) -> Result<(Head, Option<Timestamp>)> {
    if let Conn::Postgres(c) = conn {
        let clock = diesel::dsl::sql::<InstantColumn>("clock_timestamp()");
        let (seq, at, clock): (i64, Instant, Instant) =
            ledger_head::table.find(1).select((ledger_head::seq, ledger_head::at, clock)).for_update().get_result(c)?;
        return Ok((Head::of((seq, at)), Some(clock.into())));
    }
    Ok((head(conn)?, None))
}

/// Moves the head.
pub(crate) fn advance(conn: &mut Conn, head: Head) -> Result<()> {
    let set = (ledger_head::seq.eq(head.seq), ledger_head::at.eq(Instant::from(head.at)));
    let update = update(&ledger_head::table, set, ledger_head::id.eq(1), ledger_head::seq);
    let _: i64 = on_conn!(conn, c => update.get_result(c))?;
    Ok(())
}

/// Resolves `as_of` to a cut.
///
/// # Errors
///
/// Refuses a position past the head and an instant past `now`: the answer
/// could still change.
pub fn cut(conn: &mut Conn, as_of: AsOf, now: Timestamp) -> Result<i64> {
    let head = head(conn)?;
    let ahead = || {
        let fault = Fault::new("as_of", Rule::OutOfRange)
            .detail(format!("账本目前止于 {}", head.seq), format!("the ledger ends at {} now", head.seq));
        Problem::from(ProblemKind::UnknownParameter).fault(fault)
    };
    let found: Option<i64> = match as_of {
        AsOf::Now => return Ok(head.seq),
        AsOf::Seq(seq) if seq == head.seq => return Ok(seq),
        AsOf::Seq(seq) if seq > head.seq || seq < 0 => return Err(ahead().into()),
        AsOf::At(at) if at > now => return Err(ahead().into()),
        AsOf::At(at) if at >= head.at => return Ok(head.seq),
        AsOf::Seq(seq) => on_conn!(conn, c => ledger::table
            .filter(ledger::seq.le(seq).and(ledger::cut.eq(true)))
            .select(diesel::dsl::max(ledger::seq))
            .get_result(c))?,
        AsOf::At(at) => on_conn!(conn, c => ledger::table
            .filter(ledger::at.le(Instant::from(at)).and(ledger::cut.eq(true)))
            .select(diesel::dsl::max(ledger::seq))
            .get_result(c))?,
    };
    Ok(found.unwrap_or(0))
}

/// Whether a command stands in the ledger: what a writer asks after a COMMIT whose answer was lost.
pub(crate) fn has_command(conn: &mut Conn, command: Uuid) -> Result<bool> {
    let count: i64 = on_conn!(conn, c => ledger::table.filter(ledger::command.eq(Id(command))).count().get_result(c))?;
    Ok(count > 0)
}

/// Reads entries after a position, in order.
pub fn entries(conn: &mut Conn, after: i64, limit: i64) -> Result<Vec<Entry>> {
    Ok(on_conn!(conn, c => ledger::table
        .filter(ledger::seq.gt(after))
        .order(ledger::seq.asc())
        .limit(limit)
        .load(c))?)
}

/// What one change became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The subject.
    pub subject: String,
    /// Its new version.
    pub version: i32,
    /// The entry.
    pub seq: i64,
    /// What happened.
    pub event: String,
    /// The canonical JSON.
    pub body: String,
}

/// The changes of one command, and who makes them.
pub(crate) struct Command<'a> {
    pub(crate) id: Uuid,
    pub(crate) actor: &'a str,
    pub(crate) changes: Vec<Change>,
}

/// Writes the changes of commands, versions and entries, and answers what became of them, in order. It decides
/// nothing and so refuses nothing.
pub(crate) fn apply(conn: &mut Conn, head: &mut Head, commands: Vec<Command<'_>>) -> Result<Vec<Recorded>> {
    let mut changes = commands.into_iter().flat_map(|command| {
        let Command { id, actor, changes } = command;
        let last = changes.len();
        changes.into_iter().enumerate().map(move |(index, change)| (id, actor, change, index + 1 == last))
    });
    let mut recorded = Vec::new();
    loop {
        let drafts = changes.by_ref().take(CHUNK).map(|(id, actor, change, cut)| {
            head.seq += 1;
            let (entry, version) = draft(*head, (id, actor), change)?;
            Ok((Entry { cut, ..entry }, version))
        });
        let (entries, pending): (Vec<_>, Vec<_>) = drafts.collect::<Result<Vec<_>>>()?.into_iter().unzip();
        if entries.is_empty() {
            return Ok(recorded);
        }
        recorded.extend(record(conn, entries, pending)?);
    }
}

/// The entry of a change and the version that it makes, both as far as is known before the table is asked.
fn draft(head: Head, (command, actor): (Uuid, &str), change: Change) -> Result<(Entry, PendingVersion)> {
    let Change { event, noun, creates, effective_on, authority_document } = change;
    let (subject, body) = (noun.subject(), noun.body()?);
    let nonce = (!noun.public()).then(|| Uuid::new_v4().into_bytes().to_vec());
    let digest = Digest::of_parts(&[nonce.as_deref().unwrap_or_default(), body.as_bytes()]);
    let day = effective_on.unwrap_or(head.today);
    let entry = Entry {
        seq: head.seq,
        at: head.at.into(),
        event: event.name().to_owned(),
        subject: subject.clone(),
        subject_version: 0,
        body_sha256: digest.bytes().to_vec(),
        command: Id(command),
        cut: false,
        actor: actor.to_owned(),
        authority_document,
        effective_on: effective_on.map(|day| day.to_string()),
        nonce,
        leaf_sha256: Vec::new(),
    };
    let new = NewVersion { seq: head.seq, effective_on: day, body };
    Ok((entry, PendingVersion { noun, subject, creates, new }))
}

/// Writes versions, and their entries, which stand at consecutive positions.
fn record(conn: &mut Conn, mut entries: Vec<Entry>, pending: Vec<PendingVersion>) -> Result<Vec<Recorded>> {
    let versions = versions::write(conn, &pending)?;
    for ((entry, written), version) in entries.iter_mut().zip(&pending).zip(versions) {
        // The ledger looks for no consequences of a change that creates, so an amendment must not be taken for one.
        if written.creates != (version == 1) {
            return Err(Error::Database(
                format!("{} is said to be new and is not, or not and is", entry.subject).into(),
            ));
        }
        entry.subject_version = version;
        entry.leaf_sha256 = entry.leaf()?.bytes().to_vec();
    }
    insert_all!(conn, ledger::table, &entries)?;
    let recorded = |(entry, written): (Entry, PendingVersion)| Recorded {
        subject: entry.subject,
        version: entry.subject_version,
        seq: entry.seq,
        event: entry.event,
        body: written.new.body,
    };
    Ok(entries.into_iter().zip(pending).map(recorded).collect())
}
