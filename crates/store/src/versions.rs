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
use std::any::Any;
use std::collections::HashSet;

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
pub(crate) trait Kept: Any + Send {
    /// What its table has of a version.
    type Row: Row;

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

    /// The row of a version. Its number is the table's to know.
    fn row(&self, at: Place) -> Self::Row;

    /// Writes what goes with a version that was written.
    ///
    /// # Errors
    ///
    /// Fails when the database does.
    fn follow(&self, _conn: &mut Conn, _version: i32, _seq: i64) -> QueryResult<()> {
        Ok(())
    }
}

/// A row of a table of versions.
pub(crate) trait Row: Sized {
    /// Writes rows of different subjects, which stand at consecutive positions: ends the current version of each
    /// subject that has one, and numbers the rows on from it.
    ///
    /// # Errors
    ///
    /// Fails when the database does.
    fn write(rows: &mut [Self], conn: &mut Conn) -> QueryResult<()>;

    /// The number of the version.
    fn version(&self) -> i32;
}

/// Any noun. What is written of several is written in runs of one noun each, so that a table is asked once for many.
pub trait Noun: Any + Send {
    /// The identifier on the wire.
    fn subject(&self) -> String;

    /// The canonical JSON of the public body.
    ///
    /// # Errors
    ///
    /// Fails when the body has no canonical form, which is a defect.
    fn body(&self) -> Result<String>;

    /// Whether anybody may see this version.
    fn public(&self) -> bool;

    /// Writes the first of those that wait, of which this is the very first: as many as are of this noun and of
    /// different subjects. Answers the numbers of their versions.
    ///
    /// # Errors
    ///
    /// Fails when the database does.
    fn write(&self, conn: &mut Conn, waiting: &[Waiting]) -> QueryResult<Vec<i32>>;
}

/// A version that is to be written.
pub struct Waiting {
    pub(crate) noun: Box<dyn Noun>,
    pub(crate) subject: String,
    pub(crate) at: Place,
}

impl<N: Kept> Noun for N {
    fn subject(&self) -> String {
        Kept::subject(self)
    }

    fn body(&self) -> Result<String> {
        Kept::body(self)
    }

    fn public(&self) -> bool {
        Kept::public(self)
    }

    fn write(&self, conn: &mut Conn, waiting: &[Waiting]) -> QueryResult<Vec<i32>> {
        let mut subjects = HashSet::new();
        let run = waiting.iter().map_while(|it| {
            let noun: &dyn Any = &*it.noun;
            Some((it, noun.downcast_ref::<N>()?))
        });
        let run: Vec<_> = run.take_while(|(it, _)| subjects.insert(&it.subject)).collect();
        let mut rows: Vec<N::Row> = run.iter().map(|(it, noun)| noun.row(it.at.clone())).collect();
        N::Row::write(&mut rows, conn)?;
        let versions: Vec<i32> = rows.iter().map(N::Row::version).collect();
        for ((it, noun), version) in run.into_iter().zip(&versions) {
            noun.follow(conn, *version, it.at.seq)?;
        }
        Ok(versions)
    }
}

/// Writes versions in their order and answers their numbers.
pub(crate) fn write(conn: &mut Conn, mut waiting: &[Waiting]) -> QueryResult<Vec<i32>> {
    let mut versions = Vec::with_capacity(waiting.len());
    while let Some(first) = waiting.first() {
        let written = first.noun.write(conn, waiting)?;
        waiting = waiting.get(written.len()..).unwrap_or_default();
        versions.extend(written);
    }
    Ok(versions)
}

/// Where a version is written.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The ledger entry.
    pub(crate) seq: i64,
    /// The day from which it holds.
    pub(crate) effective_on: Date,
    /// The canonical JSON.
    pub(crate) body: String,
}

