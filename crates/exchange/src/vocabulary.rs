//! The one vocabulary of headers, for every table: which field a header names, however it is written.
//!
//! The words are data of `domain`; here is what makes two spellings of a word the same.

use std::collections::HashMap;
use std::sync::LazyLock;

use lvcai_domain::reference::{CertificateField, certificate_fields};
use lvcai_domain::spelling::simplified;

use crate::cells::Cell;
use crate::text::half_width;

/// What a header names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Word {
    /// A field of a certificate's record.
    Field(&'static CertificateField),
    /// 序号: the number of the row.
    Serial,
    /// 认证机构: whose certificate it is.
    Body,
}

impl PartialEq for Word {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Field(one), Self::Field(other)) => std::ptr::eq(*one, *other),
            (Self::Serial, Self::Serial) | (Self::Body, Self::Body) => true,
            _ => false,
        }
    }
}

/// Words of lists that are no field of a record.
const SERIAL: &[&str] = &["序号", "编号", "顺序号", "No.", "No"];
const BODY: &[&str] =
    &["认证机构", "认证机构名称", "发证机构", "发证机构名称", "颁证机构", "颁证机构名称", "评价机构", "认证单位"];

/// The header that a cell may be, without blanks, line breaks and full width; empty where it is none.
pub(crate) fn header_text(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) if text.len() <= 300 => visible(text),
        _ => String::new(),
    }
}

fn visible(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !lvcai_domain::is_invisible(*c)).map(half_width).collect()
}

/// The word that a header is, tried from the whole to its essence.
///
/// It is asked of every cell, so what cannot be a header is told without looking closely.
pub(crate) fn word(header: &str) -> Option<Word> {
    static WORDS: LazyLock<HashMap<String, Word>> = LazyLock::new(|| {
        let fields = certificate_fields().iter().flat_map(|it| it.headers().map(move |name| (name, Word::Field(it))));
        let serials = SERIAL.iter().map(|it| (*it, Word::Serial));
        let bodies = BODY.iter().map(|it| (*it, Word::Body));
        let all = fields.chain(serials).chain(bodies);
        all.map(|(name, word)| (key(&unbracketed(&visible(name))), word)).collect()
    });
    if header.len() > 4 && !header.contains(is_han) {
        return None;
    }
    let bare = unmarked(&visible(header));
    let find = |text: &str| WORDS.get(&key(text)).copied();
    if !bare.contains(['(', ')']) {
        return find(&bare).or_else(|| find(in_chinese(&bare)?));
    }
    let (whole, without) = (bare.replace(['(', ')'], ""), unbracketed(&bare));
    [whole, without].iter().find_map(|it| find(it).or_else(|| find(in_chinese(it)?)))
}

fn is_han(c: char) -> bool {
    ('\u{3400}'..='\u{9fff}').contains(&c)
}

fn key(text: &str) -> String {
    let bare = text.chars().filter(|c| !matches!(c, '/' | '\\' | '|' | '_' | '·'));
    bare.map(|c| simplified(c.to_ascii_lowercase())).collect()
}

/// Without its number (`12、`), the mark of a required field and a final colon.
pub(crate) fn unmarked(text: &str) -> String {
    let plain = |c| match c {
        '*' | '※' | '★' | '☆' | '●' | '▲' | '△' | '^' | '↓' | '▼' | '#' => None,
        '【' | '[' | '〔' | '{' | '<' | '《' => Some('('),
        '】' | ']' | '〕' | '}' | '>' | '》' => Some(')'),
        c => Some(c),
    };
    let mut text: String = text.chars().filter_map(plain).collect();
    if text.contains(['填', '录']) {
        for hint in ["必填项", "选填项", "必填", "选填", "必录", "()"] {
            text = text.replace(hint, "");
        }
    }
    let numbered = text.trim_start_matches(['(', '第']);
    let rest = unnumbered(numbered);
    let text = if rest.len() < numbered.len() { rest } else { &text };
    text.trim_end_matches([':', '。', '.', ';', ',', '、', '-']).to_owned()
}

/// What follows a number and its mark: `12、`, `（3）`, `4.`, `一、`, `①`.
fn unnumbered(text: &str) -> &str {
    if let Some(rest) = text.strip_prefix(|c| ('①'..='⑳').contains(&c)) {
        return rest.trim_start_matches(['、', '.']);
    }
    let digits = |c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c);
    let rest = text.trim_start_matches(digits);
    let mark = rest.strip_prefix(['、', '.', ',', ':', ')', '-', '列']);
    match mark {
        Some(behind) if rest.len() < text.len() && !behind.is_empty() => behind,
        _ => text,
    }
}

