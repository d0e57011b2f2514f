//! The record that a certification body pushes.

use crate::body::checks;
use jiff::civil::Date;
use lvcai_domain::{
    ApprovalNumber, Certificate, CertificateId, CertificateNumber, Party, RecordSource, ReportedStatus, Scheme,
    StandardNumber, Star, Unit,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

/// A certificate as its body records it
///
/// The whole record as it stands now; the registry derives what happened since the last push. Names and contacts of
/// persons are not taken.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "scheme": "star_certification", "kind": "gbm-09", "star": 3,
    "holder": { "name": "大庆示例门窗有限公司", "uscc": "91230607716675409L" },
    "product_name": "内平开塑料窗",
    "units": [{ "name": "65系列内平开窗", "models": ["65系列"], "climate_zones": ["severe_cold", "cold"] }],
    "standards": ["T/CECS 10026-2019"],
    "issued_on": "2025-06-05", "valid_until": "2030-06-04", "reported_status": "01"
}))]
pub(super) struct CertificateRecord {
    /// The scheme.
    scheme: Scheme,
    /// The kind it covers, a code of `/v1/kinds` in the catalogue of the scheme.
    #[validate(length(min = 1, max = 40), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 40)]
    kind: String,
    /// The star: required by star certification and legacy labels, not allowed for green products.
    star: Option<Star>,
    /// Who applied and holds it (认证委托人).
    #[validate(custom(function = "party"))]
    holder: Party,
    /// Who has the product made (生产者/制造商).
    #[validate(custom(function = "party"))]
    manufacturer: Option<Party>,
    /// Where it is made (生产企业/生产厂).
    #[validate(custom(function = "party"))]
    factory: Option<Party>,
    /// What the certificate calls the product (产品名称).
    #[validate(length(min = 1, max = 300), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 300)]
    product_name: String,
    /// The units it covers (认证单元).
    #[serde(default)]
    #[validate(length(max = 500), custom(function = "units"))]
    #[schema(max_items = 500)]
    units: Vec<Unit>,
    /// The standards it is issued to (认证依据).
    #[serde(default)]
    #[validate(length(max = 50))]
    #[schema(max_items = 50)]
    standards: Vec<StandardNumber>,
    /// When a certificate was first issued for it (首次获证日期).
    #[serde(default, deserialize_with = "crate::params::day")]
    first_issued_on: Option<Date>,
    /// When it was issued (发证日期).
    #[serde(deserialize_with = "crate::params::some_day")]
    issued_on: Date,
    /// When it was printed anew after a change (换证日期).
    #[serde(default, deserialize_with = "crate::params::day")]
    reissued_on: Option<Date>,
    /// The last day it holds, inclusive, in Asia/Shanghai (有效期至).
    #[serde(deserialize_with = "crate::params::some_day")]
    valid_until: Date,
    /// The status.
    reported_status: ReportedStatus,
    /// Since when the status holds: the day of issue for 01 and today for another status when absent; not in the future.
    #[serde(default, deserialize_with = "crate::params::day")]
    status_on: Option<Date>,
    /// Why, for 02, 03 and 04: a code of `/v1/codelists/certificate-reasons` for product certification.
    #[validate(length(min = 1, max = 40), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 40)]
    status_reason: Option<String>,
    /// The day a suspension is planned to end; passing it restores nothing.
    #[serde(default, deserialize_with = "crate::params::day")]
    suspension_planned_end: Option<Date>,
}

fn party(party: &Party) -> Result<(), ValidationError> {
    checks::short(&party.name, 200, "/name")?;
    party.address.as_deref().map_or(Ok(()), |it| checks::short(it, 300, "/address"))
}

fn units(units: &[Unit]) -> Result<(), ValidationError> {
    for (index, unit) in units.iter().enumerate() {
        checks::short(&unit.name, 200, &format!("/{index}/name"))?;
        checks::few(&unit.models, 500, &format!("/{index}/models"))?;
        checks::texts(&unit.models).map_err(|error| checks::placed(error, &format!("/{index}/models")))?;
        checks::few(&unit.climate_zones, 5, &format!("/{index}/climate_zones"))?;
    }
    Ok(())
}

impl CertificateRecord {
    /// The certificate as it shall be; its identifier counts only when it is new.
    pub(super) fn certificate(
        &self,
        body: &ApprovalNumber,
        number: &CertificateNumber,
        held: Option<&Certificate>,
        today: Date,
    ) -> Certificate {
        let it = self.clone();
        let issued = it.first_issued_on.unwrap_or(it.issued_on);
        // What a city's list said is hearsay: this is the body's first word.
        let held = held.filter(|held| held.record_source == RecordSource::Body);
        // The same status again goes on holding since it began.
        let since = held.filter(|held| held.reported_status == it.reported_status).map(|held| held.status_on);
        let begins = if it.reported_status == ReportedStatus::Valid && held.is_none() { issued } else { today };
        Certificate {
            id: CertificateId::mint(),
            certification_body: body.clone(),
            number: number.clone(),
            scheme: it.scheme,
            kind: it.kind,
            star: it.star,
            holder: it.holder,
            manufacturer: it.manufacturer,
            factory: it.factory,
            product_name: it.product_name,
            units: it.units,
            standards: it.standards,
            first_issued_on: it.first_issued_on,
            issued_on: Some(it.issued_on),
            reissued_on: it.reissued_on,
            valid_until: it.valid_until,
            reported_status: it.reported_status,
            status_on: it.status_on.or(since).unwrap_or(begins),
            status_reason: it.status_reason,
            suspension_planned_end: it.suspension_planned_end,
            record_source: RecordSource::Body,
            sample: false,
        }
    }
}
