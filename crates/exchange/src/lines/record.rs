//! Makes the JSON of one record of one row of a report.
//!
//! Where a value belongs is said by `domain`'s fields, how it is written by `values`; what is missing or contradicts
//! itself is not looked for.

use lvcai_domain::spelling::{is_name, says_nothing};
use lvcai_domain::{Bilingual, CertificateNumber, Fault, ReportedStatus, Rule, one_line};
use serde_json::{Map, Value, json};

use super::entry::Entry;
use super::header::Header;
use super::held::too_long;
use super::line::{LineLimits, Note};
use super::values::{self, Refusal};
use crate::cells::{Cell, cell_name};
use crate::faults::{FaultCode, quoted};
use crate::notes::{is_amount, is_label, note};
use crate::rows::Row;
use crate::text::{compact, has_unclear_comma, is_in_attachment, joined, models};

/// What a row was taken for.
pub(super) enum Taken {
    /// Nothing: it is blank.
    Nothing,
    /// No line of the table, but a note below it or an explanation of the template; with what it says.
    Passed(String),
    /// A line.
    Line { json: Result<String, Vec<Fault>>, record: Option<String>, notes: Vec<Note> },
}

/// Reads a row; `stray` is where it has a value that shows that its values may stand in wrong columns.
pub(super) fn read(header: &Header, sheet: &str, row: &Row, stray: Option<usize>, limits: &LineLimits) -> Taken {
    let entries = entries(header, sheet, row, limits.table.cell_chars);
    if stray.is_none() && entries.iter().all(|it| it.is_nothing) {
        return Taken::Nothing;
    }
    if is_passed(header, row, &entries) {
        return Taken::Passed(said(row));
    }
    let of = |place: &str| entries.iter().find(|it| it.place == place && it.flaw.is_none() && !it.is_nothing);
    let status = of("/reported_status").and_then(|it| values::status(&it.text).ok());
    let number = of("/number").and_then(|it| joined(&it.text)?.parse::<CertificateNumber>().ok());
    let record = number.map(|it| it.to_string());
    let mut draft = Draft::default();
    for entry in entries.iter().filter(|it| it.counts_in(status)) {
        draft.take(entry, status);
    }
    draft.look_for_day(header, row, status);
    draft.look_at_row(row, stray);
    for (field, position) in &header.columns {
        let named = entries.iter().find(|it| std::ptr::eq(it.field, *field));
        for (positions, code) in [(&row.merged, FaultCode::Merged), (&row.hidden, FaultCode::HiddenColumn)] {
            draft.notes.extend(named.filter(|_| positions.contains(position)).map(|it| it.note(code)));
        }
    }
    let notes = std::mem::take(&mut draft.notes);
    Taken::Line { json: draft.finish(limits.line_bytes), record, notes }
}

fn entries(header: &Header, sheet: &str, row: &Row, limit: usize) -> Vec<Entry> {
    let name = |position: usize| {
        let cell = cell_name(row.number, position);
        if sheet.is_empty() { cell } else { format!("{sheet}!{cell}") }
    };
    let entry = |position: usize, field| Entry::of(field, row.cells.get(position)?, name(position), limit);
    header.columns.iter().filter_map(|(field, position)| entry(*position, *field)).collect()
}

/// Tells whether a row is a note below the table, or explains the columns of the template.
fn is_passed(header: &Header, row: &Row, entries: &[Entry]) -> bool {
    let is_column = |position: usize| header.columns.iter().any(|(_, it)| *it == position);
    if row.cells.iter().enumerate().any(|(position, cell)| !is_column(position) && is_label(cell)) {
        return true;
    }
    let Some(note) = note(row.cells.iter()) else { return false };
    let names = |it: &Entry| {
        let is_name = matches!(it.place, "/product_name" | "/holder/name") && !it.is_nothing;
        is_name && !is_amount(&it.text) && compact(&it.text) != note
    };
    !entries.iter().any(names)
}

fn said(row: &Row) -> String {
    let texts = row.cells.iter().map(|it| one_line(&it.shown())).filter(|it| !it.is_empty());
    quoted(&texts.collect::<Vec<_>>().join(" "))
}

/// What no record can do without: a cell that says that there is none is named.
const REQUIRED: &[&str] =
    &["/number", "/reported_status", "/issued_on", "/valid_until", "/product_name", "/holder/name"];

