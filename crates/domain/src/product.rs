//! Products: what is green, or is not.

use crate::ids::{OrganisationId, ProductId};
use crate::values::{Decimal, Gtin, RecordSource, StandardNumber};
use crate::wire_names::wire_names;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

wire_names! {
    /// How far a product has come.
    pub enum ProductStatus named by name {
        /// Seen by its owner and the authority alone.
        Draft "draft",
        /// Admitted by the authority and public.
        Admitted "admitted",
        /// Taken out of the database: still read by its identifier, and no longer listed.
        Retired "retired",
    }
}

/// A measured or declared property of a product
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// What is measured.
    #[schema(min_length = 1, max_length = 100, example = "传热系数")]
    pub name: String,
    /// The value exactly as reported; `0.050` and `0.05` differ.
    pub value: Decimal,
    /// The unit, in the notation of the report.
    #[schema(min_length = 1, max_length = 40, example = "W/(m²·K)")]
    pub unit: String,
    /// The method it was measured by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<StandardNumber>,
}

/// A product
///
/// A building product as its enterprise describes it. Whether it is green is
/// not said here: that follows from its evidence, on a day, as of a cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Product {
    /// Names the product.
    pub id: ProductId,
    /// The enterprise that offers it and owns the record (申报企业).
    pub enterprise: OrganisationId,
    /// Who has it made (制造商), where that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<OrganisationId>,
    /// Where it is made (生产厂), where that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factory: Option<OrganisationId>,
    /// What it is called (产品名称).
    #[schema(example = "65系列内平开塑料窗")]
    pub name: String,
    /// Its kind (建材种类), a code of a kind catalogue.
    #[schema(example = "gbm-09")]
    pub kind: String,
    /// Its models (规格型号).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Its trade mark (商标).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trademark: Option<String>,
    /// Its GTIN (商品条码), stored with 14 digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gtin: Option<Gtin>,
    /// The standards it is made to (执行标准).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standards: Vec<StandardNumber>,
    /// Measured and declared properties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indicators: Vec<Indicator>,
    /// How far it has come.
    pub status: ProductStatus,
    /// Who says so.
    pub record_source: RecordSource,
    /// True when the record is a sample and states no fact.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sample: bool,
}
