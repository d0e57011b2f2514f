//! Makes a report with all 77 columns, as xlsx and as csv.

use std::io::Cursor;

use jiff::civil::Date;
use lvcai_domain::reference::certificate_fields;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use serde_json::Value;

/// A cell to be written.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    Text(String),
    Number(f64),
    Day(Date),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A report: titles, the header, rows.
pub(crate) struct Report {
    pub(crate) headers: Vec<String>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// What the columns of a full row say, where it is more than a text.
const SAID: &[(&str, &str)] = &[
    ("2", "CABR-01(02)-(2025)-CGP-035"),
    ("4", "暂停"),
    ("5", "2020年6月5日"),
    ("6", "2025/6/5"),
    ("7", "2025-06-05至2030-06-04"),
    ("9", "T/CECS 10026-2019；GB/T 8478-2020《铝合金门窗》，符合实施规则附件2"),
    ("12", "65系列、70系列；80(A,B)，90系列\n100系列"),
    ("17", "９１２３０６０７７１６６７５４０９Ｌ"),
    ("31", "71667540-9"),
    ("46", "000000000"),
    ("57", "120人"),
    ("58", "125.03000"),
    ("59", "46.58"),
    ("60", "0203"),
    ("61", "2026.3.1"),
    ("62", "20260901"),
    ("63", "已作废的说法"),
    ("64", "不详"),
    ("65", "/"),
    ("67", "更换认证标志"),
    ("68", "2026年1月2日"),
    ("70", "2025-06-01"),
    ("71", "00216Q10097R1S"),
    ("x1", "绿色建材产品（分级）认证"),
    ("x2", "建筑门窗及配件"),
    ("x4", "三星级"),
];

impl Report {
    /// A report of one full row, with the three columns beside the 77 and one that nobody knows.
    pub(crate) fn full() -> Self {
        let fields = || certificate_fields().iter().filter(|it| !matches!(it.no.as_str(), "x3" | "x5"));
        let said = |no: &str| SAID.iter().find(|it| it.0 == no).map(|it| it.1.to_owned());
        let mut headers: Vec<String> = fields().map(|it| it.field_zh.clone()).collect();
        let mut row: Vec<Cell> =
            fields().map(|it| Cell::Text(said(&it.no).unwrap_or_else(|| format!("值{}", it.no)))).collect();
        headers.push("内部流水号".to_owned());
        row.push("机密".into());
        Self { headers, rows: vec![row] }
    }

    /// A report of some columns.
    pub(crate) fn of(headers: &[&str], rows: &[&[&str]]) -> Self {
        let rows = rows.iter().map(|row| row.iter().map(|it| Cell::from(*it)).collect()).collect();
        Self { headers: headers.iter().map(|it| (*it).to_owned()).collect(), rows }
    }

    /// The same with its columns the other way round.
    pub(crate) fn reversed(mut self) -> Self {
        self.headers.reverse();
        self.rows.iter_mut().for_each(|row| row.reverse());
        self
    }

    /// As csv below a title.
    pub(crate) fn csv(&self) -> String {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let mut csv = "产品认证证书信息表,\n".to_owned();
        csv += &self.headers.iter().map(|it| quoted(it)).collect::<Vec<_>>().join(",");
        for row in &self.rows {
            let shown = |cell: &Cell| match cell {
                Cell::Text(text) => quoted(text),
                Cell::Number(number) => number.to_string(),
                Cell::Day(day) => day.to_string(),
            };
            csv += "\n";
            csv += &row.iter().map(shown).collect::<Vec<_>>().join(",");
        }
        csv
    }

    /// As a sheet of a workbook, below a title.
    pub(crate) fn sheet(&self, book: &mut Workbook, name: &str) {
        let dates = Format::new().set_num_format("yyyy-mm-dd");
        let sheet = book.add_worksheet().set_name(name).unwrap();
        sheet.write_string(0, 0, "产品认证证书信息表").unwrap();
        for (column, header) in (0..).zip(&self.headers) {
            sheet.write_string(1, column, header).unwrap();
        }
        for (row, cells) in (2..).zip(&self.rows) {
            for (column, cell) in (0..).zip(cells) {
                match cell {
                    Cell::Text(text) => drop(sheet.write_string(row, column, text).unwrap()),
                    Cell::Number(number) => drop(sheet.write_number(row, column, *number).unwrap()),
                    Cell::Day(day) => {
                        let (month, of_month) = (day.month().unsigned_abs(), day.day().unsigned_abs());
                        let moment = ExcelDateTime::from_ymd(day.year().unsigned_abs(), month, of_month).unwrap();
                        sheet.write_datetime_with_format(row, column, &moment, &dates).unwrap();
                    }
                }
            }
        }
    }

    /// As an xlsx file of one sheet.
    pub(crate) fn xlsx(&self) -> Vec<u8> {
        let mut book = Workbook::new();
        self.sheet(&mut book, "证书");
        book.save_to_buffer().unwrap()
    }
}

/// Every text in a JSON value.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Anything that can be read as a file.
pub(crate) fn file(data: impl Into<Vec<u8>>) -> Cursor<Vec<u8>> {
    Cursor::new(data.into())
}
