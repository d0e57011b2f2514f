//! Writes small tables, as csv for spreadsheets and as aligned text for terminals.
//!
//! It takes texts as they are given; how a date or a state is worded is the caller's.

use std::io::{self, Write};

use csv::{Terminator, WriterBuilder};

/// A table of texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table<'a> {
    /// The names of the columns.
    pub headers: Vec<&'a str>,
    /// The rows; a short row ends in empty cells.
    pub rows: Vec<Vec<String>>,
}

/// Csv as Excel opens it: UTF-8 with a byte-order mark, CRLF, no cell taken for a formula.
///
/// A cell that begins with `=`, `+`, `-`, `@`, their full-width forms, a tab or a line break gets `'` before it.
#[derive(Debug)]
pub struct Csv<W: Write>(W);

impl<W: Write> Csv<W> {
    /// Begins a file with its mark, so that one which cannot be written to is known before there are rows.
    pub fn begin(mut out: W) -> io::Result<Self> {
        out.write_all("\u{feff}".as_bytes())?;
        out.flush()?;
        Ok(Self(out))
    }

    /// Writes the table.
    pub fn write(self, table: &Table<'_>) -> io::Result<()> {
        let mut writer = WriterBuilder::new().flexible(true).terminator(Terminator::CRLF).from_writer(self.0);
        writer.write_record(table.headers.iter().map(|it| disarmed(it)))?;
        for row in &table.rows {
            writer.write_record(row.iter().map(|it| disarmed(it)))?;
        }
        writer.flush()
    }
}

fn disarmed(cell: &str) -> String {
    let armed = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if armed { format!("'{cell}") } else { cell.to_owned() }
}

/// Writes aligned text: columns two blanks apart, Chinese characters two wide, one line to a row.
///
/// Control characters become blanks, so that a cell can neither break the table nor command the terminal.
pub fn write_table(table: &Table<'_>, mut out: impl Write) -> io::Result<()> {
    let headers = table.headers.iter().map(|it| plain(it)).collect();
    let mut lines: Vec<Vec<String>> = vec![headers];
    lines.extend(table.rows.iter().map(|row| row.iter().map(|it| plain(it)).collect()));
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let widest =
        |column: usize| lines.iter().filter_map(|line| line.get(column)).map(|it| width(it)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let rule = widths.iter().map(|width| "-".repeat(*width)).collect();
    lines.insert(1, rule);
    for line in &lines {
        let mut text = String::new();
        for (cell, wanted) in line.iter().zip(&widths) {
            text.push_str(cell);
            text.push_str(&" ".repeat(wanted.saturating_sub(width(cell)) + 2));
        }
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(())
}

fn plain(cell: &str) -> String {
    let shown = |c: char| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    cell.chars().filter(|c| shown(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn width(text: &str) -> usize {
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

/// East Asian wide and full-width characters.
fn is_wide(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}' | '\u{ff01}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table<'a>(headers: &[&'a str], rows: &[&[&str]]) -> Table<'a> {
        let rows = rows.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect();
        Table { headers: headers.to_vec(), rows }
    }

    #[test]
    fn no_cell_of_csv_is_taken_for_a_formula() {
        let mut out = Vec::new();
        let cells = ["=1+1", "+1", "-1", "@a", "\tb", "\rc", "＝1", "a,\"b\""];
        let rows = cells.map(|it| [it]);
        let table = table(&["名称"], &rows.each_ref().map(|it| it.as_slice()));
        Csv::begin(&mut out).unwrap().write(&table).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "\u{feff}名称\r\n'=1+1\r\n'+1\r\n'-1\r\n'@a\r\n'\tb\r\n\"'\rc\"\r\n'＝1\r\n\"a,\"\"b\"\"\"\r\n"
        );
    }

    #[test]
    fn chinese_is_aligned_and_the_terminal_is_not_commanded() {
        let mut out = Vec::new();
        write_table(&table(&["名称", "n"], &[&["砂浆A", "1"], &["x\u{1b}[31m", "22"], &["短"]]), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "名称   n\n------  --\n砂浆A   1\nx [31m  22\n短\n".replace("名称   n", "名称    n"));
    }
}
