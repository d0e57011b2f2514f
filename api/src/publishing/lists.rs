//! `/v1/lists`

use crate::http::checks::Check;
use crate::http::{
    Answer, Anybody, Body, Items, NoParams, OnDay, PageParams, Read, ReadParams, VersionOf, Write, answer, checks,
    paging, params, path_key,
};
use actix_web::web::Path;
use actix_web::{get, post};
use lvcai_auth::Scope;
use lvcai_domain::{ListPurpose, Listing, OrganisationId, ProblemKind, RegistryList};
use lvcai_store::{Error, listings, lists};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_lists)
        .service(read_list)
        .service(list_list_versions)
        .service(list_standing_listings)
        .service(open_list);
}

/// A list to be opened
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "id": "demonstration-products", "title": "大庆市绿色建材示范产品", "purpose": "demonstration_products" }))]
struct RegistryListInput {
    /// The slug that names it: lower-case letters, digits and hyphens.
    #[validate(length(min = 3, max = 60), custom(function = "slug"))]
    #[schema(min_length = 3, max_length = 60, pattern = "^[a-z][a-z0-9-]*$")]
    id: String,
    /// Its title.
    #[validate(length(min = 1, max = 200), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// What it is for.
    purpose: ListPurpose,
}

fn slug(text: &str) -> Check {
    let plain = text.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-');
    let begins = text.starts_with(|it: char| it.is_ascii_lowercase());
    if plain && begins { Ok(()) } else { checks::broken(lvcai_domain::Rule::Pattern) }
}

#[derive(Debug, Clone, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// The authority that publishes it.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<OrganisationId>)]
    publisher: Option<OrganisationId>,
}

/// List the registry lists (查询名单)
#[utoipa::path(
    tag = "lists",
    operation_id = "list_registry_lists",
    params(ListParams, PageParams),
    responses((status = 200, description = "A page, by slug", body = Items<RegistryList>)),
)]
#[get("/lists")]
async fn list_lists(list: paging::List<ListParams>) -> Answer {
    let ListParams { publisher } = list.params;
    list.page(move |conn, page| lists::list(conn, publisher, page)).await
}

/// Read a registry list (读取名单)
#[utoipa::path(
    tag = "lists",
    operation_id = "read_registry_list",
    params(("list" = String, Path, description = "The list", example = "green-building-materials"), ReadParams),
    responses((status = 200, description = "The list", body = RegistryList)),
)]
#[get("/lists/{list}")]
async fn read_list(slug: Path<String>, read: Read) -> Answer {
    read.record(move |conn, cut| lists::read(conn, &path_key(&slug)?, cut)).await
}

/// List the versions of a registry list (查询名单历史版本)
#[utoipa::path(
    tag = "lists",
    operation_id = "list_registry_list_versions",
    params(("list" = String, Path, description = "The list", example = "green-building-materials"), ReadParams),
    responses((status = 200, description = "The versions, the newest first", body = Items<VersionOf<RegistryList>>)),
)]
#[get("/lists/{list}/versions")]
async fn list_list_versions(slug: Path<String>, read: Read) -> Answer {
    read.versions(move |conn, cut| lists::versions(conn, &path_key(&slug)?, cut)).await
}

/// List the listings that are in force (查询名单的有效入选记录)
///
/// The listings that are listed on the day and whose validity has not ended by then. A step that is still to come
/// changes nothing before its day.
#[utoipa::path(
    tag = "lists",
    operation_id = "list_standing_listings",
    params(("list" = String, Path, description = "The list", example = "green-building-materials"), PageParams, OnDay),
    responses((status = 200, description = "A page, the newest first", body = Items<Listing>)),
)]
#[get("/lists/{list}/standing")]
async fn list_standing_listings(
    slug: Path<String>,
    list: paging::List<NoParams, Anybody, (PageParams, OnDay)>,
) -> Answer {
    list.page(move |conn, page| {
        let slug = path_key(&slug)?;
        lists::read(conn, &slug, page.cut)?.ok_or(Error::from(ProblemKind::NotFound))?;
        listings::standing(conn, &slug, page)
    })
    .await
}

/// Open a registry list (设立名单)
///
/// For an authority, which alone may publish in it from then on.
#[utoipa::path(
    tag = "lists",
    operation_id = "open_registry_list",
    request_body = RegistryListInput,
    security(("bearer" = ["lists:open"])),
    responses((status = 201, description = "Opened", body = RegistryList, headers(("Location" = String, description = "Its address")))),
)]
#[post("/lists")]
async fn open_list(write: Write, body: Body<RegistryListInput>) -> Answer {
    write.caller.may(Scope::ListsOpen)?;
    write.caller.must_be_authority()?;
    let RegistryListInput { id, title, purpose } = body.value;
    let list = RegistryList { id: id.clone(), title, purpose, publisher: write.caller.organisation, sample: false };
    let receipt = write.create(&body.digest, move |view| lists::open(view, &list)).await?;
    Ok(answer::receipt(receipt, |_| format!("/v1/lists/{id}")))
}
