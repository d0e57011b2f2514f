//! What all operations have in common: who asks, what a request may hold, and how it is answered.
//!
//! A noun imports from here and never from another noun. Nothing here knows a noun of the registry.

pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod caller;
pub(crate) mod checks;
pub(crate) mod failure;
pub(crate) mod headers;
pub(crate) mod in_order;
pub(crate) mod json;
pub(crate) mod language;
pub(crate) mod middleware;
pub(crate) mod paging;
pub(crate) mod params;
pub(crate) mod patch;
pub(crate) mod read;
pub(crate) mod request_id;
pub(crate) mod upload;
pub(crate) mod write;
