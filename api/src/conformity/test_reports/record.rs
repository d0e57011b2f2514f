//! The record that a laboratory pushes.

use crate::http::checks::{self, Check};
use crate::http::params;
use jiff::civil::Date;
use lvcai_domain::test_report::PushedReport;
use lvcai_domain::{
    CmaNumber, Inspection, Party, ReportConclusion, ReportItem, ReportNumber, StandardNumber, TestReport, TestReportId,
    TestReportStatus,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// A test report as its laboratory records it
///
/// The whole record as it stands now; the registry derives what happened since the last push. Values are the strings
/// of the report, never numbers of JSON. Names and contacts of persons are not taken.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "sample_name": "内平开塑料窗", "models": ["65系列"], "client": { "name": "大庆示例门窗有限公司" },
    "inspection": "commissioned", "sampled_on": "2026-01-05", "issued_on": "2026-01-15",
    "standards": ["GB/T 7106-2019", "GB/T 8484-2020"],
    "items": [
        { "name": "传热系数", "method": "GB/T 8484-2020", "unit": "W/(m²·K)", "required": "≤ 1.5", "value": "1.30",
          "number": "1.30", "conclusion": "pass" },
        { "name": "可溶性铅", "method": "GB/T 23991-2009", "unit": "mg/kg", "value": "未检出", "conclusion": "not_judged" }
    ],
    "conclusion": "pass"
}))]
pub(super) struct TestReportInput {
    /// The CMA number of the laboratory (资质认定证书编号). In a batch it must be that of the batch, in a push that of the address.
    laboratory: Option<CmaNumber>,
    /// The number (报告编号) exactly as the laboratory writes it. Required in a batch; in a push it must be that of the address.
    #[validate(custom(function = "checks::entered::<ReportNumber>"))]
    number: Option<ReportNumber>,
    /// What the report calls the sample (样品名称).
    #[validate(length(min = 1, max = 300), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 300)]
    sample_name: String,
    /// The models that were tested (规格型号).
    #[serde(default)]
    #[validate(length(max = 500), custom(function = "checks::texts"))]
    #[schema(max_items = 500)]
    models: Vec<String>,
    /// Who had it tested (委托单位).
    #[validate(custom(function = "checks::party"))]
    client: Party,
    /// Who made the sample (生产单位).
    #[validate(custom(function = "checks::party"))]
    manufacturer: Option<Party>,
    /// On whose occasion it was tested (检验类别).
    inspection: Inspection,
    /// When the sample was drawn or brought (抽样/送样日期).
    #[serde(default, deserialize_with = "params::day")]
    sampled_on: Option<Date>,
    /// The first day of testing.
    #[serde(default, deserialize_with = "params::day")]
    tested_from: Option<Date>,
    /// The last day of testing.
    #[serde(default, deserialize_with = "params::day")]
    tested_until: Option<Date>,
    /// When it was issued (签发日期): a day on which the laboratory's CMA certificate holds.
    #[serde(deserialize_with = "params::required_day")]
    issued_on: Date,
    /// The last day it holds, inclusive, where the report states one.
    #[serde(default, deserialize_with = "params::day")]
    valid_until: Option<Date>,
    /// The standards it was tested to (检验依据).
    #[serde(default)]
    #[validate(length(max = 50))]
    #[schema(max_items = 50)]
    standards: Vec<StandardNumber>,
    /// What was tested, in the order of the report.
    #[validate(length(min = 1, max = 500), custom(function = "items"))]
    #[schema(min_items = 1, max_items = 500)]
    items: Vec<ReportItem>,
    /// The conclusion (检验结论); not `pass` when an item fails.
    conclusion: ReportConclusion,
    /// The number of the report of the same laboratory that it takes the place of.
    #[validate(custom(function = "checks::entered::<ReportNumber>"))]
    supersedes: Option<ReportNumber>,
}

fn items(items: &[ReportItem]) -> Check {
    checks::each(items.iter().enumerate().flat_map(|(index, item)| {
        let texts = [
            ("name", Some(&item.name), 200),
            ("method", Some(&item.method), 200),
            ("unit", item.unit.as_ref(), 40),
            ("required", item.required.as_ref(), 200),
            ("value", Some(&item.value), 200),
        ];
        texts.map(|(name, text, max)| {
            checks::under(&format!("/{index}/{name}"), text.map_or(Ok(()), |text| checks::short(text, max)))
        })
    }))
}

impl TestReportInput {
    /// The number that the record names.
    pub(super) fn number(&self) -> Option<ReportNumber> {
        self.number.clone()
    }

    /// The record as it was pushed under a number of a laboratory; its identifier counts only when it is new.
    pub(super) fn pushed(self, laboratory: CmaNumber, number: ReportNumber) -> PushedReport {
        let it = self;
        let report = TestReport {
            id: TestReportId::mint(),
            laboratory,
            number,
            sample_name: it.sample_name,
            models: it.models,
            client: it.client,
            manufacturer: it.manufacturer,
            inspection: it.inspection,
            sampled_on: it.sampled_on,
            tested_from: it.tested_from,
            tested_until: it.tested_until,
            issued_on: it.issued_on,
            valid_until: it.valid_until,
            standards: it.standards,
            items: it.items,
            conclusion: it.conclusion,
            status: TestReportStatus::Issued,
            supersedes: it.supersedes,
            void_note: None,
            voided_on: None,
        };
        PushedReport { report, laboratory: it.laboratory, number: it.number }
    }
}

/// A batch of one line, as the document shows it.
pub(super) fn example() -> serde_json::Value {
    serde_json::json!([{
        "number": "黑建检〔2026〕第0136号", "sample_name": "内平开塑料窗（示例）", "models": ["65系列"],
        "client": { "name": "大庆示例门窗有限公司" }, "inspection": "commissioned", "issued_on": "2026-01-15",
        "standards": ["GB/T 8484-2020"],
        "items": [{ "name": "传热系数", "method": "GB/T 8484-2020", "unit": "W/(m²·K)", "required": "≤ 1.5",
                    "value": "1.30", "number": "1.30", "conclusion": "pass" }],
        "conclusion": "pass"
    }])
}

/// The same as JSON Lines.
pub(super) fn example_line() -> String {
    example().get(0).map(|line| format!("{line}\n")).unwrap_or_default()
}
