//! Clients: the programs that act for an organisation.

use crate::ids::{ClientId, OrganisationId};
use crate::wire_names::wire_names;
use serde::{Deserialize, Serialize};

wire_names! {
    /// Whether a client may still get tokens.
    pub enum ClientStatus named by name {
        /// It may.
        Active "active",
        /// It may not, nor do the tokens it holds count any longer.
        Revoked "revoked",
    }
}

/// A program that acts for an organisation. Clients are private.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Client {
    /// Names the client; the `client_id` of OAuth.
    pub id: ClientId,
    /// For whom it acts.
    pub organisation: OrganisationId,
    /// The person or office that holds its keys, as an opaque name.
    pub holder: String,
    /// What its tokens may do.
    pub scopes: Vec<String>,
    /// Its public keys, a JWKS (RFC 7517).
    pub keys: serde_json::Value,
    /// Whether it may still get tokens.
    pub status: ClientStatus,
}
