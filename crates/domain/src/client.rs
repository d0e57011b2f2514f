//! Clients: the programs that act for an organisation.

use crate::{ClientId, OrganisationId};
use serde::{Deserialize, Serialize};

/// Whether a client may still get tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientStatus {
    /// It may.
    Active,
    /// It may not, nor do the tokens it holds count any longer.
    Revoked,
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
