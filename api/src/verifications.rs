//! `/v1/verifications`

use crate::http::{Answer, Body, FaultDocument, Language, Query, answer, checks, json, params};
use actix_web::{HttpResponse, post};
use jiff::civil::Date;
use lvcai_domain::verdict::{Basis, Verdict};
use lvcai_domain::{ApprovalNumber, CertificateNumber, ClimateZone, Fault, Problem, ProductId, Rule};
use lvcai_store::verifications::{Question, Terms, judge};
use lvcai_store::{AsOf, Moment, lists};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
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
    "basis": "certificate", "valid_on": "2026-11-22",
    "items": [{ "certificate_number": "CABR-01(02)-(2025)-CGP-035", "certification_body": "CNCA-R-2006-148", "climate_zone": "cold" }]
}))]
struct Verification {
    /// What the verdicts rest on; the certificate when absent.
    basis: Option<Basis>,
    /// The list, required for basis `listing`.
    #[validate(length(min = 3, max = 60), custom(function = "checks::text"))]
    #[schema(min_length = 3, max_length = 60)]
    list: Option<String>,
    /// The day it must hold, in Asia/Shanghai. When absent today; with `as_of`, the day of `as_of`.
    #[serde(default, deserialize_with = "params::any_day")]
    valid_on: Option<Date>,
    /// A ledger position, as a number or a text, or an instant (RFC 3339): what the registry knew then. Now when absent.
    #[serde(default, deserialize_with = "as_of")]
    #[schema(schema_with = position)]
    as_of: Option<AsOf>,
    /// The questions, up to 1,000. One that cannot be read is answered by the verdict `malformed`.
    #[validate(length(min = 1, max = 1000))]
    #[schema(value_type = Vec<VerificationQuestion>, min_items = 1, max_items = 1000)]
    items: Vec<Value>,
}

/// Reads a position or an instant, as answers and addresses write them.
fn as_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<AsOf>, D::Error> {
    let text = match Option::<Value>::deserialize(deserializer)? {
        None => return Ok(None),
        Some(Value::String(text)) => text,
        Some(Value::Number(number)) => number.to_string(),
        Some(_) => return Err(serde::de::Error::custom(Rule::WrongType)),
    };
    params::as_of(&text).map(Some).map_err(serde::de::Error::custom)
}

fn position() -> Schema {
    // A number is taken as well. The document names the text alone: a type of two makes clients clumsy.
    let told = "A ledger position or an instant (RFC 3339), as a text: what the registry knew then. Now when absent.";
    let text = ObjectBuilder::new().schema_type(Type::String).max_length(Some(40)).description(Some(told));
    text.examples([serde_json::json!("2026-11-22T08:30:00Z")]).into()
}

