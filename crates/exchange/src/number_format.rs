//! What a spreadsheet shows of a number under its format.
//!
//! Only formats that keep every digit are followed: zeros in front or behind, texts before and after.
//! Of all others it is said that they show something else than the number.

use crate::cells::{Cell, fifteen_digits};
use crate::faults::FaultCode;

/// The cell of a number under a format code.
pub(crate) fn cell_of(code: &str, number: f64) -> Cell {
    match (Cell::number(number), shown(code, number)) {
        (Cell::Number(plain, _), Some(shown)) if shown == plain => Cell::Number(plain, number),
        (Cell::Number(..), Some(shown)) => Cell::Number(shown, number),
        (Cell::Number(plain, _), None) => Cell::Unknown(FaultCode::HiddenByFormat, plain),
        (lost, _) => lost,
    }
}

/// How many digits a format wants, and what stands around them.
#[derive(Default)]
struct Pattern {
    before: String,
    whole: usize,
    part: usize,
    after: String,
    /// Whether digits have begun, the point has been passed, digits have ended.
    begun: bool,
    pointed: bool,
    ended: bool,
}

impl Pattern {
    fn literal(&mut self, text: &str) {
        self.ended = self.ended || self.begun && !text.trim().is_empty();
        if self.begun { self.after.push_str(text) } else { self.before.push_str(text) }
    }

    /// Takes a place for a digit; there is none after a text within the digits.
    fn digit(&mut self, is_zero: bool) -> Option<()> {
        if self.ended {
            return None;
        }
        self.begun = true;
        let count = if self.pointed { &mut self.part } else { &mut self.whole };
        *count += usize::from(is_zero);
        Some(())
    }
}

fn shown(code: &str, number: f64) -> Option<String> {
    let plain = fifteen_digits(number);
    let section = code.split(';').next().unwrap_or_default();
    let bare = section.trim();
    if bare.is_empty() || bare.eq_ignore_ascii_case("general") || bare == "@" || bare.contains("E+") {
        return Some(plain);
    }
    let pattern = parse(section)?;
    if !pattern.begun {
        // A text alone, or `General` with a text around it, shows no digit that could be followed.
        return None;
    }
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |it| ("-", it));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let mut text = format!("{sign}{whole:0>width$}", width = pattern.whole);
    if !part.is_empty() || pattern.part > 0 {
        text = format!("{text}.{part:0<width$}", width = pattern.part);
    }
    Some(format!("{}{text}{}", pattern.before.trim_start(), pattern.after.trim_end()))
}

fn parse(section: &str) -> Option<Pattern> {
    let mut pattern = Pattern::default();
    let mut rest = section.chars();
    while let Some(c) = rest.next() {
        match c {
            '"' => pattern.literal(&rest.by_ref().take_while(|it| *it != '"').collect::<String>()),
            '\\' => pattern.literal(&rest.next()?.to_string()),
            // A blank as wide as the next character, or the next one repeated to fill the cell.
            '_' | '*' => _ = rest.next(),
            '[' => {
                let inside: String = rest.by_ref().take_while(|it| *it != ']').collect();
                if inside.starts_with(['<', '>', '=']) || inside.to_ascii_uppercase().starts_with("DBNUM") {
                    return None;
                }
                let currency = inside.strip_prefix('$').map(|it| it.split('-').next().unwrap_or_default());
                pattern.literal(currency.unwrap_or_default());
            }
            '0' => pattern.digit(true)?,
            '#' | '?' => pattern.digit(false)?,
            '.' if !pattern.pointed => pattern.pointed = true,
            ',' if pattern.begun => {}
            '%' | '/' | 'E' | 'e' | 'G' | 'g' => return None,
            other => pattern.literal(&other.to_string()),
        }
    }
    Some(pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_it_is_shown_or_not_at_all() {
        for (code, number, wanted) in [
            ("General", 10020.0, "10020"),
            ("000000", 10020.0, "010020"),
            ("0", 3.0, "3"),
            ("0.00", 1.5, "1.50"),
            ("0.00", 125.1031, "125.1031"),
            ("#,##0", 1200.0, "1200"),
            ("#,##0_ ;[Red]-#,##0 ", 1200.0, "1200"),
            ("\"CABR-\"000", 12.0, "CABR-012"),
            ("0\"人\"", 120.0, "120人"),
            ("\\A0000", 7.0, "A0007"),
            ("0.00E+00", 20_130_107.0, "20130107"),
            ("@", 7.0, "7"),
            ("000000;-000000", 7.0, "000007"),
        ] {
            assert_eq!(cell_of(code, number), Cell::Number(wanted.to_owned(), number), "{code}");
        }
        for code in ["000-000", "0%", "# ?/?", "[>5]000;0", "[DBNum1]0", "\"有\"", "0\"-\"00"] {
            assert_eq!(cell_of(code, 7.0), Cell::Unknown(FaultCode::HiddenByFormat, "7".to_owned()), "{code}");
        }
        assert!(matches!(cell_of("0", 1e15), Cell::Unknown(FaultCode::LostDigits, _)));
    }
}
