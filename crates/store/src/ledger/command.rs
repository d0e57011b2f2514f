//! Commands: what a decision may see, what it decides, and what whoever asked is answered.

use super::entries::Change;
use super::origin::Origin;
use super::reading::{Moment, StoredVersion};
use crate::error::Result;
use jiff::Timestamp;
use jiff::civil::Date;
use lvcai_database::Conn;
use lvcai_domain::ClientId;
use lvcai_domain::calendar::shanghai_day;
use lvcai_domain::ledger::{CLOCK, OPERATOR};
use lvcai_trust::Digest;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a decision may see: the registry at a cut, which is the head where something will be written.
pub struct View<'a> {
    /// The connection, to read on.
    pub conn: &'a mut Conn,
    /// The cut to read at.
    pub cut: i64,
    /// The instant under which changes will be recorded.
    pub now: Timestamp,
    /// Identifiers for what the decision makes, the next one last: a demo gives those that the document's examples
    /// name. There are none elsewhere.
    pub ids: Vec<Uuid>,
}

impl View<'_> {
    /// The present day in Asia/Shanghai.
    pub fn today(&self) -> Date {
        shanghai_day(self.now)
    }

    /// An identifier for something new.
    pub(crate) fn mint<T: From<Uuid>>(&mut self) -> T {
        self.ids.pop().unwrap_or_else(Uuid::now_v7).into()
    }

    /// The present day as it is seen from the cut.
    pub fn moment(&self) -> Moment {
        Moment { cut: self.cut, day: self.today() }
    }
}

/// What shall happen, decided and not yet done, with what is told once it is: the record of the request, or whatever
/// the work of an import or of the clock amounts to.
pub struct Decision<T = Answer> {
    pub(crate) changes: Vec<Change>,
    pub(crate) outcome: T,
}

/// The record that a request is answered with.
pub enum Answer {
    /// What the first of the changes makes of it.
    Changed,
    /// The record as it is: it is so already.
    Unchanged(String, StoredVersion),
}

impl Decision {
    /// A change, whose record is answered.
    pub fn change(change: Change) -> Self {
        Self::changes(change, Vec::new())
    }

    /// A change, whose record is answered, and others of the same command.
    pub fn changes(answer: Change, more: Vec<Change>) -> Self {
        Self { changes: std::iter::once(answer).chain(more).collect(), outcome: Answer::Changed }
    }

    /// Nothing: the record of this identifier is so already.
    pub fn unchanged(subject: impl Into<String>, stored: StoredVersion) -> Self {
        Self::nothing(Answer::Unchanged(subject.into(), stored))
    }
}

impl<T> Decision<T> {
    /// Changes that answer no record.
    pub fn with_outcome(outcome: T, changes: Vec<Change>) -> Self {
        Self { changes, outcome }
    }

    /// Nothing is to be done.
    pub fn nothing(outcome: T) -> Self {
        Self { changes: Vec::new(), outcome }
    }
}

/// What a decision would do, and has not done.
pub struct Preview {
    /// What would be answered, as far as it is known before writing.
    pub receipt: Receipt,
    /// Every change that would be made, what follows from the decision among them.
    pub changes: Vec<Change>,
}

/// On whose behalf a command runs.
#[derive(Debug, Clone)]
pub struct CommandContext {
    /// Who acts.
    pub by: Origin,
    /// The key under which a repeat is recognised.
    pub idempotency: Option<IdempotencyKey>,
    /// Whether to decide alone and change nothing.
    pub validate_only: bool,
}

impl CommandContext {
    /// A command of the operator, at the command line.
    pub fn operator() -> Self {
        Self::of(OPERATOR)
    }

    /// A command of the clock.
    pub(crate) fn clock() -> Self {
        Self::of(CLOCK)
    }

    /// A command of whoever acts under this name.
    pub(crate) fn of(actor: &str) -> Self {
        Self { by: Origin::of(actor), idempotency: None, validate_only: false }
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

impl Receipt {
    /// The record as it is.
    pub(super) fn unchanged(subject: String, stored: StoredVersion, cut: i64) -> Self {
        let StoredVersion { version, body, .. } = stored;
        Self { created: false, subject, version, cut, body, replayed: false, validated_only: false }
    }

    /// What a change would make of its record; only writing it gives it a number.
    pub(super) fn foreseen(change: &Change, cut: i64) -> Result<Self> {
        let (subject, body) = (change.noun.subject(), change.noun.body()?);
        let created = change.creates;
        Ok(Self { created, subject, version: 0, cut, body, replayed: false, validated_only: true })
    }
}
