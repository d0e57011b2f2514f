//! Certificates: the mirror of what certification bodies decide.
//!
//! [`put`] and [`transition`] are where a step is taken. What it means is
//! decided in `lvcai_domain::certificate::step`; the listings that rest on the
//! certificate follow in the same command, by [`crate::listings`].

use crate::registry::{Decision, View};
use crate::schema::certificates;
use crate::versions::{Change, Kept, OPEN, Place, Stored, Version, versioned};
use crate::{Error, Page, Result, certification_bodies, code_lists, listings, products};
use diesel::prelude::*;
use jiff::civil::Date;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::certificate::step;
use lvcai_domain::reference::{self, Taxonomy};
use lvcai_domain::verdict::Known;
use lvcai_domain::{
    ApprovalNumber, Certificate, CertificateId, CertificateNumber, CertificationBody, Fault, OrganisationId, Problem,
    ProblemKind, RecordSource, ReportedStatus, Rule, Scheme,
};
use lvcai_trust::canonical;

versioned!(certificates, Id, public);

#[derive(Insertable)]
#[diesel(table_name = certificates)]
struct Row {
    id: Id,
    version: i32,
    seq_from: i64,
    seq_to: i64,
    effective_on: String,
    certification_body: String,
    number_key: String,
    look_alike: String,
    scheme: &'static str,
    kind: String,
    star_level: i32,
    status: &'static str,
    valid_until: String,
    record_source: &'static str,
    body: String,
}

impl Kept for Certificate {
    fn subject(&self) -> String {
        self.id.to_string()
    }

    fn body(&self) -> Result<String> {
        Ok(canonical(self)?)
    }

    fn succeed(&self, conn: &mut Conn, seq: i64) -> QueryResult<i32> {
        succeed(conn, Id(self.id.uuid()), seq)
    }

    fn write(&self, conn: &mut Conn, at: Place) -> QueryResult<()> {
        let row = Row {
            id: Id(self.id.uuid()),
            version: at.version,
            seq_from: at.seq,
            seq_to: OPEN,
            effective_on: at.effective_on.to_string(),
            certification_body: self.certification_body.to_string(),
            number_key: self.number.normalised(),
            look_alike: self.number.look_alike(),
            scheme: self.scheme.name(),
            kind: self.kind.clone(),
            star_level: self.star.map_or(0, |star| i32::from(star.get())),
            status: self.reported_status.code(),
            valid_until: self.valid_until.to_string(),
            record_source: self.record_source.name(),
            body: at.body,
        };
        on_conn!(conn, c => diesel::insert_into(certificates::table).values(row).execute(c))?;
        Ok(())
    }
}

/// Reads a certificate at a cut.
///
/// # Errors
///
/// Fails when the database does.
pub fn read(conn: &mut Conn, id: CertificateId, cut: i64) -> Result<Option<Stored>> {
    Ok(at(conn, Id(id.uuid()), cut)?)
}

/// Reads the versions of a certificate known at a cut.
///
/// # Errors
///
/// Fails when the database does.
pub fn versions(conn: &mut Conn, id: CertificateId, cut: i64) -> Result<Vec<Version>> {
    Ok(history(conn, Id(id.uuid()), cut)?)
}

/// Reads the record that was in effect on a day, as known at a cut.
///
/// # Errors
///
/// Fails when the database does.
pub fn in_effect(conn: &mut Conn, id: CertificateId, cut: i64, on: Date) -> Result<Option<Known<Certificate>>> {
    let row: Option<(i64, String)> = on_conn!(conn, c => certificates::table
        .filter(certificates::id.eq(Id(id.uuid())))
        .filter(certificates::seq_from.le(cut).and(certificates::effective_on.le(on.to_string())))
        .order(certificates::version.desc())
        .limit(1)
        .select((certificates::seq_from, certificates::body))
        .get_result(c)
        .optional())?;
    row.map(|(seq, body)| Ok(Known { fact: serde_json::from_str(&body)?, seq })).transpose()
}

