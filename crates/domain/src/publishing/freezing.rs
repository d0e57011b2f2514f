//! What a publication freezes of a product, and whether it still is so when it is published.

use super::publication::PublicationEntry;
use crate::conformity::evidence::{Proof, Qualification};
use crate::conformity::holder::Holder;
use crate::product::Product;

impl PublicationEntry {
    /// What a publication freezes of a product, by the best of what qualifies it. Its place is given later.
    pub fn freeze(product: &Product, product_version: i32, enterprise_name: String, best: &Qualification) -> Self {
        let Qualification { evidence, proof, version, valid_until } = best;
        let entry = Self {
            position: 0,
            product: product.id,
            product_version,
            product_name: product.name.clone(),
            kind: product.kind.clone(),
            models: if evidence.models.is_empty() { product.models.clone() } else { evidence.models.clone() },
            enterprise: product.enterprise,
            enterprise_name,
            evidence: evidence.id,
            certificate: None,
            certificate_version: None,
            certificate_number: None,
            holder: Some(proof.parties().holder.into()),
            distinct_holder: evidence.distinct_holder.clone(),
            certification_body: None,
            scheme: proof.scheme(),
            test_report: None,
            test_report_version: None,
            test_report_number: None,
            laboratory: None,
            star: proof.star(),
            valid_until: *valid_until,
        };
        match proof {
            Proof::Certificate(certificate) => Self {
                certificate: Some(certificate.id),
                certificate_version: Some(*version),
                certificate_number: Some(certificate.number.clone()),
                certification_body: Some(certificate.certification_body.clone()),
                ..entry
            },
            Proof::TestReport(report) => Self {
                test_report: Some(report.id),
                test_report_version: Some(*version),
                test_report_number: Some(report.number.clone()),
                laboratory: Some(report.laboratory.clone()),
                ..entry
            },
        }
    }

    /// Whether one of what qualifies the product now is what was frozen: what was approved is published, or nothing.
    pub fn still_stands(&self, by: &[Qualification]) -> bool {
        by.iter().any(|it| {
            let says = (it.proof.scheme(), it.proof.star(), it.valid_until);
            let held = Some(Holder::from(it.proof.parties().holder)) == self.holder;
            held && it.evidence.id == self.evidence && says == (self.scheme, self.star, self.valid_until)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformity::certificate::Certificate;
    use crate::conformity::certificate::tests::certificate;
    use crate::conformity::evidence::{Evidence, EvidenceStatus};
    use crate::ids::{EvidenceId, OrganisationId, ProductId};
    use crate::product::ProductStatus;
    use crate::values::RecordSource;
    use crate::values::Star;
    use jiff::civil::date;

    fn product() -> Product {
        Product {
            id: ProductId::mint(),
            enterprise: OrganisationId::mint(),
            manufacturer: None,
            factory: None,
            name: "窗".to_owned(),
            kind: "gbm-09".to_owned(),
            models: vec!["65".to_owned(), "70".to_owned()],
            trademark: None,
            gtin: None,
            standards: Vec::new(),
            indicators: Vec::new(),
            status: ProductStatus::Admitted,
            record_source: RecordSource::CertificationBody,
            sample: false,
        }
    }

    fn qualification(product: &Product, certificate: Certificate, models: &[&str]) -> Qualification {
        let evidence = Evidence {
            id: EvidenceId::mint(),
            product: product.id,
            certificate: Some(certificate.id),
            test_report: None,
            kind: None,
            models: models.iter().map(|it| (*it).to_owned()).collect(),
            status: EvidenceStatus::Confirmed,
            holder: None,
            distinct_holder: None,
            claimed_by: OrganisationId::mint(),
            decided_by: None,
            effective_on: date(2026, 1, 1),
            valid_until: None,
            ended_on: None,
        };
        Qualification::of(product, evidence, (Proof::from(certificate), 3), date(2026, 6, 1)).unwrap()
    }

    #[test]
    fn an_entry_freezes_the_models_of_the_evidence_or_all_of_the_product() {
        let product = product();

        let some =
            PublicationEntry::freeze(&product, 2, String::new(), &qualification(&product, certificate(), &["65"]));
        let all = PublicationEntry::freeze(&product, 2, String::new(), &qualification(&product, certificate(), &[]));

        assert_eq!((some.models.as_slice(), some.certificate_version), (["65".to_owned()].as_slice(), Some(3)));
        assert_eq!(all.models, product.models);
    }

    #[test]
    fn what_was_approved_stands_no_more_once_its_certificate_says_otherwise() {
        let product = product();
        let frozen = qualification(&product, certificate(), &[]);
        let entry = PublicationEntry::freeze(&product, 2, String::new(), &frozen);
        let shorter = Certificate { valid_until: date(2027, 1, 1), ..certificate() };
        let changed = qualification(&product, shorter, &[]);
        let changed = Qualification { evidence: frozen.evidence.clone(), ..changed };

        assert!(entry.still_stands(&[changed.clone(), frozen]));
        assert!(!entry.still_stands(&[changed]));
    }

    #[test]
    fn of_two_that_qualify_the_one_with_more_stars_is_frozen() {
        let product = product();
        let two = qualification(&product, Certificate { star: Star::try_from(2).ok(), ..certificate() }, &[]);
        let three = qualification(&product, certificate(), &[]);

        let mut by = [two, three.clone()];
        by.sort_by_key(Qualification::rank);

        assert_eq!(by[0].evidence.id, three.evidence.id);
    }
}
