//! Tells what a file is from its content; names and extensions are not looked at.
//!
//! It names the kinds that offices send by mistake; it reads none of them.

use crate::errors::ReadError;

/// A kind of content that may hold a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A zip archive: `package` sees whether it is an xlsx.
    Package,
    /// Anything that may be text: `delimited` sees whether it is.
    Text,
}

/// First bytes of what is not a list.
const MAGIC: &[(&[u8], &str)] = &[
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Excel or Word file (xls, doc) or a password-protected one"),
    (b"\x89PNG\r\n\x1A\n", "an image (PNG)"),
    (b"\xFF\xD8\xFF", "an image (JPEG)"),
    (b"GIF8", "an image (GIF)"),
    (b"II*\0", "an image (TIFF)"),
    (b"MM\0*", "an image (TIFF)"),
    (b"{\\rtf", "RTF"),
    (b"Rar!", "an archive (RAR)"),
    (b"7z\xBC\xAF\x27\x1C", "an archive (7z)"),
    (b"\x1F\x8B", "an archive (gzip)"),
    (b"\x7FELF", "a program"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"OFD", "OFD"),
];

/// Parts by which other packages than xlsx are known.
const PACKAGES: &[(&str, &str)] = &[
    ("word/document.xml", "Word (docx)"),
    ("ppt/presentation.xml", "PowerPoint (pptx)"),
    ("xl/workbook.bin", "binary Excel (xlsb)"),
    ("content.xml", "OpenDocument"),
    ("OFD.xml", "OFD"),
];

/// Tells the format of the content.
pub(crate) fn sniff(data: &[u8]) -> Result<Format, ReadError> {
    let head = data.get(..1024).unwrap_or(data);
    if let Some((_, found)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(ReadError::NotAList { found });
    }
    if head.starts_with(b"PK\x03\x04") {
        return Ok(Format::Package);
    }
    match markup(head) {
        Some(found) => Err(ReadError::NotAList { found }),
        None => Ok(Format::Text),
    }
}

/// Names what begins, after blanks and a byte-order mark, like no list.
fn markup(head: &[u8]) -> Option<&'static str> {
    if contains(head, b"%PDF-") {
        return Some("PDF");
    }
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let text = text.get(..15).unwrap_or(text).to_ascii_lowercase();
    if text.is_empty() && head.len() < 1024 {
        return Some("empty");
    }
    [("<!doctype html", "HTML"), ("<html", "HTML"), ("<table", "HTML"), ("<?xml", "XML"), ("<", "markup")]
        .into_iter()
        .find(|(start, _)| text.starts_with(start.as_bytes()))
        .map(|(_, found)| found)
}

/// Tells an xlsx from the other zip archives by the names inside.
pub(crate) fn is_workbook(names: &[String]) -> Result<(), ReadError> {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    if has("[Content_Types].xml") && has("xl/workbook.xml") {
        return Ok(());
    }
    let found = PACKAGES.iter().find(|(part, _)| has(part)).map_or("a ZIP archive", |(_, found)| found);
    Err(ReadError::NotAList { found })
}

fn contains(data: &[u8], wanted: &[u8]) -> bool {
    data.windows(wanted.len()).any(|window| window == wanted)
}
