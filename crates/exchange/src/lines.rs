//! Reads the lines of a batch push: a JSON array, JSON Lines, or the table that certification bodies report to CNCA.
//!
//! [`read_lines`] gives one line after the other and keeps none, so that a batch may be larger than memory.
//! It knows how a line is framed and, of a table, in which field of a record each column belongs; whether a record is
//! complete and right is asked by whoever takes the line.
//!
//! # What is a fault and what an error
//!
//! A line that can be told from the next one but not be read is a [`Line`] with its faults: JSON of JSON Lines that
//! does not parse or is not UTF-8, a line that is too long, a cell that is no day.
//! Where the next line cannot be found for sure, the whole input is refused: an array in which something is no JSON, a
//! table without header, a quote that takes rows in, too many lines.
//!
//! # What is not read
//!
//! Columns of persons never leave the reader; what was dropped, and why, stands in [`Summary::dropped_columns`].

mod array;
mod entry;
mod errors;
mod header;
mod held;
mod json_lines;
mod line;
mod record;
mod table;
mod values;

use std::io::{BufReader, Read, Seek};
use std::ops::ControlFlow;

pub use errors::LinesError;
pub use header::{DropReason, DroppedColumn};
pub use line::{Line, LineLimits, Note, PassedRow};

use line::Taker;
use table::LeftOut;

/// How the lines are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One JSON array, each element a line.
    JsonArray,
    /// JSON Lines: one JSON text on each line that is not blank.
    JsonLines,
    /// An xlsx or csv table with the columns of [`lvcai_domain::reference::certificate_fields`].
    Table,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many lines were given.
    pub lines: u64,
    /// The columns of a table that were not read, each once, at most one hundred.
    pub dropped_columns: Vec<DroppedColumn>,
    /// The rows of a table that were taken for no line, at most one hundred.
    pub passed_rows: Vec<PassedRow>,
}

/// Reads the lines from the beginning of the input, gives each to `each`, and stops where that says so.
///
/// # Errors
///
/// [`LinesError::TooManyLines`] before the line that is one too many, [`LinesError::Broken`] where an array is no
/// JSON, [`LinesError::NoHeader`] and [`LinesError::SeveralTables`] when not exactly one sheet has a header row,
/// [`LinesError::Table`] when a table cannot be read as [`crate::read_list`] would, [`LinesError::Io`] when the input
/// fails.
/// Lines that were given before an error stay given.
pub fn read_lines(
    mut source: impl Read + Seek,
    form: Form,
    limits: &LineLimits,
    each: &mut dyn FnMut(Line) -> ControlFlow<()>,
) -> Result<Summary, LinesError> {
    source.rewind()?;
    let mut taker = Taker { limits, each, lines: 0 };
    let left_out = match form {
        Form::JsonArray => array::read(BufReader::new(source), &mut taker).map(|()| LeftOut::default()),
        Form::JsonLines => json_lines::read(BufReader::new(source), &mut taker).map(|()| LeftOut::default()),
        Form::Table => table::read(source, &mut taker),
    }?;
    Ok(Summary { lines: taker.lines, dropped_columns: left_out.columns, passed_rows: left_out.rows })
}

#[cfg(test)]
mod tests;
