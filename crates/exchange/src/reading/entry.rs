//! The values of one row, and the entry made of them.
//!
//! It sees one row and, for what is inherited, the one above; what kind of row it is has been decided.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::cells::{Cell, cell_name, fifteen_digits};
use crate::columns::{Column, Header};
use crate::dates;
use crate::faults::{Fault, FaultCode};
use crate::list::ListRow;
use crate::notes::{is_amount, is_note};
use crate::rows::Row;
use crate::status;
use crate::text::{bears_mark, clean, compact, has_unclear_comma, is_in_attachment, joined, models, star};
use lvcai_domain::one_line;

/// Columns of which the value above is taken where a cell is blank: what cities write once over several rows.
const INHERITED: &[Column] = &[Column::Enterprise, Column::Kind, Column::Body];
/// Characters of the name of a firm, a product or a model.
const NAME_CHARS: usize = 200;

/// Columns that state nothing of a certificate: whatever is wrong with them is passed over.
const ASIDE: &[Column] = &[Column::Serial, Column::Remark];

/// Cells of the known columns, made clean.
#[derive(Default)]
pub(super) struct Fields {
    /// Never an empty text; days in the ISO form.
    values: BTreeMap<Column, String>,
    /// Columns whose value is that of a merged cell which begins above.
    merged: BTreeSet<Column>,
    /// Columns that say that their value is the one above, and how.
    ditto: BTreeMap<Column, String>,
    /// Columns that say that there is no value, and how.
    nothing: BTreeMap<Column, String>,
    /// The names of the cells.
    cells: BTreeMap<Column, String>,
    faults: Vec<Fault>,
}

