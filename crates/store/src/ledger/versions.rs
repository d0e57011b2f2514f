//! What every noun has in common: versions over spans of the ledger.
//!
//! The current version of a subject has `seq_to` = [`OPEN`], so that one
//! predicate, `seq_from <= N AND seq_to > N`, reads any cut N.

use diesel::QueryResult;
use jiff::civil::Date;
use lvcai_database::Conn;
use serde::Serialize;
use std::any::Any;

/// The end of a version that has none yet.
pub(crate) const OPEN: i64 = i64::MAX;

/// What the table of a noun has of a version; [`row!`] implements it.
pub(crate) trait HasRow {
    /// A row of the table.
    type Row: VersionRow;

    /// The row of a version. Its number is the table's to know.
    fn row(&self, new: NewVersion) -> Self::Row;
}

/// How a noun is kept, beside its row. Its body is its canonical JSON.
pub(crate) trait Versioned: HasRow + Serialize + Any + Send {
    /// The identifier on the wire.
    fn subject(&self) -> String;

    /// Whether anybody may see this version.
    fn public(&self) -> bool {
        true
    }

    /// Writes what goes with a version that was written: index rows, entries.
    fn write_dependents(&self, _conn: &mut Conn, _version: i32, _seq: i64) -> QueryResult<()> {
        Ok(())
    }
}

/// A version that is to be written.
#[derive(Debug, Clone)]
pub(crate) struct NewVersion {
    /// The ledger entry.
    pub(crate) seq: i64,
    /// The day from which it holds.
    pub(crate) effective_on: Date,
    /// The canonical JSON.
    pub(crate) body: String,
}

/// A row of a table of versions.
pub(crate) trait VersionRow: Sized {
    /// Writes rows of different subjects, which stand at consecutive positions: ends the current version of each
    /// subject that has one, and numbers the rows on from it.
    fn write(rows: &mut [Self], conn: &mut Conn) -> QueryResult<()>;

    /// The number of the version.
    fn version(&self) -> i32;
}

/// Declares `Row`, the columns of a noun's table: those that every version has, and its own, each beside its value.
///
/// `row! { lists: String = it.id.clone(), of |it: &List, new| { publisher: Id = Id(it.publisher.uuid()), } }`
macro_rules! row {
    ($table:ident: $key:ty = $id:expr, of |$it:ident: &$Noun:ty, $new:ident| {
        $($column:ident: $type:ty = $value:expr,)*
    }) => {
        #[derive(Insertable)]
        #[diesel(table_name = $table, treat_none_as_default_value = false)]
        pub(crate) struct Row {
            id: $key,
            version: i32,
            seq_from: i64,
            seq_to: i64,
            $($column: $type,)*
            body: String,
        }

        impl $crate::ledger::HasRow for $Noun {
            type Row = Row;

            fn row(&self, $new: $crate::ledger::NewVersion) -> Row {
                let $it = self;
                Row {
                    id: $id,
                    version: 0,
                    seq_from: $new.seq,
                    seq_to: $crate::ledger::OPEN,
                    $($column: $value,)*
                    body: $new.body,
                }
            }
        }
    };
}

pub(crate) use row;

/// The statements that every versioned table has, written once.
///
/// `versioned!(certificates: Id)` takes the table and the type of its column `id`; the module's `Row` is what is
/// inserted. With `read by id: CertificateId => Id(id.uuid())` it makes the public functions `read` and `versions`
/// too, for a noun that hides nothing from anybody; the others ask who is looking, in statements of their own.
macro_rules! versioned {
    ($table:ident: $key:ty, read by $id:ident: $of:ty => $column:expr) => {
        $crate::ledger::versioned!($table: $key);

        /// Reads the version known at a cut.
        pub fn read(
            conn: &mut lvcai_database::Conn,
            $id: $of,
            cut: i64,
        ) -> $crate::error::Result<Option<$crate::ledger::StoredVersion>> {
            use diesel::prelude::*;
            let id: $key = $column;
            Ok(lvcai_database::on_conn!(conn, c => $table::table
                .filter($table::id.eq(id).and($crate::ledger::known_at!($table, cut)))
                .select(($table::version, $table::seq_from, $table::body))
                .get_result(c)
                .optional())?)
        }

        /// Reads the versions known at a cut with the entries that made them, the newest first.
        pub fn versions(
            conn: &mut lvcai_database::Conn,
            $id: $of,
            cut: i64,
        ) -> $crate::error::Result<Vec<$crate::ledger::HistoryEntry>> {
            history(conn, $column, cut)
        }
    };
    ($table:ident: $key:ty) => {
        impl $crate::ledger::VersionRow for Row {
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

        /// Ends the current versions of the rows' subjects, each at the position of its row, and answers which they
        /// were.
        fn end(
            conn: &mut lvcai_database::Conn,
            rows: &[Row],
        ) -> diesel::QueryResult<std::collections::HashMap<$key, i32>> {
            use diesel::dsl::array_position;
            use diesel::prelude::*;
            use diesel::sql_types::{Array, BigInt};
            use lvcai_database::update;
            let current = $table::seq_to.eq($crate::ledger::OPEN);
            let ended = ($table::id, $table::version);
            let ended: Vec<($key, i32)> = match conn {
                lvcai_database::Conn::Postgres(c) => {
                    // The rows stand at consecutive positions, so one UPDATE finds each position by that of the id.
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

        /// Reads the versions known at a cut with the entries that made them, the newest first, whoever is looking.
        fn history(
            conn: &mut lvcai_database::Conn,
            id: $key,
            cut: i64,
        ) -> $crate::error::Result<Vec<$crate::ledger::HistoryEntry>> {
            use crate::schema::ledger;
            use diesel::prelude::*;
            Ok(lvcai_database::on_conn!(conn, c => $table::table
                .inner_join(ledger::table.on(ledger::seq.eq($table::seq_from)))
                .filter($table::id.eq(id).and($table::seq_from.le(cut)))
                .order($table::version.desc())
                .select((
                    $table::version, ledger::seq, ledger::at, ledger::event, ledger::actor,
                    ledger::authority_document, ledger::effective_on, ledger::command,
                    ledger::body_sha256, ledger::nonce, $table::body,
                ))
                .load(c))?)
        }
    };
}

pub(crate) use versioned;

/// Makes the check of a noun that filters name by its key: `named!(lists)`.
macro_rules! named {
    ($table:ident) => {
        /// Refuses a parameter whose value names nothing that is known today, whatever the cut of the read: what was not
        /// known then is found in no record of then.
        pub fn must_be_known(conn: &mut lvcai_database::Conn, key: &str, parameter: &str) -> $crate::error::Result<()> {
            use diesel::prelude::*;
            use lvcai_domain::{Problem, ProblemKind, reference};
            let current = $table::seq_to.eq($crate::ledger::OPEN);
            let found: i64 = lvcai_database::on_conn!(conn, c => $table::table
                .filter($table::id.eq(key).and(current))
                .count()
                .get_result(c))?;
            if found > 0 {
                return Ok(());
            }
            let known: Vec<String> = lvcai_database::on_conn!(conn, c => $table::table
                .filter(current)
                .select($table::id)
                .load(c))?;
            let fault = reference::code_unknown(parameter, key, known);
            Err(Problem::from(ProblemKind::UnknownParameter).fault(fault).into())
        }
    };
}

pub(crate) use named;
