//! The record that a certification body pushes.

use crate::batches;
use crate::http::checks::{self, Check};
use crate::http::params;
use jiff::civil::Date;
use lvcai_auth::Scope;
use lvcai_domain::certificate::{PushedRecord, StatedScope};
use lvcai_domain::{
    ApprovalNumber, Attachment, Certificate, CertificateNumber, FactorySite, Party, Predecessor, ReportedStatus, Rule,
    Scheme, StandardNumber, Star, Unit,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// A certificate as its body records it
///
/// The whole record as it stands now; the registry derives what happened since the last push. Names and contacts of
/// persons are not taken.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "scheme": "star_certification", "kind": "gbm-09", "star": 3,
    "holder": { "name": "大庆示例门窗有限公司", "uscc": "91230607716675409L" },
    "product_name": "内平开塑料窗（示例）",
    "units": [{ "name": "65系列内平开窗", "models": ["65系列"], "climate_zones": ["severe_cold", "cold"] }],
    "standards": ["T/CECS 10026-2019"],
    "issued_on": "2026-01-05", "valid_until": "2031-01-04", "reported_status": "01"
}))]
pub(super) struct CertificateInput {
    /// The approval number (批准号). In a batch it must be that of the batch, in a push that of the address.
    certification_body: Option<ApprovalNumber>,
    /// The number (证书编号) exactly as the body writes it. Required in a batch; in a push it must be that of the address.
    #[validate(custom(function = "checks::entered::<CertificateNumber>"))]
    number: Option<CertificateNumber>,
    /// The scheme. Required for a first record, unless the batch names one for all its lines.
    scheme: Option<Scheme>,
    /// The kind it covers, a code of `/v1/kinds` in the catalogue of the scheme. Required as `scheme` is.
    #[validate(length(min = 1, max = 40), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 40)]
    kind: Option<String>,
    /// The star: required by star certification and legacy labels, not allowed for green products. Where the record
    /// names no scheme, a star that is absent is that of the batch or of the record before.
    star: Option<Star>,
    /// Who applied and holds it (认证委托人).
    #[validate(custom(function = "checks::party"))]
    holder: Party,
    /// Who has the product made (生产者/制造商).
    #[validate(custom(function = "checks::party"))]
    manufacturer: Option<Party>,
    /// Where it is made (生产企业/生产厂).
    #[validate(custom(function = "checks::party"))]
    factory: Option<Party>,
    /// The place where it is made (生产企业实际地址).
    #[validate(custom(function = "site"))]
    factory_site: Option<FactorySite>,
    /// The name of the body (发证机构); refused where it is not that of the approval number. Not kept.
    #[validate(length(min = 1, max = 200), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 200)]
    certification_body_name: Option<String>,
    /// What the certificate calls the product (产品名称及单元（主）).
    #[validate(length(min = 1, max = 2000), custom(function = "checks::name"))]
    #[schema(min_length = 1, max_length = 2000)]
    product_name: String,
    /// The same in English (产品名称及单元（英）).
    #[validate(length(min = 1, max = 2000), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 2000)]
    product_name_en: Option<String>,
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
    /// Technical requirements beside the standards (认证依据的技术要求).
    #[validate(length(min = 1, max = 2000), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 2000)]
    technical_requirements: Option<String>,
    /// How it was certified (认证模式).
    #[validate(length(min = 1, max = 2000), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 2000)]
    certification_mode: Option<String>,
    /// The mark of mutual recognition (互认标识).
    #[validate(length(min = 1, max = 100), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 100)]
    mutual_recognition: Option<String>,
    /// The body's number of the contract or project (合同项目编号).
    #[validate(length(min = 1, max = 100), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 100)]
    project_number: Option<String>,
    /// The code of the Harmonized System (HS编码).
    #[validate(length(min = 1, max = 40), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 40)]
    hs_code: Option<String>,
    /// When the body decided (认证决定日期).
    #[serde(default, deserialize_with = "params::day")]
    decided_on: Option<Date>,
    /// When a certificate was first issued for it (首次获证日期).
    #[serde(default, deserialize_with = "params::day")]
    first_issued_on: Option<Date>,
    /// When it was issued (发证日期).
    #[serde(deserialize_with = "params::required_day")]
    issued_on: Date,
    /// When it was printed anew after a change (换证日期).
    #[serde(default, deserialize_with = "params::day")]
    reissued_on: Option<Date>,
    /// Why it was changed (变更原因): a code of `/v1/code-lists/certificate-reasons` for product certification.
    #[validate(length(min = 1, max = 40), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 40)]
    change_reason: Option<String>,
    /// The last day it holds, inclusive, in Asia/Shanghai (有效期至).
    #[serde(deserialize_with = "params::required_day")]
    valid_until: Date,
    /// The status.
    reported_status: ReportedStatus,
    /// Since when the status holds. When absent, the same status goes on, a correction goes back to the day on which
    /// the certificate last came to its status, a first 01 holds from the day of issue, 05 from the day after the last
    /// and any other status from today. A step may be scheduled a year ahead.
    #[serde(default, deserialize_with = "params::day")]
    status_on: Option<Date>,
    /// Why, for 02, 03 and 04: a code of `/v1/code-lists/certificate-reasons` for product certification.
    #[validate(length(min = 1, max = 40), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 40)]
    status_reason: Option<String>,
    /// The day a suspension is planned to end; passing it restores nothing.
    #[serde(default, deserialize_with = "params::day")]
    suspension_planned_end: Option<Date>,
    /// The certificate that this one renews, or takes over from another body (换发新证).
    predecessor: Option<Predecessor>,
    /// What the body keeps with its record, by the names of the files.
    #[serde(default)]
    #[validate(length(max = 50), custom(function = "attachments"))]
    #[schema(max_items = 50)]
    attachments: Vec<Attachment>,
    /// A remark (备注).
    #[validate(length(min = 1, max = 4000), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 4000)]
    remark: Option<String>,
    /// What was wrong in the record before (勘误说明). With it the record is a correction: it may take back a status
    /// that was pushed by mistake, which no step may.
    #[validate(length(min = 1, max = 300), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 300)]
    correction: Option<String>,
}

