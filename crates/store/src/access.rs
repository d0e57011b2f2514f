//! Who may call: clients and the assertions they have used, and what was refused to whom.

mod assertions;

pub mod calls;
pub mod clients;
pub mod refusals;
