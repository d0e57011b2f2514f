//! Tables as csv and as xlsx (as xls in `legacy`), written part by part, so that they may be as odd as those of other programs.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::ops::ControlFlow;

use lvcai_exchange::lines::{Form, Line, LineLimits, LinesError, Summary, read_lines};
use lvcai_exchange::{Limits, List, Named, ReadError, read_list};
use serde_json::Value;

/// A table; in xlsx a cell `=…` is a formula, `n…:5` the number 5 under a format, `s…` a text that is struck out, `~…` one of
/// which the end is.
#[derive(Clone, Default)]
pub(crate) struct Sheet {
    pub(crate) rows: Vec<Vec<String>>,
    pub(crate) merges: Vec<String>,
    pub(crate) hidden: Vec<usize>,
    /// Columns that nobody sees, from 1.
    pub(crate) hidden_columns: Vec<u16>,
    /// What stands for the value of a formula, and the type of its cell.
    pub(crate) formula: (String, String),
}

pub(crate) fn batch(headers: &[&str], rows: &[&[&str]]) -> Sheet {
    Sheet::of(&[&[headers], rows].concat())
}

impl Sheet {
    pub(crate) fn of(rows: &[&[&str]]) -> Self {
        let rows = rows.iter().map(|row| row.iter().map(|it| (*it).to_owned()).collect()).collect();
        Self { rows, ..Self::default() }
    }

    pub(crate) fn merge(&mut self, range: &str) -> &mut Self {
        self.merges.push(range.to_owned());
        self
    }

    pub(crate) fn hide(&mut self, row: usize) -> &mut Self {
        self.hidden.push(row);
        self
    }

    pub(crate) fn formula_values(&mut self, value: &str, kind: &str) {
        self.formula = (value.to_owned(), kind.to_owned());
    }

    pub(crate) fn csv(&self) -> Vec<u8> {
        let quoted = |it: &String| {
            if it.contains(['"', ',', '\n']) { format!("\"{}\"", it.replace('"', "\"\"")) } else { it.clone() }
        };
        let lines = self.rows.iter().map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n");
        lines.collect::<String>().into_bytes()
    }

    pub(crate) fn xlsx(&self) -> Vec<u8> {
        pack(&self.parts())
    }

    /// The parts of a package with this sheet, each with its name.
    pub(crate) fn parts(&self) -> Vec<(String, String)> {
        let mut formats: Vec<String> = Vec::new();
        let mut data = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            let hidden = if self.hidden.contains(&(number + 1)) { " hidden=\"1\"" } else { "" };
            write!(data, "<row r=\"{}\"{hidden}>", number + 1).unwrap();
            for (column, cell) in row.iter().enumerate().filter(|(_, it)| !it.is_empty()) {
                data += &self.cell(&name(number, column), cell, &mut formats);
            }
            data += "</row>";
        }
        let merges: String = self.merges.iter().map(|it| format!("<mergeCell ref=\"{it}\"/>")).collect();
        let columns = self.hidden_columns.iter();
        let columns: String =
            columns.map(|it| format!("<col min=\"{it}\" max=\"{it}\" width=\"9\" hidden=\"1\"/>")).collect();
        let sheet = format!(
            "<worksheet><cols>{columns}</cols><sheetData>{data}</sheetData><mergeCells>{merges}</mergeCells></worksheet>"
        );
        [
            ("[Content_Types].xml", "<Types/>".to_owned()),
            ("_rels/.rels", relations(&[("officeDocument", "xl/workbook.xml")])),
            ("xl/workbook.xml", WORKBOOK.to_owned()),
            (
                "xl/_rels/workbook.xml.rels",
                relations(&[("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")]),
            ),
            ("xl/styles.xml", styles(&formats)),
            ("xl/worksheets/sheet1.xml", sheet),
        ]
        .map(|(name, text)| (name.to_owned(), text))
        .to_vec()
    }

    fn cell(&self, at: &str, cell: &str, formats: &mut Vec<String>) -> String {
        let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
        if let Some(formula) = cell.strip_prefix('=') {
            let (value, kind) = &self.formula;
            return format!("<c r=\"{at}\"{kind}><f>{}</f>{value}</c>", escaped(formula));
        }
        if let Some((format, number)) = cell.strip_prefix('n').and_then(|it| it.rsplit_once(':')) {
            formats.push(format.to_owned());
            return format!("<c r=\"{at}\" s=\"{}\"><v>{number}</v></c>", formats.len() + 1);
        }
        if let Some(text) = cell.strip_prefix('~') {
            return format!("<c r=\"{at}\" t=\"inlineStr\"><is>{}</is></c>", partly_struck(text));
        }
        let (style, text) = cell.strip_prefix('s').map_or((0, cell), |it| (1, it));
        format!("<c r=\"{at}\" s=\"{style}\" t=\"inlineStr\"><is><t>{}</t></is></c>", escaped(text))
    }

    /// The record of the only line.
    pub(crate) fn record(&self) -> Value {
        record(&self.csv())
    }
}

