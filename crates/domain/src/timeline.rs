//! Timelines: what a subject was, is, and is known to become.
//!
//! Each version of a subject holds from a day on. The version in effect on a day is the newest that holds by then,
//! so a later one takes back whatever an earlier one says of the same days, those to come among them.

use jiff::civil::Date;

/// The versions of a subject in the order in which they were recorded, each with the day from which it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline<T>(Vec<(Date, T)>);

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Timeline<T> {
    /// Adds the version that was recorded last.
    pub fn push(&mut self, from: Date, version: T) {
        self.0.push((from, version));
    }

    /// The version in effect on a day, with the day from which it holds.
    pub fn on(&self, day: Date) -> Option<(Date, &T)> {
        self.0.iter().rev().find(|(from, _)| *from <= day).map(|(from, version)| (*from, version))
    }

    /// The version recorded last, whether or not its day has come.
    pub fn newest(&self) -> Option<&T> {
        self.0.last().map(|(_, version)| version)
    }

    /// The days from which versions hold.
    pub fn days(&self) -> impl Iterator<Item = Date> {
        self.0.iter().map(|(from, _)| *from)
    }

    /// The versions, the oldest first.
    pub fn versions(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(_, version)| version)
    }

    /// The timeline with each version told otherwise.
    pub fn map<U>(self, tell: impl Fn(T) -> U) -> Timeline<U> {
        Timeline(self.0.into_iter().map(|(from, version)| (from, tell(version))).collect())
    }
}

impl<T> FromIterator<(Date, T)> for Timeline<T> {
    fn from_iter<I: IntoIterator<Item = (Date, T)>>(versions: I) -> Self {
        Self(versions.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Timeline;
    use jiff::civil::{Date, date};

    fn day(day: i8) -> Date {
        date(2026, 3, day)
    }

    #[test]
    fn the_newest_version_that_holds_by_a_day_is_in_effect() {
        let timeline: Timeline<&str> = [(day(1), "valid"), (day(20), "suspended")].into_iter().collect();

        assert_eq!(timeline.on(day(1)), Some((day(1), &"valid")));
        assert_eq!(timeline.on(day(19)), Some((day(1), &"valid")));
        assert_eq!(timeline.on(day(20)), Some((day(20), &"suspended")));
        assert_eq!(timeline.on(date(2026, 2, 28)), None);
    }

    #[test]
    fn a_later_version_takes_back_what_was_to_come() {
        let mut timeline: Timeline<&str> = [(day(1), "valid"), (day(20), "suspended")].into_iter().collect();

        timeline.push(day(5), "withdrawn");

        assert_eq!(timeline.on(day(4)), Some((day(1), &"valid")));
        assert_eq!(timeline.on(day(25)), Some((day(5), &"withdrawn")));
    }
}