/// One question: a certificate, a product, or whether the one makes the other green
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct VerificationQuestion {
    /// Your own name of the question, which its verdict repeats.
    #[validate(length(min = 1, max = 100), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 100, example = "lot-3")]
    reference: Option<String>,
    /// The number of the certificate, in any spelling.
    #[validate(custom(function = "checks::entered::<CertificateNumber>"))]
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

/// A verdict, with what is wrong with a question that is `malformed`
#[derive(Debug, Serialize, ToSchema)]
struct QuestionVerdict {
    /// Your own name of the question.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "lot-3")]
    reference: Option<String>,
    #[serde(flatten)]
    verdict: Verdict,
    /// What is wrong with the question, by pointers into the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FaultDocument>,
}

/// Verdicts, in the order of the questions
#[derive(Debug, Serialize, ToSchema)]
struct Verdicts {
    /// The day they hold for.
    valid_on: Date,
    /// The ledger position up to which the registry's knowledge was used.
    as_of: i64,
    /// The verdicts.
    verdicts: Vec<QuestionVerdict>,
}

/// Verify certificates and products (核验证书和产品)
///
/// Revoked, expired, unknown, ambiguous and malformed are verdicts, not errors. Each names the day, the cut and the
/// ledger entries it rests on, so that it can be asked for again and be the same.
#[utoipa::path(
    tag = "verification",
    operation_id = "verify",
    request_body = Verification,
    responses((status = 200, description = "The verdicts", body = Verdicts)),
    extensions(("x-read-only" = json!(true))),
)]
#[post("/verifications")]
async fn verify(query: Query, body: Body<Verification>) -> Answer {
    let Verification { basis, list, valid_on, as_of, items } = body.value;
    let basis = basis.unwrap_or(Basis::Certificate);
    check_list(basis, list.as_deref())?;
    let items: Vec<_> = items.into_iter().enumerate().map(|(index, item)| Asked::new(index, item)).collect();
    let questions: Vec<Question> = items.iter().filter_map(|it| it.question.as_ref().ok()).cloned().collect();
    let asked = lvcai_store::Asked { as_of: as_of.unwrap_or_default(), valid_on };
    let read = move |conn: &mut _, Moment { cut, day }| {
        if let Some(list) = &list
            && lists::read(conn, list, cut)?.is_none()
        {
            return Err(Fault::new("/list", Rule::UnknownReference).into());
        }
        let terms = Terms { valid_on: day, cut, basis, list: list.clone() };
        Ok((judge(conn, &questions, &terms)?, terms))
    };
    let (moment, (judged, terms)) = query.state.registry.read_long_on(asked, read).await.map_err(body_fault)?;
    let Moment { cut: as_of, day: valid_on } = moment;
    let language = Language::of(&query.request);
    let verdicts = question_verdicts(items, judged, &terms, language);
    let verdicts = Verdicts { valid_on, as_of, verdicts };
    let response = HttpResponse::Ok().insert_header(("registry-seq", as_of.to_string())).json(verdicts);
    Ok(answer::in_language(response, language))
}

/// A question as it was asked, or what is wrong with it.
struct Asked {
    /// What its client calls it.
    name: Option<String>,
    question: Result<Question, Vec<Fault>>,
}

impl Asked {
    fn new(index: usize, item: Value) -> Self {
        let name =
            item.get("reference").and_then(Value::as_str).filter(|it| it.chars().count() <= 100).map(str::to_owned);
        Self { name, question: question(index, item) }
    }
}

/// Reads one question, by itself.
fn question(index: usize, item: Value) -> Result<Question, Vec<Fault>> {
    let place = |fault: Fault| Fault { pointer: format!("/items/{index}{}", fault.pointer), ..fault };
    let read: Result<VerificationQuestion, Problem> = json::from_value(item);
    let item = read.map_err(|problem| problem.faults.into_iter().map(place).collect::<Vec<_>>())?;
    let VerificationQuestion {
        certificate_number: number, certification_body: body, product, model, climate_zone, ..
    } = item;
    if number.is_none() && product.is_none() {
        let fault = Fault::new("", Rule::Required)
            .detail("须给出 certificate_number 或 product", "name a certificate_number or a product");
        return Err(vec![place(fault)]);
    }
    Ok(Question { number, body, product, model, climate_zone })
}

/// The verdicts in the order of the questions, of which those that could be read were judged.
fn question_verdicts(
    items: Vec<Asked>,
    judged: Vec<Verdict>,
    terms: &Terms,
    language: Language,
) -> Vec<QuestionVerdict> {
    let mut judged = judged.into_iter();
    let told = |Asked { name, question }: Asked| match question {
        Ok(_) => judged.next().map(|verdict| QuestionVerdict { reference: name, verdict, errors: Vec::new() }),
        Err(faults) => {
            let errors = faults.iter().map(|fault| FaultDocument::new(fault, language)).collect();
            Some(QuestionVerdict { reference: name, verdict: terms.malformed(), errors })
        }
    };
    items.into_iter().filter_map(told).collect()
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
