//! What stands below and beside a table and is no row of it: totals, notes, signatures, explanations of a template.

use crate::cells::Cell;
use crate::text::compact;
use lvcai_domain::spelling::simplified;

/// Beginnings of rows below a table, without blanks and full width.
const NOTES: &[&str] = &[
    "合计",
    "总计",
    "小计",
    "共计",
    "累计",
    "注:",
    "注1",
    "备注:",
    "说明:",
    "填表",
    "制表",
    "审核人",
    "审核:",
    "审核单位",
    "审批",
    "复核",
    "经办",
    "负责人",
    "联系人:",
    "联系电话:",
    "填报",
    "报送",
    "上报人",
    "单位盖章",
    "单位(盖章)",
    "(盖章)",
    "盖章",
    "签字",
    "签名",
    "日期:",
    "打印",
    "导出",
    "数据来源",
    "数据截至",
    "以上",
    "以下空白",
    "以下无正文",
    "此表",
    "本表",
    "页码",
];

/// Words before the rows that explain a template, in a column that is no field's.
const LABELS: &[&str] = &[
    "字段名称",
    "字段含义",
    "字段代码",
    "字段说明",
    "数据类型",
    "数据长度",
    "最大长度",
    "长度",
    "填表说明",
    "填写说明",
    "校验级别",
    "是否公开",
    "是否必填",
    "示例",
    "样例",
];

/// What a row of totals may say behind its number.
const TOTALS: &[&str] = &["合计", "总计", "小计", "共计", "累计"];

/// The text by which a row is a note below the table, if it begins as one: with it, or with a number and a total.
pub(crate) fn note<'a>(cells: impl Iterator<Item = &'a Cell>) -> Option<String> {
    let mut filled = cells.filter(|it| **it != Cell::Blank).map(beginning);
    let first = filled.next()?;
    if is_note(&first) {
        return Some(first);
    }
    let is_number = first.bytes().all(|it| it.is_ascii_digit());
    filled.next().filter(|it| is_number && TOTALS.contains(&it.trim_end_matches(':')))
}

/// The first text of a row, as notes are looked for.
pub(crate) fn beginning(cell: &Cell) -> String {
    compact(&cell.shown()).chars().map(simplified).collect()
}

/// Tells whether the first text of a row is the beginning of a note below a table.
pub(crate) fn is_note(first: &str) -> bool {
    first == "注" || NOTES.iter().any(|it| first.starts_with(it)) || counts_rows(first)
}

/// Tells whether a text is only an amount, such as totals have under any column: `12`, `12家`, `共 12 项`.
pub(crate) fn is_amount(text: &str) -> bool {
    let text = compact(text);
    let rest = text.trim_start_matches('共').trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    rest.len() < text.len() && (rest.is_empty() || COUNTED.contains(&rest))
}

/// What totals count.
const COUNTED: &[&str] = &["条", "项", "家", "个", "行", "张", "份", "款", "种", "页", "户", "批"];

/// `共 1 条记录`, `第 2 页`, `— 完 —`.
fn counts_rows(first: &str) -> bool {
    let counted = |begin: char, units: &[&str]| {
        let rest = first.strip_prefix(begin)?;
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit() || "一二三四五六七八九十百千万".contains(c));
        Some(unit.len() < rest.len() && units.iter().any(|it| unit.starts_with(it)))
    };
    let bare = first.trim_matches(|c: char| "-—–_=*.。·".contains(c));
    counted('共', COUNTED) == Some(true)
        || counted('第', &["页"]) == Some(true)
        || matches!(bare, "完" | "结束" | "END")
}

/// Tells whether a text is the label of a row that explains a template.
pub(crate) fn is_label(cell: &Cell) -> bool {
    let text = beginning(cell);
    let bare = text.split('(').next().unwrap_or_default();
    LABELS.contains(&bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_told_from_rows() {
        for text in
            ["合计", "共1条记录", "共三家企业", "注:以上", "第2页", "制表人:张", "—完—", "以下空白", "单位(盖章)"]
        {
            assert!(is_note(text), "{text}");
        }
        for text in
            ["1", "注浆料", "共挤型材", "审核通过砖", "大庆示例建材有限公司", "说明书", "完美涂料", "第一建材厂"]
        {
            assert!(!is_note(text), "{text}");
        }
    }
}
