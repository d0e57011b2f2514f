//! The registry, seen from outside.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod auth;
mod calendars;
mod certificates;
mod clock;
mod concurrency;
mod contract;
mod crowds;
mod document;
mod edges;
mod evidence;
mod headers;
mod import;
mod laboratories;
mod ledger;
mod limits;
mod listings;
mod lists;
mod malformed;
mod order;
mod organisations;
mod ownership;
mod probing;
mod process;
mod products;
mod readers;
mod reads;
mod refusals;
mod report_evidence;
mod rows;
mod scenario;
mod schema;
mod search;
mod test_reports;
mod tidy;
mod verifications;
