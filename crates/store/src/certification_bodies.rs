//! Certification bodies.

use crate::registry::{Decision, View};
use crate::schema::certification_bodies;
use crate::versions::{Change, Kept, OPEN, Place, Stored, Version, versioned};
use crate::{Page, Result, organisations};
use diesel::prelude::*;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::{Accreditation, ApprovalNumber, CertificationBody, Event, OrganisationId, ProblemKind};
use lvcai_trust::canonical;

versioned!(certification_bodies, String, public);

#[derive(Insertable)]
#[diesel(table_name = certification_bodies, treat_none_as_default_value = false)]
pub(crate) struct Row {
    id: String,
    version: i32,
    seq_from: i64,
    seq_to: i64,
    organisation: Id,
    name_key: String,
    body: String,
}

impl Kept for CertificationBody {
    type Row = Row;

    fn subject(&self) -> String {
        self.approval_number.to_string()
    }

    fn body(&self) -> Result<String> {
        Ok(canonical(self)?)
    }

    fn row(&self, at: Place) -> Row {
        Row {
            id: self.approval_number.to_string(),
            version: 0,
            seq_from: at.seq,
            seq_to: OPEN,
            organisation: Id(self.organisation.uuid()),
            name_key: organisations::name_key(&self.name),
            body: at.body,
        }
    }
}

/// Reads a certification body at a cut.
///
/// # Errors
///
/// Fails when the database does.
pub fn read(conn: &mut Conn, number: &ApprovalNumber, cut: i64) -> Result<Option<Stored>> {
    Ok(at(conn, number.to_string(), cut)?)
}

/// Reads the versions of a certification body known at a cut.
///
/// # Errors
///
/// Fails when the database does.
pub fn versions(conn: &mut Conn, number: &ApprovalNumber, cut: i64) -> Result<Vec<Version>> {
    Ok(history(conn, number.to_string(), cut)?)
}

/// Lists certification bodies at a cut by approval number.
///
/// # Errors
///
/// Fails when the database does.
pub fn list(conn: &mut Conn, page: &Page) -> Result<Vec<(String, String)>> {
    Ok(on_conn!(conn, c => {
        let mut query = certification_bodies::table
            .filter(certification_bodies::seq_from.le(page.cut).and(certification_bodies::seq_to.gt(page.cut)))
            .into_boxed();
        if let Some(after) = &page.after {
            query = query.filter(certification_bodies::id.gt(after));
        }
        query
            .order(certification_bodies::id.asc())
            .limit(page.limit)
            .select((certification_bodies::id, certification_bodies::body))
            .load(c)
    })?)
}

/// Finds the bodies of an exact name, whatever its spelling.
///
/// # Errors
///
/// Fails when the database does.
pub fn named(conn: &mut Conn, name: &str, cut: i64) -> Result<Vec<CertificationBody>> {
    let bodies: Vec<String> = on_conn!(conn, c => certification_bodies::table
        .filter(certification_bodies::seq_from.le(cut).and(certification_bodies::seq_to.gt(cut)))
        .filter(certification_bodies::name_key.eq(organisations::name_key(name)))
        .order(certification_bodies::id.asc())
        .select(certification_bodies::body)
        .load(c))?;
    bodies.iter().map(|body| Ok(serde_json::from_str(body)?)).collect()
}

/// Finds the approval number under which an organisation certifies.
///
/// # Errors
///
/// Fails when the database does.
pub fn of_organisation(conn: &mut Conn, id: OrganisationId, cut: i64) -> Result<Vec<String>> {
    Ok(on_conn!(conn, c => certification_bodies::table
        .filter(certification_bodies::seq_from.le(cut).and(certification_bodies::seq_to.gt(cut)))
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
        return Err(crate::Error::Refused(faults.into()));
    }
    let before: CertificationBody = stored.parse()?;
    let after = CertificationBody { accreditation: Some(accreditation.clone()), ..before.clone() };
    if before == after {
        return Ok(Decision::Unchanged(number.to_string(), stored));
    }
    Ok(Decision::Amend(vec![Change::new(Event::CertificationBodyAccredited, after)]))
}