const REQUIRED_NAMES: &[&str] = &["/product_name", "/holder/name"];

/// Names of parties that a record may do without.
const OPTIONAL_NAMES: &[&str] = &["/manufacturer/name", "/factory/name"];

/// A record in the making.
#[derive(Default)]
struct Draft {
    record: Map<String, Value>,
    models: Vec<String>,
    attachments: Vec<Value>,
    /// What belongs into the remark beside what its column says.
    remarks: Vec<String>,
    faults: Vec<Fault>,
    notes: Vec<Note>,
    /// Postal codes that lack a digit, by their party.
    short_codes: Vec<(&'static str, Fault)>,
}

impl Draft {
    fn take(&mut self, entry: &Entry, status: Option<ReportedStatus>) {
        let outcome = match entry.flaw {
            Some(flaw) => Err(flaw.into()),
            // Since when a status holds is never guessed: a day that is there must be one.
            None if entry.is_nothing && entry.place == "/status_on" => Err(Rule::DateForm.into()),
            None if entry.is_nothing && REQUIRED.contains(&entry.place) => Err(Rule::Required.into()),
            None if entry.is_nothing => Ok(()),
            None if REQUIRED_NAMES.contains(&entry.place) && !is_name(&entry.text) => Err(Rule::NotAName.into()),
            // Who is said to be nobody is no party.
            None if OPTIONAL_NAMES.contains(&entry.place) && says_nothing(&entry.text) => Ok(()),
            None => self.put(entry, status),
        };
        if let Err(refusal) = outcome {
            let pointer = match entry.place.strip_prefix("/attachments/") {
                Some(_) => format!("/attachments/{}/name", self.attachments.len()),
                None => entry.place.to_owned(),
            };
            self.faults.push(entry.fault(pointer, refusal));
        }
    }

    fn put(&mut self, entry: &Entry, status: Option<ReportedStatus>) -> Result<(), Refusal> {
        let (place, text) = (entry.place, entry.text.as_str());
        if place == "/standards" {
            self.put_standards(text);
        } else if place == "/units/0/models" {
            return self.put_models(entry);
        } else if place == "/status_reason" {
            self.put_reasons(entry, &values::status_reasons(status, text)?);
        } else if place == "/change_reason" {
            self.put_reasons(entry, &values::change_reasons(text)?);
        } else if let Some(role) = place.strip_prefix("/attachments/") {
            self.attachments.push(json!({ "role": role, "name": one_line(text) }));
        } else if let Some(party) = place.strip_suffix("/uscc") {
            if let Some((name, code)) = values::organisation_code(text)? {
                insert(&mut self.record, &format!("{party}/{name}"), code.into());
            }
        } else {
            if place == "/predecessor/number" {
                insert(&mut self.record, "/predecessor/relation", "transfer".into());
            }
            if place == "/number" && text.contains('\n') {
                self.notes.push(entry.note(FaultCode::LineBreak));
            }
            if let Some(party) = place.strip_suffix("/postal_code").filter(|_| lacks_a_digit(text)) {
                self.short_codes.push((party, entry.fault(place.to_owned(), FaultCode::LostZero.into())));
            }
            if let Some(value) = entry.value()? {
                insert(&mut self.record, place, value);
            }
        }
        Ok(())
    }

    fn put_standards(&mut self, text: &str) {
        let (standards, others) = values::standards(text);
        if !standards.is_empty() {
            insert(&mut self.record, "/standards", standards.into());
        }
        if !others.is_empty() {
            insert(&mut self.record, "/technical_requirements", others.join("；").into());
        }
    }

    /// Takes the models; that they are in an attachment is a remark and no model.
    fn put_models(&mut self, entry: &Entry) -> Result<(), Refusal> {
        if has_unclear_comma(&entry.text) {
            return Err(FaultCode::UnclearComma.into());
        }
        let (elsewhere, models): (Vec<_>, Vec<_>) =
            models(&entry.text).into_iter().partition(|it| is_in_attachment(it));
        for text in elsewhere {
            self.notes.push(entry.note(FaultCode::InAttachment));
            self.remarks.push(format!("{}：{text}", entry.field.field_zh));
        }
        self.models.extend(models);
        Ok(())
    }

