//! Recognises a header row: which known column stands where.
//!
//! A column is known by its header alone, never by what stands below it.

use crate::cells::{Cell, compact};

/// A column that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    Serial,
    Enterprise,
    Uscc,
    Product,
    Models,
    Kind,
    Star,
    Number,
    ValidUntil,
    IssuedOn,
    Body,
    Remark,
}

/// Each column with its spellings: the usual one first, and earlier ones win over later ones in the same header.
const SPELLINGS: &[(Column, &[&str])] = &[
    (Column::Serial, &["序号", "编号", "No.", "No"]),
    (
        Column::Enterprise,
        &[
            "企业名称",
            "获证企业",
            "生产企业",
            "申报企业",
            "单位名称",
            "获证企业名称",
            "生产企业名称",
            "申报企业名称",
            "生产厂家",
            "生产单位",
            "申报单位",
            "公司名称",
        ],
    ),
    (Column::Uscc, &["统一社会信用代码", "社会信用代码", "信用代码"]),
    (Column::Product, &["产品名称", "获证产品名称", "获证产品", "认证产品名称", "建材名称", "产品"]),
    (Column::Models, &["规格型号", "型号规格", "产品规格型号", "规格", "型号", "产品型号", "产品规格"]),
    (
        Column::Kind,
        &[
            "产品类别",
            "类别",
            "建材种类",
            "产品种类",
            "认证类别",
            "建材类别",
            "产品分类",
            "认证产品类别",
            "绿色建材类别",
        ],
    ),
    (
        Column::Star,
        &["认证等级", "星级", "等级", "绿色建材星级", "星级等级", "认证星级", "绿色建材等级", "认证等级星级"],
    ),
    (Column::Number, &["证书编号", "认证证书编号", "证书号", "证书号码", "绿色建材证书编号", "获证证书编号"]),
    (
        Column::ValidUntil,
        &[
            "有效期至",
            "有效期",
            "证书有效期",
            "有效期限",
            "截止日期",
            "证书有效期至",
            "有效期止",
            "到期日期",
            "有效日期",
            "有效截止日期",
        ],
    ),
    (Column::IssuedOn, &["发证日期", "颁证日期", "证书发证日期", "发证时间"]),
    (Column::Body, &["认证机构", "发证机构", "认证机构名称", "发证机构名称", "颁证机构"]),
    (Column::Remark, &["备注", "说明"]),
];

impl Column {
    /// Its usual header.
    pub(crate) fn header(self) -> &'static str {
        let spelling =
            SPELLINGS.iter().find(|(column, _)| *column == self).and_then(|(_, spellings)| spellings.first());
        spelling.copied().unwrap_or_default()
    }

    /// The column of a header, and how far down its list the spelling stands.
    fn of(header: &str) -> Option<(Self, usize)> {
        let bare = header.split('(').next().unwrap_or_default();
        SPELLINGS.iter().find_map(|(column, spellings)| {
            let rank = |text: &str| spellings.iter().position(|it| it.eq_ignore_ascii_case(text));
            rank(&header.replace(['(', ')', '/'], "")).or_else(|| rank(bare)).map(|rank| (*column, rank))
        })
    }
}

/// Where the known columns stand in the rows below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Columns with their positions; only `Models` may occur twice (规格 and 型号).
    pub(crate) columns: Vec<(Column, usize)>,
    /// Headers not read.
    pub(crate) ignored: Vec<String>,
}

impl Header {
    /// Takes a row as header when it names three known columns, among them 产品名称, or 证书编号 with 企业名称.
    pub(crate) fn find(cells: &[Cell]) -> Option<Self> {
        let texts: Vec<String> = cells.iter().map(header_text).collect();
        let mut found: Vec<(Column, usize, usize)> = texts
            .iter()
            .enumerate()
            .filter_map(|(position, text)| Column::of(text).map(|(column, rank)| (column, rank, position)))
            .collect();
        found.sort_unstable();
        found.dedup_by(|later, earlier| later.0 == earlier.0 && later.0 != Column::Models);
        let columns: Vec<_> = found.into_iter().map(|(column, _, position)| (column, position)).collect();
        let read = |position: usize| columns.iter().any(|(_, it)| *it == position);
        let left = texts.into_iter().enumerate().filter(|(position, text)| !text.is_empty() && !read(*position));
        let ignored = left.map(|(_, text)| text).collect();
        let header = Self { columns, ignored };
        header.suffices().then_some(header)
    }

    fn suffices(&self) -> bool {
        let mut distinct: Vec<Column> = self.columns.iter().map(|(column, _)| *column).collect();
        distinct.dedup();
        let named = self.has(Column::Product) || self.has(Column::Number) && self.has(Column::Enterprise);
        named && distinct.len() >= 3
    }

    pub(crate) fn has(&self, wanted: Column) -> bool {
        self.columns.iter().any(|(column, _)| *column == wanted)
    }
}

/// A header without blanks, line breaks, full width and the star of a required field.
pub(crate) fn header_text(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) if text.len() <= 200 => compact(text).replace('*', ""),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(texts: &[&str]) -> Option<Header> {
        Header::find(&texts.iter().map(|it| Cell::text(it, 100)).collect::<Vec<_>>())
    }

    #[test]
    fn a_header_is_known_through_blanks_breaks_and_full_width() {
        let header = header(&[
            "序　号",
            "生产企业",
            "企 业\n名 称",
            "证书编号＊",
            "有效期至（年／月／日）",
            "联系人",
            "规格",
            "型号",
        ])
        .unwrap();
        assert_eq!(
            header.columns,
            [
                (Column::Serial, 0),
                (Column::Enterprise, 2),
                (Column::Models, 6),
                (Column::Models, 7),
                (Column::Number, 3),
                (Column::ValidUntil, 4),
            ]
        );
        assert_eq!(header.ignored, ["生产企业", "联系人"]);
    }

    #[test]
    fn a_title_or_a_data_row_is_no_header() {
        assert_eq!(header(&["大庆市绿色建材产品名录", "产品名称"]), None);
        assert_eq!(header(&["序号", "证书编号", "有效期"]), None);
        assert_eq!(header(&["1", "大庆某公司", "预拌混凝土", "C30"]), None);
        assert!(header(&["产品名称", "型号", "备注"]).is_some());
    }

    #[test]
    fn no_spelling_belongs_to_two_columns() {
        let mut all: Vec<&str> = SPELLINGS.iter().flat_map(|(_, spellings)| spellings.iter().copied()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
