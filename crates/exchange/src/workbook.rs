//! Reads the sheets of an xlsx, cell by cell, after `package` has bounded it.
//!
//! Cells are streamed and never laid out as a grid, so that a value in XFD1048576 costs no more than one in A1.

use std::collections::HashMap;
use std::io::{BufReader, Cursor};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetType, SheetVisible, Style, Xlsx};
use jiff::civil::Date;
use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipArchive;

use crate::cells::Cell;
use crate::errors::{Measure, ReadError};
use crate::faults::FaultCode;
use crate::limits::Limits;
use crate::list::SheetOutcome;
use crate::marks::Marks;
use crate::number_format;
use crate::package::{self, Package, attribute};
use crate::rows::Rows;
use crate::sheet::Gathering;
use crate::struck;

type Book<'a> = Xlsx<Cursor<&'a [u8]>>;

/// Reads every visible sheet, until no more rows are wanted.
pub(crate) fn read(data: &[u8], rows: &mut dyn Rows) -> Result<(), ReadError> {
    let limits = rows.limits().clone();
    let package = package::open(data, &limits)?;
    let directory = Directory::read(&package)?;
    let mut book: Book<'_> = guarded(|| Xlsx::new(Cursor::new(package.data.as_slice())))?;
    let sheets = book.sheets_metadata().to_vec();
    Measure::Sheets.within(sheets.len(), limits.sheets)?;
    let struck = struck::shared_texts(&package)?;
    let mut bounds = Bounds { limits, seen: 0 };
    for (sheet, part) in sheets.iter().zip(&directory.parts) {
        match (sheet.typ, sheet.visible) {
            (SheetType::WorkSheet, SheetVisible::Visible) => {
                let marks = Marks::read(&package, part, directory.recomputed, &struck)?;
                if read_sheet(&mut book, &sheet.name, marks, &mut bounds, rows)?.is_break() {
                    break;
                }
            }
            (SheetType::WorkSheet, _) => rows.pass_sheet(&sheet.name, SheetOutcome::Hidden),
            _ => rows.pass_sheet(&sheet.name, SheetOutcome::NotATable),
        }
    }
    Ok(())
}

/// What the part of the workbook says of its sheets.
struct Directory {
    /// Their parts, in order.
    parts: Vec<String>,
    /// Whether all formulas are to be computed anew when the file is opened.
    recomputed: bool,
}

impl Directory {
    fn read(package: &Package) -> Result<Self, ReadError> {
        let parts: HashMap<&str, &String> = package.sheets.iter().map(|(id, part)| (id.as_str(), part)).collect();
        let mut archive = ZipArchive::new(Cursor::new(&package.data)).map_err(ReadError::damaged)?;
        let workbook = archive.by_name(package::WORKBOOK).map_err(ReadError::damaged)?;
        let mut reader = Reader::from_reader(BufReader::new(workbook));
        let mut directory = Self { parts: Vec::new(), recomputed: false };
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer).map_err(ReadError::damaged)? {
                Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == "sheet" => {
                    let id = attribute(&tag, "id")?;
                    let part = parts.get(id.as_str()).ok_or_else(|| ReadError::damaged("a sheet has no part"))?;
                    directory.parts.push((*part).clone());
                }
                Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == "calcPr" => {
                    directory.recomputed = matches!(attribute(&tag, "fullCalcOnLoad")?.as_str(), "1" | "true");
                }
                Event::Eof => return Ok(directory),
                _ => {}
            }
        }
    }
}

/// What bounds a reading, and how many cells it has seen: of all sheets, since sheets may share one part.
struct Bounds {
    limits: Limits,
    seen: u64,
}

fn read_sheet(
    book: &mut Book<'_>,
    name: &str,
    marks: Marks,
    bounds: &mut Bounds,
    rows: &mut dyn Rows,
) -> Result<ControlFlow<()>, ReadError> {
    let mut cells = guarded(|| book.worksheet_cells_reader(name))?;
    let mut gathering = Gathering::begin(name, marks, rows);
    while let Some((cell, style)) = guarded(|| cells.next_cell_with_style_id())? {
        bounds.seen += 1;
        Measure::Tags.within(bounds.seen, bounds.limits.tags)?;
        let style = cells.styles().get(style);
        let value = cell_of(cell.get_value(), style, bounds.limits.cell_chars);
        let is_struck = style.and_then(|it| it.font.as_ref()).is_some_and(calamine::Font::has_strikethrough);
        if gathering.cell(cell.get_position(), value, is_struck)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    gathering.end()
}

fn cell_of(value: &DataRef<'_>, style: Option<&Style>, limit: usize) -> Cell {
    match value {
        DataRef::Empty => Cell::Blank,
        DataRef::Int(number) => Cell::text(&number.to_string(), limit),
        DataRef::Float(number) => {
            let format = style.and_then(|it| it.number_format.as_ref()).map_or("", |it| it.format_code.as_str());
            number_format::cell_of(format, *number)
        }
        DataRef::Bool(truth) => Cell::text(if *truth { "TRUE" } else { "FALSE" }, limit),
        DataRef::SharedString(text) => Cell::text(text, limit),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::text(text, limit),
        DataRef::DateTime(moment) => day_of(moment).map_or_else(|| Cell::number(moment.as_f64()), Cell::Date),
        DataRef::Error(error) => Cell::Unknown(FaultCode::FormulaError, error.to_string()),
    }
}

/// The day of a date cell, in whichever of the two date systems the workbook keeps.
pub(crate) fn day_of(moment: &ExcelDateTime) -> Option<Date> {
    let (year, month, day, ..) = moment.to_ymd_hms_milli();
    let date = Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    (moment.is_datetime() && (1980..=2100).contains(&date.year())).then_some(date)
}

/// Calls calamine, which computes cell references without looking for overflow.
pub(crate) fn guarded<T, E: std::error::Error + 'static>(call: impl FnOnce() -> Result<T, E>) -> Result<T, ReadError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(outcome) => outcome.map_err(ReadError::damaged),
        Err(_) => Err(ReadError::damaged("a cell reference is out of range")),
    }
}