    /// Takes the first reason, which alone has a place in the record, and tells all of them in the remark.
    fn put_reasons(&mut self, entry: &Entry, reasons: &[&str]) {
        if reasons.len() > 1 {
            self.notes.push(entry.note(FaultCode::SeveralReasons));
            self.remarks.push(format!("{}：{}", entry.field.field_zh, reasons.join("；")));
        }
        if let Some(first) = reasons.first() {
            insert(&mut self.record, entry.place, (*first).into());
        }
    }

    /// Refuses a status without its day where a column that nobody knows seems to have that day.
    fn look_for_day(&mut self, header: &Header, row: &Row, status: Option<ReportedStatus>) {
        let needs = status.is_some_and(|it| it.reason_action().is_some());
        let told = self.record.contains_key("status_on") || self.faults.iter().any(|it| it.pointer == "/status_on");
        let filled = |position: usize| row.cells.get(position).is_some_and(|it| *it != Cell::Blank);
        let unread = header.doubtful.iter().find(|(_, position)| filled(*position));
        if let Some((name, _)) = unread.filter(|_| needs && !told) {
            let status = ["暂停开始时间", "撤销时间", "注销时间"].join("、");
            self.faults.push(Fault::new("/status_on", Rule::UnknownField).detail(
                format!("“{name}”列可能是状态的日期，但不是已知的列名；请将表头改为{status}之一"),
                format!("the column {name} may have the day of the status, but is not known; name it one of {status}"),
            ));
        }
    }

    /// Says what is to be said of the row as a whole.
    fn look_at_row(&mut self, row: &Row, stray: Option<usize>) {
        if let Some(position) = stray {
            let (code, cell) = (FaultCode::TooManyCells, cell_name(row.number, position));
            self.faults.push(Fault::new("", Rule::Pattern).detail(
                format!("{cell} {}，{}", code.zh(), code.fix_zh()),
                format!("{cell}: {} {}.", code.en(), code.fix_en()),
            ));
        }
        for (is, code) in [(row.is_hidden, FaultCode::HiddenRow), (row.is_struck, FaultCode::StruckOut)] {
            if is {
                let detail = Bilingual::new(code.zh(), code.en());
                self.notes.push(Note { pointer: String::new(), code, detail });
            }
        }
    }

    fn finish(mut self, limit: usize) -> Result<String, Vec<Fault>> {
        if !self.models.is_empty() {
            let mut unit = json!({ "models": self.models });
            if let (Some(name), Value::Object(unit)) = (self.record.get("product_name"), &mut unit) {
                unit.insert("name".to_owned(), name.clone());
            }
            insert(&mut self.record, "/units", json!([unit]));
        }
        if !self.attachments.is_empty() {
            insert(&mut self.record, "/attachments", self.attachments.into());
        }
        if !self.remarks.is_empty() {
            let own = self.record.get("remark").and_then(Value::as_str).map(str::to_owned);
            let all = own.into_iter().chain(self.remarks).collect::<Vec<_>>().join("；");
            insert(&mut self.record, "/remark", all.into());
        }
        let record = Value::Object(self.record);
        let abroad = |party: &str| {
            let country = record.pointer(&format!("{party}/country")).and_then(Value::as_str).unwrap_or("156");
            !matches!(country.to_uppercase().as_str(), "156" | "CN" | "CHN" | "中国" | "中华人民共和国")
        };
        let short = self.short_codes.into_iter().filter(|(party, _)| !abroad(party));
        self.faults.extend(short.map(|(_, fault)| fault));
        let text = record.to_string();
        if text.len() > limit {
            self.faults.push(too_long(limit));
        }
        if self.faults.is_empty() { Ok(text) } else { Err(self.faults) }
    }
}

/// Whether a postal code has five digits, as a spreadsheet shows one of six that begins with 0.
fn lacks_a_digit(text: &str) -> bool {
    let text = compact(text);
    text.len() == 5 && text.bytes().all(|it| it.is_ascii_digit())
}

/// Puts a value where a pointer says, making the objects on the way.
fn insert(record: &mut Map<String, Value>, pointer: &str, value: Value) {
    let path = pointer.trim_start_matches('/');
    let Some((outer, inner)) = path.split_once('/') else {
        record.insert(path.to_owned(), value);
        return;
    };
    if let Value::Object(within) = record.entry(outer).or_insert_with(|| Value::Object(Map::new())) {
        insert(within, inner, value);
    }
}
