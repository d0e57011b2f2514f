//! What nouns have in common whose versions hold from a day on, which need not be the day of recording.
//!
//! The version in effect on a day is the newest, known at the cut, that holds by then.

use crate::error::{Error, Result};
use jiff::civil::Date;
use lvcai_domain::Timeline;

/// A day as it is kept.
pub(crate) fn day(text: &str) -> Result<Date> {
    text.parse().map_err(|error: jiff::Error| Error::Database(Box::new(error)))
}

/// The timeline of a subject from the rows of its versions, the oldest first: day from which it holds, and body.
pub(crate) fn timeline<T: serde::de::DeserializeOwned>(
    rows: impl IntoIterator<Item = (String, String)>,
) -> Result<Timeline<T>> {
    rows.into_iter().map(|(from, body)| Ok((day(&from)?, serde_json::from_str(&body)?))).collect()
}

/// The statements of versioned tables whose versions hold from a day on; those of a noun that decisions judge by its
/// timeline, and what everybody may read of it on a day.
macro_rules! effective_dated {
    ($table:ident, $id:ty) => {
        /// Reads the version that is in effect on a day, as known at a cut.
        pub fn read_on(
            conn: &mut lvcai_database::Conn,
            id: $id,
            moment: $crate::ledger::Moment,
        ) -> $crate::error::Result<Option<$crate::ledger::StoredVersion>> {
            use diesel::prelude::*;
            Ok(lvcai_database::on_conn!(conn, c => $table::table
                .filter($table::id.eq(lvcai_database::Id(id.uuid())))
                .filter($table::seq_from.le(moment.cut).and($table::effective_on.le(moment.day.to_string())))
                .order($table::version.desc())
                .limit(1)
                .select(($table::version, $table::seq_from, $table::body))
                .get_result(c)
                .optional())?)
        }
    };
    ($table:ident, $noun:ty, $id:ty) => {
        $crate::ledger::effective_dated!($table, $id);

        /// Reads the record that was in effect on a day, as known at a cut.
        pub fn in_effect(
            conn: &mut lvcai_database::Conn,
            id: $id,
            cut: i64,
            on: jiff::civil::Date,
        ) -> $crate::error::Result<Option<lvcai_domain::verdict::Sourced<$noun>>> {
            let known = read_on(conn, id, $crate::ledger::Moment { cut, day: on })?;
            known.map(|it| Ok(lvcai_domain::verdict::Sourced { fact: it.parse()?, seq: it.seq })).transpose()
        }

        /// Reads the versions known at a cut with the days from which they hold.
        pub(crate) fn timeline(
            conn: &mut lvcai_database::Conn,
            id: $id,
            cut: i64,
        ) -> $crate::error::Result<lvcai_domain::Timeline<$noun>> {
            use diesel::prelude::*;
            let rows: Vec<(String, String)> = lvcai_database::on_conn!(conn, c => $table::table
                .filter($table::id.eq(lvcai_database::Id(id.uuid())).and($table::seq_from.le(cut)))
                .order($table::version.asc())
                .select(($table::effective_on, $table::body))
                .load(c))?;
            $crate::ledger::timeline(rows)
        }
    };
}

pub(crate) use effective_dated;

/// The predicate of the version in effect on a day, as known at a cut: the newest that holds by then. `$later` is an
/// alias of the table; it is asked only of versions that another has followed.
macro_rules! in_effect {
    ($table:ident, $later:ident, $cut:expr, $day:expr) => {
        $table::seq_from.le($cut).and($table::effective_on.le($day)).and(
            $table::seq_to.gt($cut).or(diesel::dsl::not(diesel::dsl::exists(
                $later
                    .filter($later.field($table::id).eq($table::id))
                    .filter($later.field($table::version).gt($table::version))
                    .filter($later.field($table::seq_from).le($cut))
                    .filter($later.field($table::effective_on).le($day)),
            ))),
        )
    };
}

pub(crate) use in_effect;
