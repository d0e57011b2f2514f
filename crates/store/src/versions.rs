//! What every noun has in common: versions over spans of the ledger.
//!
//! The current version of a subject has `seq_to` = [`OPEN`], so that one
//! predicate, `seq_from <= N AND seq_to > N`, reads any cut N.

use crate::Result;
use diesel::QueryResult;
use jiff::Timestamp;
use jiff::civil::Date;
use lvcai_database::{Conn, Instant};
use lvcai_domain::{Event, OrganisationId};

/// The end of a version that has none yet.
pub const OPEN: i64 = i64::MAX;

/// The stored bytes of one version.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable)]
pub struct Stored {
    /// The version, from 1.
    pub version: i32,
    /// The ledger entry that made it.
    pub seq: i64,
    /// The canonical JSON.
    pub body: String,
}

impl Stored {
    /// Reads the noun back from its bytes.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Database`] when the bytes are not of that noun, which is a defect.
    pub fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        Ok(serde_json::from_str(&self.body)?)
    }
}

/// A version with the ledger entry that made it.
#[derive(Debug, Clone, PartialEq, diesel::Queryable)]
pub struct Version {
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
    pub command: lvcai_database::Id,
    /// SHA-256 of the body, or of nonce and body for a private version.
    pub body_sha256: Vec<u8>,
    /// The nonce of a private version.
    pub nonce: Option<Vec<u8>>,
    /// The canonical JSON.
    pub body: String,
}

impl Version {
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
    pub(crate) fn organisation(self) -> lvcai_database::Id {
        match self {
            Self::Organisation(id) => lvcai_database::Id(id.uuid()),
            Self::Public | Self::Everything => lvcai_database::Id(uuid::Uuid::nil()),
        }
    }

    /// Whether nothing is hidden.
    pub(crate) fn sees_everything(self) -> bool {
        self == Self::Everything
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
        if self.authority || self.organisation == owner { Ok(()) } else { Err(crate::products::not_owner().into()) }
    }
}

/// A noun as the ledger and its table keep it.
pub trait Kept: Send {
    /// The identifier on the wire.
    fn subject(&self) -> String;

    /// The canonical JSON of the public body.
    ///
    /// # Errors
    ///
    /// Fails when the body has no canonical form, which is a defect.
    fn body(&self) -> Result<String>;

    /// Whether anybody may see this version.
    fn public(&self) -> bool {
        true
    }

    /// Ends the current version, if there is one, at `seq` and answers the number of the next.
    ///
    /// # Errors
    ///
    /// Fails when the database does.
    fn succeed(&self, conn: &mut Conn, seq: i64) -> QueryResult<i32>;

    /// Writes the version.
    ///
    /// # Errors
    ///
    /// Fails when the database does.
    fn write(&self, conn: &mut Conn, at: Place) -> QueryResult<()>;
}

/// Where a version is written.
#[derive(Debug, Clone)]
pub struct Place {
    /// The version, from 1.
    pub version: i32,
    /// The ledger entry.
    pub seq: i64,
    /// The day from which it holds.
    pub effective_on: Date,
    /// The canonical JSON.
    pub body: String,
}

/// One change of a command.
pub struct Change {
    /// What happens.
    pub event: Event,
    /// The noun as it will be.
    pub noun: Box<dyn Kept>,
    /// From which day it holds, where that is not the day of recording.
    pub effective_on: Option<Date>,
    /// The document that orders it (文号).
    pub authority_document: Option<String>,
}

impl Change {
    /// A change that holds from the day of recording.
    pub fn new(event: Event, noun: impl Kept + 'static) -> Self {
        Self { event, noun: Box::new(noun), effective_on: None, authority_document: None }
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
}

/// The statements that every versioned table has, written once.
///
/// `$key` is the type of the `id` column. Tables that also hold private versions
/// read them in statements of their own, which ask who is looking.
macro_rules! versioned {
    // Nothing in the table is private.
    ($table:ident, $key:ty, public) => {
        $crate::versions::versioned!($table, $key);

        /// Reads the version at a cut, as anybody may.
        pub(crate) fn at(
            conn: &mut lvcai_database::Conn,
            id: $key,
            cut: i64,
        ) -> diesel::QueryResult<Option<$crate::Stored>> {
            use diesel::prelude::*;
            lvcai_database::on_conn!(conn, c => $table::table
                .filter($table::id.eq(id).and($table::seq_from.le(cut)).and($table::seq_to.gt(cut)))
                .select(($table::version, $table::seq_from, $table::body))
                .get_result(c)
                .optional())
        }
    };
    ($table:ident, $key:ty) => {
        /// Ends the current version at `seq` and answers the number of the next.
        pub(crate) fn succeed(
            conn: &mut lvcai_database::Conn,
            id: $key,
            seq: i64,
        ) -> diesel::QueryResult<i32> {
            use diesel::prelude::*;
            let ended: Option<i32> = lvcai_database::on_conn!(conn, c => diesel::update($table::table)
                .filter($table::id.eq(id).and($table::seq_to.eq($crate::versions::OPEN)))
                .set($table::seq_to.eq(seq))
                .returning($table::version)
                .get_result(c)
                .optional())?;
            Ok(ended.map_or(1, |version| version + 1))
        }

        /// Reads the versions known at a cut with the entries that made them, the newest first.
        pub(crate) fn history(
            conn: &mut lvcai_database::Conn,
            id: $key,
            cut: i64,
        ) -> diesel::QueryResult<Vec<$crate::Version>> {
            use crate::schema::ledger;
            use diesel::prelude::*;
            lvcai_database::on_conn!(conn, c => $table::table
                .inner_join(ledger::table.on(ledger::seq.eq($table::seq_from)))
                .filter($table::id.eq(id).and($table::seq_from.le(cut)))
                .order($table::version.desc())
                .select((
                    $table::version, ledger::seq, ledger::at, ledger::event, ledger::actor,
                    ledger::authority_document, ledger::effective_on, ledger::command,
                    ledger::body_sha256, ledger::nonce, $table::body,
                ))
                .load(c))
        }
    };
}

pub(crate) use versioned;
