//! Clients: the programs that act for an organisation.

use crate::ids::{ClientId, OrganisationId};
use crate::problem::Fault;
use crate::rule::Rule;
use crate::spelling::says_nothing;
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

impl Client {
    /// Requires a holder that is named: two approvals need two of them, and nobody is not another.
    ///
    /// # Errors
    ///
    /// Refuses a name that is blank or says nothing.
    pub fn check_holder(&self) -> Result<(), Fault> {
        if says_nothing(&self.holder) { Err(Fault::new("/holder", Rule::Required)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_is_somebody() {
        let held_by = |holder: &str| Client {
            id: ClientId::mint(),
            organisation: OrganisationId::mint(),
            holder: holder.to_owned(),
            scopes: Vec::new(),
            keys: serde_json::Value::Null,
            status: ClientStatus::Active,
        };
        for holder in ["h", "bureau-1", "审批科 2"] {
            assert!(held_by(holder).check_holder().is_ok(), "{holder}");
        }
        for nobody in ["", "  ", "\u{3000}\n", "\u{200b}", "-", "／", "无"] {
            assert_eq!(held_by(nobody).check_holder().unwrap_err().pointer, "/holder", "{nobody:?}");
        }
    }
}
