//! The records of an xls (BIFF8, [MS-XLS]): what bounds a file, and what calamine does not tell of its cells.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::strings;
use crate::errors::{Content, Measure, ReadError};
use crate::limits::Limits;
use crate::marks::{Marks, Position};

/// How many cells the sheets may span: calamine holds each some 100 bytes wide, blank ones included.
const SPANNED: u64 = 1_000_000;

/// The kinds of the records with which the globals, a sheet or a chart begin and end.
const BEGIN: u16 = 0x0809;
const END: u16 = 0x000A;

/// What a file has besides values.
pub(super) struct Book {
    /// Its sheets, in order.
    pub(super) sheets: Vec<Scanned>,
}

/// What a sheet has besides values.
#[derive(Default)]
pub(super) struct Scanned {
    /// Merged cells, hidden rows, formulas that nobody has computed.
    pub(super) marks: Marks,
    /// The formats of its numbers.
    pub(super) formats: HashMap<Position, Arc<str>>,
    /// The cells whose text is struck out.
    pub(super) struck: HashSet<Position>,
}

/// A record: its kind and its bytes, at most 8,224 of them.
struct Record<'a> {
    kind: u16,
    data: &'a [u8],
}

impl Record<'_> {
    fn short(&self, at: usize) -> Option<u16> {
        self.data.get(at..)?.first_chunk().copied().map(u16::from_le_bytes)
    }

    fn long(&self, at: usize) -> Option<u32> {
        self.data.get(at..)?.first_chunk().copied().map(u32::from_le_bytes)
    }

    /// The row and column with which the record of a cell begins.
    fn position(&self) -> Option<Position> {
        Some((self.short(0)?.into(), self.short(2)?.into()))
    }
}

/// All records, up to one that is cut off: that one calamine refuses.
fn records(stream: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut rest = stream;
    std::iter::from_fn(move || {
        let (head, tail) = rest.split_first_chunk::<4>()?;
        let [kind, length] = [[head[0], head[1]], [head[2], head[3]]].map(u16::from_le_bytes);
        let (data, tail) = tail.split_at_checked(length.into())?;
        rest = tail;
        Some(Record { kind, data })
    })
}

/// The records of a sheet, as calamine takes them: until its end, those of charts within it left out.
fn records_of_sheet(stream: &[u8]) -> Result<impl Iterator<Item = Record<'_>>, ReadError> {
    let mut depth = 0_u32;
    if records(stream).next().is_none_or(|it| it.kind != BEGIN) {
        return Err(ReadError::damaged("a sheet does not begin where it is said to"));
    }
    let own = records(stream).map_while(move |record| {
        match record.kind {
            BEGIN => depth += 1,
            END => depth -= 1,
            _ => {}
        }
        (depth > 0).then_some((depth, record))
    });
    Ok(own.filter(|(depth, _)| *depth == 1).map(|(_, record)| record))
}

/// Looks through a workbook; refuses one that is encrypted, older than Excel 97, or passes a limit.
pub(super) fn scan(stream: &[u8], limits: &Limits) -> Result<Book, ReadError> {
    let globals = Globals::read(stream, limits)?;
    Measure::Sheets.within(globals.sheets.len(), limits.sheets)?;
    let (mut seen, mut spanned, mut text) = (0_u64, 0_u64, 0_u64);
    let mut sheets = Vec::new();
    for start in &globals.sheets {
        let sheet = stream.get(*start..).ok_or_else(|| ReadError::damaged("a sheet begins behind the end"))?;
        let mut scan = SheetScan { globals: &globals, scanned: Scanned::default(), area: None, cells: 0, text: 0 };
        for record in records_of_sheet(sheet)? {
            scan.record(&record);
            Measure::SpannedCells.within(seen + scan.cells, SPANNED)?;
            Measure::SpannedCells.within(spanned.saturating_add(scan.area.map_or(0, area)), SPANNED)?;
            Measure::TextBytes.within(text + scan.text, limits.text_bytes)?;
        }
        seen += scan.cells;
        text += scan.text;
        spanned += scan.area.map_or(0, area);
        sheets.push(scan.scanned);
    }
    Ok(Book { sheets })
}

/// What all sheets share.
#[derive(Default)]
struct Globals {
    /// The formats of numbers, by their own numbers.
    formats: BTreeMap<u16, Arc<str>>,
    /// The fonts that strike out.
    struck: BTreeSet<u16>,
    /// The font and the format of each style.
    styles: Vec<(u16, u16)>,
    /// Where the sheets begin.
    sheets: Vec<usize>,
    /// The shared texts.
    texts: Vec<strings::Text>,
}

impl Globals {
    fn read(stream: &[u8], limits: &Limits) -> Result<Self, ReadError> {
        let mut globals = Self::default();
        let mut fonts = 0_u16;
        let mut shared: Vec<&[u8]> = Vec::new();
        for record in records(stream).take_while(|it| it.kind != END) {
            match record.kind {
                BEGIN if record.short(0) != Some(0x0600) => {
                    return Err(ReadError::NotAList { found: Content::OldExcel });
                }
                0x002F => return Err(ReadError::NotAList { found: Content::Encrypted }),
                0x0031 => {
                    // There is no font 4.
                    let number = if fonts < 4 { fonts } else { fonts.saturating_add(1) };
                    if record.short(2).is_some_and(|options| options & 0x0008 != 0) {
                        globals.struck.insert(number);
                    }
                    fonts = fonts.saturating_add(1);
                }
                0x041E => globals.formats.extend(format(&record)),
                0x00E0 => globals.styles.extend(record.short(0).zip(record.short(2))),
                0x0085 => globals.sheets.extend(record.long(0).and_then(|it| usize::try_from(it).ok())),
                0x00FC => {
                    Measure::SharedStrings.within(record.long(4).unwrap_or_default(), limits.shared_strings)?;
                    shared = vec![record.data];
                }
                0x003C if globals.texts.is_empty() && !shared.is_empty() => shared.push(record.data),
                _ => globals.measure(&mut shared),
            }
        }
        globals.measure(&mut shared);
        Ok(globals)
    }

