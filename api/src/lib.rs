//! The HTTP face of the registry.
//!
//! One module per noun: the shapes it has on the wire as requests, and its
//! handlers. `routes` mounts them and, by mounting them, documents them.
//! Nouns stand in areas; what they have in common is in `http`.

#![expect(unused_qualifications, reason = "what utoipa's macros write names its parameters in full")]

mod access;
mod batches;
mod calls;
mod conformity;
mod connections;
mod deprecated;
mod docs;
mod health;
mod http;
mod keys;
mod openapi;
mod parties;
mod products;
mod proofs;
mod publishing;
mod quotas;
mod reference;
mod routes;
mod server;
mod service;
mod unanswered;
mod uploads;
mod verifications;
mod watch;

pub mod cli;

pub use deprecated::Deprecation;
pub use keys::{Keys, KeysError};
pub use openapi::{document, yaml};
pub use server::{Running, ServeError, serve};
pub use service::AppState;
pub use watch::{Resumed, Watch};
