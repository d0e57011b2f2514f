//! Steps while another is scheduled.

use super::{
    Expected, Faults, ILLEGAL, INVALID, Life, Record, Step, Version, arrows, begins, cancel_unit, event_of, named, take,
};
use jiff::ToSpan;
use jiff::civil::Date;

impl Life {
    pub(super) fn named(&self, step: &Step, head: &Version, today: Date) -> Expected {
        let ahead = self.in_effect(today, i64::MAX).filter(|_| head.effective > today).and_then(|present| {
            let mut faults = Faults::new();
            let record = named(step, &present.record, &mut faults);
            let record = Record { since: Some(step.on.unwrap_or(today)), ..record };
            faults.0.is_empty().then(|| self.ahead(&record, head, today)).flatten()
        });
        ahead.unwrap_or_else(|| {
            let mut faults = Faults::new();
            faults.unless(head.effective <= today, ILLEGAL);
            let record = named(step, &head.record, &mut faults);
            take(record, step.on.unwrap_or(today), head, (today, faults))
        })
    }

    /// What takes validity away before a scheduled step has its day is taken; the scheduled step comes behind it where
    /// it still follows.
    pub(super) fn ahead(&self, record: &Record, head: &Version, today: Date) -> Option<Expected> {
        let present = self.in_effect(today, i64::MAX)?;
        let on = record.since.unwrap_or(begins(record, today));
        let earlier = arrows(present.record.status).contains(&record.status) && record.status != "01";
        if !earlier || on >= head.effective {
            return None;
        }
        let mut faults = Faults::new();
        let anew = record.cancelled.iter().filter(|it| !present.record.cancelled.contains_key(it.0));
        let ahead = today.checked_add(1.year()).unwrap();
        faults.unless(record.cancelled.values().all(|day| *day <= ahead), INVALID);
        faults.unless(anew.map(|it| *it.1).min().is_none_or(|day| day >= on), INVALID);
        faults.unless(present.record.cancelled.iter().all(|it| record.cancelled.get(it.0) == Some(it.1)), ILLEGAL);
        let taken = take(record.clone(), on, present, (today, faults));
        Some(before(taken, head))
    }

    /// A unit or a model is cancelled by name, before a scheduled step if need be.
    pub(super) fn cancel_unit(&self, step: &Step, unit: &'static str, head: &Version, today: Date) -> Expected {
        let earlier = head.effective > today && step.on.unwrap_or(today) < head.effective;
        match self.in_effect(today, i64::MAX).filter(|_| earlier) {
            Some(present) => before(cancel_unit(step, unit, present, today), head),
            None => cancel_unit(step, unit, head, today),
        }
    }

    /// A record that says of the present one that more is cancelled or that it ends earlier, and nothing else, is taken
    /// before a scheduled step.
    pub(super) fn lessened_ahead(&self, record: &Record, head: &Version, today: Date) -> Option<Expected> {
        let present = self.in_effect(today, i64::MAX)?;
        let Record { since, cancelled, correction, valid_until, .. } = present.record.clone();
        let same = Record { since, cancelled, correction, valid_until, ..record.clone() } == present.record;
        let anew = record.cancelled.iter().filter(|it| present.record.cancelled.get(it.0) != Some(it.1));
        let first = anew.map(|it| *it.1).min();
        let lessens = record.valid_until < valid_until || first.is_some_and(|day| day < head.effective);
        let told_on = record.since.is_none_or(|it| Some(it) == present.record.since);
        if !same || !lessens || record.valid_until > valid_until || !told_on {
            return None;
        }
        let mut faults = Faults::new();
        faults.unless(present.record.cancelled.iter().all(|it| record.cancelled.get(it.0) == Some(it.1)), ILLEGAL);
        let ahead = today.checked_add(1.year()).unwrap();
        faults.unless(record.cancelled.values().all(|day| *day <= ahead), INVALID);
        faults.unless(first.is_none_or(|day| day >= present.effective), INVALID);
        faults.of_record(record, since.unwrap_or(present.effective));
        let taken = Record { since, ..record.clone() };
        let (event, effective) = match first {
            Some(day) => ("certificate.unit_cancelled", day.min(today).max(present.effective)),
            None => ("certificate.corrected", present.effective),
        };
        Some(before(faults.or(|| Expected::Change { event, effective, record: taken.into(), then: None }), head))
    }
}

/// What is taken, with the scheduled step behind it where that still follows and the certificate lasts until then.
fn before(taken: Expected, head: &Version) -> Expected {
    let Expected::Change { event, effective, record, .. } = taken else { return taken };
    let (scheduled, last) = (&head.record, record.valid_until);
    let follows = arrows(record.status).contains(&scheduled.status) && head.effective <= last;
    let then = follows.then(|| {
        let Record { status, since, reason, planned_end, .. } = scheduled.clone();
        let mut record = Record { status, since, reason, planned_end, ..(*record).clone() };
        let in_time = scheduled.cancelled.iter().filter(|it| *it.1 <= last);
        in_time.for_each(|(name, day)| _ = record.cancelled.entry(name).or_insert(*day));
        Box::new(Version { seq: 0, event: event_of(status), told: head.effective, effective: head.effective, record })
    });
    Expected::Change { event, effective, record, then }
}
