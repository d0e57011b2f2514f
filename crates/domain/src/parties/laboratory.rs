//! Laboratories: who may report what was measured.

use crate::ids::OrganisationId;
use crate::problem::Fault;
use crate::rule::Rule;
use crate::values::{CmaNumber, CnasNumber};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A laboratory
///
/// An organisation whose competence to test was approved (检验检测机构资质认定, CMA). The authority keeps the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Laboratory {
    /// The number of its CMA certificate (资质认定证书编号), which names it.
    pub cma_number: CmaNumber,
    /// Its name on that certificate.
    #[schema(example = "黑龙江示例建筑材料检测有限公司")]
    pub name: String,
    /// The organisation that it is.
    pub organisation: OrganisationId,
    /// The number of its CNAS accreditation (实验室认可), where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnas_number: Option<CnasNumber>,
    /// The first day the CMA certificate holds.
    pub valid_from: Date,
    /// The last day it holds, inclusive, in Asia/Shanghai.
    pub valid_until: Date,
    /// Where the record comes from, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// True when the record is a sample and states no fact.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sample: bool,
}

impl Laboratory {
    /// Whether a report may be issued on a day: the CMA certificate must hold.
    ///
    /// # Errors
    ///
    /// [`Rule::CmaNotValid`] at `/issued_on`, naming the days between which it holds.
    pub fn may_report_on(&self, day: Date) -> Result<(), Fault> {
        if self.valid_from <= day && day <= self.valid_until {
            return Ok(());
        }
        let (from, until) = (self.valid_from, self.valid_until);
        Err(Fault::new("/issued_on", Rule::CmaNotValid).detail(
            format!("资质认定 {} 自 {from} 至 {until} 有效，不含 {day}", self.cma_number),
            format!("the CMA certificate {} holds from {from} to {until}, not on {day}", self.cma_number),
        ))
    }
}
