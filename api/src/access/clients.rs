//! `/v1/clients`: who may get tokens, and by which keys they prove themselves.

mod input;

use crate::http::{
    Answer, Body, Caller, Items, List, PageParams, Read, ReadParams, VersionOf, Write, answer, params, path_id,
};
use actix_web::web::Path;
use actix_web::{get, post, put};
use input::{ClientInput, ClientStep, ClientTransition, JwkInput};
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
        .service(add_client_key)
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

/// List clients
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

/// Read a client
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

/// List the versions of a client
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

/// Register a client
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
    let receipt = write.execute(&body.digest, decide).await?;
    Ok(answer::receipt(receipt, |id| format!("/v1/clients/{id}")))
}

/// Add a key to a client
///
/// The key, a JWK, stands beside those that the client has: it signs with either until the old one is retired. The key
/// of a name is never another one; the same key again changes nothing.
#[utoipa::path(
    tag = "clients",
    operation_id = "add_client_key",
    params(
        ("id" = ClientId, Path, description = "The client"),
        ("kid" = String, Path, description = "The name of the key: 1 to 128 characters", max_length = 128, example = "2026-11"),
    ),
    request_body(content = JwkInput, description = "The public key"),
    security(("bearer" = ["clients:manage"])),
    responses((status = 200, description = "Added, or unchanged", body = Client)),
    extensions(("x-problems" = json!(["conflict", "illegal-step"]))),
)]
#[put("/clients/{id}/keys/{kid}")]
async fn add_client_key(write: Write, path: Path<(String, String)>, body: Body<JwkInput>) -> Answer {
    write.caller.may(Scope::ClientsManage)?;
    let id: ClientId = path_id(&path.0)?;
    let (key, by) = (body.value.key(&path.1)?, officer(&write.caller));
    let decide = move |view: &mut View<'_>| clients::add_key(view, id, &key, by);
    let receipt = write.execute(&body.digest, decide).await?;
    Ok(answer::receipt(receipt, |id| format!("/v1/clients/{id}")))
}

/// Retire a key of a client, or revoke the client
///
/// A key retires at an instant, until which it works beside the new one; the last key that goes on is not retired.
/// Revoking is final: its tokens count no longer from this moment.
#[utoipa::path(
    tag = "clients",
    operation_id = "step_client",
    params(("id" = ClientId, Path, description = "The client")),
    request_body = ClientTransition,
    security(("bearer" = ["clients:manage"])),
    responses((status = 200, description = "Done, or unchanged", body = Client)),
)]
#[post("/clients/{id}/transitions")]
async fn step_client(write: Write, id: Path<String>, body: Body<ClientTransition>) -> Answer {
    write.caller.may(Scope::ClientsManage)?;
    let id: ClientId = path_id(&id)?;
    let (step, by) = (body.value.checked()?, officer(&write.caller));
    let decide = move |view: &mut View<'_>| match &step {
        ClientStep::RetireKey { kid, at } => clients::retire_key(view, id, kid, *at, by),
        ClientStep::Revoke => clients::revoke(view, id, by),
    };
    let receipt = write.execute(&body.digest, decide).await?;
    Ok(answer::receipt(receipt, |id| format!("/v1/clients/{id}")))
}
