//! `/v1/listings`

use crate::http::{
    Answer, Items, ListOn, OnDayOrLatest, PageParams, Read, ReadOn, ReadParams, VersionOf, params, path_id,
};
use actix_web::get;
use actix_web::web::Path;
use jiff::civil::Date;
use lvcai_domain::{Listing, ListingId, ListingStatus, OrganisationId, ProblemKind, ProductId};
use lvcai_store::{Error, Viewer, listings, lists, products};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_listings).service(list_product_listings).service(read_listing).service(list_listing_versions);
}

#[derive(Debug, Clone, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// The list.
    #[param(example = "green-building-materials")]
    list: Option<String>,
    /// The product.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<ProductId>)]
    product: Option<ProductId>,
    /// The kind of the product, a code of `/v1/kinds`.
    #[serde(default, deserialize_with = "params::kind")]
    #[param(value_type = Option<String>, example = "gbm-09")]
    kind: Option<String>,
    /// The enterprise of the product.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<OrganisationId>)]
    enterprise: Option<OrganisationId>,
    /// The standing.
    status: Option<ListingStatus>,
    /// A day before which it ends.
    #[serde(default, deserialize_with = "params::any_day")]
    #[param(value_type = Option<Date>)]
    expires_before: Option<Date>,
}

/// List listings (查询入选记录)
#[utoipa::path(
    tag = "lists",
    operation_id = "list_listings",
    params(ListParams, PageParams, OnDayOrLatest),
    responses((status = 200, description = "A page, the newest first", body = Items<Listing>)),
)]
#[get("/listings")]
async fn list_listings(list: ListOn<ListParams>) -> Answer {
    let ListParams { list: slug, product, kind, enterprise, status, expires_before } = list.params.clone();
    let filter = listings::Filter { list: slug, product, kind, enterprise, status, expires_before };
    list.page(move |conn, page| {
        if let Some(slug) = &filter.list {
            lists::must_be_known(conn, slug, "list")?;
        }
        listings::list(conn, &filter, page)
    })
    .await
}

/// List the listings of a product (查询产品的入选记录)
///
/// In which lists it stands or stood, and why no longer.
#[utoipa::path(
    tag = "products",
    operation_id = "list_product_listings",
    params(("id" = ProductId, Path, description = "The product"), PageParams, OnDayOrLatest),
    responses((status = 200, description = "A page, the newest first", body = Items<Listing>)),
)]
#[get("/products/{id}/listings")]
async fn list_product_listings(id: Path<String>, list: ListOn) -> Answer {
    let id: ProductId = path_id(&id)?;
    list.page(move |conn, page| {
        products::read(conn, id, page.cut, Viewer::Public)?.ok_or(Error::from(ProblemKind::NotFound))?;
        listings::list(conn, &listings::Filter { product: Some(id), ..Default::default() }, page)
    })
    .await
}

/// Read a listing (读取入选记录)
#[utoipa::path(
    tag = "lists",
    operation_id = "read_listing",
    params(("id" = ListingId, Path, description = "The listing"), ReadParams, OnDayOrLatest),
    responses((status = 200, description = "The listing", body = Listing)),
)]
#[get("/listings/{id}")]
async fn read_listing(id: Path<String>, read: ReadOn) -> Answer {
    let id: ListingId = path_id(&id)?;
    read.record_on(move |conn, moment| listings::read_on(conn, id, moment)).await
}

/// List the versions of a listing (查询入选记录历史版本)
#[utoipa::path(
    tag = "lists",
    operation_id = "list_listing_versions",
    params(("id" = ListingId, Path, description = "The listing"), ReadParams),
    responses((status = 200, description = "The versions, the newest first", body = Items<VersionOf<Listing>>)),
)]
#[get("/listings/{id}/versions")]
async fn list_listing_versions(id: Path<String>, read: Read) -> Answer {
    let id: ListingId = path_id(&id)?;
    read.versions(move |conn, cut| listings::versions(conn, id, cut)).await
}
