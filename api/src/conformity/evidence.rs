//! `/v1/evidence`

use crate::http::{
    Answer, Audience, Body, Items, ListOn, NoParams, OnDayOrLatest, PageParams, Read, ReadOn, ReadParams, VersionOf,
    Write, answer, checks, params, path_id,
};
use actix_web::web::Path;
use actix_web::{get, post};
use jiff::civil::Date;
use lvcai_auth::Scope;
use lvcai_domain::evidence::Source;
use lvcai_domain::{
    CertificateId, Evidence, EvidenceId, EvidenceStatus, Fault, OrganisationId, Problem, ProblemKind, ProductId, Rule,
    TestReportId,
};
use lvcai_store::{Error, View, certificates, evidence, products, test_reports};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_evidence)
        .service(list_product_evidence)
        .service(list_certificate_evidence)
        .service(list_test_report_evidence)
        .service(read_evidence)
        .service(list_evidence_versions)
        .service(claim_evidence)
        .service(decide_evidence);
}

/// A claim that a certificate or a test report covers a product
///
/// It names exactly one of `certificate` and `test_report`.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "product": "prod_01900000-0000-7000-8000-000000000002",
    "certificate": "cert_01900000-0000-7000-8000-000000000023",
    "models": ["65系列"]
}))]
struct EvidenceInput {
    /// The product.
    product: ProductId,
    /// The certificate, of the product's kind.
    certificate: Option<CertificateId>,
    /// The test report, which passes or judges nothing.
    test_report: Option<TestReportId>,
    /// The models that it covers, named by both; all of the product's when empty.
    #[serde(default)]
    #[validate(length(max = 500), custom(function = "checks::texts"))]
    #[schema(max_items = 500)]
    models: Vec<String>,
    /// The day from which it counts, said by who confirms by claiming: today when absent, neither in the future nor
    /// before the issue of what it rests on.
    #[serde(default, deserialize_with = "params::day")]
    effective_on: Option<Date>,
    /// For a test report, the last day on which it counts, said by who confirms by claiming: not past the report's own.
    #[serde(default, deserialize_with = "params::day")]
    valid_until: Option<Date>,
    /// Required of who confirms by claiming where certificate or report are another firm's than the product names: why
    /// it proves the product all the same. It is kept and shown.
    #[validate(length(min = 1, max = 300), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 300)]
    distinct_holder: Option<String>,
}

/// What a claim rests on: one of the two and not both.
fn source(certificate: Option<CertificateId>, test_report: Option<TestReportId>) -> Result<Source, Fault> {
    let (fault, zh, en) = match (certificate, test_report) {
        (Some(id), None) => return Ok(Source::Certificate(id)),
        (None, Some(id)) => return Ok(Source::TestReport(id)),
        (None, None) => (
            Fault::new("/certificate", Rule::Required),
            "须给出 certificate 或 test_report 之一",
            "name a certificate or a test_report",
        ),
        (Some(_), Some(_)) => (
            Fault::new("/test_report", Rule::NotAllowed),
            "certificate 与 test_report 只能给出其一",
            "name a certificate or a test_report, not both",
        ),
    };
    Err(fault.detail(zh, en))
}

#[derive(Debug, Clone, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// The product.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<ProductId>)]
    product: Option<ProductId>,
    /// The certificate.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<CertificateId>)]
    certificate: Option<CertificateId>,
    /// The test report.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<TestReportId>)]
    test_report: Option<TestReportId>,
    /// The enterprise of the product.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<OrganisationId>)]
    enterprise: Option<OrganisationId>,
    /// How far it has come. What is proposed or rejected is seen by its parties and the authority.
    status: Option<EvidenceStatus>,
}

/// List evidence (查询证明关系)
#[utoipa::path(
    tag = "evidence",
    operation_id = "list_evidence",
    params(ListParams, PageParams, OnDayOrLatest),
    security((), ("bearer" = [])),
    responses((status = 200, description = "A page, the newest first", body = Items<Evidence>)),
)]
#[get("/evidence")]
async fn list_evidence(list: ListOn<ListParams, Audience>) -> Answer {
    let viewer = list.by.viewer;
    let ListParams { product, certificate, test_report, enterprise, status } = list.params.clone();
    let filter = evidence::Filter { product, certificate, test_report, enterprise, status };
    list.page(move |conn, page| evidence::list(conn, &filter, page, viewer)).await
}

