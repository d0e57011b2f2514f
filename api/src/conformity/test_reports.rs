//! `/v1/test-reports`, and the address at which their laboratories push them.

mod record;

use crate::http::answer::{self, Items, VersionOf};
use crate::http::body::Body;
use crate::http::caller::{Looking, Write};
use crate::http::checks;
use crate::http::failure::Failure;
use crate::http::paging::PageParams;
use crate::http::paging::Paging;
use crate::http::paging::{filter, keyed};
use crate::http::params::ReadParams;
use crate::http::params::{self, Params, segment};
use crate::service::Service;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post, put};
use jiff::civil::Date;
use lvcai_auth::Scope;
use lvcai_domain::{
    CmaNumber, Evidence, Fault, Problem, ProblemKind, ReportNumber, ReportVerdict, TestReport, TestReportId,
    TestReportStatus,
};
use lvcai_store::{AsOf, Error, View, evidence, test_reports};
use record::TestReportRecord;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_test_reports)
        .service(read_test_report)
        .service(list_test_report_versions)
        .service(list_test_report_evidence)
        .service(read_test_report_by_number)
        .service(push_test_report)
        .service(step_test_report);
}

#[derive(Debug, Deserialize, Serialize, IntoParams)]
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
    verdict: Option<ReportVerdict>,
    /// Where it stands.
    status: Option<TestReportStatus>,
    /// How many items a page has.
    #[serde(default = "params::default_limit", deserialize_with = "params::limit", serialize_with = "params::unsaid")]
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: i64,
    /// Where the page before ended: its `page.next`, unchanged.
    #[serde(default, serialize_with = "params::unsaid")]
    cursor: Option<String>,
    /// A ledger position or an instant (RFC 3339): the registry as it was known then. Now when absent.
    #[serde(default, deserialize_with = "params::as_of", serialize_with = "params::unsaid")]
    #[param(value_type = Option<String>, example = "412")]
    as_of: AsOf,
}

/// List test reports
#[utoipa::path(
    tag = "test reports",
    operation_id = "list_test_reports",
    params(ListParams),
    responses((status = 200, description = "A page, the newest first", body = Items<TestReport>)),
)]
#[get("/test-reports")]
async fn list_test_reports(
    request: HttpRequest,
    service: Data<Service>,
    Params(params): Params<ListParams>,
) -> Result<HttpResponse, Failure> {
    let of = format!("test_reports {}", filter(&params, params.as_of));
    let paging = Paging::new(&service, of, (params.limit, params.as_of), params.cursor.as_deref())?;
    let filter = test_reports::Filter {
        laboratory: params.laboratory,
        number: params.number.map(|number| number.normalised()),
        verdict: params.verdict,
        status: params.status,
    };
    let pages = paging.clone();
    let read = move |conn: &mut _, cut| test_reports::list(conn, &filter, &pages.page(cut));
    let (cut, items) = service.registry.read_at(paging.as_of(), read).await?;
    Ok(answer::page((&request, &service), &paging, cut, keyed(items)))
}

/// Read a test report
#[utoipa::path(
    tag = "test reports",
    operation_id = "read_test_report",
    params(("id" = TestReportId, Path, description = "The test report"), ReadParams),
    responses((status = 200, description = "The test report", body = TestReport)),
)]
#[get("/test-reports/{id}")]
async fn read_test_report(
    request: HttpRequest,
    service: Data<Service>,
    id: Path<String>,
    Params(params): Params<ReadParams>,
) -> Result<HttpResponse, Failure> {
    let id: TestReportId = segment(&id)?;
    let found = service.registry.read_at(params.as_of, move |conn, cut| test_reports::read(conn, id, cut)).await?;
    answer::item(&request, found)
}

/// List the versions of a test report
#[utoipa::path(
    tag = "test reports",
    operation_id = "list_test_report_versions",
    params(("id" = TestReportId, Path, description = "The test report"), ReadParams),
    responses((status = 200, description = "The versions, the newest first", body = Items<VersionOf<TestReport>>)),
)]
#[get("/test-reports/{id}/versions")]
async fn list_test_report_versions(
    request: HttpRequest,
    service: Data<Service>,
    id: Path<String>,
    Params(params): Params<ReadParams>,
) -> Result<HttpResponse, Failure> {
    let id: TestReportId = segment(&id)?;
    let found = service.registry.read_at(params.as_of, move |conn, cut| test_reports::versions(conn, id, cut)).await?;
    answer::versions(&request, found)
}

/// List the evidence that rests on a test report
///
/// Each names its product. What is not confirmed is seen by its parties and the authority alone.
#[utoipa::path(
    tag = "test reports",
    operation_id = "list_test_report_evidence",
    params(("id" = TestReportId, Path, description = "The test report"), PageParams),
    security((), ("bearer" = [])),
    responses((status = 200, description = "A page, the newest first", body = Items<Evidence>)),
)]
#[get("/test-reports/{id}/evidence")]
async fn list_test_report_evidence(
    request: HttpRequest,
    service: Data<Service>,
    looking: Looking,
    id: Path<String>,
    Params(params): Params<PageParams>,
) -> Result<HttpResponse, Failure> {
    let id: TestReportId = segment(&id)?;
    let viewer = looking.0;
    let paging = params.paging(&service, &format!("evidence of {id} {viewer:?}"))?;
    let pages = paging.clone();
    let read = move |conn: &mut _, cut| {
        test_reports::read(conn, id, cut)?.ok_or(Error::from(ProblemKind::NotFound))?;
        let filter = evidence::Filter { test_report: Some(id), ..Default::default() };
        evidence::list(conn, &filter, &pages.page(cut), viewer)
    };
    let (cut, items) = service.registry.read_at(paging.as_of(), read).await?;
    Ok(answer::page((&request, &service), &paging, cut, keyed(items)))
}

