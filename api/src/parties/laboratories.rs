//! `/v1/laboratories`

use crate::http::{Answer, Items, List, PageParams, Put, Read, ReadParams, VersionOf, Write, checks, params, path_id};
use actix_web::web::Path;
use actix_web::{get, put};
use jiff::civil::Date;
use lvcai_auth::Scope;
use lvcai_domain::{CmaNumber, CnasNumber, Laboratory, OrganisationId};
use lvcai_store::{View, laboratories};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_laboratories)
        .service(read_laboratory)
        .service(list_laboratory_versions)
        .service(register_laboratory);
}

/// A laboratory as the authority records it
///
/// The whole record as it stands now. When a CMA certificate is renewed under its number, move `valid_until` and leave
/// `valid_from`, or reports of the time before can no longer be amended.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "黑龙江示例建筑材料检测有限公司", "organisation": "org_01900000-0000-7000-8000-000000000021",
    "cnas_number": "CNAS L0001", "valid_from": "2023-06-01", "valid_until": "2029-05-31"
}))]
struct LaboratoryInput {
    /// Its name on the CMA certificate.
    #[validate(length(min = 1, max = 200), custom(function = "checks::name"))]
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// The organisation that it is, which has the role `laboratory`; it alone pushes the laboratory's reports.
    organisation: OrganisationId,
    /// The number of its CNAS accreditation (实验室认可).
    cnas_number: Option<CnasNumber>,
    /// The first day the CMA certificate holds.
    #[serde(deserialize_with = "params::required_day")]
    valid_from: Date,
    /// The last day it holds, inclusive, in Asia/Shanghai.
    #[serde(deserialize_with = "params::required_day")]
    valid_until: Date,
    /// Where the record comes from, in words.
    #[validate(length(min = 1, max = 300), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 300)]
    source: Option<String>,
}

impl LaboratoryInput {
    /// The laboratory as it shall be.
    fn laboratory(self, cma_number: CmaNumber) -> Laboratory {
        let Self { name, organisation, cnas_number, valid_from, valid_until, source } = self;
        Laboratory { cma_number, name, organisation, cnas_number, valid_from, valid_until, source, sample: false }
    }
}

/// List laboratories (查询检验检测机构)
#[utoipa::path(
    tag = "laboratories",
    operation_id = "list_laboratories",
    params(PageParams),
    responses((status = 200, description = "A page, by CMA number", body = Items<Laboratory>)),
)]
#[get("/laboratories")]
async fn list_laboratories(list: List) -> Answer {
    list.page(laboratories::list).await
}

/// Read a laboratory (读取检验检测机构)
#[utoipa::path(
    tag = "laboratories",
    operation_id = "read_laboratory",
    params(("laboratory" = CmaNumber, Path, description = "The CMA number (资质认定证书编号)"), ReadParams),
    responses((status = 200, description = "The laboratory", body = Laboratory)),
)]
#[get("/laboratories/{laboratory}")]
async fn read_laboratory(number: Path<String>, read: Read) -> Answer {
    let number: CmaNumber = path_id(&number)?;
    read.record(move |conn, cut| laboratories::read(conn, &number, cut)).await
}

/// List the versions of a laboratory (查询检验检测机构历史版本)
#[utoipa::path(
    tag = "laboratories",
    operation_id = "list_laboratory_versions",
    params(("laboratory" = CmaNumber, Path, description = "The CMA number (资质认定证书编号)"), ReadParams),
    responses((status = 200, description = "The versions, the newest first", body = Items<VersionOf<Laboratory>>)),
)]
#[get("/laboratories/{laboratory}/versions")]
async fn list_laboratory_versions(number: Path<String>, read: Read) -> Answer {
    let number: CmaNumber = path_id(&number)?;
    read.versions(move |conn, cut| laboratories::versions(conn, &number, cut)).await
}

/// Register or amend a laboratory (登记或变更检验检测机构)
///
/// By the authority: the record as it stands now; the same record again changes nothing.
#[utoipa::path(
    tag = "laboratories",
    operation_id = "register_laboratory",
    params(("laboratory" = CmaNumber, Path, description = "The CMA number (资质认定证书编号)")),
    request_body = LaboratoryInput,
    security(("bearer" = ["organisations:write"])),
    responses(
        (status = 200, description = "Amended, or unchanged", body = Laboratory),
        (status = 201, description = "Registered", body = Laboratory, headers(("Location" = String, description = "Its address"))),
    ),
)]
#[put("/laboratories/{laboratory}")]
async fn register_laboratory(write: Write, number: Path<String>, record: Put<LaboratoryInput, Laboratory>) -> Answer {
    write.caller.may(Scope::OrganisationsWrite)?;
    write.caller.must_be_authority()?;
    let number: CmaNumber = path_id(&number)?;
    let (terms, laboratory) = (record.terms(&write), record.value.clone().laboratory(number.clone()));
    let decide = move |view: &mut View<'_>| {
        terms.check(laboratories::read(view.conn, &laboratory.cma_number, view.cut)?.as_ref(), &laboratory)?;
        laboratories::put(view, &laboratory)
    };
    let receipt = write.execute(&record.digest, decide).await?;
    Ok(record.answer(receipt, |_| format!("/v1/laboratories/{number}")))
}