    /// Measures the shared texts, once what continues them has been seen.
    fn measure(&mut self, shared: &mut Vec<&[u8]>) {
        let texts = strings::texts(&std::mem::take(shared), &self.struck);
        self.texts.extend(texts);
    }

    /// The format of numbers under a style; none where they are shown as they are.
    fn format(&self, style: u16) -> Option<Arc<str>> {
        let (_, format) = self.styles.get(usize::from(style))?;
        if let Some(stated) = self.formats.get(format) {
            return Some(Arc::clone(stated));
        }
        // The formats that need no record and hide something. The others show all digits, or are those of days.
        let built_in = match format {
            9 => "0%",
            10 => "0.00%",
            12 => "# ?/?",
            13 => "# ??/??",
            _ => return None,
        };
        Some(built_in.into())
    }

    fn strikes_out(&self, style: u16) -> bool {
        self.styles.get(usize::from(style)).is_some_and(|(font, _)| self.struck.contains(font))
    }
}

/// A number format: its number and its code, in one byte a character or in two.
fn format(record: &Record<'_>) -> Option<(u16, Arc<str>)> {
    let (number, length) = (record.short(0)?, usize::from(record.short(2)?));
    let text = record.data.get(5..)?;
    let code = if record.data.get(4)? & 1 == 0 {
        text.iter().take(length).map(|it| char::from(*it)).collect::<String>()
    } else {
        let units: Vec<u16> = text.as_chunks().0.iter().take(length).map(|it| u16::from_le_bytes(*it)).collect();
        String::from_utf16_lossy(&units)
    };
    Some((number, code.into()))
}

/// The first and the last position of what a sheet spans.
type Area = (Position, Position);

fn area(((first_row, first_column), (last_row, last_column)): Area) -> u64 {
    let side = |first: u32, last: u32| u64::from(last.saturating_sub(first)) + 1;
    side(first_row, last_row).saturating_mul(side(first_column, last_column))
}

struct SheetScan<'a> {
    globals: &'a Globals,
    scanned: Scanned,
    area: Option<Area>,
    cells: u64,
    /// Bytes of its texts, as many as there can be.
    text: u64,
}

impl SheetScan<'_> {
    /// A record that is too short for its kind is left to calamine, which refuses it.
    fn record(&mut self, record: &Record<'_>) -> Option<()> {
        match record.kind {
            // How much there is, as the file declares it.
            0x0200 => {
                let last = (record.long(4)?.saturating_sub(1), u32::from(record.short(10)?).saturating_sub(1));
                self.span((record.long(0)?, record.short(8)?.into()));
                self.span(last);
            }
            0x0208 if record.short(12)? & 0x0020 != 0 => _ = self.scanned.marks.hidden.insert(record.short(0)?.into()),
            0x007D if record.short(4)? == 0 || record.short(8)? & 1 != 0 => {
                self.scanned.marks.hide_columns(record.short(0)?.into(), record.short(2)?.into());
            }
            0x00E5 => {
                for merged in record.data.get(2..)?.as_chunks::<8>().0.iter().take(record.short(0)?.into()) {
                    let [first, last, column] =
                        [[merged[0], merged[1]], [merged[2], merged[3]], [merged[4], merged[5]]]
                            .map(u16::from_le_bytes);
                    self.scanned.marks.merge((first.into(), column.into()), last.into());
                }
            }
            0x00BD => {
                let (row, column) = record.position()?;
                for (offset, cell) in (0..).zip(record.data.get(4..)?.as_chunks::<6>().0) {
                    self.number((row, column.saturating_add(offset)), u16::from_le_bytes([cell[0], cell[1]]));
                }
            }
            0x0203 | 0x027E => self.number(record.position()?, record.short(4)?),
            0x0006 => {
                self.number(record.position()?, record.short(4)?);
                // An empty text and 0 are also what programs write that cannot compute, and nothing here says so.
                let value: [u8; 8] = *record.data.get(6..)?.first_chunk()?;
                if value == [0; 8] || value[0] == 3 && value[6..] == [0xFF; 2] {
                    self.scanned.marks.uncomputed.insert(record.position()?);
                }
            }
            0x00FD => {
                self.cell(record.position()?, record.short(4)?);
                let shared = usize::try_from(record.long(6)?).ok()?;
                // A character of the basic plane takes three bytes at most.
                let text = self.globals.texts.get(shared);
                self.text += 3 * text.map_or(u16::MAX.into(), |it| it.length);
                if text.is_some_and(|it| it.is_struck) {
                    self.scanned.struck.insert(record.position()?);
                }
            }
            0x0204 | 0x00D6 | 0x0205 => self.cell(record.position()?, record.short(4)?),
            _ => {}
        }
        Some(())
    }

    fn span(&mut self, at: Position) {
        let ((top, left), (bottom, right)) = self.area.unwrap_or((at, at));
        self.area = Some(((top.min(at.0), left.min(at.1)), (bottom.max(at.0), right.max(at.1))));
    }

    fn number(&mut self, at: Position, style: u16) {
        self.cell(at, style);
        if let Some(format) = self.globals.format(style) {
            self.scanned.formats.insert(at, format);
        }
    }

    fn cell(&mut self, at: Position, style: u16) {
        self.cells += 1;
        self.span(at);
        if self.globals.strikes_out(style) {
            self.scanned.struck.insert(at);
        }
    }
}
