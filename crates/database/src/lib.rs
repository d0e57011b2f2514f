//! SQLite and PostgreSQL behind one connection type.
//!
//! This crate knows how values are kept, how connections open and how a
//! transaction begins and ends. It knows none of the registry's nouns, so
//! nothing here changes when they do.

mod column;
mod conn;
mod patience;
mod pool;
mod update;

pub use column::{Id, IdColumn, Instant, InstantColumn};
pub use conn::{Conn, OpenError, is_registry, migrate};
pub use patience::{is_exhausted, is_locked};
pub use pool::{Pool, PoolError, Pooled};
pub use update::{Update, update};

#[doc(hidden)]
pub use diesel;
