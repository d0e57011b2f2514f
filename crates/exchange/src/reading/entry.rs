//! The values of one row, and the entry made of them.
//!
//! It sees one row and, for what is inherited, the one above; what kind of row it is has been decided.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::cells::{Cell, clean, compact, is_placeholder, models, one_line, star};
use crate::columns::{Column, Header};
use crate::dates;
use crate::faults::{Fault, FaultCode};
use crate::list::ListRow;

/// Cells of the known columns, made clean.
#[derive(Default)]
pub(super) struct Fields {
    /// Never an empty text; days in the ISO form.
    values: BTreeMap<Column, String>,
    faults: Vec<Fault>,
}

impl Fields {
    pub(super) fn gather(header: &Header, cells: &[Cell], limit: usize) -> Self {
        let mut fields = Self::default();
        for (column, position) in &header.columns {
            match cells.get(*position) {
                None | Some(Cell::Blank) => {}
                Some(Cell::Text(raw)) => fields.text(*column, raw, limit),
                Some(Cell::Number(number)) => fields.number(*column, *number),
                Some(Cell::Date(date)) => fields.date(*column, *date),
                Some(Cell::Error(name)) => fields.fault(*column, FaultCode::FormulaError, name),
            }
        }
        fields
    }

    fn text(&mut self, column: Column, raw: &str, limit: usize) {
        let cleaned = clean(raw, limit);
        let text = &cleaned.text;
        let number = column == Column::Number;
        for (is, code) in [
            (cleaned.had_controls, FaultCode::ControlCharacter),
            (cleaned.was_cut, FaultCode::TooLong),
            (number && cleaned.had_full_width, FaultCode::FullWidth),
            (number && text.contains('\n'), FaultCode::LineBreak),
            (number && text.contains(['、', ';', '；', ',', '，']), FaultCode::SeveralNumbers),
            (number && text.contains("E+") && text.parse::<f64>().is_ok(), FaultCode::Altered),
        ] {
            if is {
                self.fault(column, code, raw);
            }
        }
        if !text.is_empty() && !is_placeholder(text) {
            self.put(column, text);
        }
    }

    fn number(&mut self, column: Column, number: f64) {
        // Excel keeps 15 digits; a longer number has lost the others.
        if column == Column::Number && number.abs() >= 1e15 {
            self.fault(column, FaultCode::Altered, &number.to_string());
        }
        self.put(column, &number.to_string());
    }

    fn date(&mut self, column: Column, date: Date) {
        if !matches!(column, Column::ValidUntil | Column::IssuedOn | Column::Remark) {
            self.fault(column, FaultCode::Altered, &date.to_string());
        }
        self.put(column, &date.to_string());
    }

    fn put(&mut self, column: Column, text: &str) {
        let value = self.values.entry(column).or_default();
        if !value.is_empty() {
            value.push('\n');
        }
        value.push_str(text);
    }

    fn fault(&mut self, column: Column, code: FaultCode, value: &str) {
        self.faults.push(Fault::new(column.header(), code, value));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.faults.is_empty()
    }

    pub(super) fn has(&self, column: Column) -> bool {
        self.values.contains_key(&column)
    }

    /// Tells whether every value, and there is one, stands in one of the columns.
    pub(super) fn only(&self, columns: &[Column]) -> bool {
        !self.values.is_empty() && self.values.keys().all(|it| columns.contains(it))
    }

    pub(super) fn models(&self) -> Vec<String> {
        models(&self.lines(Column::Models))
    }

    pub(super) fn into_faults(self) -> Vec<Fault> {
        self.faults
    }

    /// Joins this row's text to the one above, unless it says the same.
    pub(super) fn append(&self, column: Column, above: &mut String, limit: usize) -> Option<Fault> {
        let text = one_line(&self.lines(column));
        if text.is_empty() || *above == text {
            return None;
        }
        if above.chars().count() + text.chars().count() >= limit {
            return Some(Fault::new(column.header(), FaultCode::TooLong, &text));
        }
        if !above.is_empty() {
            above.push('、');
        }
        above.push_str(&text);
        None
    }

    fn lines(&self, column: Column) -> String {
        self.values.get(&column).cloned().unwrap_or_default()
    }

    fn day(&mut self, column: Column, read: fn(&str) -> Option<Date>) -> Option<Date> {
        let text = self.lines(column);
        let day = if text.is_empty() { None } else { read(&text) };
        if day.is_none() && !text.is_empty() {
            self.fault(column, FaultCode::BadDate, &text);
        }
        day
    }

    fn star(&mut self) -> Option<u8> {
        let text = self.lines(Column::Star);
        if text.is_empty() {
            return None;
        }
        let read = star(&text);
        if read.is_none() {
            self.fault(Column::Star, FaultCode::BadStar, &text);
        }
        read.flatten()
    }

    /// Makes an entry, without what only its place in the list can give.
    pub(super) fn entry(mut self, header: &Header) -> ListRow {
        let issued_on = self.day(Column::IssuedOn, dates::day);
        let valid_until = self.day(Column::ValidUntil, dates::last_day);
        let star = self.star();
        let told = self.faults.iter().any(|it| it.column == Column::ValidUntil.header());
        if header.has(Column::ValidUntil) && !self.has(Column::ValidUntil) && !told {
            self.fault(Column::ValidUntil, FaultCode::Missing, "");
        }
        let line = |column| one_line(&self.lines(column));
        let uscc = compact(&self.lines(Column::Uscc)).to_ascii_uppercase();
        ListRow {
            serial: line(Column::Serial),
            enterprise: line(Column::Enterprise),
            uscc: (!uscc.is_empty()).then_some(uscc),
            product_name: line(Column::Product),
            models: self.models(),
            kind: line(Column::Kind),
            star,
            certificate_number: self.lines(Column::Number).split('\n').map(str::trim).collect(),
            issued_on,
            valid_until,
            certification_body: line(Column::Body),
            remark: line(Column::Remark),
            faults: self.faults,
            ..ListRow::default()
        }
    }
}

/// Fills what a merged cell leaves empty.
pub(super) fn inherit(entry: &mut ListRow, above: &ListRow) {
    let column = Column::Enterprise.header();
    let failed = entry.faults.iter().any(|it| it.column == column);
    if !entry.enterprise.is_empty() || above.enterprise.is_empty() || failed {
        return;
    }
    entry.enterprise.clone_from(&above.enterprise);
    entry.faults.push(Fault::new(column, FaultCode::Inherited, ""));
    if entry.uscc.is_none() {
        entry.uscc.clone_from(&above.uscc);
    }
    if entry.serial.is_empty() {
        entry.serial.clone_from(&above.serial);
    }
}

/// Notes which values no entry can do without are empty, unless the reason is already told.
pub(super) fn note_missing(entry: &mut ListRow) {
    for (column, value) in [
        (Column::Enterprise, &entry.enterprise),
        (Column::Product, &entry.product_name),
        (Column::Number, &entry.certificate_number),
    ] {
        let column = column.header();
        if value.is_empty() && !entry.faults.iter().any(|it| it.column == column) {
            entry.faults.push(Fault::new(column, FaultCode::Missing, ""));
        }
    }
}
