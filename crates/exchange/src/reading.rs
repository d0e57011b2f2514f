//! Turns rows of cells into entries, by the rules in the crate's documentation.
//!
//! It does not know whether the cells came from xlsx or csv.

mod entry;

use std::ops::ControlFlow;

use crate::cells::{Cell, cell_name};
use crate::columns::{Column, Header, Named};
use crate::errors::{Measure, ReadError};
use crate::faults::FaultCode;
use crate::headers::{self, Above, Heading};
use crate::limits::Limits;
use crate::list::weight_of;
use crate::list::{Caption, List, ListRow, Sheet, SheetOutcome};
use crate::notes;
use crate::rows::{Row, Rows};
use crate::span::Span;
use entry::Fields;
use lvcai_domain::one_line;

/// How many headers are kept: those of one table at least.
const HEADERS: usize = 1_000;
/// How many captions and ignored headers are kept.
const REMARKS: usize = 100;

/// A reading in progress.
pub(crate) struct Reading<'a> {
    limits: &'a Limits,
    named: &'a Named,
    progress: &'a mut dyn FnMut(u64),
    list: List,
    text_bytes: usize,
    sheet: String,
    header: Option<Header>,
    /// The row above, which may be part of a header.
    above: Above,
    /// Where its headers stand.
    span: Span,
    titles: Vec<Caption>,
    /// What the entry above says, where this row may continue or inherit from it.
    follows: Option<Fields>,
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
    pub(crate) fn new(limits: &'a Limits, named: &'a Named, progress: &'a mut dyn FnMut(u64)) -> Self {
        Self {
            limits,
            named,
            progress,
            list: List::default(),
            text_bytes: 0,
            sheet: String::new(),
            header: None,
            above: Above::default(),
            span: Span::default(),
            titles: Vec::new(),
            follows: None,
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

    fn take(&mut self, row: &Row) -> Result<(), ReadError> {
        let texts = headers::texts(&row.cells);
        if let Some((header, headings)) = Header::find(&self.above, (row.number, &row.cells), &texts, self.named) {
            self.span = Span::of(&headings, row);
            self.above = Above::header(row.number, texts, &headings);
            self.begin_table(header, &headings);
            return Ok(());
        }
        self.above = Above::row(row.number, texts);
        let Some(header) = &self.header else {
            if self.titles.len() < REMARKS {
                self.titles.extend(caption(&self.sheet, row));
            }
            return Ok(());
        };
        let mut fields = Fields::gather(header, row, self.limits.cell_chars);
        if let Some(position) = self.span.stray(row) {
            fields.note(Column::Models, FaultCode::TooManyCells, cell_name(row.number, position));
        }
        match self.meaning(&fields, header, row) {
            Meaning::Nothing => Ok(()),
            Meaning::Caption => {
                self.follows = None;
                if self.list.captions.len() < REMARKS {
                    self.list.captions.extend(caption(&self.sheet, row));
                }
                Ok(())
            }
            Meaning::Continuation => self.continue_entry(fields),
            Meaning::Entry => {
                if let Some(above) = &self.follows {
                    fields.inherit(header, above);
                }
                fields.settle();
                let follows = fields.known();
                let entry = fields.entry(header, row);
                self.add(ListRow { row: row.number, sheet: self.sheet.clone(), ..entry }, follows)
            }
        }
    }

    fn begin_table(&mut self, header: Header, headings: &[Heading]) {
        for Heading { text, .. } in headings.iter().filter(|it| !it.text.is_empty()) {
            if self.list.headers.len() < HEADERS && !self.list.headers.contains(text) {
                self.list.headers.push(text.clone());
            }
        }
        self.list.captions.append(&mut self.titles);
        self.list.captions.truncate(REMARKS);
        for name in &header.ignored {
            if self.list.ignored_columns.len() < REMARKS && !self.list.ignored_columns.contains(name) {
                self.list.ignored_columns.push(name.clone());
            }
        }
        self.header = Some(header);
    }

    fn meaning(&self, fields: &Fields, header: &Header, row: &Row) -> Meaning {
        if fields.is_empty() {
            return Meaning::Nothing;
        }
        if is_caption(fields, row) {
            return Meaning::Caption;
        }
        let within = fields.only(&[Column::Models, Column::Product, Column::Remark]);
        // Below a merged number a product of its own is another product of the certificate.
        let numbered = header.has(Column::Number) && !fields.is_merged(Column::Number);
        let own = fields.has(Column::Product) && !numbered;
        if self.follows.is_some() && within && !own { Meaning::Continuation } else { Meaning::Entry }
    }

    fn continue_entry(&mut self, mut fields: Fields) -> Result<(), ReadError> {
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

    fn add(&mut self, entry: ListRow, follows: Fields) -> Result<(), ReadError> {
        self.text_bytes = self.text_bytes.saturating_add(entry.weight());
        Measure::TextBytes.within(self.text_bytes, self.limits.text_bytes)?;
        self.list.rows.push(entry);
        self.follows = Some(follows);
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
        Header::find(&Above::default(), (1, cells), &headers::texts(cells), self.named).is_some()
    }

    fn row(&mut self, row: &Row) -> Result<ControlFlow<()>, ReadError> {
        self.take(row).map(ControlFlow::Continue)
    }

    fn begin_sheet(&mut self, name: &str) {
        name.clone_into(&mut self.sheet);
        self.header = None;
        self.above = Above::default();
        self.span = Span::default();
        self.titles.clear();
        self.follows = None;
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

fn is_caption(fields: &Fields, row: &Row) -> bool {
    let own = || (0..).zip(&row.cells).filter(|(at, it)| **it != Cell::Blank && !row.merged.contains(at));
    let mut filled = own();
    let Some((_, first)) = filled.next() else { return false };
    let first = notes::beginning(first);
    let note = notes::note(own().map(|it| it.1)).is_some()
        && !fields.names(Column::Enterprise)
        && !fields.names(Column::Product);
    let alone = filled.next().is_none();
    let section = first.trim_start_matches('(').trim_start_matches(|c| "一二三四五六七八九十".contains(c));
    let numbered = section.len() < first.len() && section.starts_with(['、', ')']);
    let under_serial = fields.only(&[Column::Serial]) && !first.chars().all(|c| c.is_ascii_digit());
    note || alone && (numbered || under_serial)
}

fn caption(sheet: &str, row: &Row) -> Option<Caption> {
    let cells = (0..).zip(&row.cells).filter(|(at, _)| !row.merged.contains(at));
    let text = cells.map(|(_, it)| one_line(&it.shown())).filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ");
    let text: String = text.chars().take(500).collect();
    (!text.is_empty()).then(|| Caption { sheet: sheet.to_owned(), row: row.number, text })
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
