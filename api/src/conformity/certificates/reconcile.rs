//! A body's full list beside ours.

use super::record::{CertificateInput, Certificates};
use crate::batches::{self, Reconciled, UnreadColumn, Values};
use crate::http::upload::FORMS;
use crate::http::{Answer, FaultDocument, Write, params};
use actix_web::web::{Path, Payload};
use actix_web::{HttpRequest, post};
use lvcai_domain::certificate::StatedScope;
use lvcai_domain::{ApprovalNumber, CertificateId, CertificateNumber, ReportedStatus, Scheme, Star};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReconcileParams {
    /// The scheme of the lines that name none.
    #[param(example = "star_certification")]
    scheme: Option<Scheme>,
    /// The kind of the lines that name none.
    #[param(example = "gbm-09")]
    kind: Option<String>,
    /// The star of the lines that name neither star nor scheme.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<Star>)]
    star: Option<Star>,
}

/// A certificate of the list that the registry does not hold
#[derive(Debug, Serialize, ToSchema)]
struct ReconciliationMissing {
    /// Its position in the list, from 1.
    line: u64,
    /// The number.
    number: CertificateNumber,
}

/// A certificate that the registry holds otherwise
#[derive(Debug, Serialize, ToSchema)]
struct ReconciliationDifference {
    /// Its position in the list, from 1.
    line: u64,
    /// The number.
    number: CertificateNumber,
    /// The certificate.
    #[schema(value_type = CertificateId)]
    certificate: String,
    /// The fields that differ, as JSON Pointers into the certificate.
    fields: Vec<String>,
    /// What both say in these fields.
    values: Vec<Values>,
}

/// A certificate that the list does not have
#[derive(Debug, Serialize, ToSchema)]
struct ReconciliationExtra {
    /// The number.
    number: CertificateNumber,
    /// The certificate.
    #[schema(value_type = CertificateId)]
    certificate: String,
    /// The status that the body last reported.
    #[schema(value_type = ReportedStatus)]
    reported_status: &'static str,
}

/// A line that says nothing that could be compared
#[derive(Debug, Serialize, ToSchema)]
struct Unreadable {
    /// Its position in the list, from 1.
    line: u64,
    /// The number, where the line has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<CertificateNumber>,
    /// The address of the problem's documentation.
    #[schema(example = "https://registry.example/problems/invalid")]
    problem: String,
    /// The fields at fault; pointers are into the line.
    errors: Vec<FaultDocument>,
}

/// A body's list beside ours
#[derive(Debug, Serialize, ToSchema)]
struct Reconciliation {
    /// Whose certificates.
    certification_body: ApprovalNumber,
    /// The ledger position at which ours were read.
    as_of: i64,
    /// How many lines the list has.
    lines: usize,
    /// How many say the same.
    same: usize,
    /// What the list has and the registry has not.
    missing: Vec<ReconciliationMissing>,
    /// What both have and say differently.
    different: Vec<ReconciliationDifference>,
    /// What the registry has and the list has not.
    extra: Vec<ReconciliationExtra>,
    /// Lines that cannot be compared.
    unreadable: Vec<Unreadable>,
    /// The columns of a table that were not read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unread_columns: Vec<UnreadColumn>,
}

/// Compare a body's full list with the registry (核对证书清单)
///
/// By the body itself, in the forms of a batch, up to 100,000 lines. Nothing is changed: what the list has and the
/// registry has not, what they say differently with both values, and what the registry has beyond it. Absence from the list means
/// nothing to the registry.
#[utoipa::path(
    tag = "certificates",
    operation_id = "reconcile_certificates",
    params(("certification_body" = ApprovalNumber, Path, description = "The approval number (批准号)"), ReconcileParams),
    request_body(
        content(
            (Vec<CertificateInput> = "application/json", example = json!(super::record::example())),
            (String = "application/jsonl", example = json!(super::record::example_line())),
            (String = "application/x-ndjson", example = json!(super::record::example_line())),
            (String = "text/csv", example = json!(super::record::EXAMPLE_TABLE)),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (String = "application/vnd.ms-excel"),
        ),
        description = "The lines",
    ),
    security(("bearer" = ["certificates:push"])),
    responses(
        (status = 200, description = "How the two differ", body = Reconciliation),
    ),
    extensions(("x-problems" = json!(["forbidden"])), ("x-read-only" = json!(true))),
)]
#[post("/certification-bodies/{certification_body}/certificates:reconcile")]
pub(super) async fn reconcile_certificates(request: HttpRequest, body: Path<String>, payload: Payload) -> Answer {
    let (write, params): (Write, ReconcileParams) = Write::with(&request, |_: &ReconcileParams| true).await?;
    let common = StatedScope { scheme: params.scheme, kind: params.kind, star: params.star };
    let told = batches::reconcile::<Certificates>(&request, &write, (body, payload), common, FORMS).await?;
    Ok(told.answer(Reconciliation::new))
}

impl Reconciliation {
    fn new(told: Reconciled<Certificates>) -> Self {
        let Reconciled { owner, as_of, lines, same, missing, different, extra, unreadable, summary, telling } = told;
        let missing = missing.into_iter().map(|(line, number)| ReconciliationMissing { line, number });
        let different = different.into_iter().map(|it| ReconciliationDifference {
            line: it.line,
            number: it.number,
            certificate: it.id,
            fields: it.found.iter().map(|it| it.pointer.clone()).collect(),
            values: it.found.into_iter().map(Values::from).collect(),
        });
        let extra = extra.into_iter().map(|it| ReconciliationExtra {
            number: it.number,
            certificate: it.id,
            reported_status: it.status,
        });
        let unreadable = unreadable.into_iter().map(|it| Unreadable {
            line: it.line,
            number: it.number,
            problem: telling.address(it.problem.kind),
            errors: FaultDocument::all(&it.problem, telling.language),
        });
        Self {
            certification_body: owner,
            as_of,
            lines,
            same,
            missing: missing.collect(),
            different: different.collect(),
            extra: extra.collect(),
            unreadable: unreadable.collect(),
            unread_columns: UnreadColumn::all(&summary, telling.language),
        }
    }
}
