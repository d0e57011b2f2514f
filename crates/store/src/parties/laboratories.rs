//! Laboratories, by the number of their CMA certificate.

use crate::error::Result;
use crate::ledger::{
    Change, Decision, Page, StoredVersion, Versioned, View, known_at, named, narrow, not_owner, row, versioned,
};
use crate::parties::organisations;
use crate::schema::laboratories;
use diesel::prelude::*;
use lvcai_database::{Conn, on_conn};
use lvcai_domain::{CmaNumber, Event, Fault, Laboratory, Organisation, OrganisationId, ProblemKind, Role, Rule};

versioned!(laboratories: String, read by number: &CmaNumber => number.to_string());
named!(laboratories);

row! {
    laboratories: String = it.cma_number.to_string(), of |it: &Laboratory, new| {
    }
}

impl Versioned for Laboratory {
    fn subject(&self) -> String {
        subject(&self.cma_number)
    }
}

/// A laboratory as the ledger names it.
pub fn subject(laboratory: &CmaNumber) -> String {
    format!("laboratory:{laboratory}")
}

/// Lists laboratories at a cut by CMA number.
pub fn list(conn: &mut Conn, page: &Page) -> Result<Vec<(String, String)>> {
    Ok(on_conn!(conn, c => {
        let mut query = laboratories::table
            .filter(known_at!(laboratories, page.cut))
            .into_boxed();
        narrow!(query, &page.after, |after| laboratories::id.gt(after));
        query
            .order(laboratories::id.asc())
            .limit(page.limit)
            .select((laboratories::id, laboratories::body))
            .load(c)
    })?)
}

/// Decides on the record of a laboratory: registered, amended, or so already.
///
/// # Errors
///
/// Refuses a validity that ends before it begins, and an organisation that does not exist or is no laboratory.
pub fn put(view: &mut View<'_>, record: &Laboratory) -> Result<Decision> {
    let held = read(view.conn, &record.cma_number, view.cut)?;
    let before: Option<Laboratory> = held.as_ref().map(StoredVersion::parse).transpose()?;
    let sample = before.as_ref().is_some_and(|it| it.sample);
    let after = Laboratory { sample, ..record.clone() };
    if let Some(stored) = held.filter(|_| before.as_ref() == Some(&after)) {
        return Ok(Decision::unchanged(after.subject(), stored));
    }
    if after.valid_until < after.valid_from {
        return Err(Fault::new("/valid_until", Rule::DateOrder).into());
    }
    check_organisation(view, after.organisation)?;
    Ok(Decision::change(match before {
        None => Change::create(Event::LaboratoryRegistered, after),
        Some(_) => Change::amend(Event::LaboratoryAmended, after),
    }))
}

fn check_organisation(view: &mut View<'_>, id: OrganisationId) -> Result<()> {
    let Some(stored) = organisations::read(view.conn, id, view.cut)? else {
        return Err(Fault::new("/organisation", Rule::UnknownReference).into());
    };
    if stored.parse::<Organisation>()?.roles.contains(&Role::Laboratory) {
        return Ok(());
    }
    let fault = Fault::new("/organisation", Rule::NotAllowed);
    Err(fault.detail("该组织没有检测机构角色", "the organisation does not have the role of a laboratory").into())
}

/// The laboratory of a number, which must be the organisation's own.
///
/// # Errors
///
/// Refuses a laboratory that does not exist, and another's.
pub(crate) fn own(view: &mut View<'_>, number: &CmaNumber, by: OrganisationId) -> Result<Laboratory> {
    let laboratory: Laboratory = read(view.conn, number, view.cut)?.ok_or(ProblemKind::NotFound)?.parse()?;
    if laboratory.organisation == by { Ok(laboratory) } else { Err(not_owner()) }
}
