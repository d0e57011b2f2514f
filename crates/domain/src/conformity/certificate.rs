//! Certificates and their state machine.
//!
//! The registry mirrors what a certification body decides. A record is stated
//! whole; [`step()`] derives what happened from the record before it. That is
//! where a suspension is told from a correction.

mod differences;
mod parts;
mod statement;
mod step;
mod transition;

pub use differences::differences;
pub use parts::{
    Attachment, AttachmentRole, CancelledModel, ClimateZone, FactorySite, Party, Predecessor, Relation, Unit,
};
pub use statement::{
    HeldRecords, PushedRecord, StatedScope, Statement, goes_ahead, scheduled, spelled_otherwise, told_again,
};
pub use step::{Step, illegal, same, same_but_less, step};
pub use transition::{Target, Transition, cancel_models};

use crate::event::Event;
use crate::ids::CertificateId;
use crate::values::{ApprovalNumber, CertificateNumber, RecordSource, Scheme, StandardNumber, Star};
use crate::wire_names::wire_names;
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The last day of the evaluation label as a scheme: no application since 2021-05-01 and three years of validity.
/// Inferred from these two; no notice that says so was found.
const LABELS_END: Date = date(2024, 5, 31);

wire_names! {
    /// The status a certification body reports, by the codes of CNCA's records
    ///
    /// `01` valid 有效, `02` suspended 暂停, `03` withdrawn 撤销, `04` cancelled 注销, `05` expired 过期失效.
    pub enum ReportedStatus named by code {
        /// Valid (有效).
        Valid "01",
        /// Suspended (暂停): not to be relied on meanwhile.
        Suspended "02",
        /// Withdrawn for cause (撤销): final.
        Withdrawn "03",
        /// Cancelled without fault (注销): final.
        Cancelled "04",
        /// Past its end (过期失效): final.
        Expired "05",
    }
}

impl ReportedStatus {
    /// The statuses that a body may report next: the arrows of the state machine.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Valid => &[Self::Suspended, Self::Withdrawn, Self::Cancelled, Self::Expired],
            Self::Suspended => &[Self::Valid, Self::Withdrawn, Self::Cancelled, Self::Expired],
            Self::Withdrawn | Self::Cancelled | Self::Expired => &[],
        }
    }

    /// The action whose reason codes explain this status, in the code list of reasons.
    pub const fn reason_action(self) -> Option<&'static str> {
        match self {
            Self::Suspended => Some("suspend"),
            Self::Withdrawn => Some("withdraw"),
            Self::Cancelled => Some("cancel"),
            Self::Valid | Self::Expired => None,
        }
    }

    /// The event of arriving here.
    pub const fn event(self) -> Event {
        match self {
            Self::Valid => Event::CertificateRestored,
            Self::Suspended => Event::CertificateSuspended,
            Self::Withdrawn => Event::CertificateWithdrawn,
            Self::Cancelled => Event::CertificateCancelled,
            Self::Expired => Event::CertificateExpired,
        }
    }
}

