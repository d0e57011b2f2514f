//! Lists, their numbered publications, and what stands in them between two.

use crate::conformity::holder::Holder;
use crate::ids::{
    CertificateId, ClientId, EvidenceId, ListingId, OrganisationId, ProductId, PublicationId, TestReportId,
};
use crate::values::{ApprovalNumber, CertificateNumber, CmaNumber, ReportNumber, Scheme, Star};
use crate::wire_names::wire_names;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a list is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListPurpose {
    /// Product information in batches (产品信息发布).
    ProductList,
    /// The catalogue (名录).
    Catalogue,
    /// Demonstration products (示范产品).
    DemonstrationProducts,
    /// Demonstration enterprises (示范企业).
    DemonstrationEnterprises,
    /// Kinds for bulk purchase (批量集中采购建材种类).
    BulkPurchaseKinds,
}

/// A list
///
/// What an authority publishes, in numbered publications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RegistryList {
    /// The slug that names it.
    #[schema(pattern = "^[a-z][a-z0-9-]{2,59}$", example = "green-building-materials")]
    pub id: String,
    /// Its title in Chinese.
    #[schema(example = "大庆市绿色建材产品信息")]
    pub title: String,
    /// What it is for.
    pub purpose: ListPurpose,
    /// The authority that publishes it, and alone may.
    pub publisher: OrganisationId,
    /// True when the list is a sample and states no fact.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sample: bool,
}

wire_names! {
    /// How far a publication has come.
    pub enum PublicationStatus named by name {
        /// Private, and nobody has approved it.
        Draft "draft",
        /// Private, and a client of a second holder has approved it.
        Approved "approved",
        /// Numbered, public and immutable.
        Published "published",
        /// Given up before it was published.
        Cancelled "cancelled",
    }
}

impl PublicationStatus {
    /// The step that leads here, by its name on the wire.
    pub const fn step(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Approved => "approve",
            Self::Published => "publish",
            Self::Cancelled => "cancel",
        }
    }

    /// What may follow.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Draft => &[Self::Approved, Self::Cancelled],
            Self::Approved => &[Self::Published, Self::Cancelled],
            Self::Published | Self::Cancelled => &[],
        }
    }
}

/// A client that put its name to a publication
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Signatory {
    /// The organisation it acted for.
    pub organisation: OrganisationId,
    /// The client itself; its holder is known to the auditor.
    pub client: ClientId,
}

/// A publication
///
/// One batch of a list. Immutable once published: an erratum is a publication
/// of its own. The entries are committed to by their digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Publication {
    /// Names the publication from its first draft on.
    pub id: PublicationId,
    /// The list it belongs to.
    pub list: String,
    /// Its number within the list (批次), once published.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1)]
    pub number: Option<i32>,
    /// Its title.
    #[schema(example = "大庆市绿色建材产品信息（第一批）")]
    pub title: String,
    /// How far it has come.
    pub status: PublicationStatus,
    /// The number of the document that orders it (文号), where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority_document: Option<String>,
    /// The ledger position at which its entries were taken.
    pub entries_as_of: i64,
    /// How many entries it has.
    pub entry_count: i64,
    /// SHA-256 of the canonical JSON array of its entries, in hex.
    pub entries_sha256: String,
    /// Who drafted it.
    pub drafted_by: Signatory,
    /// Who approved it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<Signatory>,
    /// Who published it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_by: Option<Signatory>,
    /// The day it was published, in Asia/Shanghai.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_on: Option<Date>,
    /// True when the publication is a sample and states no fact.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sample: bool,
}

/// An entry of a publication
///
/// A product with the evidence that qualified it, frozen as it was: by a certificate or by a test report, whose fields
/// the entry has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublicationEntry {
    /// Its place in the publication, from 1 (序号).
    pub position: i32,
    /// The product.
    pub product: ProductId,
    /// The version of the product that was published.
    pub product_version: i32,
    /// The name of the product (产品名称).
    pub product_name: String,
    /// Its kind (产品类别).
    pub kind: String,
    /// The models that the evidence covers (规格型号).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// The enterprise.
    pub enterprise: OrganisationId,
    /// The name of the enterprise (企业名称).
    pub enterprise_name: String,
    /// The evidence that qualified it.
    pub evidence: EvidenceId,
    /// The certificate behind the evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateId>,
    /// The version of the certificate that was relied on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_version: Option<i32>,
    /// The number of the certificate (证书编号).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_number: Option<CertificateNumber>,
    /// Who holds the certificate, or had the product tested (持有人).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
    /// Why it proves the product although it is another firm's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distinct_holder: Option<String>,
    /// The certification body (认证机构).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certification_body: Option<ApprovalNumber>,
    /// The scheme of the certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Scheme>,
    /// The test report behind the evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_report: Option<TestReportId>,
    /// The version of the test report that was relied on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_report_version: Option<i32>,
    /// The number of the test report (报告编号).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_report_number: Option<ReportNumber>,
    /// The laboratory (检测机构), by its CMA number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub laboratory: Option<CmaNumber>,
    /// The star (认证等级), for star certification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub star: Option<Star>,
    /// The last day the certificate holds, or the test report counts (有效期至).
    pub valid_until: Date,
}

/// The payload of a publication document
///
/// What the signature of the one-file document covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublicationDocument {
    /// Who issued the document: the registry's issuer address.
    pub issuer: String,
    /// The list.
    pub list: RegistryList,
    /// The publication.
    pub publication: Publication,
    /// Its entries, in order.
    pub entries: Vec<PublicationEntry>,
}

impl PublicationDocument {
    /// What the header `typ` of the signed document says of its payload (RFC 7515 §4.1.9).
    pub const TYPE: &str = "lvcai-publication+json";
}

/// The standing of a product in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListingStatus {
    /// It stands.
    Listed,
    /// It does not stand for now.
    Suspended,
    /// It no longer stands, for good.
    Removed,
}

impl ListingStatus {
    /// Its name on the wire and in a column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Suspended => "suspended",
            Self::Removed => "removed",
        }
    }
}

/// Why a listing does not stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListingGround {
    /// Every certificate it rests on is suspended, or one is and the rest are gone.
    CertificateSuspended,
    /// The certificates it rests on were withdrawn.
    CertificateWithdrawn,
    /// The certificates it rests on were cancelled.
    CertificateCancelled,
    /// The certificates it rests on have expired.
    CertificateExpired,
    /// The evidence it rests on was ended.
    EvidenceEnded,
    /// The test reports it rests on were voided.
    ReportVoided,
    /// The test reports it rests on were amended and no longer pass.
    ReportFailed,
    /// What it rests on does not cover its kind or models, as one of them was amended.
    NotCovered,
    /// The certificate or test report that it rests on is another firm's now.
    HolderChanged,
}

/// A listing
///
/// The standing of a product in a list between publications. A certificate's
/// step and the change of the listings that rest on it are one command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Listing {
    /// Names the listing.
    pub id: ListingId,
    /// The list.
    pub list: String,
    /// The product.
    pub product: ProductId,
    /// The number of the publication that listed it last.
    pub publication_number: i32,
    /// Its standing.
    pub status: ListingStatus,
    /// Why it does not stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<ListingGround>,
    /// The evidence it rests on.
    pub evidence: Vec<EvidenceId>,
    /// The last day it can stand: the latest end among what it rests on, inclusive.
    pub valid_until: Date,
    /// Since when the standing holds.
    pub effective_on: Date,
}
