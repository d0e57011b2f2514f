//! Reference data that comes with the program: kinds, certification bodies and code lists.
//!
//! Every row keeps where it is from and whether that was verified; an unverified one must not be shown as official.
//! The rows are embedded, so a row that does not parse is a defect of the build, which the tests below rule out.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::calendar::{ArrangedDay, WorkingDays};
use crate::search::normalise;
use crate::values::{ApprovalNumber, StandardNumber};

const KINDS: &str = include_str!("../reference/kinds.csv");
const CERTIFICATION_BODIES: &str = include_str!("../reference/certification_bodies.csv");
const DIVISIONS: &str = include_str!("../reference/divisions.csv");
const CERTIFICATE_STATUSES: &str = include_str!("../reference/certificate_statuses.csv");
const CERTIFICATE_REASONS: &str = include_str!("../reference/certificate_reasons.csv");
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

/// The kind with exactly this Chinese name; full width and spacing make no difference, anything else does.
pub fn kind_by_name(name: &str) -> Option<&'static Kind> {
    static BY_NAME: LazyLock<HashMap<String, &Kind>> =
        LazyLock::new(|| kinds().iter().map(|kind| (normalise(&kind.name_zh), kind)).collect());
    BY_NAME.get(&normalise(name)).copied()
}

/// The certification bodies of the public list, which says nothing of what they are accredited for.
pub fn certification_bodies() -> Vec<ReferenceBody> {
    rows(CERTIFICATION_BODIES)
}

/// The calendar of working days.
pub fn working_days() -> &'static WorkingDays {
    static CALENDAR: LazyLock<WorkingDays> = LazyLock::new(|| rows::<ArrangedDay>(WORKING_DAYS).into_iter().collect());
    &CALENDAR
}

/// Every code list.
pub fn code_lists() -> Vec<CodeList> {
    let list = |id: &str, title_zh: &str, title_en: &str, source: &str, items| CodeList {
        id: id.to_owned(),
        title_zh: title_zh.to_owned(),
        title_en: title_en.to_owned(),
        source: source.to_owned(),
        items,
    };
    vec![
        list(
            "kinds-green-building-material-certification",
            "绿色建材产品认证目录（第一批）",
            "Kinds of green building material certification, first batch",
            "m.she911.net/rzzl/cprz/2023-05-18/1150.html",
            kind_items(Taxonomy::GreenBuildingMaterialCertification),
        ),
        list(
            "kinds-green-product-certification",
            "绿色产品认证目录（建材类）",
            "Building-material kinds of green product certification",
            "m.she911.net",
            kind_items(Taxonomy::GreenProductCertification),
        ),
        list(
            "divisions",
            "大庆市行政区划代码",
            "Administrative divisions of Daqing",
            "modood/Administrative-divisions-of-China on GitHub (2024-11-28)",
            items(DIVISIONS, "code", "name_zh"),
        ),
        list(
            "certificate-statuses",
            "认证证书状态代码",
            "Statuses of a certificate",
            "gitzhaoxiaoli/zz on GitHub (2018); cx.cnca.cn",
            items(CERTIFICATE_STATUSES, "code", "name_zh"),
        ),
        list(
            "certificate-reasons",
            "认证证书暂停、撤销、注销、变更和换证原因代码",
            "Reasons to suspend, withdraw, cancel, change or replace a certificate",
            "gitzhaoxiaoli/zz on GitHub (2018); product certification: CNCA's rule 2008 No. 19 for CCC",
            items(CERTIFICATE_REASONS, "code", "reason_zh"),
        ),
        list(
            "working-days",
            "节假日及调休安排",
            "Holidays and exchanged working days",
            "NateScarlet/holiday-cn on GitHub, after the State Council's notices",
            items(WORKING_DAYS, "date", "festival"),
        ),
    ]
}

