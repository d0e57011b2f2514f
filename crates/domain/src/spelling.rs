//! Spellings: one form for all the ways in which people write the same text.
//!
//! Models, names of organisations and what is searched for are compared in it. Numbers of certificates and reports
//! have an alphabet of their own, which is `values`'. Nothing here is shown: a text is kept as it was written.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use crate::invisible::is_invisible;

const SIMPLIFIED: &str = include_str!("../reference/simplified_characters.txt");

/// What stands in a cell of which there is nothing to say, without its punctuation.
const NOTHING: &[&str] = &[
    "无",
    "暂无",
    "没有",
    "无型号",
    "无规格型号",
    "不适用",
    "不详",
    "未知",
    "未填",
    "空",
    "空白",
    "略",
    "待定",
    "待补",
    "同上",
    "na",
    "null",
    "none",
    "nan",
    "nil",
    "nat",
    "undefined",
    "objectobject",
    "附件",
    "附表",
    "附页",
    "附录",
    "清单",
];

/// How a reference begins to what stands elsewhere.
const ELSEWHERE: &[&str] = &[
    "详见",
    "详附",
    "参见",
    "参阅",
    "请见",
    "另见",
    "见附",
    "见证书",
    "见清单",
    "见下",
    "见后",
    "见背",
    "见报告",
    "如附",
    "seeattach",
    "seeappendix",
    "seeannex",
];

/// One form for full and half width, case and spacing.
pub fn normalise(text: &str) -> String {
    // Character by character: lower-casing a whole string treats a final Σ differently, which breaks substrings.
    let lower: String = text.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One form for all spellings, with single spaces between words.
///
/// Beside what [`normalise`] makes equal: characters that nobody sees, traditional and simplified characters, kinds of
/// dash, dot, bracket and quotation mark, the signs for times and for a diameter, and millimetres, which a size is in where it says
/// nothing else.
pub fn fold(text: &str) -> String {
    let seen: String = text.chars().filter(|c| !is_invisible(*c)).map(plain).collect();
    // What is ASCII has one form, but for its case and spacing.
    let normal = if seen.is_ascii() { seen.to_ascii_lowercase() } else { normalise(&seen) };
    let chars: Vec<char> = normal.chars().map(plain).map(simplified).collect();
    let words = measures(&without_millimetres(&chars));
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The folded form without its spaces, but for one between two digits: equal keys are one text.
pub fn key(text: &str) -> String {
    let chars: Vec<char> = fold(text).chars().collect();
    let is_digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
    let stays = |at: &usize| is_digit(at.checked_sub(1)) && is_digit(at.checked_add(1));
    chars.iter().enumerate().filter(|(at, c)| **c != ' ' || stays(at)).map(|(_, c)| *c).collect()
}

/// A coarser form that brings up texts mistaken for each other: `o` for 0, `i` and `l` for 1, Latin letters for the
/// Cyrillic and Greek ones that look like them, no separators.
///
/// It finds candidates for a person to decide; texts that look alike are not the same.
pub fn look_alike(text: &str) -> String {
    let digit_for = |c| match latin(c) {
        'o' => '0',
        'i' | 'l' => '1',
        c => c,
    };
    key(text).chars().filter(|c| c.is_alphanumeric()).map(digit_for).collect()
}

/// The Latin letter whose capital a small Cyrillic or Greek one has.
const fn latin(c: char) -> char {
    match c {
        'а' | 'α' => 'a',
        'в' | 'β' => 'b',
        'с' => 'c',
        'е' | 'ε' => 'e',
        'н' | 'η' => 'h',
        'і' | 'ι' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' | 'μ' => 'm',
        'ν' => 'n',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'у' | 'υ' => 'y',
        'х' | 'χ' => 'x',
        'ζ' => 'z',
        c => c,
    }
}

/// Whether a text is a word for a total and not a name or number: `合计`.
pub fn is_total(text: &str) -> bool {
    let bare: String = key(text).chars().filter(|c| c.is_alphanumeric()).collect();
    matches!(bare.as_str(), "合计" | "总计" | "小计" | "共计" | "累计")
}

/// Whether a text says nothing: a dash, `无`, or a reference to what stands elsewhere, such as `详见附件`.
pub fn says_nothing(text: &str) -> bool {
    let bare: String = key(text).chars().filter(|c| c.is_alphanumeric()).collect();
    // Annexes are numbered.
    let unnumbered = bare.trim_end_matches(|c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c));
    bare.is_empty()
        || NOTHING.contains(&bare.as_str())
        || unnumbered.starts_with('附') && NOTHING.contains(&unnumbered)
        || ELSEWHERE.iter().any(|beginning| bare.starts_with(beginning))
}

/// Whether a text is a number as a spreadsheet or a program shows one that is too long: `2.02501E+15`. Its last digits
/// are lost.
pub fn is_scientific(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let Some((digits, exponent)) = text.trim_start_matches(['-', '+']).split_once('e') else { return false };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    // `2E17` may be a model: without a sign there must be a point.
    let is_marked = exponent.starts_with('+') || !part.is_empty();
    let exponent = exponent.trim_start_matches('+');
    let long = if part.is_empty() { 1..=3 } else { 2..=3 };
    is_marked
        && matches!(whole.len(), 1..=3)
        && all_digits(whole)
        && all_digits(part)
        && long.contains(&exponent.len())
        && all_digits(exponent)
}

/// Whether a text can be the name of a firm or a product: it says something, and not by digits and signs alone.
pub fn is_name(text: &str) -> bool {
    text.chars().any(char::is_alphabetic) && !says_nothing(text) && !is_total(text)
}

/// One character for each of a kind that people take for each other.
fn plain(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2500}' | '\u{2501}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' => '-',
        '\u{301C}' | '\u{223C}' => '~',
        '\u{2022}' | '\u{2027}' | '\u{2219}' | '\u{22C5}' | '\u{2E31}' | '\u{30FB}' | '\u{A78F}' | '\u{FF65}' => '·',
        '〔' | '【' | '〖' | '[' | '{' | '\u{FF3B}' | '\u{FF5B}' => '(',
        '〕' | '】' | '〗' | ']' | '}' | '\u{FF3D}' | '\u{FF5D}' => ')',
        '“' | '”' | '„' | '‟' | '«' | '»' | '〝' | '〞' | '〟' | '「' | '」' | '『' | '』' | '\u{FF02}'
        | '\u{FF62}' | '\u{FF63}' => '"',
        '‘' | '’' | '‚' | '‛' | '`' | '´' | 'ʼ' | '\u{FF07}' | '\u{FF40}' => '\'',
        '\u{2044}' | '\u{2215}' => '/',
        '\u{2715}' | '\u{2716}' | '\u{2573}' | '\u{2A09}' | '\u{2A2F}' => '×',
        '\u{204E}' | '\u{2217}' => '*',
        '\u{00D8}' | '\u{00F8}' | '\u{2205}' | '\u{2300}' => 'φ',
        _ => c,
    }
}