/// Without what stands in brackets, but for what tells fields apart.
fn unbracketed(header: &str) -> String {
    let mut left = String::new();
    let mut rest = header;
    while let Some((before, after)) = rest.split_once('(') {
        let (inside, behind) = after.split_once(')').unwrap_or((after, ""));
        left.push_str(before);
        if TELLING.contains(&inside) {
            left.push_str(inside);
        }
        rest = behind;
    }
    left.push_str(rest);
    left
}

/// What stands in brackets and tells fields apart: 产品名称及单元（次） is not 产品名称及单元（主）.
const TELLING: &[&str] = &["次", "英", "英文", "副", "其他", "原", "旧"];

/// The Chinese of a header in two languages, if it is in two.
fn in_chinese(text: &str) -> Option<&str> {
    let latin = |c: char| c.is_ascii() && !c.is_ascii_digit() && c != '(' && c != ')';
    let cut = text.trim_end_matches(latin);
    let chinese = cut.trim_start_matches(latin);
    // `CCC证书编号` is the number of another certificate; `Certificate No. 证书编号` is this one.
    let chinese = if cut.len() - chinese.len() >= 6 { chinese } else { cut };
    (chinese.len() < text.len() && !chinese.is_empty()).then_some(chinese)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no(header: &str) -> Option<&'static str> {
        match word(header)? {
            Word::Field(field) => Some(field.no.as_str()),
            Word::Serial => Some("serial"),
            Word::Body => Some("body"),
        }
    }

    #[test]
    fn no_spelling_belongs_to_two_fields() {
        let mut all: Vec<String> = certificate_fields()
            .iter()
            .flat_map(CertificateField::headers)
            .chain(SERIAL.iter().chain(BODY).copied())
            .map(|it| key(&unbracketed(&visible(it))))
            .collect();
        let count = all.len();
        all.sort_unstable();
        let twice: Vec<_> = all.windows(2).filter(|it| it[0] == it[1]).map(|it| it[0].clone()).collect();
        all.dedup();
        assert_eq!(all.len(), count, "{twice:?}");
    }

    #[test]
    fn a_header_in_traditional_characters_is_known() {
        for (header, wanted) in [
            ("證書編號（必填）", "2"),
            ("認證機構", "body"),
            ("產品名稱", "10"),
            ("規格型號", "12"),
            ("有效期至", "7"),
            ("序號", "serial"),
        ] {
            assert_eq!(no(header), Some(wanted), "{header}");
        }
    }

    #[test]
    fn a_header_is_known_however_it_is_written() {
        for header in [
            "证书编号",
            "证书编号：",
            "2、证书编号",
            "2．证书编号",
            "（2）证书编号",
            "②证书编号",
            "二、证书编号",
            "证书编号 Certificate No.",
            "Certificate No. 证书编号",
            "证书编号/Certificate No.",
            "证书编号（Certificate No.）",
            "证书编号\u{200b}",
            "\u{feff}证书编号",
            "证书编号【必填】",
            "证书编号[必填]",
            "证书编号(必填)",
            "*证书编号",
            "证书编号＊",
            "证 书\n编　号",
            "证书编号（示例：CABR-01）",
            "证书号",
            "认证证书号",
        ] {
            assert_eq!(no(header), Some("2"), "{header}");
        }
        for (header, wanted) in [
            ("10、产品名称及单元(主)", Some("10")),
            ("11、产品名称及单元(次)", Some("11")),
            ("产品名称及单元（英）", Some("11")),
            ("16、认证委托人名称（次）", Some("16")),
            ("产品名称（英文）", None),
            ("28、生产者（制造商）所在国家地区代码", Some("28")),
            ("34、生产者（制造商）注册地址（次）", Some("34")),
            ("43、生产企业编号（工厂编号）", Some("43")),
            ("48、生产企业实际地址（主）", Some("48")),
            ("62、暂停截止时间", Some("62")),
            ("64、撤销时间", Some("64")),
            ("72、认证证书第1类附件文件名（认证证书扫描件）", Some("72")),
            ("HS编码", Some("13")),
            ("附件2 产品规格型号", Some("73")),
            ("型号/规格", Some("12")),
            ("有效期至（年/月/日）", Some("7")),
            ("有效期（至）", Some("7")),
            ("认证等级/星级", Some("x4")),
            ("绿色建材产品名称", Some("10")),
            ("申报单位名称", Some("15")),
            ("颁证时间", Some("6")),
            ("No.", Some("serial")),
            ("发证机构", Some("body")),
            ("法人", None),
            ("Certificate No.", None),
            ("CCC证书编号", None),
            ("", None),
        ] {
            assert_eq!(no(header), wanted, "{header}");
        }
    }
}
