//! Reads the sheets of an xlsx, cell by cell, after `package` has bounded it.
//!
//! Cells are streamed and never laid out as a grid, so that a value in XFD1048576 costs no more than one in A1.

use std::io::Cursor;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use jiff::civil::Date;

use crate::cells::Cell;
use crate::errors::{Measure, ReadError};
use crate::limits::Limits;
use crate::list::SheetOutcome;
use crate::package;
use crate::rows::Rows;

/// Rows of a sheet, as Excel has them.
const MAX_ROWS: u32 = 1_048_576;

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

/// Reads every visible sheet, until no more rows are wanted.
pub(crate) fn read(data: &[u8], rows: &mut dyn Rows) -> Result<(), ReadError> {
    let limits = rows.limits().clone();
    package::check(data, &limits)?;
    let mut book: Book<'_> = guarded(|| Xlsx::new(Cursor::new(data)))?;
    let sheets = book.sheets_metadata().to_vec();
    Measure::Sheets.within(sheets.len(), limits.sheets)?;
    let mut bounds = Bounds { limits, seen: 0 };
    for sheet in sheets {
        match (sheet.typ, sheet.visible) {
            (SheetType::WorkSheet, SheetVisible::Visible) => {
                if read_sheet(&mut book, &sheet.name, &mut bounds, rows)?.is_break() {
                    break;
                }
            }
            (SheetType::WorkSheet, _) => rows.pass_sheet(&sheet.name, SheetOutcome::Hidden),
            _ => rows.pass_sheet(&sheet.name, SheetOutcome::NotATable),
        }
    }
    Ok(())
}

/// What bounds a reading, and how many cells it has seen: of all sheets, since sheets may share one part.
struct Bounds {
    limits: Limits,
    seen: u64,
}

/// Gathers the cells of each row.
fn read_sheet(
    book: &mut Book<'_>,
    name: &str,
    bounds: &mut Bounds,
    rows: &mut dyn Rows,
) -> Result<ControlFlow<()>, ReadError> {
    rows.begin_sheet(name);
    let mut cells = guarded(|| book.worksheet_cells_reader(name))?;
    let mut row: Vec<Cell> = Vec::new();
    let mut number = 0;
    while let Some(cell) = guarded(|| cells.next_cell())? {
        bounds.seen += 1;
        Measure::Tags.within(bounds.seen, bounds.limits.tags)?;
        let value = cell_of(cell.get_value(), bounds.limits.cell_chars);
        let (at, column) = cell.get_position();
        if value == Cell::Blank {
            continue;
        }
        Measure::Columns.within(u64::from(column) + 1, bounds.limits.columns)?;
        if at < number || at >= MAX_ROWS {
            return Err(ReadError::damaged("rows are not in order"));
        }
        if at > number {
            if rows.row(number.saturating_add(1), &row)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            row.clear();
            number = at;
        }
        place(&mut row, column, value);
    }
    let flow = rows.row(number.saturating_add(1), &row)?;
    rows.end_sheet();
    Ok(flow)
}

fn place(row: &mut Vec<Cell>, column: u32, value: Cell) {
    let column = usize::try_from(column).unwrap_or(usize::MAX);
    while row.len() <= column {
        row.push(Cell::Blank);
    }
    if let Some(cell) = row.get_mut(column) {
        *cell = value;
    }
}

fn cell_of(value: &DataRef<'_>, limit: usize) -> Cell {
    match value {
        DataRef::Empty => Cell::Blank,
        DataRef::Int(number) => Cell::text(&number.to_string(), limit),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::Bool(truth) => Cell::text(if *truth { "TRUE" } else { "FALSE" }, limit),
        DataRef::SharedString(text) => Cell::text(text, limit),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::text(text, limit),
        DataRef::DateTime(moment) => day_of(moment).map_or(Cell::Number(moment.as_f64()), Cell::Date),
        DataRef::Error(error) => Cell::Error(error.to_string()),
    }
}

/// The day of a date cell, in whichever of the two date systems the workbook keeps.
fn day_of(moment: &ExcelDateTime) -> Option<Date> {
    let (year, month, day, ..) = moment.to_ymd_hms_milli();
    let date = Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    (moment.is_datetime() && (1980..=2100).contains(&date.year())).then_some(date)
}

/// Calls calamine, which computes cell references without looking for overflow.
fn guarded<T>(call: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, ReadError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(outcome) => outcome.map_err(ReadError::damaged),
        Err(_) => Err(ReadError::damaged("a cell reference is out of range")),
    }
}
