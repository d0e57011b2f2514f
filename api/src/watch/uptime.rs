//! A second clock on the same machine: how long it has been up, which no setting of the time changes.
//!
//! Linux tells it in two files. Elsewhere there is none, and a pause is believed by its length alone.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fs::read_to_string;

/// How many seconds of uptime an instant is held against, before a later one takes its place. The clock may be corrected
/// by some minutes in such a time, again and again, and by no more.
const HELD: i64 = 24 * 3600;

/// An instant, noted with how long the machine had been up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Proof {
    /// What the clock said, when nothing spoke against it.
    pub(crate) at: Timestamp,
    /// Which start of the machine it was.
    boot: Option<String>,
    /// For how many seconds it had been up.
    uptime: Option<i64>,
}

impl Proof {
    /// Notes an instant.
    pub(crate) fn now(at: Timestamp) -> Self {
        let (boot, uptime) = measured().unzip();
        Self { at, boot, uptime }
    }

    /// What time it is now by the uptime; none after a restart of the machine.
    pub(crate) fn expected(&self) -> Option<Timestamp> {
        self.at.checked_add(SignedDuration::from_secs(self.passed()?)).ok()
    }

    /// Whether the clock is held against this instant still, and not yet against a later one.
    pub(crate) fn holds(&self) -> bool {
        self.passed().is_some_and(|it| it < HELD)
    }

    /// How many seconds ago it was by the uptime; none after a restart of the machine.
    fn passed(&self) -> Option<i64> {
        let (boot, uptime) = measured()?;
        let passed = uptime - self.uptime?;
        (self.boot.as_deref() == Some(boot.as_str()) && passed >= 0).then_some(passed)
    }
}

/// The start of the machine, and for how many seconds it has been up, sleep included.
fn measured() -> Option<(String, i64)> {
    let boot = read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let uptime = read_to_string("/proc/uptime").ok()?;
    let seconds = uptime.split(['.', ' ']).next()?.parse().ok()?;
    Some((boot.trim().to_owned(), seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_noted_now_is_now_and_one_of_another_start_tells_nothing() {
        let at: Timestamp = "2026-03-02T12:00:00Z".parse().unwrap();
        let noted = Proof::now(at);

        if let Some(expected) = noted.expected() {
            assert!(expected.duration_since(at) < SignedDuration::from_secs(5));
        }
        let elsewhere = Proof { boot: Some("another".to_owned()), ..noted.clone() };
        assert_eq!(elsewhere.expected(), None);
        assert!(!elsewhere.holds());
        assert_eq!(Proof { uptime: Some(i64::MAX), ..noted.clone() }.expected(), None);
        if let Some(uptime) = noted.uptime {
            assert!(noted.holds());
            assert!(!Proof { uptime: Some(uptime - HELD), ..noted }.holds(), "a day later another takes its place");
        }
    }
}
