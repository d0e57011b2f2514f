//! Turns rows of cells into entries, by the rules in the crate's documentation.
//!
//! It does not know whether the cells came from xlsx or csv.

mod entry;

use std::ops::ControlFlow;

use crate::cells::{Cell, compact, one_line};
use crate::columns::{Column, Header};
use crate::errors::{Measure, ReadError};
use crate::limits::Limits;
use crate::list::weight_of;
use crate::list::{Caption, List, ListRow, Sheet, SheetOutcome};
use crate::rows::Rows;
use entry::Fields;

/// How many captions and ignored headers are kept.
const REMARKS: usize = 100;
/// Beginnings of rows below a table.
const NOTES: &[&str] = &["合计", "总计", "小计", "共计", "注:", "注1", "备注:", "说明:", "填表", "制表", "审核"];

/// A reading in progress.
pub(crate) struct Reading<'a> {
    limits: &'a Limits,
    progress: &'a mut dyn FnMut(u64),
    list: List,
    text_bytes: usize,
    sheet: String,
    header: Option<Header>,
    titles: Vec<Caption>,
    /// Whether the last row of the list is one that this row may continue or inherit from.
    follows: bool,
    rows_before: usize,
}

/// What a row is.
enum Meaning {
    Nothing,
    Caption,
    Continuation,
    Entry,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(limits: &'a Limits, progress: &'a mut dyn FnMut(u64)) -> Self {
        Self {
            limits,
            progress,
            list: List::default(),
            text_bytes: 0,
            sheet: String::new(),
            header: None,
            titles: Vec::new(),
            follows: false,
            rows_before: 0,
        }
    }

    pub(crate) fn finish(self) -> Result<List, ReadError> {
        if !self.list.sheets.iter().any(|it| matches!(it.outcome, SheetOutcome::Read { .. })) {
            return Err(ReadError::NoHeader);
        }
        (self.progress)(count(self.list.rows.len()));
        Ok(self.list)
    }

    fn take(&mut self, number: u32, cells: &[Cell]) -> Result<(), ReadError> {
        if let Some(header) = Header::find(cells) {
            self.begin_table(header);
            return Ok(());
        }
        let Some(header) = &self.header else {
            if self.titles.len() < REMARKS {
                self.titles.extend(caption(&self.sheet, number, cells));
            }
            return Ok(());
        };
        let fields = Fields::gather(header, cells, self.limits.cell_chars);
        match self.meaning(&fields, header, cells) {
            Meaning::Nothing => Ok(()),
            Meaning::Caption => {
                self.follows = false;
                if self.list.captions.len() < REMARKS {
                    self.list.captions.extend(caption(&self.sheet, number, cells));
                }
                Ok(())
            }
            Meaning::Continuation => self.continue_entry(fields),
            Meaning::Entry => {
                let entry = fields.entry(header);
                self.add(ListRow { row: number, sheet: self.sheet.clone(), ..entry })
            }
        }
    }

    fn begin_table(&mut self, header: Header) {
        self.list.captions.append(&mut self.titles);
        self.list.captions.truncate(REMARKS);
        for name in &header.ignored {
            if self.list.ignored_columns.len() < REMARKS && !self.list.ignored_columns.contains(name) {
                self.list.ignored_columns.push(name.clone());
            }
        }
        self.header = Some(header);
    }

    fn meaning(&self, fields: &Fields, header: &Header, cells: &[Cell]) -> Meaning {
        if fields.is_empty() {
            return Meaning::Nothing;
        }
        if is_caption(fields, cells) {
            return Meaning::Caption;
        }
        let within = fields.only(&[Column::Models, Column::Product, Column::Remark]);
        let own = fields.has(Column::Product) && !header.has(Column::Number);
        if self.follows && within && !own { Meaning::Continuation } else { Meaning::Entry }
    }

