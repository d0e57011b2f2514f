//! What a body may happen to ask.

use super::life::{Ask, HOLDERS, Life, REASONS, Record, Step, UNITS};
use crate::dice::Dice;
use jiff::ToSpan;
use jiff::civil::Date;
use std::collections::BTreeMap;

impl Dice {
    /// A day about the edges of the rules, for a certificate as it stands.
    fn edge(&mut self, life: &Life, today: Date) -> Date {
        let Some(head) = life.head() else { return self.around(today, 30) };
        let year = today.checked_add(1.year()).unwrap();
        let known =
            life.versions[usize::try_from(self.below(life.versions.len().try_into().unwrap())).unwrap()].effective;
        let day = self.of(&[
            today,
            today,
            head.effective,
            head.effective,
            known,
            head.record.since.unwrap_or(today),
            head.record.valid_until,
            head.record.issued_on,
            year,
        ]);
        let off = self.of(&[0, 0, 0, 1, 1, -1, 5, 20, -5, -20]);
        day.checked_add(off.days()).unwrap()
    }

    fn reason(&mut self, status: &str) -> Option<&'static str> {
        let wanted = matches!(status, "02" | "03" | "04");
        match (wanted, self.below(25)) {
            (_, 0) => Some("9999"),
            (true, 1) => None,
            (false, 1) => Some("0203"),
            (true, _) => Some(self.of(&REASONS)),
            (false, _) => None,
        }
    }

    fn planned_end(&mut self, status: &str, life: &Life, today: Date) -> Option<Date> {
        let wanted = if status == "02" { self.once_in(2) } else { self.once_in(40) };
        wanted.then(|| self.edge(life, today))
    }

    /// What the body of a certificate asks next.
    pub(super) fn ask(&mut self, life: &Life, today: Date) -> Ask {
        if life.head().is_none() {
            return Ask::Put(self.first(today).into());
        }
        match self.below(20) {
            0..8 => Ask::Step(self.named(life, today).into()),
            8..10 => Ask::Step(self.cancel_unit(life, today).into()),
            10..12 => Ask::Step(self.correct(life, today).into()),
            _ => Ask::Put(self.record(life, today).into()),
        }
    }

    /// What the body of a certificate pushes next.
    pub(super) fn record(&mut self, life: &Life, today: Date) -> Record {
        let Some(head) = life.head() else { return self.first(today) };
        match self.below(8) {
            0..2 => self.again(life, today),
            2..5 => self.moved(&head.record, life, today),
            5 => self.retold(&head.record, life, today),
            6 => Record { correction: Some(self.note()), ..self.moved(&head.record, life, today) },
            _ => self.prolonged(&head.record, life, today),
        }
    }

    fn note(&mut self) -> String {
        format!("误报 {}", self.below(1000))
    }

    fn first(&mut self, today: Date) -> Record {
        let issued_on = today.checked_sub(i64::try_from(self.below(60)).unwrap().days()).unwrap();
        let valid_until = issued_on.checked_add(i64::try_from(self.below(400)).unwrap().days()).unwrap();
        let status = self.of(&["01", "01", "01", "01", "02", "03", "04", "05"]);
        let since = match status {
            "05" => Some(valid_until.tomorrow().unwrap()),
            "01" if !self.once_in(4) => None,
            _ => Some(self.around(today, 20)),
        };
        Record {
            status,
            since,
            reason: self.reason(status),
            planned_end: None,
            issued_on: if self.once_in(20) { today.tomorrow().unwrap() } else { issued_on },
            valid_until,
            reissued_on: None,
            name: "窗 0".to_owned(),
            holder: self.holder(),
            correction: None,
            cancelled: BTreeMap::new(),
        }
    }

    fn named(&mut self, life: &Life, today: Date) -> Step {
        let step = self.of(&["suspend", "suspend", "suspend", "restore", "restore", "restore", "withdraw", "cancel"]);
        let status = match step {
            "suspend" => "02",
            "restore" => "01",
            "withdraw" => "03",
            _ => "04",
        };
        Step {
            step,
            on: (!self.once_in(3)).then(|| self.edge(life, today)),
            reason: self.reason(status),
            planned_end: self.planned_end(status, life, today),
            ..Step::default()
        }
    }

    fn cancel_unit(&mut self, life: &Life, today: Date) -> Step {
        let (unit, models) = self.of(&UNITS);
        Step {
            step: "cancel",
            on: (!self.once_in(3)).then(|| self.edge(life, today)),
            reason: self.once_in(2).then(|| self.of(&REASONS)),
            unit: Some(if self.once_in(20) { "丙" } else { unit }),
            model: (!self.once_in(4)).then(|| if self.once_in(20) { "丙1" } else { self.of(&models) }),
            ..Step::default()
        }
    }

    fn correct(&mut self, life: &Life, today: Date) -> Step {
        let status = self.of(&["01", "01", "01", "02", "02", "03", "04", "05"]);
        Step {
            step: "correct",
            on: (!self.once_in(2)).then(|| self.edge(life, today)),
            reason: self.reason(status),
            planned_end: self.planned_end(status, life, today),
            status: (!self.once_in(20)).then_some(status),
            note: (!self.once_in(20)).then(|| self.note()),
            ..Step::default()
        }
    }

    /// A record that was told before, or that stands today, as a body that lags behind tells it, or ends it earlier.
    fn again(&mut self, life: &Life, today: Date) -> Record {
        let back = usize::try_from(self.below(3)).unwrap();
        let old = life.versions.iter().rev().nth(back).or(life.head());
        let version = if self.once_in(2) { old } else { life.in_effect(today, i64::MAX).or(old) };
        let record = version.unwrap().record.clone();
        let since = record.since.filter(|_| !self.once_in(2));
        let fewer = if self.once_in(4) { i64::try_from(self.below(200)).unwrap() } else { 0 };
        let valid_until = record.valid_until.checked_sub(fewer.days()).unwrap();
        Record { since, valid_until, correction: None, ..record }
    }

    /// Another status.
    fn moved(&mut self, record: &Record, life: &Life, today: Date) -> Record {
        let status = self.of(&["01", "01", "01", "02", "02", "02", "03", "04"]);
        let record = if self.once_in(8) { self.cut_down(record.clone(), life, today) } else { record.clone() };
        Record {
            status,
            since: (!self.once_in(3)).then(|| self.edge(life, today)),
            reason: self.reason(status),
            planned_end: self.planned_end(status, life, today),
            correction: None,
            ..record
        }
    }

    /// The same status with other data.
    fn retold(&mut self, record: &Record, life: &Life, today: Date) -> Record {
        let name = if self.once_in(2) { format!("窗 {}", self.below(50)) } else { record.name.clone() };
        let reissued_on = if self.once_in(2) { Some(self.around(today, 10).min(today)) } else { record.reissued_on };
        let since = if self.once_in(4) { Some(self.edge(life, today)) } else { None };
        let holder = if self.once_in(4) { self.holder() } else { record.holder };
        let told = Record { name, holder, reissued_on, since, correction: None, ..record.clone() };
        if self.once_in(2) { self.cut_down(told, life, today) } else { told }
    }

    fn holder(&mut self) -> &'static str {
        if self.once_in(8) { HOLDERS[1] } else { HOLDERS[0] }
    }

    /// With a unit or a model of it cancelled.
    fn cut_down(&mut self, mut record: Record, life: &Life, today: Date) -> Record {
        let (unit, models) = self.of(&UNITS);
        let name = if self.once_in(3) { unit } else { self.of(&models) };
        let day = self.edge(life, today);
        record.cancelled.entry(name).or_insert(day);
        record
    }

    /// Another last day.
    fn prolonged(&mut self, record: &Record, life: &Life, today: Date) -> Record {
        let status = if record.status == "05" { "01" } else { record.status };
        let correction = (record.status == "05" || self.once_in(2)).then(|| self.note());
        let since = correction.is_some().then(|| self.edge(life, today));
        Record { status, since, valid_until: self.around(today, 60), correction, ..record.clone() }
    }
}
