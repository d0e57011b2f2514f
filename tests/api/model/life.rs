//! What the law and the contract say of a certificate's life, told a second time in plain Rust.
//!
//! Written apart from the registry's code, so that a mistake would have to be made
//! twice. It holds no kinds, stars or accreditation: those are no steps.

mod ahead;

use jiff::ToSpan;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// The units of every certificate of the walk, with their models.
pub(super) const UNITS: [(&str, [&str; 2]); 2] = [("甲", ["甲1", "甲2"]), ("乙", ["乙1", "乙2"])];

/// The enterprise of the products of the walk, and another firm: who holds a certificate.
pub(super) const HOLDERS: [&str; 2] = ["大庆示例门窗有限公司", "大庆另一建材有限公司"];

/// What a version says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Record {
    pub(super) status: &'static str,
    /// Absent in a push that leaves it to the registry.
    pub(super) since: Option<Date>,
    pub(super) reason: Option<&'static str>,
    pub(super) planned_end: Option<Date>,
    pub(super) issued_on: Date,
    pub(super) valid_until: Date,
    pub(super) reissued_on: Option<Date>,
    pub(super) name: String,
    pub(super) holder: &'static str,
    pub(super) correction: Option<String>,
    /// The units and models that are cancelled, by their names, which no two share.
    pub(super) cancelled: BTreeMap<&'static str, Date>,
}

/// A step by its name.
#[derive(Clone, Debug, Default)]
pub(super) struct Step {
    pub(super) step: &'static str,
    pub(super) on: Option<Date>,
    pub(super) reason: Option<&'static str>,
    pub(super) planned_end: Option<Date>,
    pub(super) unit: Option<&'static str>,
    pub(super) model: Option<&'static str>,
    pub(super) status: Option<&'static str>,
    pub(super) note: Option<String>,
}

/// What a body may ask.
#[derive(Clone, Debug)]
pub(super) enum Ask {
    Put(Box<Record>),
    Step(Box<Step>),
}

/// What the registry must answer.
#[derive(Debug)]
pub(super) enum Expected {
    /// A new version, and behind it that of the scheduled step that it goes ahead of, where that still follows.
    Change { event: &'static str, effective: Date, record: Box<Record>, then: Option<Box<Version>> },
    /// 200, and nothing else.
    Nothing,
    /// One of these: which of several broken rules is told first is left open.
    Refused(BTreeSet<(u16, &'static str)>),
}

/// A version.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub(super) seq: i64,
    pub(super) event: &'static str,
    /// The day that its entry tells.
    pub(super) told: Date,
    /// The day from which its record holds.
    pub(super) effective: Date,
    pub(super) record: Record,
}

/// A certificate from its first record on.
#[derive(Clone, Debug, Default)]
pub(super) struct Life {
    pub(super) versions: Vec<Version>,
    windows: BTreeSet<Date>,
}

const ILLEGAL: (u16, &str) = (409, "illegal-step");
const INVALID: (u16, &str) = (422, "invalid");

/// Codes of the code list.
pub(super) const REASONS: [&str; 3] = ["0201", "0202", "0203"];

/// To which statuses a step leads from one; from a final one to none.
pub(super) fn arrows(status: &str) -> &'static [&'static str] {
    match status {
        "01" => &["02", "03", "04"],
        "02" => &["01", "03", "04"],
        _ => &[],
    }
}

fn event_of(status: &str) -> &'static str {
    match status {
        "01" => "certificate.restored",
        "02" => "certificate.suspended",
        "03" => "certificate.withdrawn",
        "04" => "certificate.cancelled",
        _ => "certificate.expired",
    }
}

