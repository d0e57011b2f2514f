//! What a record leaves open: legal to push, and less use to those who rely on it.

use crate::conformity::certificate::{Certificate, ReportedStatus, Unit};
use jiff::civil::Date;

crate::catalogue! {
    /// Something that a record leaves open.
    pub enum Finding named by id

    HolderWithoutUscc "holder-without-uscc" "认证委托人没有统一社会信用代码" "The holder has no unified social credit code."
    NoFactory "no-factory" "没有生产企业" "No factory is named."
    FactoryWithoutAddress "factory-without-address" "生产企业没有地址" "The factory has no address."
    NoModels "no-models" "没有规格型号，无法按型号核对" "No model is named, so none can be compared."
    NoClimateZone "no-climate-zone" "门窗等产品未注明气候区" "No climate zone is named."
    NoStandard "no-standard" "没有认证依据标准" "No standard is named."
    NoFirstIssue "no-first-issue" "没有首次获证日期" "The day of the first issue is missing."
    SuspensionOverdue "suspension-overdue" "暂停的计划结束日已过而状态未变" "A suspension is past its planned end and nothing followed."
}

/// What a certificate leaves open on a day. Only those that may still be relied on are asked.
pub fn findings(it: &Certificate, today: Date) -> Vec<Finding> {
    if !matches!(it.reported_status, ReportedStatus::Valid | ReportedStatus::Suspended) {
        return Vec::new();
    }
    let overdue = it.reported_status == ReportedStatus::Suspended
        && it.suspension_planned_end.is_some_and(|planned| planned < today);
    let open = [
        (Finding::HolderWithoutUscc, it.holder.uscc.is_none()),
        (Finding::NoFactory, it.factory.is_none()),
        (Finding::FactoryWithoutAddress, it.factory.as_ref().is_some_and(|it| it.address.is_none())),
        (Finding::NoModels, !it.units.iter().any(Unit::names_models)),
        // Windows are certified by climate zone (T/CECS 10026-2019).
        (Finding::NoClimateZone, it.kind == "gbm-09" && it.units.iter().all(|unit| unit.climate_zones.is_empty())),
        (Finding::NoStandard, it.standards.is_empty()),
        (Finding::NoFirstIssue, it.first_issued_on.is_none()),
        (Finding::SuspensionOverdue, overdue),
    ];
    open.into_iter().filter(|(_, is)| *is).map(|(finding, _)| finding).collect()
}
