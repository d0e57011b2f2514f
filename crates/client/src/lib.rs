//! A client of the registry: tokens, pages, retries and signed documents, so that a program says only what it wants.
//!
//! ```no_run
//! use lvcai_client::{Credentials, Error, Registry, segment};
//! use serde_json::{Value, json};
//!
//! # fn main() -> Result<(), Error> {
//! // What is public needs no credentials. Pages are followed by themselves, all at one cut of the ledger.
//! let registry = Registry::at("https://registry.example");
//! for product in registry.list::<Value>("/v1/products").query("q", "石膏") {
//!     println!("{}", product?["name"]);
//! }
//!
//! // Who writes has a client of the registry and its private key. Tokens are got and renewed when they are needed.
//! let key = std::fs::read_to_string("body.pem").expect("a readable file");
//! let registry = registry.with(Credentials::new("clnt_01a2…", &key)?);
//! let number = segment("CABR-01(02)/(2026)-CGP-035");
//! let certificate = format!("/v1/certification-bodies/CNCA-R-2006-148/certificates/{number}");
//! let record = registry.get(&certificate).send()?;
//! let mut body: Value = record.parse()?;
//! body["reported_status"] = json!("02");
//! let answer = registry.put(&certificate).body(&body).if_match(&record.etag().unwrap_or_default()).send();
//!
//! // A refusal is a problem of the catalogue.
//! match answer {
//!     Ok(record) => println!("stands in the ledger at {:?}", record.registry_seq()),
//!     Err(error) if error.is("precondition-failed") => println!("somebody else has changed it meanwhile"),
//!     Err(error) => return Err(error),
//! }
//!
//! // A published list is worth the same without the registry, by the keys that one has kept.
//! let keys = registry.keys()?;
//! let document = registry.publication("green-building-materials", 1, &keys)?;
//! println!("{} entries, signed by {}", document.entries().len(), document.issuer());
//! # Ok(())
//! # }
//! ```
//!
//! **What is sent again.** A connection that fails or is lost, 429 and 503 are tried again, after the time that the
//! registry names or after a growing one, within [`Registry::tries`] and [`Registry::deadline`]; nothing else is.
//! Every write bears an idempotency key, its caller's or a new one, and bears the same at each try: so a repeat is
//! answered what was done, and does nothing twice.
//!
//! **A token may be bound** to the client's key by [`Credentials::bound`]: whoever reads it in a log has nothing.
//!
//! **What is answered** is open: fields and values may be added at any time. So bodies are
//! [`serde_json::Value`]s or types of the caller, and this crate does not use the types of `lvcai-domain`, which refuse
//! what they do not know, as the registry must. Besides they would bring the whole of its rules and tables.
//!
//! It blocks the thread that calls. [`Registry`] is cheap to clone and is shared among threads, which share its token
//! and its connections.

mod address;
mod credentials;
mod document;
mod error;
mod items;
mod link;
mod private_key;
mod problem;
mod proof;
mod record;
mod registry;
mod request;
mod retry;
mod session;

pub use address::segment;
pub use credentials::{Credentials, sign_assertion, sign_claims};
pub use document::{Publication, VerificationError, verify_document};
pub use error::Error;
pub use items::{Items, Page};
pub use lvcai_trust::Jwks;
pub use private_key::PrivateKeyError;
pub use problem::{Fault, Problem, Source};
pub use proof::{ProvedRequest, sign_proof};
pub use record::Record;
pub use registry::Registry;
pub use request::Request;
