//! Reads a table of certification bodies: a row for each, with the names that it has and had.
//!
//! A header row has 批准号 and 机构名称; nothing is inherited from the row above.

use std::fs::File;
use std::ops::ControlFlow;
use std::path::Path;

use jiff::civil::Date;
use lvcai_domain::ApprovalNumber;

use crate::cells::{Cell, cell_name};
use crate::dates;
use crate::errors::ReadError;
use crate::faults::{Fault, FaultCode};
use crate::headers::Heading;
use crate::limits::Limits;
use crate::list::SheetOutcome;
use crate::notes::{beginning, is_note};
use crate::rows::{Row, Rows};
use crate::span::Span;
use crate::text::clean;
use crate::vocabulary::{header_text, unmarked};

/// One certification body as a file has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BodyRow {
    /// Row in the sheet, from 1; in a csv file the line on which it begins.
    pub row: u32,
    /// The sheet's name; empty for csv.
    pub sheet: String,
    /// 批准号.
    pub approval_number: String,
    /// 机构名称.
    pub name: String,
    /// 曾用名, split at `、;；` and line breaks.
    pub former_names: Vec<String>,
    /// 更名日期.
    pub renamed_on: Option<Date>,
    /// 简称 and 别名, split in the same way.
    pub aliases: Vec<String>,
    /// 统一社会信用代码.
    pub uscc: String,
    /// 来源.
    pub source: String,
    /// 已核实, as written.
    pub verified: String,
    /// 备注.
    pub note: String,
    /// What was wrong with its cells.
    pub faults: Vec<Fault>,
}

/// A table of certification bodies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BodyList {
    /// The rows, in the order of the file.
    pub rows: Vec<BodyRow>,
    /// Headers of columns that were not read.
    pub ignored_columns: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Number,
    Name,
    Former,
    RenamedOn,
    Alias,
    Uscc,
    Source,
    Verified,
    Note,
}

/// The words for each column; the first is the usual header.
const WORDS: &[(Column, &[&str])] = &[
    (Column::Number, &["批准号", "机构批准号", "认证机构批准号", "批准书编号", "approval_number"]),
    (Column::Name, &["机构名称", "认证机构名称", "认证机构", "名称", "现用名", "name"]),
    (Column::Former, &["曾用名", "曾用名称", "原名称", "原名", "former_names"]),
    (Column::RenamedOn, &["更名日期", "变更日期", "renamed_on"]),
    (Column::Alias, &["简称", "别名", "英文缩写", "缩写", "印章名称", "aliases"]),
    (Column::Uscc, &["统一社会信用代码", "社会信用代码", "uscc"]),
    (Column::Source, &["来源", "依据", "出处", "source"]),
    (Column::Verified, &["已核实", "是否核实", "核实", "verified"]),
    (Column::Note, &["备注", "说明", "note"]),
];

/// Reads the certification bodies in an xlsx or csv file.
///
/// # Errors
///
/// [`ReadError::NoHeader`] when no sheet has a header row with 批准号 and 机构名称; else as [`crate::read_list`].
pub fn read_bodies(path: &Path, limits: &Limits) -> Result<BodyList, ReadError> {
    let mut table = Table {
        limits,
        sheet: String::new(),
        header: None,
        span: Span::default(),
        found: false,
        list: BodyList::default(),
    };
    crate::read_table(File::open(path)?, &mut table)?;
    if table.found { Ok(table.list) } else { Err(ReadError::NoHeader) }
}

struct Table<'a> {
    limits: &'a Limits,
    sheet: String,
    /// The columns of the last header of the sheet, by their positions.
    header: Option<Vec<(Column, usize)>>,
    /// Where its headers stand.
    span: Span,
    found: bool,
    list: BodyList,
}

fn column(header: &str) -> Option<Column> {
    let unmarked = unmarked(header);
    let bare = unmarked.split(['(', ':', '*']).next().unwrap_or_default();
    WORDS.iter().find(|(_, words)| words.contains(&header) || words.contains(&bare)).map(|(column, _)| *column)
}

