//! `/v1/organisations`

use crate::http::{
    Answer, Body, Items, List, MergePatch, PageParams, Read, ReadParams, VersionOf, Write, answer, checks, params,
    path_id,
};
use actix_web::web::Path;
use actix_web::{get, patch, post};
use lvcai_auth::Scope;
use lvcai_domain::{ApprovalNumber, Organisation, OrganisationId, Role, Uscc};
use lvcai_store::{View, certification_bodies, organisations};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_organisations)
        .service(read_organisation)
        .service(list_organisation_versions)
        .service(register_organisation)
        .service(amend_organisation);
}

/// An organisation to be registered
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "大庆示例保温材料有限公司", "uscc": "91230603716675417M", "roles": ["enterprise"], "division": "230600" }))]
pub(crate) struct OrganisationInput {
    /// Its registered name (名称).
    #[validate(length(min = 1, max = 200), custom(function = "checks::name"))]
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Its unified social credit code (统一社会信用代码), where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "checks::entered::<Uscc>"))]
    uscc: Option<Uscc>,
    /// What it does in the registry.
    #[validate(length(min = 1, max = 6))]
    #[schema(min_items = 1, max_items = 6)]
    roles: Vec<Role>,
    /// Other names it is or was known by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[validate(length(max = 20), custom(function = "checks::texts"))]
    #[schema(max_items = 20)]
    aliases: Vec<String>,
    /// Its administrative division, a code of `/v1/divisions`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(length(max = 12), custom(function = "checks::text"))]
    #[schema(max_length = 12)]
    division: Option<String>,
    /// Organisations that look like this one and are others.
    #[serde(default)]
    #[validate(length(max = 20))]
    #[schema(max_items = 20)]
    distinct_from: Vec<OrganisationId>,
}

impl OrganisationInput {
    /// The organisation as it shall be; what a client may not say is kept from `before`.
    fn organisation(self, before: Option<&Organisation>) -> Organisation {
        let Self { name, uscc, mut roles, aliases, division, distinct_from: _ } = self;
        roles.sort();
        roles.dedup();
        Organisation {
            id: before.map_or_else(OrganisationId::mint, |it| it.id),
            name,
            uscc,
            approval_number: before.and_then(|it| it.approval_number.clone()),
            roles,
            aliases,
            division,
            source: before.and_then(|it| it.source.clone()),
            retracted_on: before.and_then(|it| it.retracted_on),
            sample: before.is_some_and(|it| it.sample),
        }
    }
}

#[derive(Debug, Clone, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// The exact name, whatever its spelling.
    #[serde(default, deserialize_with = "params::short")]
    #[param(max_length = 200, value_type = Option<String>)]
    name: Option<String>,
    /// The unified social credit code.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<Uscc>)]
    uscc: Option<Uscc>,
    /// The approval number (批准号), of the one that is this certification body.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<ApprovalNumber>)]
    approval_number: Option<ApprovalNumber>,
}

/// List organisations (查询组织)
#[utoipa::path(
    tag = "organisations",
    operation_id = "list_organisations",
    params(ListParams, PageParams),
    responses((status = 200, description = "A page, the newest first", body = Items<Organisation>)),
)]
#[get("/organisations")]
async fn list_organisations(list: List<ListParams>) -> Answer {
    let ListParams { name, uscc, approval_number } = list.params.clone();
    let filter = organisations::Filter { name, uscc, approval_number };
    list.page(move |conn, page| {
        if let Some(number) = &filter.approval_number {
            certification_bodies::must_be_known(conn, number.as_str(), "approval_number")?;
        }
        organisations::list(conn, &filter, page)
    })
    .await
}

/// Read an organisation (读取组织)
#[utoipa::path(
    tag = "organisations",
    operation_id = "read_organisation",
    params(("id" = OrganisationId, Path, description = "The organisation"), ReadParams),
    responses((status = 200, description = "The organisation", body = Organisation)),
)]
#[get("/organisations/{id}")]
async fn read_organisation(id: Path<String>, read: Read) -> Answer {
    let id: OrganisationId = path_id(&id)?;
    read.record(move |conn, cut| organisations::read(conn, id, cut)).await
}

