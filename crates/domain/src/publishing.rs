//! What the city says: lists, their publications, and the standing of products in between.

mod freezing;
pub mod impact;
pub mod publication;
mod shortfall;
pub mod standing;

pub use publication::*;
pub use shortfall::Shortfall;
