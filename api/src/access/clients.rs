//! `/v1/clients`: who may get tokens, and by which keys they prove themselves.

mod input;

use crate::http::{
    Answer, Body, Caller, Items, List, PageParams, Read, ReadParams, VersionOf, Write, answer, params, path_id,
};
use actix_web::web::Path;
use actix_web::{get, post};
use input::{ClientInput, ClientStep, ClientTransition};
use lvcai_auth::Scope;
use lvcai_domain::{Client, ClientId, ClientStatus, OrganisationId, ProblemKind};
use lvcai_store::clients::{Filter, Officer, Sees};
use lvcai_store::{View, Viewer, clients};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_clients)
        .service(read_client)
        .service(list_client_versions)
        .service(register_client)
        .service(step_client);
}

/// Whose clients the caller sees.
fn seen(by: &Caller) -> Sees {
    match by.viewer() {
        Viewer::Everything => Sees::All,
        _ if by.has(Scope::ClientsManage) => Sees::Organisation(by.organisation),
        _ => Sees::Itself(by.client),
    }
}

/// The caller as one who changes clients.
fn officer(by: &Caller) -> Officer {
    Officer::Client(by.client, by.author())
}

#[derive(Debug, Clone, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// The organisation for which they act.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<OrganisationId>)]
    organisation: Option<OrganisationId>,
    /// Whether they may still get tokens.
    status: Option<ClientStatus>,
}

/// List clients (查询客户端)
///
/// The authority and the auditor see all of them, a client with `clients:manage` those of its organisation, any other
/// itself alone.
#[utoipa::path(
    tag = "clients",
    operation_id = "list_clients",
    params(ListParams, PageParams),
    security(("bearer" = [])),
    responses((status = 200, description = "A page, the newest first", body = Items<Client>)),
)]
#[get("/clients")]
async fn list_clients(list: List<ListParams, Caller>) -> Answer {
    let ListParams { organisation, status } = list.params.clone();
    let (filter, sees) = (Filter { organisation, status }, seen(&list.by));
    list.page(move |conn, page| clients::list(conn, &filter, sees, page)).await
}

/// Read a client (读取客户端)
///
/// One that the caller does not see is answered as if there were none.
#[utoipa::path(
    tag = "clients",
    operation_id = "read_client",
    params(("id" = ClientId, Path, description = "The client"), ReadParams),
    security(("bearer" = [])),
    responses((status = 200, description = "The client", body = Client)),
)]
#[get("/clients/{id}")]
async fn read_client(id: Path<String>, read: Read<Caller>) -> Answer {
    let id: ClientId = path_id(&id)?;
    let sees = seen(&read.by);
    read.record(move |conn, cut| clients::read_seen(conn, id, sees, cut)).await
}

/// List the versions of a client (查询客户端历史版本)
#[utoipa::path(
    tag = "clients",
    operation_id = "list_client_versions",
    params(("id" = ClientId, Path, description = "The client"), ReadParams),
    security(("bearer" = [])),
    responses((status = 200, description = "The versions, the newest first", body = Items<VersionOf<Client>>)),
)]
#[get("/clients/{id}/versions")]
async fn list_client_versions(id: Path<String>, read: Read<Caller>) -> Answer {
    let id: ClientId = path_id(&id)?;
    let sees = seen(&read.by);
    read.versions(move |conn, cut| {
        let seen = clients::read_seen(conn, id, sees, cut)?;
        if seen.is_some() { clients::versions(conn, id, cut) } else { Err(ProblemKind::NotFound.into()) }
    })
    .await
}

/// Register a client (登记客户端)
///
/// By the organisation itself or the authority. It holds no scope that the roles of its organisation do not permit. The
/// clients of an authority are registered by the operator alone, at the command line, since publications take two
/// holders. Public keys only: a set with a private member is refused.
#[utoipa::path(
    tag = "clients",
    operation_id = "register_client",
    request_body = ClientInput,
    security(("bearer" = ["clients:manage"])),
    responses((status = 201, description = "Registered", body = Client, headers(("Location" = String, description = "Its address")))),
)]
#[post("/clients")]
async fn register_client(write: Write, body: Body<ClientInput>) -> Answer {
    write.caller.may(Scope::ClientsManage)?;
    let (client, by) = (body.value.client(write.caller.organisation)?, officer(&write.caller));
    let decide = move |view: &mut View<'_>| clients::add(view, &client, by);
    let receipt = write.create(&body.digest, decide).await?;
    Ok(answer::receipt(receipt, |id| format!("/v1/clients/{id}")))
}

/// Add or retire a key of a client, or revoke the client (增加或停用密钥、注销客户端)
///
/// A new key stands beside those that the client has: it signs with either until the old one retires, at an instant. The
/// key of a name is never another one; the same key again changes nothing; the last key that goes on is not retired.
/// Revoking is final: its tokens count no longer from this moment.
#[utoipa::path(
    tag = "clients",
    operation_id = "step_client",
    params(("id" = ClientId, Path, description = "The client", example = "clnt_01900000-0000-7000-8000-000000000071")),
    request_body = ClientTransition,
    security(("bearer" = ["clients:manage"])),
    responses((status = 200, description = "Done, or unchanged", body = Client)),
    extensions(("x-problems" = json!(["conflict"]))),
)]
#[post("/clients/{id}/transitions")]
async fn step_client(write: Write, id: Path<String>, body: Body<ClientTransition>) -> Answer {
    write.caller.may(Scope::ClientsManage)?;
    let id: ClientId = path_id(&id)?;
    let (step, by) = (body.value.checked()?, officer(&write.caller));
    let decide = move |view: &mut View<'_>| match &step {
        ClientStep::AddKey(key) => clients::add_key(view, id, key, by),
        ClientStep::RetireKey { kid, at } => clients::retire_key(view, id, kid, *at, by),
        ClientStep::Revoke => clients::revoke(view, id, by),
    };
    let sees = seen(&write.caller);
    let stands = move |view: &mut View<'_>| clients::read_seen(view.conn, id, sees, view.cut);
    let receipt = write.execute(&body.digest, write.conditions.guard(stands, decide)).await?;
    Ok(answer::receipt(receipt, |id| format!("/v1/clients/{id}")))
}
