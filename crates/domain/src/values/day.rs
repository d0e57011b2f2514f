//! A day as it is written on the wire: a full-date of RFC 3339, and nothing else that a lenient reader takes for one.

use jiff::civil::Date;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::rule::Rule;

/// Reads a day in its one spelling.
///
/// # Errors
///
/// [`Rule::DateForm`].
pub fn parse(text: &str) -> Result<Date, Rule> {
    text.parse::<Date>().ok().filter(|day| text.len() == 10 && day.to_string() == text).ok_or(Rule::DateForm)
}

/// Tells whether a record may name a day, as it is in the tables: 0001-01-01 and 9999-12-31 stand for none.
pub fn is_likely(day: Date) -> bool {
    (1980..=2100).contains(&day.year())
}

/// Reads a day that must be there.
pub(crate) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// Reads a day, where there is one.
pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| parse(&text).map_err(D::Error::custom)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_one_spelling() {
        assert_eq!(parse("2025-06-05"), Ok(Date::constant(2025, 6, 5)));
        for text in ["20250605", "2025-6-5", "2025-02-29", "2025-06-05T00:00:00", "+002025-06-05", ""] {
            assert_eq!(parse(text), Err(Rule::DateForm), "{text}");
        }
    }

    #[test]
    fn a_day_that_stands_for_none_is_told() {
        for (text, likely) in [
            ("1980-01-01", true),
            ("2100-12-31", true),
            ("1979-12-31", false),
            ("0001-01-01", false),
            ("9999-12-31", false),
        ] {
            assert_eq!(is_likely(parse(text).unwrap()), likely, "{text}");
        }
    }
}
