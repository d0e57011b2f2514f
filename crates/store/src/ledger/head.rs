//! The positions of the ledger: its head, which only one writer moves at a time, and the cuts that reads are at.

use super::reading::{AsOf, Asked, Moment};
use crate::error::Result;
use crate::schema::{ledger, ledger_head};
use diesel::prelude::*;
use jiff::Timestamp;
use jiff::civil::Date;
use lvcai_database::{Conn, Id, Instant, InstantColumn, on_conn, update};
use lvcai_domain::calendar::shanghai_day;
use lvcai_domain::{Fault, Problem, ProblemKind, Rule};
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

/// Resolves what a read asks about: the cut, and the day, which is that of `as_of` when none is named.
///
/// # Errors
///
/// As [`cut`].
pub fn moment(conn: &mut Conn, asked: Asked, now: Timestamp) -> Result<Moment> {
    let cut = cut(conn, asked.as_of, now)?;
    let day = match asked.valid_on {
        Some(day) => day,
        None => shanghai_day(instant(conn, asked.as_of, now)?),
    };
    Ok(Moment { cut, day })
}

/// The instant that `as_of` stands for: of a position, when it was recorded. Before the first entry nothing is known,
/// whatever the day, so that now will do.
pub fn instant(conn: &mut Conn, as_of: AsOf, now: Timestamp) -> Result<Timestamp> {
    let seq = match as_of {
        AsOf::Now => return Ok(now),
        AsOf::At(at) => return Ok(at),
        AsOf::Seq(seq) => seq,
    };
    let at: Option<Instant> = on_conn!(conn, c => ledger::table.find(seq).select(ledger::at).get_result(c).optional())?;
    Ok(at.map_or(now, Timestamp::from))
}

/// Whether a command stands in the ledger: what a writer asks after a COMMIT whose answer was lost.
pub(crate) fn has_command(conn: &mut Conn, command: Uuid) -> Result<bool> {
    let count: i64 = on_conn!(conn, c => ledger::table.filter(ledger::command.eq(Id(command))).count().get_result(c))?;
    Ok(count > 0)
}
