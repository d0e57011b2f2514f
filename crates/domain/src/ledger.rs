//! The ledger's envelope: the bytes that every change commits to.
//!
//! The leaf of the transparency log is the RFC 6962 hash of the envelope's
//! canonical JSON (RFC 8785). These bytes never change: a member is never
//! added, removed or renamed, and an absent value is `null`.

use jiff::civil::Date;
use serde::Serialize;

/// The actor of what the operator does at the command line.
pub const OPERATOR: &str = "operator";

/// The actor of what the passing of a day does.
pub const CLOCK: &str = "clock";

/// One change, as the log commits to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Envelope {
    /// The position: 1, 2, 3 … without gaps.
    pub seq: i64,
    /// When it was recorded: RFC 3339, UTC, six decimals. Never runs backwards.
    pub at: String,
    /// What happened.
    pub event: String,
    /// What it happened to. For a private subject, SHA-256(nonce ‖ subject) in hex.
    pub subject: String,
    /// Which version of the subject this made, from 1.
    pub subject_version: i32,
    /// SHA-256 of the body in hex. For a private subject, SHA-256(nonce ‖ body).
    pub body_sha256: String,
    /// The command that this entry belongs to, a UUID.
    pub command: String,
    /// Whether this is the last entry of its command.
    pub cut: bool,
    /// The organisation that did it, `operator`, or `clock`. For a private subject, `null`.
    pub actor: Option<String>,
    /// The document that orders it (文号), where there is one. For a private subject, `null`.
    pub authority_document: Option<String>,
    /// The day from which it holds, where that is not the day of recording. For a private subject, `null`.
    pub effective_on: Option<Date>,
}

/// Writes an instant as the registry always does: RFC 3339, UTC, six decimals.
pub fn instant(at: jiff::Timestamp) -> String {
    format!("{at:.6}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_instant_has_one_spelling() {
        let at: jiff::Timestamp = "2026-11-22T08:30:00.1Z".parse().unwrap();

        assert_eq!(super::instant(at), "2026-11-22T08:30:00.100000Z");
    }
}
