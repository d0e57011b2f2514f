//! The number of a certificate: opaque, unique only within its certification body.
//!
//! Three forms: as given, normalised (equal numbers are the same), and look-alike (equal numbers may be the same).

use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

use crate::invisible::is_invisible;
use crate::rule::Rule;
use crate::spelling::{is_scientific, is_total, says_nothing};

text_value! {
    /// Number of a certificate, as its certification body wrote it
    ///
    /// Letters, digits, Chinese characters, spaces and `- _ / ( ) [ ] . +`, also in full width, and `〔 〕 【 】`, 1 to 100
    /// characters. At least one of them is a letter, a digit or a Chinese character; `无`, `详见附件` and `2.02501E+15`
    /// are no numbers.
    /// Surrounding spaces and characters that nobody sees are removed.
    CertificateNumber,
    pattern = r"^[0-9A-Za-z _/().+\[\]\-\u00A0\u2010-\u2015\u2212\u3000\u3007\u3010\u3011\u3014\u3015\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\uFE58\uFE5D\uFE5E\uFE63\uFF08\uFF09\uFF0B\uFF0D-\uFF19\uFF21-\uFF3B\uFF3D\uFF3F\uFF41-\uFF5A]{1,100}$",
    example = "CABR-01(02)-(2025)-CGP-035",
    kept = kept
}

impl CertificateNumber {
    /// The form in which two numbers of one body are compared.
    ///
    /// Full width, case, spaces, the kind of dash and the kind of bracket make no difference.
    pub fn normalised(&self) -> String {
        self.0.nfkc().filter_map(plain).filter(|c| *c != ' ').collect()
    }

    /// A coarser form that brings up numbers mistaken for each other: `O` for 0, `I` and `L` for 1, no separators.
    ///
    /// It finds candidates for a person to decide; equal look-alikes are not the same number.
    pub fn look_alike(&self) -> String {
        let digit_for = |c| match c {
            'O' => '0',
            'I' | 'L' => '1',
            _ => c,
        };
        self.normalised().chars().filter(|c| c.is_alphanumeric()).map(digit_for).collect()
    }
}

impl FromStr for CertificateNumber {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        kept(text)
            .ok()
            .filter(|it| !says_nothing(it) && !is_scientific(it) && !is_total(it))
            .map(Self)
            .ok_or(Rule::CertificateNumberForm)
    }
}

/// A number as it was once accepted: placeholders were.
fn kept(text: &str) -> Result<String, Rule> {
    number(text, plain).ok_or(Rule::CertificateNumberForm)
}

/// A number as it was written, of characters that have a plain form.
pub(super) fn number(text: &str, plain: fn(char) -> Option<char>) -> Option<String> {
    let seen: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let text = seen.trim();
    let is_right = text.chars().count() <= 100
        && text.chars().all(|c| plain(c).is_some())
        && text.chars().filter_map(plain).any(char::is_alphanumeric);
    is_right.then(|| text.to_owned())
}

/// The plain form of an allowed character, or nothing if it is not allowed. Bodies bracket the year in many ways.
pub(super) fn plain(c: char) -> Option<char> {
    match c {
        '0'..='9' | 'A'..='Z' | 'a'..='z' | ' ' | '_' | '/' | '(' | ')' | '.' | '+' => Some(c.to_ascii_uppercase()),
        '[' | '\u{3010}' | '\u{3014}' | '\u{FE5D}' => Some('('),
        ']' | '\u{3011}' | '\u{3015}' | '\u{FE5E}' => Some(')'),
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' => Some('-'),
        '\u{A0}' | '\u{3000}' => Some(' '),
        // Full-width forms stand in the order of ASCII.
        '\u{FF01}'..='\u{FF5E}' => plain(char::from_u32(u32::from(c) - 0xFEE0)?),
        '〇' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' => Some(c),
        _ => None,
    }
}
