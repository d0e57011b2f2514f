//! The approval number of a certification body; whether a body bears it is not asked here.

use std::str::FromStr;

use crate::rule::Rule;

text_value! {
    /// Approval number that CNCA gave a certification body
    ///
    /// `R` is a domestic body, `RF` a foreign-invested one.
    /// Lower case and surrounding spaces are accepted and removed.
    ApprovalNumber, pattern = r"^CNCA-(R|RF)-[0-9]{4}-[0-9]{2,4}$", example = "CNCA-R-2006-148"
}

impl FromStr for ApprovalNumber {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let text = text.trim().to_ascii_uppercase();
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        match *text.split('-').collect::<Vec<_>>() {
            ["CNCA", "R" | "RF", year, serial]
                if year.len() == 4 && (2..=4).contains(&serial.len()) && digits(year) && digits(serial) =>
            {
                Ok(Self(text))
            }
            _ => Err(Rule::ApprovalNumberForm),
        }
    }
}
