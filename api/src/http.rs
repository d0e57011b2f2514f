//! What all operations have in common: who asks, what a request may hold, and how it is answered.
//!
//! A noun imports from here and never from another noun, and nothing here imports a noun.

pub(crate) mod accept;
pub(crate) mod answer;
pub(crate) mod asset;
pub(crate) mod astray;
pub(crate) mod caller;
pub(crate) mod checks;
pub(crate) mod conditions;
pub(crate) mod days;
pub(crate) mod failure;
pub(crate) mod headers;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod language;
pub(crate) mod middleware;
pub(crate) mod paging;
pub(crate) mod params;
pub(crate) mod patch;
pub(crate) mod possession;
pub(crate) mod put;
mod rate;
pub(crate) mod request;
pub(crate) mod upgrade;
pub(crate) mod upload;

pub(crate) use answer::{Answer, Items, VersionOf};
pub(crate) use caller::{Anybody, Audience, Caller};
pub(crate) use days::{OnDay, OnDayOrLatest};
pub(crate) use failure::{Failure, FaultDocument, ProblemDocument, Telling};
pub(crate) use language::Language;
pub(crate) use paging::{List, ListOn, PageParams, PresentPageParams};
pub(crate) use params::{NoParams, ReadParams, path_id, path_key};
pub(crate) use patch::MergePatch;
pub(crate) use put::Put;
pub(crate) use request::{Body, Query, Read, ReadOn, Write};
pub(crate) use upload::Upload;
