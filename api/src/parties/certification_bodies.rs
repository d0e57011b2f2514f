//! `/v1/certification-bodies`

use crate::http::checks::Check;
use crate::http::{
    Answer, Items, List, PageParams, Put, Read, ReadParams, VersionOf, Write, answer, checks, params, path_id,
};
use actix_web::web::Path;
use actix_web::{get, put};
use jiff::civil::Date;
use lvcai_auth::Scope;
use lvcai_domain::{
    Accreditation, AccreditedScope, ApprovalNumber, BodyAlias, BodyStatement, CertificationBody, FormerName,
    OrganisationId, ProblemKind, Uscc,
};
use lvcai_store::{Conn, View, certification_bodies};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_certification_bodies)
        .service(read_certification_body)
        .service(list_certification_body_versions)
        .service(put_certification_body)
        .service(read_accreditation)
        .service(accredit_certification_body);
}

#[derive(Debug, Clone, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// A whole name of now or before, an alias or the approval number; spelling and brackets make no difference.
    #[serde(default, deserialize_with = "params::short")]
    #[param(max_length = 200, value_type = Option<String>, example = "中国建筑科学研究院")]
    name: Option<String>,
    /// A part of one of these.
    #[serde(default, deserialize_with = "params::short")]
    #[param(max_length = 200, value_type = Option<String>, example = "建筑科学")]
    q: Option<String>,
}

/// List and search certification bodies (查询认证机构)
///
/// Names are those of the source, whose date and state `source` and `verified` tell.
#[utoipa::path(
    tag = "certification bodies",
    operation_id = "list_certification_bodies",
    params(ListParams, PageParams),
    responses((status = 200, description = "A page, by approval number", body = Items<CertificationBody>)),
)]
#[get("/certification-bodies")]
async fn list_certification_bodies(list: List<ListParams>) -> Answer {
    let ListParams { name, q } = list.params.clone();
    let filter = certification_bodies::Filter { name, part: q };
    list.page(move |conn, page| certification_bodies::list(conn, &filter, page)).await
}

/// Read a certification body (读取认证机构)
#[utoipa::path(
    tag = "certification bodies",
    operation_id = "read_certification_body",
    params(("certification_body" = ApprovalNumber, Path, description = "The approval number (批准号)"), ReadParams),
    responses((status = 200, description = "The certification body", body = CertificationBody)),
)]
#[get("/certification-bodies/{certification_body}")]
async fn read_certification_body(body: Path<String>, read: Read) -> Answer {
    let body: ApprovalNumber = path_id(&body)?;
    read.record(move |conn, cut| certification_bodies::read(conn, &body, cut)).await
}

/// List the versions of a certification body (查询认证机构历史版本)
#[utoipa::path(
    tag = "certification bodies",
    operation_id = "list_certification_body_versions",
    params(("certification_body" = ApprovalNumber, Path, description = "The approval number (批准号)"), ReadParams),
    responses((status = 200, description = "The versions, the newest first", body = Items<VersionOf<CertificationBody>>)),
)]
#[get("/certification-bodies/{certification_body}/versions")]
async fn list_certification_body_versions(body: Path<String>, read: Read) -> Answer {
    let body: ApprovalNumber = path_id(&body)?;
    read.versions(move |conn, cut| certification_bodies::versions(conn, &body, cut)).await
}

