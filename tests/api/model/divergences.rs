//! Where the registry is known to answer something else than the contract says.
//!
//! Each stands here until the registry is mended, and nothing else does.

use super::life::{Ask, Life};
use jiff::civil::Date;

impl Life {
    /// Whether the registry is known to answer something else than the contract.
    ///
    /// Such requests are left out of the walk, since it could not go on after them.
    pub(super) fn known_divergence(&self, ask: &Ask, today: Date) -> bool {
        match (ask, self.head()) {
            // A unit is cancelled past the last day.
            (Ask::Step(step), Some(head)) if step.unit.is_some() => {
                let on = step.on.unwrap_or(today);
                // What is gone is cancelled once more.
                let gone = [step.unit, step.model].iter().flatten().any(|it| head.record.cancelled.contains_key(it));
                gone || (on > head.record.valid_until && on <= today)
            }
            // Between the last day and the clock's tick a step is taken past the last day.
            (Ask::Step(step), Some(head)) => {
                let on = step.on.unwrap_or(today);
                on > head.record.valid_until && on <= today
            }
            (Ask::Step(_), None) => false,
            (Ask::Put(record), head) => {
                let told = head.filter(|it| it.record.status == record.status).and_then(|it| it.record.since);
                let first = if head.is_none() && record.status == "01" { record.issued_on } else { today };
                let since = record.since.or(told).unwrap_or(first);
                // The same by a push, and a last day that is moved before the day of the status.
                let past = record.status != "05" && since > record.valid_until && since <= today;
                let reissued = head.is_some_and(|it| {
                    let late = record.reissued_on.is_some_and(|day| day > record.valid_until);
                    // One is changed after its last day.
                    it.record.reissued_on != record.reissued_on && late
                });
                // Any 02 is taken for the record of before where the clock has written the end.
                let expired = head.is_some_and(|it| it.record.status == "05") && record.status == "02";
                past || reissued || (expired && record.correction.is_none())
            }
        }
    }
}
