//! Organisations.

use crate::code_lists;
use crate::error::Result;
use crate::ledger::{Author, Change, Decision, Page, StoredVersion, Versioned, View, known_at, narrow, row, versioned};
use crate::schema::{certification_bodies, organisations};
use crate::search_index;
use diesel::prelude::*;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::{ApprovalNumber, Event, Organisation, OrganisationId, Problem, ProblemKind, Role, Uscc, name_key};

versioned!(organisations: Id, read by id: OrganisationId => Id(id.uuid()));

row! {
    organisations: Id = Id(it.id.uuid()), of |it: &Organisation, new| {
        name_key: String = name_key(&it.name),
        uscc: String = it.uscc.as_ref().map(ToString::to_string).unwrap_or_default(),
        retracted_on: String = it.retracted_on.map(|day| day.to_string()).unwrap_or_default(),
    }
}

impl Versioned for Organisation {
    fn subject(&self) -> String {
        self.id.to_string()
    }

    fn write_dependents(&self, conn: &mut Conn, version: i32, seq: i64) -> QueryResult<()> {
        // The index of products has the names of their enterprises; a new organisation has no products yet.
        if version > 1 { search_index::index_products_of(conn, self, seq) } else { Ok(()) }
    }
}

/// What a list of organisations is narrowed by.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The exact name, whatever its spelling.
    pub name: Option<String>,
    /// The unified social credit code.
    pub uscc: Option<Uscc>,
    /// The approval number, of the one that is this certification body.
    pub approval_number: Option<ApprovalNumber>,
}

/// Lists organisations at a cut, the newest first.
pub fn list(conn: &mut Conn, filter: &Filter, page: &Page) -> Result<Vec<(Id, String)>> {
    Ok(on_conn!(conn, c => {
        let mut query = organisations::table
            .filter(known_at!(organisations, page.cut).and(organisations::retracted_on.eq("")))
            .into_boxed();
        narrow!(query, &filter.name, |name| organisations::name_key.eq(name_key(name)));
        narrow!(query, &filter.uscc, |uscc| organisations::uscc.eq(uscc.to_string()));
        narrow!(query, &filter.approval_number, |number| organisations::id.eq_any(
            certification_bodies::table
                .filter(certification_bodies::id.eq(number.to_string()).and(known_at!(certification_bodies, page.cut)))
                .select(certification_bodies::organisation)
        ));
        narrow!(query, page.after_id(), |after| organisations::id.lt(after));
        query
            .order(organisations::id.desc())
            .limit(page.limit)
            .select((organisations::id, organisations::body))
            .load(c)
    })?)
}

/// Whether there is an organisation of this identifier that was not taken back.
pub(crate) fn stands(conn: &mut Conn, id: OrganisationId, cut: i64) -> Result<bool> {
    let Some(stored) = read(conn, id, cut)? else { return Ok(false) };
    Ok(stored.parse::<Organisation>()?.retracted_on.is_none())
}

/// Finds organisations with the same code or the same name: likely doubles.
pub fn likely_duplicates(conn: &mut Conn, name: &str, uscc: Option<&Uscc>, cut: i64) -> Result<Vec<OrganisationId>> {
    let code = uscc.map(ToString::to_string).unwrap_or_default();
    let same_code = organisations::uscc.eq(code).and(organisations::uscc.ne(""));
    let ids: Vec<Id> = on_conn!(conn, c => organisations::table
        .filter(known_at!(organisations, cut).and(organisations::retracted_on.eq("")))
        .filter(organisations::name_key.eq(name_key(name)).or(same_code))
        .order(organisations::id.asc())
        .select(organisations::id)
        .load(c))?;
    Ok(ids.into_iter().map(|id| id.0.into()).collect())
}

/// Decides to register an organisation.
///
/// # Errors
///
/// Refuses the role of an authority, a division that does not exist, and one that others look like which `distinct_from` does not name.
pub fn register(view: &mut View<'_>, new: &Organisation, distinct_from: &[OrganisationId]) -> Result<Decision> {
    new.check_roles(None, true)?;
    check_division(view, new)?;
    check_likely_duplicates(view, new, distinct_from)?;
    Ok(Decision::change(Change::create(Event::OrganisationRegistered, new.clone())))
}

/// Decides to amend an organisation; `amend` makes the new from the old, and says from which others it is distinct.
///
/// # Errors
///
/// Refuses whoever is neither the organisation nor an authority, another authority, name, code and roles by another
/// than an authority, and as [`register`].
pub fn amend(
    view: &mut View<'_>,
    id: OrganisationId,
    by: Author,
    amend: impl FnOnce(&StoredVersion, &Organisation) -> Result<(Organisation, Vec<OrganisationId>)>,
) -> Result<Decision> {
    let stored = read(view.conn, id, view.cut)?.ok_or(ProblemKind::NotFound)?;
    let before: Organisation = stored.parse()?;
    // Of another authority nothing is an authority's to change: all of them are equal.
    let is_others = !by.authority || before.roles.contains(&Role::Authority);
    if is_others && by.organisation != id {
        let problem = Problem::from(ProblemKind::Forbidden);
        let en = "only the organisation itself may change it, or the authority where it is none itself";
        return Err(problem.detail("只能更改本组织；主管部门不能更改其他主管部门", en).into());
    }
    let (after, distinct_from) = amend(&stored, &before)?;
    if after == before {
        return Ok(Decision::unchanged(id, stored));
    }
    after.check_roles(Some(&before), by.authority)?;
    after.check_identity(&before, by.authority)?;
    check_division(view, &after)?;
    if after.is_renamed(&before) {
        check_likely_duplicates(view, &after, &distinct_from)?;
    }
    Ok(Decision::change(Change::amend(Event::OrganisationAmended, after)))
}

fn check_division(view: &mut View<'_>, organisation: &Organisation) -> Result<()> {
    if organisation.division.is_some() {
        organisation.check_division(code_lists::codes(view.conn, "divisions", view.cut)?)?;
    }
    Ok(())
}

pub(crate) fn check_likely_duplicates(
    view: &mut View<'_>,
    organisation: &Organisation,
    distinct_from: &[OrganisationId],
) -> Result<()> {
    let alike = likely_duplicates(view.conn, &organisation.name, organisation.uscc.as_ref(), view.cut)?;
    Ok(organisation.check_likely_duplicates(alike, distinct_from)?)
}
