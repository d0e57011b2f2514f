//! The code lists, each made of a file of rows or of the kinds.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::certificate_fields::CERTIFICATE_FIELDS;
use super::{CodeItem, CodeList, KINDS, Taxonomy, WORKING_DAYS, kind, rows};

const DIVISIONS: &str = include_str!("../../reference/divisions.csv");
const CERTIFICATE_STATUSES: &str = include_str!("../../reference/certificate_statuses.csv");
const CERTIFICATE_REASONS: &str = include_str!("../../reference/certificate_reasons.csv");
const CERTIFICATE_SCHEMES: &str = include_str!("../../reference/certificate_schemes.csv");
const CERTIFICATE_ATTACHMENTS: &str = include_str!("../../reference/certificate_attachments.csv");
const PREDECESSOR_RELATIONS: &str = include_str!("../../reference/predecessor_relations.csv");

/// What is said of a list as a whole, and where its codes are.
struct Entry {
    id: &'static str,
    title_zh: &'static str,
    title_en: &'static str,
    source: &'static str,
    items: fn() -> Vec<CodeItem>,
}

const LISTS: &[Entry] = &[
    Entry {
        id: "kinds-green-building-material-certification",
        title_zh: "绿色建材产品认证目录（第一批）",
        title_en: "Kinds of green building material certification, first batch",
        source: "m.she911.net/rzzl/cprz/2023-05-18/1150.html",
        items: || kind_items(Taxonomy::GreenBuildingMaterialCertification),
    },
    Entry {
        id: "kinds-green-product-certification",
        title_zh: "绿色产品认证目录（建材类）",
        title_en: "Building-material kinds of green product certification",
        source: "m.she911.net",
        items: || kind_items(Taxonomy::GreenProductCertification),
    },
    Entry {
        id: "divisions",
        title_zh: "大庆市行政区划代码",
        title_en: "Administrative divisions of Daqing",
        source: "modood/Administrative-divisions-of-China on GitHub (2024-11-28)",
        items: || items(DIVISIONS, "code", "name_zh"),
    },
    Entry {
        id: "certificate-schemes",
        title_zh: "认证制度",
        title_en: "Schemes under which a certificate is issued",
        source: "国质检认联〔2017〕544号, 国办发〔2016〕86号 and 建科〔2014〕75号, as public pages cite them",
        items: || items(CERTIFICATE_SCHEMES, "code", "name_zh"),
    },
    Entry {
        id: "certificate-fields",
        title_zh: "产品认证证书信息上报字段及其在本库中的位置",
        title_en: "Fields of the report of a product certificate, and where the registry keeps them",
        source: "gitzhaoxiaoli/zz on GitHub (2018)",
        items: || items(CERTIFICATE_FIELDS, "no", "field_zh"),
    },
    Entry {
        id: "certificate-statuses",
        title_zh: "认证证书状态代码",
        title_en: "Statuses of a certificate",
        source: "gitzhaoxiaoli/zz on GitHub (2018); cx.cnca.cn",
        items: || items(CERTIFICATE_STATUSES, "code", "name_zh"),
    },
    Entry {
        id: "certificate-reasons",
        title_zh: "认证证书暂停、撤销、注销、变更和换证原因代码",
        title_en: "Reasons to suspend, withdraw, cancel, change or replace a certificate",
        source: "gitzhaoxiaoli/zz on GitHub (2018); product certification: CNCA's rule 2008 No. 19 for CCC",
        items: || items(CERTIFICATE_REASONS, "code", "reason_zh"),
    },
    Entry {
        id: "certificate-attachments",
        title_zh: "认证证书附件种类",
        title_en: "Roles of the attachments of a certificate",
        source: "gitzhaoxiaoli/zz on GitHub (2018)",
        items: || items(CERTIFICATE_ATTACHMENTS, "code", "name_zh"),
    },
    Entry {
        id: "predecessor-relations",
        title_zh: "与前一证书的关系",
        title_en: "How a certificate follows the one before it",
        source: "gitzhaoxiaoli/zz on GitHub (2018)",
        items: || items(PREDECESSOR_RELATIONS, "code", "name_zh"),
    },
    Entry {
        id: "working-days",
        title_zh: "节假日及调休安排",
        title_en: "Holidays and exchanged working days",
        source: "NateScarlet/holiday-cn on GitHub, after the State Council's notices",
        items: || items(WORKING_DAYS, "date", "festival"),
    },
];

/// Every code list.
pub fn code_lists() -> &'static [CodeList] {
    static ALL: LazyLock<Vec<CodeList>> = LazyLock::new(|| LISTS.iter().map(Entry::list).collect());
    &ALL
}

/// The code list with this identifier.
pub fn code_list(id: &str) -> Option<&'static CodeList> {
    code_lists().iter().find(|list| list.id == id)
}

impl Entry {
    fn list(&self) -> CodeList {
        CodeList {
            id: self.id.to_owned(),
            title_zh: self.title_zh.to_owned(),
            title_en: self.title_en.to_owned(),
            source: self.source.to_owned(),
            items: (self.items)(),
        }
    }
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