/// Read a test report by its number
///
/// A `/` in the number is written `%2F`.
#[utoipa::path(
    tag = "laboratories",
    operation_id = "read_test_report_by_number",
    params(
        ("cma_number" = CmaNumber, Path, description = "The CMA number (资质认定证书编号)"),
        ("number" = ReportNumber, Path, description = "The number, percent-encoded"),
        ReadParams,
    ),
    responses((status = 200, description = "The test report", body = TestReport)),
)]
#[get("/laboratories/{cma_number}/test-reports/{number}")]
async fn read_test_report_by_number(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<(String, String)>,
    Params(params): Params<ReadParams>,
) -> Result<HttpResponse, Failure> {
    let (laboratory, number) = (segment::<CmaNumber>(&path.0)?, segment::<ReportNumber>(&path.1)?);
    let read = move |conn: &mut _, cut| test_reports::numbered(conn, &laboratory, &number, cut);
    answer::item(&request, service.registry.read_at(params.as_of, read).await?)
}

/// Push a test report
///
/// By the laboratory itself: the record as it stands now. The registry derives whether it is issued, amended or
/// unchanged; the listings that rest on it follow in the same command. A report that is void cannot be pushed again.
#[utoipa::path(
    tag = "laboratories",
    operation_id = "push_test_report",
    params(
        ("cma_number" = CmaNumber, Path, description = "The CMA number (资质认定证书编号)"),
        ("number" = ReportNumber, Path, description = "The number exactly as the laboratory writes it, percent-encoded"),
    ),
    request_body = TestReportRecord,
    security(("bearer" = ["reports:push"])),
    responses(
        (status = 200, description = "Amended, or unchanged", body = TestReport),
        (status = 201, description = "Issued", body = TestReport, headers(("Location" = String, description = "Its address"))),
        (status = 412, description = "The record has changed since `If-Match`", body = crate::http::failure::ProblemDocument, content_type = "application/problem+json"),
    ),
)]
#[put("/laboratories/{cma_number}/test-reports/{number}")]
async fn push_test_report(
    request: HttpRequest,
    service: Data<Service>,
    write: Write,
    path: Path<(String, String)>,
    record: Body<TestReportRecord>,
) -> Result<HttpResponse, Failure> {
    write.caller.may(Scope::ReportsPush)?;
    let laboratory: CmaNumber = segment(&path.0)?;
    let number: ReportNumber = path.1.parse().map_err(|rule| Problem::from(Fault::new("number", rule)))?;
    let if_match = answer::optional_if_match(&request)?;
    let (order, by) = (write.order(&record.digest), write.caller.organisation);
    let report = record.value.report(&laboratory, &number);
    let decide = move |view: &mut View<'_>| {
        if let Some(if_match) = &if_match {
            // What does not exist matches nothing (RFC 9110 §13.1.1).
            let held = test_reports::numbered(view.conn, &report.laboratory, &report.number, view.cut)?;
            answer::matches(if_match, &held.ok_or(ProblemKind::PreconditionFailed)?.body)?;
        }
        test_reports::put(view, &report, by)
    };
    let receipt = service.registry.execute(order, decide).await?;
    Ok(answer::written(receipt, |id| format!("/v1/test-reports/{id}")))
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
#[schema(example = json!({ "step": "void", "reason": "样品信息有误", "on": "2026-11-22" }))]
struct TestReportTransition {
    /// The step.
    step: TestReportStep,
    /// Why, in words.
    #[validate(length(min = 1, max = 500), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
    /// From which day; today when absent. Neither in the future nor before the issue.
    #[serde(default, deserialize_with = "crate::http::params::day")]
    on: Option<Date>,
}

/// Void a test report
///
/// By the laboratory that issued it. The listings that rest on it follow in the same command.
#[utoipa::path(
    tag = "test reports",
    operation_id = "step_test_report",
    params(("id" = TestReportId, Path, description = "The test report")),
    request_body = TestReportTransition,
    security(("bearer" = ["reports:push"])),
    responses((status = 200, description = "Done", body = TestReport)),
)]
#[post("/test-reports/{id}/transitions")]
async fn step_test_report(
    service: Data<Service>,
    write: Write,
    id: Path<String>,
    body: Body<TestReportTransition>,
) -> Result<HttpResponse, Failure> {
    write.caller.may(Scope::ReportsPush)?;
    write.must_have_key()?;
    let id: TestReportId = segment(&id)?;
    let (order, by) = (write.order(&body.digest), write.caller.organisation);
    let TestReportTransition { step: TestReportStep::Void, reason, on } = body.value;
    let decide = move |view: &mut View<'_>| test_reports::void(view, id, by, (&reason, on));
    let receipt = service.registry.execute(order, decide).await?;
    Ok(answer::written(receipt, |id| format!("/v1/test-reports/{id}")))
}
