//! Reference data that comes with the program: kinds, certification bodies and code lists.
//!
//! Every row keeps where it is from and whether that was verified; an unverified one must not be shown as official.
//! The rows are embedded, so a row that does not parse is a defect of the build, which the tests rule out.

mod alike;
mod certificate_fields;
mod code_lists;

pub use alike::{alike, code_unknown, kinds_like};
pub use certificate_fields::{CertificateField, certificate_fields};
pub use code_lists::{code_list, code_lists};

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::calendar::{ArrangedDay, WorkingDays};
use crate::spelling::normalise;
use crate::values::{ApprovalNumber, Scheme, StandardNumber};

const KINDS: &str = include_str!("../reference/kinds.csv");
const CERTIFICATION_BODIES: &str = include_str!("../reference/certification_bodies.csv");
const CERTIFICATION_BODY_ALIASES: &str = include_str!("../reference/certification_body_aliases.csv");
const WORKING_DAYS: &str = include_str!("../reference/working_days.csv");

/// A catalogue of kinds; two catalogues do not coincide, even where their names are alike
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Taxonomy {
    /// 绿色建材产品认证目录, certified with stars.
    GreenBuildingMaterialCertification,
    /// 绿色产品认证目录 (building materials), certified without stars.
    GreenProductCertification,
}

impl Scheme {
    /// The catalogue whose kinds are certified under it.
    pub const fn taxonomy(self) -> Taxonomy {
        match self {
            Self::StarCertification | Self::LegacyLabel => Taxonomy::GreenBuildingMaterialCertification,
            Self::GreenProduct => Taxonomy::GreenProductCertification,
        }
    }
}

/// A kind of building material (建材种类)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Kind {
    /// Code, unique over all catalogues
    #[schema(example = "gbm-09")]
    pub code: String,
    /// The catalogue it belongs to
    pub taxonomy: Taxonomy,
    /// Name in Chinese
    #[schema(example = "建筑门窗及配件")]
    pub name_zh: String,
    /// Name in English; not official
    #[schema(example = "Building doors, windows & fittings")]
    pub name_en: String,
    /// Class in Chinese
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_zh: Option<String>,
    /// Class in English; not official
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_en: Option<String>,
    /// Standard that products are assessed against
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard: Option<StandardNumber>,
    /// Whether a source confirms the number of the standard
    pub standard_verified: bool,
    /// Batch in which the kind entered its catalogue
    pub batch: String,
    /// Where the row is from
    pub source: String,
    /// Whether a source confirms the kind and its Chinese name
    pub verified: bool,
}

/// A certification body as a public list of approval numbers knew it
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReferenceBody {
    /// Approval number
    pub approval_number: ApprovalNumber,
    /// Name in Chinese; bodies change their names
    pub name_zh: String,
    /// What else is known
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where the row is from
    pub source: String,
    /// Whether number and name are confirmed as current
    pub verified: bool,
}

/// Another name by which lists and certificates call a certification body
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ReferenceAlias {
    /// Approval number
    pub approval_number: ApprovalNumber,
    /// The name
    pub name: String,
    /// Where the row is from
    pub source: String,
    /// Whether it is confirmed that this body is meant
    pub verified: bool,
}

/// A list of codes
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CodeList {
    /// Identifier of the list
    #[schema(example = "certificate-statuses")]
    pub id: String,
    /// Title in Chinese
    pub title_zh: String,
    /// Title in English
    pub title_en: String,
    /// Where the list is from
    pub source: String,
    /// The codes, in the order of the list
    pub items: Vec<CodeItem>,
}

/// One code of a list
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CodeItem {
    /// Code, unique within its list
    #[schema(example = "01")]
    pub code: String,
    /// Name in Chinese
    #[schema(example = "有效")]
    pub name_zh: String,
    /// Name in English; not official
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
    /// Where the code is from
    pub source: String,
    /// Whether a source confirms the code and its Chinese name
    pub verified: bool,
    /// What else the list says about the code
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

/// Every kind of every catalogue, in catalogue order.
pub fn kinds() -> &'static [Kind] {
    static ROWS: LazyLock<Vec<Kind>> = LazyLock::new(|| rows(KINDS));
    &ROWS
}

/// The kind with this code.
pub fn kind(code: &str) -> Option<&'static Kind> {
    static BY_CODE: LazyLock<HashMap<&str, &Kind>> =
        LazyLock::new(|| kinds().iter().map(|kind| (kind.code.as_str(), kind)).collect());
    BY_CODE.get(code).copied()
}

/// The kind with exactly this Chinese name; full width and blanks make no difference, anything else does.
pub fn kind_by_name(name: &str) -> Option<&'static Kind> {
    static BY_NAME: LazyLock<HashMap<String, &Kind>> =
        LazyLock::new(|| kinds().iter().map(|kind| (key(&kind.name_zh), kind)).collect());
    BY_NAME.get(&key(name)).copied()
}

fn key(name: &str) -> String {
    normalise(name).replace(' ', "")
}

/// The certification bodies of the public list, which says nothing of what they are accredited for.
pub fn certification_bodies() -> Vec<ReferenceBody> {
    rows(CERTIFICATION_BODIES)
}

/// Other names of the certification bodies.
pub fn certification_body_aliases() -> Vec<ReferenceAlias> {
    rows(CERTIFICATION_BODY_ALIASES)
}

/// The calendar of working days.
pub fn working_days() -> &'static WorkingDays {
    static CALENDAR: LazyLock<WorkingDays> = LazyLock::new(|| rows::<ArrangedDay>(WORKING_DAYS).into_iter().collect());
    &CALENDAR
}

fn rows<T: DeserializeOwned>(csv: &str) -> Vec<T> {
    let parsed = csv::Reader::from_reader(csv.as_bytes()).into_deserialize().collect::<Result<Vec<T>, _>>();
    debug_assert!(parsed.is_ok(), "{:?}", parsed.err());
    parsed.unwrap_or_default()
}

#[cfg(test)]
mod tests;
