//! A table of certificates: each row below the header becomes the JSON of a record.
//!
//! Rows are not joined, continued or filled from above: a report has one row for each certificate.

use std::io::Read;
use std::ops::ControlFlow;

use super::errors::LinesError;
use super::header::{DroppedColumn, Header};
use super::line::{Line, Taker};
use super::record;
use crate::cells::Cell;
use crate::errors::ReadError;
use crate::limits::Limits;
use crate::list::SheetOutcome;
use crate::rows::Rows;

/// How many dropped columns are told.
const REMARKS: usize = 100;

/// Reads the one sheet that has a header.
pub(super) fn read(source: impl Read, taker: &mut Taker<'_>) -> Result<Vec<DroppedColumn>, LinesError> {
    let mut table = Table { taker, sheet: String::new(), header: None, found: None, dropped: Vec::new(), failed: None };
    let outcome = crate::read_table(source, &mut table);
    if let Some(error) = table.failed {
        return Err(error);
    }
    outcome.map_err(|error| match error {
        ReadError::Io(error) => LinesError::Io(error),
        error => LinesError::Table(error),
    })?;
    table.found.map(|_| table.dropped).ok_or(LinesError::NoHeader)
}

struct Table<'a, 'b> {
    taker: &'a mut Taker<'b>,
    sheet: String,
    /// The last header of the sheet.
    header: Option<Header>,
    /// The sheet that has one.
    found: Option<String>,
    dropped: Vec<DroppedColumn>,
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
            if self.dropped.len() < REMARKS && !self.dropped.contains(column) {
                self.dropped.push(column.clone());
            }
        }
        self.header = Some(header);
        Ok(())
    }

    fn take(&mut self, number: u32, cells: &[Cell]) -> Result<ControlFlow<()>, LinesError> {
        if let Some(header) = Header::find(cells) {
            return self.begin(header).map(ControlFlow::Continue);
        }
        let json = self.header.as_ref().and_then(|header| record::read(header, cells, self.taker.limits));
        match json {
            Some(json) => self.taker.take(Line { number: number.into(), json }),
            None => Ok(ControlFlow::Continue(())),
        }
    }
}

impl Rows for Table<'_, '_> {
    fn limits(&self) -> &Limits {
        &self.taker.limits.table
    }

    fn is_header(&self, cells: &[Cell]) -> bool {
        Header::find(cells).is_some()
    }

    fn begin_sheet(&mut self, name: &str) {
        name.clone_into(&mut self.sheet);
        self.header = None;
    }

    fn row(&mut self, number: u32, cells: &[Cell]) -> Result<ControlFlow<()>, ReadError> {
        Ok(self.take(number, cells).unwrap_or_else(|error| {
            self.failed = Some(error);
            ControlFlow::Break(())
        }))
    }

    fn end_sheet(&mut self) {}

    fn pass_sheet(&mut self, _: &str, _: SheetOutcome) {}
}
