//! The list of an owner beside ours. Nothing is changed.

use super::{Line, Number, Pushed, refusal_apart};
use crate::error::Result;
use crate::ledger::View;
use lvcai_domain::{Difference, OrganisationId, Problem};

/// A record that the registry holds.
#[derive(Debug, Clone)]
pub struct Kept<N> {
    /// Its number.
    pub number: N,
    /// Its identifier.
    pub id: String,
    /// Its status, as it stands on the wire.
    pub status: &'static str,
}

/// A line beside what is held under its number.
#[derive(Debug, Clone)]
pub struct Compared<N> {
    /// Its position in the input, from 1.
    pub line: u64,
    /// The number, where the line has one.
    pub number: Option<N>,
    /// The identifier of what is held and what differs, nothing held, or why the two cannot be compared.
    pub result: Result<Option<(String, Vec<Difference>)>, Problem>,
}

/// Compares lines, no number twice, with what an owner, which must be the organisation's own, holds at the cut of a view.
///
/// # Errors
///
/// Refuses another's records. A line that cannot be compared is no error.
pub fn compare<P: Pushed>(
    view: &mut View<'_>,
    owner: &P::OwnerNumber,
    by: OrganisationId,
    lines: &[Line<P>],
) -> Result<Vec<Compared<P::Number>>> {
    let numbers: Vec<_> = lines.iter().filter_map(|it| Some(it.pushed.as_ref().ok()?.number().normalised())).collect();
    let mut held = P::find_many(view, owner, &numbers)?;
    let owner = P::own(view, owner, by)?;
    let compared = lines.iter().map(|it| {
        let result = match &it.pushed {
            Ok(pushed) => {
                let held = held.remove(&pushed.number().normalised());
                refusal_apart(pushed.compare(view, &owner, held))?
            }
            Err(problem) => Err(problem.clone()),
        };
        Ok(Compared { line: it.line, number: it.number.clone(), result })
    });
    compared.collect()
}
