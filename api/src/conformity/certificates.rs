//! `/v1/certificates`, and the address at which their bodies push them.

mod batch;
mod foreseen;
mod look_alikes;
mod reconcile;
mod record;
mod transitions;

use crate::http::{
    Answer, Items, ListOn, OnDayOrLatest, PageParams, Put, Read, ReadOn, ReadParams, VersionOf, Write, params, path_id,
};
use actix_web::web::Path;
use actix_web::{get, put};
use foreseen::{SteppedCertificate, carry_out};
use jiff::civil::Date;
use lvcai_auth::Scope;
use lvcai_domain::certificate::StatedScope;
use lvcai_domain::{
    ApprovalNumber, Certificate, CertificateId, CertificateNumber, Fault, Problem, ProblemKind, RecordSource,
    ReportedStatus, Scheme, Star,
};
use lvcai_store::certificates::{CertificateKey, Order};
use lvcai_store::{Error, View, certificates, certification_bodies};
use record::CertificateInput;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_certificates)
        .service(list_body_certificates)
        .service(read_certificate)
        .service(list_certificate_versions)
        .service(read_certificate_by_number)
        .service(push_certificate)
        .service(transitions::step_certificate)
        .service(batch::push_certificates)
        .service(reconcile::reconcile_certificates);
}

#[derive(Debug, Clone, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// The certification body, by its approval number.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<ApprovalNumber>)]
    certification_body: Option<ApprovalNumber>,
    /// The beginning of the number, whatever its spelling.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<CertificateNumber>)]
    number: Option<CertificateNumber>,
    /// The kind, a code of `/v1/kinds`.
    #[serde(default, deserialize_with = "params::kind")]
    #[param(value_type = Option<String>, example = "gbm-09")]
    kind: Option<String>,
    /// The scheme.
    scheme: Option<Scheme>,
    /// The status its body reports.
    status: Option<ReportedStatus>,
    /// The least star.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<Star>)]
    star_min: Option<Star>,
    /// A day before which it ends.
    #[serde(default, deserialize_with = "params::any_day")]
    #[param(value_type = Option<Date>)]
    expires_before: Option<Date>,
    /// The number of the certificate that it renews or takes over: the successors of that one.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<CertificateNumber>)]
    predecessor: Option<CertificateNumber>,
    /// Who states what the record says.
    record_source: Option<RecordSource>,
    /// The order; the newest first when absent.
    #[param(inline)]
    sort: Option<Sort>,
}

/// In which order certificates are listed.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
enum Sort {
    /// Those that the registry has known for the shortest time first.
    #[serde(rename = "-id")]
    Newest,
    /// Those that end first.
    #[serde(rename = "valid_until")]
    EndingFirst,
    /// Those that end last.
    #[serde(rename = "-valid_until")]
    EndingLast,
}

impl From<Sort> for Order {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Newest => Self::Newest,
            Sort::EndingFirst => Self::EndingFirst,
            Sort::EndingLast => Self::EndingLast,
        }
    }
}

/// List certificates (查询证书)
#[utoipa::path(
    tag = "certificates",
    operation_id = "list_certificates",
    params(ListParams, PageParams, OnDayOrLatest),
    responses((status = 200, description = "A page, in the order of `sort`", body = Items<Certificate>)),
)]
#[get("/certificates")]
async fn list_certificates(list: ListOn<ListParams>) -> Answer {
    let params = list.params.clone();
    let filter = certificates::Filter {
        body: params.certification_body,
        number: params.number.map(|number| number.normalised()),
        kind: params.kind,
        scheme: params.scheme,
        status: params.status,
        star_min: params.star_min.map(|star| i32::from(star.get())),
        expires_before: params.expires_before,
        predecessor: params.predecessor,
        record_source: params.record_source,
        order: params.sort.map(Order::from).unwrap_or_default(),
    };
    list.page(move |conn, page| {
        if let Some(body) = &filter.body {
            certification_bodies::must_be_known(conn, body.as_str(), "certification_body")?;
        }
        certificates::list(conn, &filter, page)
    })
    .await
}

/// List the certificates of a certification body (查询认证机构的证书)
///
/// `/v1/certificates?certification_body=` narrows them further.
#[utoipa::path(
    tag = "certification bodies",
    operation_id = "list_certification_body_certificates",
    params(("certification_body" = ApprovalNumber, Path, description = "The approval number (批准号)"), PageParams, OnDayOrLatest),
    responses((status = 200, description = "A page, the newest first", body = Items<Certificate>)),
)]
#[get("/certification-bodies/{certification_body}/certificates")]
async fn list_body_certificates(body: Path<String>, list: ListOn) -> Answer {
    let body: ApprovalNumber = path_id(&body)?;
    list.page(move |conn, page| {
        certification_bodies::read(conn, &body, page.cut)?.ok_or(Error::from(ProblemKind::NotFound))?;
        certificates::list(conn, &certificates::Filter { body: Some(body.clone()), ..Default::default() }, page)
    })
    .await
}

