//! Loads the reference data that the program carries: only what differs is written.

use crate::code_lists;
use crate::error::Result;
use crate::ledger::{AsOf, Change, CommandContext, Decision, Registry, View};
use crate::parties::certification_bodies;
use lvcai_domain::reference::{self, CodeList, ReferenceAlias, ReferenceBody};
use lvcai_domain::{ApprovalNumber, BodyAlias, BodyStatement, CertificationBody, Event, Organisation, Role};
use std::collections::BTreeMap;

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
    let mut aliases: BTreeMap<ApprovalNumber, Vec<BodyAlias>> = BTreeMap::new();
    for ReferenceAlias { approval_number, name, source, verified } in reference::certification_body_aliases() {
        aliases.entry(approval_number).or_default().push(BodyAlias { name, source, verified });
    }
    for body in reference::certification_bodies() {
        let aliases = aliases.remove(&body.approval_number).unwrap_or_default();
        changes.extend(differing_body(view, body, aliases)?);
    }
    Ok(changes)
}

/// A body is an organisation too. Whoever knows better than the reference data has the last word, so beside a new body
/// only one is written of which nobody else has said anything.
fn differing_body(view: &mut View<'_>, body: ReferenceBody, aliases: Vec<BodyAlias>) -> Result<Vec<Change>> {
    let ReferenceBody { approval_number: number, name_zh: name, note, source, verified } = body;
    let stated =
        BodyStatement { name, former_names: None, aliases: Some(aliases), note, source, verified, renamed_on: None };
    let Some(stored) = certification_bodies::read(view.conn, &number, view.cut)? else {
        let organisation = Organisation {
            approval_number: Some(number.clone()),
            source: Some(stated.source.clone()),
            ..Organisation::named(&stated.name, Role::CertificationBody)
        };
        let body = CertificationBody::registered(number, organisation.id, stated);
        return Ok(vec![
            Change::create(Event::OrganisationRegistered, organisation),
            Change::create(Event::CertificationBodyRegistered, body),
        ]);
    };
    let before: CertificationBody = stored.parse()?;
    let after = CertificationBody { aliases: stated.aliases.unwrap_or_default(), ..before.clone() };
    if after == before || before.source != stated.source || !is_as_loaded(view, &number)? {
        return Ok(Vec::new());
    }
    Ok(vec![Change::amend(Event::CertificationBodyLoaded, after)])
}

/// Whether all that is said of a body's names is the reference data's.
fn is_as_loaded(view: &mut View<'_>, number: &ApprovalNumber) -> Result<bool> {
    let others = [Event::CertificationBodyAmended.name(), Event::CertificationBodyRenamed.name()];
    let versions = certification_bodies::versions(view.conn, number, view.cut)?;
    Ok(versions.iter().all(|it| !others.contains(&it.event.as_str())))
}