/// List the evidence of a product (查询产品的证明关系)
///
/// What is not confirmed is seen by its parties and the authority alone.
#[utoipa::path(
    tag = "products",
    operation_id = "list_product_evidence",
    params(("id" = ProductId, Path, description = "The product"), PageParams, OnDayOrLatest),
    security((), ("bearer" = [])),
    responses((status = 200, description = "A page, the newest first", body = Items<Evidence>)),
)]
#[get("/products/{id}/evidence")]
async fn list_product_evidence(id: Path<String>, list: ListOn<NoParams, Audience>) -> Answer {
    let id: ProductId = path_id(&id)?;
    let viewer = list.by.viewer;
    list.page(move |conn, page| {
        products::read(conn, id, page.cut, viewer)?.ok_or(Error::from(ProblemKind::NotFound))?;
        evidence::list(conn, &evidence::Filter { product: Some(id), ..Default::default() }, page, viewer)
    })
    .await
}

/// List the evidence that rests on a certificate (查询证书的证明关系)
///
/// Each names its product. What is not confirmed is seen by its parties and the authority alone.
#[utoipa::path(
    tag = "certificates",
    operation_id = "list_certificate_evidence",
    params(("id" = CertificateId, Path, description = "The certificate"), PageParams, OnDayOrLatest),
    security((), ("bearer" = [])),
    responses((status = 200, description = "A page, the newest first", body = Items<Evidence>)),
)]
#[get("/certificates/{id}/evidence")]
async fn list_certificate_evidence(id: Path<String>, list: ListOn<NoParams, Audience>) -> Answer {
    let id: CertificateId = path_id(&id)?;
    let viewer = list.by.viewer;
    list.page(move |conn, page| {
        certificates::read_on(conn, id, page.moment())?.ok_or(Error::from(ProblemKind::NotFound))?;
        evidence::list(conn, &evidence::Filter { certificate: Some(id), ..Default::default() }, page, viewer)
    })
    .await
}

/// List the evidence that rests on a test report (查询检验检测报告的证明关系)
///
/// Each names its product. What is not confirmed is seen by its parties and the authority alone.
#[utoipa::path(
    tag = "test reports",
    operation_id = "list_test_report_evidence",
    params(("id" = TestReportId, Path, description = "The test report"), PageParams, OnDayOrLatest),
    security((), ("bearer" = [])),
    responses((status = 200, description = "A page, the newest first", body = Items<Evidence>)),
)]
#[get("/test-reports/{id}/evidence")]
async fn list_test_report_evidence(id: Path<String>, list: ListOn<NoParams, Audience>) -> Answer {
    let id: TestReportId = path_id(&id)?;
    let viewer = list.by.viewer;
    list.page(move |conn, page| {
        test_reports::read_on(conn, id, page.moment())?.ok_or(Error::from(ProblemKind::NotFound))?;
        evidence::list(conn, &evidence::Filter { test_report: Some(id), ..Default::default() }, page, viewer)
    })
    .await
}

/// Read a piece of evidence (读取证明关系)
#[utoipa::path(
    tag = "evidence",
    operation_id = "read_evidence",
    params(("id" = EvidenceId, Path, description = "The evidence"), ReadParams, OnDayOrLatest),
    security((), ("bearer" = [])),
    responses((status = 200, description = "The evidence", body = Evidence)),
)]
#[get("/evidence/{id}")]
async fn read_evidence(id: Path<String>, read: ReadOn<Audience>) -> Answer {
    let viewer = read.by.viewer;
    let id: EvidenceId = path_id(&id)?;
    read.record_on(move |conn, moment| evidence::read_on(conn, id, moment, viewer)).await
}

/// List the versions of a piece of evidence (查询证明关系历史版本)
#[utoipa::path(
    tag = "evidence",
    operation_id = "list_evidence_versions",
    params(("id" = EvidenceId, Path, description = "The evidence"), ReadParams),
    security((), ("bearer" = [])),
    responses((status = 200, description = "The versions, the newest first", body = Items<VersionOf<Evidence>>)),
)]
#[get("/evidence/{id}/versions")]
async fn list_evidence_versions(id: Path<String>, read: Read<Audience>) -> Answer {
    let viewer = read.by.viewer;
    let id: EvidenceId = path_id(&id)?;
    read.versions(move |conn, cut| evidence::versions(conn, id, cut, viewer)).await
}

