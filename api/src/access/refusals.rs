//! `/v1/refusals`: what was refused to whom.

use crate::http::answer::{self, Items};
use crate::http::caller::Caller;
use crate::http::failure::{Failure, FaultDocument};
use crate::http::language::Language;
use crate::http::paging::Paging;
use crate::http::paging::filter;
use crate::http::params::{self, Params};
use crate::service::Service;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use lvcai_domain::ledger::instant;
use lvcai_domain::{ClientId, OrganisationId, ProblemKind};
use lvcai_store::refusals::Filter;
use lvcai_store::{AsOf, Viewer, refusals};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_refusals);
}

#[derive(Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// The organisation that tried.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<OrganisationId>)]
    organisation: Option<OrganisationId>,
    /// The problem, by the last segment of its address.
    #[param(value_type = Option<String>, example = "not-accredited")]
    problem: Option<ProblemKind>,
    /// How many items a page has.
    #[serde(default = "params::default_limit", deserialize_with = "params::limit", serialize_with = "params::unsaid")]
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: i64,
    /// Where the page before ended: its `page.next`, unchanged.
    #[serde(default, serialize_with = "params::unsaid")]
    cursor: Option<String>,
}

/// A refusal
///
/// An attempt to write that was refused. It is no change and stands outside the ledger; it is kept for two years.
#[derive(Debug, Serialize, ToSchema)]
struct Refusal {
    /// Names the refusal.
    id: Uuid,
    /// When, in UTC.
    #[schema(format = "date-time")]
    at: String,
    /// The client that tried.
    client: ClientId,
    /// The organisation it acted for.
    organisation: OrganisationId,
    /// Method and path.
    #[schema(example = "PUT /v1/certification-bodies/CNCA-R-2006-148/certificates/A-1")]
    operation: String,
    /// What it was about: the path, or for a line of a batch body and number.
    subject: String,
    /// Why: the address of the problem's documentation.
    #[schema(example = "/problems/not-accredited")]
    problem: String,
    /// What was wrong, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The fields at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FaultDocument>,
    /// The id of the request.
    request_id: String,
}

/// List refusals
///
/// The authority and the auditor see all of them, everybody else those of their own organisation.
#[utoipa::path(
    tag = "refusals",
    operation_id = "list_refusals",
    params(ListParams),
    security(("bearer" = [])),
    responses((status = 200, description = "A page, the newest first", body = Items<Refusal>)),
)]
#[get("/refusals")]
async fn list_refusals(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    Params(params): Params<ListParams>,
) -> Result<HttpResponse, Failure> {
    let own = caller.viewer() != Viewer::Everything;
    if own && params.organisation.is_some_and(|it| it != caller.organisation) {
        return Err(ProblemKind::Forbidden.into());
    }
    let organisation = if own { Some(caller.organisation) } else { params.organisation };
    let of = format!("refusals {organisation:?} {}", filter(&params, AsOf::Now));
    let paging = Paging::new(&service, of, (params.limit, AsOf::Now), params.cursor.as_deref())?;
    let filter = Filter { organisation, problem: params.problem };
    let (pages, language) = (paging.clone(), Language::of(&request));
    let read = move |conn: &mut _, cut| refusals::list(conn, &filter, &pages.page(cut));
    let (cut, found) = service.registry.read_at(paging.as_of(), read).await?;
    let items: Result<Vec<_>, serde_json::Error> =
        found.into_iter().map(|it| Ok((it.id, serde_json::to_string(&Refusal::new(it, language))?))).collect();
    let items = items.map_err(|_| ProblemKind::Internal)?;
    Ok(answer::page((&request, &service), &paging, cut, items))
}

impl Refusal {
    fn new(it: refusals::Refusal, language: Language) -> Self {
        let refusals::Refusal { id, at, attempt, subject, problem } = it;
        Self {
            id,
            at: instant(at),
            client: attempt.client,
            organisation: attempt.organisation,
            operation: attempt.operation,
            subject,
            problem: format!("/problems/{}", problem.kind.slug()),
            detail: problem.detail.as_ref().map(|it| language.pick(it).to_owned()),
            errors: problem.faults.iter().map(|fault| FaultDocument::new(fault, language)).collect(),
            request_id: attempt.request_id,
        }
    }
}
