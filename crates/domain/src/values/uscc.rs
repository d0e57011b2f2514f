//! The unified social credit code of an organisation.
//!
//! A right check character proves nothing about who bears the code.

use std::str::FromStr;

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

use crate::invisible::is_invisible;
use crate::rule::Rule;

/// The 31 characters of GB 32100; a character's value is its index.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

text_value! {
    /// Unified social credit code (GB 32100-2015)
    ///
    /// 18 characters, the last one a check character; neither zeros nor the number of a citizen.
    /// Lower case is accepted and kept in upper case.
    Uscc, pattern = r"^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$", example = "91230607716675409L",
    kept = kept
}

impl FromStr for Uscc {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        if is_citizen_number(&text.to_ascii_uppercase()) {
            return Err(Rule::UsccIsCitizenNumber);
        }
        let text = kept(text)?;
        if organisation_code(&text).bytes().all(|c| c == b'0') {
            return Err(Rule::UsccForm);
        }
        Ok(Self(text))
    }
}

impl Uscc {
    /// The organisation code (GB 11714) inside it.
    pub fn organisation_code(&self) -> &str {
        organisation_code(&self.0)
    }
}

fn organisation_code(text: &str) -> &str {
    text.get(8..17).unwrap_or_default()
}

/// A code as it was once accepted: zeros and numbers of citizens were, where their check character is right.
fn kept(text: &str) -> Result<String, Rule> {
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
    if sum.is_multiple_of(31) { Ok(text) } else { Err(Rule::UsccCheckDigit) }
}

/// Whether a text may hold the number of a citizen, however it is spaced, with or without its last digits: a
/// spreadsheet keeps fifteen of them. Such a text is quoted to nobody and kept nowhere.
pub fn may_hold_citizen_number(text: &str) -> bool {
    let chars = text.nfkc().filter(|c| !c.is_whitespace() && !is_invisible(*c) && !matches!(c, '-' | '.' | '\'' | ','));
    let bare: String = chars.collect();
    let runs = bare.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() >= 15);
    runs.into_iter().any(|run| (0..=run.len() - 15).any(|at| run.get(at..).is_some_and(begins_with_birth)))
}

/// Whether digits begin with a province, a county and a day of birth.
fn begins_with_birth(digits: &str) -> bool {
    let number = |range| digits.get(range).and_then(|part: &str| part.parse::<i16>().ok());
    let (Some(province), Some(year), Some(month), Some(day)) =
        (number(0..2), number(6..10), number(10..12), number(12..14))
    else {
        return false;
    };
    let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else { return false };
    (11..=82).contains(&province) && (1850..2100).contains(&year) && Date::new(year, month, day).is_ok()
}

/// Whether this is the number of a person (GB 11643): a province, a day of birth and a check digit of its own. One such
/// number in 31 would pass as a code.
fn is_citizen_number(text: &str) -> bool {
    let Some((digits, check)) = text.split_at_checked(17) else { return false };
    // ISO 7064, MOD 11-2.
    let value = |c: char| if c == 'X' { Some(10) } else { c.to_digit(10) };
    let sum = digits.chars().try_fold(0, |sum, c| Some((sum + c.to_digit(10)?) * 2 % 11));
    let is_checked = sum.zip(check.chars().next().and_then(value)).is_some_and(|(sum, check)| (sum + check) % 11 == 1);
    text.len() == 18 && begins_with_birth(digits) && is_checked
}
