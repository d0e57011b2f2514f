//! A row of a list that a city published, and what it states about a certificate, a product and an enterprise: hearsay,
//! marked as such.

use crate::conformity::certificate::{Certificate, Party, ReportedStatus, Unit};
use crate::conformity::holder::Holder;
use crate::ids::{OrganisationId, ProductId};
use crate::parties::{NamedBody, Organisation, Role};
use crate::problem::Fault;
use crate::product::{Product, ProductStatus};
use crate::reference::{Kind, Taxonomy, kind, kind_by_name, kinds_like};
use crate::rule::Rule;
use crate::values::{ApprovalNumber, CertificateNumber, RecordSource, Scheme, Star, Uscc};
use jiff::civil::Date;

/// One row of a published list, read and well-formed.
#[derive(Debug, Clone)]
pub struct CityListRow {
    /// Its number, as the caller counts.
    pub row: u32,
    /// The enterprise (企业名称).
    pub enterprise: String,
    /// Its unified social credit code, where the list has one.
    pub uscc: Option<Uscc>,
    /// The product (产品名称).
    pub product: String,
    /// Its models (规格型号).
    pub models: Vec<String>,
    /// Its kind (产品类别), by name or code.
    pub kind: String,
    /// The scheme, where the whole list has one; else that of the kind's catalogue.
    pub scheme: Option<Scheme>,
    /// The star (认证等级/星级).
    pub star: Option<Star>,
    /// The certificate (证书编号).
    pub number: CertificateNumber,
    /// When it was issued, where the list tells.
    pub issued_on: Option<Date>,
    /// The last day it holds (有效期至).
    pub valid_until: Date,
    /// The certification body (认证机构), by a name, an alias or its approval number.
    pub body: String,
}

