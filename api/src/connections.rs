//! Connections within bounds: of number, of time, and of what is held for them. See decision 18.
//!
//! HTTP itself is actix's; it knows nothing of nouns, nor of what is asked.

mod answer;
mod budget;
mod connection;
mod limits;
mod stream;

pub(crate) use answer::{Asked, PIECE};
pub(crate) use budget::Charge;
pub(crate) use limits::{BodyShare, Limits, Peer};
pub(crate) use stream::Stream;
