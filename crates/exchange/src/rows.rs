//! Where the readers of xlsx, xls and csv put the rows they find.
//!
//! A reader knows cells and sheets; what a row means is known behind this trait alone.

use std::ops::ControlFlow;

use crate::cells::Cell;
use crate::errors::ReadError;
use crate::limits::Limits;
use crate::list::SheetOutcome;

/// Rows of a sheet, as Excel has them.
pub(crate) const MAX_ROWS: u32 = 1_048_576;

/// A row as it stands in its sheet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    /// Its number, from 1; of csv the line on which it begins.
    pub(crate) number: u32,
    pub(crate) cells: Vec<Cell>,
    /// Positions whose cells are those of a merged one that begins above.
    pub(crate) merged: Vec<usize>,
    /// Whether nobody sees it, being hidden or filtered out.
    pub(crate) is_hidden: bool,
    /// Positions in columns that nobody sees.
    pub(crate) hidden: Vec<usize>,
    /// Whether a text in it is struck out, as a whole or in part.
    pub(crate) is_struck: bool,
    /// Of csv, how many fields the record has, blank ones at its end included.
    pub(crate) fields: Option<usize>,
}

/// Takes the sheets of a file, row by row.
pub(crate) trait Rows {
    /// The bounds within which the file is read.
    fn limits(&self) -> &Limits;

    /// Tells whether a row is a header; csv is read with the delimiter that gives one.
    fn is_header(&self, cells: &[Cell]) -> bool;

    /// Begins a sheet; a csv file is one sheet without a name.
    fn begin_sheet(&mut self, name: &str);

    /// Takes the next row and says whether it wants another.
    fn row(&mut self, row: &Row) -> Result<ControlFlow<()>, ReadError>;

    /// Ends the sheet.
    fn end_sheet(&mut self);

    /// Notes a sheet that is not read.
    fn pass_sheet(&mut self, name: &str, outcome: SheetOutcome);
}
