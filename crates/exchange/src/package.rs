//! Looks through an xlsx before calamine does, in constant memory, and refuses what would not fit.
//!
//! calamine takes the shared strings, styles and workbook parts into memory whole and believes the counts they
//! declare; quick-xml remembers every open tag.
//! So what is bounded here is each of those: unpacked bytes, tags and their depth, one cell's bytes, shared strings.
//! Declared sizes are never believed. Nothing is interpreted beyond that.
//!
//! What is handed on is a package anew, of the parts that were bounded, under the usual names: calamine looks for
//! strings and styles by name alone, and must not find others than those that the workbook means.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Cursor, Read, Write};

use quick_xml::escape::escape;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

mod nesting;
mod relations;
mod xml;

use crate::errors::{Measure, ReadError};
use crate::limits::Limits;
use nesting::{Nesting, Place};
use relations::{Archive, Relations};
pub(crate) use xml::attribute;
use xml::plain;

/// Tags in a part that calamine keeps as a whole; Excel itself allows 65,490 cell styles.
const KEPT_TAGS: u64 = 300_000;
/// Bytes of one cell, or of a part that is no table of cells, 32 MiB: calamine holds up to four copies.
const HELD_BYTES: u64 = 32 * 1024 * 1024;
/// The part of the workbook in the package that is handed on.
pub(crate) const WORKBOOK: &str = "xl/workbook.xml";
const ROOT: &str = r#"<Relationships><Relationship Id="r" Type="/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;

/// A package that holds a workbook and nothing else, within the limits.
pub(crate) struct Package {
    pub(crate) data: Vec<u8>,
    /// The parts of its sheets, by the ids of their relationships.
    pub(crate) sheets: Vec<(String, String)>,
}

/// Takes the workbook out of an archive; refuses one that is no xlsx or passes a limit.
pub(crate) fn open(data: &[u8], limits: &Limits) -> Result<Package, ReadError> {
    directory(data, limits)?;
    let mut archive = ZipArchive::new(Cursor::new(data)).map_err(ReadError::damaged)?;
    let names = archive.file_names().map(|it| it.map(|name| name.into_owned()));
    let names = names.collect::<Result<Vec<String>, _>>().map_err(ReadError::damaged)?;
    let relations = Relations::read(&mut archive, &names)?;
    let mut walk = Walk { limits, bytes: 0, tags: 0, strings: 0 };
    for index in 0..names.len() {
        let part = archive.by_index(index).map_err(ReadError::damaged)?;
        walk.part(part, Part::at(index, &relations))?;
    }
    packed(&mut archive, &relations).map_err(ReadError::damaged)
}

/// Writes the parts of the workbook under their usual names, as they are packed.
fn packed(archive: &mut Archive<'_>, relations: &Relations) -> Result<Package, zip::result::ZipError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut copy =
        |zip: &mut ZipWriter<_>, part: usize, name: &str| zip.raw_copy_file_rename(archive.by_index_raw(part)?, name);
    copy(&mut zip, relations.workbook, WORKBOOK)?;
    for (part, name) in [(relations.strings, "xl/sharedStrings.xml"), (relations.styles, "xl/styles.xml")] {
        if let Some(part) = part {
            copy(&mut zip, part, name)?;
        }
    }
    let mut sheets = Vec::new();
    let mut written = "<Relationships>".to_owned();
    let mut copied = BTreeSet::new();
    for (id, kind, part) in &relations.sheets {
        let name = format!("worksheets/sheet{part}.xml");
        if copied.insert(part) {
            copy(&mut zip, *part, &format!("xl/{name}"))?;
        }
        written += &format!(r#"<Relationship Id="{}" Type="/{kind}" Target="{name}"/>"#, escape(id.as_str()));
        sheets.push((id.clone(), format!("xl/{name}")));
    }
    written += "</Relationships>";
    let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, text) in [("_rels/.rels", ROOT), ("xl/_rels/workbook.xml.rels", written.as_str())] {
        zip.start_file(name, plain)?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(Package { data: zip.finish()?.into_inner(), sheets })
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
    /// Kept.
    Kept,
    /// Not handed on.
    Other,
}

impl Part {
    fn at(index: usize, relations: &Relations) -> Self {
        if index == relations.workbook || relations.styles == Some(index) {
            return Self::Kept;
        }
        if relations.strings == Some(index) {
            return Self::SharedStrings;
        }
        if relations.sheets.iter().any(|(.., part)| *part == index) { Self::Sheet } else { Self::Other }
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
                Part::Other => {}
                Part::Kept => {
                    plain(&piece)?;
                    Measure::Tags.within(tags, KEPT_TAGS)?;
                }
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
