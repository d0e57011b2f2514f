//! How a listing follows the certificates and test reports it rests on.

use crate::evidence::{Proof, proven};
use crate::{
    Evidence, EvidenceStatus, ListingGround, ListingStatus, Product, ReportVerdict, ReportedStatus, TestReportStatus,
};
use jiff::civil::Date;

/// What a listing rests on: one evidence and what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Support {
    /// The evidence as it is now.
    pub evidence: Evidence,
    /// Its certificate or its test report as it is now.
    pub proof: Proof,
}

/// Where a product stands by all that it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether it stands.
    pub status: ListingStatus,
    /// Why it does not.
    pub ground: Option<ListingGround>,
    /// The last day of what it rests on; `None` when nothing can come back.
    pub valid_until: Option<Date>,
}

/// The standing of a product by what it rests on: it stands while one support
/// stands, is suspended while one may still come back, and is removed when none can.
pub fn standing(product: &Product, supports: &[Support]) -> Standing {
    let judged: Vec<_> = supports.iter().map(|it| (ground(product, it), it.evidence.valid_until(&it.proof))).collect();
    let last = |wanted: fn(Option<ListingGround>) -> bool| {
        judged.iter().filter(|(ground, _)| wanted(*ground)).map(|(_, day)| *day).max()
    };
    if let Some(day) = last(|ground| ground.is_none()) {
        return Standing { status: ListingStatus::Listed, ground: None, valid_until: Some(day) };
    }
    if let Some(day) = last(|ground| ground.is_some_and(may_come_back)) {
        let ground = judged.iter().find_map(|(ground, _)| ground.filter(|it| may_come_back(*it)));
        return Standing { status: ListingStatus::Suspended, ground, valid_until: Some(day) };
    }
    let ground = judged.last().and_then(|(ground, _)| *ground).or(Some(ListingGround::EvidenceEnded));
    Standing { status: ListingStatus::Removed, ground, valid_until: None }
}

const fn may_come_back(ground: ListingGround) -> bool {
    matches!(ground, ListingGround::CertificateSuspended | ListingGround::NotCovered)
}

/// Why one support does not stand, if it does not.
fn ground(product: &Product, support: &Support) -> Option<ListingGround> {
    let Support { evidence, proof } = support;
    if evidence.status != EvidenceStatus::Confirmed {
        return Some(ListingGround::EvidenceEnded);
    }
    let gone = match proof {
        Proof::Certificate(certificate) => match certificate.reported_status {
            ReportedStatus::Valid => None,
            ReportedStatus::Suspended => Some(ListingGround::CertificateSuspended),
            ReportedStatus::Withdrawn => Some(ListingGround::CertificateWithdrawn),
            ReportedStatus::Cancelled => Some(ListingGround::CertificateCancelled),
            ReportedStatus::Expired => Some(ListingGround::CertificateExpired),
        },
        Proof::TestReport(report) if report.status == TestReportStatus::Voided => Some(ListingGround::ReportVoided),
        Proof::TestReport(report) if report.verdict == ReportVerdict::Fail => Some(ListingGround::ReportFailed),
        Proof::TestReport(_) => None,
    };
    gone.or_else(|| proven(proof, product, evidence).err().map(|_| ListingGround::NotCovered))
}
