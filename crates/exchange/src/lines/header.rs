//! Recognises the header row of a report: which field of it stands in which column.
//!
//! The fields are data of `domain`; here is only how their names may be written.

use std::collections::HashMap;
use std::sync::LazyLock;

use lvcai_domain::reference::{CertificateField, certificate_fields};

use crate::cells::Cell;
use crate::columns::header_text;

/// A column of a table that was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DroppedColumn {
    /// Its header, without blanks and full-width characters.
    pub header: String,
    /// Why it was not read.
    pub reason: DropReason,
}

lvcai_domain::catalogue! {
    /// Why a column was not read.
    pub enum DropReason named by id

    Personal "personal" "个人信息，不读取" "personal data, not read"
    TransportOnly "transport-only" "仅用于传输，不读取" "about the transport alone, not read"
    Repeated "repeated" "前面已有存放在同一位置的列" "a column before it is kept in the same place"
    Unknown "unknown" "不认识的列" "not a known field"
}

/// Which field stands where in the rows below.
pub(super) struct Header {
    pub(super) columns: Vec<(&'static CertificateField, usize)>,
    pub(super) dropped: Vec<DroppedColumn>,
}

impl Header {
    /// Takes a row as header when it names three known fields, 证书编号 among them.
    pub(super) fn find(cells: &[Cell]) -> Option<Self> {
        let mut header = Self { columns: Vec::new(), dropped: Vec::new() };
        for (position, cell) in cells.iter().enumerate() {
            let text = header_text(cell);
            if !text.is_empty() {
                header.add(&text, position);
            }
        }
        let named = header.columns.iter().any(|(field, _)| field.field.as_deref() == Some("/number"));
        (named && header.columns.len() >= 3).then_some(header)
    }

    fn add(&mut self, text: &str, position: usize) {
        let reason = match field(text) {
            None => DropReason::Unknown,
            Some(field) if field.why_not.as_deref() == Some("personal") => DropReason::Personal,
            Some(field) if field.field.is_none() => DropReason::TransportOnly,
            Some(field) if self.columns.iter().any(|(it, _)| same_place(it, field)) => DropReason::Repeated,
            Some(field) => return self.columns.push((field, position)),
        };
        self.dropped.push(DroppedColumn { header: text.chars().take(100).collect(), reason });
    }
}

fn same_place(one: &CertificateField, other: &CertificateField) -> bool {
    one.field == other.field && one.only_for_status == other.only_for_status
}

fn field(header: &str) -> Option<&'static CertificateField> {
    static BY_KEY: LazyLock<HashMap<String, &CertificateField>> =
        LazyLock::new(|| certificate_fields().iter().map(|it| (key(&header_text(&name(it))), it)).collect());
    BY_KEY.get(&key(header)).copied()
}

fn name(field: &CertificateField) -> Cell {
    Cell::Text(field.field_zh.clone())
}

/// What two spellings of a header have in common: brackets do not count but for 次 and 英, which tell fields apart.
fn key(header: &str) -> String {
    let mut key = String::new();
    let mut rest = header;
    while let Some((before, after)) = rest.split_once('(') {
        let (inside, behind) = after.split_once(')').unwrap_or((after, ""));
        key.push_str(before);
        if matches!(inside, "次" | "英") {
            key.push_str(inside);
        }
        rest = behind;
    }
    key.push_str(rest);
    key
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn cells(texts: &[&str]) -> Vec<Cell> {
        texts.iter().map(|it| Cell::text(it, 100)).collect()
    }

    #[test]
    fn no_two_fields_have_one_spelling() {
        let keys: BTreeSet<_> = certificate_fields().iter().map(|it| key(&header_text(&name(it)))).collect();
        assert_eq!(keys.len(), certificate_fields().len());
    }

    #[test]
    fn a_header_is_known_through_brackets_blanks_and_breaks() {
        let header = Header::find(&cells(&[
            "证 书\n编号＊",
            "认证委托人名称",
            "认证委托人名称（次）",
            "生产者（制造商）名称（主）",
            "生产企业编号",
            "附件2产品规格型号",
            "证书发证日期(年/月/日)",
        ]))
        .unwrap();
        let numbers: Vec<_> = header.columns.iter().map(|(field, at)| (field.no.as_str(), *at)).collect();
        assert_eq!(numbers, [("2", 0), ("15", 1), ("16", 2), ("29", 3), ("43", 4), ("73", 5), ("6", 6)]);
        assert!(header.dropped.is_empty());
    }

    #[test]
    fn what_is_dropped_says_why() {
        let texts = ["证书编号", "证书状态", "备注", "认证委托人联系人", "上报类型", "产品类别", "建材种类", "法人"];
        let header = Header::find(&cells(&texts)).unwrap();
        let dropped: Vec<_> = header.dropped.iter().map(|it| (it.header.as_str(), it.reason.id())).collect();
        let wanted = [
            ("认证委托人联系人", "personal"),
            ("上报类型", "transport-only"),
            ("建材种类", "repeated"),
            ("法人", "unknown"),
        ];
        assert_eq!(dropped, wanted);
        assert!(Header::find(&cells(&["证书编号", "证书状态", "法人"])).is_none());
        assert!(Header::find(&cells(&["证书状态", "备注", "暂停原因"])).is_none());
    }
}