/// Read a certificate (读取证书)
#[utoipa::path(
    tag = "certificates",
    operation_id = "read_certificate",
    params(("id" = CertificateId, Path, description = "The certificate"), ReadParams, OnDayOrLatest),
    responses((status = 200, description = "The certificate", body = Certificate)),
)]
#[get("/certificates/{id}")]
async fn read_certificate(id: Path<String>, read: ReadOn) -> Answer {
    let id: CertificateId = path_id(&id)?;
    read.record_on(move |conn, moment| certificates::read_on(conn, id, moment)).await
}

/// List the versions of a certificate (查询证书历史版本)
#[utoipa::path(
    tag = "certificates",
    operation_id = "list_certificate_versions",
    params(("id" = CertificateId, Path, description = "The certificate"), ReadParams),
    responses((status = 200, description = "The versions, the newest first", body = Items<VersionOf<Certificate>>)),
)]
#[get("/certificates/{id}/versions")]
async fn list_certificate_versions(id: Path<String>, read: Read) -> Answer {
    let id: CertificateId = path_id(&id)?;
    read.versions(move |conn, cut| certificates::versions(conn, id, cut)).await
}

/// Read a certificate by its number (按编号读取证书)
///
/// A `/` in the number is written `%2F`.
#[utoipa::path(
    tag = "certification bodies",
    operation_id = "read_certificate_by_number",
    params(
        ("certification_body" = ApprovalNumber, Path, description = "The approval number (批准号)"),
        ("number" = CertificateNumber, Path, description = "The number, percent-encoded"),
        ReadParams,
        OnDayOrLatest,
    ),
    responses((status = 200, description = "The certificate", body = Certificate)),
)]
#[get("/certification-bodies/{certification_body}/certificates/{number}")]
async fn read_certificate_by_number(path: Path<(String, String)>, read: ReadOn) -> Answer {
    let body: ApprovalNumber = path_id(&path.0)?;
    let number: CertificateNumber = path_id(&path.1)?;
    read.record_on(move |conn, moment| {
        let found = certificates::find_by_number(conn, &number, Some(&body), moment.cut)?;
        match found.iter().find(|it| it.fact.retracted_on.is_none()) {
            Some(known) => certificates::read_on(conn, known.fact.id, moment),
            None => Ok(None),
        }
    })
    .await
}

/// Push a certificate (推送证书)
///
/// By the body itself, for what it is accredited for: the record as it stands now. The registry derives the step and
/// applies the state machine; the same record again changes nothing. A first sight of a suspended or ended certificate
/// is legal. A status pushed by mistake is taken back by a record with `correction`. While a step is scheduled, the
/// record as it still stands changes nothing, one that takes validity away earlier is taken, and any other is refused.
/// With `validate_only` the answer names the products, listings and publications that it would touch.
#[utoipa::path(
    tag = "certification bodies",
    operation_id = "push_certificate",
    params(
        ("certification_body" = ApprovalNumber, Path, description = "The approval number (批准号)"),
        ("number" = CertificateNumber, Path, description = "The number exactly as the body writes it, percent-encoded", example = "SAMPLE-2026-003"),
    ),
    request_body = CertificateInput,
    security(("bearer" = ["certificates:push"])),
    responses(
        (status = 200, description = "Changed, or unchanged", body = SteppedCertificate),
        (status = 201, description = "New", body = SteppedCertificate, headers(
            ("Location" = String, description = "Its address"),
            ("Registry-Look-Alikes" = String, description = "Certificates whose numbers are easily taken for its own (O for 0, l for 1), by commas"),
        )),
    ),
    extensions(("x-problems" = json!(["not-accredited", "illegal-step"]))),
)]
#[put("/certification-bodies/{certification_body}/certificates/{number}")]
async fn push_certificate(
    write: Write,
    path: Path<(String, String)>,
    record: Put<CertificateInput, Certificate>,
) -> Answer {
    write.caller.may(Scope::CertificatesPush)?;
    let body: ApprovalNumber = path_id(&path.0)?;
    let number: CertificateNumber = path.1.parse().map_err(|rule| Problem::from(Fault::new("number", rule)))?;
    let by = write.caller.organisation;
    let (terms, told) = (record.terms(&write), number.clone());
    let pushed = record.value.clone().pushed(body, number, &StatedScope::default());
    let decide = move |view: &mut View<'_>| {
        let body = certification_bodies::own(view, &pushed.certificate.certification_body, by)?;
        let key = CertificateKey { body: &body.approval_number, number: &pushed.certificate.number };
        let held = certificates::find(view.conn, key, view.moment())?;
        // One that was retracted is not read at this address either.
        let stands = held.as_ref().filter(|it| it.latest.retracted_on.is_none()).map(|it| &it.stored);
        terms.check(stands, &pushed.certificate)?;
        certificates::put(view, &body, held, &pushed)
    };
    let receipt = carry_out(&write, &record.digest, decide).await?;
    let alike = if receipt.created { look_alikes::look_alikes(&write, vec![told]).await? } else { HashMap::new() };
    let mut answer = record.answer(receipt, |id| format!("/v1/certificates/{id}"));
    look_alikes::tell(&mut answer, alike);
    Ok(answer)
}
