//! What every read has in common: up to where it knows the registry, who is looking, which part of a list.

use crate::error::{Error, Result};
use jiff::Timestamp;
use jiff::civil::Date;
use lvcai_database::{Id, Instant};
use lvcai_domain::{OrganisationId, Problem, ProblemKind};

/// How many keys one statement asks for, and how many changes are written at once: enough that the statements do not
/// count, far below what a statement may bind, few enough to be held.
pub(crate) const CHUNK: usize = 500;

/// Up to where a read shall know the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AsOf {
    /// All that is known now.
    #[default]
    Now,
    /// What was known at a position: the last cut at or before it.
    Seq(i64),
    /// What was known at an instant: the last cut recorded by then.
    At(Timestamp),
}

/// The day by which whatever is scheduled holds: a read on it sees the newest version of each record.
pub const NEWEST: Date = Date::MAX;

/// What a read asks about: the registry as it was known, and the day on which it must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    /// Up to where the registry is known.
    pub as_of: AsOf,
    /// The day. When absent that of `as_of`, so that what was known is not judged by another day than it was known on.
    pub valid_on: Option<Date>,
}

impl From<AsOf> for Asked {
    fn from(as_of: AsOf) -> Self {
        Self { as_of, valid_on: None }
    }
}

/// Which part of a list to read.
#[derive(Debug, Clone)]
pub struct Page {
    /// The cut to read at.
    pub cut: i64,
    /// The day on which what is listed must hold, where it has days.
    pub day: Date,
    /// The key of the last item of the page before, where there was one.
    pub after: Option<String>,
    /// How many items at most.
    pub limit: i64,
    /// Whether they are only counted, so that their bodies may be left out.
    pub counts: bool,
}

impl Page {
    /// The first items of all that is known at a cut, whatever is scheduled.
    pub const fn newest(cut: i64, limit: i64) -> Self {
        Self::first(cut, NEWEST, limit)
    }

    /// The first items of what holds on a day.
    pub const fn first(cut: i64, day: Date, limit: i64) -> Self {
        Self { cut, day, after: None, limit, counts: false }
    }

    /// One item more than so many, to be counted.
    pub fn counted(cut: i64, day: Date, count: usize) -> Self {
        let limit = i64::try_from(count).unwrap_or(i64::MAX).saturating_add(1);
        Self { counts: true, ..Self::first(cut, day, limit) }
    }

    /// The day, as it is seen from the cut.
    pub fn moment(&self) -> Moment {
        Moment { cut: self.cut, day: self.day }
    }

    /// The key of the page before, for lists ordered by identifier.
    pub(crate) fn after_id(&self) -> Option<Id> {
        self.after.as_deref().and_then(|after| uuid::Uuid::try_parse(after).ok()).map(Id)
    }
}

/// The stored bytes of one version.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable)]
pub struct StoredVersion {
    /// The version, from 1.
    pub version: i32,
    /// The ledger entry that made it.
    pub seq: i64,
    /// The canonical JSON.
    pub body: String,
}

impl StoredVersion {
    /// Reads the noun back from its bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Database`] when the bytes are not of that noun, which is a defect.
    pub fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        Ok(serde_json::from_str(&self.body)?)
    }
}

/// A version with the ledger entry that made it.
#[derive(Debug, Clone, PartialEq, diesel::Queryable)]
pub struct HistoryEntry {
    /// The version, from 1.
    pub version: i32,
    /// The position of the entry.
    pub seq: i64,
    /// When it was recorded.
    pub at: Instant,
    /// What happened.
    pub event: String,
    /// Who did it.
    pub actor: String,
    /// The document that orders it.
    pub authority_document: Option<String>,
    /// From which day it holds.
    pub effective_on: Option<String>,
    /// The command it belongs to.
    pub command: Id,
    /// SHA-256 of the body, or of nonce and body for a private version.
    pub body_sha256: Vec<u8>,
    /// The nonce of a private version.
    pub nonce: Option<Vec<u8>>,
    /// The canonical JSON.
    pub body: String,
}

impl HistoryEntry {
    /// When it was recorded.
    pub fn recorded_at(&self) -> Timestamp {
        self.at.into()
    }
}

/// Who is looking: part of every predicate on what may be private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// Anybody: what is public.
    Public,
    /// An organisation: what is public and its own.
    Organisation(OrganisationId),
    /// The authority and the auditor: everything.
    Everything,
}

impl Viewer {
    /// The organisation whose own records are shown beside the public ones.
    pub(crate) fn organisation(self) -> Id {
        match self {
            Self::Organisation(id) => Id(id.uuid()),
            Self::Public | Self::Everything => Id(uuid::Uuid::nil()),
        }
    }

    /// Whether nothing is hidden.
    pub(crate) fn sees_everything(self) -> bool {
        self == Self::Everything
    }
}

/// What may be seen: who is looking, and at which cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visible {
    /// The cut to read at.
    pub cut: i64,
    /// Who is looking.
    pub viewer: Viewer,
}

/// A day as it is seen from a cut: what was known then of what holds on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The cut to read at.
    pub cut: i64,
    /// The day asked about.
    pub day: Date,
}

impl Moment {
    /// All that is known at a cut, whatever is scheduled.
    pub const fn newest(cut: i64) -> Self {
        Self { cut, day: NEWEST }
    }
}

/// Who writes. What they may see tells 403 from 404 and nothing else: reading never gives a right to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Author {
    /// The organisation that acts.
    pub organisation: OrganisationId,
    /// Whether it is an authority.
    pub authority: bool,
    /// What is seen.
    pub sees: Viewer,
}

impl Author {
    /// Requires that what is written is the author's own, or the author an authority.
    pub(crate) fn must_answer_for(self, owner: OrganisationId) -> Result<()> {
        if self.authority || self.organisation == owner { Ok(()) } else { Err(not_owner()) }
    }
}

/// The refusal of who writes what is another's.
pub(crate) fn not_owner() -> Error {
    let problem = Problem::from(ProblemKind::Forbidden);
    problem.detail("只能更改本组织的记录", "only the organisation that owns the record may change it").into()
}

/// The predicate that reads any cut: the version that was made by then and not ended yet.
macro_rules! known_at {
    ($table:ident, $cut:expr) => {
        $table::seq_from.le($cut).and($table::seq_to.gt($cut))
    };
}

pub(crate) use known_at;

/// Narrows a boxed query by what was asked, where it was: `narrow!(query, filter.kind, |kind| products::kind.eq(kind))`.
macro_rules! narrow {
    ($query:ident, $asked:expr, |$it:ident| $predicate:expr) => {
        if let Some($it) = $asked {
            $query = $query.filter($predicate);
        }
    };
}

pub(crate) use narrow;

/// Loads a page of an ordered query: of each item its key and its body, or its key alone where they are counted.
macro_rules! load_page {
    ($c:ident, $query:expr, $page:expr, ($key:expr, $body:expr)) => {
        if $page.counts {
            let no_body = diesel::IntoSql::into_sql::<diesel::sql_types::Text>("");
            $query.limit($page.limit).select(($key, no_body)).load($c)
        } else {
            $query.limit($page.limit).select(($key, $body)).load($c)
        }
    };
}

pub(crate) use load_page;
