//! What a row of a list states about a certificate and a product.

use super::{Row, Upsert};
use jiff::civil::Date;
use lvcai_domain::reference::{self, Taxonomy};
use lvcai_domain::{
    ApprovalNumber, Certificate, CertificateId, Fault, Organisation, OrganisationId, Party, Product, ProductId,
    ProductStatus, RecordSource, ReportedStatus, Role, Rule, Scheme, Unit,
};

/// A further row of a certificate that the file has named before: another unit of it.
pub(super) fn joined(told: &Upsert<Certificate>, row: &Row, kind: &str) -> Result<Upsert<Certificate>, Vec<Fault>> {
    let after = &told.after;
    if after.record_source == RecordSource::Body {
        return Ok(told.clone());
    }
    let mut faults = Vec::new();
    faults.extend((after.valid_until != row.valid_until).then(|| Fault::new("有效期至", Rule::Duplicate)));
    faults.extend((after.star != row.star).then(|| Fault::new("认证等级", Rule::Duplicate)));
    faults.extend((after.kind != kind).then(|| Fault::new("产品类别", Rule::Duplicate)));
    if !faults.is_empty() {
        return Err(faults);
    }
    let units = merged(&after.units, &[unit(row)]);
    Ok(Upsert { before: told.before.clone(), after: Certificate { units, ..after.clone() } })
}

/// Two statements of units together: units of one name join their models.
pub(super) fn merged(units: &[Unit], more: &[Unit]) -> Vec<Unit> {
    let mut units = units.to_vec();
    for unit in more {
        match units.iter_mut().find(|it| it.name == unit.name) {
            Some(same) => {
                let missing: Vec<_> =
                    unit.models.iter().filter(|model| !same.models.contains(model)).cloned().collect();
                same.models.extend(missing);
            }
            None => units.push(unit.clone()),
        }
    }
    units
}

fn unit(row: &Row) -> Unit {
    Unit { name: row.product.clone(), models: row.models.clone(), ..Unit::default() }
}

/// What a row says of its certificate.
pub(super) fn stated(row: &Row, body: &ApprovalNumber, kind: &reference::Kind, today: Date) -> Certificate {
    let scheme = match kind.taxonomy {
        Taxonomy::GreenBuildingMaterialCertification => Scheme::StarCertification,
        Taxonomy::GreenProductCertification => Scheme::GreenProduct,
    };
    Certificate {
        id: CertificateId::mint(),
        certification_body: body.clone(),
        number: row.number.clone(),
        scheme,
        kind: kind.code.clone(),
        star: row.star,
        holder: Party::named(row.enterprise.clone(), row.uscc.clone()),
        manufacturer: None,
        factory: None,
        product_name: row.product.clone(),
        units: vec![unit(row)],
        standards: Vec::new(),
        first_issued_on: None,
        issued_on: row.issued_on,
        reissued_on: None,
        valid_until: row.valid_until,
        reported_status: ReportedStatus::Valid,
        status_on: row.issued_on.unwrap_or(today),
        status_reason: None,
        suspension_planned_end: None,
        factory_site: None,
        product_name_en: None,
        technical_requirements: None,
        certification_mode: None,
        mutual_recognition: None,
        project_number: None,
        hs_code: None,
        decided_on: None,
        change_reason: None,
        predecessor: None,
        attachments: Vec::new(),
        remark: None,
        correction: None,
        record_source: RecordSource::CityList,
        sample: false,
    }
}

/// The product of a row, admitted since the city has published it.
pub(super) fn admitted(row: &Row, owner: OrganisationId, kind: &str) -> Product {
    Product {
        id: ProductId::mint(),
        enterprise: owner,
        manufacturer: None,
        factory: None,
        name: row.product.clone(),
        kind: kind.to_owned(),
        models: row.models.clone(),
        trademark: None,
        gtin: None,
        standards: Vec::new(),
        indicators: Vec::new(),
        status: ProductStatus::Admitted,
        record_source: RecordSource::CityList,
        sample: false,
    }
}

/// The enterprise of a row, as far as a list tells.
pub(super) fn enterprise(row: &Row) -> Organisation {
    Organisation {
        uscc: row.uscc.clone(),
        source: Some("城市公布的清单".to_owned()),
        ..Organisation::named(&row.enterprise, Role::Enterprise)
    }
}
