//! The table of 77 columns in which bodies report, as csv and as xlsx, and the records that its rows are.

use lvcai_domain::reference::{CertificateField, certificate_fields};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

/// What stands in the columns of persons; it must never be seen again.
pub(super) const PERSON: &str = "张三丰13800138000";

/// The columns that are more than a text. Those of the steps tell history in the row of a valid certificate.
const SAID: [(&str, &str); 26] = [
    ("4", "有效"),
    ("5", "2020年6月5日"),
    ("6", "2025/6/5"),
    ("7", "2030-06-04"),
    ("9", "T/CECS 10026-2019"),
    ("12", "65系列、70系列"),
    ("17", "91230607716675409L"),
    ("31", "71667540-9"),
    ("46", "000000000"),
    ("57", "120人"),
    ("58", "125.03"),
    ("59", "46.58"),
    ("60", "0203"),
    ("61", "2024-03-01"),
    ("62", "2024-09-01"),
    ("63", "/"),
    ("64", ""),
    ("65", "-"),
    ("66", ""),
    ("67", "02"),
    ("68", "2026-01-02"),
    ("70", "2025-06-01"),
    ("71", "00216Q10097R1S"),
    ("72", "scan.pdf"),
    ("73", "models.pdf"),
    ("76", "01"),
];

/// The columns of the report; those that the registry takes beside the 77 are left out.
fn columns() -> impl Iterator<Item = &'static CertificateField> {
    certificate_fields().iter().filter(|it| !it.no.starts_with('x'))
}

fn cell(field: &CertificateField, number: &str) -> String {
    match (field.no.as_str(), field.why_not.as_deref()) {
        ("2", _) => number.to_owned(),
        (_, Some("personal")) => PERSON.to_owned(),
        (no, _) => SAID.iter().find(|it| it.0 == no).map_or_else(|| format!("值{no}"), |it| it.1.to_owned()),
    }
}

/// The table as csv.
pub(super) fn csv(numbers: &[&str]) -> String {
    let quoted = |text: &str| format!("\"{text}\"");
    let mut csv: String = columns().map(|it| quoted(&it.field_zh)).collect::<Vec<_>>().join(",");
    assert_eq!(columns().count(), 77);
    for number in numbers {
        csv += "\n";
        csv += &columns().map(|it| quoted(&cell(it, number))).collect::<Vec<_>>().join(",");
    }
    csv
}

/// The table as a workbook.
pub(super) fn xlsx(numbers: &[&str]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, field) in (0..).zip(columns()) {
        sheet.write_string(0, column, &field.field_zh).unwrap();
        for (row, number) in (1..).zip(numbers) {
            sheet.write_string(row, column, cell(field, number)).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// The record that a row of the table is.
pub(super) fn record(number: &str) -> Value {
    let mut record = json!({
        "number": number, "reported_status": "01", "first_issued_on": "2020-06-05", "issued_on": "2025-06-05",
        "valid_until": "2030-06-04", "standards": ["T/CECS 10026-2019"],
        "units": [{ "name": "值10", "models": ["65系列", "70系列"] }],
        "holder": { "uscc": "91230607716675409L" }, "manufacturer": { "organisation_code": "716675409" },
        "factory": {}, "factory_site": { "employees": 120, "longitude": "125.03", "latitude": "46.58" },
        "change_reason": "02", "reissued_on": "2026-01-02", "decided_on": "2025-06-01",
        "predecessor": { "relation": "transfer", "number": "00216Q10097R1S" },
        "attachments": [
            { "role": "certificate_scan", "name": "scan.pdf" }, { "role": "models", "name": "models.pdf" },
            { "role": "type_test_report", "name": "值74" }, { "role": "other", "name": "值75" }
        ]
    });
    let plain = |it: &&CertificateField| {
        let place = it.field.as_deref().unwrap_or_default();
        let other = ["/number", "/attachments", "/standards", "/units"].iter().any(|other| place.starts_with(other));
        !place.is_empty() && !other && it.only_for_status.is_none() && !SAID.iter().any(|said| said.0 == it.no)
    };
    for field in columns().filter(plain) {
        let (parents, name) = field.field.as_deref().unwrap().rsplit_once('/').unwrap();
        record.pointer_mut(parents).unwrap()[name] = json!(format!("值{}", field.no));
    }
    record
}