/// Finds the certificates of a number at a cut, whatever its spelling, of one body or of all.
///
/// # Errors
///
/// Fails when the database does.
pub fn numbered(
    conn: &mut Conn,
    number: &CertificateNumber,
    body: Option<&ApprovalNumber>,
    cut: i64,
) -> Result<Vec<Known<Certificate>>> {
    let rows: Vec<(i64, String)> = on_conn!(conn, c => {
        let mut query = certificates::table
            .filter(certificates::number_key.eq(number.normalised()))
            .filter(certificates::seq_from.le(cut).and(certificates::seq_to.gt(cut)))
            .into_boxed();
        if let Some(body) = body {
            query = query.filter(certificates::certification_body.eq(body.to_string()));
        }
        query.order(certificates::id.asc()).select((certificates::seq_from, certificates::body)).load(c)
    })?;
    rows.into_iter().map(|(seq, body)| Ok(Known { fact: serde_json::from_str(&body)?, seq })).collect()
}

/// Finds certificates whose numbers look like this one at a cut, ten at most.
///
/// # Errors
///
/// Fails when the database does.
pub fn look_alikes(conn: &mut Conn, number: &CertificateNumber, cut: i64) -> Result<Vec<CertificateId>> {
    let ids: Vec<Id> = on_conn!(conn, c => certificates::table
        .filter(certificates::look_alike.eq(number.look_alike()))
        .filter(certificates::seq_from.le(cut).and(certificates::seq_to.gt(cut)))
        .order(certificates::id.asc())
        .limit(10)
        .select(certificates::id)
        .load(c))?;
    Ok(ids.into_iter().map(|id| id.0.into()).collect())
}

/// What a list of certificates is narrowed by.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The certification body.
    pub body: Option<ApprovalNumber>,
    /// The beginning of the normalised number.
    pub number: Option<String>,
    /// The kind.
    pub kind: Option<String>,
    /// The scheme.
    pub scheme: Option<Scheme>,
    /// The reported status.
    pub status: Option<ReportedStatus>,
    /// The least star.
    pub star_min: Option<i32>,
    /// A day by which it will have ended.
    pub expires_before: Option<Date>,
}

/// Lists certificates at a cut, the newest first.
///
/// # Errors
///
/// Fails when the database does.
pub fn list(conn: &mut Conn, filter: &Filter, page: &Page) -> Result<Vec<(Id, String)>> {
    Ok(on_conn!(conn, c => {
        let mut query = certificates::table
            .filter(certificates::seq_from.le(page.cut).and(certificates::seq_to.gt(page.cut)))
            .into_boxed();
        if let Some(body) = &filter.body {
            query = query.filter(certificates::certification_body.eq(body.to_string()));
        }
        if let Some(number) = &filter.number {
            // A range instead of LIKE: the B-tree serves it and `%` means itself.
            let end = format!("{number}\u{10FFFF}");
            query = query.filter(certificates::number_key.ge(number).and(certificates::number_key.lt(end)));
        }
        if let Some(kind) = &filter.kind {
            query = query.filter(certificates::kind.eq(kind));
        }
        if let Some(scheme) = filter.scheme {
            query = query.filter(certificates::scheme.eq(scheme.name()));
        }
        if let Some(status) = filter.status {
            query = query.filter(certificates::status.eq(status.code()));
        }
        if let Some(star) = filter.star_min {
            query = query.filter(certificates::star_level.ge(star));
        }
        if let Some(day) = filter.expires_before {
            query = query.filter(certificates::valid_until.lt(day.to_string()));
        }
        if let Some(after) = page.after_id() {
            query = query.filter(certificates::id.lt(after));
        }
        query.order(certificates::id.desc()).limit(page.limit).select((certificates::id, certificates::body)).load(c)
    })?)
}

/// Decides on the record a body pushes: the server derives the step. The
/// identifier of `record` counts only when the certificate is new.
///
/// # Errors
///
/// Refuses another body's certificate, illegal steps, and what the record names but does not exist.
pub fn put(view: &mut View<'_>, record: &Certificate, by: OrganisationId) -> Result<Decision> {
    own_body(view, &record.certification_body, by)?;
    let held = numbered(view.conn, &record.number, Some(&record.certification_body), view.cut)?;
    let Some(Known { fact: before, .. }) = held.into_iter().next() else {
        return change(view, None, record.clone());
    };
    if before.number != record.number {
        let number = &before.number;
        return Err(Problem::from(ProblemKind::Conflict)
            .detail(
                format!("本机构已有写法不同而相同的编号 {number}"),
                format!("the body has the same number in another spelling: {number}"),
            )
            .into());
    }
    change(view, Some(&before), Certificate { id: before.id, ..record.clone() })
}

