//! Reads csv in the encodings and with the delimiters that offices use.
//!
//! The delimiter is the one with which a header is found; no other guess is made about the dialect.

use std::io::{self, Read};

use csv::{ByteRecord, ReaderBuilder};
use encoding_rs::{BIG5, Encoding, GB18030, UTF_16BE, UTF_16LE};

use crate::cells::Cell;
use crate::errors::{Content, Measure, ReadError};
use crate::quotes;
use crate::rows::{Row, Rows};

/// The longest record, 4 MiB: an unclosed quote makes one record of the rest of the file.
const RECORD_BYTES: usize = 4 * 1024 * 1024;
/// Records in which a header is looked for to find the delimiter.
const SNIFFED: usize = 200;

/// Reads a csv file as one sheet without a name, until no more rows are wanted.
pub(crate) fn read(data: Vec<u8>, rows: &mut dyn Rows) -> Result<(), ReadError> {
    let limit = rows.limits().cell_chars;
    let columns = rows.limits().columns;
    let (text, found) = with_header(data, rows)?;
    let (delimiter, width) = found.unwrap_or((b',', 0));
    quotes::check(&text, delimiter, width)?;
    rows.begin_sheet("");
    each_record(&text, delimiter, |line, record| {
        let mut cells: Vec<Cell> = cells(record, limit).collect();
        let used = cells.iter().rposition(|it| *it != Cell::Blank).map_or(0, |it| it + 1);
        Measure::Columns.within(used, columns)?;
        let fields = Some(cells.len());
        cells.truncate(used);
        rows.row(&Row { number: line, cells, fields, ..Row::default() }).map(|flow| flow.is_continue())
    })?;
    rows.end_sheet();
    Ok(())
}

/// The text of the bytes, and the delimiter and width with which it has a header, if it has one.
///
/// Nearly all of Big5 is GB18030 as well, and nonsense in it, so what has no header is tried once more.
fn with_header(data: Vec<u8>, rows: &dyn Rows) -> Result<(String, Option<(u8, usize)>), ReadError> {
    let find =
        |text: &str| [b',', b';', b'\t'].into_iter().find_map(|it| header(text, it, rows).map(|width| (it, width)));
    let traditional = if std::str::from_utf8(&data).is_ok() { None } else { whole(BIG5, &data) };
    let text = decode(data);
    let found = text.as_ref().ok().and_then(|it| find(it));
    if let Some((text, found)) =
        traditional.filter(|_| found.is_none()).and_then(|it| find(&it).map(|found| (it, found)))
    {
        return Ok((text, Some(found)));
    }
    Ok((text?, found))
}

/// Makes text of the bytes: by byte-order mark, else UTF-8, else GB18030, which includes GBK.
fn decode(mut data: Vec<u8>) -> Result<String, ReadError> {
    // Programs of DOS end a text with this mark.
    while data.last() == Some(&0x1A) {
        data.pop();
    }
    let text = match Encoding::for_bom(&data) {
        Some((encoding, mark)) if encoding == UTF_16LE || encoding == UTF_16BE => {
            whole(encoding, data.get(mark..).unwrap_or_default())
        }
        Some((_, mark)) => String::from_utf8(data).ok().map(|it| it.get(mark..).unwrap_or_default().to_owned()),
        None => match unmarked_utf16(&data) {
            Some(encoding) => whole(encoding, &data),
            None => String::from_utf8(data).or_else(|error| whole(GB18030, error.as_bytes()).ok_or(error)).ok(),
        },
    };
    text.filter(|it| !it.contains('\0')).ok_or(ReadError::NotAList { found: Content::Binary })
}

/// UTF-16 without its mark: the zero bytes of ASCII characters stand all on one side, and there are many.
fn unmarked_utf16(data: &[u8]) -> Option<&'static Encoding> {
    let head = data.get(..4096).unwrap_or(data);
    let zeros = |side: usize| head.iter().skip(side).step_by(2).filter(|it| **it == 0).count();
    let many = head.len() / 20;
    let (even, odd) = (zeros(0), zeros(1));
    match data.len().is_multiple_of(2) {
        // Some Chinese characters, such as 开 (U+5F00), have a zero on the other side.
        true if odd > many && odd > 4 * even => Some(UTF_16LE),
        true if even > many && even > 4 * odd => Some(UTF_16BE),
        _ => None,
    }
}

