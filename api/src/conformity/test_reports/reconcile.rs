//! A laboratory's full list beside ours.

use super::batch::TestReports;
use super::record::TestReportInput;
use crate::batches::{self, Reconciled, Values};
use crate::http::upload::RECORDS;
use crate::http::{Answer, FaultDocument, NoParams, Write};
use actix_web::web::{Path, Payload};
use actix_web::{HttpRequest, post};
use lvcai_domain::{CmaNumber, ReportNumber, TestReportId, TestReportStatus};
use serde::Serialize;
use utoipa::ToSchema;

/// A test report of the list that the registry does not hold
#[derive(Debug, Serialize, ToSchema)]
struct TestReportMissing {
    /// Its position in the list, from 1.
    line: u64,
    /// The number.
    number: ReportNumber,
}

/// A test report that the registry holds otherwise
#[derive(Debug, Serialize, ToSchema)]
struct TestReportDifference {
    /// Its position in the list, from 1.
    line: u64,
    /// The number.
    number: ReportNumber,
    /// The test report.
    #[schema(value_type = TestReportId)]
    test_report: String,
    /// The fields that differ, as JSON Pointers into the test report.
    fields: Vec<String>,
    /// What both say in these fields.
    values: Vec<Values>,
}

/// A test report that the list does not have
#[derive(Debug, Serialize, ToSchema)]
struct TestReportExtra {
    /// The number.
    number: ReportNumber,
    /// The test report.
    #[schema(value_type = TestReportId)]
    test_report: String,
    /// Where it stands.
    #[schema(value_type = TestReportStatus)]
    status: &'static str,
}

/// A line that states no test report that could be compared
#[derive(Debug, Serialize, ToSchema)]
struct TestReportUnreadable {
    /// Its position in the list, from 1.
    line: u64,
    /// The number, where the line has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<ReportNumber>,
    /// The address of the problem's documentation.
    #[schema(example = "https://registry.example/problems/invalid")]
    problem: String,
    /// The fields at fault; pointers are into the line.
    errors: Vec<FaultDocument>,
}

/// A laboratory's list beside ours
#[derive(Debug, Serialize, ToSchema)]
struct TestReportReconciliation {
    /// Whose reports.
    laboratory: CmaNumber,
    /// The ledger position at which ours were read.
    as_of: i64,
    /// How many lines the list has.
    lines: usize,
    /// How many say the same.
    same: usize,
    /// What the list has and the registry has not.
    missing: Vec<TestReportMissing>,
    /// What both have and say differently. A report of the list stands: one that is void in the registry differs in `status`.
    different: Vec<TestReportDifference>,
    /// What the registry has and the list has not.
    extra: Vec<TestReportExtra>,
    /// Lines that cannot be compared.
    unreadable: Vec<TestReportUnreadable>,
}

/// Compare a laboratory's full list with the registry (核对检验检测报告清单)
///
/// By the laboratory itself, in the forms of a batch, up to 100,000 lines. Nothing is changed: what the list has and the
/// registry has not, what they say differently with both values, and what the registry has beyond it. Absence from the
/// list means nothing to the registry.
#[utoipa::path(
    tag = "test reports",
    operation_id = "reconcile_test_reports",
    params(("laboratory" = CmaNumber, Path, description = "The CMA number (资质认定证书编号)")),
    request_body(
        content(
            (Vec<TestReportInput> = "application/json", example = json!(super::record::example())),
            (String = "application/jsonl", example = json!(super::record::example_line())),
            (String = "application/x-ndjson", example = json!(super::record::example_line())),
        ),
        description = "The lines",
    ),
    security(("bearer" = ["reports:push"])),
    responses(
        (status = 200, description = "How the two differ", body = TestReportReconciliation),
    ),
    extensions(("x-problems" = json!(["forbidden"])), ("x-read-only" = json!(true))),
)]
#[post("/laboratories/{laboratory}/test-reports:reconcile")]
pub(super) async fn reconcile_test_reports(request: HttpRequest, laboratory: Path<String>, payload: Payload) -> Answer {
    let (write, _): (Write, NoParams) = Write::with(&request, |_: &NoParams| true).await?;
    let told = batches::reconcile::<TestReports>(&request, &write, (laboratory, payload), (), RECORDS).await?;
    Ok(told.answer(TestReportReconciliation::new))
}

impl TestReportReconciliation {
    fn new(told: Reconciled<TestReports>) -> Self {
        let Reconciled { owner, as_of, lines, same, missing, different, extra, unreadable, telling, .. } = told;
        let missing = missing.into_iter().map(|(line, number)| TestReportMissing { line, number });
        let different = different.into_iter().map(|it| TestReportDifference {
            line: it.line,
            number: it.number,
            test_report: it.id,
            fields: it.found.iter().map(|it| it.pointer.clone()).collect(),
            values: it.found.into_iter().map(Values::from).collect(),
        });
        let extra = extra.into_iter();
        let extra = extra.map(|it| TestReportExtra { number: it.number, test_report: it.id, status: it.status });
        let unreadable = unreadable.into_iter().map(|it| TestReportUnreadable {
            line: it.line,
            number: it.number,
            problem: telling.address(it.problem.kind),
            errors: FaultDocument::all(&it.problem, telling.language),
        });
        Self {
            laboratory: owner,
            as_of,
            lines,
            same,
            missing: missing.collect(),
            different: different.collect(),
            extra: extra.collect(),
            unreadable: unreadable.collect(),
        }
    }
}
