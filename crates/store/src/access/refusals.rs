//! What was refused to whom, for the auditor.
//!
//! Refusals are no changes, so they stand outside the ledger, in a working
//! table that forgets them after two years.

use crate::error::{Error, Result};
use crate::ledger::{Page, Registry, narrow, swept_before};
use crate::schema::{refusal_counts, refusals};
use diesel::prelude::*;
use jiff::{SignedDuration, Timestamp};
use lvcai_database::{Conn, Id, Instant, on_conn};
use lvcai_domain::calendar::shanghai_day;
use lvcai_domain::{Bilingual, ClientId, Fault, OrganisationId, Problem, ProblemKind};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// How long a refusal is kept.
const RETENTION: SignedDuration = SignedDuration::from_hours(24 * 730);

/// How many refusals of a client within a day are kept; more are only counted, by rule.
const PER_DAY: i64 = 1_000;

/// How many characters of a path or a subject are kept.
const TEXT: usize = 300;

/// How many bytes a problem takes at most, where it names many faults or tells at length.
const PROBLEM: usize = 4_096;

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

/// Keeps what was refused of one attempt, each with its subject; what goes beyond the day's number is counted.
pub(crate) fn keep(conn: &mut Conn, attempt: &Attempt, refused: &[(String, Problem)], at: Timestamp) -> Result<()> {
    if refused.is_empty() {
        return Ok(());
    }
    let stale = swept_before(at, RETENTION);
    on_conn!(conn, c => {
        diesel::delete(refusals::table.filter(refusals::at.lt(Instant::from(stale)))).execute(c)?;
        let old = refusal_counts::day.lt(shanghai_day(stale).to_string());
        diesel::delete(refusal_counts::table.filter(old)).execute(c)?
    });
    let room = usize::try_from(PER_DAY.saturating_sub(kept_within_a_day(conn, attempt, at)?)).unwrap_or(0);
    let (kept, counted) = refused.split_at(room.min(refused.len()));
    let rows: Vec<Row> =
        kept.iter().map(|(subject, problem)| row(attempt, subject, problem, at)).collect::<Result<_>>()?;
    if !rows.is_empty() {
        on_conn!(conn, c => diesel::insert_into(refusals::table).values(&rows).execute(c))?;
    }
    count(conn, attempt, counted, at)
}

fn kept_within_a_day(conn: &mut Conn, attempt: &Attempt, at: Timestamp) -> Result<i64> {
    let since = Instant::from(at - SignedDuration::from_hours(24));
    Ok(on_conn!(conn, c => refusals::table
        .filter(refusals::organisation.eq(Id(attempt.organisation.uuid())).and(refusals::at.ge(since)))
        .filter(refusals::client.eq(Id(attempt.client.uuid())))
        .count()
        .get_result(c))?)
}

fn row(attempt: &Attempt, subject: &str, problem: &Problem, at: Timestamp) -> Result<Row> {
    Ok(Row {
        id: Id(Uuid::now_v7()),
        at: Instant::from(at),
        client: Id(attempt.client.uuid()),
        organisation: Id(attempt.organisation.uuid()),
        operation: short(&attempt.operation),
        subject: short(subject),
        problem: problem.kind.slug().to_owned(),
        rules: rules(problem).into_iter().collect::<Vec<_>>().join(" "),
        request_id: attempt.request_id.clone(),
        body: serde_json::to_string(&cut_down(problem)?)?,
    })
}

/// The rules that were broken.
fn rules(problem: &Problem) -> BTreeSet<&'static str> {
    problem.faults.iter().map(|it| it.rule.id()).collect()
}

/// A text that is not longer than what is kept of one.
fn short(text: &str) -> String {
    match text.char_indices().nth(TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A problem as it is kept: its texts short, and no more faults than there is room for, the first in any case.
fn cut_down(problem: &Problem) -> Result<Problem> {
    let said = |it: &Bilingual| Bilingual::new(short(&it.zh), short(&it.en));
    let mut kept = Problem { detail: problem.detail.as_ref().map(said), faults: Vec::new(), ..problem.clone() };
    for fault in &problem.faults {
        let allowed = fault.allowed.iter().take(5).map(|it| short(it)).collect();
        let (pointer, detail) = (short(&fault.pointer), fault.detail.as_ref().map(said));
        kept.faults.push(Fault { pointer, detail, allowed, ..fault.clone() });
        if kept.faults.len() > 1 && serde_json::to_string(&kept)?.len() > PROBLEM {
            kept.faults.pop();
            break;
        }
    }
    Ok(kept)
}

/// Counts refusals that are not kept, each under the rules that it broke, or under its problem.
fn count(conn: &mut Conn, attempt: &Attempt, refused: &[(String, Problem)], at: Timestamp) -> Result<()> {
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    for (_, problem) in refused {
        let rules = rules(problem);
        let names = if rules.is_empty() { BTreeSet::from([problem.kind.slug()]) } else { rules };
        names.into_iter().for_each(|name| *counts.entry(name).or_default() += 1);
    }
    let day = shanghai_day(at).to_string();
    for (name, more) in counts {
        let row = (
            refusal_counts::client.eq(Id(attempt.client.uuid())),
            refusal_counts::day.eq(&day),
            refusal_counts::name.eq(name),
            refusal_counts::organisation.eq(Id(attempt.organisation.uuid())),
            refusal_counts::refused.eq(more),
        );
        on_conn!(conn, c => diesel::insert_into(refusal_counts::table)
            .values(row)
            .on_conflict((refusal_counts::client, refusal_counts::day, refusal_counts::name))
            .do_update()
            .set(refusal_counts::refused.eq(refusal_counts::refused + more))
            .execute(c))?;
    }
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
    let (from, until) = (shanghai_day(from).to_string(), shanghai_day(until).to_string());
    let more: Vec<(String, i64)> = on_conn!(conn, c => refusal_counts::table
        .filter(refusal_counts::organisation.eq(Id(organisation.uuid())))
        .filter(refusal_counts::day.ge(from).and(refusal_counts::day.lt(until)))
        .select((refusal_counts::name, refusal_counts::refused))
        .load(c))?;
    for (name, count) in more {
        *counts.entry(name).or_default() += count;
    }
    Ok(counts)
}
