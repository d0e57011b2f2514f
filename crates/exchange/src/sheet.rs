//! Gathers the cells of a sheet into its rows.

use std::ops::ControlFlow;

use crate::cells::Cell;
use crate::errors::{Measure, ReadError};
use crate::marks::{Marks, place};
use crate::rows::{MAX_ROWS, Row, Rows};

/// The rows of a sheet, as its cells come row by row.
pub(crate) struct Gathering<'a> {
    marks: Marks,
    row: Row,
    rows: &'a mut dyn Rows,
}

impl<'a> Gathering<'a> {
    /// Begins a sheet.
    pub(crate) fn begin(name: &str, marks: Marks, rows: &'a mut dyn Rows) -> Self {
        rows.begin_sheet(name);
        Self { marks, row: Row { number: 1, ..Row::default() }, rows }
    }

    /// Takes a cell by its row and column, from 0; `is_struck` says that its text is struck out.
    pub(crate) fn cell(
        &mut self,
        (at, column): (u32, u32),
        value: Cell,
        is_struck: bool,
    ) -> Result<ControlFlow<()>, ReadError> {
        let value = self.marks.formula((at, column)).unwrap_or(value);
        if value == Cell::Blank {
            return Ok(ControlFlow::Continue(()));
        }
        Measure::Columns.within(u64::from(column) + 1, self.rows.limits().columns)?;
        let number = at.saturating_add(1);
        if number < self.row.number || at >= MAX_ROWS {
            return Err(ReadError::damaged("rows are not in order"));
        }
        if number > self.row.number {
            if self.pass()?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            self.row = Row { number, ..Row::default() };
        }
        self.row.is_struck |= is_struck || self.marks.struck.contains(&(at, column));
        place(&mut self.row.cells, usize::try_from(column).unwrap_or(usize::MAX), value);
        Ok(ControlFlow::Continue(()))
    }

    /// Ends the sheet with its last row.
    pub(crate) fn end(mut self) -> Result<ControlFlow<()>, ReadError> {
        let flow = self.pass()?;
        self.rows.end_sheet();
        Ok(flow)
    }

    fn pass(&mut self) -> Result<ControlFlow<()>, ReadError> {
        self.marks.apply(&mut self.row);
        self.rows.row(&self.row)
    }
}
