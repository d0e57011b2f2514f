//! `/v1/calls`: who still calls what.

use crate::calls::Operations;
use crate::deprecated::Deprecation;
use crate::http::{Answer, Caller, Items, List, PresentPageParams, params};
use crate::service::AppState;
use actix_web::get;
use actix_web::web::Data;
use jiff::civil::Date;
use lvcai_domain::reference::code_unknown;
use lvcai_domain::{ClientId, OrganisationId, Problem, ProblemKind};
use lvcai_store::Viewer;
use lvcai_store::calls::{self, Called, ClientCalls, Filter};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_calls);
}

#[derive(Debug, Clone, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// The client.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<ClientId>)]
    client_id: Option<ClientId>,
    /// The organisation for which it acts.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<OrganisationId>)]
    organisation: Option<OrganisationId>,
    /// The operation, by its `operationId`.
    #[serde(default, deserialize_with = "params::short")]
    #[param(value_type = Option<String>, max_length = 200, example = "list_products")]
    operation: Option<String>,
    /// `true`: none but deprecated operations; `false`: none of them.
    deprecated: Option<bool>,
    /// The first day (Asia/Shanghai).
    #[serde(default, deserialize_with = "params::any_day")]
    #[param(value_type = Option<Date>, example = "2026-11-01")]
    from: Option<Date>,
    /// The last day (Asia/Shanghai).
    #[serde(default, deserialize_with = "params::any_day")]
    #[param(value_type = Option<Date>, example = "2026-11-30")]
    until: Option<Date>,
}

/// How often a client called an operation
#[derive(Debug, Serialize, ToSchema)]
struct OperationCalls {
    /// The operation, by its `operationId`.
    #[schema(example = "list_products")]
    operation: String,
    /// How often, whatever the answer.
    #[schema(example = 1204)]
    calls: i64,
    /// The first day on which it did.
    first_on: Date,
    /// The last.
    last_on: Date,
    /// Whether the operation is deprecated.
    deprecated: bool,
}

/// What a client called
///
/// Counted by the day, written down once a minute, and kept for 400 days. It is no record of the ledger, and has no past.
#[derive(Debug, Serialize, ToSchema)]
struct CallsOfClient {
    /// The client.
    client: ClientId,
    /// The organisation for which it acts.
    organisation: OrganisationId,
    /// What it called, by the name.
    operations: Vec<OperationCalls>,
}

impl CallsOfClient {
    fn new(it: ClientCalls, deprecated: &[Deprecation]) -> Self {
        let told = |Called { operation, calls, first_on, last_on }| OperationCalls {
            deprecated: Deprecation::of(deprecated, &operation).is_some(),
            operation,
            calls,
            first_on,
            last_on,
        };
        let ClientCalls { client, organisation, operations } = it;
        Self { client, organisation, operations: operations.into_iter().map(told).collect() }
    }
}

/// List calls by client (查询调用统计)
///
/// Who still calls what, before it changes: the calls with a token, by client and operation. The authority and the
/// auditor see all clients, everybody else those of their own organisation.
#[utoipa::path(
    tag = "clients",
    operation_id = "list_calls",
    params(ListParams, PresentPageParams),
    security(("bearer" = [])),
    responses((status = 200, description = "A page, the newest client first", body = Items<CallsOfClient>)),
    extensions(("x-problems" = json!(["forbidden"]))),
)]
#[get("/calls")]
async fn list_calls(
    state: Data<AppState>,
    mounted: Data<Operations>,
    mut list: List<ListParams, Caller, PresentPageParams>,
) -> Answer {
    let own = list.by.organisation;
    if list.by.viewer() != Viewer::Everything {
        if list.params.organisation.is_some_and(|it| it != own) {
            return Err(ProblemKind::Forbidden.into());
        }
        list.params.organisation = Some(own);
    }
    let ListParams { client_id: client, organisation, operation, deprecated, from, until } = list.params.clone();
    let names = mounted.names();
    if let Some(unknown) = operation.as_ref().filter(|it| !names.contains(it)) {
        let fault = code_unknown("operation", unknown, names);
        return Err(Problem::from(ProblemKind::UnknownParameter).fault(fault).into());
    }
    let table = state.deprecated;
    let named = || table.iter().map(|it| it.operation).collect();
    let (among, except) = match deprecated {
        Some(true) => (Some(named()), None),
        Some(false) => (None, Some(named())),
        None => (None, None),
    };
    let filter = Filter { client, organisation, operation, among, except, from, until };
    list.page(move |conn, page| {
        let found = calls::list(conn, &filter, page)?.into_iter();
        found.map(|(id, it)| Ok((id, serde_json::to_string(&CallsOfClient::new(it, table))?))).collect()
    })
    .await
}
