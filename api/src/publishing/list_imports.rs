//! `/v1/list-imports`

use crate::http::{Answer, Body, Items, List, PageParams, Read, ReadParams, VersionOf, Write, answer, checks, path_id};
use actix_web::web::Path;
use actix_web::{get, post};
use lvcai_auth::Scope;
use lvcai_domain::{ListImport, ListImportId};
use lvcai_store::imports::{Undoing, undo};
use lvcai_store::{View, list_imports};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_list_imports)
        .service(read_list_import)
        .service(list_list_import_versions)
        .service(undo_list_import);
}

/// List the imports of published lists (查询名单导入记录)
///
/// Each is one command of the operator, `lvcai import`, on behalf of an authority.
#[utoipa::path(
    tag = "list imports",
    operation_id = "list_list_imports",
    params(PageParams),
    responses((status = 200, description = "A page, the newest first", body = Items<ListImport>)),
)]
#[get("/list-imports")]
async fn list_list_imports(list: List) -> Answer {
    list.page(list_imports::list).await
}

/// Read an import (读取名单导入记录)
#[utoipa::path(
    tag = "list imports",
    operation_id = "read_list_import",
    params(("id" = ListImportId, Path, description = "The import"), ReadParams),
    responses((status = 200, description = "The import", body = ListImport)),
)]
#[get("/list-imports/{id}")]
async fn read_list_import(id: Path<String>, read: Read) -> Answer {
    let id: ListImportId = path_id(&id)?;
    read.record(move |conn, cut| list_imports::read(conn, id, cut)).await
}

/// List the versions of an import (查询名单导入历史版本)
#[utoipa::path(
    tag = "list imports",
    operation_id = "list_list_import_versions",
    params(("id" = ListImportId, Path, description = "The import"), ReadParams),
    responses((status = 200, description = "The versions, the newest first", body = Items<VersionOf<ListImport>>)),
)]
#[get("/list-imports/{id}/versions")]
async fn list_list_import_versions(id: Path<String>, read: Read) -> Answer {
    let id: ListImportId = path_id(&id)?;
    read.versions(move |conn, cut| list_imports::versions(conn, id, cut)).await
}

/// What an authority does with an import.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ListImportStep {
    /// Take it back (撤回).
    Undo,
}

/// A step of an import
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "step": "undo", "note": "导入了错误的文件", "authority_document": "庆工信发〔2026〕3号" }))]
struct ListImportTransition {
    /// The step.
    step: ListImportStep,
    /// Why.
    #[validate(length(min = 1, max = 500), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 500)]
    note: String,
    /// The document that orders it (文号).
    #[validate(length(min = 1, max = 200), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 200)]
    authority_document: String,
}

/// Undo an import (撤回名单导入)
///
/// For the authority. What the import recorded and nothing rests on since is withdrawn: evidence ends as if it had
/// never counted, products are retired, certificates and organisations retracted, and what the import changed is again
/// as before. What was published, changed or built on since stays; `undone.left` names it with why. It is one command,
/// and again it changes nothing unless more has come free. Nothing is deleted: past cuts show what they showed.
#[utoipa::path(
    tag = "list imports",
    operation_id = "undo_list_import",
    params(("id" = ListImportId, Path, description = "The import")),
    request_body = ListImportTransition,
    security(("bearer" = ["imports:undo"])),
    responses((status = 200, description = "Taken back as far as nothing rests on it, or nothing was left to take back", body = ListImport)),
)]
#[post("/list-imports/{id}/transitions")]
async fn undo_list_import(write: Write, id: Path<String>, body: Body<ListImportTransition>) -> Answer {
    write.caller.may(Scope::ImportsUndo)?;
    write.caller.must_be_authority()?;
    let id: ListImportId = path_id(&id)?;
    let ListImportTransition { step: ListImportStep::Undo, note, authority_document } = body.value;
    let undoing = Undoing { note, authority_document, by: write.caller.organisation };
    let stands = move |view: &mut View<'_>| list_imports::read(view.conn, id, view.cut);
    let decide = write.conditions.guard(stands, move |view| undo(view, id, &undoing));
    let receipt = write.execute(&body.digest, decide).await?;
    Ok(answer::receipt(receipt, |id| format!("/v1/list-imports/{id}")))
}
