//! Certificates and their state machine.
//!
//! The registry mirrors what a certification body decides. A record is stated
//! whole; [`step`] derives what happened from the record before it. This is
//! where a suspension is told from a correction.

use crate::{
    ApprovalNumber, CertificateId, CertificateNumber, Event, Fault, Problem, ProblemKind, RecordSource, Rule,
    StandardNumber, Star, Uscc,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The scheme a certificate is issued under
///
/// Sources: 国质检认联〔2017〕544号 and 市监认证〔2020〕89号 (star certification), 国办发〔2016〕86号 (green product),
/// 建科〔2014〕75号 (the evaluation label, which lapsed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// Green building material product certification by stars (绿色建材产品分级认证).
    StarCertification,
    /// China green product certification (中国绿色产品认证), which has no star.
    GreenProduct,
    /// The former evaluation label (绿色建材评价标识), valid for three years.
    LegacyLabel,
}

impl Scheme {
    /// Its name on the wire and in a column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StarCertification => "star_certification",
            Self::GreenProduct => "green_product",
            Self::LegacyLabel => "legacy_label",
        }
    }
}

/// The status a certification body reports, by the codes of CNCA's records
///
/// `01` valid 有效, `02` suspended 暂停, `03` withdrawn 撤销, `04` cancelled 注销, `05` expired 过期失效.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub enum ReportedStatus {
    /// Valid (有效).
    #[serde(rename = "01")]
    Valid,
    /// Suspended (暂停): not to be relied on meanwhile.
    #[serde(rename = "02")]
    Suspended,
    /// Withdrawn for cause (撤销): final.
    #[serde(rename = "03")]
    Withdrawn,
    /// Cancelled without fault (注销): final.
    #[serde(rename = "04")]
    Cancelled,
    /// Past its end (过期失效): final.
    #[serde(rename = "05")]
    Expired,
}

impl ReportedStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Valid, Self::Suspended, Self::Withdrawn, Self::Cancelled, Self::Expired];

    /// Its code, on the wire and in a column.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Valid => "01",
            Self::Suspended => "02",
            Self::Withdrawn => "03",
            Self::Cancelled => "04",
            Self::Expired => "05",
        }
    }

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
    const fn event(self) -> Event {
        match self {
            Self::Valid => "certificate.restored",
            Self::Suspended => "certificate.suspended",
            Self::Withdrawn => "certificate.withdrawn",
            Self::Cancelled => "certificate.cancelled",
            Self::Expired => "certificate.expired",
        }
    }
}

/// One of the three parties of a certificate
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// The registered name.
    #[schema(min_length = 1, max_length = 200, example = "大庆示例门窗有限公司")]
    pub name: String,
    /// The unified social credit code (GB 32100-2015), where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uscc: Option<Uscc>,
    /// The registered address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    pub address: Option<String>,
}

/// A climate zone of buildings (GB 50176)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClimateZone {
    /// Severe cold (严寒地区), Daqing's.
    SevereCold,
    /// Cold (寒冷地区).
    Cold,
    /// Hot summer, cold winter (夏热冬冷地区).
    HotSummerColdWinter,
    /// Hot summer, warm winter (夏热冬暖地区).
    HotSummerWarmWinter,
    /// Mild (温和地区).
    Mild,
}

/// A unit of certification
///
/// What one certificate covers (认证单元): a series with its models and scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// What the unit is called.
    #[schema(min_length = 1, max_length = 200, example = "65系列内平开窗")]
    pub name: String,
    /// The models it covers (规格型号). Empty when the certificate names none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 500)]
    pub models: Vec<String>,
    /// The climate zones it covers. Empty when the certificate names none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 5)]
    pub climate_zones: Vec<ClimateZone>,
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
    /// What the certificate calls the product.
    pub product_name: String,
    /// The units it covers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<Unit>,
    /// The standards it is issued to (认证依据).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standards: Vec<StandardNumber>,
    /// When a certificate was first issued for it (首次获证日期).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_issued_on: Option<Date>,
    /// When it was issued (发证日期). Absent where a city list does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_on: Option<Date>,
    /// When it was printed anew after a change (换证日期).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reissued_on: Option<Date>,
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
    /// Who says so.
    pub record_source: RecordSource,
    /// True when the record is a sample and states no fact.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sample: bool,
}

/// What a new record amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The event to record.
    pub event: Event,
    /// From which day it holds.
    pub effective_on: Date,
}

