//! Access: who may ask, whose records are whose, and what a refusal gives away.

mod auth;
mod calls;
mod clients;
mod dpop;
mod ledger;
mod ownership;
mod probing;
mod revoked;
mod roles;
mod token_form;
