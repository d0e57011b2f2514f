//! Test reports: the mirror of what laboratories report.
//!
//! [`put`] and [`void`] are where a step is taken; what it means is decided in `lvcai_domain::test_report::step`.

mod batch;

pub use lvcai_domain::test_report::PushedReport;

use crate::error::{Error, Result};
use crate::ledger::{
    Change, Decision, Page, StoredVersion, Versioned, View, effective_dated, in_effect, known_at, load_page, narrow,
    row, versioned,
};
use crate::parties::laboratories;
use crate::schema::{later_test_reports, test_reports};
use diesel::prelude::*;
use jiff::civil::Date;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::test_report::{self, Step};
use lvcai_domain::{
    CmaNumber, Laboratory, OrganisationId, Problem, ProblemKind, ReportConclusion, ReportNumber, TestReport,
    TestReportId, TestReportStatus,
};

versioned!(test_reports: Id, read by id: TestReportId => Id(id.uuid()));
effective_dated!(test_reports, TestReport, TestReportId);

row! {
    test_reports: Id = Id(it.id.uuid()), of |it: &TestReport, new| {
        effective_on: String = new.effective_on.to_string(),
        laboratory: String = it.laboratory.to_string(),
        number_key: String = it.number.normalised(),
        verdict: &'static str = it.conclusion.name(),
        status: &'static str = it.status.name(),
    }
}

impl Versioned for TestReport {
    fn subject(&self) -> String {
        self.id.to_string()
    }
}

/// Finds the report of a number at a cut, whatever its spelling.
pub fn find_by_number(
    conn: &mut Conn,
    laboratory: &CmaNumber,
    number: &ReportNumber,
    cut: i64,
) -> Result<Option<StoredVersion>> {
    Ok(on_conn!(conn, c => test_reports::table
        .filter(test_reports::number_key.eq(number.normalised()))
        .filter(test_reports::laboratory.eq(laboratory.as_str()))
        .filter(known_at!(test_reports, cut))
        .select((test_reports::version, test_reports::seq_from, test_reports::body))
        .get_result(c)
        .optional())?)
}

/// What a list of test reports is narrowed by.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The laboratory.
    pub laboratory: Option<CmaNumber>,
    /// The beginning of the normalised number.
    pub number: Option<String>,
    /// The conclusion.
    pub conclusion: Option<ReportConclusion>,
    /// Where it stands.
    pub status: Option<TestReportStatus>,
}

/// Lists the test reports in effect on a day, as known at a cut, the newest first.
pub fn list(conn: &mut Conn, filter: &Filter, page: &Page) -> Result<Vec<(Id, String)>> {
    let day = page.day.to_string();
    Ok(on_conn!(conn, c => {
        let mut query = test_reports::table
            .filter(in_effect!(test_reports, later_test_reports, page.cut, &day))
            .into_boxed();
        narrow!(query, &filter.laboratory, |laboratory| test_reports::laboratory.eq(laboratory.as_str()));
        if let Some(number) = &filter.number {
            // A range instead of LIKE: the B-tree serves it and `%` means itself.
            let end = format!("{number}\u{10FFFF}");
            query = query.filter(test_reports::number_key.ge(number).and(test_reports::number_key.lt(end)));
        }
        narrow!(query, filter.conclusion, |asked| test_reports::verdict.eq(asked.name()));
        narrow!(query, filter.status, |status| test_reports::status.eq(status.name()));
        narrow!(query, page.after_id(), |after| test_reports::id.lt(after));
        load_page!(c, query.order(test_reports::id.desc()), page, (test_reports::id, test_reports::body))
    })?)
}

/// Decides on the record a laboratory pushes: the server derives the step. The
/// identifier and the status of `record` count only when the report is new.
///
/// # Errors
///
/// Refuses another laboratory's report, one that is void, a record that contradicts itself, and a day of issue on
/// which the CMA certificate does not hold.
pub fn put(view: &mut View<'_>, record: &TestReport, by: OrganisationId) -> Result<Decision> {
    let laboratory = laboratories::own(view, &record.laboratory, by)?;
    let held = find_by_number(view.conn, &record.laboratory, &record.number, view.cut)?;
    decide(view, &laboratory, held, record)
}

/// The same beside what is held under its number.
fn decide(
    view: &mut View<'_>,
    laboratory: &Laboratory,
    held: Option<StoredVersion>,
    record: &TestReport,
) -> Result<Decision> {
    let before: Option<TestReport> = held.as_ref().map(StoredVersion::parse).transpose()?;
    if let Some(number) = before.as_ref().map(|it| &it.number).filter(|it| **it != record.number) {
        return Err(Problem::from(ProblemKind::Conflict)
            .detail(
                format!("本机构已有写法不同而相同的报告编号 {number}"),
                format!("the laboratory has the same number in another spelling: {number}"),
            )
            .into());
    }
    let step = test_report::step(before.as_ref(), record.clone(), view.today())?;
    let Some(Step { event, effective_on, after }) = step else {
        let stored = held.ok_or_else(|| Error::Database("a new report that changes nothing".into()))?;
        return Ok(Decision::unchanged(before.map_or(record.id, |it| it.id), stored));
    };
    laboratory.may_report_on(after.issued_on)?;
    let change = if held.is_none() { Change::create(event, after) } else { Change::amend(event, after) };
    Ok(Decision::change(change.effective_on(effective_on)))
}

/// Decides to void a report, from today when no day is said.
///
/// # Errors
///
/// Refuses another laboratory's report, one that is void already, and a day to come or before the issue.
pub fn void(
    view: &mut View<'_>,
    id: TestReportId,
    by: OrganisationId,
    reason: &str,
    on: Option<Date>,
) -> Result<Decision> {
    let before: TestReport = read(view.conn, id, view.cut)?.ok_or(ProblemKind::NotFound)?.parse()?;
    laboratories::own(view, &before.laboratory, by)?;
    let today = view.today();
    let Step { event, effective_on, after } =
        test_report::void(&before, reason.to_owned(), on.unwrap_or(today), today)?;
    Ok(Decision::change(Change::amend(event, after).effective_on(effective_on)))
}