    fn continue_entry(&mut self, fields: Fields) -> Result<(), ReadError> {
        let limit = self.limits.cell_chars;
        let Some(above) = self.list.rows.last_mut() else { return Ok(()) };
        let models = fields.models();
        let before = above.product_name.len() + above.remark.len();
        let faults = above.faults.len();
        for (column, text) in [(Column::Product, &mut above.product_name), (Column::Remark, &mut above.remark)] {
            above.faults.extend(fields.append(column, text, limit));
        }
        above.faults.extend(fields.into_faults());
        let added = above.faults.iter().skip(faults).map(|it| size_of_val(it) + it.value.len()).sum::<usize>();
        let texts = (above.product_name.len() + above.remark.len()).saturating_sub(before);
        self.text_bytes = self.text_bytes.saturating_add(added + texts + weight_of(&models));
        above.models.extend(models);
        Measure::TextBytes.within(self.text_bytes, self.limits.text_bytes)
    }

    fn add(&mut self, mut entry: ListRow) -> Result<(), ReadError> {
        if self.follows
            && let Some(above) = self.list.rows.last()
        {
            entry::inherit(&mut entry, above);
        }
        entry::note_missing(&mut entry);
        self.text_bytes = self.text_bytes.saturating_add(entry.weight());
        Measure::TextBytes.within(self.text_bytes, self.limits.text_bytes)?;
        self.list.rows.push(entry);
        self.follows = true;
        let rows = count(self.list.rows.len());
        Measure::Rows.within(rows, self.limits.rows)?;
        if rows.is_multiple_of(1_000) {
            (self.progress)(rows);
        }
        Ok(())
    }
}

impl Rows for Reading<'_> {
    fn limits(&self) -> &Limits {
        self.limits
    }

    fn is_header(&self, cells: &[Cell]) -> bool {
        Header::find(cells).is_some()
    }

    fn row(&mut self, number: u32, cells: &[Cell]) -> Result<ControlFlow<()>, ReadError> {
        self.take(number, cells).map(ControlFlow::Continue)
    }

    fn begin_sheet(&mut self, name: &str) {
        name.clone_into(&mut self.sheet);
        self.header = None;
        self.titles.clear();
        self.follows = false;
        self.rows_before = self.list.rows.len();
    }

    fn end_sheet(&mut self) {
        let rows = count(self.list.rows.len() - self.rows_before);
        let outcome = if self.header.is_some() { SheetOutcome::Read { rows } } else { SheetOutcome::NoHeader };
        self.list.sheets.push(Sheet { name: self.sheet.clone(), outcome });
    }

    fn pass_sheet(&mut self, name: &str, outcome: SheetOutcome) {
        self.list.sheets.push(Sheet { name: name.to_owned(), outcome });
    }
}

/// Tells whether the first text of a row is the beginning of a note below a table.
pub(crate) fn is_note(first: &str) -> bool {
    first == "注" || NOTES.iter().any(|it| first.starts_with(it))
}

fn is_caption(fields: &Fields, cells: &[Cell]) -> bool {
    let mut filled = cells.iter().filter(|it| **it != Cell::Blank);
    let Some(first) = filled.next().map(|it| compact(&it.shown())) else { return false };
    let note = is_note(&first) && !fields.has(Column::Number);
    let alone = filled.next().is_none();
    let section = first.trim_start_matches('(').trim_start_matches(|c| "一二三四五六七八九十".contains(c));
    let numbered = section.len() < first.len() && section.starts_with(['、', ')']);
    let under_serial = fields.only(&[Column::Serial]) && !first.chars().all(|c| c.is_ascii_digit());
    note || alone && (numbered || under_serial)
}

fn caption(sheet: &str, row: u32, cells: &[Cell]) -> Option<Caption> {
    let text = cells.iter().map(|it| one_line(&it.shown())).filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ");
    let text: String = text.chars().take(500).collect();
    (!text.is_empty()).then(|| Caption { sheet: sheet.to_owned(), row, text })
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
