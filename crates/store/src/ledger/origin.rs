//! Who acts: what the log commits to of it, and what is kept beside for the auditor.

use lvcai_domain::ClientId;

/// Who acts, and by which request. The log commits to the actor alone; the rest is for the auditor.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The organisation that acts, `operator`, or `clock`.
    pub actor: String,
    /// The client, where one acts for it.
    pub client: Option<ClientId>,
    /// The id of the request, where there was one.
    pub request_id: Option<String>,
}

impl Origin {
    /// An act of nobody's client: at the command line, or by the clock.
    pub fn of(actor: impl Into<String>) -> Self {
        Self { actor: actor.into(), client: None, request_id: None }
    }
}
