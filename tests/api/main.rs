//! The registry, seen from outside.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod scenario;
mod concurrency;
mod import;
mod ledger;
mod process;
mod reads;
mod rows;
mod schema;
mod search;
mod tidy;
mod auth;
mod contract;
mod document;
mod limits;
mod malformed;
mod organisations;
mod products;
mod certificates;
mod evidence;
mod lists;
mod verifications;
