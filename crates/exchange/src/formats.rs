//! Tells what a file is from its content; names and extensions are not looked at.
//!
//! It names the kinds that offices send by mistake; it reads none of them.

use crate::errors::{Content, ReadError};

/// A kind of content that may hold a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A zip archive: `package` sees whether it is an xlsx.
    Package,
    /// A workbook of Excel 97 to 2003.
    Legacy,
    /// Anything that may be text: `delimited` sees whether it is.
    Text,
}

/// First bytes of what is not a list.
const MAGIC: &[(&[u8], Content)] = &[
    (b"\x89PNG\r\n\x1A\n", Content::Image),
    (b"\xFF\xD8\xFF", Content::Image),
    (b"GIF8", Content::Image),
    (b"II*\0", Content::Image),
    (b"MM\0*", Content::Image),
    (b"{\\rtf", Content::Rtf),
    (b"Rar!", Content::Archive),
    (b"7z\xBC\xAF\x27\x1C", Content::Archive),
    (b"\x1F\x8B", Content::Archive),
    (b"PK\x05\x06", Content::Archive),
    (b"\x7FELF", Content::Program),
    (b"OFD", Content::Ofd),
    // A workbook of Excel 2 to 4, without the container of the later ones.
    (b"\x09\x08\x10\0\0\x06\x05\0", Content::OldExcel),
    (b"\x09\0\x04\0", Content::OldExcel),
    (b"\x09\x02\x06\0", Content::OldExcel),
    (b"\x09\x04\x06\0", Content::OldExcel),
];
/// The container of Office before 2007, and of encrypted files of today.
const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Parts by which other packages than xlsx are known.
const PACKAGES: &[(&str, Content)] = &[
    ("word/document.xml", Content::Word),
    ("ppt/presentation.xml", Content::PowerPoint),
    ("xl/workbook.bin", Content::BinaryExcel),
    ("content.xml", Content::OpenDocument),
    ("ofd.xml", Content::Ofd),
];

/// Tells the format of the content.
pub(crate) fn sniff(data: &[u8]) -> Result<Format, ReadError> {
    let head = data.get(..1024).unwrap_or(data);
    if let Some((_, found)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(ReadError::NotAList { found: *found });
    }
    if head.starts_with(COMPOUND) {
        return match compound(data) {
            None => Ok(Format::Legacy),
            Some(found) => Err(ReadError::NotAList { found }),
        };
    }
    if head.starts_with(b"PK\x03\x04") {
        return Ok(Format::Package);
    }
    match markup(head) {
        Some(found) => Err(ReadError::NotAList { found }),
        None => Ok(Format::Text),
    }
}

/// Names what is in a compound file, if it is no workbook, by its directory, whose names are UTF-16.
fn compound(data: &[u8]) -> Option<Content> {
    let has = |name: &str| contains(data, &name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    match () {
        () if has("EncryptedPackage") || has("EncryptionInfo") => Some(Content::Encrypted),
        () if has("Workbook") => None,
        () if has("Book") => Some(Content::OldExcel),
        () => Some(Content::OldWord),
    }
}

/// Names what begins, after blanks and a byte-order mark, like no list.
fn markup(head: &[u8]) -> Option<Content> {
    if contains(head, b"%PDF-") {
        return Some(Content::Pdf);
    }
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let text = text.get(..15).unwrap_or(text).to_ascii_lowercase();
    if text.is_empty() && head.len() < 1024 {
        return Some(Content::Empty);
    }
    let starts = [
        ("<!doctype html", Content::Html),
        ("<html", Content::Html),
        ("<table", Content::Html),
        ("<meta", Content::Html),
        ("<?xml", Content::Xml),
        ("mime-version:", Content::Html),
        ("<", Content::Markup),
    ];
    starts.into_iter().find(|(start, _)| text.starts_with(start.as_bytes())).map(|(_, found)| found)
}

/// Names an archive that is no xlsx by the parts inside, in lower case.
pub(crate) fn package(names: &[String]) -> Content {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    PACKAGES.iter().find(|(part, _)| has(part)).map_or(Content::Archive, |(_, found)| *found)
}

fn contains(data: &[u8], wanted: &[u8]) -> bool {
    data.windows(wanted.len()).any(|window| window == wanted)
}
