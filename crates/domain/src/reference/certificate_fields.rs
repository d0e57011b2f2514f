//! The fields in which certification bodies report a product certificate, and where the registry keeps each.
//!
//! They are data: who reads a report, and who documents it, look here. How a value is written is the reader's.

use std::sync::LazyLock;

use serde::Deserialize;

use super::rows;

pub(super) const CERTIFICATE_FIELDS: &str = include_str!("../../reference/certificate_fields.csv");

/// A field of the report of a product certificate (产品认证证书信息表).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CertificateField {
    /// Number in the report, from 1 to 77; `x` and a number for a field that the registry takes beside them.
    pub no: String,
    /// Name in Chinese, the header of its column.
    pub field_zh: String,
    /// Other words for it: of the reporting template, of cx.cnca.cn, of the lists of cities; joined by `、`.
    pub also_zh: Option<String>,
    /// Where the record keeps it, like a JSON pointer; `/attachments/{role}` is the attachment of that role.
    pub field: Option<String>,
    /// Name in English; not official.
    pub name_en: String,
    /// Whether the record keeps it: `yes` or `no`.
    pub kept: String,
    /// Why not: `personal`, or `transport-only` where it says how the report is sent.
    pub why_not: Option<String>,
    /// The code of the only status for which it counts; with another status it tells history.
    pub only_for_status: Option<String>,
    /// Where the row is from.
    pub source: String,
    /// Whether a source confirms the field and its Chinese name.
    pub verified: bool,
}

impl CertificateField {
    /// Every header under which the field may stand, its own name first.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.field_zh.as_str()).chain(self.also_zh.iter().flat_map(|it| it.split('、')))
    }
}

/// Every field, in the order of the report.
pub fn certificate_fields() -> &'static [CertificateField] {
    static ROWS: LazyLock<Vec<CertificateField>> = LazyLock::new(|| rows(CERTIFICATE_FIELDS));
    &ROWS
}
