//! Test reports pushed by the thousand.

use super::record::TestReportInput;
use crate::batches::{self, BatchOptions, Done, LineTold, Mode};
use crate::http::upload::RECORDS;
use crate::http::{Answer, FaultDocument, Write, params};
use actix_web::web::{Path, Payload};
use actix_web::{HttpRequest, post};
use lvcai_auth::Scope;
use lvcai_domain::impact::Impact;
use lvcai_domain::test_report::PushedReport;
use lvcai_domain::{CmaNumber, ReportNumber, TestReportId};
use lvcai_store::batches::{LineResult, Outcome};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Test reports, as a batch of them is read.
pub(super) enum TestReports {}

impl batches::Noun for TestReports {
    const SCOPE: Scope = Scope::ReportsPush;
    type Record = PushedReport;
    type Input = TestReportInput;
    type Common = ();

    fn number(line: &TestReportInput) -> Option<ReportNumber> {
        line.number()
    }

    fn pushed(line: TestReportInput, owner: CmaNumber, number: ReportNumber, (): &()) -> PushedReport {
        line.pushed(owner, number)
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct BatchParams {
    /// Whether a report stands for itself: `each` when absent.
    #[serde(default)]
    #[param(required = false, inline)]
    mode: Mode,
    /// A ledger position (`Registry-Seq`): a line that would change a report that was changed after it is refused.
    /// So an old export takes back no amendment.
    #[serde(default, deserialize_with = "params::position")]
    #[param(value_type = Option<i64>, minimum = 0)]
    unchanged_since: Option<i64>,
    #[serde(default)]
    #[param(ignore)]
    validate_only: bool,
}

/// What became of a line of test reports
#[derive(Debug, Serialize, ToSchema)]
struct TestReportLineOutcome {
    /// Its position in the input, from 1: the element of an array, the line of a file.
    line: u64,
    /// The number, where the line has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ReportNumber>)]
    number: Option<String>,
    /// What became of it.
    #[schema(value_type = String, example = "created")]
    outcome: LineResult,
    /// The test report.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<TestReportId>)]
    test_report: Option<String>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
    /// The ledger entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<i64>,
    /// What happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "test_report.issued")]
    event: Option<String>,
    /// Why it was refused: the address of the problem's documentation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://registry.example/problems/invalid")]
    problem: Option<String>,
    /// What was wrong with it, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The fields at fault; pointers are into the line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FaultDocument>,
    /// For `validate_only`: what the line would touch by itself; absent where that is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    impact: Option<Impact>,
}

/// What became of a batch of test reports
#[derive(Debug, Serialize, ToSchema)]
struct TestReportBatchReport {
    /// Whose reports.
    laboratory: CmaNumber,
    /// How many lines there were.
    lines: usize,
    /// How many reports are new.
    created: usize,
    /// How many have a new version.
    changed: usize,
    /// How many lines came to each event.
    #[schema(example = json!({ "test_report.issued": 20, "test_report.amended": 5 }))]
    events: BTreeMap<String, usize>,
    /// How many were so already.
    unchanged: usize,
    /// How many lines were refused.
    refused: usize,
    /// The lines, in order.
    outcomes: Vec<TestReportLineOutcome>,
}

/// Push test reports in a batch (批量推送检验检测报告)
///
/// By the laboratory itself: a JSON array of records, or JSON Lines. Up to 10,000 lines and 64 MiB. Lines are written in
/// chunks of 100 while others go on pushing. Interrupted, the same batch under the same key goes on where it stopped and
/// answers the whole. With `validate_only` each line names the products, listings and publications that it would touch
/// by itself.
#[utoipa::path(
    tag = "test reports",
    operation_id = "push_test_reports",
    params(("laboratory" = CmaNumber, Path, description = "The CMA number (资质认定证书编号)"), BatchParams),
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
        (status = 200, description = "What became of each line", body = TestReportBatchReport),
    ),
)]
#[post("/laboratories/{laboratory}/test-reports:batch")]
pub(super) async fn push_test_reports(request: HttpRequest, laboratory: Path<String>, payload: Payload) -> Answer {
    let (write, params): (Write, BatchParams) = Write::with(&request, |it: &BatchParams| it.validate_only).await?;
    let options = BatchOptions { forms: RECORDS, mode: params.mode, unchanged_since: params.unchanged_since };
    let done = batches::push::<TestReports>(&request, &write, (laboratory, payload), (), options).await?;
    Ok(done.answer(TestReportBatchReport::new))
}

impl TestReportBatchReport {
    fn new(done: Done<TestReports>) -> Self {
        let Done { owner, outcomes, sums, mut notes, mut impacts, telling, .. } = done;
        let line = |it: Outcome| {
            let told = LineTold::of(&it, notes.remove(&it.line).unwrap_or_default(), &telling);
            let impact = impacts.remove(&it.line);
            TestReportLineOutcome::new(it, told, impact)
        };
        Self {
            laboratory: owner,
            lines: outcomes.len(),
            created: sums.created,
            changed: sums.changed,
            events: sums.events,
            unchanged: sums.unchanged,
            refused: sums.refused,
            outcomes: outcomes.into_iter().map(line).collect(),
        }
    }
}

impl TestReportLineOutcome {
    fn new(outcome: Outcome, told: LineTold, impact: Option<Impact>) -> Self {
        let Outcome { line, number, became: outcome, subject: test_report, version, seq, event, .. } = outcome;
        let LineTold { problem, detail, errors, .. } = told;
        Self { line, number, outcome, test_report, version, seq, event, problem, detail, errors, impact }
    }
}