fn site(site: &FactorySite) -> Check {
    let people = site.employees.is_none_or(|it| (0..=10_000_000).contains(&it));
    checks::each([
        checks::under("/number", site.number.as_deref().map_or(Ok(()), |it| checks::short(it, 60))),
        checks::under("/employees", if people { Ok(()) } else { checks::broken(Rule::OutOfRange) }),
    ])
}

fn attachments(attachments: &[Attachment]) -> Check {
    let name =
        |(index, it): (usize, &Attachment)| checks::under(&format!("/{index}/name"), checks::short(&it.name, 300));
    checks::each(attachments.iter().enumerate().map(name))
}

fn units(units: &[Unit]) -> Check {
    checks::each(units.iter().enumerate().map(|(index, it)| checks::under(&format!("/{index}"), unit(it))))
}

fn unit(unit: &Unit) -> Check {
    let cancelled = unit.cancelled_models.iter().enumerate().flat_map(|(place, it)| {
        let at = |field: &str| format!("/cancelled_models/{place}/{field}");
        [
            checks::under(&at("model"), checks::short(&it.model, 200)),
            checks::under(&at("cancelled_on"), checks::day(it.cancelled_on)),
        ]
    });
    let own = [
        checks::under("/name", checks::short(&unit.name, 2000)),
        checks::under("/models", checks::at_most(&unit.models, 2000)),
        checks::under("/models", checks::texts(&unit.models)),
        checks::under("/climate_zones", checks::at_most(&unit.climate_zones, 5)),
        checks::under("/cancelled_on", unit.cancelled_on.map_or(Ok(()), checks::day)),
        checks::under("/cancelled_models", checks::at_most(&unit.cancelled_models, 2000)),
    ];
    checks::each(own.into_iter().chain(cancelled))
}

impl CertificateInput {
    /// The record as it was pushed under a number of a body, alone or in a batch that says this of scheme, kind and star.
    pub(super) fn pushed(self, body: ApprovalNumber, number: CertificateNumber, batch: &StatedScope) -> PushedRecord {
        let certificate = Certificate {
            holder: self.holder,
            manufacturer: self.manufacturer,
            factory: self.factory,
            factory_site: self.factory_site,
            product_name: self.product_name,
            product_name_en: self.product_name_en,
            units: self.units,
            standards: self.standards,
            technical_requirements: self.technical_requirements,
            certification_mode: self.certification_mode,
            mutual_recognition: self.mutual_recognition,
            project_number: self.project_number,
            hs_code: self.hs_code,
            decided_on: self.decided_on,
            first_issued_on: self.first_issued_on,
            issued_on: Some(self.issued_on),
            reissued_on: self.reissued_on,
            change_reason: self.change_reason,
            reported_status: self.reported_status,
            status_on: self.status_on.unwrap_or(self.issued_on),
            status_reason: self.status_reason,
            suspension_planned_end: self.suspension_planned_end,
            predecessor: self.predecessor,
            attachments: self.attachments,
            remark: self.remark,
            correction: self.correction,
            ..Certificate::bare(body, number, self.valid_until)
        };
        PushedRecord {
            certificate,
            status_on: self.status_on,
            certification_body: self.certification_body,
            certification_body_name: self.certification_body_name,
            number: self.number,
            scope: StatedScope { scheme: self.scheme, kind: self.kind, star: self.star },
            batch: batch.clone(),
        }
    }

    /// The number that the record names.
    pub(super) fn number(&self) -> Option<CertificateNumber> {
        self.number.clone()
    }
}

/// Certificates, as a batch of them is read.
pub(super) enum Certificates {}

impl batches::Noun for Certificates {
    const SCOPE: Scope = Scope::CertificatesPush;
    type Record = PushedRecord;
    type Input = CertificateInput;
    type Common = StatedScope;

    fn number(line: &CertificateInput) -> Option<CertificateNumber> {
        line.number()
    }

    fn pushed(
        line: CertificateInput,
        owner: ApprovalNumber,
        number: CertificateNumber,
        common: &StatedScope,
    ) -> PushedRecord {
        line.pushed(owner, number, common)
    }
}

/// A batch of one line, as the document shows it.
pub(super) fn example() -> serde_json::Value {
    serde_json::json!([{
        "number": "SAMPLE-2026-036", "scheme": "star_certification", "kind": "gbm-09", "star": 3,
        "holder": { "name": "大庆示例门窗有限公司", "uscc": "91230607716675409L" },
        "product_name": "内平开塑料窗（示例）", "units": [{ "name": "65系列内平开窗", "models": ["65系列"] }],
        "issued_on": "2026-01-05", "valid_until": "2031-01-04", "reported_status": "01"
    }])
}

/// The same as JSON Lines.
pub(super) fn example_line() -> String {
    example().get(0).map(|line| format!("{line}\n")).unwrap_or_default()
}

/// The same as a table, which lacks what the address says for all lines.
pub(super) const EXAMPLE_TABLE: &str = "\
证书编号,证书状态,证书发证日期,证书到期日期,产品名称及单元(主),型号规格,认证委托人名称(主)
SAMPLE-2026-037,有效,2026年1月5日,2031-01-04,内平开塑料窗（示例）,65系列、70系列,大庆示例门窗有限公司
";
