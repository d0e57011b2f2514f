//! Certification bodies.

use crate::error::{Error, Result};
use crate::ledger::{
    Change, Decision, Page, StoredVersion, Versioned, View, known_at, named, narrow, not_owner, row, versioned,
};
use crate::parties::organisations;
use crate::schema::certification_bodies;
use diesel::prelude::*;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::body_names::body_key;
use lvcai_domain::{
    Accreditation, ApprovalNumber, BodyNames, BodyStatement, CertificationBody, Event, Fault, Organisation,
    OrganisationId, Problem, ProblemKind, Role, Rule, Uscc,
};
use lvcai_trust::canonical;

versioned!(certification_bodies: String, read by number: &ApprovalNumber => number.to_string());
named!(certification_bodies);

row! {
    certification_bodies: String = it.approval_number.to_string(), of |it: &CertificationBody, new| {
        organisation: Id = Id(it.organisation.uuid()),
        names: String = it.search_keys(),
    }
}

impl Versioned for CertificationBody {
    fn subject(&self) -> String {
        self.approval_number.to_string()
    }
}

/// What a list of certification bodies is narrowed by.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// A whole name of now or before, an alias or the approval number, whatever its spelling.
    pub name: Option<String>,
    /// A part of one.
    pub part: Option<String>,
}

/// Lists certification bodies at a cut by approval number.
///
/// # Errors
///
/// Refuses a text in which there is nothing to look for.
pub fn list(conn: &mut Conn, filter: &Filter, page: &Page) -> Result<Vec<(String, String)>> {
    // A key holds letters and digits only, so nothing in it is a sign of LIKE.
    let whole = filter.name.as_deref().map(|name| searched(name, "name")).transpose()?.map(|it| format!("%\n{it}\n%"));
    let part = filter.part.as_deref().map(|part| searched(part, "q")).transpose()?.map(|it| format!("%{it}%"));
    Ok(on_conn!(conn, c => {
        let mut query = certification_bodies::table
            .filter(known_at!(certification_bodies, page.cut))
            .into_boxed();
        narrow!(query, &whole, |text| certification_bodies::names.like(text));
        narrow!(query, &part, |text| certification_bodies::names.like(text));
        narrow!(query, &page.after, |after| certification_bodies::id.gt(after));
        query
            .order(certification_bodies::id.asc())
            .limit(page.limit)
            .select((certification_bodies::id, certification_bodies::body))
            .load(c)
    })?)
}

fn searched(text: &str, parameter: &str) -> Result<String> {
    let key = body_key(text);
    if key.is_empty() {
        return Err(Problem::from(ProblemKind::UnknownParameter).fault(Fault::new(parameter, Rule::TextForm)).into());
    }
    Ok(key)
}

/// What all bodies are called at a cut.
pub fn names(conn: &mut Conn, cut: i64) -> Result<BodyNames> {
    let bodies: Vec<String> = on_conn!(conn, c => certification_bodies::table
        .filter(known_at!(certification_bodies, cut))
        .select(certification_bodies::body)
        .load(c))?;
    bodies.iter().map(|body| Ok(serde_json::from_str::<CertificationBody>(body)?)).collect()
}

/// Which organisation a body is.
#[derive(Debug, Clone, Default)]
pub struct WhichOrganisation {
    /// One that is registered; when absent the body's, or a new one.
    pub known: Option<OrganisationId>,
    /// Its unified social credit code, where it is stated.
    pub uscc: Option<Uscc>,
    /// Organisations that look like it and are others.
    pub distinct_from: Vec<OrganisationId>,
}

/// Decides on the record of a body: registered, renamed, amended, or so already. The organisation that it is bears its
/// name.
///
/// # Errors
///
/// Refuses what contradicts itself, an organisation that does not exist or is another body, and a new organisation
/// that others look like.
pub fn put(
    view: &mut View<'_>,
    number: &ApprovalNumber,
    stated: BodyStatement,
    which: &WhichOrganisation,
) -> Result<Decision> {
    let faults = stated.faults(view.today());
    if !faults.is_empty() {
        return Err(Error::Refused(faults.into()));
    }
    let held = read(view.conn, number, view.cut)?;
    let before: Option<CertificationBody> = held.as_ref().map(|it| it.parse()).transpose()?;
    let (organisation, follows) = organisation(view, (number, before.as_ref()), &stated, which)?;
    let change = match &before {
        None => {
            let body = CertificationBody::registered(number.clone(), organisation, stated);
            Some(Change::create(Event::CertificationBodyRegistered, body))
        }
        Some(before) => before.restated(stated, view.today()).map(|(event, after)| Change::amend(event, after)),
    };
    match (change, follows, held) {
        (Some(change), follows, _) => Ok(Decision::changes(change, follows.into_iter().collect())),
        (None, None, Some(held)) => Ok(Decision::unchanged(number.to_string(), held)),
        (None, Some(change), _) => Ok(Decision::change(change)),
        (None, None, None) => Err(Error::Database("a body that is neither new nor known".into())),
    }
}

