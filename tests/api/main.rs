//! The registry, seen from outside.
//!
//! The areas are those of the other floors; `contract` walks the document, `ledger` looks at the rows behind the answers.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod access;
mod client;
mod conformity;
mod contract;
mod dice;
mod docs;
mod import;
mod ledger;
mod model;
mod operations;
mod parties;
mod process;
mod products;
mod publishing;
mod scenario;
mod tidy;
mod verifications;