/// Claim that a certificate or a test report covers a product (申报产品的证明关系)
///
/// A claim by the certificate's own body or by the authority is confirmed at once; one by the product's enterprise is
/// proposed, and confirmed or rejected by them. A test report is the authority's alone to confirm, with the last day
/// on which it counts.
///
/// The product's enterprise must be a party of the certificate or report (holder, manufacturer or factory), and a
/// manufacturer and a factory that both name must be the same: by USCC, else by name.
#[utoipa::path(
    tag = "evidence",
    operation_id = "claim_evidence",
    request_body = EvidenceInput,
    security(("bearer" = ["evidence:write"])),
    responses((status = 201, description = "Confirmed or proposed", body = Evidence, headers(("Location" = String, description = "Its address")))),
    extensions(("x-problems" = json!(["illegal-step"]))),
)]
#[post("/evidence")]
async fn claim_evidence(write: Write, body: Body<EvidenceInput>) -> Answer {
    write.caller.may(Scope::EvidenceWrite)?;
    let EvidenceInput { product, certificate, test_report, models, effective_on, valid_until, distinct_holder } =
        body.value;
    let source = source(certificate, test_report).map_err(Problem::from)?;
    let terms = evidence::Terms { effective_on, valid_until, distinct_holder };
    let (by, authority) = (write.caller.organisation, write.caller.is_authority());
    let claim = evidence::Claim { product, source, models, terms, by, authority };
    let receipt = write.create(&body.digest, move |view| evidence::claim(view, &claim)).await?;
    Ok(answer::receipt(receipt, |id| format!("/v1/evidence/{id}")))
}

/// What is decided about an evidence.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum EvidenceStep {
    /// Confirm what was proposed.
    Confirm,
    /// Reject what was proposed.
    Reject,
    /// End what was confirmed: from today it no longer counts.
    End,
}

/// A step of an evidence
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "step": "confirm" }))]
struct EvidenceTransition {
    /// The step.
    step: EvidenceStep,
    /// For `confirm`: the day from which it counts; today when absent.
    #[serde(default, deserialize_with = "params::day")]
    effective_on: Option<Date>,
    /// For `confirm` of a test report, required: the last day on which it counts, not past the report's own.
    #[serde(default, deserialize_with = "params::day")]
    valid_until: Option<Date>,
    /// For `confirm`, required where certificate or report are another firm's than the product names: why it proves the
    /// product all the same. It is kept and shown.
    #[validate(length(min = 1, max = 300), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 300)]
    distinct_holder: Option<String>,
}

/// Confirm, reject or end a piece of evidence (确认、否决或终止证明关系)
///
/// By the certificate's body or the authority; for a test report by the authority alone. The listings that rest on it follow in the same command.
#[utoipa::path(
    tag = "evidence",
    operation_id = "decide_evidence",
    params(("id" = EvidenceId, Path, description = "The evidence", example = "evid_01900000-0000-7000-8000-000000000014")),
    request_body = EvidenceTransition,
    security(("bearer" = ["evidence:confirm"])),
    responses((status = 200, description = "Done", body = Evidence)),
)]
#[post("/evidence/{id}/transitions")]
async fn decide_evidence(write: Write, id: Path<String>, body: Body<EvidenceTransition>) -> Answer {
    write.caller.may(Scope::EvidenceConfirm)?;
    let id: EvidenceId = path_id(&id)?;
    let EvidenceTransition { step, effective_on, valid_until, distinct_holder } = body.value;
    let to = match step {
        EvidenceStep::Confirm => EvidenceStatus::Confirmed,
        EvidenceStep::Reject => EvidenceStatus::Rejected,
        EvidenceStep::End => EvidenceStatus::Ended,
    };
    let terms = evidence::Terms { effective_on, valid_until, distinct_holder };
    let ruling = evidence::EvidenceDecision { to, terms, by: write.caller.author() };
    let viewer = write.caller.viewer();
    let stands = move |view: &mut View<'_>| evidence::read(view.conn, id, view.cut, viewer);
    let decide = write.conditions.guard(stands, move |view| evidence::decide(view, id, &ruling));
    let receipt = write.execute(&body.digest, decide).await?;
    Ok(answer::receipt(receipt, |id| format!("/v1/evidence/{id}")))
}
