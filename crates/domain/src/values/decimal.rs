//! A measured figure, exactly as it was reported. Never a float.

use std::cmp::Ordering;
use std::str::FromStr;

use crate::rule::Rule;

/// Digits allowed on either side of the point; both sides together fit an `i128`.
const SIDE: usize = 15;

text_value! {
    /// Decimal number as reported, in a string
    ///
    /// Trailing zeros are kept: they say how exactly it was measured.
    /// Up to 15 digits before the point and 15 after it; no exponent.
    Decimal, pattern = r"^[+-]?[0-9]{1,15}(\.[0-9]{1,15})?$", example = "0.050"
}

impl Decimal {
    /// The figure in millionths of its unit; absent when that does not fit.
    ///
    /// More than six decimals are rounded half to even (GB/T 8170-2008); use it to filter, never to judge a limit.
    pub fn micros(&self) -> Option<i64> {
        const STEP: i128 = 1_000_000_000;
        let scaled = self.scaled();
        let (floor, rest) = (scaled.div_euclid(STEP), scaled.rem_euclid(STEP));
        let up = match (rest * 2).cmp(&STEP) {
            Ordering::Less => 0,
            Ordering::Equal => floor.rem_euclid(2),
            Ordering::Greater => 1,
        };
        i64::try_from(floor + up).ok()
    }

    /// Whether it is the same figure, however exactly each was measured.
    pub fn equals(&self, other: &Self) -> bool {
        self.scaled() == other.scaled()
    }

    /// The number in units of its last possible decimal place.
    fn scaled(&self) -> i128 {
        let unsigned = self.0.trim_start_matches(['+', '-']);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = format!("{whole}{fraction:0<SIDE$}");
        let magnitude = digits.bytes().fold(0, |sum, digit| sum * 10 + i128::from(digit - b'0'));
        if self.0.starts_with('-') { -magnitude } else { magnitude }
    }
}

impl FromStr for Decimal {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let is_side = |side: &str| (1..=SIDE).contains(&side.len()) && side.bytes().all(|b| b.is_ascii_digit());
        if is_side(whole) && is_side(fraction) { Ok(Self(text.to_owned())) } else { Err(Rule::DecimalForm) }
    }
}
