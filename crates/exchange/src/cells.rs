//! One cell: what a source gives, and its text made clean.
//!
//! Cleaning changes how a text is written, never what it says: it joins, folds and removes invisible characters.

use std::borrow::Cow;

use jiff::civil::Date;

/// A cell as xlsx or csv gives it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Blank,
    Text(String),
    Number(f64),
    Date(Date),
    /// A formula that failed, such as `#N/A`.
    Error(String),
}

impl Cell {
    /// Takes a text, but no more of it than shows that it is too long.
    pub(crate) fn text(text: &str, limit: usize) -> Self {
        let text = text.trim();
        if text.is_empty() {
            return Self::Blank;
        }
        match text.char_indices().nth(limit.saturating_mul(2)) {
            Some((end, _)) => Self::Text(text.get(..end).unwrap_or_default().to_owned()),
            None => Self::Text(text.to_owned()),
        }
    }

    /// The cell as a person reads it.
    pub(crate) fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Blank => Cow::Borrowed(""),
            Self::Text(text) | Self::Error(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Date(date) => Cow::Owned(date.to_string()),
        }
    }
}

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
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => continue,
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

fn half_width(c: char) -> char {
    match c {
        '！'..='～' => u32::from(c).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

/// Joins lines and runs of blanks; a line break leaves a blank only between two ASCII characters.
pub(crate) fn one_line(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for line in text.split('\n') {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        let ascii = |c: Option<char>| c.is_some_and(|it| it.is_ascii());
        if ascii(joined.chars().next_back()) && ascii(line.chars().next()) {
            joined.push(' ');
        }
        joined.push_str(&line);
    }
    joined
}

/// Splits models at `、;；,，` and line breaks outside brackets; unbalanced brackets do not count.
pub(crate) fn models(text: &str) -> Vec<String> {
    let step = |c| match c {
        '(' | '（' | '[' | '【' | '〔' => 1,
        ')' | '）' | ']' | '】' | '〕' => -1,
        _ => 0,
    };
    let balanced = text.chars().try_fold(0_i32, |depth, c| Some(depth + step(c)).filter(|it| *it >= 0)) == Some(0);
    let mut depth = 0;
    text.split(|c| {
        depth += if balanced { step(c) } else { 0 };
        depth == 0 && matches!(c, '、' | ';' | '；' | ',' | '，' | '\n')
    })
    .map(one_line)
    .filter(|it| !it.is_empty())
    .collect()
}

/// Tells whether a text only says that there is no value.
pub(crate) fn is_placeholder(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| matches!(half_width(c), '/' | '\\' | '-' | '—' | '–' | '―' | ' '))
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
