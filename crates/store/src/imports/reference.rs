//! Loads the reference data that the program carries: only what differs is written.

use crate::code_lists;
use crate::error::Result;
use crate::ledger::{AsOf, Change, CommandContext, Decision, Registry, View};
use crate::parties::certification_bodies;
use lvcai_domain::reference::{self, CodeList, ReferenceBody};
use lvcai_domain::{CertificationBody, Event, Organisation, Role};

/// Writes the code lists and certification bodies that are new or differ, in one command, and answers whether there
/// were any.
///
/// # Errors
///
/// As [`Registry::carry_out`].
pub async fn load(registry: &Registry) -> Result<bool> {
    if registry.view_at(AsOf::Now, |view| Ok(differences(view)?.is_empty())).await? {
        return Ok(false);
    }
    // Another process may have loaded it meanwhile, so it is compared again inside the writer.
    let decide = |view: &mut View<'_>| Ok(Decision::with_outcome((), differences(view)?));
    registry.carry_out(CommandContext::operator(), decide).await?;
    Ok(true)
}

fn differences(view: &mut View<'_>) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for list in reference::code_lists() {
        let before: Option<CodeList> =
            code_lists::read(view.conn, &list.id, view.cut)?.map(|stored| stored.parse()).transpose()?;
        if before.as_ref() != Some(list) {
            changes.push(match before {
                None => Change::create(Event::CodeListLoaded, list.clone()),
                Some(_) => Change::amend(Event::CodeListLoaded, list.clone()),
            });
        }
    }
    for body in reference::certification_bodies() {
        changes.extend(differing_body(view, body)?);
    }
    Ok(changes)
}

/// A body is an organisation too. Once known it is amended by those who know
/// better than the reference data, so only a new one is written.
fn differing_body(view: &mut View<'_>, body: ReferenceBody) -> Result<Vec<Change>> {
    if certification_bodies::read(view.conn, &body.approval_number, view.cut)?.is_some() {
        return Ok(Vec::new());
    }
    let ReferenceBody { approval_number, name_zh, note, source, verified } = body;
    let organisation = Organisation {
        approval_number: Some(approval_number.clone()),
        source: Some(source.clone()),
        ..Organisation::named(&name_zh, Role::CertificationBody)
    };
    let body = CertificationBody {
        approval_number,
        name: name_zh,
        organisation: organisation.id,
        note,
        source,
        verified,
        accreditation: None,
    };
    Ok(vec![
        Change::create(Event::OrganisationRegistered, organisation),
        Change::create(Event::CertificationBodyRegistered, body),
    ])
}
