//! Reads the sheets of an xls, as Excel 97 to 2003 wrote it: the form in which CNCA's reporting template is handed out.
//!
//! calamine lays a sheet out as a grid, believes the sizes that the file declares, and tells neither formats nor hidden
//! rows. So `records` looks through the file first, bounds it and reads what calamine leaves out; what is handed on is
//! the one stream that it has seen, in a container anew.

use std::io::{Cursor, Read as _, Write as _};
use std::ops::ControlFlow;

use calamine::{Data, Reader as _, SheetType, SheetVisible, Xls};
use cfb::{CompoundFile, Version};

use crate::cells::Cell;
use crate::errors::{Content, Measure, ReadError};
use crate::faults::FaultCode;
use crate::list::SheetOutcome;
use crate::number_format;
use crate::rows::Rows;
use crate::sheet::Gathering;
use crate::workbook::{day_of, guarded};

mod records;
mod strings;

use records::{Book, Scanned};

/// Reads every visible sheet, until no more rows are wanted.
pub(crate) fn read(data: &[u8], rows: &mut dyn Rows) -> Result<(), ReadError> {
    let limits = rows.limits().clone();
    let stream = workbook(data, limits.unpacked_bytes)?;
    let Book { sheets: scanned } = records::scan(&stream, &limits)?;
    let container = packed(&stream).map_err(ReadError::damaged)?;
    let mut book: Xls<_> = guarded(|| Xls::new(Cursor::new(container)))?;
    let sheets = book.sheets_metadata().to_vec();
    if sheets.len() != scanned.len() {
        return Err(ReadError::damaged("its sheets are not those that it lists"));
    }
    for (sheet, scanned) in sheets.iter().zip(scanned) {
        match (sheet.typ, sheet.visible) {
            (SheetType::WorkSheet, SheetVisible::Visible) => {
                if read_sheet(&mut book, &sheet.name, scanned, rows)?.is_break() {
                    break;
                }
            }
            (SheetType::WorkSheet, _) => rows.pass_sheet(&sheet.name, SheetOutcome::Hidden),
            _ => rows.pass_sheet(&sheet.name, SheetOutcome::NotATable),
        }
    }
    Ok(())
}

/// Takes the stream of the workbook out of its container.
fn workbook(data: &[u8], limit: u64) -> Result<Vec<u8>, ReadError> {
    let mut container = CompoundFile::open(Cursor::new(data)).map_err(ReadError::damaged)?;
    // Excel 5 and 95 call it `Book`, and write their texts in the code page of the machine.
    let stream = container.open_stream("Workbook").map_err(|_| ReadError::NotAList { found: Content::OldExcel })?;
    Measure::UnpackedBytes.within(stream.len(), limit)?;
    let mut bytes = Vec::new();
    stream.take(limit).read_to_end(&mut bytes).map_err(ReadError::damaged)?;
    Ok(bytes)
}

/// A container with the workbook and nothing else.
fn packed(stream: &[u8]) -> std::io::Result<Vec<u8>> {
    // calamine refuses one of version 4 that has no short streams.
    let mut container = CompoundFile::create_with_version(Version::V3, Cursor::new(Vec::new()))?;
    container.create_stream("Workbook")?.write_all(stream)?;
    container.flush()?;
    Ok(container.into_inner().into_inner())
}

fn read_sheet(
    book: &mut Xls<Cursor<Vec<u8>>>,
    name: &str,
    scanned: Scanned,
    rows: &mut dyn Rows,
) -> Result<ControlFlow<()>, ReadError> {
    let range = guarded(|| book.worksheet_range(name))?;
    let limit = rows.limits().cell_chars;
    let Scanned { marks, formats, struck } = scanned;
    let mut gathering = Gathering::begin(name, marks, rows);
    let (first_row, first_column) = range.start().unwrap_or_default();
    for (row, column, value) in range.cells() {
        let offset = |by: usize| u32::try_from(by).unwrap_or(u32::MAX);
        let at = (first_row.saturating_add(offset(row)), first_column.saturating_add(offset(column)));
        let format = formats.get(&at).map_or("", |it| it.as_ref());
        if gathering.cell(at, cell_of(value, format, limit), struck.contains(&at))?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    gathering.end()
}

fn cell_of(value: &Data, format: &str, limit: usize) -> Cell {
    match value {
        Data::Empty => Cell::Blank,
        // Whole numbers have 30 bits in an xls; larger ones come as floats.
        Data::Int(number) => match i32::try_from(*number) {
            Ok(number) => number_format::cell_of(format, number.into()),
            Err(_) => Cell::text(&number.to_string(), limit),
        },
        Data::Float(number) => number_format::cell_of(format, *number),
        Data::Bool(truth) => Cell::text(if *truth { "TRUE" } else { "FALSE" }, limit),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Cell::text(text, limit),
        Data::DateTime(moment) => day_of(moment).map_or_else(|| Cell::number(moment.as_f64()), Cell::Date),
        Data::Error(error) => Cell::Unknown(FaultCode::FormulaError, error.to_string()),
    }
}