impl CityListRow {
    /// Its kind, by name or code, which must be of the catalogue of the scheme.
    ///
    /// # Errors
    ///
    /// Offers the kinds that are nearly named.
    pub fn kind(&self) -> Result<&'static Kind, Fault> {
        let column = "产品类别";
        if self.kind.is_empty() {
            return Err(Fault::new(column, Rule::Required).detail(
                "没有产品类别，请补填，或用 --kind 为整个文件指定",
                "no kind is given; add it, or name one for the whole file with --kind",
            ));
        }
        let found = kind(&self.kind.to_ascii_lowercase()).or_else(|| kind_by_name(&self.kind));
        let Some(found) = found else {
            let (like, name) = (kinds_like(&self.kind), &self.kind);
            return Err(Fault::new(column, Rule::KindUnknown)
                .detail(
                    format!("没有名为“{name}”的建材种类{}", offered_zh(&like)),
                    format!("no kind is called {name}{}", offered_en(&like)),
                )
                .allowed(like));
        };
        if self.scheme.is_some_and(|it| it.taxonomy() != found.taxonomy) {
            return Err(Fault::new(column, Rule::NotAllowed).detail(
                format!("“{}”不在 --scheme 所指认证制度的目录中", self.kind),
                format!("the kind {} is not in the catalogue of the scheme", self.kind),
            ));
        }
        Ok(found)
    }

    /// Says that nobody is known as its certification body, and offers those that may be meant.
    pub fn unknown_body(&self, like: Vec<String>) -> Fault {
        let column = "认证机构";
        if self.body.is_empty() {
            return Fault::new(column, Rule::Required).detail(
                "没有认证机构，请补填，或用 --certification-body 为整个文件指定",
                "no certification body is given; add it, or name one for the whole file with --certification-body",
            );
        }
        let name = &self.body;
        Fault::new(column, Rule::UnknownReference)
            .detail(
                format!("不能确定“{name}”是哪个认证机构{}；请填写批准号，或由主管部门登记该名称", offered_zh(&like)),
                format!(
                    "no single certification body is called {name}{}; give its approval number, or have the authority \
                     record the name",
                    offered_en(&like)
                ),
            )
            .allowed(like)
    }

    /// What is to be told of the body that was found for it: that nobody has verified the name by which it was.
    pub fn doubtful_body(&self, found: &NamedBody) -> Option<Fault> {
        let alias = found.unverified_alias.as_ref()?;
        let (number, name) = (&found.number, &found.name);
        Some(Fault::new("认证机构", Rule::UnverifiedName).detail(
            format!("“{alias}”按未经核实的别名认定为 {number} {name}"),
            format!("{alias} was taken for {number} {name} by an alias that nobody has verified"),
        ))
    }

    /// What is to be told of its number, which is new: that it looks like these.
    pub fn looks_alike(others: &[String]) -> Fault {
        Fault::new("证书编号", Rule::LooksAlike).detail(
            format!("与另一证书的编号形似：{}（字母 O 与数字 0、字母 I 和 l 与数字 1），请核对", others.join("、")),
            format!("it looks like the number of another certificate (O and 0, I or l and 1): {}", others.join(", ")),
        )
    }

    /// What it says of its certificate.
    pub fn certificate(&self, body: &ApprovalNumber, kind: &Kind, today: Date) -> Certificate {
        let scheme = self.scheme.unwrap_or(match kind.taxonomy {
            Taxonomy::GreenBuildingMaterialCertification => Scheme::StarCertification,
            Taxonomy::GreenProductCertification => Scheme::GreenProduct,
        });
        Certificate {
            scheme,
            kind: kind.code.clone(),
            star: self.star,
            holder: Party::named(self.enterprise.clone(), self.uscc.clone()),
            product_name: self.product.clone(),
            units: vec![self.unit()],
            issued_on: self.issued_on,
            status_on: self.issued_on.unwrap_or(today),
            record_source: RecordSource::CityList,
            ..Certificate::bare(body.clone(), self.number.clone(), self.valid_until)
        }
    }

    /// The certificate with this further row of it: another unit. A body's own record stays as it is.
    ///
    /// # Errors
    ///
    /// Names the columns in which the row contradicts the rows before.
    pub fn joined(&self, before: &Certificate, kind: &str) -> Result<Certificate, Vec<Fault>> {
        if before.record_source == RecordSource::CertificationBody {
            return Ok(before.clone());
        }
        let mut faults = Vec::new();
        faults.extend((before.valid_until != self.valid_until).then(|| Fault::new("有效期至", Rule::Duplicate)));
        faults.extend((before.star != self.star).then(|| Fault::new("认证等级", Rule::Duplicate)));
        faults.extend((before.kind != kind).then(|| Fault::new("产品类别", Rule::Duplicate)));
        faults.extend(self.another_holder(before));
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Certificate { units: merged(&before.units, &[self.unit()]), ..before.clone() })
    }

    /// The refusal of a row that gives another enterprise to a certificate that a list named before: a number has one
    /// holder, and which of the two it is, is not for the program to guess.
    pub fn another_holder(&self, before: &Certificate) -> Option<Fault> {
        // What was taken back says nothing.
        if before.retracted_on.is_some() {
            return None;
        }
        let party = Party { name: self.enterprise.clone(), uscc: self.uscc.clone(), ..Party::default() };
        let holder = &before.holder.name;
        (!Holder::from(&before.holder).is(&party)).then(|| {
            Fault::new("企业名称", Rule::HolderDiffers).detail(
                format!("同一证书编号此前记载的企业为“{holder}”"),
                format!("the same certificate was told of {holder} before"),
            )
        })
    }

    /// In what the row contradicts the body's own record, which stands.
    pub fn contradictions(&self, record: &Certificate) -> Vec<Fault> {
        let (number, until) = (record.reported_status.code(), record.valid_until);
        let star = |star: Option<Star>| star.map_or_else(|| "-".to_owned(), |star| star.get().to_string());
        let mut told = Vec::new();
        let mut differs = |column: &str, ours: String, theirs: String| {
            told.push(Fault::new(column, Rule::DiffersFromBody).detail(
                format!("清单为 {theirs}，认证机构的记录为 {ours}"),
                format!("the list says {theirs}, the body's record {ours}"),
            ));
        };
        if record.star != self.star {
            differs("认证等级", star(record.star), star(self.star));
        }
        if until != self.valid_until {
            differs("有效期至", until.to_string(), self.valid_until.to_string());
        }
        if self.issued_on.is_some() && record.issued_on != self.issued_on {
            let day = |day: Option<Date>| day.map_or_else(|| "-".to_owned(), |day| day.to_string());
            differs("发证日期", day(record.issued_on), day(self.issued_on));
        }
        if record.reported_status != ReportedStatus::Valid {
            differs("证书状态", format!("{number}（自 {}）", record.status_on), "01".to_owned());
        }
        told
    }

    fn unit(&self) -> Unit {
        Unit { name: self.product.clone(), models: self.models.clone(), ..Unit::default() }
    }

    /// Its product, admitted since the city has published it.
    pub fn admitted(&self, owner: OrganisationId, kind: &str) -> Product {
        Product {
            id: ProductId::mint(),
            enterprise: owner,
            manufacturer: None,
            factory: None,
            name: self.product.clone(),
            kind: kind.to_owned(),
            models: self.models.clone(),
            trademark: None,
            gtin: None,
            standards: Vec::new(),
            indicators: Vec::new(),
            status: ProductStatus::Admitted,
            record_source: RecordSource::CityList,
            sample: false,
        }
    }

    /// Its enterprise, as far as a list tells.
    pub fn organisation(&self) -> Organisation {
        Organisation {
            uscc: self.uscc.clone(),
            source: Some("城市公布的清单".to_owned()),
            ..Organisation::named(&self.enterprise, Role::Enterprise)
        }
    }
}

