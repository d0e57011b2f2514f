//! A body's full list beside ours.

use super::batch::{UnreadColumn, own_body, pushed, unread};
use super::record::CertificateInput;
use crate::http::answer::in_language;
use crate::http::{Failure, FaultDocument, Telling, Upload, Write, params, path_id};
use actix_web::web::{Path, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use lvcai_auth::Scope;
use lvcai_domain::certificate::{Difference, StatedScope, differences};
use lvcai_domain::{
    ApprovalNumber, CertificateId, CertificateNumber, OrganisationId, Problem, ReportedStatus, Scheme, Star,
};
use lvcai_store::certificates::{self, Line};
use lvcai_store::{AsOf, Registry, View, certification_bodies, clients};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use utoipa::{IntoParams, ToSchema};

/// How many lines a body's list may have.
const LINES: u64 = 100_000;

/// How many lines are compared on one connection before others have their turn.
const CHUNK: usize = 500;

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
    certificate: CertificateId,
    /// The fields that differ, as JSON Pointers into the certificate.
    fields: Vec<String>,
    /// What both say in these fields.
    values: Vec<Values>,
}

/// What the registry and the list say in a field
#[derive(Debug, Serialize, ToSchema)]
struct Values {
    /// The field, as a JSON Pointer into the certificate.
    #[schema(example = "/valid_until")]
    field: String,
    /// What the registry holds; `null` where it has nothing.
    #[schema(value_type = Value, example = "2028-06-04")]
    ours: serde_json::Value,
    /// What the list says; `null` where it says nothing.
    #[schema(value_type = Value, example = "2030-06-04")]
    theirs: serde_json::Value,
}

impl From<Difference> for Values {
    fn from(it: Difference) -> Self {
        Self { field: it.pointer, ours: it.ours, theirs: it.theirs }
    }
}

/// A certificate that the list does not have
#[derive(Debug, Serialize, ToSchema)]
struct ReconciliationExtra {
    /// The number.
    number: CertificateNumber,
    /// The certificate.
    certificate: CertificateId,
    /// The status that the body last reported.
    reported_status: ReportedStatus,
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
pub(super) async fn reconcile_certificates(
    request: HttpRequest,
    body: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Failure> {
    let (write, params): (Write, ReconcileParams) = Write::with(&request, |_: &ReconcileParams| true).await?;
    write.caller.may(Scope::CertificatesPush)?;
    let body = own_body(&write, path_id(&body)?).await?;
    let upload = Upload::receive(&request, &write, payload, LINES).await?;
    let batch = StatedScope { scheme: params.scheme, kind: params.kind, star: params.star };
    let of = body.clone();
    let (lines, summary) = tokio::task::spawn_blocking(move || {
        let mut lines = Vec::new();
        let mut seen = HashMap::new();
        let summary = upload.lines(&mut |line| {
            lines.push(pushed(line, (&of, &batch), &mut seen));
            ControlFlow::Continue(())
        })?;
        Ok::<_, Problem>((lines, summary))
    })
    .await
    .map_err(|error| lvcai_store::Error::Database(Box::new(error)))??;
    let by = write.caller.organisation;
    let telling = Telling::of(&request);
    let language = telling.language;
    let mut report = Reconciliation::of(body.clone(), lines.len());
    report.unread_columns = unread(&summary.dropped_columns, language);
    let registry = &write.state.registry;
    let standing = write.caller.standing();
    let ours = move |view: &mut View<'_>| {
        clients::must_stand(view, &standing)?;
        certification_bodies::own(view, &body, by)?;
        Ok((view.cut, certificates::numbers_of_body(view.conn, &body, view.cut)?))
    };
    let (as_of, ours) = registry.view_at(AsOf::Now, ours).await?;
    report.as_of = as_of;
    let mut theirs = HashSet::new();
    let mut lines = lines.into_iter().peekable();
    while lines.peek().is_some() {
        let chunk: Vec<_> = lines.by_ref().take(CHUNK).collect();
        // A line that cannot be compared names its certificate all the same: what is there is not extra.
        theirs.extend(chunk.iter().filter_map(|it| it.number.as_ref()).map(CertificateNumber::normalised));
        report = compare(registry, report, (chunk, &telling, by)).await?;
    }
    let extra = ours.into_iter().filter(|(number, ..)| !theirs.contains(&number.normalised()));
    report.extra = extra
        .map(|(number, certificate, reported_status)| ReconciliationExtra { number, certificate, reported_status })
        .collect();
    let response = HttpResponse::Ok().insert_header(("registry-seq", as_of.to_string())).json(report);
    Ok(in_language(response, language))
}

async fn compare(
    registry: &Registry,
    mut report: Reconciliation,
    (lines, telling, by): (Vec<Line>, &Telling, OrganisationId),
) -> Result<Reconciliation, Failure> {
    let number = report.certification_body.clone();
    let work = move |view: &mut View<'_>| {
        let body = certification_bodies::own(view, &number, by)?;
        let mut compared = Vec::new();
        for line in &lines {
            let result = match &line.pushed {
                Err(problem) => Err(problem.clone()),
                Ok(pushed) => match certificates::compare(view, &body, pushed) {
                    Err(lvcai_store::Error::Refused(problem)) => Err(problem),
                    compared => Ok(compared?),
                },
            };
            compared.push((line.line, line.number.clone(), result));
        }
        Ok(compared)
    };
    for (line, number, compared) in registry.view_at(AsOf::Seq(report.as_of), work).await? {
        match compared {
            Err(problem) => report.unreadable.push(Unreadable {
                line,
                number,
                problem: telling.address(problem.kind),
                errors: problem.faults.iter().map(|fault| FaultDocument::new(fault, telling.language)).collect(),
            }),
            Ok((theirs, None)) => report.missing.push(ReconciliationMissing { line, number: theirs.number }),
            Ok((theirs, Some(held))) => {
                let ours = held.present;
                let found = differences(&ours, &theirs).map_err(lvcai_store::Error::from)?;
                if found.is_empty() {
                    report.same += 1;
                    continue;
                }
                let fields = found.iter().map(|it| it.pointer.clone()).collect();
                let values = found.into_iter().map(Values::from).collect();
                report.different.push(ReconciliationDifference {
                    line,
                    number: theirs.number,
                    certificate: ours.id,
                    fields,
                    values,
                });
            }
        }
    }
    Ok(report)
}

impl Reconciliation {
    fn of(certification_body: ApprovalNumber, lines: usize) -> Self {
        Self {
            certification_body,
            as_of: 0,
            lines,
            same: 0,
            missing: Vec::new(),
            different: Vec::new(),
            extra: Vec::new(),
            unreadable: Vec::new(),
            unread_columns: Vec::new(),
        }
    }
}
