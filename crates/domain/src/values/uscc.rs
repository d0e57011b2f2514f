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

impl Uscc {
    /// The six digits of the division in which the organisation was registered.
    ///
    /// They stay when the division is abolished, so an unknown one is no error.
    pub fn region(&self) -> &str {
        self.0.get(2..8).unwrap_or_default()
    }

    /// Whether the organisation code inside (characters 9 to 17) passes its own check of GB 11714.
    ///
    /// Advisory only: valid codes exist that do not.
    pub fn organisation_code_checks(&self) -> bool {
        const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
        let Some((check, digits)) = self.0.as_bytes().get(8..17).and_then(<[u8]>::split_last) else { return false };
        let value = |c: &u8| if c.is_ascii_digit() { u32::from(c - b'0') } else { u32::from(c - b'A') + 10 };
        let sum: u32 = digits.iter().zip(WEIGHTS).map(|(c, weight)| value(c) * weight).sum();
        match (11 - sum % 11) % 11 {
            10 => *check == b'X',
            rest => u32::from(check.wrapping_sub(b'0')) == rest,
        }
    }
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