fn whole(encoding: &'static Encoding, data: &[u8]) -> Option<String> {
    encoding.decode_without_bom_handling_and_without_replacement(data).map(|it| it.into_owned())
}

/// How many columns the header has, if one is found with this delimiter.
fn header(text: &str, delimiter: u8, rows: &dyn Rows) -> Option<usize> {
    let limit = rows.limits().cell_chars;
    let (mut seen, mut found) = (0, None);
    let outcome = each_record(text, delimiter, |_, record| {
        seen += 1;
        let cells: Vec<Cell> = cells(record, limit).take(1_000).collect();
        found = rows.is_header(&cells).then_some(cells.len());
        Ok(found.is_none() && seen < SNIFFED)
    });
    outcome.ok().and(found)
}

fn cells(record: &ByteRecord, limit: usize) -> impl Iterator<Item = Cell> {
    record.iter().map(move |field| {
        let field = String::from_utf8_lossy(field);
        // `="0012"` is how programs keep Excel from taking digits for a number.
        let text = field.strip_prefix("=\"").and_then(|it| it.strip_suffix('"')).unwrap_or(&field);
        Cell::text(text, limit)
    })
}

fn each_record(
    text: &str,
    delimiter: u8,
    mut take: impl FnMut(u32, &ByteRecord) -> Result<bool, ReadError>,
) -> Result<(), ReadError> {
    let source = Metered { rest: text.as_bytes(), allowed: RECORD_BYTES };
    let mut reader = ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(source);
    let mut record = ByteRecord::new();
    let mut lines = Lines { rest: text.as_bytes(), passed: 0, line: 1 };
    let too_long = |_| ReadError::TooLarge { what: Measure::RecordBytes, limit: 4 * 1024 * 1024 };
    while reader.read_byte_record(&mut record).map_err(too_long)? {
        let line = lines.at(record.position().map_or(0, |it| it.byte()));
        if !take(line, &record)? {
            break;
        }
        reader.get_mut().allowed = RECORD_BYTES;
    }
    Ok(())
}

/// How many lines end in some bytes, be it by CR, by LF or by both.
fn breaks(bytes: &[u8]) -> usize {
    let next = bytes.iter().skip(1).map(Some).chain(std::iter::once(None));
    bytes.iter().zip(next).filter(|(byte, next)| **byte == b'\n' || **byte == b'\r' && *next != Some(&b'\n')).count()
}

/// Counts lines: the position of a record is before the empty lines that the csv reader skips.
struct Lines<'a> {
    rest: &'a [u8],
    passed: u64,
    line: u32,
}

impl Lines<'_> {
    fn at(&mut self, byte: u64) -> u32 {
        let ahead = usize::try_from(byte.saturating_sub(self.passed)).unwrap_or(usize::MAX);
        let (record, after) = self.rest.split_at_checked(ahead).unwrap_or((self.rest, &[]));
        let blank = after.iter().take_while(|it| matches!(it, b'\r' | b'\n')).count();
        let passed = breaks(self.rest.get(..ahead.min(self.rest.len()).saturating_add(blank)).unwrap_or(record));
        self.line = self.line.saturating_add(u32::try_from(passed).unwrap_or(u32::MAX));
        self.rest = after.get(blank..).unwrap_or_default();
        self.passed = byte.saturating_add(u64::try_from(blank).unwrap_or(u64::MAX));
        self.line
    }
}

/// Bytes that fail when one record takes too many: the csv reader bounds neither a field nor their number.
struct Metered<'a> {
    rest: &'a [u8],
    allowed: usize,
}

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.rest.read(buffer)?;
        self.allowed = self.allowed.checked_sub(read).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(read)
    }
}
