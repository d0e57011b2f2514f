//! What was refused to whom, for the auditor.
//!
//! Refusals are no changes, so they stand outside the ledger, in a working
//! table that forgets them after two years.

use crate::error::{Error, Result};
use crate::ledger::{Page, Registry, narrow, swept_before};
use crate::schema::refusals;
use diesel::prelude::*;
use jiff::{SignedDuration, Timestamp};
use lvcai_database::{Conn, Id, Instant, on_conn};
use lvcai_domain::{ClientId, OrganisationId, Problem, ProblemKind};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// How long a refusal is kept.
const RETENTION: SignedDuration = SignedDuration::from_hours(24 * 730);

/// Whose request it was, and which.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The client.
    pub client: ClientId,
    /// The organisation it acts for.
    pub organisation: OrganisationId,
    /// Method and path.
    pub operation: String,
    /// The id of the request.
    pub request_id: String,
}

/// An attempt that was refused.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// Names the refusal.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Who tried what.
    pub attempt: Attempt,
    /// What it was about: a certificate of a batch by its number, the path otherwise.
    pub subject: String,
    /// Why.
    pub problem: Problem,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = refusals)]
struct Row {
    id: Id,
    at: Instant,
    client: Id,
    organisation: Id,
    operation: String,
    subject: String,
    problem: String,
    rules: String,
    request_id: String,
    body: String,
}

impl TryFrom<Row> for Refusal {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let attempt = Attempt {
            client: row.client.0.into(),
            organisation: row.organisation.0.into(),
            operation: row.operation,
            request_id: row.request_id,
        };
        let problem = serde_json::from_str(&row.body)?;
        Ok(Self { id: row.id.0, at: row.at.into(), attempt, subject: row.subject, problem })
    }
}

/// Keeps what was refused of one attempt, each with its subject.
pub(crate) fn keep(conn: &mut Conn, attempt: &Attempt, refused: &[(String, Problem)], at: Timestamp) -> Result<()> {
    let rows: Vec<Row> = refused
        .iter()
        .map(|(subject, problem)| {
            let rules: BTreeSet<_> = problem.faults.iter().map(|it| it.rule.id()).collect();
            Ok(Row {
                id: Id(Uuid::now_v7()),
                at: Instant::from(at),
                client: Id(attempt.client.uuid()),
                organisation: Id(attempt.organisation.uuid()),
                operation: attempt.operation.clone(),
                subject: subject.clone(),
                problem: problem.kind.slug().to_owned(),
                rules: rules.into_iter().collect::<Vec<_>>().join(" "),
                request_id: attempt.request_id.clone(),
                body: serde_json::to_string(problem)?,
            })
        })
        .collect::<Result<_>>()?;
    if rows.is_empty() {
        return Ok(());
    }
    let stale = Instant::from(swept_before(at, RETENTION));
    on_conn!(conn, c => {
        diesel::delete(refusals::table.filter(refusals::at.lt(stale))).execute(c)?;
        diesel::insert_into(refusals::table).values(&rows).execute(c)?
    });
    Ok(())
}

impl Registry {
    /// Keeps one refusal.
    ///
    /// # Errors
    ///
    /// As [`Registry::execute`].
    pub async fn keep_refusal(&self, attempt: Attempt, subject: String, problem: Problem) -> Result<()> {
        let refused = [(subject, problem)];
        self.write(move |conn, at| keep(conn, &attempt, &refused, at)).await
    }
}

/// What a list of refusals is narrowed by.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The organisation that tried.
    pub organisation: Option<OrganisationId>,
    /// The kind of problem.
    pub problem: Option<ProblemKind>,
}

/// Lists refusals, the newest first.
pub fn list(conn: &mut Conn, filter: &Filter, page: &Page) -> Result<Vec<Refusal>> {
    let rows: Vec<Row> = on_conn!(conn, c => {
        let mut query = refusals::table.into_boxed();
        narrow!(query, filter.organisation, |organisation| refusals::organisation.eq(Id(organisation.uuid())));
        narrow!(query, filter.problem, |problem| refusals::problem.eq(problem.slug()));
        narrow!(query, page.after_id(), |after| refusals::id.lt(after));
        query.order(refusals::id.desc()).limit(page.limit).load(c)
    })?;
    rows.into_iter().map(Refusal::try_from).collect()
}

/// How often each rule was broken by an organisation between two instants; a refusal that names no rule counts under
/// its problem.
pub fn counts(
    conn: &mut Conn,
    organisation: OrganisationId,
    (from, until): (Timestamp, Timestamp),
) -> Result<BTreeMap<String, i64>> {
    let rows: Vec<(String, String, i64)> = on_conn!(conn, c => refusals::table
        .filter(refusals::organisation.eq(Id(organisation.uuid())))
        .filter(refusals::at.ge(Instant::from(from)).and(refusals::at.lt(Instant::from(until))))
        .group_by((refusals::problem, refusals::rules))
        .select((refusals::problem, refusals::rules, diesel::dsl::count_star()))
        .load(c))?;
    let mut counts = BTreeMap::new();
    for (problem, rules, count) in rows {
        let names = if rules.is_empty() { problem } else { rules };
        for name in names.split(' ') {
            *counts.entry(name.to_owned()).or_default() += count;
        }
    }
    Ok(counts)
}