/// The column of a list in which stands what a pointer into the record of a certificate names.
pub fn column_of(pointer: &str) -> &str {
    match pointer {
        "/holder" | "/holder/name" => "企业名称",
        "/holder/uscc" => "统一社会信用代码",
        "/product_name" | "/units/0/name" => "产品名称",
        "/units" | "/units/0" | "/units/0/models" => "规格型号",
        "/kind" => "产品类别",
        "/star" => "认证等级",
        "/number" => "证书编号",
        "/valid_until" => "有效期至",
        "/issued_on" | "/status_on" => "发证日期",
        "/certification_body" => "认证机构",
        "/reported_status" => "证书状态",
        other => other,
    }
}

fn offered_zh(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!("，相近的有：{}", names.join("、")) }
}

fn offered_en(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!("; like it are {}", names.join(", ")) }
}

/// What a list tells of a certificate that an earlier one told already.
pub fn restated(before: &Certificate, told: Certificate) -> Certificate {
    if before.retracted_on.is_some() {
        return Certificate { id: before.id, ..told };
    }
    Certificate {
        id: before.id,
        // Another spelling of the number would be a new version each time that the list is imported.
        number: before.number.clone(),
        // Importing the list again on another day must not make a new version.
        status_on: before.status_on,
        // A list names certificates past their end: with the same end it says nothing of the status.
        reported_status: if before.valid_until == told.valid_until {
            before.reported_status
        } else {
            told.reported_status
        },
        units: merged(&before.units, &told.units),
        product_name: before.product_name.clone(),
        ..told
    }
}

