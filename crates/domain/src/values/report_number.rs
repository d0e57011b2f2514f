//! The number of a test report: no national form, unique only within its laboratory.
//!
//! Two forms: as given, and normalised (equal numbers are the same).

use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

use super::certificate_number::plain;
use crate::rule::Rule;

text_value! {
    /// Number of a test report, as its laboratory wrote it
    ///
    /// Letters, digits, Chinese characters, spaces and `- _ / ( ) . + : # [ ]`, also in full width, and `〔 〕`, 1 to
    /// 100 characters. At least one of them is a letter, a digit or a Chinese character.
    /// Surrounding spaces are removed.
    ReportNumber,
    pattern = r"^[0-9A-Za-z _/().+:#\[\]\-\u00A0\u2010-\u2015\u2212\u3000\u3007\u3014\u3015\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\uFE58\uFE63\uFF03\uFF08\uFF09\uFF0B\uFF0D-\uFF1A\uFF21-\uFF3B\uFF3D\uFF3F\uFF41-\uFF5A]{1,100}$",
    example = "黑建检〔2026〕第0117号"
}

impl ReportNumber {
    /// The form in which two numbers of one laboratory are compared.
    ///
    /// Full width, case, spaces, the kind of dash and the kind of bracket make no difference.
    pub fn normalised(&self) -> String {
        self.0.nfkc().filter_map(printed).filter(|c| *c != ' ').collect()
    }
}

impl FromStr for ReportNumber {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let text = text.trim();
        let is_right = text.chars().count() <= 100
            && text.chars().all(|c| printed(c).is_some())
            && text.chars().filter_map(printed).any(char::is_alphanumeric);
        if is_right { Ok(Self(text.to_owned())) } else { Err(Rule::ReportNumberForm) }
    }
}

/// The plain form of an allowed character: laboratories bracket the year and write `No:` and `#` besides.
fn printed(c: char) -> Option<char> {
    match c {
        '〔' | '[' | '\u{FF3B}' => Some('('),
        '〕' | ']' | '\u{FF3D}' => Some(')'),
        ':' | '\u{FF1A}' => Some(':'),
        '#' | '\u{FF03}' => Some('#'),
        _ => plain(c),
    }
}
