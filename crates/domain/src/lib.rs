//! The registry's nouns, values and rules: what a fact looks like and when it is refused.
//!
//! Nothing here reads a clock, a file or a database; that belongs to `store` and `api`.
//! This file is the face for other crates, which find every noun here whatever room it is in; inside the crate an
//! import names where a thing is defined.

pub mod calendar;
pub mod catalogue;
pub mod city_list;
mod client;
mod conformity;
mod event;
mod ids;
mod invisible;
pub mod ledger;
mod parties;
mod problem;
mod product;
mod publishing;
pub mod reference;
pub mod rule;
pub mod search;
pub mod timeline;
pub mod values;
pub mod verdict;
mod wire_names;

pub use client::{Client, ClientStatus};
pub use conformity::*;
pub use event::Event;
pub use ids::*;
pub use invisible::is_invisible;
pub use ledger::Envelope;
pub use parties::*;
pub use problem::{Bilingual, Fault, Problem, ProblemKind};
pub use product::{Indicator, Product, ProductStatus};
pub use publishing::*;
pub use rule::Rule;
pub use timeline::Timeline;
pub use values::*;