fn kind_items(taxonomy: Taxonomy) -> Vec<CodeItem> {
    let is_of = |item: &CodeItem| kind(&item.code).is_some_and(|kind| kind.taxonomy == taxonomy);
    items(KINDS, "code", "name_zh").into_iter().filter(is_of).collect()
}

/// Reads a list; what has no field of its own in [`CodeItem`] becomes an attribute.
fn items(csv: &str, code: &str, name_zh: &str) -> Vec<CodeItem> {
    let item = |mut row: BTreeMap<String, String>| {
        row.retain(|_, text| !text.is_empty());
        Some(CodeItem {
            code: row.remove(code)?,
            name_zh: row.remove(name_zh)?,
            name_en: row.remove("name_en").or_else(|| row.remove("reason_en")),
            source: row.remove("source")?,
            verified: row.remove("verified")? == "true",
            attributes: row,
        })
    };
    rows(csv).into_iter().filter_map(item).collect()
}

fn rows<T: DeserializeOwned>(csv: &str) -> Vec<T> {
    let parsed = csv::Reader::from_reader(csv.as_bytes()).into_deserialize().collect::<Result<Vec<T>, _>>();
    debug_assert!(parsed.is_ok(), "{:?}", parsed.err());
    parsed.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn list(id: &str) -> CodeList {
        code_lists().into_iter().find(|list| list.id == id).unwrap()
    }

    #[test]
    fn every_list_has_all_its_rows_once() {
        for (id, count) in [
            ("kinds-green-building-material-certification", 51),
            ("kinds-green-product-certification", 8),
            ("divisions", 12),
            ("certificate-statuses", 5),
            ("certificate-reasons", 89),
            ("working-days", 286),
        ] {
            let codes: BTreeSet<_> = list(id).items.into_iter().map(|item| item.code).collect();
            assert_eq!((list(id).items.len(), codes.len()), (count, count), "{id}");
        }
        assert_eq!(code_lists().len(), 6);
        assert!(code_lists().iter().flat_map(|list| &list.items).all(|item| !item.source.is_empty()));
    }

    #[test]
    fn a_code_keeps_what_its_list_says() {
        let reasons = list("certificate-reasons").items;
        let reason = reasons.iter().find(|item| item.code == "product/suspend/0208").unwrap();

        assert!(reason.name_en.as_ref().unwrap().contains("seasonal"));
        assert_eq!(reason.attributes["reason_code"], "0208");
        assert_eq!(reason.attributes["en_unofficial"], "true");
        assert_eq!(list("certificate-statuses").items[1].attributes["counts_as_valid"], "false");
        assert!(reasons.iter().all(|item| item.name_en.is_some()));
    }

    #[test]
    fn kinds_are_found_by_code_and_by_exact_name_only() {
        assert_eq!(kinds().len(), 59);
        for it in kinds() {
            assert_eq!((kind(&it.code), kind_by_name(&it.name_zh)), (Some(it), Some(it)));
            assert!(it.standard.is_some() && !it.batch.is_empty(), "{}", it.code);
        }
        assert_eq!(kind_by_name(" 陶瓷砖（板） ").unwrap().code, "gp-08");
        for guess in ["门窗", "建筑门窗", "防水", ""] {
            assert_eq!(kind_by_name(guess), None);
        }
    }

    #[test]
    fn only_a_confirmed_standard_is_verified() {
        let verified: Vec<_> = kinds().iter().filter(|kind| kind.standard_verified).map(|kind| &*kind.code).collect();
        assert_eq!(verified, ["gbm-09"]);
        assert_eq!(kind("gbm-09").unwrap().standard.as_ref().unwrap().as_str(), "T/CECS 10026-2019");
    }

    #[test]
    fn certification_bodies_have_one_row_each() {
        let bodies = certification_bodies();
        let numbers: BTreeSet<_> = bodies.iter().map(|body| &body.approval_number).collect();

        assert_eq!((bodies.len(), numbers.len()), (185, 185));
        assert_eq!(bodies.iter().filter(|body| body.verified).count(), 1);
    }
}