/// One change of a command.
pub struct Change {
    /// What happens.
    pub event: Event,
    /// The noun as it will be.
    pub(crate) noun: Box<dyn Noun>,
    /// From which day it holds, where that is not the day of recording.
    pub effective_on: Option<Date>,
    /// The document that orders it (文号).
    pub authority_document: Option<String>,
}

impl Change {
    /// A change that holds from the day of recording.
    pub fn new(event: Event, noun: impl Noun) -> Self {
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
/// `$key` is the type of the `id` column, and `Row` beside the invocation what is
/// inserted. Tables that also hold private versions read them in statements of their
/// own, which ask who is looking.
macro_rules! versioned {
    // Nothing in the table is private.
    ($table:ident, $key:ty, public) => {
        $crate::versions::versioned!($table, $key);

        /// Reads the version at a cut, as anybody may.
        pub(crate) fn at(
            conn: &mut lvcai_database::Conn,
            id: impl Into<$key>,
            cut: i64,
        ) -> diesel::QueryResult<Option<$crate::Stored>> {
            use diesel::prelude::*;
            lvcai_database::on_conn!(conn, c => $table::table
                .filter($table::id.eq(id.into()).and($table::seq_from.le(cut)).and($table::seq_to.gt(cut)))
                .select(($table::version, $table::seq_from, $table::body))
                .get_result(c)
                .optional())
        }
    };
    ($table:ident, $key:ty) => {
        impl $crate::versions::Row for Row {
            fn write(rows: &mut [Self], conn: &mut lvcai_database::Conn) -> diesel::QueryResult<()> {
                let ended = end(conn, rows)?;
                for row in rows.iter_mut() {
                    row.version = ended.get(&row.id).map_or(1, |version| version + 1);
                }
                lvcai_database::insert_all!(conn, $table::table, &*rows)
            }

            fn version(&self) -> i32 {
                self.version
            }
        }

        /// Ends the current versions of the rows' subjects and answers which they were. The rows stand at
        /// consecutive positions.
        fn end(
            conn: &mut lvcai_database::Conn,
            rows: &[Row],
        ) -> diesel::QueryResult<std::collections::HashMap<$key, i32>> {
            use diesel::dsl::array_position;
            use diesel::prelude::*;
            use diesel::sql_types::{Array, BigInt};
            use lvcai_database::update;
            let current = $table::seq_to.eq($crate::versions::OPEN);
            let ended = ($table::id, $table::version);
            let ended: Vec<($key, i32)> = match conn {
                lvcai_database::Conn::Postgres(c) => {
                    let ids: Vec<$key> = rows.iter().map(|row| row.id.clone()).collect();
                    let before = rows.first().map_or(0, |row| row.seq_from - 1);
                    let place = array_position::<Array<_>, _, _, _>(ids.clone(), $table::id);
                    let place = place.assume_not_null().cast::<BigInt>();
                    let set = $table::seq_to.eq(place + before);
                    update(&$table::table, set, $table::id.eq_any(ids).and(current), ended).load(c)?
                }
                lvcai_database::Conn::Sqlite(c) => {
                    let end = |row: &Row| {
                        let set = $table::seq_to.eq(row.seq_from);
                        update(&$table::table, set, $table::id.eq(&row.id).and(current), ended)
                            .get_result(c)
                            .optional()
                            .transpose()
                    };
                    rows.iter().filter_map(end).collect::<QueryResult<_>>()?
                }
            };
            Ok(ended.into_iter().collect())
        }

        /// Reads the versions known at a cut with the entries that made them, the newest first.
        pub(crate) fn history(
            conn: &mut lvcai_database::Conn,
            id: impl Into<$key>,
            cut: i64,
        ) -> diesel::QueryResult<Vec<$crate::Version>> {
            use crate::schema::ledger;
            use diesel::prelude::*;
            lvcai_database::on_conn!(conn, c => $table::table
                .inner_join(ledger::table.on(ledger::seq.eq($table::seq_from)))
                .filter($table::id.eq(id.into()).and($table::seq_from.le(cut)))
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
