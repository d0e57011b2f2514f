//! Looks through an xlsx before calamine does, in constant memory, and refuses what would not fit.
//!
//! calamine takes the shared strings, styles and workbook parts into memory whole and believes the counts they
//! declare; quick-xml remembers every open tag.
//! So what is bounded here is each of those: unpacked bytes, tags and their depth, one cell's bytes, shared strings.
//! Declared sizes are never believed. Nothing is interpreted beyond that.

use std::io::{BufRead, BufReader, Cursor, Read};

use zip::ZipArchive;

mod nesting;

use crate::errors::{Measure, ReadError};
use crate::formats;
use crate::limits::Limits;
use nesting::{Nesting, Place};

/// Tags in a part that calamine keeps as a whole; Excel itself allows 65,490 cell styles.
const KEPT_TAGS: u64 = 300_000;
/// Bytes of one cell, or of a part that is no table of cells, 32 MiB: calamine holds up to four copies.
const HELD_BYTES: u64 = 32 * 1024 * 1024;

/// Refuses an archive that is no xlsx or passes a limit.
pub(crate) fn check(data: &[u8], limits: &Limits) -> Result<(), ReadError> {
    directory(data, limits)?;
    let mut archive = ZipArchive::new(Cursor::new(data)).map_err(ReadError::damaged)?;
    let names = archive.file_names().map(|it| it.map(|name| name.into_owned()));
    let names = names.collect::<Result<Vec<String>, _>>().map_err(ReadError::damaged)?;
    formats::is_workbook(&names)?;
    let mut walk = Walk { limits, bytes: 0, tags: 0, strings: 0 };
    for (index, name) in names.iter().enumerate() {
        let part = archive.by_index(index).map_err(ReadError::damaged)?;
        walk.part(part, Part::named(name))?;
    }
    Ok(())
}

/// Bounds the central directory before the zip reader takes it into memory.
fn directory(data: &[u8], limits: &Limits) -> Result<(), ReadError> {
    let records = data.windows(4).filter(|it| *it == b"PK\x01\x02").count();
    Measure::Parts.within(records, limits.parts)?;
    // The zip reader reserves room for as many entries as a zip64 end record declares, if the file is that long.
    let size = u64::try_from(data.len()).unwrap_or(u64::MAX);
    let ends = data.windows(40).filter(|it| it.starts_with(b"PK\x06\x06"));
    let declared = ends.filter_map(|it| it.last_chunk().copied().map(u64::from_le_bytes));
    match declared.filter(|count| *count <= size).max() {
        Some(count) => Measure::Parts.within(count, limits.parts),
        None => Ok(()),
    }
}

/// How calamine treats a part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Streamed cell by cell.
    Sheet,
    /// Kept string by string.
    SharedStrings,
    /// Says which part is the workbook.
    Root,
    /// Not opened.
    Media,
    /// Perhaps kept.
    Other,
}

impl Part {
    fn named(name: &str) -> Self {
        let name = name.replace('\\', "/").to_ascii_lowercase();
        match name.as_str() {
            "_rels/.rels" => Self::Root,
            "xl/sharedstrings.xml" => Self::SharedStrings,
            _ if name.starts_with("xl/worksheets/") => Self::Sheet,
            _ if name.starts_with("xl/media/") => Self::Media,
            _ => Self::Other,
        }
    }
}

struct Walk<'a> {
    limits: &'a Limits,
    bytes: u64,
    tags: u64,
    strings: u64,
}

impl Walk<'_> {
    /// Unpacks one part, tag by tag, and forgets it.
    fn part(&mut self, part: impl Read, kind: Part) -> Result<(), ReadError> {
        let mut part = BufReader::with_capacity(64 * 1024, part);
        let mut piece = Vec::new();
        let mut nesting = Nesting::default();
        let mut tags = 0_u64;
        let mut held = 0_u64;
        loop {
            piece.clear();
            (&mut part).take(HELD_BYTES + 1).read_until(b'<', &mut piece).map_err(ReadError::damaged)?;
            if piece.is_empty() {
                return Ok(());
            }
            let size = u64::try_from(piece.len()).unwrap_or(u64::MAX);
            self.bytes = self.bytes.saturating_add(size);
            Measure::UnpackedBytes.within(self.bytes, self.limits.unpacked_bytes)?;
            self.tags += 1;
            Measure::Tags.within(self.tags, self.limits.tags)?;
            match kind {
                Part::Media => {}
                Part::Other => Measure::Tags.within(tags, KEPT_TAGS)?,
                Part::Root => points_at_workbook(plain(&piece)?)?,
                Part::Sheet | Part::SharedStrings if tags == 0 => _ = plain(&piece)?,
                Part::Sheet | Part::SharedStrings => {
                    let piece = plain(&piece)?;
                    if kind == Part::SharedStrings {
                        self.shared_string(piece)?;
                    }
                    if nesting.follow(piece)? == Place::Boundary {
                        held = 0;
                    }
                }
            }
            held = held.saturating_add(size);
            Measure::HeldBytes.within(held, HELD_BYTES)?;
            tags += 1;
        }
    }

    /// Counts shared strings, by their tags and by what the part declares: calamine reserves room for that.
    fn shared_string(&mut self, piece: &str) -> Result<(), ReadError> {
        if nesting::is_string(piece) {
            self.strings += 1;
        }
        for declared in piece.split("uniqueCount").skip(1) {
            let declared = declared.trim_start_matches([' ', '\t', '\r', '\n', '=', '"', '\'']);
            let digits = declared.split(['"', '\'']).next().unwrap_or_default();
            self.strings = self.strings.max(digits.trim().parse().unwrap_or(u64::MAX));
        }
        Measure::SharedStrings.within(self.strings, self.limits.shared_strings)
    }
}

/// Takes a piece of XML as UTF-8; in another encoding the words looked for could hide.
fn plain(piece: &[u8]) -> Result<&str, ReadError> {
    let text = std::str::from_utf8(piece).map_err(|_| ReadError::damaged("a part is not UTF-8"))?;
    let foreign = |declaration: &str| declaration.contains("encoding") && !declaration.contains("utf-8");
    if text.contains('\0') || text.starts_with("?xml") && foreign(&text.to_ascii_lowercase()) {
        return Err(ReadError::damaged("a part is not UTF-8"));
    }
    Ok(text)
}

/// Refuses a package whose workbook is elsewhere: its parts would not be the ones that were bounded.
fn points_at_workbook(piece: &str) -> Result<(), ReadError> {
    let piece = piece.to_ascii_lowercase();
    let elsewhere = piece.split(['"', '\'']).any(|value| {
        let value = value.trim_start_matches('/');
        value.starts_with("xl/") && value != "xl/workbook.xml"
    });
    if elsewhere || piece.contains('&') {
        return Err(ReadError::damaged("the workbook is not xl/workbook.xml"));
    }
    Ok(())
}
