//! `/v1/listings`

use crate::http::answer::{self, Items, VersionOf};
use crate::http::failure::Failure;
use crate::http::paging::Paging;
use crate::http::paging::{filter, keyed};
use crate::http::params::ReadParams;
use crate::http::params::{self, Params, segment};
use crate::service::Service;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use lvcai_domain::{Listing, ListingId, ListingStatus, ProductId};
use lvcai_store::{AsOf, listings};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_listings).service(read_listing).service(list_listing_versions);
}

#[derive(Debug, Deserialize, Serialize, IntoParams)]
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
    /// The standing.
    status: Option<ListingStatus>,
    /// How many items a page has.
    #[serde(default = "params::default_limit", deserialize_with = "params::limit", serialize_with = "params::unsaid")]
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: i64,
    /// Where the page before ended: its `page.next`, unchanged.
    #[serde(default, serialize_with = "params::unsaid")]
    cursor: Option<String>,
    /// A ledger position or an instant (RFC 3339): the registry as it was known then. Now when absent.
    #[serde(default, deserialize_with = "params::as_of", serialize_with = "params::unsaid")]
    #[param(value_type = Option<String>, example = "412")]
    as_of: AsOf,
}

/// List listings
#[utoipa::path(
    tag = "lists",
    operation_id = "list_listings",
    params(ListParams),
    responses((status = 200, description = "A page, the newest first", body = Items<Listing>)),
)]
#[get("/listings")]
async fn list_listings(
    request: HttpRequest,
    service: Data<Service>,
    Params(params): Params<ListParams>,
) -> Result<HttpResponse, Failure> {
    let of = format!("listings {}", filter(&params, params.as_of));
    let paging = Paging::new(&service, of, (params.limit, params.as_of), params.cursor.as_deref())?;
    let filter = listings::Filter { list: params.list, product: params.product, status: params.status };
    let pages = paging.clone();
    let read = move |conn: &mut _, cut| listings::list(conn, &filter, &pages.page(cut));
    let (cut, items) = service.registry.read_at(paging.as_of(), read).await?;
    Ok(answer::page((&request, &service), &paging, cut, keyed(items)))
}

/// Read a listing
#[utoipa::path(
    tag = "lists",
    operation_id = "read_listing",
    params(("id" = ListingId, Path, description = "The listing"), ReadParams),
    responses((status = 200, description = "The listing", body = Listing)),
)]
#[get("/listings/{id}")]
async fn read_listing(
    request: HttpRequest,
    service: Data<Service>,
    id: Path<String>,
    Params(params): Params<ReadParams>,
) -> Result<HttpResponse, Failure> {
    let id: ListingId = segment(&id)?;
    let found = service.registry.read_at(params.as_of, move |conn, cut| listings::read(conn, id, cut)).await?;
    answer::item(&request, found)
}

/// List the versions of a listing
#[utoipa::path(
    tag = "lists",
    operation_id = "list_listing_versions",
    params(("id" = ListingId, Path, description = "The listing"), ReadParams),
    responses((status = 200, description = "The versions, the newest first", body = Items<VersionOf<Listing>>)),
)]
#[get("/listings/{id}/versions")]
async fn list_listing_versions(
    request: HttpRequest,
    service: Data<Service>,
    id: Path<String>,
    Params(params): Params<ReadParams>,
) -> Result<HttpResponse, Failure> {
    let id: ListingId = segment(&id)?;
    let found = service.registry.read_at(params.as_of, move |conn, cut| listings::versions(conn, id, cut)).await?;
    answer::versions(&request, found)
}
