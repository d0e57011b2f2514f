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

/// The rules by which changes follow from changes, as those who know the nouns give them to the ledger.
#[derive(Debug, Clone, Copy)]
pub struct Consequences {
    /// The subjects through which something may follow from each of some changes, in the same order; none for most.
    /// Two commands that meet in one of them are not decided side by side.
    pub concerned: fn(&mut View<'_>, &[&Change]) -> Result<Vec<Vec<Uuid>>>,
    /// What follows from the changes of one command, given the subjects that each concerns.
    pub follow: fn(&mut View<'_>, &[Change], &[Vec<Uuid>]) -> Result<Vec<Change>>,
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
        concerned: &[Vec<Uuid>],
    ) -> Result<Vec<Change>> {
        if concerned.iter().any(|it| !it.is_empty()) {
            let following = (self.follow)(view, &changes, concerned)?;
            changes.extend(following);
        }
        Ok(changes)
    }
}
