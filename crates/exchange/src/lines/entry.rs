//! What a cell of a report says in the column of a field, and what has become of it.

use jiff::civil::Date;
use lvcai_domain::reference::CertificateField;
use lvcai_domain::{Bilingual, Fault, ReportedStatus, one_line};
use serde_json::Value;

use super::line::Note;
use super::values::{self, Refusal};
use crate::cells::{Cell, fifteen_digits};
use crate::faults::{FaultCode, quoted};
use crate::text::{clean, joined};

/// What a cell says in the column of a field.
pub(super) struct Entry {
    pub(super) field: &'static CertificateField,
    /// Where the record keeps it.
    pub(super) place: &'static str,
    /// The name of the cell.
    cell: String,
    pub(super) text: String,
    day: Option<Date>,
    /// What has happened to the value before it was read.
    pub(super) flaw: Option<FaultCode>,
    /// Whether it says that there is no value.
    pub(super) is_nothing: bool,
}

impl Entry {
    /// Takes a cell that is not blank.
    pub(super) fn of(field: &'static CertificateField, cell: &Cell, name: String, limit: usize) -> Option<Self> {
        let place = field.field.as_deref()?;
        let text = cell.shown().into_owned();
        let mut entry = Self { field, place, cell: name, text, day: None, flaw: None, is_nothing: false };
        match cell {
            Cell::Blank => return None,
            Cell::Text(raw) => {
                let cleaned = clean(raw, limit);
                let too_long = cleaned.was_cut.then_some(FaultCode::TooLong);
                entry.flaw = cleaned.had_controls.then_some(FaultCode::ControlCharacter).or(too_long);
                entry.text = cleaned.text;
                entry.is_nothing = values::is_day(place) && values::is_zero_day(&entry.text);
                return (!entry.text.is_empty() || entry.flaw.is_some()).then_some(entry);
            }
            Cell::Number(_, number) => {
                if values::is_day(place) || place.starts_with("/factory_site/l") {
                    entry.text = fifteen_digits(*number);
                }
            }
            Cell::Date(day) => {
                entry.day = Some(*day);
                let may_be = values::is_day(place) || place == "/remark";
                entry.flaw = (!may_be).then_some(FaultCode::BecameDate);
            }
            Cell::Nothing(_) => entry.is_nothing = true,
            Cell::Above(_) => entry.flaw = Some(FaultCode::Elsewhere),
            Cell::Unknown(code, _) => entry.flaw = Some(*code),
        }
        Some(entry)
    }

    /// Tells whether the column is about the row's status; the columns of others tell history.
    pub(super) fn counts_in(&self, status: Option<ReportedStatus>) -> bool {
        self.field.only_for_status.as_deref().is_none_or(|only| status.is_some_and(|it| it.code() == only))
    }

    /// The value of a field that has one value, or none where the cell says that there is none.
    pub(super) fn value(&self) -> Result<Option<Value>, Refusal> {
        let text = self.text.as_str();
        Ok(Some(match self.place {
            "/number" | "/predecessor/number" => {
                values::number(&joined(text).ok_or(FaultCode::SeveralNumbers)?)?.into()
            }
            "/scheme" => values::scheme(text)?.into(),
            "/kind" => values::kind(text)?.into(),
            "/star" => return Ok(values::star(text)?.map(Value::from)),
            "/reported_status" => values::status(text)?.code().into(),
            "/factory_site/employees" => values::count(text)?.into(),
            "/factory_site/longitude" | "/factory_site/latitude" => values::decimal(text)?.into(),
            place if values::is_day(place) => self.day.map_or_else(|| values::day(place, text), Ok)?.to_string().into(),
            _ => one_line(text).into(),
        }))
    }

    /// Why the value is not taken, with the cell, what it shows and what to do.
    pub(super) fn fault(&self, pointer: String, refusal: Refusal) -> Fault {
        let said = self.said(refusal.code);
        Fault::new(pointer, refusal.rule).allowed(refusal.allowed).detail(said.zh, said.en)
    }

    /// What was done to the value.
    pub(super) fn note(&self, code: FaultCode) -> Note {
        Note { pointer: self.place.to_owned(), code, detail: self.said(Some(code)) }
    }

    fn said(&self, code: Option<FaultCode>) -> Bilingual {
        let shown = quoted(&self.text);
        let CertificateField { field_zh, name_en, .. } = self.field;
        let cell = &self.cell;
        let (zh, en) = code.map_or_else(Default::default, |code| {
            (format!("，{}，{}", code.zh(), code.fix_zh()), format!(". {} {}", code.en(), code.fix_en()))
        });
        Bilingual::new(
            format!("“{field_zh}”列（{cell}）的内容是“{shown}”{zh}"),
            format!("the column {field_zh} ({name_en}), cell {cell}, reads “{shown}”{en}"),
        )
    }
}
