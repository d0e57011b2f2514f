//! Evidence: the link that makes a product green.
//!
//! A product is green only through a confirmed evidence whose certificate or
//! test report covers its kind and models; either alone says nothing of a product.

use crate::conformity::certificate::Certificate;
use crate::conformity::holder::{Holder, NamedParties};
use crate::conformity::test_report::TestReport;
use crate::ids::{CertificateId, EvidenceId, OrganisationId, ProductId, TestReportId};
use crate::product::Product;
use crate::values::models::{has, stated};
use crate::values::{Scheme, Star};
use crate::wire_names::wire_names;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

wire_names! {
    /// How far an evidence has come.
    pub enum EvidenceStatus named by name {
        /// Claimed by the enterprise; seen by it, the body and the authority.
        Proposed "proposed",
        /// Confirmed by the body or the authority; public.
        Confirmed "confirmed",
        /// Refused by the body or the authority.
        Rejected "rejected",
        /// Confirmed once, and ended.
        Ended "ended",
    }
}

impl EvidenceStatus {
    /// The step that leads here, by its name on the wire.
    pub const fn step(self) -> &'static str {
        match self {
            Self::Proposed => "propose",
            Self::Confirmed => "confirm",
            Self::Rejected => "reject",
            Self::Ended => "end",
        }
    }

    /// What may follow.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Proposed => &[Self::Confirmed, Self::Rejected],
            Self::Confirmed => &[Self::Ended],
            Self::Rejected | Self::Ended => &[],
        }
    }
}

/// An evidence
///
/// That a certificate or a test report covers a product: claimed by one, confirmed by another. It names exactly one of
/// the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// Names the evidence.
    pub id: EvidenceId,
    /// The product that it makes green.
    pub product: ProductId,
    /// The certificate that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateId>,
    /// The test report that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_report: Option<TestReportId>,
    /// The kind for which the authority confirmed a test report, which names none itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "gbm-09")]
    pub kind: Option<String>,
    /// The models of the product that it covers. Empty when it covers them all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// How far it has come.
    pub status: EvidenceStatus,
    /// Whose certificate or test report it is. Once that is another firm's, it proves the product no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
    /// Why it proves the product although it is another firm's, as who confirmed it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "委托生产：证书持有人为委托方")]
    pub distinct_holder: Option<String>,
    /// Who claimed it.
    pub claimed_by: OrganisationId,
    /// Who decided on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<OrganisationId>,
    /// The day from which it counts.
    pub effective_on: Date,
    /// The last day on which a confirmed test report counts, inclusive, as the authority states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// The first day on which it no longer counts, once ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_on: Option<Date>,
}

/// What stands behind an evidence, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// A certificate.
    Certificate(CertificateId),
    /// A test report.
    TestReport(TestReportId),
}

impl Source {
    /// Its identifier.
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Certificate(id) => id.uuid(),
            Self::TestReport(id) => id.uuid(),
        }
    }
}

/// What stands behind an evidence, as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// A certificate.
    Certificate(Box<Certificate>),
    /// A test report.
    TestReport(Box<TestReport>),
}

impl From<Certificate> for Proof {
    fn from(certificate: Certificate) -> Self {
        Self::Certificate(Box::new(certificate))
    }
}

impl From<TestReport> for Proof {
    fn from(report: TestReport) -> Self {
        Self::TestReport(Box::new(report))
    }
}

impl Evidence {
    /// What it rests on; a certificate where both were named, which never is.
    pub fn source(&self) -> Option<Source> {
        let certificate = self.certificate.map(Source::Certificate);
        certificate.or_else(|| self.test_report.map(Source::TestReport))
    }

    /// Whether what it rests on is still that of the firm that held it when it was claimed or confirmed.
    pub fn is_of_its_holder(&self, proof: &Proof) -> bool {
        self.holder.as_ref().is_none_or(|holder| holder.is(proof.parties().holder))
    }

    /// Whether it counts on a day, whatever becomes of what it rests on.
    pub fn counts(&self, on: Date) -> bool {
        match self.status {
            EvidenceStatus::Confirmed => self.effective_on <= on,
            EvidenceStatus::Ended => self.effective_on <= on && self.ended_on.is_some_and(|end| on < end),
            EvidenceStatus::Proposed | EvidenceStatus::Rejected => false,
        }
    }

    /// The last day on which it can count, by what it rests on.
    pub fn valid_until(&self, proof: &Proof) -> Date {
        match proof {
            Proof::Certificate(certificate) => certificate.last_day(),
            // The authority has stated a last day. A report that was amended afterwards may end earlier, and that day
            // counts.
            Proof::TestReport(report) => {
                let stated = self.valid_until.unwrap_or(report.issued_on);
                report.valid_until.map_or(stated, |day| day.min(stated))
            }
        }
    }
}