/// The record of a certification body, but for what it is accredited for
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "中国建筑科学研究院",
    "aliases": [
        { "name": "中国建筑科学研究院有限公司", "source": "名单所用名称，未经核实", "verified": false },
        { "name": "建研院", "source": "简称，未经核实", "verified": false }
    ],
    "source": "示例，未经核实", "verified": false
}))]
struct CertificationBodyInput {
    /// Its name. The name that it had before stays known.
    #[validate(length(min = 1, max = 200), custom(function = "checks::name"))]
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// The first day of the name, where it is another than before; today when absent.
    #[serde(default, deserialize_with = "params::day")]
    renamed_on: Option<Date>,
    /// All names that it had before, the latest last; those on record stay where this is absent.
    #[validate(length(max = 20), custom(function = "bearable_former_names"))]
    #[schema(max_items = 20)]
    former_names: Option<Vec<FormerName>>,
    /// All other names by which it is known; those on record stay where this is absent.
    #[validate(length(max = 50), custom(function = "bearable_aliases"))]
    #[schema(max_items = 50)]
    aliases: Option<Vec<BodyAlias>>,
    /// What else is known.
    #[validate(length(min = 1, max = 500), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
    /// Where this is from.
    #[validate(length(min = 1, max = 300), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 300)]
    source: String,
    /// Whether number and name were checked against the approving authority's publication.
    verified: bool,
    /// The organisation that it is, where that is registered; when absent the body's own, or a new one.
    organisation: Option<OrganisationId>,
    /// The unified social credit code (统一社会信用代码) of that organisation.
    #[validate(custom(function = "checks::entered::<Uscc>"))]
    uscc: Option<Uscc>,
    /// Organisations that look like a new one and are others.
    #[serde(default)]
    #[validate(length(max = 20))]
    #[schema(max_items = 20)]
    distinct_from: Vec<OrganisationId>,
}

fn named(name: &str, source: &str, at: usize) -> Check {
    let name = checks::under("/name", checks::short(name, 200));
    let source = checks::under("/source", checks::short(source, 300));
    checks::under(&format!("/{at}"), checks::each([name, source]))
}

fn bearable_former_names(names: &[FormerName]) -> Check {
    checks::each(names.iter().enumerate().map(|(at, it)| named(&it.name, &it.source, at)))
}

fn bearable_aliases(names: &[BodyAlias]) -> Check {
    checks::each(names.iter().enumerate().map(|(at, it)| named(&it.name, &it.source, at)))
}

/// Register, rename or amend a certification body (登记、更名或变更认证机构)
///
/// For the authority. The approval number names the body, so its whole record is put at its address; what it is
/// accredited for stays as it is. The organisation that it is is registered with it, or named, and bears the same name.
#[utoipa::path(
    tag = "certification bodies",
    operation_id = "put_certification_body",
    params(("certification_body" = ApprovalNumber, Path, description = "The approval number (批准号)")),
    request_body = CertificationBodyInput,
    security(("bearer" = ["organisations:write"])),
    responses(
        (status = 200, description = "Renamed, amended or unchanged", body = CertificationBody),
        (status = 201, description = "Registered", body = CertificationBody, headers(("Location" = String, description = "Its address"))),
    ),
    extensions(("x-problems" = json!(["likely-double"]))),
)]
#[put("/certification-bodies/{certification_body}")]
async fn put_certification_body(
    write: Write,
    body: Path<String>,
    new: Put<CertificationBodyInput, CertificationBody>,
) -> Answer {
    write.caller.may(Scope::OrganisationsWrite)?;
    write.caller.must_be_authority()?;
    let body: ApprovalNumber = path_id(&body)?;
    let terms = new.terms(&write);
    let CertificationBodyInput { name, renamed_on, former_names, aliases, note, source, verified, .. } =
        new.value.clone();
    let stated = BodyStatement { name, former_names, aliases, note, source, verified, renamed_on };
    let which = certification_bodies::WhichOrganisation {
        known: new.value.organisation,
        uscc: new.value.uscc.clone(),
        distinct_from: new.value.distinct_from.clone(),
    };
    let decide = move |view: &mut View<'_>| {
        let stands = certification_bodies::read(view.conn, &body, view.cut)?;
        terms.check(stands.as_ref(), &json!({ "approval_number": body }))?;
        certification_bodies::put(view, &body, stated.clone(), &which)
    };
    let receipt = write.execute(&new.digest, decide).await?;
    Ok(new.answer(receipt, |number| format!("/v1/certification-bodies/{number}")))
}

