//! Texts made clean, and how lists of models and stars are written.
//!
//! Cleaning changes how a text is written, never what it says: it joins, folds and removes invisible characters.

use lvcai_domain::one_line;

/// A text made clean, and what had to be done to it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Clean {
    pub(crate) text: String,
    pub(crate) had_controls: bool,
    pub(crate) had_full_width: bool,
    pub(crate) was_cut: bool,
}

/// Makes letters and digits half-width, blanks plain, line ends `\n`; removes what cannot be seen.
pub(crate) fn clean(raw: &str, limit: usize) -> Clean {
    let mut clean = Clean::default();
    let raw = raw.replace("_x000D_", "").replace("\r\n", "\n");
    let mut length = 0;
    for c in raw.trim().chars() {
        let folded = match c {
            '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
                clean.had_full_width = true;
                half_width(c)
            }
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
            _ if is_mark(c) => continue,
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                clean.had_controls = true;
                continue;
            }
            '\t' => ' ',
            _ if c.is_whitespace() => ' ',
            _ if c.is_control() => {
                clean.had_controls = true;
                continue;
            }
            _ => c,
        };
        if length == limit {
            clean.was_cut = true;
            break;
        }
        length += 1;
        clean.text.push(folded);
    }
    clean.text.truncate(clean.text.trim_end().len());
    clean
}

/// Makes every full-width form half-width, brackets and dashes too: for values of a closed alphabet.
pub(crate) fn narrow(text: &str) -> String {
    text.chars().map(half_width).collect()
}

/// Narrows, and removes all blanks and line breaks.
pub(crate) fn compact(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).map(half_width).collect()
}

