//! Makes the JSON of one record of one row of a report.
//!
//! Where a value belongs is said by `domain`'s fields, how it is written by `values`; what is missing or contradicts
//! itself is not looked for.

use jiff::civil::Date;
use lvcai_domain::reference::CertificateField;
use lvcai_domain::{Fault, ReportedStatus, Rule};
use serde_json::{Map, Value, json};

use super::header::Header;
use super::held::too_long;
use super::line::LineLimits;
use super::values::{self, Refusal};
use crate::cells::{Cell, clean, compact, is_placeholder, models, one_line};
use crate::reading::is_note;

/// Reads a row; none when it is blank or a note below the table.
pub(super) fn read(header: &Header, cells: &[Cell], limits: &LineLimits) -> Option<Result<String, Vec<Fault>>> {
    let entries: Vec<Entry> = header
        .columns
        .iter()
        .filter_map(|(field, position)| Entry::of(field, cells.get(*position)?, limits.table.cell_chars))
        .collect();
    let first = cells.iter().find(|it| **it != Cell::Blank).map(|it| compact(&it.shown())).unwrap_or_default();
    let numbered = entries.iter().any(|it| it.place == "/number");
    if entries.is_empty() || !numbered && is_note(&first) {
        return None;
    }
    let status = entries.iter().find(|it| it.place == "/reported_status");
    let status = status.and_then(|it| values::status(&it.text).ok());
    let mut draft = Draft::default();
    for entry in entries.iter().filter(|it| it.counts_in(status)) {
        draft.take(entry, status);
    }
    Some(draft.finish(limits.line_bytes))
}

/// What a cell says in the column of a field.
struct Entry {
    field: &'static CertificateField,
    place: &'static str,
    text: String,
    day: Option<Date>,
    flaw: Option<Flaw>,
}

/// What has happened to a value before it was read.
#[derive(Clone, Copy)]
enum Flaw {
    Control,
    TooLong,
    Formula,
    LostDigits,
    BecameDate,
}

impl Flaw {
    const fn rule(self) -> Rule {
        match self {
            Self::Control => Rule::NulCharacter,
            Self::TooLong => Rule::TooLong,
            Self::Formula | Self::LostDigits | Self::BecameDate => Rule::WrongType,
        }
    }

    const fn said(self) -> (&'static str, &'static str) {
        match self {
            Self::Control | Self::TooLong => ("", ""),
            Self::Formula => ("，单元格是公式错误", ", which is a formula error"),
            Self::LostDigits => (
                "，单元格是数字，末位可能已丢失，请改为文本",
                ", a number that may have lost its last digits; make it text",
            ),
            Self::BecameDate => {
                ("，单元格被存成了日期，请改为文本", ", which the spreadsheet took for a date; make it text")
            }
        }
    }
}

impl Entry {
    /// Takes a cell that says something.
    fn of(field: &'static CertificateField, cell: &Cell, limit: usize) -> Option<Self> {
        let place = field.field.as_deref()?;
        let mut entry = Self { field, place, text: cell.shown().into_owned(), day: None, flaw: None };
        match cell {
            Cell::Blank => return None,
            Cell::Text(raw) => {
                let cleaned = clean(raw, limit);
                let too_long = cleaned.was_cut.then_some(Flaw::TooLong);
                entry.flaw = cleaned.had_controls.then_some(Flaw::Control).or(too_long);
                entry.text = cleaned.text;
                let says_nothing = entry.text.is_empty() || is_placeholder(&entry.text);
                return (!says_nothing || entry.flaw.is_some()).then_some(entry);
            }
            // Excel keeps 15 digits; a longer number has lost the others.
            Cell::Number(number) if number.abs() >= 1e15 => entry.flaw = Some(Flaw::LostDigits),
            Cell::Number(_) => {}
            Cell::Date(day) => {
                entry.day = Some(*day);
                let may_be = values::is_day(place) || place == "/remark";
                entry.flaw = (!may_be).then_some(Flaw::BecameDate);
            }
            Cell::Error(_) => entry.flaw = Some(Flaw::Formula),
        }
        Some(entry)
    }

    /// Tells whether the column is about the row's status; the columns of others tell history.
    fn counts_in(&self, status: Option<ReportedStatus>) -> bool {
        self.field.only_for_status.as_deref().is_none_or(|only| status.is_some_and(|it| it.code() == only))
    }

    /// The value of a field that has one value, or none where the cell says that there is none.
    fn value(&self, status: Option<ReportedStatus>) -> Result<Option<Value>, Refusal> {
        let text = self.text.as_str();
        Ok(Some(match self.place {
            "/number" | "/predecessor/number" => values::number(text)?.into(),
            "/scheme" => values::scheme(text)?.into(),
            "/kind" => values::kind(text)?.into(),
            "/star" => return Ok(values::star(text)?.map(Value::from)),
            "/reported_status" => values::status(text)?.code().into(),
            "/status_reason" => values::status_reason(status, text)?.into(),
            "/change_reason" => values::change_reason(text)?.into(),
            "/factory_site/employees" => values::count(text)?.into(),
            "/factory_site/longitude" | "/factory_site/latitude" => values::decimal(text)?.into(),
            place if values::is_day(place) => self.day.map_or_else(|| values::day(place, text), Ok)?.to_string().into(),
            _ => one_line(text).into(),
        }))
    }

    fn fault(&self, pointer: String, refusal: Refusal) -> Fault {
        let (zh, en) = self.flaw.map_or(("", ""), Flaw::said);
        let shown: String = self.text.chars().take(100).collect();
        let CertificateField { field_zh, name_en, .. } = self.field;
        Fault::new(pointer, refusal.rule).allowed(refusal.allowed).detail(
            format!("“{field_zh}”列的内容是“{shown}”{zh}"),
            format!("the column {field_zh} ({name_en}) reads “{shown}”{en}"),
        )
    }
}

/// A record in the making.
#[derive(Default)]
struct Draft {
    record: Map<String, Value>,
    models: Vec<String>,
    attachments: Vec<Value>,
    faults: Vec<Fault>,
}

impl Draft {
    fn take(&mut self, entry: &Entry, status: Option<ReportedStatus>) {
        let outcome = match entry.flaw {
            Some(flaw) => Err(flaw.rule().into()),
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
            self.models = models(text);
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
            if let Some(value) = entry.value(status)? {
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
        let text = Value::Object(self.record).to_string();
        if text.len() > limit {
            self.faults.push(too_long(limit));
        }
        if self.faults.is_empty() { Ok(text) } else { Err(self.faults) }
    }
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