/// The simplified character for a traditional one.
pub fn simplified(c: char) -> char {
    static FORMS: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
        let pair = |line: &str| {
            let mut chars = line.chars();
            Some((chars.next()?, chars.next()?))
        };
        SIMPLIFIED.lines().filter(|line| !line.starts_with('#')).filter_map(pair).collect()
    });
    // Every cell of a list is folded to see whether it is a header: a place in a row is found faster than a key.
    static USUAL: LazyLock<Vec<char>> =
        LazyLock::new(|| (FIRST..='\u{9FFF}').map(|c| FORMS.get(&c).copied().unwrap_or(c)).collect());
    /// Nothing before the extensions of Han is in the table.
    const FIRST: char = '\u{3400}';
    let place = u32::from(c).checked_sub(u32::from(FIRST)).and_then(|it| usize::try_from(it).ok());
    let Some(place) = place else { return c };
    USUAL.get(place).or_else(|| FORMS.get(&c)).copied().unwrap_or(c)
}

/// Leaves out `mm` and `毫米` behind a digit; the square and the cube of it are no length.
fn without_millimetres(chars: &[char]) -> Vec<char> {
    let mut left: Vec<char> = Vec::with_capacity(chars.len());
    let mut rest = chars;
    while let [first, after @ ..] = rest {
        let digit_before = left.iter().rev().find(|c| **c != ' ').is_some_and(char::is_ascii_digit);
        match rest {
            ['m', 'm', next @ ..] | ['毫', '米', next @ ..] if digit_before && ends_a_measure(next) => {
                rest = next;
            }
            _ => {
                left.push(*first);
                rest = after;
            }
        }
    }
    left
}

/// Whether a unit may end here: the text does, or what follows is neither a letter nor a digit, or a sign for times.
fn ends_a_measure(next: &[char]) -> bool {
    let mut follows = next.iter().filter(|c| **c != ' ');
    match next.first() {
        Some('x' | 'х') => {
            follows.next();
            follows.next().is_some_and(|c| c.is_ascii_digit() || *c == '(')
        }
        Some(c) => !c.is_ascii_alphanumeric(),
        None => true,
    }
}

