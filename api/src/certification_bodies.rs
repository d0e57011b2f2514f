//! `/v1/certification-bodies`

use crate::Service;
use crate::answer::{self, Items, VersionOf};
use crate::code_lists::ReadParams;
use crate::cursor::Paging;
use crate::failure::Failure;
use crate::params::{self, Params, segment};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use lvcai_domain::{ApprovalNumber, CertificationBody};
use lvcai_store::{AsOf, certification_bodies};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_certification_bodies)
        .service(read_certification_body)
        .service(list_certification_body_versions);
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// How many items a page has.
    #[serde(default = "params::default_limit", deserialize_with = "params::limit")]
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub(crate) limit: i64,
    /// Where the page before ended: its `page.next`, unchanged.
    pub(crate) cursor: Option<String>,
    /// A ledger position or an instant (RFC 3339): the registry as it was known then. Now when absent.
    #[serde(default, deserialize_with = "params::as_of")]
    #[param(value_type = Option<String>, example = "412")]
    pub(crate) as_of: AsOf,
}

impl PageParams {
    /// The paging of a list that nothing but `of` narrows.
    pub(crate) fn paging(&self, service: &Service, of: &str) -> Result<Paging, Failure> {
        Paging::new(service, format!("{of} {:?}", self.as_of), (self.limit, self.as_of), self.cursor.as_deref())
    }
}

/// List the certification bodies
///
/// Names are those of the source, whose date and state `source` and `verified` tell.
#[utoipa::path(
    tag = "certification bodies",
    operation_id = "list_certification_bodies",
    params(PageParams),
    responses((status = 200, description = "A page, by approval number", body = Items<CertificationBody>)),
)]
#[get("/certification-bodies")]
async fn list_certification_bodies(
    request: HttpRequest,
    service: Data<Service>,
    Params(params): Params<PageParams>,
) -> Result<HttpResponse, Failure> {
    let paging = params.paging(&service, "certification_bodies")?;
    let pages = paging.clone();
    let read = move |conn: &mut _, cut| certification_bodies::list(conn, &pages.page(cut));
    let (cut, items) = service.registry.read_at(paging.as_of(), read).await?;
    Ok(answer::page((&request, &service), &paging, cut, items))
}

/// Read a certification body
#[utoipa::path(
    tag = "certification bodies",
    operation_id = "read_certification_body",
    params(("body" = ApprovalNumber, Path, description = "The approval number (批准号)"), ReadParams),
    responses((status = 200, description = "The certification body", body = CertificationBody)),
)]
#[get("/certification-bodies/{body}")]
async fn read_certification_body(
    request: HttpRequest,
    service: Data<Service>,
    body: Path<String>,
    Params(params): Params<ReadParams>,
) -> Result<HttpResponse, Failure> {
    let body: ApprovalNumber = segment(&body)?;
    let found =
        service.registry.read_at(params.as_of, move |conn, cut| certification_bodies::read(conn, &body, cut)).await?;
    answer::item(&request, found)
}

/// List the versions of a certification body
#[utoipa::path(
    tag = "certification bodies",
    operation_id = "list_certification_body_versions",
    params(("body" = ApprovalNumber, Path, description = "The approval number (批准号)"), ReadParams),
    responses((status = 200, description = "The versions, the newest first", body = Items<VersionOf<CertificationBody>>)),
)]
#[get("/certification-bodies/{body}/versions")]
async fn list_certification_body_versions(
    request: HttpRequest,
    service: Data<Service>,
    body: Path<String>,
    Params(params): Params<ReadParams>,
) -> Result<HttpResponse, Failure> {
    let body: ApprovalNumber = segment(&body)?;
    let found = service
        .registry
        .read_at(params.as_of, move |conn, cut| certification_bodies::versions(conn, &body, cut))
        .await?;
    answer::versions(&request, found)
}
