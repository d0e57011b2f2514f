//! Where the headers of a table stand, and which values stand below none of them.

use crate::cells::Cell;
use crate::headers::Heading;
use crate::rows::Row;
use crate::text::compact;

/// The columns over which a header stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Span {
    /// By position, whether a column has a header.
    named: Vec<bool>,
    /// How many fields the header has, in csv.
    fields: Option<usize>,
}

impl Span {
    /// Takes the header that a row ends.
    pub(crate) fn of(headings: &[Heading], row: &Row) -> Self {
        let named: Vec<bool> = headings.iter().map(|it| !it.text.is_empty()).collect();
        let fields = row.fields.map(|it| it.max(named.len()));
        Self { named, fields }
    }

    /// The position of a value that shows that values of a row may stand in wrong columns: one below no header, or a
    /// number that seems to have been cut at its thousands in a record that is longer than its header.
    ///
    /// A blank cell at the end is a habit of some programs.
    pub(crate) fn stray(&self, row: &Row) -> Option<usize> {
        let has_header = |position: usize| self.named.get(position) == Some(&true);
        let is_blank = |cell: &Cell| match cell {
            Cell::Blank => true,
            Cell::Nothing(text) => text.is_empty(),
            _ => false,
        };
        let mut cells = row.cells.iter().enumerate();
        // Lists whose rows are numbered often have no header over the numbers.
        let first = self.named.iter().position(|it| *it).unwrap_or_default();
        let is_serial = |position: usize, cell: &Cell| {
            let text = compact(&cell.shown());
            position < first && text.len() <= 6 && text.trim_end_matches('.').bytes().all(|it| it.is_ascii_digit())
        };
        let nameless =
            cells.find(|(position, cell)| !has_header(*position) && !is_blank(cell) && !is_serial(*position, cell));
        let is_longer = row.fields > self.fields;
        let cut = || row.cells.windows(2).position(is_cut).filter(|_| is_longer);
        nameless.map(|(position, _)| position).or_else(cut)
    }
}

/// Tells whether two cells seem to be one number, cut at its thousands.
fn is_cut(pair: &[Cell]) -> bool {
    let [one, next] = pair else { return false };
    let (one, next) = (compact(&one.shown()), compact(&next.shown()));
    let tail = one.trim_end_matches(|c: char| c.is_ascii_digit());
    let head = next.trim_start_matches(|c: char| c.is_ascii_digit());
    matches!(one.len() - tail.len(), 1..=3) && next.len() - head.len() == 3 && !one.contains('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(texts: &[&str]) -> Row {
        let mut cells: Vec<Cell> = texts.iter().map(|it| Cell::text(it, 100)).collect();
        let fields = Some(cells.len());
        while cells.last() == Some(&Cell::Blank) {
            cells.pop();
        }
        Row { cells, fields, ..Row::default() }
    }

    fn stray(headers: &[&str], texts: &[&str]) -> Option<usize> {
        let heading = |it: &&str| Heading { text: (*it).to_owned(), word: None };
        Span::of(&headers.iter().map(heading).collect::<Vec<_>>(), &row(headers)).stray(&row(texts))
    }

    #[test]
    fn a_row_with_a_separator_too_many_is_shifted() {
        let headers = ["a", "b", "c"];
        assert_eq!(stray(&headers, &["A-1", "1", "200×600", "x"]), Some(3));
        assert_eq!(stray(&headers, &["A-1", "1", "200×600", ""]), Some(1));
        assert_eq!(stray(&headers, &["A-1", "65系列", "x", ""]), None);
        assert_eq!(stray(&headers, &["A-1", "65系列"]), None);
    }

    #[test]
    fn a_value_below_no_header_is_stray() {
        assert_eq!(stray(&["a", "", "c", ""], &["1", "", "3", ""]), None);
        assert_eq!(stray(&["a", "", "c", ""], &["1", "", "3", "4"]), Some(3));
        assert_eq!(stray(&["a", "", "c", ""], &["1", "2", "3", ""]), Some(1));
        // Rows are numbered without a header.
        assert_eq!(stray(&["", "b", "c"], &["12", "x", "y"]), None);
        assert_eq!(stray(&["", "b", "c"], &["x", "12", "y"]), Some(0));
        assert_eq!(stray(&["", "b", ""], &["12", "x", "13"]), Some(2));
    }
}
