//! The same tables as xls, record by record, and files that are made to mislead.

use std::io::{Cursor, Write as _};

use lvcai_exchange::FaultCode::{
    FormulaWithoutValue, HiddenByFormat, HiddenRow, Inherited, Merged, SerialDate, StruckOut,
};
use lvcai_exchange::{Content, Measure, ReadError};

use crate::files::{Sheet, batch, lines, list};
use crate::{REPORT, codes, line};

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000A;

/// A record.
fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    assert!(data.len() <= 8224, "a record of {} bytes", data.len());
    [&kind.to_le_bytes()[..], &u16::try_from(data.len()).unwrap().to_le_bytes(), data].concat()
}

fn shorts(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|it| it.to_le_bytes()).collect()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn begin(kind: u16) -> Vec<u8> {
    record(BOF, &shorts(&[0x0600, kind, 0, 0, 0, 0, 0, 0]))
}

/// Puts a stream into a container.
fn contained(name: &str, stream: &[u8]) -> Vec<u8> {
    let mut container = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    container.create_stream(name).unwrap().write_all(stream).unwrap();
    container.flush().unwrap();
    container.into_inner().into_inner()
}

/// The records of a workbook with one sheet.
fn workbook(formats: &[String], texts: &[String], sheet: &[u8]) -> Vec<u8> {
    let mut globals = begin(5);
    for number in 0..5 {
        // The fifth is font 5, since there is no font 4: it strikes out.
        let name =
            [&shorts(&[200, if number == 4 { 8 } else { 0 }, 0, 400, 0])[..], &[0, 0, 0, 0, 1, 0, b'A']].concat();
        globals.extend(record(0x0031, &name));
    }
    for (number, format) in (200_u16..).zip(formats) {
        let length = u16::try_from(format.encode_utf16().count()).unwrap();
        globals.extend(record(0x041E, &[&shorts(&[number, length])[..], &[1], &wide(format)].concat()));
    }
    let styles = [(0, 0), (5, 0)].into_iter().chain((200..).zip(formats).map(|(number, _)| (0, number)));
    for (font, format) in styles {
        globals.extend(record(0x00E0, &[&shorts(&[font, format])[..], &[0; 16]].concat()));
    }
    let count = u32::try_from(texts.len()).unwrap().to_le_bytes();
    let mut pieces = vec![[count, count].concat()];
    for text in texts {
        let bare = text.trim_start_matches('~');
        let length = u16::try_from(bare.encode_utf16().count()).unwrap();
        // The last character of one is of font 5.
        let text = if bare.len() < text.len() {
            [&shorts(&[length])[..], &[9], &shorts(&[1]), &wide(bare), &shorts(&[length - 1, 5])].concat()
        } else {
            [&shorts(&[length])[..], &[1], &wide(bare)].concat()
        };
        if pieces.last().unwrap().len() + text.len() > 200 {
            pieces.push(Vec::new());
        }
        pieces.last_mut().unwrap().extend(text);
    }
    let kinds = [0x00FC].into_iter().chain(std::iter::repeat(0x003C));
    let shared: Vec<u8> = kinds.zip(&pieces).flat_map(|(kind, piece)| record(kind, piece)).collect();
    let bound = |at: usize| {
        record(0x0085, &[&u32::try_from(at).unwrap().to_le_bytes()[..], &[0, 0, 2, 1], &wide("证书")].concat())
    };
    let at = globals.len() + bound(0).len() + shared.len() + record(EOF, &[]).len();
    [&globals[..], &bound(at), &shared, &record(EOF, &[]), sheet].concat()
}

impl Sheet {
    pub(crate) fn xls(&self) -> Vec<u8> {
        let (mut formats, mut texts, mut cells) = (Vec::new(), Vec::new(), Vec::new());
        for (number, row) in (0_u16..).zip(&self.rows) {
            if self.hidden.contains(&(usize::from(number) + 1)) {
                cells.extend(record(0x0208, &shorts(&[number, 0, 9, 0, 0, 0, 0x0020, 0])));
            }
            for (column, cell) in (0_u16..).zip(row).filter(|(_, it)| !it.is_empty()) {
                cells.extend(self.legacy_cell((number, column), cell, &mut formats, &mut texts));
            }
        }
        for column in &self.hidden_columns {
            cells.extend(record(0x007D, &shorts(&[column - 1, column - 1, 2304, 0, 1, 0])));
        }
        let place = |reference: &str| {
            let (letter, digits) = reference.split_at(1);
            (digits.parse::<u16>().unwrap() - 1, u16::from(letter.as_bytes()[0] - b'A'))
        };
        for range in &self.merges {
            let (first, last) = range.split_once(':').unwrap();
            let (first, last) = (place(first), place(last));
            cells.extend(record(0x00E5, &shorts(&[1, first.0, last.0, first.1, last.1])));
        }
        let sheet = [begin(0x10), cells, record(EOF, &[])].concat();
        contained("Workbook", &workbook(&formats, &texts, &sheet))
    }

