//! The columns of a city's list: which of the fields of a certificate it takes, and from where.

use std::collections::BTreeMap;

use crate::cells::Cell;
use crate::headers::{Above, Heading};
use crate::list::List;
use crate::vocabulary::{Word, header_text};

lvcai_domain::catalogue! {
    /// A column that is read. Its Chinese text is its usual header.
    pub enum Column named by field

    Serial "serial" "序号" "The number of the row."
    Enterprise "enterprise" "企业名称" "The enterprise."
    Uscc "uscc" "统一社会信用代码" "Its unified social credit code."
    Product "product" "产品名称" "The product."
    Models "models" "规格型号" "Its models."
    Kind "kind" "产品类别" "Its kind, by its name or code."
    Star "star" "认证等级" "The star."
    Number "number" "证书编号" "The number of the certificate."
    ValidUntil "valid_until" "有效期至" "The last day on which it holds."
    IssuedOn "issued_on" "发证日期" "The day of issue."
    Body "certification_body" "认证机构" "The certification body."
    Status "status" "证书状态" "The status of the certificate."
    Remark "remark" "备注" "A remark."
}

impl Column {
    /// Its usual header.
    pub(crate) const fn header(self) -> &'static str {
        self.zh()
    }

    /// The column for a word, and how good a source that is: the enterprise is who holds the certificate, else the
    /// factory, else the producer.
    fn of(word: Word) -> Option<(Self, u8)> {
        let field = match word {
            Word::Serial => return Some((Self::Serial, 0)),
            Word::Body => return Some((Self::Body, 0)),
            Word::Field(field) => field.field.as_deref()?,
        };
        Some(match field {
            "/holder/name" => (Self::Enterprise, 0),
            "/factory/name" => (Self::Enterprise, 1),
            "/manufacturer/name" => (Self::Enterprise, 2),
            "/holder/uscc" => (Self::Uscc, 0),
            "/factory/uscc" => (Self::Uscc, 1),
            "/manufacturer/uscc" => (Self::Uscc, 2),
            "/product_name" => (Self::Product, 0),
            "/units/0/models" => (Self::Models, 0),
            "/kind" => (Self::Kind, 0),
            "/star" => (Self::Star, 0),
            "/number" => (Self::Number, 0),
            "/valid_until" => (Self::ValidUntil, 0),
            "/issued_on" => (Self::IssuedOn, 0),
            "/reported_status" => (Self::Status, 0),
            "/remark" => (Self::Remark, 0),
            _ => return None,
        })
    }
}

/// Columns by headers that are the caller's own.
#[derive(Clone, Debug, Default)]
pub struct Named(BTreeMap<String, Column>);

/// Why a column cannot be named so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedRefusal {
    /// No field is called so.
    NoField(String),
    /// The header has been given to another field.
    Twice(String),
    /// The list has no such headers, but these.
    NoHeaders(Vec<String>, Vec<String>),
}

impl NamedRefusal {
    /// What is wrong, and what there is to choose from, in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::NoField(field) => format!("没有名为“{field}”的字段，可用的有：{}", fields().join("、")),
            Self::Twice(header) => format!("列名“{header}”指定了两个字段，只能指定一个"),
            Self::NoHeaders(missing, there) => {
                format!("清单中没有列名“{}”，未导入任何内容；现有列名：{}", missing.join("、"), there.join("、"))
            }
        }
    }

    /// The same in English.
    pub fn en(&self) -> String {
        match self {
            Self::NoField(field) => format!("no field is called {field}; there are {}", fields().join(", ")),
            Self::Twice(header) => format!("the header {header} was named for two fields; name it for one"),
            Self::NoHeaders(missing, there) => format!(
                "the list has no header {}, and nothing was imported; its headers are {}",
                missing.join(", "),
                there.join(", ")
            ),
        }
    }
}

fn fields() -> Vec<&'static str> {
    Column::ALL.iter().map(|it| it.field()).collect()
}

impl Named {
    /// Says that the column under a header is a field: its name, such as `number`, or its usual header.
    ///
    /// # Errors
    ///
    /// Refuses a field that is none, and a header that has another field.
    pub fn column(&mut self, header: &str, field: &str) -> Result<(), NamedRefusal> {
        let wanted = Column::ALL.iter().find(|it| it.field() == field || it.header() == field);
        let column = *wanted.ok_or_else(|| NamedRefusal::NoField(field.to_owned()))?;
        let before = self.0.insert(header_text(&Cell::Text(header.to_owned())), column);
        if before.is_some_and(|it| it != column) { Err(NamedRefusal::Twice(header.to_owned())) } else { Ok(()) }
    }

    /// Requires that a list has every header that was named.
    ///
    /// # Errors
    ///
    /// Names those that it lacks and those that it has.
    pub fn must_be_among(&self, list: &List) -> Result<(), NamedRefusal> {
        let missing: Vec<String> = self.0.keys().filter(|it| !list.headers.contains(it)).cloned().collect();
        if missing.is_empty() { Ok(()) } else { Err(NamedRefusal::NoHeaders(missing, list.headers.clone())) }
    }

