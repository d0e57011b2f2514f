//! Access: who may ask, whose records are whose, and what a refusal gives away.

mod auth;
mod ownership;
mod probing;
mod revoked;
mod token_form;
