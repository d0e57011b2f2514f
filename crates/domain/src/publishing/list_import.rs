//! Imports of lists that cities published: what each came to, and how it is taken back.
//!
//! What an import made is taken back as far as nothing rests on it since: a list is hearsay, and the wrong one must not
//! stay. What others have built on stays, and is told with why.

use crate::conformity::{Certificate, Evidence, EvidenceStatus};
use crate::ids::{ListImportId, OrganisationId};
use crate::parties::Organisation;
use crate::product::{Product, ProductStatus};
use crate::values::RecordSource;
use crate::wire_names::wire_names;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many records that were left are kept with the import. The counts tell of all.
pub const LEFT: usize = 1_000;

/// An import of a list
///
/// A file that a city published, taken up on behalf of an authority: what it is, what came of it, and whether it was
/// taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListImport {
    /// Names the import.
    pub id: ListImportId,
    /// The authority that vouched for the list.
    pub authority: OrganisationId,
    /// The document that ordered it (文号), where one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "庆工信发〔2026〕1号")]
    pub authority_document: Option<String>,
    /// SHA-256 of the file, in hex.
    pub file_sha256: String,
    /// The day of the import.
    pub imported_on: Date,
    /// What became of its rows.
    pub rows: ImportedRows,
    /// What it recorded that was not known.
    pub made: RecordCounts,
    /// What was taken back of it, once it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone: Option<Undone>,
}

/// How many rows of a list became what
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportedRows {
    /// Something of them was new.
    pub imported: u32,
    /// All of them was known.
    pub unchanged: u32,
    /// The certification body's own record stood.
    pub kept: u32,
    /// They were not taken.
    pub refused: u32,
}

/// How many records of each kind
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordCounts {
    /// Enterprises.
    pub organisations: u32,
    /// Products.
    pub products: u32,
    /// Certificates.
    pub certificates: u32,
    /// Links between products and certificates.
    pub evidence: u32,
}

/// What was taken back of an import
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Undone {
    /// When.
    pub undone_on: Date,
    /// Why.
    pub note: String,
    /// The document that orders it (文号).
    pub authority_document: String,
    /// What was taken back: organisations and certificates retracted, products retired, evidence ended.
    pub withdrawn: RecordCounts,
    /// What the import had changed and is again as before it.
    pub restored: u32,
    /// How many records were left as they are, because something rests on them since.
    pub left_count: u32,
    /// The first thousand of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<LeftRecord>,
}

/// A record of an import that was left as it is
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeftRecord {
    /// The record.
    #[schema(example = "prod_01900000-0000-7000-8000-000000000002")]
    pub subject: String,
    /// Why.
    pub reason: LeftBecause,
}

wire_names! {
    /// Why a record of an import is left when that is taken back
    pub enum LeftBecause named by name {
        /// The product stands, or stood, in a publication or its draft.
        Published "published",
        /// The certification body has made the record its own.
        TakenOver "taken_over",
        /// It was changed since.
        Amended "amended",
        /// Evidence that is not the import's rests on it.
        Evidence "evidence",
        /// A record that is left, a client or another record refers to it.
        Referenced "referenced",
    }
}

impl LeftBecause {
    /// The same in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Published => "产品已列入名单批次（含编制中的）",
            Self::TakenOver => "认证机构已自行报送该证书",
            Self::Amended => "导入后已有变更",
            Self::Evidence => "另有证明关系以其为据",
            Self::Referenced => "仍被其他记录或客户端引用",
        }
    }

    /// The same in English.
    pub const fn en(self) -> &'static str {
        match self {
            Self::Published => "the product stands, or stood, in a publication or its draft",
            Self::TakenOver => "the certification body has made the record its own",
            Self::Amended => "it was changed since",
            Self::Evidence => "evidence that is not the import's rests on it",
            Self::Referenced => "a record that is left, a client or another record refers to it",
        }
    }
}

/// What has become of a record that an import made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and any of them decides")]
pub struct Since {
    /// It is taken back already.
    pub gone: bool,
    /// Its product stands in a publication.
    pub published: bool,
    /// The certification body has taken it over.
    pub taken_over: bool,
    /// Another than the clock has changed it.
    pub amended: bool,
    /// Evidence rests on it that stays.
    pub evidence: bool,
    /// Something else refers to it.
    pub referenced: bool,
}

/// What becomes of a record when its import is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is taken back.
    Withdrawn,
    /// It was already.
    Gone,
    /// It stays, because of this.
    Left(LeftBecause),
}

impl Since {
    /// What follows from it.
    pub fn fate(self) -> Fate {
        let reasons = [
            (self.published, LeftBecause::Published),
            (self.taken_over, LeftBecause::TakenOver),
            (self.amended, LeftBecause::Amended),
            (self.evidence, LeftBecause::Evidence),
            (self.referenced, LeftBecause::Referenced),
        ];
        if self.gone {
            return Fate::Gone;
        }
        reasons.into_iter().find(|(is, _)| *is).map_or(Fate::Withdrawn, |(_, because)| Fate::Left(because))
    }
}

/// An evidence that was confirmed by mistake: it never counted.
#[must_use]
pub fn never_counted(evidence: Evidence, by: OrganisationId) -> Evidence {
    let ended_on = Some(evidence.effective_on);
    Evidence { status: EvidenceStatus::Ended, ended_on, decided_by: Some(by), ..evidence }
}

/// A product that is taken out of the database.
#[must_use]
pub fn retired(product: Product) -> Product {
    Product { status: ProductStatus::Retired, ..product }
}

/// A certificate that a list told by mistake; its body may still push it.
#[must_use]
pub fn retracted_certificate(certificate: Certificate, today: Date) -> Certificate {
    Certificate { retracted_on: Some(today), ..certificate }
}

/// An organisation that was registered by mistake.
#[must_use]
pub fn retracted_organisation(organisation: Organisation, today: Date) -> Organisation {
    Organisation { retracted_on: Some(today), ..organisation }
}

/// Whether a certificate is the body's own word, and so no import's to take back.
pub fn is_taken_over(certificate: &Certificate) -> bool {
    certificate.record_source == RecordSource::CertificationBody
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nothing_rests_on_is_taken_back_and_else_the_weightiest_reason_is_told() {
        let nothing = Since::default();

        assert_eq!(nothing.fate(), Fate::Withdrawn);
        let both = Since { evidence: true, published: true, ..nothing };
        assert_eq!(both.fate(), Fate::Left(LeftBecause::Published));
        assert_eq!(Since { referenced: true, ..nothing }.fate(), Fate::Left(LeftBecause::Referenced));
        assert_eq!(Since { gone: true, ..both }.fate(), Fate::Gone, "a second time there is nothing left");
    }
}
