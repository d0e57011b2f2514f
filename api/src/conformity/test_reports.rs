//! `/v1/test-reports`, and the address at which their laboratories push them.

mod batch;
mod reconcile;
mod record;

use crate::http::{
    Answer, Body, Items, ListOn, OnDayOrLatest, PageParams, Put, Read, ReadOn, ReadParams, VersionOf, Write, answer,
    checks, params, path_id,
};
use actix_web::web::Path;
use actix_web::{get, post, put};
use jiff::civil::Date;
use lvcai_auth::Scope;
use lvcai_domain::{
    CmaNumber, Fault, Problem, ProblemKind, ReportConclusion, ReportNumber, TestReport, TestReportId, TestReportStatus,
};
use lvcai_store::{Error, View, laboratories, test_reports};
use record::TestReportInput;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_test_reports)
        .service(read_test_report)
        .service(list_test_report_versions)
        .service(list_laboratory_reports)
        .service(read_test_report_by_number)
        .service(push_test_report)
        .service(step_test_report)
        .service(batch::push_test_reports)
        .service(reconcile::reconcile_test_reports);
}

#[derive(Debug, Clone, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// The laboratory, by its CMA number.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<CmaNumber>)]
    laboratory: Option<CmaNumber>,
    /// The beginning of the number, whatever its spelling.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<ReportNumber>)]
    number: Option<ReportNumber>,
    /// The conclusion.
    conclusion: Option<ReportConclusion>,
    /// Where it stands.
    status: Option<TestReportStatus>,
}

/// List test reports (查询检验检测报告)
#[utoipa::path(
    tag = "test reports",
    operation_id = "list_test_reports",
    params(ListParams, PageParams, OnDayOrLatest),
    responses((status = 200, description = "A page, the newest first", body = Items<TestReport>)),
)]
#[get("/test-reports")]
async fn list_test_reports(list: ListOn<ListParams>) -> Answer {
    let params = list.params.clone();
    let filter = test_reports::Filter {
        laboratory: params.laboratory,
        number: params.number.map(|number| number.normalised()),
        conclusion: params.conclusion,
        status: params.status,
    };
    list.page(move |conn, page| {
        if let Some(laboratory) = &filter.laboratory {
            laboratories::must_be_known(conn, laboratory.as_str(), "laboratory")?;
        }
        test_reports::list(conn, &filter, page)
    })
    .await
}

/// Read a test report (读取检验检测报告)
#[utoipa::path(
    tag = "test reports",
    operation_id = "read_test_report",
    params(("id" = TestReportId, Path, description = "The test report"), ReadParams, OnDayOrLatest),
    responses((status = 200, description = "The test report", body = TestReport)),
)]
#[get("/test-reports/{id}")]
async fn read_test_report(id: Path<String>, read: ReadOn) -> Answer {
    let id: TestReportId = path_id(&id)?;
    read.record_on(move |conn, moment| test_reports::read_on(conn, id, moment)).await
}

/// List the versions of a test report (查询检验检测报告历史版本)
#[utoipa::path(
    tag = "test reports",
    operation_id = "list_test_report_versions",
    params(("id" = TestReportId, Path, description = "The test report"), ReadParams),
    responses((status = 200, description = "The versions, the newest first", body = Items<VersionOf<TestReport>>)),
)]
#[get("/test-reports/{id}/versions")]
async fn list_test_report_versions(id: Path<String>, read: Read) -> Answer {
    let id: TestReportId = path_id(&id)?;
    read.versions(move |conn, cut| test_reports::versions(conn, id, cut)).await
}

/// List the test reports of a laboratory (查询检验检测机构的报告)
///
/// `/v1/test-reports?laboratory=` narrows them further.
#[utoipa::path(
    tag = "laboratories",
    operation_id = "list_laboratory_test_reports",
    params(("laboratory" = CmaNumber, Path, description = "The CMA number (资质认定证书编号)"), PageParams, OnDayOrLatest),
    responses((status = 200, description = "A page, the newest first", body = Items<TestReport>)),
)]
#[get("/laboratories/{laboratory}/test-reports")]
async fn list_laboratory_reports(laboratory: Path<String>, list: ListOn) -> Answer {
    let laboratory: CmaNumber = path_id(&laboratory)?;
    list.page(move |conn, page| {
        laboratories::read(conn, &laboratory, page.cut)?.ok_or(Error::from(ProblemKind::NotFound))?;
        let filter = test_reports::Filter { laboratory: Some(laboratory.clone()), ..Default::default() };
        test_reports::list(conn, &filter, page)
    })
    .await
}

