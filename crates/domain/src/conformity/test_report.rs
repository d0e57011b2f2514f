//! Test reports: what a laboratory measured, item by item.
//!
//! The registry mirrors the laboratory's reports. A record is stated whole;
//! [`step`] derives what happened from the record before it. Values are kept as
//! they were reported and never become floats; whether they meet a standard is
//! the laboratory's verdict and not judged again.

mod figure;
mod pushed;

pub use pushed::{PushedReport, differences};

use crate::conformity::certificate::Party;
use crate::event::Event;
use crate::ids::TestReportId;
use crate::problem::{Fault, Problem, ProblemKind};
use crate::rule::Rule;
use crate::values::{CmaNumber, Decimal, ReportNumber, StandardNumber};
use crate::wire_names::wire_names;
use figure::Figure;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// On whose occasion the sample was tested (检验类别)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Inspection {
    /// Of a type, all requirements of its standard (型式检验).
    TypeTest,
    /// Commissioned by a client, on the sample it brought (委托检验).
    Commissioned,
    /// Drawn by a supervising authority (监督抽查).
    SupervisionSampling,
    /// Drawn on site before a witness (见证取样).
    WitnessedSampling,
}

/// What the laboratory concludes of one item (单项判定)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemConclusion {
    /// It meets the requirement (合格).
    Pass,
    /// It does not (不合格).
    Fail,
    /// It was measured and not judged (不判定).
    NotJudged,
    /// The requirement does not apply to the sample (不适用).
    NotApplicable,
}

wire_names! {
    /// What the laboratory concludes of the sample (检验结论)
    pub enum ReportConclusion named by name {
        /// It meets what it was tested for.
        Pass "pass",
        /// It does not.
        Fail "fail",
        /// The report gives figures alone.
        NotJudged "not_judged",
    }
}

wire_names! {
    /// Where a report stands
    pub enum TestReportStatus named by name {
        /// As it was issued.
        Issued "issued",
        /// Stated anew by its laboratory.
        Amended "amended",
        /// Void (作废): final.
        Voided "voided",
    }
}

/// An item of a report
///
/// One property that was tested, as the report states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportItem {
    /// What was tested (检验项目).
    #[schema(min_length = 1, max_length = 200, example = "甲醛释放量")]
    pub name: String,
    /// The method: a standard with its clause, as the report cites it (检验方法).
    #[schema(min_length = 1, max_length = 200, example = "GB/T 17657-2022 4.60")]
    pub method: String,
    /// The unit, in the notation of the report, where the value has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 40, example = "mg/m³")]
    pub unit: Option<String>,
    /// What was required (技术要求), where the report states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, example = "≤ 0.124")]
    pub required: Option<String>,
    /// The value exactly as reported (检验结果): `0.050`, `< 0.01` or `未检出`.
    #[schema(min_length = 1, max_length = 200, example = "0.050")]
    pub value: String,
    /// The same as an exact number, where the value is one and no range, grade or limit; `0.050` and `0.05` differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Decimal>,
    /// What the laboratory concludes of it (单项判定).
    pub conclusion: ItemConclusion,
}

impl ReportItem {
    /// What is wrong with `number`: it says nothing else than the value does, and nothing where that is no number.
    fn other_number(&self) -> Option<Fault> {
        let number = self.number.as_ref()?;
        let fault = Fault::new("", Rule::NotAllowed);
        match Figure::of(&self.value, self.unit.as_deref()) {
            Some(figure) if figure.is(number) => None,
            Some(Figure { number: value, .. }) => Some(
                fault
                    .detail(
                        format!("检验结果为 {value}，number 却为 {number}"),
                        format!("the value is {value}, and `number` is {number}"),
                    )
                    .fix("与检验结果写得完全相同，或不填 number。", "Write it exactly as the value, or leave it out."),
            ),
            None => Some(
                fault
                    .detail(
                        format!("检验结果“{}”不是一个数，不能另有 number", self.value),
                        format!("the value “{}” is no number, so there is no `number`", self.value),
                    )
                    .fix(
                        "删除 number；未检出、< 0.01、3-5、B1 级等只写在 value 中，单位写在 unit 中。",
                        "Leave `number` out; what is not found, a limit, a range or a grade stands in `value` alone, and a \
                         unit in `unit`.",
                    ),
            ),
        }
    }
}

/// A test report
///
/// The mirror of a laboratory's record (检验检测报告). It makes a product green only through a confirmed evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TestReport {
    /// Names the report.
    pub id: TestReportId,
    /// The laboratory that issued it, by its CMA number.
    pub laboratory: CmaNumber,
    /// The number exactly as the laboratory writes it; unique per laboratory, opaque otherwise.
    pub number: ReportNumber,
    /// What the report calls the sample (样品名称).
    pub sample_name: String,
    /// The models that were tested (规格型号). Empty when the report names none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Who had it tested (委托单位).
    pub client: Party,
    /// Who made the sample (生产单位), where named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<Party>,
    /// On whose occasion it was tested.
    pub inspection: Inspection,
    /// When the sample was drawn or brought (抽样/送样日期), where the report tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampled_on: Option<Date>,
    /// The first day of testing, where the report tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tested_from: Option<Date>,
    /// The last day of testing, where the report tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tested_until: Option<Date>,
    /// When it was issued (签发日期).
    pub issued_on: Date,
    /// The last day it holds, inclusive, where the report states one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// The standards it was tested to (检验依据).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standards: Vec<StandardNumber>,
    /// What was tested, in the order of the report.
    pub items: Vec<ReportItem>,
    /// The conclusion.
    pub conclusion: ReportConclusion,
    /// Where it stands.
    pub status: TestReportStatus,
    /// The number of the report of the same laboratory that it takes the place of, where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<ReportNumber>,
    /// Why it is void.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub void_note: Option<String>,
    /// Since when it is void.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voided_on: Option<Date>,
}

