//! The registry, seen from outside.

mod scenario;
mod ledger;
mod reads;
mod rows;
mod schema;
mod tidy;