/// List the versions of an organisation (查询组织历史版本)
#[utoipa::path(
    tag = "organisations",
    operation_id = "list_organisation_versions",
    params(("id" = OrganisationId, Path, description = "The organisation"), ReadParams),
    responses((status = 200, description = "The versions, the newest first", body = Items<VersionOf<Organisation>>)),
)]
#[get("/organisations/{id}/versions")]
async fn list_organisation_versions(id: Path<String>, read: Read) -> Answer {
    let id: OrganisationId = path_id(&id)?;
    read.versions(move |conn, cut| organisations::versions(conn, id, cut)).await
}

/// Register an organisation (登记组织)
///
/// For the authority. One with the same code or the same name is reported as a likely double (409) and never merged;
/// list it in `distinct_from` to say that it is another. The role `authority` is the operator's to give, at the command
/// line.
#[utoipa::path(
    tag = "organisations",
    operation_id = "register_organisation",
    request_body = OrganisationInput,
    security(("bearer" = ["organisations:write"])),
    responses((status = 201, description = "Registered", body = Organisation, headers(("Location" = String, description = "Its address")))),
    extensions(("x-problems" = json!(["likely-double"]))),
)]
#[post("/organisations")]
async fn register_organisation(write: Write, body: Body<OrganisationInput>) -> Answer {
    write.caller.may(Scope::OrganisationsWrite)?;
    write.caller.must_be_authority()?;
    let distinct_from = body.value.distinct_from.clone();
    let organisation = body.value.organisation(None);
    let decide = move |view: &mut View<'_>| organisations::register(view, &organisation, &distinct_from);
    let receipt = write.create(&body.digest, decide).await?;
    Ok(answer::receipt(receipt, |id| format!("/v1/organisations/{id}")))
}

/// Amend an organisation (变更组织)
///
/// A merge patch (RFC 7396) by the organisation itself or the authority; `null` takes a field away. Name, code and roles
/// are the authority's to change, since name and code tell whose a certificate is; the role `authority` itself is the
/// operator's to give, at the command line, and no authority changes another.
#[utoipa::path(
    tag = "organisations",
    operation_id = "amend_organisation",
    params(("id" = OrganisationId, Path, description = "The organisation")),
    request_body(content = ref("#/components/schemas/OrganisationPatch"), content_type = "application/merge-patch+json", description = "The fields to change", example = json!({ "division": "230602" })),
    security(("bearer" = ["organisations:write"])),
    responses((status = 200, description = "Amended, or unchanged", body = Organisation)),
    extensions(("x-problems" = json!(["likely-double", "illegal-step"])), ("x-merge-patch" = json!({ "OrganisationPatch": "OrganisationInput" }))),
)]
#[patch("/organisations/{id}")]
async fn amend_organisation(write: Write, id: Path<String>, patch: Body<MergePatch>) -> Answer {
    write.caller.may(Scope::OrganisationsWrite)?;
    let id: OrganisationId = path_id(&id)?;
    let conditions = write.conditions.clone();
    conditions.require_if_match()?;
    let Body { value: patch, digest } = patch;
    let by = write.caller.author();
    let decide = move |view: &mut View<'_>| {
        organisations::amend(view, id, by, |stored, before| {
            conditions.check(Some(stored))?;
            let new: OrganisationInput =
                patch.apply(&stored.body, &["id", "approval_number", "source", "sample", "retracted_on"])?;
            let distinct_from = new.distinct_from.clone();
            Ok((new.organisation(Some(before)), distinct_from))
        })
    };
    let receipt = write.execute(&digest, decide).await?;
    Ok(answer::receipt(receipt, |id| format!("/v1/organisations/{id}")))
}
