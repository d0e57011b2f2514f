//! The ledger's entries: every change, numbered in commit order, with the version that it makes of a noun.
//!
//! `lvcai_domain::ledger` fixes the bytes that an entry commits to; here they are written, inside the transaction of
//! the change itself.

use super::head::Head;
use super::origin::Origin;
use super::reading::CHUNK;
use super::versions::{NewVersion, VersionRow, Versioned};
use crate::error::{Error, Result};
use crate::schema::ledger;
use diesel::prelude::*;
use jiff::civil::Date;
use lvcai_database::{Conn, Id, Instant, insert_all, on_conn};
use lvcai_domain::Event;
use lvcai_domain::ledger::{Envelope, instant};
use lvcai_trust::{Digest, canonical};
use std::any::Any;
use std::collections::HashSet;
use uuid::Uuid;

/// One change of a command.
pub struct Change {
    /// What happens.
    pub event: Event,
    /// The noun as it will be.
    pub(crate) noun: Box<dyn AnyVersioned>,
    /// Whether this is the subject's first version.
    pub(crate) creates: bool,
    /// From which day it holds, where that is not the day of recording.
    pub effective_on: Option<Date>,
    /// The document that orders it (文号).
    pub authority_document: Option<String>,
}

impl Change {
    /// A subject comes to be, from the day of recording on.
    pub fn create(event: Event, noun: impl AnyVersioned) -> Self {
        Self { event, noun: Box::new(noun), creates: true, effective_on: None, authority_document: None }
    }

    /// A subject that is known changes, from the day of recording on.
    pub fn amend(event: Event, noun: impl AnyVersioned) -> Self {
        Self { creates: false, ..Self::create(event, noun) }
    }

    /// Says from which day it holds.
    #[must_use]
    pub fn effective_on(mut self, day: Date) -> Self {
        self.effective_on = Some(day);
        self
    }

    /// Names the document that orders it.
    #[must_use]
    pub fn ordered_by(mut self, document: Option<String>) -> Self {
        self.authority_document = document;
        self
    }

    /// The noun as it will be, where it is of this type.
    pub(crate) fn of<N: Any>(&self) -> Option<&N> {
        let noun: &dyn Any = &*self.noun;
        noun.downcast_ref()
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
    /// The client that acted, where there was one. The leaf does not commit to it.
    pub client: Option<Id>,
    /// The id of the request, where there was one. The leaf does not commit to it.
    pub request_id: Option<String>,
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

/// Whether anything was ever recorded of a subject.
pub fn knows(conn: &mut Conn, subject: &str) -> Result<bool> {
    let entry = ledger::table.filter(ledger::subject.eq(subject));
    Ok(on_conn!(conn, c => diesel::select(diesel::dsl::exists(entry)).get_result(c))?)
}

/// Reads entries after a position, in order.
pub fn entries(conn: &mut Conn, after: i64, limit: i64) -> Result<Vec<Entry>> {
    Ok(on_conn!(conn, c => ledger::table
        .filter(ledger::seq.gt(after))
        .order(ledger::seq.asc())
        .limit(limit)
        .load(c))?)
}

/// Any noun that is `Versioned`, so that the changes of one command may be of several.
pub trait AnyVersioned: Any + Send {
    /// The identifier on the wire.
    fn subject(&self) -> String;

    /// The canonical JSON of the public body.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Database`] when the body has no canonical form, which is a defect.
    fn body(&self) -> Result<String>;

    /// Whether anybody may see this version.
    fn public(&self) -> bool;

    /// Writes as many of the pending versions, from the first on, as are of this noun and of different subjects: a
    /// table is asked once for all of them. Answers the numbers of their versions.
    fn write_run(&self, conn: &mut Conn, pending: &[PendingVersion]) -> QueryResult<Vec<i32>>;
}

/// A noun with the version of it that is to be written.
pub struct PendingVersion {
    pub(crate) noun: Box<dyn AnyVersioned>,
    pub(crate) subject: String,
    /// Whether it is said to be the first.
    pub(crate) creates: bool,
    pub(crate) new: NewVersion,
}

impl<N: Versioned> AnyVersioned for N {
    fn subject(&self) -> String {
        Versioned::subject(self)
    }

    fn body(&self) -> Result<String> {
        Ok(canonical(self)?)
    }

    fn public(&self) -> bool {
        Versioned::public(self)
    }

    fn write_run(&self, conn: &mut Conn, pending: &[PendingVersion]) -> QueryResult<Vec<i32>> {
        let mut subjects = HashSet::new();
        let of_this_noun = pending.iter().map_while(|it| {
            let noun: &dyn Any = &*it.noun;
            Some((it, noun.downcast_ref::<N>()?))
        });
        let run: Vec<_> = of_this_noun.take_while(|(it, _)| subjects.insert(&it.subject)).collect();
        let mut rows: Vec<N::Row> = run.iter().map(|(it, noun)| noun.row(it.new.clone())).collect();
        N::Row::write(&mut rows, conn)?;
        let versions: Vec<i32> = rows.iter().map(N::Row::version).collect();
        for ((it, noun), version) in run.into_iter().zip(&versions) {
            noun.write_dependents(conn, *version, it.new.seq)?;
        }
        Ok(versions)
    }
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
    pub(crate) by: &'a Origin,
    pub(crate) changes: Vec<Change>,
}

/// Writes the changes of commands, versions and entries, and answers what became of them, in order. It decides
/// nothing and so refuses nothing.
pub(crate) fn apply(conn: &mut Conn, head: &mut Head, commands: Vec<Command<'_>>) -> Result<Vec<Recorded>> {
    let mut changes = commands.into_iter().flat_map(|command| {
        let Command { id, by, changes } = command;
        let last = changes.len();
        changes.into_iter().enumerate().map(move |(index, change)| (id, by, change, index + 1 == last))
    });
    let mut recorded = Vec::new();
    loop {
        let drafts = changes.by_ref().take(CHUNK).map(|(id, by, change, cut)| {
            head.seq += 1;
            let (entry, version) = draft(*head, (id, by), change)?;
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
fn draft(head: Head, (command, by): (Uuid, &Origin), change: Change) -> Result<(Entry, PendingVersion)> {
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
        actor: by.actor.clone(),
        authority_document,
        effective_on: effective_on.map(|day| day.to_string()),
        nonce,
        leaf_sha256: Vec::new(),
        client: by.client.map(|it| Id(it.uuid())),
        request_id: by.request_id.clone(),
    };
    let new = NewVersion { seq: head.seq, effective_on: day, body };
    Ok((entry, PendingVersion { noun, subject, creates, new }))
}

/// Writes versions, and their entries, which stand at consecutive positions.
fn record(conn: &mut Conn, mut entries: Vec<Entry>, pending: Vec<PendingVersion>) -> Result<Vec<Recorded>> {
    let versions = write_versions(conn, &pending)?;
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

/// Writes versions in their order and answers their numbers.
fn write_versions(conn: &mut Conn, mut pending: &[PendingVersion]) -> QueryResult<Vec<i32>> {
    let mut versions = Vec::with_capacity(pending.len());
    while let Some(first) = pending.first() {
        let written = first.noun.write_run(conn, pending)?;
        pending = pending.get(written.len()..).unwrap_or_default();
        versions.extend(written);
    }
    Ok(versions)
}
