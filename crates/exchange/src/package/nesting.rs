//! Follows how the tags of a sheet nest, as the XML reader will see them.
//!
//! calamine joins whatever text it finds until the tag that ends a cell or string, so only tags that truly begin
//! one may be taken for a boundary.
//! Hence tags must be closed in order, and comments and CDATA, which could hide tags, are refused.
//! Attributes are not looked at.

use crate::errors::ReadError;

/// The deepest nesting; sheets need about ten.
const DEPTH: usize = 64;

/// Where a tag stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It begins a row, cell or shared string: what was read before is done with.
    Boundary,
    /// It is anything else.
    Within,
}

/// The tags that are open.
#[derive(Default)]
pub(super) struct Nesting {
    open: Vec<String>,
}

impl Nesting {
    /// Takes what stands between one `<` and the next.
    pub(super) fn follow(&mut self, piece: &str) -> Result<Place, ReadError> {
        if piece.starts_with('?') && piece.contains("?>") {
            return Ok(Place::Within);
        }
        if piece.starts_with(['?', '!']) {
            return Err(ReadError::damaged("a sheet holds a comment, CDATA or a document type"));
        }
        let tag = tag(piece).ok_or_else(|| ReadError::damaged("a tag of a sheet has no end"))?;
        if let Some(name) = tag.strip_prefix('/') {
            let matches = self.open.pop().is_some_and(|it| it == name.trim_end());
            return if matches {
                Ok(Place::Within)
            } else {
                Err(ReadError::damaged("the tags of a sheet do not match"))
            };
        }
        let begins = matches!(local(name(tag)), "row" | "c" | "si");
        let inside = self.open.iter().any(|it| matches!(local(it), "c" | "si"));
        if !tag.ends_with('/') {
            self.open.push(name(tag).to_owned());
        }
        if self.open.len() > DEPTH {
            return Err(ReadError::damaged("the tags of a sheet are nested too deep"));
        }
        Ok(if begins && !inside { Place::Boundary } else { Place::Within })
    }
}

/// Tells whether a shared string begins here.
pub(super) fn is_string(piece: &str) -> bool {
    tag(piece).is_some_and(|tag| local(name(tag)) == "si")
}

/// The tag without its `>`, which does not count inside quotes.
fn tag(piece: &str) -> Option<&str> {
    let mut quote = None;
    let end = piece.find(|c| match (quote, c) {
        (None, '>') => true,
        (None, '"' | '\'') => {
            quote = Some(c);
            false
        }
        (Some(open), _) if open == c => {
            quote = None;
            false
        }
        _ => false,
    })?;
    piece.get(..end)
}

fn name(tag: &str) -> &str {
    let name = tag.split([' ', '\t', '\r', '\n']).next().unwrap_or_default();
    name.strip_suffix('/').unwrap_or(name)
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many boundaries there are, or that it is refused.
    fn boundaries(xml: &str) -> Option<usize> {
        let mut nesting = Nesting::default();
        let places = xml.split('<').skip(1).map(|it| nesting.follow(it).ok()).collect::<Option<Vec<_>>>()?;
        Some(places.into_iter().filter(|it| *it == Place::Boundary).count())
    }

    #[test]
    fn only_true_beginnings_are_boundaries() {
        assert_eq!(boundaries("<?xml version='1'?><x:row a='>/'><x:c/><c r=\"/\" ><is>t</is></c ></x:row>"), Some(3));
        assert_eq!(boundaries("<c><is><t>text<row><c/></row></t></is></c>"), Some(1));
        for hidden in ["<c><!-- </c> -->", "<c><t></c>", "<c><![CDATA[</c>]]></c>", "<?x <c>?>", "<c a='>"] {
            assert_eq!(boundaries(hidden), None, "{hidden}");
        }
        assert_eq!(boundaries(&"<a>".repeat(65)), None);
    }
}
