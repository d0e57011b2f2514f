//! Looks whether the quotes of a csv file can be believed, before it is read.
//!
//! A quote that is opened and not closed takes the rows below into its field, up to the next quote in the file or to
//! its end.
//! A csv reader hands such a field on without a word, so the rows that are in it would be lost.

use crate::errors::ReadError;

/// Refuses a text in which a quoted field does not end where a field ends, or holds whole rows.
///
/// `columns` is how many columns the header has.
pub(crate) fn check(text: &str, delimiter: u8, columns: usize) -> Result<(), ReadError> {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0, line: 1 };
    while scan.at < scan.bytes.len() {
        if scan.peek() == Some(b'"') {
            scan.quoted(delimiter, columns)?;
        }
        scan.skip_field(delimiter);
    }
    Ok(())
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Passes a byte and counts lines: of CR, LF or both.
    fn pass(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        if byte == b'\n' || byte == b'\r' && self.peek() != Some(b'\n') {
            self.line = self.line.saturating_add(1);
        }
        Some(byte)
    }

    /// Passes a quoted field.
    fn quoted(&mut self, delimiter: u8, columns: usize) -> Result<(), ReadError> {
        let line = self.line;
        let broken = |_| ReadError::BrokenQuotes { line };
        self.pass();
        let mut delimiters = 0;
        loop {
            match self.pass().ok_or(()).map_err(broken)? {
                b'"' if self.peek() == Some(b'"') => _ = self.pass(),
                b'"' => break,
                byte => delimiters += usize::from(byte == delimiter),
            }
        }
        // As many delimiters as a row has, over several lines, are a row that was taken in.
        if self.line > line && columns > 2 && delimiters + 1 >= columns {
            return Err(broken(()));
        }
        while self.peek() == Some(b' ') {
            self.pass();
        }
        match self.peek() {
            None | Some(b'\r' | b'\n') => Ok(()),
            Some(byte) if byte == delimiter => Ok(()),
            Some(_) => Err(broken(())),
        }
    }

    /// Passes what is left of a field, and what ends it.
    fn skip_field(&mut self, delimiter: u8) {
        while let Some(byte) = self.pass() {
            if byte == delimiter || matches!(byte, b'\r' | b'\n') {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str) -> Option<u32> {
        match check(text, b',', 3) {
            Ok(()) => None,
            Err(ReadError::BrokenQuotes { line }) => Some(line),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn quotes_that_end_where_a_field_ends_are_believed() {
        for text in [
            "a,b,c\n1,\"2,\n3\",4\n",
            "\"a\",\"b\"\"c\",\"\"\r\n\"\"\"\",x,\" y \" \r\n",
            "a,6\" pipe,c\n",
            "a,b,\"c\"",
            "",
            "\"a\nb\nc\",d,e",
        ] {
            assert_eq!(broken(text), None, "{text}");
        }
    }

    #[test]
    fn a_quote_that_takes_rows_in_is_told_by_its_line() {
        for (text, line) in [
            ("a,b,c\n1,2,\"3\n4,5,6\n7,8,9\n", 2),
            ("a,b,c\r1,2,\"3\r4,5,6", 2),
            ("a,b,c\r\n1,2,3\r\n4,5,\"6\r\n7,8,\"9\r\n", 3),
            ("a,b,c\n1,\"2,3\n4,5\",6\n", 2),
            ("a,b,c\n1,\"2\"x,3\n", 2),
            ("\"", 1),
        ] {
            assert_eq!(broken(text), Some(line), "{text}");
        }
    }
}