/// Two statements of units together: units of one name join their models.
fn merged(units: &[Unit], more: &[Unit]) -> Vec<Unit> {
    let mut units = units.to_vec();
    for unit in more {
        match units.iter_mut().find(|it| it.name == unit.name) {
            Some(same) => {
                let missing = unit.models.iter().filter(|model| !same.models.contains(model));
                let missing: Vec<_> = missing.cloned().collect();
                same.models.extend(missing);
            }
            None => units.push(unit.clone()),
        }
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 3, 2);

    fn row(product: &str, models: &[&str]) -> CityListRow {
        CityListRow {
            row: 1,
            enterprise: "大庆示例门窗有限公司".to_owned(),
            uscc: None,
            product: product.to_owned(),
            models: models.iter().map(|it| (*it).to_owned()).collect(),
            kind: "建筑门窗及配件".to_owned(),
            scheme: None,
            star: Star::try_from(3).ok(),
            number: "A-1".parse().unwrap(),
            issued_on: None,
            valid_until: date(2030, 6, 4),
            body: "示例认证".to_owned(),
        }
    }

    fn certificate(row: &CityListRow) -> Certificate {
        row.certificate(&"CNCA-R-2006-148".parse().unwrap(), kind("gbm-09").unwrap(), TODAY)
    }

    #[test]
    fn a_further_row_adds_a_unit_and_one_of_the_same_name_its_models() {
        let first = certificate(&row("窗", &["65"]));

        let other = row("门", &["80"]).joined(&first, "gbm-09").unwrap();
        let same = row("窗", &["65", "70"]).joined(&first, "gbm-09").unwrap();

        assert_eq!(other.units.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["窗", "门"]);
        assert_eq!(same.units[0].models, ["65", "70"]);
    }

    #[test]
    fn a_row_that_contradicts_the_one_before_names_its_columns() {
        let first = certificate(&row("窗", &["65"]));
        let later = CityListRow { valid_until: date(2031, 1, 1), star: None, ..row("窗", &["65"]) };

        let faults = later.joined(&first, "gbm-09").unwrap_err();

        assert_eq!(faults.iter().map(|it| it.pointer.as_str()).collect::<Vec<_>>(), ["有效期至", "认证等级"]);
    }

    #[test]
    fn a_kind_or_body_that_is_nearly_known_is_offered_and_not_taken() {
        let of = |kind: &str| CityListRow { kind: kind.to_owned(), ..row("窗", &[]) };
        assert_eq!(of("建筑门窗及配件").kind().unwrap().code, "gbm-09");
        assert_eq!(of("GBM-09").kind().unwrap().code, "gbm-09");
        let fault = of("建筑门窗").kind().unwrap_err();
        assert!(fault.allowed.contains(&"gbm-09 建筑门窗及配件".to_owned()), "{fault:?}");
        assert_eq!(of("").kind().unwrap_err().rule, Rule::Required);
        let other = CityListRow { scheme: Some(Scheme::GreenProduct), ..row("窗", &[]) };
        assert_eq!(other.kind().unwrap_err().rule, Rule::NotAllowed);

        let like = vec!["CNCA-R-2002-001 示例认证".to_owned()];
        let fault = CityListRow { body: "示例认证公司".to_owned(), ..row("窗", &[]) }.unknown_body(like.clone());
        assert_eq!((fault.rule, fault.allowed), (Rule::UnknownReference, like));
        assert_eq!(CityListRow { body: String::new(), ..row("窗", &[]) }.unknown_body(vec![]).rule, Rule::Required);
    }

    #[test]
    fn a_body_that_was_found_by_an_unverified_alias_is_told() {
        let number = "CNCA-R-2002-001".parse().unwrap();
        let found = NamedBody { number, name: "示例认证".to_owned(), unverified_alias: Some("SL".to_owned()) };

        let note = row("窗", &[]).doubtful_body(&found).unwrap();

        assert!(note.rule == Rule::UnverifiedName && note.detail.unwrap().zh.contains("CNCA-R-2002-001 示例认证"));
        assert_eq!(row("窗", &[]).doubtful_body(&NamedBody { unverified_alias: None, ..found }), None);
    }

    #[test]
    fn the_same_list_on_another_day_says_nothing_new() {
        let before = certificate(&row("窗", &["65"]));
        let again =
            row("窗", &["65"]).certificate(&before.certification_body, kind("gbm-09").unwrap(), date(2026, 5, 1));

        assert_eq!(restated(&before, again.clone()), before);
        let spelled_otherwise = Certificate { number: "a—1".parse().unwrap(), ..again };
        assert_eq!(restated(&before, spelled_otherwise), before);
    }
}