/// What a new record amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The event to record.
    pub event: Event,
    /// From which day it holds.
    pub effective_on: Date,
    /// The report as it shall be.
    pub after: TestReport,
}

/// Derives the step from the report `before` to the record `stated`, whose
/// identifier and status count only when it is new. `None` when nothing differs.
///
/// A new report counts from its issue; an amendment counts from the day it is made.
///
/// # Errors
///
/// [`ProblemKind::IllegalStep`] for a report that is void, or
/// [`ProblemKind::Invalid`] when the record contradicts itself.
pub fn step(before: Option<&TestReport>, stated: TestReport, today: Date) -> Result<Option<Step>, Problem> {
    let faults = contradictions(&stated, today);
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let Some(before) = before else {
        let effective_on = stated.issued_on;
        return Ok(Some(Step { event: Event::TestReportIssued, effective_on, after: stated }));
    };
    // Who puts back what was read says that it is void and changes nothing; who does not say so would issue it again.
    let tells = before.status != TestReportStatus::Voided || stated.status == TestReportStatus::Voided;
    let (void_note, voided_on) = (before.void_note.clone(), before.voided_on);
    let after = TestReport { id: before.id, status: before.status, void_note, voided_on, ..stated };
    if after == *before && tells {
        return Ok(None);
    }
    if before.status == TestReportStatus::Voided {
        return Err(void_already());
    }
    let after = TestReport { status: TestReportStatus::Amended, ..after };
    Ok(Some(Step { event: Event::TestReportAmended, effective_on: today, after }))
}

/// Derives the voiding of a report.
///
/// # Errors
///
/// [`ProblemKind::IllegalStep`] for a report that is void already, or
/// [`ProblemKind::Invalid`] for a day to come or before its issue.
pub fn void(before: &TestReport, note: String, on: Date, today: Date) -> Result<Step, Problem> {
    if before.status == TestReportStatus::Voided {
        return Err(void_already());
    }
    if on > today {
        return Err(Fault::new("/effective_on", Rule::OutOfRange).into());
    }
    if on < before.issued_on {
        return Err(Fault::new("/effective_on", Rule::DateOrder).into());
    }
    let status = TestReportStatus::Voided;
    let after = TestReport { status, void_note: Some(note), voided_on: Some(on), ..before.clone() };
    Ok(Step { event: Event::TestReportVoided, effective_on: on, after })
}

fn void_already() -> Problem {
    Problem::from(ProblemKind::IllegalStep).fault(Fault::new("/status", Rule::NotAllowed)).detail(
        "报告已作废，为终止状态；重新出具须使用新的报告编号",
        "the report is void, which is final; a report issued anew has a new number",
    )
}

/// What a record says against itself.
fn contradictions(it: &TestReport, today: Date) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut check = |broken: bool, pointer: &str, rule| {
        if broken {
            faults.push(Fault::new(pointer, rule));
        }
    };
    let after = |day: Option<Date>, other: Option<Date>| day.zip(other).is_some_and(|(day, other)| day > other);
    let issued = Some(it.issued_on);
    check(it.issued_on > today, "/issued_on", Rule::OutOfRange);
    check(after(it.sampled_on, issued), "/sampled_on", Rule::DateOrder);
    check(after(it.sampled_on, it.tested_from), "/tested_from", Rule::DateOrder);
    check(after(it.tested_from, it.tested_until.or(issued)), "/tested_from", Rule::DateOrder);
    check(after(it.tested_until, issued), "/tested_until", Rule::DateOrder);
    check(after(issued, it.valid_until), "/valid_until", Rule::DateOrder);
    let itself = it.supersedes.as_ref().is_some_and(|other| other.normalised() == it.number.normalised());
    check(itself, "/supersedes", Rule::NotAllowed);
    for (index, item) in it.items.iter().enumerate() {
        faults.extend(item.other_number().map(|it| Fault { pointer: format!("/items/{index}/number"), ..it }));
    }
    let failed = it.items.iter().position(|item| item.conclusion == ItemConclusion::Fail);
    if let Some(index) = failed.filter(|_| it.conclusion == ReportConclusion::Pass) {
        faults.push(Fault::new("/conclusion", Rule::NotAllowed).detail(
            format!("第 {} 项不合格，结论不能为合格", index + 1),
            format!("item {} fails, so the report cannot pass", index + 1),
        ));
    }
    faults
}

#[cfg(test)]
mod tests;
