//! Holds a database against its own digests, leaves and signatures, and names each row that is wrong.
//!
//! It reads alone, in one transaction, so that it may run beside a server and over a backup. Everything is read by
//! pages: how much there is does not matter to memory.

mod entries;
mod finding;
mod owners;
mod publications;
mod search_texts;
mod tables;
mod versions;

pub use finding::{Auditor, Finding};
pub use publications::newest_document;

use crate::error::Result;
use crate::ledger::{self, Head};
use finding::report;
use lvcai_database::Conn;
use lvcai_domain::Irregularity;
use lvcai_trust::{Digest, Jwks};

/// What a database is held against that is not in it.
#[derive(Debug, Clone, Default)]
pub struct Held {
    /// The public keys of documents; without them signatures are not verified.
    pub keys: Option<Jwks>,
    /// The position that was signed last, with its leaf.
    pub signed: Option<(i64, Option<Digest>)>,
}

/// Audits the database behind a connection; answers where its ledger ends.
///
/// # Errors
///
/// [`crate::Error::Database`] when it cannot be read.
pub fn run(conn: &mut Conn, held: &Held, auditor: &mut dyn Auditor) -> Result<Head> {
    conn.batch_execute(match conn {
        Conn::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        Conn::Sqlite(_) => "BEGIN",
    })?;
    let done = inside(conn, held, auditor);
    conn.batch_execute("ROLLBACK")?;
    done
}

fn inside(conn: &mut Conn, held: &Held, auditor: &mut dyn Auditor) -> Result<Head> {
    let head = ledger::head(conn)?;
    let mut covered = entries::check(conn, head, auditor)?;
    for table in tables::TABLES {
        versions::check(conn, table, &mut covered, auditor)?;
    }
    for seq in covered.uncovered() {
        report(auditor, Irregularity::NoVersion, format!("ledger {seq}"), "");
    }
    publications::check(conn, held.keys.as_ref(), auditor)?;
    owners::check(conn, auditor)?;
    search_texts::check(conn, auditor)?;
    check_signed(conn, head, held.signed, auditor)?;
    Ok(head)
}

fn check_signed(
    conn: &mut Conn,
    head: Head,
    signed: Option<(i64, Option<Digest>)>,
    auditor: &mut dyn Auditor,
) -> Result<()> {
    let Some((seq, leaf)) = signed else { return Ok(()) };
    if seq > head.seq {
        let seen = format!("position {seq} is signed, the database ends at {}", head.seq);
        report(auditor, Irregularity::SignedHead, format!("ledger {seq}"), seen);
    } else if seq > 0 && ledger::leaf_at(conn, seq)? != leaf {
        report(auditor, Irregularity::SignedHead, format!("ledger {seq}"), "its leaf was signed as another");
    }
    Ok(())
}