/// The organisation that a body is, and what changes of it.
fn organisation(
    view: &mut View<'_>,
    (number, before): (&ApprovalNumber, Option<&CertificationBody>),
    stated: &BodyStatement,
    which: &WhichOrganisation,
) -> Result<(OrganisationId, Option<Change>)> {
    let refused = |zh, en| Err(Fault::new("/organisation", Rule::NotAllowed).detail(zh, en).into());
    let known = before.map(|it| it.organisation);
    if known.is_some() && which.known.is_some() && known != which.known {
        return refused("该认证机构已是另一组织", "the body is another organisation already");
    }
    let Some(id) = known.or(which.known) else {
        let new = Organisation {
            uscc: which.uscc.clone(),
            approval_number: Some(number.clone()),
            source: Some(stated.source.clone()),
            ..Organisation::named(&stated.name, Role::CertificationBody)
        };
        organisations::check_likely_duplicates(view, &new, &which.distinct_from)?;
        return Ok((new.id, Some(Change::create(Event::OrganisationRegistered, new))));
    };
    let Some(stored) = organisations::read(view.conn, id, view.cut)? else {
        return Err(Fault::new("/organisation", Rule::UnknownReference).into());
    };
    let held: Organisation = stored.parse()?;
    if held.roles.contains(&Role::Authority) {
        return refused("主管部门不是认证机构", "an authority is no certification body");
    }
    if held.approval_number.as_ref().is_some_and(|it| it != number) {
        return refused("该组织是另一批准号的认证机构", "the organisation is the body of another approval number");
    }
    let mut after = Organisation { name: stated.name.clone(), approval_number: Some(number.clone()), ..held.clone() };
    after.uscc = which.uscc.clone().or(after.uscc);
    if !after.roles.contains(&Role::CertificationBody) {
        after.roles.push(Role::CertificationBody);
        after.roles.sort();
    }
    if after == held {
        return Ok((id, None));
    }
    if after.is_renamed(&held) {
        organisations::check_likely_duplicates(view, &after, &which.distinct_from)?;
    }
    Ok((id, Some(Change::amend(Event::OrganisationAmended, after))))
}

/// What follows for a body when the organisation that it is gets another name: it has that name too, which nobody has
/// checked against the approving authority's publication.
pub(crate) fn follow_organisation(view: &mut View<'_>, organisation: &Organisation) -> Result<Option<Change>> {
    let Some(number) = &organisation.approval_number else { return Ok(None) };
    let Some(stored) = read(view.conn, number, view.cut)? else { return Ok(None) };
    let before: CertificationBody = stored.parse()?;
    if before.organisation != organisation.id || before.name == organisation.name {
        return Ok(None);
    }
    let event = if before.is_called(&organisation.name) {
        Event::CertificationBodyAmended
    } else {
        Event::CertificationBodyRenamed
    };
    let after = CertificationBody {
        source: "组织名称变更".to_owned(),
        verified: false,
        ..before.renamed(&organisation.name, view.today())
    };
    Ok(Some(Change::amend(event, after)))
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

/// What a record of a body says of its accreditation, as a record of its own.
///
/// # Errors
///
/// Those of the database.
pub fn accreditation(record: &StoredVersion) -> Result<Option<StoredVersion>> {
    let &StoredVersion { version, seq, .. } = record;
    Ok(accreditation_of(&record.body)?.map(|body| StoredVersion { version, seq, body }))
}

/// The accreditation in the canonical JSON of a body, as canonical JSON.
///
/// # Errors
///
/// Those of the database.
pub fn accreditation_of(body: &str) -> Result<Option<String>> {
    let CertificationBody { accreditation, .. } = serde_json::from_str(body)?;
    Ok(accreditation.map(|it| canonical(&it)).transpose()?)
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
