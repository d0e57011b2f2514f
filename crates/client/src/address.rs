//! Addresses: what a number, a name or a parameter is written as in them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What RFC 3986 reserves no meaning for. Not the dot, since `..` is a step up.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

/// Writes a number, a name or an identifier as one segment of a path: `建/1` as `%E5%BB%BA%2F1`.
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// Writes pairs as a query string or a form.
pub(crate) fn pairs<N: AsRef<str>>(pairs: &[(N, String)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", segment(name.as_ref()), segment(value)));
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_leaves_nothing_that_has_a_meaning_in_an_address() {
        assert_eq!(segment("建/1 ../a?b#c%d"), "%E5%BB%BA%2F1%20%2E%2E%2Fa%3Fb%23c%25d");
        assert_eq!(segment("CNCA-R-2006-148_~"), "CNCA-R-2006-148_~");
    }

    #[test]
    fn pairs_are_joined_as_a_query_string() {
        assert_eq!(pairs(&[("q", "石 膏".to_owned()), ("limit", "5".to_owned())]), "q=%E7%9F%B3%20%E8%86%8F&limit=5");
    }
}
