//! The GS1 number of a trade item. Most bulk materials have none.

use std::str::FromStr;

use crate::rule::Rule;

text_value! {
    /// Global trade item number (GS1)
    ///
    /// 8, 12, 13 or 14 digits are accepted and kept as 14, padded with zeros on the left.
    Gtin, pattern = r"^([0-9]{8}|[0-9]{12,14})$", example = "06291041500213"
}

impl FromStr for Gtin {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        if !matches!(text.len(), 8 | 12..=14) || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Rule::GtinForm);
        }
        let weights = [1, 3].into_iter().cycle();
        let sum: u32 = text.bytes().rev().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        if sum.is_multiple_of(10) { Ok(Self(format!("{text:0>14}"))) } else { Err(Rule::GtinCheckDigit) }
    }
}
