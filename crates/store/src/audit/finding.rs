//! What is found, and who is told.

use lvcai_domain::Irregularity;

/// How many rows are read at once.
pub(super) const PAGE: i64 = 2000;

/// A row that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub irregularity: Irregularity,
    /// Which row: a table with the key of the row, or a position of the ledger.
    pub row: String,
    /// What was seen, where that says more.
    pub seen: String,
}

/// Who is told what an audit finds, and how far it has come.
pub trait Auditor {
    /// A row is wrong.
    fn found(&mut self, finding: Finding);

    /// So many rows of a table have been looked at, of so many as there may be.
    fn progress(&mut self, table: &str, done: i64, of: i64);
}

/// Tells of a row.
pub(super) fn report(auditor: &mut dyn Auditor, irregularity: Irregularity, row: String, seen: impl Into<String>) {
    auditor.found(Finding { irregularity, row, seen: seen.into() });
}