/// Read a test report by its number (按编号读取检验检测报告)
///
/// A `/` in the number is written `%2F`.
#[utoipa::path(
    tag = "laboratories",
    operation_id = "read_test_report_by_number",
    params(
        ("laboratory" = CmaNumber, Path, description = "The CMA number (资质认定证书编号)"),
        ("number" = ReportNumber, Path, description = "The number, percent-encoded"),
        ReadParams,
        OnDayOrLatest,
    ),
    responses((status = 200, description = "The test report", body = TestReport)),
)]
#[get("/laboratories/{laboratory}/test-reports/{number}")]
async fn read_test_report_by_number(path: Path<(String, String)>, read: ReadOn) -> Answer {
    let laboratory: CmaNumber = path_id(&path.0)?;
    let number: ReportNumber = path_id(&path.1)?;
    read.record_on(move |conn, moment| {
        let known = test_reports::find_by_number(conn, &laboratory, &number, moment.cut)?;
        let known: Option<TestReport> = known.map(|it| it.parse()).transpose()?;
        known.map_or(Ok(None), |known| test_reports::read_on(conn, known.id, moment))
    })
    .await
}

/// Push a test report (推送检验检测报告)
///
/// By the laboratory itself: the record as it stands now. The registry derives whether it is issued, amended or
/// unchanged; the listings that rest on it follow in the same command. A report that is void cannot be pushed again.
#[utoipa::path(
    tag = "laboratories",
    operation_id = "push_test_report",
    params(
        ("laboratory" = CmaNumber, Path, description = "The CMA number (资质认定证书编号)"),
        ("number" = ReportNumber, Path, description = "The number exactly as the laboratory writes it, percent-encoded"),
    ),
    request_body = TestReportInput,
    security(("bearer" = ["reports:push"])),
    responses(
        (status = 200, description = "Amended, or unchanged", body = TestReport),
        (status = 201, description = "Issued", body = TestReport, headers(("Location" = String, description = "Its address"))),
    ),
    extensions(("x-problems" = json!(["illegal-step"]))),
)]
#[put("/laboratories/{laboratory}/test-reports/{number}")]
async fn push_test_report(
    write: Write,
    path: Path<(String, String)>,
    record: Put<TestReportInput, TestReport>,
) -> Answer {
    write.caller.may(Scope::ReportsPush)?;
    let laboratory: CmaNumber = path_id(&path.0)?;
    let number: ReportNumber = path.1.parse().map_err(|rule| Problem::from(Fault::new("number", rule)))?;
    let by = write.caller.organisation;
    let terms = record.terms(&write);
    let mut pushed = record.value.clone().pushed(laboratory, number);
    if terms.restates("status", TestReportStatus::Voided.name()) {
        pushed.report.status = TestReportStatus::Voided;
    }
    let decide = move |view: &mut View<'_>| {
        let report = &pushed.report;
        let held = test_reports::find_by_number(view.conn, &report.laboratory, &report.number, view.cut)?;
        terms.check(held.as_ref(), &TestReport { status: TestReportStatus::Issued, ..report.clone() })?;
        test_reports::put(view, pushed.stated()?, by)
    };
    let receipt = write.execute(&record.digest, decide).await?;
    Ok(record.answer(receipt, |id| format!("/v1/test-reports/{id}")))
}

/// A step that a laboratory takes by its name.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum TestReportStep {
    /// Void (作废): final.
    Void,
}

/// A step of a test report
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "step": "void", "note": "样品信息有误" }))]
struct TestReportTransition {
    /// The step.
    step: TestReportStep,
    /// Why, in words.
    #[validate(length(min = 1, max = 500), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 500)]
    note: String,
    /// From which day; today when absent. Neither in the future nor before the issue.
    #[serde(default, deserialize_with = "params::day")]
    effective_on: Option<Date>,
}

/// Void a test report (作废检验检测报告)
///
/// By the laboratory that issued it. The listings that rest on it follow in the same command.
#[utoipa::path(
    tag = "test reports",
    operation_id = "step_test_report",
    params(("id" = TestReportId, Path, description = "The test report", example = "rept_01900000-0000-7000-8000-000000000018")),
    request_body = TestReportTransition,
    security(("bearer" = ["reports:push"])),
    responses((status = 200, description = "Done", body = TestReport)),
)]
#[post("/test-reports/{id}/transitions")]
async fn step_test_report(write: Write, id: Path<String>, body: Body<TestReportTransition>) -> Answer {
    write.caller.may(Scope::ReportsPush)?;
    let id: TestReportId = path_id(&id)?;
    let by = write.caller.organisation;
    let TestReportTransition { step: TestReportStep::Void, note, effective_on } = body.value;
    let decide = move |view: &mut View<'_>| test_reports::void(view, id, by, &note, effective_on);
    let stands = move |view: &mut View<'_>| test_reports::read(view.conn, id, view.cut);
    let receipt = write.execute(&body.digest, write.conditions.guard(stands, decide)).await?;
    Ok(answer::receipt(receipt, |id| format!("/v1/test-reports/{id}")))
}
