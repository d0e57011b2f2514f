//! Where the readers of xlsx and csv put the rows they find.
//!
//! A reader knows cells and sheets; what a row means is known behind this trait alone.

use std::ops::ControlFlow;

use crate::cells::Cell;
use crate::errors::ReadError;
use crate::limits::Limits;
use crate::list::SheetOutcome;

/// Takes the sheets of a file, row by row.
pub(crate) trait Rows {
    /// The bounds within which the file is read.
    fn limits(&self) -> &Limits;

    /// Tells whether a row is a header; csv is read with the delimiter that gives one.
    fn is_header(&self, cells: &[Cell]) -> bool;

    /// Begins a sheet; a csv file is one sheet without a name.
    fn begin_sheet(&mut self, name: &str);

    /// Takes the next row, `number` counting from 1, and says whether it wants another.
    fn row(&mut self, number: u32, cells: &[Cell]) -> Result<ControlFlow<()>, ReadError>;

    /// Ends the sheet.
    fn end_sheet(&mut self);

    /// Notes a sheet that is not read.
    fn pass_sheet(&mut self, name: &str, outcome: SheetOutcome);
}