/// A certificate
///
/// The mirror of a certification body's record. The reported status is the
/// body's; whether a product counts as green on a day is a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Certificate {
    /// Names the certificate.
    pub id: CertificateId,
    /// The body that issued it, by its approval number.
    pub certification_body: ApprovalNumber,
    /// The number exactly as the body writes it; unique per body, opaque otherwise.
    pub number: CertificateNumber,
    /// The scheme.
    pub scheme: Scheme,
    /// The kind it covers (认证产品类别), a code of a kind catalogue.
    #[schema(example = "gbm-09")]
    pub kind: String,
    /// The star, for star certification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub star: Option<Star>,
    /// Who applied and holds it (认证委托人).
    pub holder: Party,
    /// Who has the product made (生产者/制造商), where named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<Party>,
    /// Where it is made (生产企业/生产厂), where named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factory: Option<Party>,
    /// The place where it is made (生产企业实际地址), where named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factory_site: Option<FactorySite>,
    /// What the certificate calls the product (产品名称及单元（主）).
    pub product_name: String,
    /// The same in English (产品名称及单元（英）).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_name_en: Option<String>,
    /// The units it covers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<Unit>,
    /// The standards it is issued to (认证依据).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standards: Vec<StandardNumber>,
    /// Technical requirements beside the standards (认证依据的技术要求).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub technical_requirements: Option<String>,
    /// How it was certified (认证模式).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certification_mode: Option<String>,
    /// The mark of mutual recognition (互认标识).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mutual_recognition: Option<String>,
    /// The body's number of the contract or project (合同项目编号).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_number: Option<String>,
    /// The code of the Harmonized System (HS编码).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hs_code: Option<String>,
    /// When the body decided (认证决定日期).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_on: Option<Date>,
    /// When a certificate was first issued for it (首次获证日期).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_issued_on: Option<Date>,
    /// When it was issued (发证日期). Absent where a city list does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_on: Option<Date>,
    /// When it was printed anew after a change (换证日期).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reissued_on: Option<Date>,
    /// Why it was changed (变更原因), a code of the code list of certificate reasons.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_reason: Option<String>,
    /// The last day it holds, inclusive, in Asia/Shanghai (有效期至).
    pub valid_until: Date,
    /// The status the body reports.
    pub reported_status: ReportedStatus,
    /// Since when the status holds.
    pub status_on: Date,
    /// Why, a code of the code list of certificate reasons.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "0203")]
    pub status_reason: Option<String>,
    /// The day a suspension is planned to end; passing it restores nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspension_planned_end: Option<Date>,
    /// The certificate that this one renews, or takes over from another body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predecessor: Option<Predecessor>,
    /// What the body keeps with its record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// A remark (备注).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// What this version corrects (勘误说明), where it is a correction and not a step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correction: Option<String>,
    /// The day on which the record was taken back, because a list told it by mistake (误录). It says nothing then, and
    /// the body may still push the certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retracted_on: Option<Date>,
    /// Who says so.
    pub record_source: RecordSource,
    /// True when the record is a sample and states no fact.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sample: bool,
}

impl Certificate {
    /// A record that says no more than whose it is and until when it holds: what more is known is set beside it.
    pub fn bare(certification_body: ApprovalNumber, number: CertificateNumber, valid_until: Date) -> Self {
        Self {
            id: CertificateId::mint(),
            certification_body,
            number,
            scheme: Scheme::StarCertification,
            kind: String::new(),
            star: None,
            holder: Party::default(),
            manufacturer: None,
            factory: None,
            product_name: String::new(),
            units: Vec::new(),
            standards: Vec::new(),
            first_issued_on: None,
            issued_on: None,
            reissued_on: None,
            valid_until,
            reported_status: ReportedStatus::Valid,
            status_on: valid_until,
            status_reason: None,
            suspension_planned_end: None,
            factory_site: None,
            product_name_en: None,
            technical_requirements: None,
            certification_mode: None,
            mutual_recognition: None,
            project_number: None,
            hs_code: None,
            decided_on: None,
            change_reason: None,
            predecessor: None,
            attachments: Vec::new(),
            remark: None,
            correction: None,
            retracted_on: None,
            record_source: RecordSource::CertificationBody,
            sample: false,
        }
    }

    /// The last day on which it can hold, inclusive: a label's ends with its scheme, whatever the record says.
    pub fn last_day(&self) -> Date {
        match self.scheme {
            Scheme::LegacyLabel => self.valid_until.min(LABELS_END),
            Scheme::StarCertification | Scheme::GreenProduct => self.valid_until,
        }
    }

    /// Whether the certificate covers a model on a day. One that names no unit covers its kind as a whole.
    pub fn covers(&self, model: &str, on: Date) -> bool {
        self.units.is_empty() || self.units.iter().any(|unit| unit.covers(model, on))
    }

    /// Whether all that it named is cancelled by a day.
    pub fn is_void(&self, on: Date) -> bool {
        !self.units.is_empty() && self.units.iter().all(|unit| unit.is_over(on))
    }
}

#[cfg(test)]
pub(crate) mod tests;
