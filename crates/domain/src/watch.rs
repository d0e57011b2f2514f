//! When the registry must not be written to: its clock cannot be right, or its database is not the one that was signed.
//!
//! What is written under a wrong time, or on an old copy, cannot be taken back. So a doubt stops all writing until the
//! operator says what is so; reading goes on.

use crate::problem::{Bilingual, Problem, ProblemKind};
use jiff::{SignedDuration, Timestamp};

/// How far two clocks may differ.
pub const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// How long a registry may have stood still before its clock is doubted, where nothing else bears the clock out.
pub const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(24 * 10);

crate::catalogue! {
    /// A reason for which nothing is written.
    pub enum Alarm named by id
    ClockBehind "clock-behind"
        "时钟早于账本最后一条记录的时刻" "The clock is behind the last entry of the ledger."
    ClockOffDatabase "clock-off-database"
        "时钟与数据库的时钟不一致" "The clock differs from that of the database."
    ClockJumped "clock-jumped"
        "时钟发生跳变：与本机开机时长推算的时刻不一致" "The clock has jumped: the time since the machine started says otherwise."
    ClockUnproven "clock-unproven"
        "停用时间过长，无法证实时钟正确" "The registry has stood still for so long that nothing bears its clock out."
    PositionsLost "positions-lost"
        "数据库比已签名的位置更旧：有记录丢失，或放回了旧副本" "The database is behind the last signed position: entries are lost, or an old copy was put back."
    LeafDiffers "leaf-differs"
        "已签名位置上的记录与签名不符" "The entry at the last signed position is not the one that was signed."
    SignedHeadBroken "signed-head-broken"
        "密钥目录中已签名的位置无法读取或签名不符" "The signed position in the keys folder cannot be read, or is not signed by a key of the folder."
}

/// A reason for which nothing is written, and what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// Which.
    pub alarm: Alarm,
    /// What was seen.
    pub seen: Bilingual,
}

/// What is known of the time.
#[derive(Debug, Clone, Copy)]
pub struct Clocks {
    /// The clock in question.
    pub now: Timestamp,
    /// When the last entry was recorded; none in an empty ledger.
    pub recorded: Option<Timestamp>,
    /// The clock of the database, where it has one of its own.
    pub database: Option<Timestamp>,
    /// What time the uptime of the machine says it is, where it was noted.
    pub by_uptime: Option<Timestamp>,
    /// When the clock was last known to be right.
    pub proven: Option<Timestamp>,
    /// What the operator has accepted.
    pub accepted: Accepted,
}

/// What the operator has accepted about the clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Accepted {
    /// Entries recorded up to this instant may be in the future.
    pub recorded: Option<Timestamp>,
    /// By how much the clock of the database may be ahead.
    pub database_ahead: SignedDuration,
}

impl Clocks {
    /// What speaks against the clock; nothing when it may be right.
    pub fn doubt(&self) -> Option<Doubt> {
        let Self { now, recorded, database, by_uptime, proven, accepted } = *self;
        let doubt = |alarm, other: Timestamp, zh: &str, en: &str| {
            let zh = format!("时钟为 {now:.0}，{zh}为 {other:.0}");
            Some(Doubt { alarm, seen: Bilingual::new(zh, format!("the clock says {now:.0}, {en} {other:.0}")) })
        };
        if let Some(recorded) = recorded.filter(|it| accepted.recorded.is_none_or(|accepted| *it > accepted))
            && recorded.duration_since(now) > TOLERANCE
        {
            return doubt(Alarm::ClockBehind, recorded, "最后一条记录", "the last entry");
        }
        if let Some(database) = database {
            let ahead = database.duration_since(now);
            let off = [ahead, ahead - accepted.database_ahead].iter().all(|it| it.abs() > TOLERANCE);
            return off.then(|| doubt(Alarm::ClockOffDatabase, database, "数据库时钟", "the database")).flatten();
        }
        if let Some(expected) = by_uptime {
            let off = expected.duration_since(now).abs() > TOLERANCE;
            return off
                .then(|| doubt(Alarm::ClockJumped, expected, "按开机时长推算", "the machine's uptime"))
                .flatten();
        }
        let last = proven.max(recorded)?;
        let long = now.duration_since(last) > LONGEST_PAUSE;
        long.then(|| doubt(Alarm::ClockUnproven, last, "上次得到证实", "it was last known to be right at")).flatten()
    }
}

