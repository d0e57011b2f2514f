//! What follows from a change of one noun for another, and must never be seen apart from it: a listing is suspended in
//! the command that suspends its certificate.
//!
//! The ledger asks for it between the decision and the writing, for whatever makes the change: a request, a line of a
//! batch, an import, the clock, a preview. So nobody who decides has to remember it ([decision 15]).
//!
//! [decision 15]: ../../../../api/docs/decisions/0015-the-ledger-asks-for-consequences.md

use super::command::{Change, View};
use crate::error::Result;
use uuid::Uuid;

/// The subjects through which something may follow from a change; most changes concern none.
pub type Concerned = Vec<Uuid>;

/// Tells what each of some changes concerns, in the same order.
type Concern = fn(&mut View<'_>, &[&Change]) -> Result<Vec<Concerned>>;

/// Tells what follows from the changes of one command, given what each of them concerns.
type Follow = fn(&mut View<'_>, &[Change], &[Concerned]) -> Result<Vec<Change>>;

/// The rules by which changes follow from changes, as those who know the nouns give them to the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Consequences {
    /// What changes concern. Two commands that concern the same are not decided side by side.
    pub concerned: Concern,
    /// What follows from changes.
    pub follow: Follow,
}

impl Consequences {
    /// The changes of a command with what follows from them behind.
    pub(super) fn complete(self, view: &mut View<'_>, changes: Vec<Change>) -> Result<Vec<Change>> {
        if changes.is_empty() {
            return Ok(changes);
        }
        let concerned = (self.concerned)(view, &changes.iter().collect::<Vec<_>>())?;
        self.complete_with(view, changes, &concerned)
    }

    /// The same where it is known already what they concern.
    pub(super) fn complete_with(
        self,
        view: &mut View<'_>,
        mut changes: Vec<Change>,
        concerned: &[Concerned],
    ) -> Result<Vec<Change>> {
        if concerned.iter().any(|it| !it.is_empty()) {
            let following = (self.follow)(view, &changes, concerned)?;
            changes.extend(following);
        }
        Ok(changes)
    }
}
