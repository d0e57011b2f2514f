//! Every statement the registry runs.
//!
//! One module per noun: its row, its reads at a cut, and the decisions about
//! it. [`registry::Registry`] is what callers hold; `writer` is the one place
//! from which anything is written, and [`ledger`] the one place that numbers it.
//! A statement is written once and runs on both databases; where they differ
//! it matches on the connection, so `grep 'Conn::Postgres'` lists those places.

mod dated;
mod error;
mod readers;
mod schema;
mod texts;
mod writer;

pub mod calendars;
pub mod certificates;
pub mod certification_bodies;
pub mod clients;
pub mod clock;
pub mod code_lists;
pub mod evidence;
pub mod imports;
pub mod laboratories;
pub mod ledger;
pub mod listings;
pub mod lists;
pub mod organisations;
pub mod products;
pub mod publications;
pub mod quality;
pub mod reference;
pub mod refusals;
pub mod registry;
pub mod test_reports;
pub mod verifications;
pub mod versions;

pub use clock::Clock;
pub use error::{Error, Result};
pub use ledger::AsOf;
pub use lvcai_database::{Conn, Id};
pub use registry::{Decision, IdempotencyKey, Order, Receipt, Registry, View};
pub use versions::{Author, Change, Noun, Stored, Version, Viewer};
pub use writer::Writer;

/// How many keys one statement asks for, and how many changes are written at once: enough that the statements do not
/// count, far below what a statement may bind, few enough to be held.
const TOGETHER: usize = 500;

/// Which part of a list to read.
#[derive(Debug, Clone)]
pub struct Page {
    /// The cut to read at.
    pub cut: i64,
    /// The key of the last item of the page before, where there was one.
    pub after: Option<String>,
    /// How many items at most.
    pub limit: i64,
}

impl Page {
    /// The key of the page before, for lists ordered by identifier.
    pub(crate) fn after_id(&self) -> Option<Id> {
        self.after.as_deref().and_then(|after| uuid::Uuid::try_parse(after).ok()).map(Id)
    }
}