/// The problem with which every write is answered while there are doubts.
pub fn halted(doubts: &[Doubt]) -> Problem {
    let zh: Vec<_> = doubts.iter().map(|it| format!("{}（{}）", it.alarm.zh(), it.seen.zh)).collect();
    let en: Vec<_> = doubts.iter().map(|it| format!("{} {}.", it.alarm.en(), it.seen.en)).collect();
    Problem::from(ProblemKind::WritesHalted).detail(zh.join("；"), en.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// The clock at noon, and nothing else known.
    fn noon() -> Clocks {
        let accepted = Accepted::default();
        let now = at("2026-03-02T12:00:00Z");
        Clocks { now, recorded: None, database: None, by_uptime: None, proven: None, accepted }
    }

    fn alarm(clocks: Clocks) -> Option<Alarm> {
        clocks.doubt().map(|it| it.alarm)
    }

    #[test]
    fn a_clock_behind_the_ledger_is_doubted_until_the_entries_ahead_are_accepted() {
        let recorded = |text: &str| Clocks { recorded: Some(at(text)), ..noon() };

        assert_eq!(alarm(recorded("2026-03-02T12:05:00Z")), None);
        assert_eq!(alarm(recorded("2026-03-02T12:05:01Z")), Some(Alarm::ClockBehind));
        let ahead = recorded("2027-04-06T12:00:00Z");
        let accepted = Accepted { recorded: ahead.recorded, ..Accepted::default() };
        assert_eq!(alarm(Clocks { accepted, ..ahead }), None);
        let further = Clocks { accepted, ..recorded("2027-04-06T12:00:01Z") };
        assert_eq!(alarm(further), Some(Alarm::ClockBehind), "only those that were seen");
    }

    #[test]
    fn the_clock_of_the_database_decides_where_it_has_one() {
        let database =
            |text: &str| Clocks { database: Some(at(text)), proven: Some(at("2020-01-01T00:00:00Z")), ..noon() };

        for right in ["2026-03-02T11:55:00Z", "2026-03-02T12:05:00Z"] {
            assert_eq!(alarm(database(right)), None, "{right}");
        }
        for wrong in ["2026-03-02T11:54:59Z", "2026-03-02T12:05:01Z", "2025-01-26T12:00:00Z"] {
            assert_eq!(alarm(database(wrong)), Some(Alarm::ClockOffDatabase), "{wrong}");
        }
        let accepted = Accepted { database_ahead: SignedDuration::from_hours(8), ..Accepted::default() };
        assert_eq!(alarm(Clocks { accepted, ..database("2026-03-02T20:01:00Z") }), None);
        assert_eq!(
            alarm(Clocks { accepted, ..database("2026-03-02T12:00:00Z") }),
            None,
            "two that agree need no leave"
        );
        let between = Clocks { accepted, ..database("2026-03-02T16:00:00Z") };
        assert_eq!(alarm(between), Some(Alarm::ClockOffDatabase));
    }

    #[test]
    fn the_uptime_of_the_machine_bears_a_pause_of_any_length_out() {
        let by_uptime =
            |text: &str| Clocks { by_uptime: Some(at(text)), proven: Some(at("2025-03-02T12:00:00Z")), ..noon() };

        assert_eq!(alarm(by_uptime("2026-03-02T11:59:00Z")), None);
        assert_eq!(alarm(by_uptime("2026-03-02T11:00:00Z")), Some(Alarm::ClockJumped));
        assert_eq!(alarm(by_uptime("2026-03-02T13:00:00Z")), Some(Alarm::ClockJumped));
    }

    #[test]
    fn without_any_other_clock_a_pause_of_days_is_believed_and_one_of_weeks_is_not() {
        let proven = |text: &str| Clocks { proven: Some(at(text)), ..noon() };

        assert_eq!(alarm(noon()), None, "an empty registry has nothing to lose");
        assert_eq!(alarm(proven("2026-02-20T12:00:00Z")), None);
        assert_eq!(alarm(proven("2026-02-20T11:59:59Z")), Some(Alarm::ClockUnproven));
        let recorded = Some(at("2026-03-01T00:00:00Z"));
        assert_eq!(alarm(Clocks { recorded, ..proven("2026-01-01T00:00:00Z") }), None, "an entry proves the clock too");
    }

    #[test]
    fn the_answer_to_a_write_says_what_was_seen() {
        let doubt = Clocks { by_uptime: Some(at("2025-01-26T12:00:00Z")), ..noon() }.doubt().unwrap();

        let problem = halted(&[doubt]);

        let detail = problem.detail.unwrap();
        for text in [detail.zh, detail.en] {
            assert!(text.contains("2026-03-02T12:00:00Z") && text.contains("2025-01-26T12:00:00Z"), "{text}");
        }
    }
}