/// Derives the step from the record `before`, with the day it took effect, to
/// the record `after`. `None` when nothing differs.
///
/// The state machine is that of the certification rules (认证证书和认证标志管理办法):
/// withdrawn, cancelled and expired are final; a suspension ends only by a step.
///
/// # Errors
///
/// [`ProblemKind::IllegalStep`] with the legal next statuses, or
/// [`ProblemKind::Invalid`] when the record contradicts itself.
pub fn step(before: Option<(&Certificate, Date)>, after: &Certificate, today: Date) -> Result<Option<Step>, Problem> {
    let faults = contradictions(after, today);
    if !faults.is_empty() {
        return Err(faults.into());
    }
    // A city list's record is hearsay: the body's own is a first sight of the certificate.
    let before = before.filter(|(it, _)| it.record_source == after.record_source);
    let Some((before, since)) = before else {
        let event =
            if after.reported_status == ReportedStatus::Valid { "certificate.issued" } else { "certificate.recorded" };
        return Ok(Some(Step { event, effective_on: after.status_on }));
    };
    if before == after {
        return Ok(None);
    }
    if before.reported_status == after.reported_status {
        return restated(before, after, since).map(Some);
    }
    if !before.reported_status.next().contains(&after.reported_status) {
        return Err(illegal(before.reported_status));
    }
    if after.status_on < since {
        return Err(Fault::new("/status_on", Rule::DateOrder)
            .detail(
                format!("此前的记录自 {since} 起生效，新步骤不能更早"),
                format!("the record before it holds from {since}; a step cannot take effect earlier"),
            )
            .into());
    }
    Ok(Some(Step { event: after.reported_status.event(), effective_on: after.status_on }))
}

/// The same status told again: a reissue (变更换证) or a correction (勘误).
fn restated(before: &Certificate, after: &Certificate, since: Date) -> Result<Step, Problem> {
    if before.status_on != after.status_on {
        return Err(Fault::new("/status_on", Rule::DateOrder)
            .detail(
                format!("该状态自 {} 起，不能改期", before.status_on),
                format!("the status holds since {}; its day cannot be moved", before.status_on),
            )
            .into());
    }
    match after.reissued_on {
        Some(day) if before.reissued_on != Some(day) => {
            Ok(Step { event: "certificate.changed", effective_on: day.max(since) })
        }
        _ => Ok(Step { event: "certificate.corrected", effective_on: since }),
    }
}

/// The refusal of a step that the state machine does not have.
pub fn illegal(from: ReportedStatus) -> Problem {
    let legal = from.next().iter().map(|it| it.code());
    let fault = Fault::new("/reported_status", Rule::NotAllowed).allowed(legal);
    let problem = Problem::from(ProblemKind::IllegalStep).fault(fault);
    if from.next().is_empty() {
        let code = from.code();
        return problem.detail(
            format!("状态 {code} 为终止状态；重新认证须使用新的证书编号"),
            format!("status {code} is final; a new application gives a new certificate"),
        );
    }
    problem
}

/// What a record says against itself.
fn contradictions(it: &Certificate, today: Date) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut check = |broken: bool, pointer: &str, rule| {
        if broken {
            faults.push(Fault::new(pointer, rule));
        }
    };
    let starred = it.scheme != Scheme::GreenProduct;
    check(starred && it.star.is_none(), "/star", Rule::StarRequired);
    check(!starred && it.star.is_some(), "/star", Rule::StarNotAllowed);
    check(it.issued_on.is_some_and(|day| day > it.valid_until), "/valid_until", Rule::DateOrder);
    check(it.issued_on.is_some_and(|day| day > today), "/issued_on", Rule::OutOfRange);
    check(it.first_issued_on > it.issued_on.or(it.first_issued_on), "/first_issued_on", Rule::DateOrder);
    check(it.reissued_on.is_some_and(|day| Some(day) < it.issued_on || day > today), "/reissued_on", Rule::DateOrder);
    check(it.status_on > today, "/status_on", Rule::OutOfRange);
    check(Some(it.status_on) < it.first_issued_on.or(it.issued_on), "/status_on", Rule::DateOrder);
    check(
        it.status_reason.is_some() && it.reported_status.reason_action().is_none(),
        "/status_reason",
        Rule::NotAllowed,
    );
    // What a body pushes must say why; a city's list never does.
    let must_say_why = it.record_source == RecordSource::Body && it.reported_status.reason_action().is_some();
    check(must_say_why && it.status_reason.is_none(), "/status_reason", Rule::Required);
    let suspended = it.reported_status == ReportedStatus::Suspended;
    check(it.suspension_planned_end.is_some() && !suspended, "/suspension_planned_end", Rule::NotAllowed);
    check(it.suspension_planned_end.is_some_and(|day| day < it.status_on), "/suspension_planned_end", Rule::DateOrder);
    let expired_early = it.reported_status == ReportedStatus::Expired && it.status_on <= it.valid_until;
    check(expired_early, "/status_on", Rule::DateOrder);
    faults
}

#[cfg(test)]
mod tests;