fn header(cells: &[Cell]) -> Option<Vec<(Column, usize)>> {
    let columns: Vec<_> =
        cells.iter().enumerate().filter_map(|(at, cell)| Some((column(&header_text(cell))?, at))).collect();
    let has = |wanted: Column| columns.iter().any(|(it, _)| *it == wanted);
    (has(Column::Number) && has(Column::Name)).then_some(columns)
}

impl Table<'_> {
    fn entry(&self, header: &[(Column, usize)], row: &Row) -> BodyRow {
        let mut entry = BodyRow { row: row.number, sheet: self.sheet.clone(), ..BodyRow::default() };
        for (column, at) in header {
            let usual =
                WORDS.iter().find(|it| it.0 == *column).and_then(|it| it.1.first()).copied().unwrap_or_default();
            let fault = |code, shown: &str| Fault::new(usual, code, shown).at(cell_name(row.number, *at));
            let text = match row.cells.get(*at) {
                None | Some(Cell::Blank | Cell::Nothing(_)) => continue,
                Some(Cell::Text(raw)) => {
                    let cleaned = clean(raw, self.limits.cell_chars);
                    entry.faults.extend(cleaned.was_cut.then(|| fault(FaultCode::TooLong, raw)));
                    cleaned.text
                }
                Some(Cell::Above(shown)) => {
                    entry.faults.push(fault(FaultCode::Elsewhere, shown));
                    continue;
                }
                Some(Cell::Unknown(code, shown)) => {
                    entry.faults.push(fault(*code, shown));
                    continue;
                }
                Some(cell @ (Cell::Number(..) | Cell::Date(_))) => cell.shown().into_owned(),
            };
            if *column == Column::RenamedOn && dates::day(&text).is_none() {
                entry.faults.push(fault(FaultCode::BadDate, &text));
            }
            entry.take(*column, &text);
        }
        entry
    }
}

impl BodyRow {
    fn take(&mut self, column: Column, text: &str) {
        let names =
            || text.split(['、', ';', '；', '\n']).map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned);
        match column {
            Column::Number => text.clone_into(&mut self.approval_number),
            Column::Name => text.clone_into(&mut self.name),
            Column::Former => self.former_names.extend(names()),
            Column::RenamedOn => self.renamed_on = dates::day(text),
            Column::Alias => self.aliases.extend(names()),
            Column::Uscc => text.clone_into(&mut self.uscc),
            Column::Source => text.clone_into(&mut self.source),
            Column::Verified => text.clone_into(&mut self.verified),
            Column::Note => text.clone_into(&mut self.note),
        }
    }

    fn is_empty(&self) -> bool {
        self.approval_number.is_empty() && self.name.is_empty() && self.faults.is_empty()
    }
}

