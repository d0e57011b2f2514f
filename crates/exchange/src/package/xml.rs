//! Pieces of the XML of a package.

use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;

use crate::errors::ReadError;

/// An attribute by its name without prefix; empty where there is none.
pub(crate) fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<String, ReadError> {
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(ReadError::damaged)?;
        if attribute.key.local_name().as_ref() == name {
            return Ok(attribute.normalized_value(XmlVersion::Implicit1_0).map_err(ReadError::damaged)?.into_owned());
        }
    }
    Ok(String::new())
}

/// Takes a piece of XML as UTF-8; in another encoding the words looked for could hide.
pub(super) fn plain(piece: &[u8]) -> Result<&str, ReadError> {
    let text = std::str::from_utf8(piece).map_err(|_| ReadError::damaged("a part is not UTF-8"))?;
    let foreign = |declaration: &str| declaration.contains("encoding") && !declaration.contains("utf-8");
    let declaration = text.trim_start_matches('<').split("?>").next().unwrap_or_default();
    if text.contains('\0') || declaration.starts_with("?xml") && foreign(&declaration.to_ascii_lowercase()) {
        return Err(ReadError::damaged("a part is not UTF-8"));
    }
    Ok(text)
}
