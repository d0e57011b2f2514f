//! The former code of an organisation (GB 11714), of nine characters; a unified social credit code holds it.
//!
//! It is kept as text, since older records hold whatever was written. Whether an organisation bears it is not asked.

use serde::{Deserialize, Deserializer};

use crate::rule::Rule;
use crate::spelling::key;

/// Reads a code into its one spelling; zeros stand for none.
pub(crate) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let plain = text.map(|text| key(&text).to_uppercase().replace('-', ""));
    Ok(plain.filter(|it| it.is_empty() || it.chars().any(|c| c != '0')))
}

/// Checks the form and the check character of a code.
///
/// # Errors
///
/// [`Rule::OrganisationCodeForm`].
pub fn check(code: &str) -> Result<(), Rule> {
    let values: Option<Vec<u32>> = code.chars().take(8).map(|c| c.to_digit(36)).collect();
    let is_form = code.len() == 9 && code.bytes().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
    let weights = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum = values.map(|values| values.iter().zip(weights).map(|(value, weight)| value * weight).sum::<u32>());
    let check = sum.map(|sum| match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or_default(),
    });
    if is_form && check == code.chars().last() { Ok(()) } else { Err(Rule::OrganisationCodeForm) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn kept(code: &Value) -> Option<String> {
        read(code).unwrap()
    }

    #[test]
    fn a_code_has_one_spelling_and_zeros_are_none() {
        for code in ["716675409", "71667540-9", "７１６６７５４０－９", " 71667540 - 9 "] {
            assert_eq!(kept(&json!(code)).as_deref(), Some("716675409"), "{code}");
        }
        assert_eq!(kept(&json!("d2143569x")).as_deref(), Some("D2143569X"));
        for zeros in ["000000000", "00000000-0", "0"] {
            assert_eq!(kept(&json!(zeros)), None);
        }
        assert_eq!(kept(&Value::Null), None);
    }

    #[test]
    fn a_wrong_check_character_is_noticed() {
        for code in ["716675409", "D2143569X"] {
            assert_eq!(check(code), Ok(()), "{code}");
        }
        for code in ["716675408", "D21435690", "71667540", "7166754099", "", "无", "71667540９"] {
            assert_eq!(check(code), Err(Rule::OrganisationCodeForm), "{code}");
        }
    }
}
