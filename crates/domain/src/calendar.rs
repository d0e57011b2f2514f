//! Working days in mainland China, with exchanged weekends (调休), and the day it is in Shanghai.
//!
//! The calendar is data: a year whose arrangement is not loaded is an error, never a guess.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Time, Weekday};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rule::Rule;

/// What an arrangement makes of a day
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DayType {
    /// A holiday, or a day off in exchange for a weekend.
    Off,
    /// A weekend day on which people work.
    Work,
}

/// One day that a year's arrangement names
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArrangedDay {
    /// The year whose arrangement names the day; New Year's may name days of the December before.
    pub arrangement_year: i16,
    /// The day.
    pub date: Date,
    /// What becomes of it.
    pub day_type: DayType,
}

/// The working days of the years whose arrangement is known.
#[derive(Clone, Debug, Default)]
pub struct WorkingDays {
    years: BTreeSet<i16>,
    arranged: BTreeMap<Date, DayType>,
}

impl FromIterator<ArrangedDay> for WorkingDays {
    fn from_iter<I: IntoIterator<Item = ArrangedDay>>(days: I) -> Self {
        let mut calendar = WorkingDays::default();
        for day in days {
            calendar.years.insert(day.arrangement_year);
            calendar.arranged.insert(day.date, day.day_type);
        }
        calendar
    }
}

impl WorkingDays {
    /// Whether people work on this day.
    ///
    /// # Errors
    /// [`Rule::YearNotInCalendar`] when the arrangement that decides the day is not loaded.
    pub fn is_working_day(&self, date: Date) -> Result<bool, Rule> {
        // The arrangement for 2019 began on 29 December 2018, so these days hang on the next year's as well.
        let depends_on_next_year = date.month() == 12 && date.day() >= 29;
        let last_year = if depends_on_next_year { date.year() + 1 } else { date.year() };
        if !(date.year()..=last_year).all(|year| self.years.contains(&year)) {
            return Err(Rule::YearNotInCalendar);
        }
        Ok(match self.arranged.get(&date) {
            Some(day_type) => *day_type == DayType::Work,
            None => !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday),
        })
    }

    /// The day itself if people work on it, else the next on which they do.
    ///
    /// # Errors
    /// [`Rule::YearNotInCalendar`] when the search leaves the known years.
    pub fn on_or_after(&self, mut date: Date) -> Result<Date, Rule> {
        while !self.is_working_day(date)? {
            date = date.tomorrow().map_err(|_| Rule::YearNotInCalendar)?;
        }
        Ok(date)
    }

    /// The `n`th working day after `start`; counting begins on the day after it.
    ///
    /// # Errors
    /// [`Rule::YearNotInCalendar`] when the count leaves the known years.
    pub fn add(&self, start: Date, n: u16) -> Result<Date, Rule> {
        (0..n).try_fold(start, |day, _| self.on_or_after(day.tomorrow().map_err(|_| Rule::YearNotInCalendar)?))
    }
}

/// The civil day in Asia/Shanghai, which has been UTC+8 without summer time since 1991.
pub fn shanghai_day(at: Timestamp) -> Date {
    jiff::tz::offset(8).to_datetime(at).date()
}

/// When a civil day begins in Asia/Shanghai.
///
/// # Errors
///
/// [`Rule::OutOfRange`] for a day at the end of time.
pub fn shanghai_midnight(day: Date) -> Result<Timestamp, Rule> {
    jiff::tz::offset(8).to_timestamp(day.at(0, 0, 0, 0)).map_err(|_| Rule::OutOfRange)
}

/// How long it is until the next day begins in Asia/Shanghai.
pub fn until_next_day(at: Timestamp) -> SignedDuration {
    let now = jiff::tz::offset(8).to_datetime(at);
    now.time().duration_until(Time::MAX) + SignedDuration::from_nanos(1)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn new_years_rows_alone_do_not_make_a_year_known() {
        let new_year = |day| ArrangedDay { arrangement_year: 2023, date: day, day_type: DayType::Off };
        let calendar: WorkingDays = [new_year(date(2022, 12, 31)), new_year(date(2023, 1, 1))].into_iter().collect();

        assert_eq!(calendar.is_working_day(date(2022, 12, 30)), Err(Rule::YearNotInCalendar));
        assert_eq!(calendar.is_working_day(date(2023, 1, 3)), Ok(true));
    }

    #[test]
    fn the_day_changes_at_midnight_in_shanghai() {
        let day = |text: &str| shanghai_day(text.parse().unwrap());

        assert_eq!(day("2026-03-01T15:59:59Z"), date(2026, 3, 1));
        assert_eq!(day("2026-03-01T16:00:00Z"), date(2026, 3, 2));
        shanghai_day(Timestamp::MIN);
        shanghai_day(Timestamp::MAX);
    }

    #[test]
    fn a_day_begins_at_its_midnight_in_shanghai() {
        assert_eq!(shanghai_midnight(date(2026, 3, 2)).unwrap().to_string(), "2026-03-01T16:00:00Z");
        assert_eq!(shanghai_midnight(Date::MIN), Err(Rule::OutOfRange));
    }

    #[test]
    fn the_next_day_begins_at_midnight_and_never_now() {
        let left = |text: &str| until_next_day(text.parse().unwrap());

        assert_eq!(left("2026-03-01T15:59:59.75Z"), SignedDuration::from_millis(250));
        assert_eq!(left("2026-03-01T16:00:00Z"), SignedDuration::from_hours(24));
        assert_eq!(left("2026-03-01T02:00:00Z"), SignedDuration::from_hours(14));
    }
}
