//! What has become of a value on its way into a cell: the one notion of all readers.
//!
//! Spreadsheets and exporters write words where a value was.
//! Some say that there is none, some that it is elsewhere, some that it is lost; what is lost is never guessed.

use crate::faults::FaultCode;
use crate::text::compact;

/// Words by which exporters say that there is no value, in lower case.
const NULLS: &[&str] = &[
    "null",
    "(null)",
    "<null>",
    "[null]",
    "{null}",
    "nil",
    "\\n",
    "nan",
    "nat",
    "<na>",
    "#null",
    "none",
    "(none)",
    "undefined",
    "(blank)",
    "(空)",
    "(空白)",
];

/// Beginnings of what stands where a formula or an export failed, in lower case.
const ERRORS: &[&str] = &[
    "#n/a",
    "#ref!",
    "#value!",
    "#div/0!",
    "#name?",
    "#null!",
    "#num!",
    "#spill!",
    "#calc!",
    "#field!",
    "#blocked!",
    "#connect!",
    "#busy!",
    "#unknown!",
    "#getting_data",
    "#error",
    "#data!",
    "err:5",
    "[objectobject]",
    "infinity",
    "-infinity",
];

/// Words that point at the cell above.
const ABOVE: &[&str] = &["同上", "同上行", "同上一行", "同前", "同前行", "如上", "上同", "ditto", "do."];
/// Beginnings of words that point at some other cell.
const ASIDE: &[&str] = &["同左", "同右", "同下", "同上", "同前", "如左"];

/// What a text says of the value of its cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It is the value.
    Value,
    /// There is none.
    Nothing,
    /// It is the one above.
    Above,
    /// It is lost.
    Unknown(FaultCode),
}

/// Takes a text for what it says.
pub(crate) fn meaning(text: &str) -> Meaning {
    let word = compact(text).to_lowercase();
    let word = word.trim_end_matches(['。', '.', ';', '，', ',']);
    if ABOVE.contains(&word) || is_ditto(word) {
        return Meaning::Above;
    }
    if says_nothing(text) || NULLS.contains(&word) {
        return Meaning::Nothing;
    }
    if ASIDE.iter().any(|it| word.starts_with(it)) && word.chars().count() <= 8 {
        return Meaning::Unknown(FaultCode::Elsewhere);
    }
    let hashes = word.len() > 2 && word.bytes().all(|it| it == b'#');
    if hashes || ERRORS.iter().any(|it| word.starts_with(it)) {
        return Meaning::Unknown(FaultCode::ErrorWord);
    }
    // A csv of formulas as they are written.
    if word.len() > 1 && word.starts_with('=') {
        return Meaning::Unknown(FaultCode::FormulaWithoutValue);
    }
    if is_scientific(word) { Meaning::Unknown(FaultCode::LostDigits) } else { Meaning::Value }
}

/// Tells whether a text only says that there is no value.
fn says_nothing(text: &str) -> bool {
    let bare = compact(text);
    !bare.is_empty() && bare.chars().all(|c| matches!(c, '/' | '\\' | '-' | '—' | '–' | '―' | '‐' | '_'))
}

/// Ditto marks, alone or between dashes.
fn is_ditto(word: &str) -> bool {
    let mark = |c| matches!(c, '〃' | '″' | '"' | '“' | '”' | '＂' | '〞' | '\'' | '‘' | '’');
    word.chars().any(mark) && word.chars().all(|c| mark(c) || matches!(c, '-' | '—' | '–' | '.' | '·'))
}

/// A number as a spreadsheet shows one that is too long: `2.02501E+15`.
fn is_scientific(word: &str) -> bool {
    let Some((digits, exponent)) = word.split_once("e+") else { return false };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    whole.trim_start_matches(['-', '+']).len() == 1
        && all_digits(whole.trim_start_matches(['-', '+']))
        && all_digits(part)
        && matches!(exponent.len(), 1..=3)
        && all_digits(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_where_a_value_was_are_told_from_values() {
        for text in ["同上", " 同 上 ", "〃", "\"", "”", "同上。", "—〃—", "Ditto"] {
            assert_eq!(meaning(text), Meaning::Above, "{text}");
        }
        for text in ["/", "——", "\\", "NULL", "(null)", "NaN", "None", "undefined", "\\N", "（空白）", "<NA>"] {
            assert_eq!(meaning(text), Meaning::Nothing, "{text}");
        }
        for (text, code) in [
            ("#N/A", FaultCode::ErrorWord),
            ("＃REF！", FaultCode::ErrorWord),
            ("#DIV/0!", FaultCode::ErrorWord),
            ("########", FaultCode::ErrorWord),
            ("Err:502", FaultCode::ErrorWord),
            ("同左", FaultCode::Elsewhere),
            ("同上一项", FaultCode::Elsewhere),
            ("2.02501E+15", FaultCode::LostDigits),
            ("=VLOOKUP(A1,B:C,2,0)", FaultCode::FormulaWithoutValue),
            ("2E+17", FaultCode::LostDigits),
            ("4.4e+17", FaultCode::LostDigits),
        ] {
            assert_eq!(meaning(text), Meaning::Unknown(code), "{text}");
        }
        for text in ["Nullifier", "E+H 流量计", "1E5", "None-slip", "A-1", "无", "6\"", "C30/37", "2E+A"] {
            assert_eq!(meaning(text), Meaning::Value, "{text}");
        }
    }
}
