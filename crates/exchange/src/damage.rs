//! What has become of a value on its way into a cell: the one notion of all readers.
//!
//! Spreadsheets and exporters write words where a value was.
//! Some say that there is none, some that it is elsewhere, some that it is lost; what is lost is never guessed.

use crate::faults::FaultCode;
use crate::text::compact;
use lvcai_domain::spelling::is_scientific;

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
const ABOVE: &[&str] =
    &["见上", "见上行", "同上面", "同上", "同上行", "同上一行", "同前", "同前行", "如上", "上同", "ditto", "do."];
/// Beginnings of words that point at some other cell.
const ASIDE: &[&str] = &["同左", "同右", "同下", "同上", "同前", "如左"];

/// What the parties of a certificate are called.
const PARTIES: &[&str] = &[
    "认证委托人",
    "委托人",
    "委托方",
    "委托单位",
    "申请人",
    "申请方",
    "申请单位",
    "制造商",
    "生产者",
    "生产企业",
    "生产厂",
    "生产厂家",
    "持证人",
    "获证组织",
    "获证企业",
    "证书持有人",
    "企业",
];

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
    if ASIDE.iter().any(|it| word.starts_with(it)) && word.chars().count() <= 8 || points_at_party(word) {
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

/// Whether a text points at another party of its row instead of naming one: `同认证委托人`, `与委托人相同`.
fn points_at_party(word: &str) -> bool {
    let Some(rest) = ["同", "与", "和", "见"].iter().find_map(|it| word.strip_prefix(it)) else { return false };
    let rest =
        ["相同", "一致", "同", "一样", "名称"].iter().fold(rest, |rest, it| rest.strip_suffix(it).unwrap_or(rest));
    PARTIES.contains(&rest.trim_end_matches("名称"))
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
            ("同认证委托人", FaultCode::Elsewhere),
            ("与委托人相同", FaultCode::Elsewhere),
            ("见认证委托人", FaultCode::Elsewhere),
            ("同制造商", FaultCode::Elsewhere),
            ("2.02501E15", FaultCode::LostDigits),
            ("20.2501e+14", FaultCode::LostDigits),
            ("2.02501E+15", FaultCode::LostDigits),
            ("=VLOOKUP(A1,B:C,2,0)", FaultCode::FormulaWithoutValue),
            ("2E+17", FaultCode::LostDigits),
            ("4.4e+17", FaultCode::LostDigits),
        ] {
            assert_eq!(meaning(text), Meaning::Unknown(code), "{text}");
        }
        for text in [
            "Nullifier",
            "E+H 流量计",
            "1E5",
            "None-slip",
            "A-1",
            "无",
            "6\"",
            "C30/37",
            "2E+A",
            "2E17",
            "1.5E5",
            "同仁堂",
            "和平建材",
            "见龙建材",
        ] {
            assert_eq!(meaning(text), Meaning::Value, "{text}");
        }
    }
}
