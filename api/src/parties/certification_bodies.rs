//! `/v1/certification-bodies`

use crate::http::checks::Check;
use crate::http::{
    Answer, Body, Items, List, PageParams, Read, ReadParams, VersionOf, Write, answer, checks, params, path_id,
};
use actix_web::web::Path;
use actix_web::{HttpRequest, get, put};
use jiff::civil::Date;
use lvcai_auth::Scope;
use lvcai_domain::{Accreditation, AccreditedScope, ApprovalNumber, CertificationBody, ProblemKind};
use lvcai_store::{View, certification_bodies};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_certification_bodies)
        .service(read_certification_body)
        .service(list_certification_body_versions)
        .service(accredit_certification_body);
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
async fn list_certification_bodies(list: List) -> Answer {
    list.page(certification_bodies::list).await
}

/// Read a certification body
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

/// List the versions of a certification body
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

/// What a body is accredited for, to be recorded
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "valid_from": "2022-03-01", "valid_until": "2028-02-29",
    "scopes": [{ "scheme": "star_certification", "kinds": ["gbm-09", "gbm-10"] }],
    "source": "认证机构批准书", "verified": true
}))]
struct NewAccreditation {
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

/// Record what a certification body is accredited for
///
/// For the authority. A body pushes certificates of these kinds while its approval holds, and nothing before that is
/// recorded; what it issued it may always suspend, withdraw and cancel.
#[utoipa::path(
    tag = "certification bodies",
    operation_id = "accredit_certification_body",
    params(("certification_body" = ApprovalNumber, Path, description = "The approval number (批准号)")),
    request_body = NewAccreditation,
    security(("bearer" = ["organisations:write"])),
    responses((status = 200, description = "Recorded, or unchanged", body = CertificationBody)),
)]
#[put("/certification-bodies/{certification_body}/accreditation")]
async fn accredit_certification_body(
    request: HttpRequest,
    write: Write,
    body: Path<String>,
    new: Body<NewAccreditation>,
) -> Answer {
    write.caller.may(Scope::OrganisationsWrite)?;
    write.caller.must_be_authority()?;
    let body: ApprovalNumber = path_id(&body)?;
    let if_match = answer::optional_if_match(&request)?;
    let NewAccreditation { valid_from, valid_until, scopes, source, verified } = new.value;
    let accreditation = Accreditation { valid_from, valid_until, scopes, source, verified };
    let decide = move |view: &mut View<'_>| {
        // An unknown body is answered with 404 and not with 412: the address is looked at before `If-Match`.
        let held = || Ok(Some(certification_bodies::read(view.conn, &body, view.cut)?.ok_or(ProblemKind::NotFound)?));
        answer::precondition(if_match.as_deref(), held)?;
        certification_bodies::accredit(view, &body, &accreditation)
    };
    let receipt = write.execute(&new.digest, decide).await?;
    Ok(answer::receipt(receipt, |number| format!("/v1/certification-bodies/{number}")))
}
