//! Publishing: lists, their publications, and what stands in them.

mod listings;
mod lists;
