//! Quotas: how much a caller may ask for within a time, in units of cost.
//!
//! What was taken comes back evenly (the generic cell rate algorithm), so that nobody waits for the end of a window,
//! and all that is kept of a caller is one instant.

use jiff::{SignedDuration, Timestamp};

/// How many units a caller may take within [`Quota::WINDOW`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    units: u32,
}

/// What became of a request for units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// From when on the caller has all units again.
    pub whole_at: Timestamp,
    /// How many units are left.
    pub left: u32,
    /// In how many seconds all of them are there again.
    pub whole_in: i64,
    /// Where they were not given: after how many seconds they will be.
    pub wait: Option<i64>,
}

const SECOND: i64 = 1_000_000;

impl Quota {
    /// The time within which all units come back.
    pub const WINDOW: SignedDuration = SignedDuration::from_mins(1);

    /// A quota of so many units; none of 0.
    pub const fn new(units: u32) -> Option<Self> {
        if units == 0 { None } else { Some(Self { units }) }
    }

    /// How many units there are in all.
    pub const fn units(self) -> u32 {
        self.units
    }

    /// Takes units for a caller who has all of them again at an instant. What costs more than there are takes all.
    pub fn take(self, whole_at: Option<Timestamp>, cost: u32, now: Timestamp) -> Taken {
        let window = Self::WINDOW.as_secs() * SECOND;
        let each = (window / i64::from(self.units)).max(1);
        let used = whole_at.map_or(0, |it| (it.as_microsecond() - now.as_microsecond()).clamp(0, window));
        let wanted = (i64::from(cost) * each).min(window);
        let given = used + wanted <= window;
        let after = if given { used + wanted } else { used };
        Taken {
            whole_at: now.checked_add(SignedDuration::from_micros(after)).unwrap_or(now),
            left: u32::try_from((window - after) / each).unwrap_or(0).min(self.units),
            whole_in: seconds(after),
            wait: (!given).then(|| seconds(used + wanted - window).max(1)),
        }
    }
}

/// Whole seconds, rounded up.
const fn seconds(micros: i64) -> i64 {
    (micros + SECOND - 1) / SECOND
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn now() -> Timestamp {
        "2026-11-22T08:30:00Z".parse().unwrap()
    }

    fn later(seconds: i64) -> Timestamp {
        now() + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn units_are_taken_until_there_are_none_and_come_back_evenly() {
        let quota = Quota::new(60).unwrap();

        let first = quota.take(None, 50, now());
        let second = quota.take(Some(first.whole_at), 20, now());
        let third = quota.take(Some(first.whole_at), 20, later(10));

        assert_eq!((first.left, first.whole_in, first.wait), (10, 50, None));
        assert_eq!(
            (second.left, second.wait, second.whole_at),
            (10, Some(10), first.whole_at),
            "a refusal takes nothing"
        );
        assert_eq!((third.left, third.wait), (0, None));
        assert_eq!(quota.take(Some(third.whole_at), 60, later(70)).wait, None, "after a minute all are there again");
    }

    #[test]
    fn what_costs_more_than_there_is_takes_all_and_is_given_at_last() {
        let quota = Quota::new(10).unwrap();

        assert_eq!(quota.take(None, 50, now()), Taken { whole_at: later(60), left: 0, whole_in: 60, wait: None });
        assert_eq!(quota.take(Some(later(60)), 50, now()).wait, Some(60));
        assert_eq!(Quota::new(0), None);
    }

    proptest! {
        #[test]
        fn within_a_window_nobody_gets_twice_the_quota(costs in prop::collection::vec((1u32..40, 0i64..3), 1..80)) {
            let quota = Quota::new(100).unwrap();
            let (mut at, mut whole_at, mut got) = (now(), None, 0);
            for (cost, pause) in costs {
                at += SignedDuration::from_secs(pause);
                if at >= later(60) {
                    break;
                }
                let taken = quota.take(whole_at, cost, at);
                whole_at = Some(taken.whole_at);
                got += if taken.wait.is_none() { cost } else { 0 };
            }
            prop_assert!(got <= 200);
        }
    }
}
