//! Recognises the header row of a report: which field of it stands in which column.

use lvcai_domain::reference::CertificateField;

use crate::cells::Cell;
use crate::headers::{Above, Heading};
use crate::vocabulary::Word;

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
    /// Columns that nobody knows and that seem to say since when a status holds.
    pub(super) doubtful: Vec<(String, usize)>,
}

impl Header {
    /// Takes a row as header when it names three known fields, 证书编号 among them.
    pub(super) fn find(
        above: &Above,
        (number, cells): (u32, &[Cell]),
        texts: &[String],
    ) -> Option<(Self, Vec<Heading>)> {
        let headings = above.headings(number, cells, texts)?;
        let mut header = Self { columns: Vec::new(), dropped: Vec::new(), doubtful: Vec::new() };
        for (position, heading) in headings.iter().enumerate().filter(|(_, it)| !it.text.is_empty()) {
            header.add(heading, position);
        }
        let named = header.columns.iter().any(|(field, _)| field.field.as_deref() == Some("/number"));
        (named && header.columns.len() >= 3).then_some((header, headings))
    }

    fn add(&mut self, heading: &Heading, position: usize) {
        let reason = match heading.word {
            Some(Word::Field(field)) if field.why_not.as_deref() == Some("personal") => DropReason::Personal,
            Some(Word::Field(field)) if field.field.is_none() => DropReason::TransportOnly,
            Some(Word::Field(field)) if self.columns.iter().any(|(it, _)| same_place(it, field)) => {
                DropReason::Repeated
            }
            Some(Word::Field(field)) => return self.columns.push((field, position)),
            Some(Word::Serial | Word::Body) | None => DropReason::Unknown,
        };
        let header: String = heading.text.chars().take(100).collect();
        if reason == DropReason::Unknown && is_status_day(&header) {
            self.doubtful.push((header.clone(), position));
        }
        self.dropped.push(DroppedColumn { header, reason });
    }
}

/// Models may stand in two columns, 规格 and 型号; all else has one place.
fn same_place(one: &CertificateField, other: &CertificateField) -> bool {
    let several = one.field.as_deref() == Some("/units/0/models");
    one.field == other.field && one.only_for_status == other.only_for_status && !several
}

/// Whether a header that nobody knows may be that of the day of a status.
fn is_status_day(header: &str) -> bool {
    let header = header.to_lowercase();
    let status = [
        "状态", "暂停", "撤销", "撤消", "撤证", "注销", "失效", "停用", "作废", "吊销", "终止", "生效", "处理", "处置",
        "狀態", "暫停", "撤銷", "註銷", "終止", "status", "suspen", "withdr", "cancel", "revo", "terminat",
    ];
    let day = ["日", "时间", "期", "起", "時間", "date", "day", "since", "time"];
    status.iter().any(|it| header.contains(it)) && day.iter().any(|it| header.contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(texts: &[&str]) -> Option<Header> {
        let cells: Vec<Cell> = texts.iter().map(|it| Cell::text(it, 100)).collect();
        Header::find(&Above::default(), (1, &cells), &crate::headers::texts(&cells)).map(|it| it.0)
    }

    #[test]
    fn a_header_is_known_through_brackets_blanks_and_breaks() {
        let header = find(&[
            "证 书\n编号＊",
            "认证委托人名称",
            "认证委托人名称（次）",
            "生产者（制造商）名称（主）",
            "生产企业编号",
            "附件2产品规格型号",
            "证书发证日期(年/月/日)",
        ])
        .unwrap();
        let numbers: Vec<_> = header.columns.iter().map(|(field, at)| (field.no.as_str(), *at)).collect();
        assert_eq!(numbers, [("2", 0), ("15", 1), ("16", 2), ("29", 3), ("43", 4), ("73", 5), ("6", 6)]);
        assert!(header.dropped.is_empty());
    }

    #[test]
    fn what_is_dropped_says_why() {
        let texts = ["证书编号", "证书状态", "备注", "认证委托人联系人", "上报类型", "产品类别", "建材种类", "法人"];
        let header = find(&texts).unwrap();
        let dropped: Vec<_> = header.dropped.iter().map(|it| (it.header.as_str(), it.reason.id())).collect();
        let wanted = [
            ("认证委托人联系人", "personal"),
            ("上报类型", "transport-only"),
            ("建材种类", "repeated"),
            ("法人", "unknown"),
        ];
        assert_eq!(dropped, wanted);
        assert!(find(&["证书编号", "证书状态", "法人"]).is_none());
        assert!(find(&["证书状态", "备注", "暂停原因"]).is_none());
    }
}
