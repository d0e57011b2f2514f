//! `/v1/verifications`

use crate::http::{Answer, Body, Query, checks, params};
use actix_web::{HttpResponse, post};
use jiff::civil::Date;
use lvcai_domain::verdict::{Basis, Verdict};
use lvcai_domain::{ApprovalNumber, CertificateNumber, ClimateZone, Fault, Problem, ProductId, Rule};
use lvcai_store::lists;
use lvcai_store::verifications::{Question, Terms, judge};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

/// What the document says of these nouns.
pub(crate) const TAGS: &[(&str, &str)] = &[("verification", "Verdicts: is this green, on that day, as of that cut")];

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(verify);
}

/// Questions to be judged together: one day, one cut, one basis
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "basis": "certificate", "on": "2026-11-22",
    "items": [{ "certificate_number": "CABR-01(02)-(2025)-CGP-035", "certification_body": "CNCA-R-2006-148", "climate_zone": "severe_cold" }]
}))]
struct Verification {
    /// What the verdicts rest on; the certificate when absent.
    basis: Option<Basis>,
    /// The list, required for basis `listing`.
    #[validate(length(min = 3, max = 60), custom(function = "checks::text"))]
    #[schema(min_length = 3, max_length = 60)]
    list: Option<String>,
    /// The day it must hold, in Asia/Shanghai; today when absent.
    #[serde(default, deserialize_with = "params::day")]
    on: Option<Date>,
    /// A ledger position or an instant (RFC 3339): what the registry knew then. Now when absent.
    #[validate(length(max = 40))]
    #[schema(max_length = 40, example = "2026-11-22T08:30:00Z")]
    as_of: Option<String>,
    /// The questions, up to 1,000.
    #[validate(length(min = 1, max = 1000), nested)]
    #[schema(min_items = 1, max_items = 1000)]
    items: Vec<Item>,
}

/// One question: a certificate, a product, or whether the one makes the other green
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct Item {
    /// The number of the certificate, in any spelling.
    certificate_number: Option<CertificateNumber>,
    /// Its body, where several may use the number.
    certification_body: Option<ApprovalNumber>,
    /// The product.
    product: Option<ProductId>,
    /// The model at hand, to be compared with what is covered.
    #[validate(length(min = 1, max = 200), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 200)]
    model: Option<String>,
    /// The climate zone it shall serve in, to be compared with what is covered.
    climate_zone: Option<ClimateZone>,
}

/// Verdicts, in the order of the questions
#[derive(Debug, Serialize, ToSchema)]
struct Verdicts {
    /// The day they hold for.
    on: Date,
    /// The ledger position up to which the registry's knowledge was used.
    as_of: i64,
    /// The verdicts.
    verdicts: Vec<Verdict>,
}

/// Verify certificates and products
///
/// Revoked, expired, unknown and ambiguous are verdicts, not errors. Each names the day, the cut and the ledger entries
/// it rests on, so that it can be asked for again and be the same.
#[utoipa::path(
    tag = "verification",
    operation_id = "verify",
    request_body = Verification,
    responses((status = 200, description = "The verdicts", body = Verdicts)),
    extensions(("x-read-only" = json!(true))),
)]
#[post("/verifications")]
async fn verify(query: Query, body: Body<Verification>) -> Answer {
    let Verification { basis, list, on, as_of, items } = body.value;
    let basis = basis.unwrap_or(Basis::Certificate);
    let questions = questions(items)?;
    check_list(basis, list.as_deref())?;
    let as_of =
        as_of.as_deref().map(params::as_of).transpose().map_err(|rule| Problem::from(Fault::new("/as_of", rule)))?;
    let on = on.unwrap_or_else(|| query.state.registry.clock().today());
    let read = move |conn: &mut _, cut| {
        if let Some(list) = &list
            && lists::read(conn, list, cut)?.is_none()
        {
            return Err(Fault::new("/list", Rule::UnknownReference).into());
        }
        let terms = Terms { on, cut, basis, list: list.clone() };
        judge(conn, &questions, &terms)
    };
    let (as_of, verdicts) =
        query.state.registry.read_long_at(as_of.unwrap_or_default(), read).await.map_err(body_fault)?;
    Ok(HttpResponse::Ok().insert_header(("registry-seq", as_of.to_string())).json(Verdicts { on, as_of, verdicts }))
}

fn questions(items: Vec<Item>) -> Result<Vec<Question>, Problem> {
    let question = |(index, item): (usize, Item)| {
        let Item { certificate_number: number, certification_body: body, product, model, climate_zone } = item;
        if number.is_none() && product.is_none() {
            return Err(Fault::new(format!("/items/{index}"), Rule::Required)
                .detail("须给出 certificate_number 或 product", "name a certificate_number or a product"));
        }
        Ok(Question { number, body, product, model, climate_zone })
    };
    items.into_iter().enumerate().map(question).collect::<Result<_, _>>().map_err(Problem::from)
}

fn check_list(basis: Basis, list: Option<&str>) -> Result<(), Problem> {
    match (basis, list) {
        (Basis::Listing, None) => Err(Fault::new("/list", Rule::Required).into()),
        (Basis::Certificate, Some(_)) => {
            let fault = Fault::new("/list", Rule::NotAllowed);
            Err(fault.detail("仅 basis 为 listing 时给出 list", "a list is named for basis listing only").into())
        }
        _ => Ok(()),
    }
}

/// What is a parameter elsewhere is a field here.
fn body_fault(error: lvcai_store::Error) -> lvcai_store::Error {
    let lvcai_store::Error::Refused(mut problem) = error else { return error };
    if let Some(fault) = problem.faults.iter_mut().find(|fault| fault.pointer == "as_of") {
        fault.pointer = "/as_of".to_owned();
        problem.kind = lvcai_domain::ProblemKind::Invalid;
    }
    lvcai_store::Error::Refused(problem)
}
