//! `/v1/refusals`: what was refused to whom.

use crate::http::{Answer, Caller, FaultDocument, Items, List, PresentPageParams, Telling, answer, params};
use actix_web::get;
use lvcai_domain::ledger::instant;
use lvcai_domain::{ClientId, OrganisationId, ProblemKind};
use lvcai_store::refusals::Filter;
use lvcai_store::{Id, Viewer, refusals};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_refusals);
}

#[derive(Debug, Clone, Deserialize, Serialize, IntoParams)]
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
    #[schema(example = "https://registry.example/problems/not-accredited")]
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

/// List refused requests (查询被拒绝的请求)
///
/// The authority and the auditor see all of them, everybody else those of their own organisation.
#[utoipa::path(
    tag = "refusals",
    operation_id = "list_refusals",
    params(ListParams, PresentPageParams),
    security(("bearer" = [])),
    responses((status = 200, description = "A page, the newest first", body = Items<Refusal>)),
    extensions(("x-problems" = json!(["forbidden"]))),
)]
#[get("/refusals")]
async fn list_refusals(mut list: List<ListParams, Caller, PresentPageParams>) -> Answer {
    let own = list.by.organisation;
    if list.by.viewer() != Viewer::Everything {
        if list.params.organisation.is_some_and(|it| it != own) {
            return Err(ProblemKind::Forbidden.into());
        }
        list.params.organisation = Some(own);
    }
    let ListParams { organisation, problem } = list.params.clone();
    let filter = Filter { organisation, problem };
    let telling = Telling::of(&list.request);
    let language = telling.language;
    let written = move |it: refusals::Refusal| Ok((Id(it.id), serde_json::to_string(&Refusal::new(it, &telling))?));
    let page = list.page(move |conn, page| refusals::list(conn, &filter, page)?.into_iter().map(&written).collect());
    Ok(answer::in_language(page.await?, language))
}

impl Refusal {
    fn new(it: refusals::Refusal, telling: &Telling) -> Self {
        let language = telling.language;
        let refusals::Refusal { id, at, attempt, subject, problem } = it;
        Self {
            id,
            at: instant(at),
            client: attempt.client,
            organisation: attempt.organisation,
            operation: attempt.operation,
            subject,
            problem: telling.address(problem.kind),
            detail: problem.detail.as_ref().map(|it| language.pick(it).to_owned()),
            errors: problem.faults.iter().map(|fault| FaultDocument::new(fault, language)).collect(),
            request_id: attempt.request_id,
        }
    }
}
