//! Records of any noun pushed by the thousand, and an owner's full list beside the registry's.
//!
//! A noun says with [`Noun`] what a line of it is and what that pushes; its handlers name the address, call [`push()`] and
//! [`reconcile()`], and write what these tell in the noun's own shapes. What a line is decided to mean, and how chunks are
//! written, is `lvcai_store::batches`.

mod lines;
mod push;
mod reconcile;
mod told;

pub(crate) use push::{BatchOptions, Done, Mode, push};
pub(crate) use reconcile::{Reconciled, Values, reconcile};
pub(crate) use told::{LineNote, LineTold, PassedRow, UnreadColumn};

use lvcai_auth::Scope;
use lvcai_store::batches::Pushed;
use serde::de::DeserializeOwned;
use std::str::FromStr;
use utoipa::ToSchema;
use validator::Validate;

/// The number of a record of a noun.
pub(crate) type NumberOf<N> = <<N as Noun>::Record as Pushed>::Number;

/// What names the owner of a record of a noun.
pub(crate) type OwnerOf<N> = <<N as Noun>::Record as Pushed>::OwnerNumber;

/// A noun whose records their owner pushes in batches.
pub(crate) trait Noun: 'static {
    /// Who may.
    const SCOPE: Scope;
    /// What is pushed.
    type Record: Pushed<Number: FromStr + DeserializeOwned, OwnerNumber: FromStr>;
    /// A line, as it is written down.
    type Input: DeserializeOwned + Validate + ToSchema + 'static;
    /// What the address says for all lines.
    type Common: Send + Sync + 'static;

    /// The number that a line names.
    fn number(line: &Self::Input) -> Option<NumberOf<Self>>;

    /// What a line pushes under a number of an owner.
    fn pushed(line: Self::Input, owner: OwnerOf<Self>, number: NumberOf<Self>, common: &Self::Common) -> Self::Record;
}
