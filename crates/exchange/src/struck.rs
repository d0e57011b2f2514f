//! Which shared texts of an xlsx are struck out in part.
//!
//! A cell's style tells of its text as a whole; what is struck out within it stands with the runs of the text alone.

use std::collections::HashSet;
use std::io::{BufReader, Cursor};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use crate::errors::ReadError;
use crate::package::{Package, attribute};

/// The numbers of the shared texts with a run that is struck out.
pub(crate) fn shared_texts(package: &Package) -> Result<HashSet<u32>, ReadError> {
    let mut archive = ZipArchive::new(Cursor::new(&package.data)).map_err(ReadError::damaged)?;
    let Ok(part) = archive.by_name("xl/sharedStrings.xml") else { return Ok(HashSet::new()) };
    let mut reader = Reader::from_reader(BufReader::new(part));
    reader.config_mut().check_end_names = false;
    let (mut struck, mut buffer, mut begun) = (HashSet::new(), Vec::new(), 0_u32);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(ReadError::damaged)? {
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                "si" => begun = begun.saturating_add(1),
                "strike" if begun > 0 && is_on(&tag)? => _ = struck.insert(begun - 1),
                _ => {}
            },
            Event::Eof => return Ok(struck),
            _ => {}
        }
    }
}

/// Whether a mark of a run is on: without a value it is.
pub(crate) fn is_on(tag: &BytesStart<'_>) -> Result<bool, ReadError> {
    Ok(!matches!(attribute(tag, "val")?.as_str(), "0" | "false"))
}
