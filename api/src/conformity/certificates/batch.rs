//! Certificates pushed by the thousand.

mod report;

use super::look_alikes::look_alikes;
use super::record::{CertificateInput, Certificates};
use crate::batches::{self, BatchOptions, Mode};
use crate::http::upload::FORMS;
use crate::http::{Answer, Write, params};
use actix_web::web::{Path, Payload};
use actix_web::{HttpRequest, post};
use lvcai_domain::certificate::StatedScope;
use lvcai_domain::{ApprovalNumber, Scheme, Star};
use lvcai_store::batches::LineResult;
use report::BatchReport;
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct BatchParams {
    /// Whether a line stands for itself: `each` when absent.
    #[serde(default)]
    #[param(required = false, inline)]
    mode: Mode,
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
    /// A ledger position (`Registry-Seq`): a line that would change a certificate that was changed after it is refused.
    /// So an old export takes back no suspension.
    #[serde(default, deserialize_with = "params::position")]
    #[param(value_type = Option<i64>, minimum = 0)]
    unchanged_since: Option<i64>,
    #[serde(default)]
    #[param(ignore)]
    validate_only: bool,
}

/// Push certificates in a batch (批量推送证书)
///
/// By the body itself: a JSON array of records, JSON Lines, or the table that bodies report to CNCA as it is (csv,
/// xlsx or xls; `/v1/code-lists/certificate-fields` names its columns). Up to 10,000 lines and 64 MiB. Lines are written in
/// chunks of 100 while others go on pushing. Interrupted, the same batch under the same key goes on where it stopped and
/// answers the whole. With `validate_only` each line names the products, listings and publications that it would touch
/// by itself.
#[utoipa::path(
    tag = "certificates",
    operation_id = "push_certificates",
    params(("certification_body" = ApprovalNumber, Path, description = "The approval number (批准号)"), BatchParams),
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
        (status = 200, description = "What became of each line", body = BatchReport),
    ),
    extensions(("x-problems" = json!(["not-accredited"]))),
)]
#[post("/certification-bodies/{certification_body}/certificates:batch")]
pub(super) async fn push_certificates(request: HttpRequest, body: Path<String>, payload: Payload) -> Answer {
    let (write, params): (Write, BatchParams) = Write::with(&request, |it: &BatchParams| it.validate_only).await?;
    let BatchParams { mode, scheme, kind, star, unchanged_since, .. } = params;
    let (common, options) = (StatedScope { scheme, kind, star }, BatchOptions { forms: FORMS, mode, unchanged_since });
    let done = batches::push::<Certificates>(&request, &write, (body, payload), common, options).await?;
    let created = done.outcomes().iter().filter(|it| it.became == LineResult::Created);
    let created = created.filter_map(|it| it.number.as_ref()?.parse().ok()).collect();
    let alike = look_alikes(&write, created).await?;
    Ok(done.answer(|done| BatchReport::new(done, alike)))
}
