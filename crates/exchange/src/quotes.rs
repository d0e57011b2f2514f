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
    let mut scan = Scan { bytes: text.as_bytes(), at: 0, line: 1, delimiter };
    while scan.at < scan.bytes.len() {
        scan.record(columns)?;
    }
    Ok(())
}

/// A quoted field over several lines: the column in which it begins, its line, and the delimiters of its lines.
struct Quoted {
    column: usize,
    line: u32,
    delimiters: Vec<usize>,
}

impl Quoted {
    /// Tells whether it is the end of a row, perhaps other rows, and the beginning of a row that has `behind` fields
    /// more.
    ///
    /// A text of several lines would need just as many delimiters on its first and its last by chance.
    /// The lines between may be anything, for some programs leave out the delimiters behind the last value of a row.
    /// Where they do, the two rows are as long as what was made of them.
    fn holds_rows(&self, columns: usize, behind: usize) -> bool {
        let [first, .., last] = self.delimiters.as_slice() else { return false };
        let made = self.column + 1 + behind;
        let is_row = |fields: usize| fields == columns || fields == made && made < columns && made * 2 > columns;
        is_row(first + self.column + 1) && is_row(last + behind + 1)
    }
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
    delimiter: u8,
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

    fn record(&mut self, columns: usize) -> Result<(), ReadError> {
        let (mut column, mut quoted) = (0, Vec::new());
        loop {
            if self.peek() == Some(b'"') {
                quoted.extend(self.quoted(column)?);
            }
            if !self.skip_field() {
                break;
            }
            column += 1;
        }
        match quoted.iter().find(|it| columns > 2 && it.holds_rows(columns, column - it.column)) {
            Some(field) => Err(ReadError::BrokenQuotes { line: field.line }),
            None => Ok(()),
        }
    }

    /// Passes a quoted field; answers one of several lines.
    fn quoted(&mut self, column: usize) -> Result<Option<Quoted>, ReadError> {
        let mut field = Quoted { column, line: self.line, delimiters: vec![0] };
        let broken = ReadError::BrokenQuotes { line: field.line };
        let mut line = self.line;
        self.pass();
        loop {
            match self.pass() {
                None => return Err(broken),
                Some(b'"') if self.peek() == Some(b'"') => _ = self.pass(),
                Some(b'"') => break,
                Some(byte) => {
                    if let Some(count) = field.delimiters.last_mut() {
                        *count += usize::from(byte == self.delimiter);
                    }
                    if self.line > line {
                        line = self.line;
                        field.delimiters.push(0);
                    }
                }
            }
        }
        while self.peek() == Some(b' ') {
            self.pass();
        }
        match self.peek() {
            Some(byte) if byte != self.delimiter && !matches!(byte, b'\r' | b'\n') => Err(broken),
            _ => Ok((field.delimiters.len() > 1).then_some(field)),
        }
    }

    /// Passes what is left of a field and what ends it; tells whether another follows in the record.
    fn skip_field(&mut self) -> bool {
        while let Some(byte) = self.pass() {
            if byte == self.delimiter || matches!(byte, b'\r' | b'\n') {
                return byte == self.delimiter;
            }
        }
        false
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
            "a,\"1,2,3\n4,5\",c",
            "a,b,\"1\n2\n\n3\"",
            "a,\"1\n2\n3\"",
            "\"1\n2\n3\"",
            "\"1\n2\n3\",b",
            "a,b,\"1\n2\"",
            "\"1,2\n3,4,5\",b,c",
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
            ("a,b,c\n1,2,\"3\n4,5\n7,8,9\"\n", 2),
            ("a,b,c\n1,2,\"3\n4\n\n7,8,9\"\n", 2),
            ("a,b,c\n1,\"2\n4,5\n7,8\"\n", 2),
            ("a,b,c\n1,\"2\n4,5,6\n7,8\"\n", 2),
            ("\"", 1),
        ] {
            assert_eq!(broken(text), Some(line), "{text}");
        }
    }
}
