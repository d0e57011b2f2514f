//! The registry, seen from outside.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod auth;
mod calendars;
mod certificates;
mod clock;
mod concurrency;
mod contract;
mod document;
mod edges;
mod evidence;
mod guide;
mod import;
mod laboratories;
mod ledger;
mod limits;
mod listings;
mod lists;
mod malformed;
mod organisations;
mod ownership;
mod process;
mod products;
mod reads;
mod report_evidence;
mod rows;
mod scenario;
mod schema;
mod search;
mod test_reports;
mod tidy;
mod verifications;
