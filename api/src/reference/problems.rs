//! `/problems`: the catalogue of problems as documentation.

mod pages;

use crate::http::asset::Asset;
use crate::http::html::{self, HTML};
use crate::http::{Answer, Language, Telling};
use crate::service::AppState;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, get};
use lvcai_domain::{ProblemKind, Rule};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_problems).service(read_problem);
}

/// A kind of problem
#[derive(Debug, Serialize, ToSchema)]
struct ProblemKindDocument {
    /// The address that `type` of a problem names.
    #[schema(example = "https://registry.example/problems/invalid")]
    r#type: String,
    /// The status it travels with.
    #[schema(example = 422)]
    status: u16,
    /// What it means.
    title: &'static str,
    /// What to do about it.
    fix: &'static str,
}

/// A rule that a value can break
#[derive(Debug, Serialize, ToSchema)]
struct RuleDocument {
    /// The id that `rule` of a fault names.
    #[schema(example = "uscc-check-digit")]
    id: &'static str,
    /// What it means.
    title: &'static str,
    /// What to do about it.
    fix: &'static str,
}

/// The closed catalogue of problems and rules
#[derive(Debug, Serialize, ToSchema)]
struct ProblemCatalogue {
    /// Every kind of problem.
    problems: Vec<ProblemKindDocument>,
    /// Every rule.
    rules: Vec<RuleDocument>,
}

fn document(kind: ProblemKind, telling: &Telling) -> ProblemKindDocument {
    let language = telling.language;
    ProblemKindDocument {
        r#type: telling.address(kind),
        status: kind.status(),
        title: language.of_two(kind.zh(), kind.en()),
        fix: language.of_two(kind.fix_zh(), kind.fix_en()),
    }
}

/// An answer in a language, which a cache must not give to those who read the other.
fn said_in(language: Language) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CONTENT_LANGUAGE, language.tag()));
    response.insert_header((header::VARY, "accept, accept-language"));
    response
}

/// A page in a language. The same address answers JSON to who asks for that.
fn page(request: &HttpRequest, language: Language, page: String) -> HttpResponse {
    let mut response = Asset::new(HTML, page).in_language(language.tag()).answer(request);
    response.headers_mut().append(header::VARY, header::HeaderValue::from_static("accept"));
    response
}

/// List the problem types and the rules (查询问题类型和规则)
#[utoipa::path(
    tag = "problems",
    operation_id = "list_problems",
    responses((status = 200, description = "The catalogue", body = ProblemCatalogue)),
)]
#[get("/problems")]
async fn list_problems(request: HttpRequest) -> HttpResponse {
    if html::is_wanted(&request) {
        let language = html::language(&request);
        return page(&request, language, pages::catalogue(language));
    }
    let telling = Telling::of(&request);
    let language = telling.language;
    let rule = |rule: &Rule| RuleDocument {
        id: rule.id(),
        title: language.of_two(rule.zh(), rule.en()),
        fix: language.of_two(rule.fix_zh(), rule.fix_en()),
    };
    said_in(language).json(ProblemCatalogue {
        problems: ProblemKind::ALL.iter().map(|kind| document(*kind, &telling)).collect(),
        rules: Rule::ALL.iter().map(rule).collect(),
    })
}

/// Read a problem type (读取问题类型)
#[utoipa::path(
    tag = "problems",
    operation_id = "read_problem",
    params(("slug" = String, Path, description = "The last segment of `type`", example = "invalid")),
    responses((status = 200, description = "The kind of problem", body = ProblemKindDocument)),
)]
#[get("/problems/{slug}")]
async fn read_problem(request: HttpRequest, state: Data<AppState>, slug: Path<String>) -> Answer {
    let kind = ProblemKind::ALL.iter().find(|kind| kind.slug() == *slug).ok_or(ProblemKind::NotFound)?;
    if html::is_wanted(&request) {
        let language = html::language(&request);
        return Ok(page(&request, language, pages::kind(*kind, &Telling::at(&state.keys.tokens.issuer, language))));
    }
    let telling = Telling::of(&request);
    Ok(said_in(telling.language).json(document(*kind, &telling)))
}
