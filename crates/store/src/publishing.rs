//! What the city says: lists, their publications, and the listings that follow what they rest on.

pub(crate) mod following;

pub mod impact;
pub mod list_imports;
pub mod listings;
pub mod lists;
pub mod publications;
