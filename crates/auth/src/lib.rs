//! Who is asking, and what may they do: client assertions, proofs of possession, access tokens and scopes.
//!
//! It speaks no HTTP, keeps no state and reads no clock: `now` is given, and remembering which
//! `jti` was used is the caller's.

mod assertion;
mod dpop;
mod jws;
mod keys;
mod scope;
mod token;

pub use assertion::{Assertion, AssertionError, peek_client, verify_assertion};
pub use dpop::{Proof, ProofError, ProvedRequest, REMEMBERED, verify_proof};
pub use jws::JwsError;
pub use keys::{ALGORITHMS, ClientKeys, KeyError, KeyFault, client_key};
// The words are the registry's; who speaks OAuth finds them beside their set.
pub use lvcai_domain::Scope;
pub use scope::{Scopes, UnknownScope};
pub use token::{Access, Grant, Issuer, TTL, TokenError, TokenKey, TokenKeyError, generate_client_key};
