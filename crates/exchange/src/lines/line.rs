//! A line of a batch, how much one may hold, and who takes the lines.

use super::errors::LinesError;
use crate::faults::FaultCode;
use crate::limits::Limits;
use lvcai_domain::{Bilingual, Fault};
use std::ops::ControlFlow;

/// The bounds of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineLimits {
    /// Lines of the batch: 10,000.
    pub lines: u64,
    /// Bytes of one line as JSON, which is what is held in memory; a longer one is a fault: 256 KiB.
    pub line_bytes: usize,
    /// The bounds of a table, which is held in memory whole; its `rows` and `text_bytes` do not count here.
    ///
    /// 256 columns, for there are 77 known ones and bodies add their own, and cells as long as Excel allows.
    pub table: Limits,
}

impl Default for LineLimits {
    fn default() -> Self {
        let table = Limits { columns: 256, cell_chars: 32_767, ..Limits::default() };
        Self { lines: 10_000, line_bytes: 256 * 1024, table }
    }
}

/// One line of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it stands in the input, from 1: the element of the array, the line of the file, the row of the sheet.
    pub number: u64,
    /// Its JSON, well formed but otherwise unchecked, or what is wrong with it.
    pub json: Result<String, Vec<Fault>>,
    /// The number of its record, where a line of a table has one, whatever else is wrong with it.
    pub record: Option<String>,
    /// What was done to its values, which are usable.
    pub notes: Vec<Note>,
}

impl Line {
    /// A line that states what it says in one text.
    pub(super) fn of(number: u64, json: Result<String, Vec<Fault>>) -> Self {
        Self { number, json, record: None, notes: Vec::new() }
    }
}

/// What was done to a value of a line so that it could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// A JSON Pointer into the line; empty where the whole line is meant.
    pub pointer: String,
    /// What was done.
    pub code: FaultCode,
    /// The same, with the cell and its value.
    pub detail: Bilingual,
}

/// A row below a header that was passed over, being no line: a total, a note, an explanation of the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedRow {
    /// Its number, as lines are numbered.
    pub number: u64,
    /// What it says, at most 100 characters of it.
    pub text: String,
}

/// Passes lines on and counts them.
pub(super) struct Taker<'a> {
    pub(super) limits: &'a LineLimits,
    pub(super) each: &'a mut dyn FnMut(Line) -> ControlFlow<()>,
    pub(super) lines: u64,
}

impl Taker<'_> {
    pub(super) fn take(&mut self, line: Line) -> Result<ControlFlow<()>, LinesError> {
        if self.lines >= self.limits.lines {
            return Err(LinesError::TooManyLines { limit: self.limits.lines });
        }
        self.lines += 1;
        Ok((self.each)(line))
    }
}