/// What a body is accredited for, to be recorded
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccreditationInput {
    /// The first day of the approval.
    #[serde(deserialize_with = "params::required_day")]
    valid_from: Date,
    /// The last day of the approval, inclusive, in Asia/Shanghai.
    #[serde(deserialize_with = "params::required_day")]
    valid_until: Date,
    /// The fields it covers; without kinds a whole scheme.
    #[validate(length(min = 1, max = 10), custom(function = "kinds"))]
    #[schema(min_items = 1, max_items = 10)]
    scopes: Vec<AccreditedScope>,
    /// Where this is from.
    #[validate(length(min = 1, max = 300), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 300)]
    source: String,
    /// Whether it was checked against the approving authority's publication.
    verified: bool,
}

fn kinds(scopes: &[AccreditedScope]) -> Check {
    let bounded = |(index, scope): (usize, &AccreditedScope)| {
        checks::under(&format!("/{index}/kinds"), checks::at_most(&scope.kinds, 200))
    };
    checks::each(scopes.iter().enumerate().map(bounded))
}

/// Read what a certification body is accredited for (读取认证机构的批准范围)
///
/// As the authority has recorded it; 404 where it has not.
#[utoipa::path(
    tag = "certification bodies",
    operation_id = "read_accreditation",
    params(("certification_body" = ApprovalNumber, Path, description = "The approval number (批准号)"), ReadParams),
    responses((status = 200, description = "What it is accredited for", body = Accreditation)),
)]
#[get("/certification-bodies/{certification_body}/accreditation")]
async fn read_accreditation(body: Path<String>, read: Read) -> Answer {
    let body: ApprovalNumber = path_id(&body)?;
    let accreditation = move |conn: &mut Conn, cut| {
        let record = certification_bodies::read(conn, &body, cut)?;
        Ok(record.as_ref().map(certification_bodies::accreditation).transpose()?.flatten())
    };
    let (cut, stored) = read.at_cut(accreditation).await?;
    Ok(answer::read(&read.request, cut, stored.ok_or(ProblemKind::NotFound)?.body))
}

/// Record what a certification body is accredited for (登记认证机构的批准范围)
///
/// For the authority. A body pushes certificates of these kinds while its approval holds, and nothing before that is
/// recorded; what it issued it may always suspend, withdraw and cancel.
#[utoipa::path(
    tag = "certification bodies",
    operation_id = "accredit_certification_body",
    params(("certification_body" = ApprovalNumber, Path, description = "The approval number (批准号)")),
    request_body = Accreditation,
    security(("bearer" = ["organisations:write"])),
    responses((status = 200, description = "Recorded, or unchanged", body = Accreditation)),
)]
#[put("/certification-bodies/{certification_body}/accreditation")]
async fn accredit_certification_body(
    write: Write,
    body: Path<String>,
    new: Put<AccreditationInput, Accreditation>,
) -> Answer {
    write.caller.may(Scope::OrganisationsWrite)?;
    write.caller.must_be_authority()?;
    let body: ApprovalNumber = path_id(&body)?;
    let terms = new.terms(&write);
    let AccreditationInput { valid_from, valid_until, scopes, source, verified } = new.value.clone();
    let accreditation = Accreditation { valid_from, valid_until, scopes, source, verified };
    let decide = move |view: &mut View<'_>| {
        // An unknown body is answered with 404 and not with 412: the address is looked at before `If-Match`.
        let record = certification_bodies::read(view.conn, &body, view.cut)?.ok_or(ProblemKind::NotFound)?;
        terms.check(certification_bodies::accreditation(&record)?.as_ref(), &accreditation)?;
        certification_bodies::accredit(view, &body, &accreditation)
    };
    let mut receipt = write.execute(&new.digest, decide).await?;
    receipt.body = certification_bodies::accreditation_of(&receipt.body)?.ok_or(ProblemKind::Internal)?;
    Ok(new.answer(receipt, |number| format!("/v1/certification-bodies/{number}/accreditation")))
}
