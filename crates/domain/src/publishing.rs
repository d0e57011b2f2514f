//! What the city says: lists, their publications, and the standing of products in between.

mod freezing;
pub mod impact;
pub mod list_import;
pub mod publication;
mod shortfall;
pub mod standing;

pub use list_import::{ImportedRows, LeftBecause, LeftRecord, ListImport, RecordCounts, Undone};
pub use publication::*;
pub use shortfall::Shortfall;