pub(crate) fn half_width(c: char) -> char {
    match c {
        '！'..='～' => u32::from(c).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

/// Joins a number that was broken over lines; none where each line may be a number of its own.
pub(crate) fn joined(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.split('\n').map(str::trim).filter(|it| !it.is_empty()).collect();
    let shape = |line: &str| {
        let kinds = line.chars().map(|c| {
            if c.is_ascii_digit() {
                '0'
            } else if c.is_alphabetic() {
                'a'
            } else {
                c
            }
        });
        let mut shape: Vec<char> = kinds.collect();
        shape.dedup();
        shape
    };
    let alike = lines.windows(2).any(|pair| matches!(pair, [one, next] if shape(one) == shape(next)));
    (!alike).then(|| lines.concat())
}

/// Splits models at `、;；,，` and line breaks outside brackets; unbalanced brackets do not count.
///
/// A comma within a number stays in it.
pub(crate) fn models(text: &str) -> Vec<String> {
    let step = |c| match c {
        '(' | '（' | '[' | '【' | '〔' => 1,
        ')' | '）' | ']' | '】' | '〕' => -1,
        _ => 0,
    };
    let balanced = text.chars().try_fold(0_i32, |depth, c| Some(depth + step(c)).filter(|it| *it >= 0)) == Some(0);
    let mut depth = 0;
    let mut pieces = vec![String::new()];
    for (at, c) in text.char_indices() {
        depth += if balanced { step(c) } else { 0 };
        let within_number = c == ',' && thousands(text, at) == Thousands::Number;
        if depth == 0 && matches!(c, '、' | ';' | '；' | ',' | '，' | '\n') && !within_number {
            pieces.push(String::new());
        } else if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    pieces.iter().map(|it| one_line(it)).filter(|it| !it.is_empty()).collect()
}

/// Tells whether what stands for a model only says where the models are: `详见附件`.
pub(crate) fn is_in_attachment(text: &str) -> bool {
    let text = compact(text);
    let text = text.trim_matches(|c| "()《》。.,".contains(c));
    let points = ["详见", "见", "参见", "具体见", "详情见", "型号见", "按", "同"].iter().any(|it| text.starts_with(it));
    let places = ["附件", "附表", "附页", "附录", "附后", "后附", "证书", "清单", "明细", "目录", "附图"];
    let bare =
        ["附件", "附表", "附后", "后附"].iter().any(|it| text.trim_end_matches(|c: char| c.is_ascii_digit()) == *it);
    text.chars().count() <= 30 && (bare || points && places.iter().any(|it| text.contains(it)))
}

/// Tells whether a name bears what a list adds to one: a star or a footnote, `（新增）`, `【注销】`, `1.` before it.
pub(crate) fn bears_mark(name: &str) -> bool {
    const MARKS: &[char] = &['*', '＊', '※', '★', '☆', '▲', '△', '#', '＃', '✓', '√'];
    const ADDED: &[&str] =
        &["新增", "更名", "注销", "暂停", "撤销", "变更", "续期", "延期", "新", "增补", "删除", "取消", "恢复"];
    let is_mark = |c: char| MARKS.contains(&c) || ('\u{2460}'..='\u{24FF}').contains(&c);
    let closed = name.trim_end_matches([')', '）', ']', '】', '〕']);
    let inside =
        closed.rsplit(['(', '（', '[', '【', '〔']).next().filter(|it| closed.len() < name.len() && *it != closed);
    let added = inside.is_some_and(|it| {
        let it = it.trim_start_matches(['已', '被', '拟']);
        ADDED.contains(&it) || name.ends_with([']', '】']) && it.bytes().all(|it| it.is_ascii_digit())
    });
    let rest = name.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = rest.len() < name.len()
        && rest.starts_with(['.', '、', '．'])
        && !rest.get(1..).is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()));
    name.starts_with(is_mark) || name.ends_with(is_mark) || name.ends_with("NEW") || added || numbered
}

/// Tells whether a list of models has a comma of which nobody can say what it separates.
pub(crate) fn has_unclear_comma(text: &str) -> bool {
    text.char_indices().any(|(at, c)| matches!(c, ',' | '，') && thousands(text, at) == Thousands::Unclear)
}

/// What a comma separates.
#[derive(PartialEq, Eq)]
enum Thousands {
    /// Models.
    No,
    /// The thousands of a measure: `1,200×600`.
    Number,
    /// `1,200` alone may be one model or two.
    Unclear,
}

fn thousands(text: &str, comma: usize) -> Thousands {
    let (before, after) = text.split_at(comma);
    let is_wide = after.starts_with('，');
    let after = after.trim_start_matches([',', '，']);
    let head = before.trim_end_matches(|c: char| c.is_ascii_digit());
    let tail = after.trim_start_matches(|c: char| c.is_ascii_digit());
    let (left, right) = (before.len() - head.len(), after.len() - tail.len());
    if !matches!(left, 1..=3) || right != 3 {
        return Thousands::No;
    }
    let sign = |c: char| matches!(c, '×' | 'x' | 'X' | '*' | '✕' | '╳');
    let measured = [head.trim_end().ends_with(sign), tail.trim_start().starts_with(sign)];
    match (measured, is_wide) {
        ([true, false] | [false, true], false) => Thousands::Number,
        ([_, false], true) => Thousands::No,
        // `1,200` may be one model or two, `600×600,800×800` two measures or one with thousands in its midst.
        _ => Thousands::Unclear,
    }
}

/// Reads a star rating; `无` and `不分级` are none.
pub(crate) fn star(text: &str) -> Option<Option<u8>> {
    let text = compact(text);
    let text = text.strip_prefix("绿色建材").unwrap_or(&text);
    let text = text.strip_suffix("标识").unwrap_or(text);
    let text = text.strip_suffix('级').unwrap_or(text);
    match text.strip_suffix('星').unwrap_or(text) {
        "一" | "壹" | "1" | "1.0" | "Ⅰ" | "I" | "★" => Some(Some(1)),
        "二" | "贰" | "两" | "2" | "2.0" | "Ⅱ" | "II" | "★★" => Some(Some(2)),
        "三" | "叁" | "3" | "3.0" | "Ⅲ" | "III" | "★★★" => Some(Some(3)),
        "无" | "不分" | "不分级" => Some(None),
        _ => None,
    }
}

/// A mark of direction or of width zero, which a copy from the web brings along.
pub(crate) fn is_mark(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_are_read_in_every_way_cities_write_them() {
        for text in ["三星", "三星级", "★★★", "3星", "3", "3.0", "Ⅲ", "ＩＩＩ", "三 星\n级", "３", "绿色建材三星级标识"]
        {
            assert_eq!(star(text), Some(Some(3)), "{text}");
        }
        assert_eq!(star("不分级"), Some(None));
        for text in ["4", "五星", "", "★★★★", "合格", "0"] {
            assert_eq!(star(text), None, "{text}");
        }
    }

    #[test]
    fn models_are_split_outside_brackets_only() {
        assert_eq!(models("A1、B2；C(1,2)\n D，E（甲、乙）"), ["A1", "B2", "C(1,2)", "D", "E（甲、乙）"]);
        assert_eq!(models("A(1,B2"), ["A(1", "B2"]);
        assert_eq!(models(")A,(B"), [")A", "(B"]);
    }

    #[test]
    fn a_comma_within_a_measure_separates_no_models() {
        assert_eq!(models("1,200×600、900×2,100，300"), ["1,200×600", "900×2,100", "300"]);
        assert_eq!(models("C30,C35,40"), ["C30", "C35", "40"]);
        assert!(!has_unclear_comma("1,200×600、65系列,70系列、DN50,65"));
        assert_eq!(models("1,200×600,1,500×600"), ["1,200×600", "1,500×600"]);
        for text in [
            "1,200",
            "65系列、100,200,300",
            "M1,200mm",
            "600×600,800×800",
            "300*300,400*400,600*600",
            "1，200×600",
            "1,200,1,300",
        ] {
            assert!(has_unclear_comma(text), "{text}");
        }
    }

    #[test]
    fn a_name_with_what_a_list_adds_is_told() {
        for name in [
            "甲建材有限公司（新增）",
            "甲公司*",
            "甲公司①",
            "★甲公司",
            "甲公司（已更名）",
            "1.甲公司",
            "甲NEW",
            "石膏板【注销】",
            "石膏板[1]",
        ] {
            assert!(bears_mark(name), "{name}");
        }
        for name in [
            "甲（大庆）建材有限公司",
            "9.5mm纸面石膏板",
            "108号石膏板",
            "石膏板（普通）",
            "新型墙体材料有限公司",
            "3D打印砂浆",
        ] {
            assert!(!bears_mark(name), "{name}");
        }
    }

    #[test]
    fn a_pointer_to_an_attachment_is_no_model() {
        for text in ["详见附件", "见附件1", "（详见附件）", "附件2", "见证书附页", "详见 附表", "参见认证证书"]
        {
            assert!(is_in_attachment(text), "{text}");
        }
        for text in ["65系列", "附着式升降架", "见光型", "按键面板", "同轴电缆", "证书型"] {
            assert!(!is_in_attachment(text), "{text}");
        }
    }

    #[test]
    fn a_number_is_joined_where_its_lines_are_no_numbers_themselves() {
        assert_eq!(joined("CABR-01(02)-\n(2025)-CGP-035").as_deref(), Some("CABR-01(02)-(2025)-CGP-035"));
        assert_eq!(joined("A-\n1").as_deref(), Some("A-1"));
        assert_eq!(joined("A-1"), Some("A-1".to_owned()));
        assert_eq!([joined("A-1\nB-2"), joined("CGP-035\nCGP-036")], [None, None]);
    }

    #[test]
    fn lines_join_without_a_blank_beside_chinese() {
        assert_eq!(one_line("大庆\n建材  有限公司"), "大庆建材 有限公司");
        assert_eq!(one_line("type A\nB"), "type A B");
    }

    #[test]
    fn cleaning_says_what_it_did() {
        let cleaned = clean(" Ａ１\u{3000}b\u{0}\u{200b}\u{202e}\r\nc ", 100);
        assert_eq!(cleaned.text, "A1 b\nc");
        assert!(cleaned.had_controls && cleaned.had_full_width && !cleaned.was_cut);
        assert_eq!(clean("（甲）", 2), Clean { text: "（甲".into(), was_cut: true, ..Clean::default() });
    }
}
