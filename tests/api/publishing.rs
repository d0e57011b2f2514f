//! Publishing: lists, their publications, and what stands in them.

mod list_imports;
mod listings;
mod lists;
