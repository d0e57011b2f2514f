//! `/v1/code-lists`, and two views of them: `/v1/kinds` and `/v1/divisions`.

use crate::http::{Answer, Anybody, Items, Read, ReadParams, VersionOf, answer, path_key};
use actix_web::get;
use actix_web::web::Path;
use lvcai_domain::ProblemKind;
use lvcai_domain::reference::{CodeItem, CodeList, Taxonomy};
use lvcai_store::code_lists;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_kinds)
        .service(read_kind)
        .service(list_divisions)
        .service(read_division)
        .service(list_code_lists)
        .service(read_code_list)
        .service(list_code_list_versions);
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct KindParams {
    /// A catalogue of kinds; all of them when absent.
    taxonomy: Option<Taxonomy>,
}

/// A kind of building material (建材种类)
///
/// Attributes carry the class, the catalogue batch and the standard of assessment; `standard_verified` says whether
/// the standard's number was checked against a source.
#[derive(Debug, Serialize, ToSchema)]
struct Kind {
    /// The catalogue it stands in.
    taxonomy: String,
    #[serde(flatten)]
    item: CodeItem,
}

/// A code list without its codes
#[derive(Debug, Serialize, ToSchema)]
struct CodeListSummary {
    /// Names the list.
    #[schema(example = "certificate-statuses")]
    id: String,
    /// Its title in Chinese.
    title_zh: String,
    /// Its title in English.
    title_en: String,
    /// Where it comes from.
    source: String,
    /// How many codes it has.
    count: usize,
}

/// List the kinds of building materials (查询建材种类)
///
/// The certification catalogues, whole: a kind is named by its code everywhere else.
#[utoipa::path(
    tag = "kinds",
    operation_id = "list_kinds",
    params(KindParams, ReadParams),
    responses((status = 200, description = "The kinds, on one page", body = Items<Kind>)),
)]
#[get("/kinds")]
async fn list_kinds(read: Read<Anybody, KindParams>) -> Answer {
    let (cut, lists) = read.at_cut(code_lists::list).await?;
    let wanted = read
        .params
        .taxonomy
        .map(|it| serde_json::to_value(it).ok().and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default());
    let kinds = kinds(lists).filter(|it| wanted.as_ref().is_none_or(|wanted| *wanted == it.taxonomy)).collect();
    answer::single_page(&read.request, cut, kinds)
}

/// The kinds of all catalogues. No two have one code.
fn kinds(lists: Vec<CodeList>) -> impl Iterator<Item = Kind> {
    let catalogues =
        lists.into_iter().filter_map(|list| Some((list.id.strip_prefix("kinds-")?.to_owned(), list.items)));
    catalogues
        .flat_map(|(taxonomy, items)| items.into_iter().map(move |item| Kind { taxonomy: taxonomy.clone(), item }))
}

/// Read a kind of building material (读取建材种类)
#[utoipa::path(
    tag = "kinds",
    operation_id = "read_kind",
    params(("code" = String, Path, description = "The code of the kind", example = "gbm-09"), ReadParams),
    responses((status = 200, description = "The kind", body = Kind)),
)]
#[get("/kinds/{code}")]
async fn read_kind(code: Path<String>, read: Read) -> Answer {
    let (cut, lists) = read.at_cut(code_lists::list).await?;
    let kind = kinds(lists).find(|it| it.item.code == *code).ok_or(ProblemKind::NotFound)?;
    answer::item(&read.request, cut, &kind)
}

/// List administrative divisions (查询行政区划)
///
/// Those of the city that runs the registry, by GB/T 2260 and, marked so, statistical codes beside it.
#[utoipa::path(
    tag = "kinds",
    operation_id = "list_divisions",
    params(ReadParams),
    responses((status = 200, description = "The divisions, on one page", body = Items<CodeItem>)),
)]
#[get("/divisions")]
async fn list_divisions(read: Read) -> Answer {
    let (cut, list) = read.at_cut(|conn, cut| code_lists::read(conn, "divisions", cut)).await?;
    let items = list.map(|it| it.parse::<CodeList>()).transpose()?.map(|it| it.items).unwrap_or_default();
    answer::single_page(&read.request, cut, items)
}

/// Read an administrative division (读取行政区划)
#[utoipa::path(
    tag = "kinds",
    operation_id = "read_division",
    params(("code" = String, Path, description = "The code of the division", example = "230600"), ReadParams),
    responses((status = 200, description = "The division", body = CodeItem)),
)]
#[get("/divisions/{code}")]
async fn read_division(code: Path<String>, read: Read) -> Answer {
    let (cut, list) = read.at_cut(|conn, cut| code_lists::read(conn, "divisions", cut)).await?;
    let list: CodeList = list.ok_or(ProblemKind::NotFound)?.parse()?;
    let division = list.items.into_iter().find(|it| it.code == *code).ok_or(ProblemKind::NotFound)?;
    answer::item(&read.request, cut, &division)
}

/// List the code lists (查询代码表)
#[utoipa::path(
    tag = "kinds",
    operation_id = "list_code_lists",
    params(ReadParams),
    responses((status = 200, description = "The code lists, on one page", body = Items<CodeListSummary>)),
)]
#[get("/code-lists")]
async fn list_code_lists(read: Read) -> Answer {
    let (cut, lists) = read.at_cut(code_lists::list).await?;
    let summary = |list: CodeList| CodeListSummary {
        count: list.items.len(),
        id: list.id,
        title_zh: list.title_zh,
        title_en: list.title_en,
        source: list.source,
    };
    answer::single_page(&read.request, cut, lists.into_iter().map(summary).collect())
}

/// Read a code list (读取代码表)
#[utoipa::path(
    tag = "kinds",
    operation_id = "read_code_list",
    params(("id" = String, Path, description = "The id of the list", example = "certificate-statuses"), ReadParams),
    responses((status = 200, description = "The code list", body = CodeList)),
)]
#[get("/code-lists/{id}")]
async fn read_code_list(id: Path<String>, read: Read) -> Answer {
    read.record(move |conn, cut| code_lists::read(conn, &path_key(&id)?, cut)).await
}

/// List the versions of a code list (查询代码表历史版本)
#[utoipa::path(
    tag = "kinds",
    operation_id = "list_code_list_versions",
    params(("id" = String, Path, description = "The id of the list", example = "certificate-statuses"), ReadParams),
    responses((status = 200, description = "The versions, the newest first", body = Items<VersionOf<CodeList>>)),
)]
#[get("/code-lists/{id}/versions")]
async fn list_code_list_versions(id: Path<String>, read: Read) -> Answer {
    read.versions(move |conn, cut| code_lists::versions(conn, &path_key(&id)?, cut)).await
}