impl Proof {
    /// The parties that it names.
    pub fn parties(&self) -> NamedParties<'_> {
        let (holder, manufacturer, factory) = match self {
            Self::Certificate(it) => (&it.holder, it.manufacturer.as_ref(), it.factory.as_ref()),
            Self::TestReport(it) => (&it.client, it.manufacturer.as_ref(), None),
        };
        NamedParties { holder, manufacturer, factory }
    }

    /// The scheme, which a certificate alone has.
    pub fn scheme(&self) -> Option<Scheme> {
        match self {
            Self::Certificate(certificate) => Some(certificate.scheme),
            Self::TestReport(_) => None,
        }
    }

    /// The star, which a certificate alone may have.
    pub fn star(&self) -> Option<Star> {
        match self {
            Self::Certificate(certificate) => certificate.star,
            Self::TestReport(_) => None,
        }
    }
}

/// Why a certificate or a test report does not cover a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// They are of different kinds.
    Kind,
    /// A model is named that the product, or what the evidence rests on, does not have.
    Model(String),
}

/// Whether `certificate` covers `product` in `models` (all of its models when empty) on a day.
///
/// A certificate that names no model covers its kind as a whole.
///
/// # Errors
///
/// [`Gap::Kind`] when the kinds differ or all that the certificate named is cancelled by that day; [`Gap::Model`] with
/// the first model that the product does not have or the certificate does not cover on that day.
pub fn covers(certificate: &Certificate, product: &Product, models: &[String], on: Date) -> Result<(), Gap> {
    if certificate.kind != product.kind {
        return Err(Gap::Kind);
    }
    all_named(product, models, |model| certificate.covers(model, on))?;
    // All the units that it named are cancelled.
    if certificate.is_void(on) { Err(Gap::Kind) } else { Ok(()) }
}

/// Whether `report` covers `product` in `models` (all of its models when empty).
///
/// A report that names no model covers the product as a whole. It names no kind either: that of the product is the
/// authority's to confirm, and `kind` is what it confirmed, once it has.
///
/// # Errors
///
/// [`Gap::Kind`] when another kind was confirmed; [`Gap::Model`] with the first model that the product does not have
/// or the report does not name.
pub fn report_covers(report: &TestReport, product: &Product, models: &[String], kind: Option<&str>) -> Result<(), Gap> {
    if kind.is_some_and(|kind| kind != product.kind) {
        return Err(Gap::Kind);
    }
    all_named(product, models, |model| stated(&report.models).next().is_none() || has(&report.models, model))
}

/// Whether what an evidence rests on covers its product on a day, as both are.
///
/// # Errors
///
/// That of [`covers`] for a certificate, that of [`report_covers`] for a report.
pub fn proven(proof: &Proof, product: &Product, evidence: &Evidence, on: Date) -> Result<(), Gap> {
    match proof {
        Proof::Certificate(certificate) => covers(certificate, product, &evidence.models, on),
        Proof::TestReport(report) => report_covers(report, product, &evidence.models, evidence.kind.as_deref()),
    }
}

fn all_named(product: &Product, models: &[String], covered: impl Fn(&str) -> bool) -> Result<(), Gap> {
    let named = if stated(models).next().is_none() { &product.models } else { models };
    match stated(named).find(|model| !has(&product.models, model) || !covered(model)) {
        Some(model) => Err(Gap::Model(model.clone())),
        None => Ok(()),
    }
}

/// What qualifies a product: an evidence, with what it rests on and the version of that.
#[derive(Debug, Clone)]
pub struct Qualification {
    /// The evidence.
    pub evidence: Evidence,
    /// Its certificate or test report.
    pub proof: Proof,
    /// The version of the certificate or test report.
    pub version: i32,
    /// The last day on which it can count.
    pub valid_until: Date,
}

impl Qualification {
    /// An evidence as what qualifies a product on a day: if what it rests on covers the product, has not ended and is
    /// no other firm's.
    pub fn of(product: &Product, evidence: Evidence, (proof, version): (Proof, i32), on: Date) -> Option<Self> {
        let valid_until = evidence.valid_until(&proof);
        let holds = on <= valid_until && evidence.is_of_its_holder(&proof);
        let qualifies = holds && proven(&proof, product, &evidence, on).is_ok();
        qualifies.then_some(Self { evidence, proof, version, valid_until })
    }

    /// What the best of several is sorted by: most stars, then the latest end; identifiers settle what is left.
    pub fn rank(&self) -> impl Ord + use<> {
        (std::cmp::Reverse((self.proof.star(), self.valid_until)), self.evidence.id)
    }
}
