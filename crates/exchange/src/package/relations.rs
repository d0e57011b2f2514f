//! Which parts of a package are the workbook, its sheets, strings and styles.
//!
//! A package says so by relationships; the names of parts are free.
//! Office 365 calls a workbook that several persons edit `workbook22.xml`, and some programs write `\` for `/`.

use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipArchive;

use super::xml::{attribute, plain};
use crate::errors::{Content, ReadError};
use crate::formats;

/// Bytes of a part of relationships, 1 MiB; each takes about 150.
const RELATIONS_BYTES: u64 = 1024 * 1024;

pub(super) type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// The parts of a workbook, by their places in the archive.
pub(super) struct Relations {
    pub(super) workbook: usize,
    /// Sheets with their ids and the last word of their type.
    pub(super) sheets: Vec<(String, String, usize)>,
    pub(super) strings: Option<usize>,
    pub(super) styles: Option<usize>,
}

/// A relationship: its id, the last word of its type, and where it leads.
struct Relationship {
    id: String,
    kind: String,
    target: String,
}

impl Relations {
    /// Follows the relationships from the root; `names` are those of the parts, in order.
    pub(super) fn read(archive: &mut Archive<'_>, names: &[String]) -> Result<Self, ReadError> {
        let names: Vec<String> = names.iter().map(|it| canonical(it)).collect();
        let place = |wanted: &str| names.iter().position(|it| it == wanted);
        let other = || ReadError::NotAList { found: formats::package(&names) };
        let root = place("_rels/.rels").ok_or_else(other)?;
        let root = relationships(archive, root)?;
        let document = root.iter().find(|it| it.kind == "officeDocument").ok_or_else(other)?;
        let path = resolved("", &document.target);
        if path.ends_with(".bin") {
            return Err(ReadError::NotAList { found: Content::BinaryExcel });
        }
        let found = formats::package(&names);
        if found != Content::Archive {
            return Err(ReadError::NotAList { found });
        }
        let workbook = place(&path).ok_or_else(|| ReadError::damaged("the part of the workbook is missing"))?;
        let (folder, name) = path.rsplit_once('/').map_or(("", path.as_str()), |(folder, name)| (folder, name));
        let relations = place(&resolved(folder, &format!("_rels/{name}.rels")))
            .ok_or_else(|| ReadError::damaged("the workbook has no relationships"))?;
        // Programs that leave these two relationships out keep to the usual names.
        let (strings, styles) = (place(&resolved(folder, "sharedStrings.xml")), place(&resolved(folder, "styles.xml")));
        let mut parts = Self { workbook, sheets: Vec::new(), strings, styles };
        for Relationship { id, kind, target } in relationships(archive, relations)? {
            let part = place(&resolved(folder, &target));
            match (kind.as_str(), part) {
                ("sharedStrings", part) => parts.strings = part,
                ("styles", part) => parts.styles = part,
                ("worksheet" | "chartsheet" | "dialogsheet", Some(part)) => parts.sheets.push((id, kind, part)),
                _ => {}
            }
        }
        Ok(parts)
    }
}

fn relationships(archive: &mut Archive<'_>, part: usize) -> Result<Vec<Relationship>, ReadError> {
    let part = archive.by_index(part).map_err(ReadError::damaged)?;
    let mut bytes = Vec::new();
    part.take(RELATIONS_BYTES + 1).read_to_end(&mut bytes).map_err(ReadError::damaged)?;
    if bytes.len() > usize::try_from(RELATIONS_BYTES).unwrap_or(usize::MAX) {
        return Err(ReadError::damaged("too many relationships"));
    }
    let text = plain(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes))?;
    let mut reader = Reader::from_str(text);
    let mut all = Vec::new();
    loop {
        match reader.read_event().map_err(ReadError::damaged)? {
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == "Relationship" => {
                let kind = attribute(&tag, "Type")?;
                let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                all.push(Relationship { id: attribute(&tag, "Id")?, kind, target: attribute(&tag, "Target")? });
            }
            Event::Eof => return Ok(all),
            _ => {}
        }
    }
}

/// The name of a part, as packages compare them.
fn canonical(name: &str) -> String {
    name.replace('\\', "/").trim_start_matches('/').to_ascii_lowercase()
}

/// Where a target leads from a folder.
fn resolved(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let path = if target.starts_with('/') { target } else { format!("{folder}/{target}") };
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." => _ = steps.pop(),
            step => steps.push(step),
        }
    }
    canonical(&steps.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_leads_from_its_folder_or_from_the_root() {
        for (folder, target, wanted) in [
            ("", "xl/workbook22.xml", "xl/workbook22.xml"),
            ("", "/xl/workbook.xml", "xl/workbook.xml"),
            ("xl", "worksheets/Sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "/xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "..\\xl\\.\\styles.xml", "xl/styles.xml"),
        ] {
            assert_eq!(resolved(folder, target), wanted, "{target}");
        }
    }
}
