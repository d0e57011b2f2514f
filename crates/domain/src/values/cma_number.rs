//! The number of a laboratory's CMA certificate (资质认定).
//!
//! Only its length is checked: published accounts of its structure contradict each other.

use std::str::FromStr;

use crate::rule::Rule;

text_value! {
    /// Number of a laboratory's CMA certificate, 12 digits
    CmaNumber, pattern = r"^[0-9]{12}$", example = "230800020001"
}

impl FromStr for CmaNumber {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Rule::CmaNumberForm)
        }
    }
}
