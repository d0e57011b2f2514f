//! What a sheet says beside the values of its cells: merged cells, hidden rows and columns, texts that are struck out in
//! part, formulas that nobody has computed.
//!
//! calamine gives values and styles; a formula without a value is to it a cell like a blank one.
//! It is read before the values, for merged cells are listed below them.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::BufReader;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use crate::cells::Cell;
use crate::errors::{Measure, ReadError};
use crate::faults::FaultCode;
use crate::package::{Package, attribute};
use crate::rows::{MAX_ROWS, Row};
use crate::struck;

/// How many merged cells, and how many formulas, are remembered of a sheet.
const REMEMBERED: u64 = 500_000;

/// The last column that a sheet can have, from 0.
const MAX_COLUMNS: u32 = 16_383;
/// Characters of a value that are looked at: those of the number of a shared text.
const NUMBER: usize = 10;

/// A cell's row and column, from 0.
pub(crate) type Position = (u32, u32);

/// The marks of one sheet.
#[derive(Default)]
pub(crate) struct Marks {
    /// Cells that are merged downwards: the first row with the column and the last row.
    merged: BTreeMap<u32, Vec<(u32, u32)>>,
    /// Merged cells that reach into the present row, by their columns: the last row and the value.
    open: BTreeMap<u32, (u32, Cell)>,
    /// Rows that nobody sees.
    pub(crate) hidden: BTreeSet<u32>,
    /// Columns that nobody sees.
    hidden_columns: BTreeSet<usize>,
    /// Cells whose text is struck out in part.
    pub(crate) struck: HashSet<Position>,
    /// Formulas without a value.
    pub(crate) uncomputed: HashSet<Position>,
    /// Formulas whose value is an empty text.
    empty: HashSet<Position>,
}

impl Marks {
    /// Reads the marks of a sheet; `recomputed` says that the file's values are not those of its formulas.
    ///
    /// `struck` are the shared texts that are struck out in part.
    pub(crate) fn read(
        package: &Package,
        part: &str,
        recomputed: bool,
        struck: &HashSet<u32>,
    ) -> Result<Self, ReadError> {
        let mut archive = ZipArchive::new(std::io::Cursor::new(&package.data)).map_err(ReadError::damaged)?;
        let part = archive.by_name(part).map_err(ReadError::damaged)?;
        let mut reader = Reader::from_reader(BufReader::new(part));
        reader.config_mut().expand_empty_elements = true;
        reader.config_mut().check_end_names = false;
        let mut scan = Scan { recomputed, shared: struck.clone(), ..Scan::default() };
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer).map_err(ReadError::damaged)? {
                Event::Start(tag) => scan.start(&tag)?,
                Event::Text(text) => scan.text(text.as_ref()),
                Event::GeneralRef(_) => scan.text("&"),
                Event::End(tag) => scan.end(tag.local_name().as_ref())?,
                Event::Eof => return Ok(scan.marks),
                _ => {}
            }
        }
    }

    /// The cell of a formula without a value, if a blank one is that.
    pub(crate) fn formula(&self, at: Position) -> Option<Cell> {
        if self.uncomputed.contains(&at) {
            return Some(Cell::Unknown(FaultCode::FormulaWithoutValue, String::new()));
        }
        self.empty.contains(&at).then(|| Cell::Nothing(String::new()))
    }

    /// Notes a merged cell, from its first position down to its last row.
    pub(crate) fn merge(&mut self, (first, column): Position, last: u32) {
        if last > first {
            self.merged.entry(first).or_default().push((column, last));
        }
    }

    /// Notes that nobody sees the columns from one to another.
    pub(crate) fn hide_columns(&mut self, first: u32, last: u32) {
        let position = |column: u32| usize::try_from(column.min(MAX_COLUMNS)).unwrap_or_default();
        self.hidden_columns.extend(position(first)..=position(last));
    }

    /// Marks a row as hidden, and gives the cells that are merged with one above their value.
    pub(crate) fn apply(&mut self, row: &mut Row) {
        let number = row.number.saturating_sub(1);
        row.is_hidden = self.hidden.contains(&number);
        row.hidden = self.hidden_columns.range(..row.cells.len()).copied().collect();
        self.open.retain(|_, (last, _)| *last >= number);
        for (column, (_, value)) in &self.open {
            let position = usize::try_from(*column).unwrap_or(usize::MAX);
            if row.cells.get(position).is_none_or(|it| *it == Cell::Blank) && *value != Cell::Blank {
                place(&mut row.cells, position, value.clone());
                row.merged.push(position);
            }
        }
        for (column, last) in self.merged.remove(&number).unwrap_or_default() {
            let position = usize::try_from(column).unwrap_or(usize::MAX);
            let value = row.cells.get(position).cloned().unwrap_or(Cell::Blank);
            self.open.insert(column, (last, value));
        }
    }
}

/// Puts a cell at a position of a row.
pub(crate) fn place(row: &mut Vec<Cell>, position: usize, value: Cell) {
    while row.len() <= position {
        row.push(Cell::Blank);
    }
    if let Some(cell) = row.get_mut(position) {
        *cell = value;
    }
}