/// The runs of a text of which the end is struck out.
pub(crate) fn partly_struck(text: &str) -> String {
    let (end, _) = text.char_indices().next_back().unwrap();
    let (kept, struck) = text.split_at(end);
    format!("<r><t>{kept}</t></r><r><rPr><strike/></rPr><t>{struck}</t></r>")
}

const WORKBOOK: &str = "<workbook><sheets><sheet name=\"证书\" sheetId=\"1\" r:id=\"r0\"/></sheets>\
                        <calcPr fullCalcOnLoad=\"1\"/></workbook>";

fn styles(formats: &[String]) -> String {
    let escaped = |it: &String| it.replace('"', "&quot;");
    let codes: String = (200..)
        .zip(formats)
        .map(|(id, it)| format!("<numFmt numFmtId=\"{id}\" formatCode=\"{}\"/>", escaped(it)))
        .collect();
    let cells: String = (200..).zip(formats).map(|(id, _)| format!("<xf numFmtId=\"{id}\" fontId=\"0\"/>")).collect();
    format!(
        "<styleSheet><numFmts>{codes}</numFmts><fonts><font/><font><strike/></font></fonts>\
         <cellXfs><xf numFmtId=\"0\" fontId=\"0\"/><xf numFmtId=\"0\" fontId=\"1\"/>{cells}</cellXfs></styleSheet>"
    )
}

pub(crate) fn relations(targets: &[(&str, &str)]) -> String {
    let one = |(id, (kind, target)): (usize, &(&str, &str))| {
        format!("<Relationship Id=\"r{id}\" Type=\"http://x/relationships/{kind}\" Target=\"{target}\"/>")
    };
    format!("<Relationships>{}</Relationships>", targets.iter().enumerate().map(one).collect::<String>())
}

pub(crate) fn pack(parts: &[(String, String)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn name(row: usize, column: usize) -> String {
    format!("{}{}", char::from(b'A' + u8::try_from(column).unwrap()), row + 1)
}

pub(crate) fn lines(data: &[u8]) -> (Vec<Line>, Result<Summary, LinesError>) {
    let mut lines = Vec::new();
    let outcome = read_lines(Cursor::new(data), Form::Table, &LineLimits::default(), &mut |line| {
        lines.push(line);
        ControlFlow::Continue(())
    });
    (lines, outcome)
}

pub(crate) fn json(line: &Line) -> Value {
    serde_json::from_str(line.json.as_ref().unwrap()).unwrap()
}

/// The record of the only line.
pub(crate) fn record(data: &[u8]) -> Value {
    json(&lines(data).0[0])
}

/// The faults of the only line: where, and what is said in Chinese.
pub(crate) fn refused(data: &[u8]) -> Vec<(String, String)> {
    let faults = lines(data).0.remove(0).json.unwrap_err();
    faults.into_iter().map(|it| (it.pointer, it.detail.map(|it| it.zh).unwrap_or_default())).collect()
}

pub(crate) fn list(data: &[u8]) -> Result<List, ReadError> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), data).unwrap();
    read_list(file.path(), &Limits::default(), &Named::default(), &mut |_| {})
}

pub(crate) fn list_csv(text: &str) -> Result<List, ReadError> {
    list(text.as_bytes())
}
