//! Every statement the registry runs.
//!
//! One module per noun: its row, its reads at a cut, and the decisions about
//! it. [`Registry`] is what callers hold; [`ledger`] is the core, in which alone
//! something is numbered and written. A statement is written once and runs on
//! both databases; where they differ it matches on the connection, so
//! `grep 'Conn::Postgres'` lists those places.

mod access;
mod conformity;
mod error;
mod parties;
mod publishing;
mod schema;
mod search_index;
mod text_form;

pub mod audit;
pub mod batches;
pub mod code_lists;
pub mod imports;
pub mod ledger;
pub mod products;
pub mod verifications;

pub use access::{calls, clients, refusals};
pub use conformity::{calendars, certificates, evidence, expiry, quality, test_reports};
pub use error::{Error, Result};
pub use imports::reference;
pub use ledger::{
    Answer, AnyVersioned, AsOf, Asked, Author, Change, Clock, CommandContext, Decision, Guard, HistoryEntry,
    IdempotencyKey, Moment, NEWEST, Observed, Origin, Page, Preview, Receipt, Registry, StoredVersion, Unguarded, View,
    Viewer, Visible, Writer,
};
pub use lvcai_database::{Conn, Id};
pub use parties::{certification_bodies, laboratories, organisations};
pub use publishing::{impact, list_imports, listings, lists, publications};

use std::sync::Arc;
use std::thread::JoinHandle;

/// Opens the registry on the database at `url`, which must have been migrated, with so many readers; what is kept in
/// the form of another release is made anew. The thread is the
/// writer's; it ends when the last clone of the registry is gone.
///
/// # Errors
///
/// [`Error::Database`] when the database cannot be reached.
pub fn open(url: &str, readers: u32, clock: Clock) -> Result<(Registry, JoinHandle<()>)> {
    open_guarded(url, readers, clock, Arc::new(Unguarded))
}

/// The same with a guard, who is asked before anything is written.
///
/// # Errors
///
/// As [`open`].
pub fn open_guarded(
    url: &str,
    readers: u32,
    clock: Clock,
    guard: Arc<dyn Guard>,
) -> Result<(Registry, JoinHandle<()>)> {
    text_form::renew(url)?;
    Registry::open(url, readers, clock, guard, publishing::following::CONSEQUENCES)
}
