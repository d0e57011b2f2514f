//! The registry, seen from outside.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod scenario;
mod ledger;
mod reads;
mod rows;
mod schema;
mod tidy;
mod contract;
mod document;
mod limits;
