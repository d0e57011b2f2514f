//! The unified social credit code of an organisation.
//!
//! A right check character proves nothing about who bears the code.

use std::str::FromStr;

use crate::rule::Rule;

/// The 31 characters of GB 32100; a character's value is its index.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

text_value! {
    /// Unified social credit code (GB 32100-2015)
    ///
    /// 18 characters, the last one a check character.
    /// Lower case is accepted and kept in upper case.
    Uscc, pattern = r"^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$", example = "91230607716675409L"
}

impl FromStr for Uscc {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let text = text.to_ascii_uppercase();
        let values: Vec<usize> = text.bytes().map_while(|c| ALPHABET.iter().position(|letter| *letter == c)).collect();
        let region_is_digits = values.iter().skip(2).take(6).all(|value| *value < 10);
        if text.len() != 18 || values.len() != 18 || !region_is_digits {
            return Err(Rule::UsccForm);
        }
        // Weights are 3^i mod 31. Giving the check character its natural weight of 1 makes a right code sum to 0,
        // so that a remainder of 0 (check character 31, written 0) is no special case.
        let weights = std::iter::successors(Some(1), |weight| Some(weight * 3 % 31)).take(17).chain([1]);
        let sum: usize = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
        if sum.is_multiple_of(31) { Ok(Self(text)) } else { Err(Rule::UsccCheckDigit) }
    }
}
