//! Whoever has a say in whether the registry may be written to at all, beside the rules of the request.
//!
//! The ledger knows what it has locked and what time it is; whether that can be true, and what is done when it cannot,
//! is for its user to say.

use super::entries::entries;
use super::head::{Head, head};
use crate::error::Result;
use diesel::RunQueryDsl as _;
use jiff::Timestamp;
use lvcai_database::{Conn, Instant, InstantColumn};
use lvcai_trust::Digest;

/// What is seen before a group of commands is run.
#[derive(Debug, Clone, Copy)]
pub struct Observed {
    /// The head of the ledger, locked when it is the writer who asks.
    pub head: Head,
    /// The time of this process.
    pub now: Timestamp,
    /// The time of the database, where it has a clock of its own.
    pub database: Option<Timestamp>,
}

/// Asked before anything is written, and told of what was.
pub trait Guard: Send + Sync + std::fmt::Debug {
    /// Admits a group of commands.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Refused`] is the answer to each of the group, and nothing of it is run.
    fn admit(&self, conn: &mut Conn, observed: Observed) -> Result<()>;

    /// Learns to where the head has moved. What was committed stands, whatever it does.
    fn committed(&self, conn: &mut Conn, head: Head);
}

/// Admits everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unguarded;

impl Guard for Unguarded {
    fn admit(&self, _conn: &mut Conn, _observed: Observed) -> Result<()> {
        Ok(())
    }

    fn committed(&self, _conn: &mut Conn, _head: Head) {}
}

/// Sees what a guard is shown, without the lock of the head.
///
/// # Errors
///
/// [`crate::Error::Database`] when the database does not answer.
pub fn observe(conn: &mut Conn, now: Timestamp) -> Result<Observed> {
    let head = head(conn)?;
    let database = match conn {
        Conn::Postgres(c) => {
            let clock = diesel::select(diesel::dsl::sql::<InstantColumn>("clock_timestamp()"));
            let at: Instant = clock.get_result(c)?;
            Some(at.into())
        }
        Conn::Sqlite(_) => None,
    };
    Ok(Observed { head, now, database })
}

/// The hash of the leaf at a position; none where there is no entry.
///
/// # Errors
///
/// [`crate::Error::Database`] when the database does not answer.
pub fn leaf_at(conn: &mut Conn, seq: i64) -> Result<Option<Digest>> {
    let entry = entries(conn, seq - 1, 1)?.into_iter().find(|it| it.seq == seq);
    Ok(entry.and_then(|it| Digest::try_from(it.leaf_sha256.as_slice()).ok()))
}
