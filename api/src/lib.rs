//! The HTTP face of the registry.
//!
//! One module per noun: the shapes it has on the wire as requests, and its
//! handlers. `routes` mounts them and, by mounting them, documents them.

#![expect(unused_qualifications, reason = "what utoipa's macros write names its parameters in full")]

mod calendars;
mod certificates;
mod certification_bodies;
mod code_lists;
mod evidence;
mod health;
mod http;
mod keys;
mod laboratories;
mod listings;
mod lists;
mod oauth;
mod openapi;
mod organisations;
mod problems;
mod products;
mod publications;
mod quality;
mod refusals;
mod routes;
mod server;
mod service;
mod test_reports;
mod verifications;

pub mod cli;

pub use keys::{Keys, KeysError};
pub use openapi::document;
pub use server::{Running, ServeError, serve};
pub use service::Service;
