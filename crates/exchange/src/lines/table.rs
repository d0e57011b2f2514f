//! A table of certificates: each row below the header becomes the JSON of a record.
//!
//! Rows are not joined, continued or filled from above, but for merged cells: a report has one row for each
//! certificate.

use std::io::Read;
use std::ops::ControlFlow;

use super::errors::LinesError;
use super::header::{DroppedColumn, Header};
use super::line::{Line, PassedRow, Taker};
use super::record::{self, Taken};
use crate::cells::Cell;
use crate::errors::ReadError;
use crate::headers::{self, Above};
use crate::limits::Limits;
use crate::list::SheetOutcome;
use crate::rows::{Row, Rows};
use crate::span::Span;

/// How many dropped columns and passed rows are told.
const REMARKS: usize = 100;

/// What was not read of a table.
#[derive(Default)]
pub(super) struct LeftOut {
    pub(super) columns: Vec<DroppedColumn>,
    pub(super) rows: Vec<PassedRow>,
}

/// Reads the one sheet that has a header.
pub(super) fn read(source: impl Read, taker: &mut Taker<'_>) -> Result<LeftOut, LinesError> {
    let mut table = Table {
        taker,
        sheet: String::new(),
        header: None,
        above: Above::default(),
        span: Span::default(),
        found: None,
        left_out: LeftOut::default(),
        failed: None,
    };
    let outcome = crate::read_table(source, &mut table);
    if let Some(error) = table.failed {
        return Err(error);
    }
    outcome.map_err(|error| match error {
        ReadError::Io(error) => LinesError::Io(error),
        error => LinesError::Table(error),
    })?;
    table.found.map(|_| table.left_out).ok_or(LinesError::NoHeader)
}

struct Table<'a, 'b> {
    taker: &'a mut Taker<'b>,
    sheet: String,
    /// The last header of the sheet.
    header: Option<Header>,
    /// The row above, which may be part of a header.
    above: Above,
    /// Where its headers stand.
    span: Span,
    /// The sheet that has one.
    found: Option<String>,
    left_out: LeftOut,
    /// Why no further row is wanted, if that is an error.
    failed: Option<LinesError>,
}

impl Table<'_, '_> {
    fn begin(&mut self, header: Header) -> Result<(), LinesError> {
        let found = self.found.get_or_insert_with(|| self.sheet.clone());
        if self.header.is_none() && *found != self.sheet {
            return Err(LinesError::SeveralTables { first: found.clone(), second: self.sheet.clone() });
        }
        for column in &header.dropped {
            if self.left_out.columns.len() < REMARKS && !self.left_out.columns.contains(column) {
                self.left_out.columns.push(column.clone());
            }
        }
        self.header = Some(header);
        Ok(())
    }

    fn take(&mut self, row: &Row) -> Result<ControlFlow<()>, LinesError> {
        let texts = headers::texts(&row.cells);
        if let Some((header, headings)) = Header::find(&self.above, (row.number, &row.cells), &texts) {
            self.span = Span::of(&headings, row);
            self.above = Above::header(row.number, texts, &headings);
            return self.begin(header).map(ControlFlow::Continue);
        }
        self.above = Above::row(row.number, texts);
        let Some(header) = &self.header else { return Ok(ControlFlow::Continue(())) };
        match record::read(header, &self.sheet, row, self.span.stray(row), self.taker.limits) {
            Taken::Nothing => Ok(ControlFlow::Continue(())),
            Taken::Passed(text) => {
                if self.left_out.rows.len() < REMARKS {
                    self.left_out.rows.push(PassedRow { number: row.number.into(), text });
                }
                Ok(ControlFlow::Continue(()))
            }
            Taken::Line { json, record, notes } => {
                self.taker.take(Line { number: row.number.into(), json, record, notes })
            }
        }
    }
}

impl Rows for Table<'_, '_> {
    fn limits(&self) -> &Limits {
        &self.taker.limits.table
    }

    fn is_header(&self, cells: &[Cell]) -> bool {
        Header::find(&Above::default(), (1, cells), &headers::texts(cells)).is_some()
    }

    fn begin_sheet(&mut self, name: &str) {
        name.clone_into(&mut self.sheet);
        self.header = None;
        self.above = Above::default();
    }

    fn row(&mut self, row: &Row) -> Result<ControlFlow<()>, ReadError> {
        Ok(self.take(row).unwrap_or_else(|error| {
            self.failed = Some(error);
            ControlFlow::Break(())
        }))
    }

    fn end_sheet(&mut self) {}

    fn pass_sheet(&mut self, _: &str, _: SheetOutcome) {}
}
