//! The number of a laboratory's accreditation by CNAS (认可).

use std::str::FromStr;

use crate::rule::Rule;

text_value! {
    /// Number of a laboratory's CNAS accreditation: `CNAS L` and digits
    CnasNumber, pattern = r"^CNAS L[0-9]{1,6}$", example = "CNAS L0001"
}

impl FromStr for CnasNumber {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let is_right = text
            .strip_prefix("CNAS L")
            .is_some_and(|digits| (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()));
        if is_right { Ok(Self(text.to_owned())) } else { Err(Rule::CnasNumberForm) }
    }
}