/// A step that a body takes by its name.
#[derive(Debug, Clone)]
pub struct Transition {
    /// Where the certificate goes.
    pub to: ReportedStatus,
    /// From which day; today when absent.
    pub on: Option<Date>,
    /// Why.
    pub reason: Option<String>,
    /// When a suspension is planned to end.
    pub planned_end: Option<Date>,
}

/// Decides on a named step of a certificate.
///
/// # Errors
///
/// As [`put`].
pub fn transition(view: &mut View<'_>, id: CertificateId, by: OrganisationId, step: &Transition) -> Result<Decision> {
    let before: Certificate = read(view.conn, id, view.cut)?.ok_or(ProblemKind::NotFound)?.parse()?;
    own_body(view, &before.certification_body, by)?;
    if !before.reported_status.next().contains(&step.to) {
        return Err(lvcai_domain::certificate::illegal(before.reported_status).into());
    }
    let after = Certificate {
        reported_status: step.to,
        status_on: step.on.unwrap_or_else(|| view.today()),
        status_reason: step.reason.clone(),
        suspension_planned_end: step.planned_end,
        record_source: RecordSource::Body,
        ..before.clone()
    };
    // A named step by the body confirms the rest of what a city list said.
    let before = Certificate { record_source: RecordSource::Body, ..before };
    change(view, Some(&before), after)
}

fn own_body(view: &mut View<'_>, number: &ApprovalNumber, by: OrganisationId) -> Result<()> {
    let body: Option<CertificationBody> =
        certification_bodies::read(view.conn, number, view.cut)?.map(|stored| stored.parse()).transpose()?;
    match body {
        None => Err(ProblemKind::NotFound.into()),
        Some(body) if body.organisation == by => Ok(()),
        Some(_) => Err(products::not_owner().into()),
    }
}

/// The one way a certificate changes: checks, derives the step, and lets the listings follow.
pub(crate) fn change(view: &mut View<'_>, before: Option<&Certificate>, after: Certificate) -> Result<Decision> {
    check(view, &after)?;
    let since = before.map(|it| since(view.conn, it.id, view.cut)).transpose()?.flatten();
    let Some(step) = step(before.zip(since), &after, view.today())? else {
        let stored = read(view.conn, after.id, view.cut)?.ok_or(ProblemKind::NotFound)?;
        return Ok(Decision::Unchanged(after.id.to_string(), stored));
    };
    let follow = listings::follow_certificates(view, &[&after])?;
    let mut changes = vec![Change::new(step.event, after).effective_on(step.effective_on)];
    changes.extend(follow);
    Ok(if before.is_none() { Decision::Create(changes) } else { Decision::Amend(changes) })
}

/// Since when the present record is in effect.
fn since(conn: &mut Conn, id: CertificateId, cut: i64) -> Result<Option<Date>> {
    let day: Option<String> = on_conn!(conn, c => certificates::table
        .filter(certificates::id.eq(Id(id.uuid())))
        .filter(certificates::seq_from.le(cut).and(certificates::seq_to.gt(cut)))
        .select(certificates::effective_on)
        .get_result(c)
        .optional())?;
    day.map(|day| day.parse().map_err(|error: jiff::Error| Error::Database(Box::new(error)))).transpose()
}

/// Whether the codes that a record uses stand in their lists.
fn check(view: &mut View<'_>, record: &Certificate) -> Result<()> {
    let taxonomy = match record.scheme {
        Scheme::StarCertification | Scheme::LegacyLabel => Taxonomy::GreenBuildingMaterialCertification,
        Scheme::GreenProduct => Taxonomy::GreenProductCertification,
    };
    let mut faults = Vec::new();
    if reference::kind(&record.kind).is_none_or(|kind| kind.taxonomy != taxonomy) {
        faults.push(Fault::new("/kind", Rule::KindUnknown));
    }
    if let (Some(action), Some(reason)) = (record.reported_status.reason_action(), &record.status_reason)
        && !code_lists::has(view.conn, "certificate-reasons", &format!("product/{action}/{reason}"), view.cut)?
    {
        faults.push(Fault::new("/status_reason", Rule::CodeUnknown));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Refused(faults.into())) }
}