impl Rows for Table<'_> {
    fn limits(&self) -> &Limits {
        self.limits
    }

    fn is_header(&self, cells: &[Cell]) -> bool {
        header(cells).is_some()
    }

    fn begin_sheet(&mut self, name: &str) {
        name.clone_into(&mut self.sheet);
        self.header = None;
    }

    fn row(&mut self, row: &Row) -> Result<ControlFlow<()>, ReadError> {
        if let Some(columns) = header(&row.cells) {
            let ignored = row.cells.iter().map(header_text).filter(|it| !it.is_empty() && column(it).is_none());
            self.list.ignored_columns.extend(ignored);
            let heading = |cell| Heading { text: header_text(cell), word: None };
            self.span = Span::of(&row.cells.iter().map(heading).collect::<Vec<_>>(), row);
            (self.header, self.found) = (Some(columns), true);
            return Ok(ControlFlow::Continue(()));
        }
        if let Some(header) = &self.header {
            let mut entry = self.entry(header, row);
            if let Some(position) = self.span.stray(row).filter(|_| !entry.is_empty()) {
                let fault = Fault::new("整行", FaultCode::TooManyCells, "").at(cell_name(row.number, position));
                entry.faults.push(fault);
            }
            let first = row.cells.iter().find(|it| **it != Cell::Blank).map(beginning).unwrap_or_default();
            let is_below = is_note(&first) && entry.approval_number.parse::<ApprovalNumber>().is_err();
            if !entry.is_empty() && !is_below {
                self.list.rows.push(entry);
            }
            let rows = u64::try_from(self.list.rows.len()).unwrap_or(u64::MAX);
            crate::errors::Measure::Rows.within(rows, self.limits.rows)?;
        }
        Ok(ControlFlow::Continue(()))
    }

    fn end_sheet(&mut self) {}

    fn pass_sheet(&mut self, _: &str, _: SheetOutcome) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn read(csv: &str) -> Result<BodyList, ReadError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), csv).unwrap();
        read_bodies(file.path(), &Limits::default())
    }

    #[test]
    fn a_row_has_the_names_of_a_body_in_any_order_of_columns() {
        let list = read(
            "认证机构登记表\n来源,机构名称（必填）,批准号,曾用名,简称,更名日期,电话\n\
             公告,示例认证有限公司,CNCA-R-2021-999,示例认证中心；示例中心,SLRZ、示例,2025年7月1日,123\n",
        )
        .unwrap();

        let row = &list.rows[0];
        assert_eq!((row.row, row.approval_number.as_str(), row.source.as_str()), (3, "CNCA-R-2021-999", "公告"));
        assert_eq!(
            (&row.former_names[..], &row.aliases[..]),
            (&["示例认证中心", "示例中心"].map(str::to_owned)[..], &["SLRZ", "示例"].map(str::to_owned)[..])
        );
        assert_eq!((row.renamed_on, list.ignored_columns), (Some(date(2025, 7, 1)), vec!["电话".to_owned()]));
    }

    #[test]
    fn what_is_lost_in_a_cell_is_told_and_a_table_without_header_refused() {
        let list = read("批准号,机构名称,更名日期\nCNCA-R-2021-999,#N/A,去年\n").unwrap();
        let faults: Vec<_> = list.rows[0].faults.iter().map(|it| (it.column, it.code)).collect();

        assert_eq!(faults, [("机构名称", FaultCode::ErrorWord), ("更名日期", FaultCode::BadDate)]);
        assert!(matches!(read("机构,电话\n甲,1\n"), Err(ReadError::NoHeader)));
    }

    #[test]
    fn a_value_below_no_header_is_told() {
        let list = read("批准号,,机构名称,\nCNCA-R-2021-999,旧名,甲认证公司,\nCNCA-R-2021-998,,乙认证公司,\n").unwrap();
        let faults: Vec<_> =
            list.rows.iter().map(|it| it.faults.first().map(|it| (it.code, it.cell.clone()))).collect();
        assert_eq!(faults, [Some((FaultCode::TooManyCells, "B2".to_owned())), None]);
        // Rows may be numbered.
        let list = read(",批准号,机构名称\n1,CNCA-R-2021-999,甲认证公司\n").unwrap();
        assert_eq!(list.rows[0].faults, []);
    }

    #[test]
    fn a_header_may_be_numbered_and_a_total_is_no_body() {
        for header in ["1、批准号：,2、机构名称：", "（1）批准号,（2）机构名称", "1.批准号*,2.机构名称（必填）"]
        {
            let list = read(&format!("{header}\nCNCA-R-2021-999,甲认证公司\n合计,1家\n注：以批准书为准,\n")).unwrap();
            let names: Vec<_> = list.rows.iter().map(|it| it.name.as_str()).collect();
            assert_eq!(names, ["甲认证公司"], "{header}");
        }
        let list = read("机构名称,批准号\n共计认证公司,CNCA-R-2021-999\n合计,1\n").unwrap();
        assert_eq!(list.rows.len(), 1);
    }
}
