//! The records of the demo: one that is real as far as it is known, and samples that say so.
//!
//! Those that the document's examples name have fixed identifiers, so that every example can be sent as it stands.

use super::super::error::CliError;
use lvcai_domain::city_list::CityListRow;
use lvcai_domain::{
    Accreditation, AccreditedScope, Certificate, ClimateZone, Inspection, ItemConclusion, Laboratory, OrganisationId,
    Party, Product, ProductStatus, RecordSource, ReportConclusion, ReportItem, Scheme, Star, TestReport,
    TestReportStatus, Unit,
};
use uuid::Uuid;

/// The list of the demo.
pub(super) const LIST: &str = "green-building-materials";

/// The authority of the demo.
pub(super) const AUTHORITY: &str = "大庆市工业和信息化局（演示）";

/// The clients of the demo: the number of their identifiers, their names, and what their tokens may do.
pub(super) const CLIENTS: [(u128, &str, &str); 6] = [
    (0x07, "certification-body", "certificates:push evidence:write evidence:confirm"),
    (0x71, "enterprise", "organisations:write products:write evidence:write clients:manage"),
    (
        0x72,
        "drafter",
        "organisations:write products:write products:admit evidence:write evidence:confirm lists:open publications:draft publications:publish imports:undo",
    ),
    (0x73, "approver", "publications:approve publications:publish"),
    (0x74, "laboratory", "reports:push"),
    (0x75, "auditor", "read:private"),
];

/// 中国建筑科学研究院 CABR, the body of the one real certificate.
pub(super) const BODY: &str = "CNCA-R-2006-148";

/// The laboratory of the demo.
pub(super) const LABORATORY: &str = "230800020001";

/// The enterprise of the samples, and its unified social credit code.
pub(super) const FIRM: (&str, &str) = ("大庆示例门窗有限公司", "91230607716675409L");

/// The identifier of the examples that ends in a number.
pub(super) fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number).into()
}

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

fn product(number: u128, enterprise: OrganisationId, name: &str, (kind, models): (&str, &[&str])) -> Product {
    Product {
        id: id(number),
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
    product(0x31, enterprise, "玻纤增强聚氨酯内平开下悬窗", ("gbm-09", &SERIES))
}

pub(super) fn board(enterprise: OrganisationId) -> Product {
    product(0x34, enterprise, "纸面石膏板（示例）", ("gbm-24", &["示例型号-9.5"]))
}

pub(super) fn sample_window(enterprise: OrganisationId) -> Product {
    let gtin = "06291041500213".parse().ok();
    Product { gtin, ..product(0x02, enterprise, "65系列内平开塑料窗（示例）", ("gbm-09", &["65系列"])) }
}

/// A product that waits for the authority.
pub(super) fn draft(enterprise: OrganisationId) -> Product {
    let product = product(0x12, enterprise, "70系列内平开塑料窗（示例）", ("gbm-09", &["70系列"]));
    Product { status: ProductStatus::Draft, ..product }
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
        id: id(0x32),
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

pub(super) fn board_certificate() -> Result<Certificate, CliError> {
    Ok(Certificate {
        id: id(0x35),
        number: "SAMPLE-2026-001".parse()?,
        kind: "gbm-24".to_owned(),
        star: Some(Star::try_from(2)?),
        holder: Party::named("示例企业", None),
        product_name: "纸面石膏板（示例）".to_owned(),
        units: vec![Unit {
            name: "示例单元".to_owned(), models: vec!["示例型号-9.5".to_owned()], ..Unit::default()
        }],
        ..blank()?
    })
}

/// A certificate of the samples' enterprise: what the document's example of a push states.
pub(super) fn sample_certificate(number: u128) -> Result<Certificate, CliError> {
    let unit = Unit {
        name: "65系列内平开窗".to_owned(),
        models: vec!["65系列".to_owned()],
        climate_zones: vec![ClimateZone::SevereCold, ClimateZone::Cold],
        ..Unit::default()
    };
    Ok(Certificate {
        id: id(number),
        number: format!("SAMPLE-2026-0{number:02x}").parse()?,
        kind: "gbm-09".to_owned(),
        star: Some(Star::try_from(3)?),
        holder: Party::named(FIRM.0, FIRM.1.parse().ok()),
        product_name: "内平开塑料窗（示例）".to_owned(),
        units: vec![unit],
        standards: vec!["T/CECS 10026-2019".parse()?],
        ..blank()?
    })
}

fn blank() -> Result<Certificate, CliError> {
    let issued = jiff::civil::date(2026, 1, 5);
    let blank = Certificate::bare(BODY.parse()?, "SAMPLE".parse()?, jiff::civil::date(2031, 1, 4));
    Ok(Certificate { issued_on: Some(issued), status_on: issued, sample: true, ..blank })
}

pub(super) fn laboratory(organisation: OrganisationId) -> Result<Laboratory, CliError> {
    Ok(Laboratory {
        cma_number: LABORATORY.parse()?,
        name: "黑龙江示例建筑材料检测有限公司".to_owned(),
        organisation,
        cnas_number: Some("CNAS L0001".parse()?),
        valid_from: jiff::civil::date(2023, 6, 1),
        valid_until: jiff::civil::date(2029, 5, 31),
        source: Some("演示数据".to_owned()),
        sample: true,
    })
}

/// A report on the samples' window.
pub(super) fn report(number: u128, report: &str) -> Result<TestReport, CliError> {
    let item = ReportItem {
        name: "传热系数".to_owned(),
        method: "GB/T 8484-2020".to_owned(),
        unit: Some("W/(m²·K)".to_owned()),
        required: Some("≤ 1.5".to_owned()),
        value: "1.30".to_owned(),
        number: Some("1.30".parse()?),
        conclusion: ItemConclusion::Pass,
    };
    Ok(TestReport {
        id: id(number),
        laboratory: LABORATORY.parse()?,
        number: report.parse()?,
        sample_name: "内平开塑料窗（示例）".to_owned(),
        models: vec!["65系列".to_owned()],
        client: Party::named(FIRM.0, FIRM.1.parse().ok()),
        manufacturer: None,
        inspection: Inspection::Commissioned,
        sampled_on: Some(jiff::civil::date(2026, 1, 5)),
        tested_from: None,
        tested_until: None,
        issued_on: jiff::civil::date(2026, 1, 15),
        valid_until: None,
        standards: vec!["GB/T 7106-2019".parse()?, "GB/T 8484-2020".parse()?],
        items: vec![item],
        conclusion: ReportConclusion::Pass,
        status: TestReportStatus::Issued,
        supersedes: None,
        void_note: None,
        voided_on: None,
    })
}

/// The one row of the list that the demo imports.
pub(super) fn row() -> Result<CityListRow, CliError> {
    Ok(CityListRow {
        row: 1,
        enterprise: "大庆示例石膏板有限公司".to_owned(),
        uscc: None,
        product: "纸面石膏板（名单示例）".to_owned(),
        models: vec!["示例型号-12".to_owned()],
        kind: "gbm-24".to_owned(),
        scheme: None,
        star: Some(Star::try_from(1)?),
        number: "SAMPLE-2026-LIST-1".parse()?,
        issued_on: Some(jiff::civil::date(2026, 1, 5)),
        valid_until: jiff::civil::date(2031, 1, 4),
        body: BODY.to_owned(),
    })
}