    fn legacy_cell(
        &self,
        (row, column): (u16, u16),
        cell: &str,
        formats: &mut Vec<String>,
        texts: &mut Vec<String>,
    ) -> Vec<u8> {
        let number = |style: u16, text: &str| match text.parse::<i32>() {
            // As Excel writes whole numbers of 30 bits.
            Ok(number) if number < 1 << 29 => {
                record(0x027E, &[&shorts(&[row, column, style])[..], &(number << 2 | 2).to_le_bytes()].concat())
            }
            _ => {
                let number: f64 = text.parse().unwrap();
                record(0x0203, &[&shorts(&[row, column, style])[..], &number.to_le_bytes()].concat())
            }
        };
        if cell.starts_with('=') {
            let digits = self.formula.0.trim_start_matches("<v>").trim_end_matches("</v>");
            let value = digits.parse().map_or([3, 0, 0, 0, 0, 0, 0xFF, 0xFF], f64::to_le_bytes);
            return record(0x0006, &[&shorts(&[row, column, 0])[..], &value, &[0; 8]].concat());
        }
        if let Some((format, value)) = cell.strip_prefix('n').and_then(|it| it.rsplit_once(':')) {
            formats.push(format.to_owned());
            return number(u16::try_from(formats.len() + 1).unwrap(), value);
        }
        let (style, text) = cell.strip_prefix('s').map_or((0, cell), |it| (1, it));
        texts.push(text.to_owned());
        let shared = u32::try_from(texts.len() - 1).unwrap().to_le_bytes();
        record(0x00FD, &[&shorts(&[row, column, style])[..], &shared].concat())
    }
}

#[test]
fn an_old_workbook_is_read_as_a_new_one_is() {
    let mut sheet = Sheet::of(&[
        &["企业名称", "产品类别", "认证机构", "产品名称", "证书编号", "有效期至"],
        &["甲", "门窗", "某认证", "窗", "n000:20", "nyyyy-mm-dd:45813"],
        &["", "", "", "门", "n0\"-\"00:7", "n:45813"],
        &["乙", "", "", "s门", "=A1", "2030-06-04"],
    ]);
    sheet.merge("A2:A3").merge("B2:B4").hide(3);
    let (old, new) = (list(&sheet.xls()).unwrap(), list(&sheet.xlsx()).unwrap());

    assert_eq!(old.rows, new.rows);
    assert_eq!((old.rows[0].certificate_number.as_str(), old.rows[0].valid_until), ("020", new.rows[0].valid_until));
    assert!(old.rows[0].valid_until.is_some());
    for (column, code) in
        [("企业名称", Merged), ("证书编号", HiddenByFormat), ("有效期至", SerialDate), ("整行", HiddenRow)]
    {
        assert!(codes(&old.rows[1]).contains(&(column, code)), "{column}: {:?}", old.rows[1].faults);
    }
    for (column, code) in [("认证机构", Inherited), ("证书编号", FormulaWithoutValue), ("整行", StruckOut)] {
        assert!(codes(&old.rows[2]).contains(&(column, code)), "{column}: {:?}", old.rows[2].faults);
    }
    let report = Sheet::of(&[&REPORT, &line(0, "A-1")]);
    assert_eq!(crate::files::record(&report.xls()), crate::files::record(&report.xlsx()));
    let numbers: Vec<String> = (0..500).map(|it| format!("A-{it}")).collect();
    let rows: Vec<Vec<&str>> = numbers.iter().map(|it| line(0, it)).collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    assert_eq!(lines(&batch(&REPORT, &rows).xls()).0.len(), 500, "a workbook of the usual size");
}

fn refusal(data: &[u8]) -> ReadError {
    list(data).unwrap_err()
}

/// A sheet of records between its beginning and its end.
fn sheet_of(records: &[Vec<u8>]) -> Vec<u8> {
    [begin(0x10), records.concat(), record(EOF, &[])].concat()
}

#[test]
fn a_workbook_that_would_fill_the_memory_is_refused_before() {
    let declared = [&u32::MAX.to_le_bytes()[..], &u32::MAX.to_le_bytes(), &shorts(&[0, 256, 0])].concat();
    let declared = sheet_of(&[record(0x0200, &[&[0; 4][..], &declared[4..]].concat())]);
    let cell = |row: u16, column: u16| record(0x0203, &[&shorts(&[row, column, 0])[..], &[0; 8]].concat());
    let corners = sheet_of(&[cell(0, 0), cell(65_535, 255)]);
    for sheet in [declared, corners] {
        let refused = refusal(&contained("Workbook", &workbook(&[], &[], &sheet)));
        assert!(matches!(refused, ReadError::TooLarge { what: Measure::SpannedCells, .. }), "{refused}");
    }
    let nowhere = contained("Workbook", &workbook(&[], &[], &cell(0, 0)));
    assert!(matches!(refusal(&nowhere), ReadError::Damaged(_)));
    let label = |row: u16| record(0x00FD, &[&shorts(&[row, 0, 0])[..], &[0; 4]].concat());
    let labels: Vec<Vec<u8>> = (0..60_000).map(label).collect();
    let refused = refusal(&contained("Workbook", &workbook(&[], &["长".repeat(4_000)], &sheet_of(&labels))));
    assert!(matches!(refused, ReadError::TooLarge { what: Measure::TextBytes, .. }), "{refused}");
}

#[test]
fn encrypted_older_and_broken_workbooks_are_told_apart() {
    let encrypted = [begin(5), record(0x002F, &[1, 0]), record(EOF, &[])].concat();
    assert!(matches!(refusal(&contained("Workbook", &encrypted)), ReadError::NotAList { found: Content::Encrypted }));
    let older = record(BOF, &shorts(&[0x0500, 5, 0, 0]));
    for (name, stream) in [("Book", &older), ("Workbook", &older)] {
        assert!(matches!(refusal(&contained(name, stream)), ReadError::NotAList { found: Content::OldExcel }));
    }
    let whole = Sheet::of(&[&REPORT, &line(0, "A-1")]).xls();
    for length in (600..whole.len()).step_by(97) {
        // Read as far as it goes, or refused; never a panic.
        drop(list(&whole[..length]));
    }
    for at in (0..whole.len()).step_by(13) {
        let mut broken = whole.clone();
        broken[at] ^= 0xFF;
        drop(list(&broken));
    }
}
