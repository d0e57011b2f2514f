//! Who is asking, and what may they do: client assertions, access tokens and scopes.
//!
//! It speaks no HTTP, keeps no state and reads no clock: `now` is given, and remembering which
//! `jti` was used is the caller's.

mod assertion;
mod jws;
mod keys;
mod scope;
mod token;

pub use assertion::{Assertion, AssertionError, peek_client, verify_assertion};
pub use jws::JwsError;
pub use keys::{ClientKeys, KeyError, KeyFault, client_key};
// The words are the registry's; who speaks OAuth finds them beside their set.
pub use lvcai_domain::Scope;
pub use scope::{Scopes, UnknownScope};
pub use token::{Access, Grant, Issuer, TTL, TokenError, TokenKey, TokenKeyError, generate_client_key};