impl Fields {
    pub(super) fn gather(header: &Header, row: &Row, limit: usize) -> Self {
        let mut fields = Self::default();
        for (column, position) in &header.columns {
            let column = *column;
            fields.cells.insert(column, cell_name(row.number, *position));
            match row.cells.get(*position) {
                None | Some(Cell::Blank) => continue,
                Some(Cell::Text(raw)) => fields.text(column, raw, limit),
                Some(Cell::Number(shown, number)) => {
                    let is_day = matches!(column, Column::ValidUntil | Column::IssuedOn);
                    fields.put(column, &if is_day { fifteen_digits(*number) } else { shown.clone() });
                }
                Some(Cell::Date(date)) => fields.date(column, *date),
                Some(Cell::Nothing(text)) => _ = fields.nothing.insert(column, text.clone()),
                Some(Cell::Above(text)) => _ = fields.ditto.insert(column, text.clone()),
                Some(Cell::Unknown(code, text)) => fields.fault(column, *code, text),
            }
            if row.merged.contains(position) {
                fields.merged.insert(column);
            }
            if row.hidden.contains(position) {
                fields.fault(column, FaultCode::HiddenColumn, "");
            }
        }
        fields.faults.retain(|it| !ASIDE.iter().any(|aside| aside.header() == it.column));
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
            (number && text.contains('\n') && joined(text).is_some(), FaultCode::LineBreak),
            (
                number && (joined(text).is_none() || text.contains(['、', ';', '；', ',', '，'])),
                FaultCode::SeveralNumbers,
            ),
        ] {
            if is {
                self.fault(column, code, raw);
            }
        }
        if !text.is_empty() {
            self.put(column, text);
        }
    }

    fn date(&mut self, column: Column, date: Date) {
        if !matches!(column, Column::ValidUntil | Column::IssuedOn | Column::Remark) {
            self.fault(column, FaultCode::BecameDate, &date.to_string());
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
        let cell = self.cells.get(&column).cloned().unwrap_or_default();
        self.faults.push(Fault::new(column.header(), code, value).at(cell));
    }

    /// Says of the row as a whole what is wrong with it, and which cell shows it.
    pub(super) fn note(&mut self, column: Column, code: FaultCode, cell: String) {
        self.faults.push(Fault::new(column.header(), code, "").at(cell));
    }

    pub(super) fn is_empty(&self) -> bool {
        let own = self.values.keys().any(|it| !self.merged.contains(it));
        !own && self.faults.is_empty() && self.ditto.is_empty()
    }

    pub(super) fn has(&self, column: Column) -> bool {
        self.values.contains_key(&column)
    }

    /// Whether the column has a value that is not of a merged cell above.
    fn has_own(&self, column: Column) -> bool {
        self.has(column) && !self.merged.contains(&column)
    }

    /// Whether the column has a name of the row's own; what a total counts is none.
    pub(super) fn names(&self, column: Column) -> bool {
        let text = self.lines(column);
        self.has_own(column) && !is_amount(&text) && !is_note(&compact(&text))
    }

    pub(super) fn is_merged(&self, column: Column) -> bool {
        self.merged.contains(&column)
    }

    /// Tells whether every value of the row's own, and there is one, stands in one of the columns.
    pub(super) fn only(&self, columns: &[Column]) -> bool {
        let within = |it: &Column| columns.contains(it);
        let mut own = self.values.keys().filter(|it| !self.merged.contains(it)).peekable();
        let apart = self.faults.iter().any(|it| !columns.iter().any(|column| column.header() == it.column));
        own.peek().is_some() && own.all(within) && self.ditto.keys().all(within) && !apart
    }

    fn failed(&self, column: Column) -> bool {
        self.faults.iter().any(|it| it.column == column.header() && !it.code.is_notice())
    }

    /// Takes from the row above what the cells say, or leave blank because it is written once over several rows.
    ///
    /// A formula without value is no blank cell, and a cell that says `/` says that there is nothing.
    pub(super) fn inherit(&mut self, header: &Header, above: &Self) {
        for (column, text) in std::mem::take(&mut self.ditto) {
            match above.values.get(&column) {
                Some(value) => {
                    self.fault(column, FaultCode::SameAsAbove, value);
                    self.values.insert(column, value.clone());
                }
                None => _ = self.ditto.insert(column, text),
            }
        }
        for column in INHERITED.iter().copied().filter(|it| header.has(*it)) {
            let is_blank = !self.has(column) && !self.nothing.contains_key(&column) && !self.failed(column);
            let is_blank = is_blank && !self.ditto.contains_key(&column);
            if let Some(value) = above.values.get(&column).filter(|_| is_blank) {
                self.fault(column, FaultCode::Inherited, value);
                self.values.insert(column, value.clone());
            }
        }
        let taken = |it: &Fault| it.column == Column::Enterprise.header() && it.code.is_notice();
        if self.faults.iter().any(taken) || self.merged.contains(&Column::Enterprise) {
            for column in [Column::Uscc, Column::Serial] {
                let is_blank = !self.has(column) && !self.nothing.contains_key(&column) && !self.failed(column);
                if let Some(value) = above.values.get(&column).filter(|_| is_blank) {
                    self.values.insert(column, value.clone());
                }
            }
        }
    }

    /// Says what could not be inherited, and what is of merged cells.
    pub(super) fn settle(&mut self) {
        for (column, text) in std::mem::take(&mut self.ditto) {
            self.fault(column, FaultCode::Elsewhere, &text);
        }
        for column in self.merged.clone() {
            let value = self.lines(column);
            if value.is_empty() || ASIDE.contains(&column) {
                continue;
            }
            self.fault(column, FaultCode::Merged, &value);
        }
    }

    /// What a row below may inherit.
    pub(super) fn known(&self) -> Self {
        let values = self.values.iter().filter(|(column, _)| !self.failed(**column));
        Self { values: values.map(|(column, value)| (*column, value.clone())).collect(), ..Self::default() }
    }

    /// The models; what is only said to be in an attachment goes to the remark.
    pub(super) fn models(&mut self) -> Vec<String> {
        let text = self.lines(Column::Models);
        if has_unclear_comma(&text) {
            self.fault(Column::Models, FaultCode::UnclearComma, &text);
        }
        let (elsewhere, models): (Vec<_>, Vec<_>) = models(&text).into_iter().partition(|it| is_in_attachment(it));
        for model in models.iter().filter(|it| it.chars().count() > NAME_CHARS) {
            self.fault(Column::Models, FaultCode::NameTooLong, model);
        }
        for text in elsewhere {
            self.fault(Column::Models, FaultCode::InAttachment, &text);
            self.put(Column::Remark, &format!("规格型号{text}"));
        }
        models
    }

    pub(super) fn into_faults(self) -> Vec<Fault> {
        self.faults
    }

    /// Joins this row's text to the one above, unless it says the same.
    pub(super) fn append(&self, column: Column, above: &mut String, limit: usize) -> Option<Fault> {
        if !self.has_own(column) {
            return None;
        }
        let text = one_line(&self.lines(column));
        if text.is_empty() || *above == text {
            return None;
        }
        let (limit, code) = match column {
            Column::Product => (limit.min(NAME_CHARS), FaultCode::NameTooLong),
            _ => (limit, FaultCode::TooLong),
        };
        if above.chars().count() + text.chars().count() >= limit {
            let cell = self.cells.get(&column).cloned().unwrap_or_default();
            return Some(Fault::new(column.header(), code, &text).at(cell));
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
            match dates::serial(&text) {
                Some(day) => self.fault(column, FaultCode::SerialDate, &format!("{text}（{day}）")),
                None => self.fault(column, FaultCode::BadDate, &text),
            }
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

    /// A list names certificates that are valid; of others only their body may say what they are.
    fn status(&mut self) {
        let text = self.lines(Column::Status);
        let valid = status::read(&text).is_some_and(|it| it == lvcai_domain::ReportedStatus::Valid);
        if !text.is_empty() && !valid {
            self.fault(Column::Status, FaultCode::BadStatus, &text);
        }
    }

    /// Makes an entry.
    pub(super) fn entry(mut self, header: &Header, row: &Row) -> ListRow {
        let issued_on = self.day(Column::IssuedOn, dates::day);
        let valid_until = self.day(Column::ValidUntil, dates::last_day);
        let star = self.star();
        self.status();
        let models = self.models();
        if header.has(Column::ValidUntil) {
            self.note_missing(Column::ValidUntil);
        }
        for column in [Column::Enterprise, Column::Product, Column::Number] {
            self.note_missing(column);
        }
        for column in [Column::Enterprise, Column::Product] {
            let name = one_line(&self.lines(column));
            if bears_mark(&name) {
                self.fault(column, FaultCode::MarkedName, &name);
            }
            if name.chars().count() > NAME_CHARS && !self.failed(column) {
                self.fault(column, FaultCode::NameTooLong, &name);
            }
        }
        for (is, code) in [(row.is_hidden, FaultCode::HiddenRow), (row.is_struck, FaultCode::StruckOut)] {
            if is {
                self.faults.push(Fault::new("整行", code, ""));
            }
        }
        let uscc = self.uscc();
        let line = |column| one_line(&self.lines(column));
        ListRow {
            serial: line(Column::Serial),
            enterprise: line(Column::Enterprise),
            uscc,
            product_name: line(Column::Product),
            models,
            kind: line(Column::Kind),
            star,
            certificate_number: joined(&self.lines(Column::Number)).unwrap_or_default(),
            issued_on,
            valid_until,
            certification_body: line(Column::Body),
            remark: line(Column::Remark),
            faults: self.faults,
            ..ListRow::default()
        }
    }

    /// The unified code; an organisation code of nine characters is told and is none.
    fn uscc(&mut self) -> Option<String> {
        let uscc = compact(&self.lines(Column::Uscc)).to_ascii_uppercase();
        let bare = uscc.replace('-', "");
        let is_none = matches!(bare.as_str(), "" | "无" | "暂无" | "境外") || bare.bytes().all(|it| it == b'0');
        let is_old = bare.len() == 9 && bare.bytes().all(|it| it.is_ascii_digit() || it.is_ascii_uppercase());
        if is_old && !is_none {
            self.fault(Column::Uscc, FaultCode::OrganisationCode, &uscc);
        }
        (!is_none && !is_old).then_some(uscc)
    }

    /// Notes that a value which no entry can do without is not there, unless the reason is already told.
    fn note_missing(&mut self, column: Column) {
        if !self.has(column) && !self.faults.iter().any(|it| it.column == column.header()) {
            let said = self.nothing.get(&column).cloned().unwrap_or_default();
            self.fault(column, FaultCode::Missing, &said);
        }
    }
}