/// Writes each sign for times as `x`, without spaces around it where it stands between two numbers.
fn measures(chars: &[char]) -> String {
    // A sign by itself is no letter.
    let is_worded = chars.iter().any(|c| c.is_alphanumeric());
    let mut text = String::with_capacity(chars.len());
    let mut rest = chars;
    while let [first, after @ ..] = rest {
        rest = after;
        let before = text.trim_end().chars().next_back();
        let next = after.iter().find(|c| **c != ' ').copied();
        let is_number = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || matches!(c, '(' | ')'));
        let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() || c.is_ascii_digit());
        let times = match first {
            '×' => is_worded,
            '*' => before.is_some_and(|c| c.is_alphanumeric() || c == ')') && is_number(next),
            'x' | 'х' => is_number(before) && is_number(next) && apart(text.chars().next_back()),
            _ => false,
        };
        if !times {
            text.push(*first);
            continue;
        }
        if before.is_some_and(char::is_alphanumeric) && is_number(next) {
            text.truncate(text.trim_end().len());
            while let [' ', after @ ..] = rest {
                rest = after;
            }
        }
        text.push('x');
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn are_one(spellings: &[&str]) {
        for spelling in spellings {
            assert_eq!(key(spelling), key(spellings[0]), "{spelling}");
        }
    }

    #[test]
    fn full_width_case_and_spacing_make_no_difference() {
        assert_eq!(normalise(" ＰＶＣ　Ｐ·O 42．5\t㎡ "), "pvc p·o 42.5 m2");
        assert_eq!(fold(" ＰＶＣ　Ｐ•O 42．5\u{200B}\t㎡ "), "pvc p·o 42.5 m2");
    }

    #[test]
    fn the_spellings_of_a_model_are_one() {
        are_one(&[
            "600×600mm",
            "600x600mm",
            "600X600",
            "600*600",
            "６００＊６００ｍｍ",
            "600 × 600 mm",
            "600mm×600mm",
            "600㎜ x 600㎜",
            "600✕600毫米",
            "600х600",
            "600 mm * 600 mm",
        ]);
        are_one(&["9.5×1200×3000", "9.5mm×1200mm×3000mm", "9.5 * 1200 * 3000 mm", "９．５X１２００X３０００"]);
        are_one(&["SBS Ⅱ PY PE 4", "SBSIIPYPE 4", "sbs ii py pe 4"]);
        are_one(&["XPS-150", "XPS–150", "XPS—150", "XPS － 150", "ＸＰＳ−150"]);
        are_one(&["P·O 42.5", "P•O42.5", "P・O42.5", "P‧O 42.5", "Ｐ･Ｏ42.5"]);
        are_one(&["Φ20", "φ20", "Ø20", "⌀ 20"]);
        are_one(&["65(甲)", "65（甲）", "65【甲】", "65〔甲〕", "65[甲]"]);
        are_one(&["門窗", "门窗"]);
        are_one(&["“星”牌", "\"星\"牌", "「星」牌", "『星』牌", "＂星＂牌", "”星“牌", "„星‟牌", "«星»牌"]);
        are_one(&["O’Brien", "O'Brien", "O‘Brien", "O＇Brien", "O`Brien", "O´Brien", "OʼBrien"]);
    }

    #[test]
    fn what_differs_in_more_than_spelling_stays_apart() {
        for (one, other) in [
            ("600×600mm", "600×600cm"),
            ("12mm", "12m"),
            ("10mm2", "102"),
            ("42 5", "425"),
            ("65-70", "6570"),
            ("GC65", "GC-65"),
            ("C10", "CIO"),
            ("65*", "65x"),
            ("100×200", "200×100"),
            ("4.25", "42.5"),
        ] {
            assert_ne!(key(one), key(other), "{one} {other}");
        }
        assert_eq!(look_alike("GC-6O I"), look_alike("gc60l"));
        assert_ne!(look_alike("GC65"), look_alike("GC66"));
        // The first letters are Cyrillic and Greek.
        for (other, latin) in [("А3", "A3"), ("ХPS-150", "XPS150"), ("ΒМ-20", "BM-20"), ("СО2", "CO2")] {
            assert_eq!(look_alike(other), look_alike(latin), "{other}");
            assert_ne!(key(other), key(latin), "{other} is another text");
        }
    }

    #[test]
    fn a_total_is_no_name() {
        for text in ["合计", "总 计：", "小計"] {
            assert!(is_total(text) && !is_name(text), "{text}");
        }
        assert!(!is_total("合计建材有限公司") && is_name("合计建材有限公司"));
    }

    #[test]
    fn a_placeholder_says_nothing() {
        for text in [
            "详见附件",
            "见附件",
            "/",
            "无",
            "—",
            "——",
            "",
            " ",
            "N/A",
            "无。",
            "详见附件1",
            "附件二",
            "（见附页）",
            "／",
            "型号详见附件".trim_start_matches("型号"),
            "詳見附件",
            "-",
            "待定",
            "NULL",
            "详见证书附件（共3页）",
            "***",
        ] {
            assert!(says_nothing(text), "{text}");
        }
        for text in ["65系列", "无机保温砂浆A型", "0", "附墙式", "C30", "空心砖", "略阳1号", "NA-1", "I"]
        {
            assert!(!says_nothing(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in prop_oneof![
            any::<String>(), "[0-9xX×*（()mм ミa門·. -]{0,12}", "([0-9]{1,3}(mm|毫米| )?[x×* ]{0,3}){1,4}",
        ]) {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
            prop_assert_eq!(normalise(&normalise(&text)), normalise(&text));
        }
    }
}
