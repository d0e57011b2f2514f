//! One cell, as a source gives it.

use std::borrow::Cow;

use jiff::civil::Date;

use crate::damage::{self, Meaning};
use crate::faults::FaultCode;
use crate::text::is_mark;

/// A cell as xlsx or csv gives it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Blank,
    Text(String),
    /// A number as it is shown, and its value.
    Number(String, f64),
    Date(Date),
    /// It says that there is no value, such as `/` or `NULL`, or a formula that gives an empty text.
    Nothing(String),
    /// It says that the value is the one above.
    Above(String),
    /// Its value is lost: why, and what is shown.
    Unknown(FaultCode, String),
}

impl Cell {
    /// Takes a text, but no more of it than shows that it is too long.
    pub(crate) fn text(text: &str, limit: usize) -> Self {
        let text = text.trim_matches(|c: char| c.is_whitespace() || is_mark(c));
        match text.char_indices().nth(limit.saturating_mul(2)) {
            Some((end, _)) => Self::Text(text.get(..end).unwrap_or_default().to_owned()),
            None if text.is_empty() => Self::Blank,
            None => Self::meaning(damage::meaning(text), text.to_owned()),
        }
    }

    fn meaning(meaning: Meaning, text: String) -> Self {
        match meaning {
            Meaning::Value => Self::Text(text),
            Meaning::Nothing => Self::Nothing(text),
            Meaning::Above => Self::Above(text),
            Meaning::Unknown(code) => Self::Unknown(code, text),
        }
    }

    /// Takes a number as it is without a format: no more digits than a spreadsheet keeps.
    pub(crate) fn number(number: f64) -> Self {
        let shown = fifteen_digits(number);
        // A spreadsheet keeps 15 digits; a longer number has lost the others.
        if number.abs() >= 1e15 { Self::Unknown(FaultCode::LostDigits, shown) } else { Self::Number(shown, number) }
    }

    /// The cell as a person reads it.
    pub(crate) fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Blank => Cow::Borrowed(""),
            Self::Text(text)
            | Self::Number(text, _)
            | Self::Nothing(text)
            | Self::Above(text)
            | Self::Unknown(_, text) => Cow::Borrowed(text),
            Self::Date(date) => Cow::Owned(date.to_string()),
        }
    }
}

/// A number without the noise of binary fractions: `125.1031` and not `125.10310000000001`.
pub(crate) fn fifteen_digits(number: f64) -> String {
    format!("{number:.14e}").parse::<f64>().unwrap_or(number).to_string()
}

/// The name of a cell, such as `F2`.
pub(crate) fn cell_name(row: u32, position: usize) -> String {
    let (mut letters, mut rest) = (Vec::new(), position + 1);
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or_default()));
        rest /= 26;
    }
    letters.iter().rev().chain(row.to_string().chars().collect::<Vec<_>>().iter()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lose_their_noise_and_cells_have_names() {
        assert_eq!(Cell::number(125.103_100_000_000_01), Cell::Number("125.1031".into(), 125.103_100_000_000_01));
        assert!(matches!(Cell::number(1e15), Cell::Unknown(FaultCode::LostDigits, _)));
        assert_eq!(
            [cell_name(2, 5), cell_name(10, 25), cell_name(1, 26), cell_name(8, 78)],
            ["F2", "Z10", "AA1", "CA8"]
        );
    }
}