/// A reading in progress; rows and cells without a reference follow the ones before.
#[derive(Default)]
struct Scan {
    marks: Marks,
    recomputed: bool,
    /// The shared texts that are struck out in part.
    shared: HashSet<u32>,
    merges: u64,
    row: u32,
    column: u32,
    cell: Seen,
    within_value: bool,
}

/// What has been seen of a cell.
#[derive(Default)]
struct Seen {
    at: Position,
    kind: String,
    is_formula: bool,
    has_value: bool,
    value: String,
    is_struck: bool,
}

impl Scan {
    fn start(&mut self, tag: &BytesStart<'_>) -> Result<(), ReadError> {
        match tag.local_name().as_ref() {
            "row" => {
                let number = attribute(tag, "r")?.parse::<u32>().ok();
                self.row = number.map_or(self.row, |it| it.saturating_sub(1));
                let invisible = matches!(attribute(tag, "hidden")?.as_str(), "1" | "true");
                if (invisible || attribute(tag, "ht")?.parse() == Ok(0.0_f64)) && self.row < MAX_ROWS {
                    self.marks.hidden.insert(self.row);
                }
            }
            "col" => self.column(tag)?,
            "strike" if struck::is_on(tag)? => self.cell.is_struck = true,
            "c" => {
                let at = position(&attribute(tag, "r")?).unwrap_or((self.row, self.column));
                self.column = at.1;
                self.cell = Seen { at, kind: attribute(tag, "t")?, ..Seen::default() };
            }
            "f" => self.cell.is_formula = true,
            "v" => {
                self.cell.has_value = true;
                self.within_value = true;
            }
            "mergeCell" => self.merge(&attribute(tag, "ref")?)?,
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if self.within_value && self.cell.value.len() < NUMBER {
            self.cell.value.extend(text.chars().take(NUMBER));
        }
    }

    fn column(&mut self, tag: &BytesStart<'_>) -> Result<(), ReadError> {
        let is_hidden = matches!(attribute(tag, "hidden")?.as_str(), "1" | "true");
        if is_hidden || attribute(tag, "width")?.parse() == Ok(0.0_f64) {
            let number = |text: String| text.parse::<u32>().ok()?.checked_sub(1);
            if let (Some(first), Some(last)) = (number(attribute(tag, "min")?), number(attribute(tag, "max")?)) {
                self.marks.hide_columns(first, last);
            }
        }
        Ok(())
    }

    fn end(&mut self, name: &str) -> Result<(), ReadError> {
        match name {
            "row" => {
                self.row = self.row.saturating_add(1);
                self.column = 0;
            }
            "v" => self.within_value = false,
            "c" => {
                self.column = self.column.saturating_add(1);
                return self.leave();
            }
            _ => {}
        }
        Ok(())
    }

    /// Notes what has been seen of a cell.
    fn leave(&mut self) -> Result<(), ReadError> {
        let Seen { at, kind, is_formula, has_value, value, is_struck } = std::mem::take(&mut self.cell);
        if is_struck || kind == "s" && value.trim().parse().is_ok_and(|it| self.shared.contains(&it)) {
            self.marks.struck.insert(at);
            Measure::Marks.within(self.marks.struck.len(), REMEMBERED)?;
        }
        // Programs that cannot compute write 0 and ask for all to be computed when the file is opened.
        let made_up = self.recomputed && value == "0" && matches!(kind.as_str(), "" | "n");
        if is_formula && (value.is_empty() || made_up) {
            let known = kind == "str" && has_value;
            let cells = if known { &mut self.marks.empty } else { &mut self.marks.uncomputed };
            cells.insert(at);
            Measure::Marks.within(cells.len(), REMEMBERED)?;
        }
        Ok(())
    }

    fn merge(&mut self, range: &str) -> Result<(), ReadError> {
        let (first, last) = range.split_once(':').unwrap_or((range, range));
        let (Some(first), Some(last)) = (position(first), position(last)) else { return Ok(()) };
        self.marks.merge(first, last.0);
        self.merges += 1;
        Measure::Marks.within(self.merges, REMEMBERED)
    }
}

/// The row and column of a reference such as `F2`.
fn position(reference: &str) -> Option<Position> {
    let reference = reference.replace('$', "");
    let digits = reference.find(|c: char| c.is_ascii_digit())?;
    let (letters, digits) = reference.split_at_checked(digits)?;
    let column = letters.bytes().try_fold(0_u32, |column, letter| {
        let value = letter.to_ascii_uppercase().checked_sub(b'A').filter(|it| *it < 26)?;
        column.checked_mul(26)?.checked_add(u32::from(value) + 1)
    });
    Some((digits.parse::<u32>().ok()?.checked_sub(1)?, column?.checked_sub(1)?))
}

#[cfg(test)]
mod tests {
    use super::position;

    #[test]
    fn references_are_positions() {
        assert_eq!([position("A1"), position("$CA$8"), position("aa10")], [Some((0, 0)), Some((7, 78)), Some((9, 26))]);
        for text in ["", "A", "1", "A0", "ZZZZZZZZZZ1", "A99999999999", "é1"] {
            assert_eq!(position(text), None, "{text}");
        }
    }
}
