//! Certification bodies.

use crate::error::{Error, Result};
use crate::ledger::{Change, Decision, Page, Versioned, View, known_at, narrow, not_owner, row, versioned};
use crate::schema::certification_bodies;
use diesel::prelude::*;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::{Accreditation, ApprovalNumber, CertificationBody, Event, OrganisationId, ProblemKind, name_key};

versioned!(certification_bodies: String, read by number: &ApprovalNumber => number.to_string());

row! {
    certification_bodies: String = it.approval_number.to_string(), of |it: &CertificationBody, new| {
        organisation: Id = Id(it.organisation.uuid()),
        name_key: String = name_key(&it.name),
    }
}

impl Versioned for CertificationBody {
    fn subject(&self) -> String {
        self.approval_number.to_string()
    }
}

/// Lists certification bodies at a cut by approval number.
pub fn list(conn: &mut Conn, page: &Page) -> Result<Vec<(String, String)>> {
    Ok(on_conn!(conn, c => {
        let mut query = certification_bodies::table
            .filter(known_at!(certification_bodies, page.cut))
            .into_boxed();
        narrow!(query, &page.after, |after| certification_bodies::id.gt(after));
        query
            .order(certification_bodies::id.asc())
            .limit(page.limit)
            .select((certification_bodies::id, certification_bodies::body))
            .load(c)
    })?)
}

/// Finds the bodies of an exact name, whatever its spelling.
pub fn named(conn: &mut Conn, name: &str, cut: i64) -> Result<Vec<CertificationBody>> {
    let bodies: Vec<String> = on_conn!(conn, c => certification_bodies::table
        .filter(known_at!(certification_bodies, cut))
        .filter(certification_bodies::name_key.eq(name_key(name)))
        .order(certification_bodies::id.asc())
        .select(certification_bodies::body)
        .load(c))?;
    bodies.iter().map(|body| Ok(serde_json::from_str(body)?)).collect()
}

/// The names of all bodies.
pub fn names(conn: &mut Conn, cut: i64) -> Result<Vec<String>> {
    let bodies: Vec<String> = on_conn!(conn, c => certification_bodies::table
        .filter(known_at!(certification_bodies, cut))
        .select(certification_bodies::body)
        .load(c))?;
    bodies.iter().map(|body| Ok(serde_json::from_str::<CertificationBody>(body)?.name)).collect()
}

/// Finds the approval number under which an organisation certifies.
pub fn of_organisation(conn: &mut Conn, id: OrganisationId, cut: i64) -> Result<Vec<String>> {
    Ok(on_conn!(conn, c => certification_bodies::table
        .filter(known_at!(certification_bodies, cut))
        .filter(certification_bodies::organisation.eq(Id(id.uuid())))
        .select(certification_bodies::id)
        .load(c))?)
}

/// Decides on what a body is accredited for.
///
/// # Errors
///
/// Refuses an unknown body and an accreditation that contradicts itself.
pub fn accredit(view: &mut View<'_>, number: &ApprovalNumber, accreditation: &Accreditation) -> Result<Decision> {
    let stored = read(view.conn, number, view.cut)?.ok_or(ProblemKind::NotFound)?;
    let faults = accreditation.faults();
    if !faults.is_empty() {
        return Err(Error::Refused(faults.into()));
    }
    let before: CertificationBody = stored.parse()?;
    let after = CertificationBody { accreditation: Some(accreditation.clone()), ..before.clone() };
    if before == after {
        return Ok(Decision::unchanged(number.to_string(), stored));
    }
    Ok(Decision::change(Change::amend(Event::CertificationBodyAccredited, after)))
}

/// The body of an approval number, which must be the organisation's own.
///
/// # Errors
///
/// Refuses a body that does not exist, and another's.
pub fn own(view: &mut View<'_>, number: &ApprovalNumber, by: OrganisationId) -> Result<CertificationBody> {
    let body: CertificationBody = read(view.conn, number, view.cut)?.ok_or(ProblemKind::NotFound)?.parse()?;
    if body.organisation == by { Ok(body) } else { Err(not_owner()) }
}