    fn of(&self, header: &str) -> Option<Column> {
        self.0.get(header).copied()
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
    pub(crate) fn find(
        above: &Above,
        (number, cells): (u32, &[Cell]),
        texts: &[String],
        named: &Named,
    ) -> Option<(Self, Vec<Heading>)> {
        let mine = || texts.iter().any(|it| named.of(it).is_some());
        let headings = above.headings(number, cells, texts).or_else(|| mine().then(|| alone(texts)))?;
        let mut found: Vec<(Column, u8, usize)> = headings
            .iter()
            .enumerate()
            .filter_map(|(position, heading)| {
                // What the caller names comes before what the vocabulary knows.
                let known = || Column::of(heading.word?).map(|(column, source)| (column, source + 1));
                let (column, source) = named.of(&heading.text).map(|it| (it, 0)).or_else(known)?;
                Some((column, source, position))
            })
            .collect();
        found.sort_unstable();
        let party = found.iter().find(|it| it.0 == Column::Enterprise).map(|it| it.1);
        // The code of another party is not the enterprise's.
        found.retain(|it| it.0 != Column::Uscc || it.1 <= 1 || Some(it.1) == party);
        found.dedup_by(|later, earlier| later.0 == earlier.0 && later.0 != Column::Models);
        let columns: Vec<_> = found.into_iter().map(|(column, _, position)| (column, position)).collect();
        let read = |position: usize| columns.iter().any(|(_, it)| *it == position);
        let left = headings.iter().enumerate().filter(|(position, it)| !it.text.is_empty() && !read(*position));
        let ignored = left.map(|(_, it)| it.text.clone()).collect();
        let header = Self { columns, ignored };
        header.suffices().then_some((header, headings))
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

fn alone(texts: &[String]) -> Vec<Heading> {
    texts.iter().map(|text| Heading { word: crate::vocabulary::word(text), text: text.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(texts: &[&str], named: &Named) -> Option<Header> {
        let cells: Vec<_> = texts.iter().map(|it| Cell::text(it, 100)).collect();
        Header::find(&Above::default(), (1, &cells), &crate::headers::texts(&cells), named).map(|it| it.0)
    }

    #[test]
    fn a_header_is_known_through_blanks_breaks_and_full_width() {
        let texts =
            ["序　号", "生产企业", "企 业\n名 称", "证书编号＊", "有效期至（年／月／日）", "联系人", "规格", "型号"];
        let header = header(&texts, &Named::default()).unwrap();
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
        let none = Named::default();
        assert_eq!(header(&["大庆市绿色建材产品名录", "产品名称"], &none), None);
        assert_eq!(header(&["序号", "证书编号", "有效期"], &none), None);
        assert_eq!(header(&["1", "大庆某公司", "预拌混凝土", "C30"], &none), None);
        assert!(header(&["产品名称", "型号", "备注"], &none).is_some());
    }

    #[test]
    fn a_code_goes_with_its_party() {
        let none = Named::default();
        let of = |texts: &[&str]| header(texts, &none).unwrap().columns;
        let both = of(&["企业名称", "生产企业统一社会信用代码", "产品名称", "证书编号"]);
        assert!(!both.iter().any(|it| it.0 == Column::Uscc));
        let factory = of(&["生产企业", "生产企业统一社会信用代码", "产品名称", "证书编号"]);
        assert!(factory.contains(&(Column::Uscc, 1)));
    }

    #[test]
    fn a_column_of_the_caller_s_own_is_read() {
        let mut named = Named::default();
        named.column("绿建标识 编码", "number").unwrap();
        named.column("厂子", "企业名称").unwrap();
        let columns = header(&["厂子", "绿建标识编码", "产品名称"], &named).unwrap().columns;
        assert_eq!(columns, [(Column::Enterprise, 0), (Column::Product, 2), (Column::Number, 1)]);
        assert!(named.column("x", "nothing").unwrap_err().zh().contains("valid_until"));
        assert_eq!(named.column("厂子", "number"), Err(NamedRefusal::Twice("厂子".to_owned())));

        // One that the vocabulary knows too does not take its place.
        let mut named = Named::default();
        named.column("绿建标识编码", "number").unwrap();
        let header = header(&["证书编号", "绿建标识编码", "企业名称", "产品名称"], &named).unwrap();
        assert!(header.columns.contains(&(Column::Number, 1)));
        assert_eq!(header.ignored, ["证书编号"]);
        let list =
            |headers: &[&str]| List { headers: headers.iter().map(ToString::to_string).collect(), ..List::default() };
        assert_eq!(named.must_be_among(&list(&["绿建标识编码"])), Ok(()));
        let refusal = named.must_be_among(&list(&["绿标编号", "产品名称"])).unwrap_err();
        assert!(refusal.zh().contains("绿标编号、产品名称") && refusal.en().contains("no header 绿建标识编码"));
    }
}