/// Collects the rules that a request breaks.
struct Faults(BTreeSet<(u16, &'static str)>);

impl Faults {
    fn new() -> Self {
        Self(BTreeSet::new())
    }

    fn unless(&mut self, holds: bool, fault: (u16, &'static str)) {
        if !holds {
            self.0.insert(fault);
        }
    }

    /// What a record must be in itself, once its day is known.
    fn of_record(&mut self, record: &Record, since: Date) {
        let wants_reason = matches!(record.status, "02" | "03" | "04");
        self.unless(record.reason.is_some() == wants_reason, INVALID);
        self.unless(record.reason.is_none_or(|it| REASONS.contains(&it)), INVALID);
        self.unless(record.planned_end.is_none() || record.status == "02", INVALID);
        self.unless(record.planned_end.is_none_or(|it| it >= since), INVALID);
        self.unless(record.issued_on <= record.valid_until && record.issued_on <= since, INVALID);
        let lasts = |day: Date| day >= record.issued_on && day <= record.valid_until;
        self.unless(record.reissued_on.is_none_or(lasts), INVALID);
        self.unless(record.cancelled.values().all(|it| *it <= record.valid_until), INVALID);
        // 05 begins after the last day, every other status while the certificate lasts.
        self.unless((record.status == "05") == (since > record.valid_until), INVALID);
    }

    fn or(self, change: impl FnOnce() -> Expected) -> Expected {
        if self.0.is_empty() { change() } else { Expected::Refused(self.0) }
    }
}

impl Life {
    pub(super) fn head(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// The newest version known at a cut that holds on a day.
    pub(super) fn in_effect(&self, on: Date, as_of: i64) -> Option<&Version> {
        self.versions.iter().rev().find(|it| it.seq <= as_of && it.effective <= on)
    }

    pub(super) fn legal(&self, ask: &Ask, today: Date) -> Expected {
        match (ask, self.head()) {
            (Ask::Put(record), None) => first(record, today),
            (Ask::Put(record), Some(head)) => self.put(record, head, today),
            (Ask::Step(_), None) => Expected::Refused(BTreeSet::from([(404, "not-found")])),
            (Ask::Step(step), Some(head)) => match (step.step, step.unit) {
                ("correct", _) => self.correct_by_name(step, head, today),
                ("cancel", Some(unit)) => self.cancel_unit(step, unit, head, today),
                _ => self.named(step, head, today),
            },
        }
    }

    fn put(&self, record: &Record, head: &Version, today: Date) -> Expected {
        if record.correction.is_some() {
            return self.correct(record.clone(), head, today);
        }
        // What was cancelled stays so, told again or not.
        let mut record = self.understood(record, head);
        head.record.cancelled.iter().for_each(|(name, day)| _ = record.cancelled.entry(name).or_insert(*day));
        let record = &record;
        let same = |told: &Record| {
            // A record without a day means today, so it repeats no record whose day is still to come.
            let goes_on = told.since.filter(|it| *it <= today);
            let since = record.since.or(goes_on).filter(|_| record.status == told.status);
            Record { since, correction: told.correction.clone(), ..record.clone() } == *told
        };
        let scheduled = head.effective > today;
        if same(&head.record) || (scheduled && self.in_effect(today, i64::MAX).is_some_and(|it| same(&it.record))) {
            return Expected::Nothing;
        }
        let mut faults = Faults::new();
        // Only a correction can take the cancellation of a unit back.
        faults.unless(head.record.cancelled.iter().all(|it| record.cancelled.get(it.0) == Some(it.1)), ILLEGAL);
        let anew = record.cancelled.iter().filter(|it| !head.record.cancelled.contains_key(it.0));
        let cancelled = anew.map(|it| *it.1).min();
        let ahead = today.checked_add(1.year()).unwrap();
        faults.unless(record.cancelled.values().all(|day| *day <= ahead), INVALID);
        if scheduled && let Some(ahead) = self.ahead(record, head, today) {
            return ahead;
        }
        if scheduled && let Some(ahead) = self.lessened_ahead(record, head, today) {
            return ahead;
        }
        faults.unless(!scheduled, ILLEGAL);
        if record.status != head.record.status {
            let on = record.since.unwrap_or(begins(record, today));
            faults.unless(cancelled.is_none_or(|day| day >= on), INVALID);
            return take(record.clone(), on, head, (today, faults));
        }
        faults.unless(record.since.is_none() || record.since == head.record.since, INVALID);
        let since = head.record.since.unwrap_or(head.effective);
        faults.of_record(record, since);
        faults.unless(cancelled.is_none_or(|day| day >= head.effective), INVALID);
        // No unit can be cancelled and no certificate reissued once the status is final.
        faults.unless(cancelled.is_none() || !arrows(head.record.status).is_empty(), ILLEGAL);
        let anew = record.reissued_on.is_some() && head.record.reissued_on != record.reissued_on;
        faults.unless(!anew || !arrows(head.record.status).is_empty(), ILLEGAL);
        let (event, effective) = match record.reissued_on {
            // The record with a scheduled cancellation takes effect at once; the cancellation itself does on its day.
            _ if cancelled.is_some() => {
                let printed = record.reissued_on.filter(|_| head.record.reissued_on != record.reissued_on);
                let day = cancelled.unwrap().min(today).min(printed.unwrap_or(today));
                ("certificate.unit_cancelled", day.max(head.effective))
            }
            Some(day) if head.record.reissued_on != record.reissued_on => {
                ("certificate.changed", day.max(head.effective))
            }
            _ => ("certificate.corrected", head.effective),
        };
        let record = Record { since: Some(since), ..record.clone() };
        faults.or(|| Expected::Change { event, effective, record: record.into(), then: None })
    }

    /// A record of a body that has not yet heard of the end: it says what it said before, and means what has ended.
    fn understood(&self, record: &Record, head: &Version) -> Record {
        let told_before = |it: &Version| {
            let (told, known) = (record, &it.record);
            matches!(told.status, "01" | "02")
                && (told.status, told.reason, told.planned_end) == (known.status, known.reason, known.planned_end)
                && (told.since.is_none() || told.since == known.since)
        };
        let before = self.versions.iter().rev().find(|it| it.record.status != "05");
        let unsaid = record.status == "01" && record.since.is_none();
        let not_heard = unsaid || before.is_some_and(told_before);
        if head.record.status == "05" && record.valid_until == head.record.valid_until && not_heard {
            return Record {
                status: "05",
                since: head.record.since,
                reason: None,
                planned_end: None,
                ..record.clone()
            };
        }
        record.clone()
    }

    fn correct_by_name(&self, step: &Step, head: &Version, today: Date) -> Expected {
        let (Some(status), Some(note)) = (step.status, &step.note) else {
            return Expected::Refused(BTreeSet::from([INVALID]));
        };
        // Without a reason, reason and planned end are those of the record that last came to that status on that day.
        let came = self.came(status).filter(|it| step.on.is_none() || it.since == step.on);
        let again = came.filter(|_| step.reason.is_none());
        let record = Record {
            status,
            since: step.on,
            reason: step.reason.or(again.and_then(|it| it.reason)),
            planned_end: step.planned_end.or(again.and_then(|it| it.planned_end)),
            correction: Some(note.clone()),
            ..head.record.clone()
        };
        self.correct(record, head, today)
    }

    /// The record with which the certificate last came to a status.
    fn came(&self, status: &str) -> Option<&Record> {
        self.versions.iter().rev().map(|it| &it.record).find(|it| it.status == status)
    }

    /// A correction holds since a day not after that of what it corrects.
    fn correct(&self, record: Record, head: &Version, today: Date) -> Expected {
        let Some(since) = record.since.or_else(|| self.came(record.status)?.since) else {
            return Expected::Refused(BTreeSet::from([INVALID]));
        };
        let record = Record { since: Some(since), ..record };
        // A correction that changes nothing but its note is no change.
        if (Record { correction: None, ..record.clone() }) == (Record { correction: None, ..head.record.clone() }) {
            return Expected::Nothing;
        }
        let moved = (record.status, record.since) != (head.record.status, head.record.since);
        let event = if moved { "certificate.status_corrected" } else { "certificate.corrected" };
        let mut faults = Faults::new();
        faults.of_record(&record, since);
        faults.unless(since <= head.effective, INVALID);
        let effective = if moved { since } else { head.effective };
        // A correction to a day to come takes effect on or before the last day.
        faults.unless(effective <= today.max(record.valid_until), INVALID);
        faults.or(|| Expected::Change { event, effective, record: record.into(), then: None })
    }

    /// What the clock writes on a day.
    pub(super) fn due(&self, today: Date) -> Option<Version> {
        let head = self.head().filter(|it| !arrows(it.record.status).is_empty())?;
        let last = head.record.valid_until;
        if today > last {
            let on = last.tomorrow().unwrap();
            let event = "certificate.expired";
            let record = Record {
                status: "05",
                since: Some(on),
                reason: None,
                planned_end: None,
                correction: None,
                ..head.record.clone()
            };
            // A correction may have moved the last day to before the beginning of the newest record.
            let effective = on.max(head.effective);
            return Some(Version { seq: 0, event, told: effective, effective, record });
        }
        let opens = last.checked_sub(90.days()).unwrap();
        if head.effective > today || opens > today || self.windows.contains(&last) {
            return None;
        }
        let event = "certificate.renewal_opened";
        Some(Version { event, told: opens, ..head.clone() })
    }

    pub(super) fn add(&mut self, version: Version) {
        if version.event == "certificate.renewal_opened" {
            self.windows.insert(version.record.valid_until);
        }
        self.versions.push(version);
    }
}

/// A first sight may be in any state, and of nothing that is yet to come.
fn first(record: &Record, today: Date) -> Expected {
    let (event, day) = match record.status {
        "01" => ("certificate.issued", record.issued_on),
        _ => ("certificate.recorded", begins(record, today)),
    };
    let since = record.since.unwrap_or(day);
    let mut faults = Faults::new();
    faults.of_record(record, since);
    faults.unless(since <= today && record.issued_on <= today, INVALID);
    faults.unless(record.reissued_on.is_none_or(|it| it <= today), INVALID);
    let record = Record { since: Some(since), ..record.clone() };
    faults.or(|| Expected::Change { event, effective: since, record: record.into(), then: None })
}

/// The first day of a status that names none: of the end the day after the last, if it has come, else today.
fn begins(record: &Record, today: Date) -> Date {
    if record.status == "05" { record.valid_until.tomorrow().unwrap().min(today) } else { today }
}

/// A step from one status to another.
fn take(record: Record, on: Date, head: &Version, (today, mut faults): (Date, Faults)) -> Expected {
    let ends = record.status == "05" && !arrows(head.record.status).is_empty() && on <= today;
    faults.unless(ends || arrows(head.record.status).contains(&record.status), ILLEGAL);
    faults.of_record(&record, on);
    faults.unless(on >= head.effective && on <= today.checked_add(1.year()).unwrap(), INVALID);
    let record = Record { since: Some(on), correction: None, ..record };
    let event = event_of(record.status);
    faults.or(|| Expected::Change { event, effective: on, record: record.into(), then: None })
}

/// The record after a named step from another.
fn named(step: &Step, before: &Record, faults: &mut Faults) -> Record {
    faults.unless(step.status.is_none() && step.note.is_none() && step.model.is_none(), INVALID);
    // Only a suspended certificate is restored; restoring a valid one is refused and not taken for a repeat.
    faults.unless(step.step != "restore" || before.status == "02", ILLEGAL);
    let status = match step.step {
        "suspend" => "02",
        "restore" => "01",
        "withdraw" => "03",
        _ => "04",
    };
    Record { status, reason: step.reason, planned_end: step.planned_end, ..before.clone() }
}

/// A unit or a model is cancelled while the certificate goes on.
fn cancel_unit(step: &Step, unit: &'static str, head: &Version, today: Date) -> Expected {
    let on = step.on.unwrap_or(today);
    let mut faults = Faults::new();
    faults.unless(head.effective <= today, ILLEGAL);
    faults.unless(arrows(head.record.status).contains(&"04"), ILLEGAL);
    faults.unless(step.planned_end.is_none() && step.status.is_none() && step.note.is_none(), INVALID);
    // A unit has no field for a reason.
    faults.unless(step.reason.is_none() && on <= today.checked_add(1.year()).unwrap(), INVALID);
    let models = UNITS.iter().find(|it| it.0 == unit).map(|it| it.1);
    let known = models.is_some_and(|models| step.model.is_none_or(|it| models.contains(&it)));
    faults.unless(known, INVALID);
    let gone = |name: Option<&str>| name.is_some_and(|it| head.record.cancelled.contains_key(it));
    faults.unless(!gone(Some(unit)) && !gone(step.model), ILLEGAL);
    faults.unless(on >= head.effective && on <= head.record.valid_until, INVALID);
    let mut record = Record { correction: None, ..head.record.clone() };
    record.cancelled.insert(step.model.unwrap_or(unit), on);
    faults.or(|| Expected::Change {
        event: "certificate.unit_cancelled",
        effective: on.min(today),
        record: record.into(),
        then: None,
    })
}
