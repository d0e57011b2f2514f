//! The record that a laboratory pushes, and how it differs from the one that the registry holds.

use super::{TestReport, TestReportStatus};
use crate::difference::{self, Difference};
use crate::problem::{Fault, Problem};
use crate::rule::Rule;
use crate::values::{CmaNumber, ReportNumber};

/// A record as a laboratory pushes it.
#[derive(Debug, Clone)]
pub struct PushedReport {
    /// What it says, with the laboratory and the number of where it is pushed. Its identifier counts only when it is new.
    pub report: TestReport,
    /// The CMA number of the laboratory, where the record repeats it.
    pub laboratory: Option<CmaNumber>,
    /// The number of the report, where the record repeats it.
    pub number: Option<ReportNumber>,
}

impl PushedReport {
    /// The report that it states.
    ///
    /// # Errors
    ///
    /// Names each field that is another laboratory's or number's.
    pub fn stated(&self) -> Result<&TestReport, Problem> {
        let TestReport { laboratory, number, .. } = &self.report;
        let mut faults = Vec::new();
        if self.laboratory.as_ref().is_some_and(|it| it != laboratory) {
            faults.push(Fault::new("/laboratory", Rule::NotAllowed).allowed([laboratory.to_string()]));
        }
        if self.number.as_ref().is_some_and(|it| it != number) {
            faults.push(Fault::new("/number", Rule::NotAllowed).allowed([number.to_string()]));
        }
        if faults.is_empty() { Ok(&self.report) } else { Err(faults.into()) }
    }
}

/// What a laboratory's record says otherwise than ours. A record says nothing of amendments, but it states a report that
/// stands: where ours is void, the status differs.
///
/// # Errors
///
/// When a report cannot be written as JSON, which is a defect.
pub fn differences(ours: &TestReport, theirs: &TestReport) -> Result<Vec<Difference>, serde_json::Error> {
    let status = if ours.status == TestReportStatus::Voided { theirs.status } else { ours.status };
    let (void_note, voided_on) = (ours.void_note.clone(), ours.voided_on);
    difference::differences(ours, &TestReport { id: ours.id, status, void_note, voided_on, ..theirs.clone() })
}
