//! The records of the demo: one that is real as far as it is known, and samples that say so.

use super::super::error::CliError;
use lvcai_domain::{
    Accreditation, AccreditedScope, Certificate, ClimateZone, OrganisationId, Party, Product, ProductId, ProductStatus,
    RecordSource, Scheme, Star, Unit,
};

/// 中国建筑科学研究院 CABR, the body of the one real certificate.
pub(super) const BODY: &str = "CNCA-R-2006-148";

/// What the demo's body may push. The real scope and period of its approval are not established.
pub(super) fn accreditation() -> Accreditation {
    Accreditation {
        valid_from: jiff::civil::date(2020, 1, 1),
        valid_until: jiff::civil::date(2035, 12, 31),
        scopes: vec![AccreditedScope { scheme: Scheme::StarCertification, kinds: Vec::new() }],
        source: "演示数据，未经核实".to_owned(),
        verified: false,
    }
}

fn product(enterprise: OrganisationId, name: &str, kind: &str, models: &[&str]) -> Product {
    Product {
        id: ProductId::mint(),
        enterprise,
        manufacturer: None,
        factory: None,
        name: name.to_owned(),
        kind: kind.to_owned(),
        models: models.iter().map(|&it| it.to_owned()).collect(),
        trademark: None,
        gtin: None,
        standards: Vec::new(),
        indicators: Vec::new(),
        status: ProductStatus::Admitted,
        record_source: RecordSource::Enterprise,
        sample: true,
    }
}

const SERIES: [&str; 4] = ["65系列", "70系列", "80系列", "90系列"];

pub(super) fn window(enterprise: OrganisationId) -> Product {
    product(enterprise, "玻纤增强聚氨酯内平开下悬窗", "gbm-09", &SERIES)
}

pub(super) fn board(enterprise: OrganisationId) -> Product {
    product(enterprise, "纸面石膏板（示例）", "gbm-24", &["示例型号-9.5"])
}

/// The one real green certificate whose number is established. Its holder's legal name is not.
pub(super) fn real_certificate() -> Result<Certificate, CliError> {
    let zones = vec![ClimateZone::Cold, ClimateZone::HotSummerColdWinter, ClimateZone::HotSummerWarmWinter];
    let models = SERIES.map(str::to_owned).to_vec();
    let unit = Unit {
        name: "65/70/80/90系列内平开下悬窗".to_owned(), models, climate_zones: zones, ..Unit::default()
    };
    let issued = jiff::civil::date(2025, 6, 5);
    Ok(Certificate {
        number: "CABR-01(02)-(2025)-CGP-035".parse()?,
        kind: "gbm-09".to_owned(),
        star: Some(Star::try_from(3)?),
        holder: Party::named("F1 Composite", None),
        product_name: "玻纤增强聚氨酯窗".to_owned(),
        units: vec![unit],
        standards: vec!["T/CECS 10026-2019".parse()?],
        issued_on: Some(issued),
        valid_until: jiff::civil::date(2030, 6, 4),
        status_on: issued,
        ..blank()?
    })
}

pub(super) fn sample_certificate() -> Result<Certificate, CliError> {
    let issued = jiff::civil::date(2026, 1, 5);
    Ok(Certificate {
        number: "SAMPLE-2026-001".parse()?,
        kind: "gbm-24".to_owned(),
        star: Some(Star::try_from(2)?),
        holder: Party::named("示例企业", None),
        product_name: "纸面石膏板（示例）".to_owned(),
        units: vec![Unit {
            name: "示例单元".to_owned(), models: vec!["示例型号-9.5".to_owned()], ..Unit::default()
        }],
        issued_on: Some(issued),
        valid_until: jiff::civil::date(2031, 1, 4),
        status_on: issued,
        ..blank()?
    })
}

fn blank() -> Result<Certificate, CliError> {
    let blank = Certificate::bare(BODY.parse()?, "SAMPLE".parse()?, jiff::civil::date(2026, 1, 1));
    Ok(Certificate { sample: true, ..blank })
}
