//! The number of a test report: no national form, unique only within its laboratory.
//!
//! Two forms: as given, and normalised (equal numbers are the same).

use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

use super::certificate_number::{number, plain};
use crate::rule::Rule;
use crate::spelling::{is_total, says_nothing};

text_value! {
    /// Number of a test report, as its laboratory wrote it
    ///
    /// Letters, digits, Chinese characters, spaces and `- _ / ( ) . + : # [ ]`, also in full width, and `〔 〕 【 】`, 1
    /// to 100 characters. At least one of them is a letter, a digit or a Chinese character; `无` and `详见附件` are no
    /// numbers. Surrounding spaces and characters that nobody sees are removed.
    ReportNumber,
    pattern = r"^[0-9A-Za-z _/().+:#\[\]\-\u00A0\u2010-\u2015\u2212\u3000\u3007\u3010\u3011\u3014\u3015\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\uFE58\uFE5D\uFE5E\uFE63\uFF03\uFF08\uFF09\uFF0B\uFF0D-\uFF1A\uFF21-\uFF3B\uFF3D\uFF3F\uFF41-\uFF5A]{1,100}$",
    example = "黑建检〔2026〕第0117号",
    kept = kept
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
        kept(text).ok().filter(|it| !says_nothing(it) && !is_total(it)).map(Self).ok_or(Rule::ReportNumberForm)
    }
}

/// A number as it was once accepted: placeholders were.
fn kept(text: &str) -> Result<String, Rule> {
    number(text, printed).ok_or(Rule::ReportNumberForm)
}

/// The plain form of an allowed character: laboratories write `No:` and `#` besides.
fn printed(c: char) -> Option<char> {
    match c {
        ':' | '\u{FF1A}' => Some(':'),
        '#' | '\u{FF03}' => Some('#'),
        _ => plain(c),
    }
}
