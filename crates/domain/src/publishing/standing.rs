//! How a listing follows the certificates and test reports it rests on.
//!
//! A certificate may be known to change on a day to come, and a step may be told late. So a listing is followed day
//! by day: it says of each what then holds of all that it rests on.

use crate::conformity::certificate::{ReportedStatus, Unit};
use crate::conformity::evidence::{Evidence, Proof, proven};
use crate::conformity::test_report::{ReportConclusion, TestReportStatus};
use crate::product::Product;
use crate::publishing::publication::{Listing, ListingGround, ListingStatus};
use crate::timeline::Timeline;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// What a listing rests on: one evidence and what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Support {
    /// The evidence as it is now.
    pub evidence: Evidence,
    /// Its certificate or its test report, with what is known of it to come.
    pub proof: Timeline<Proof>,
}

impl Support {
    /// The days on which something of it changes.
    fn days(&self) -> impl Iterator<Item = Date> {
        let cancelled = self.proof.versions().flat_map(|proof| match proof {
            Proof::Certificate(it) => it.units.iter().flat_map(Unit::cancellations).collect(),
            Proof::TestReport(_) => Vec::new(),
        });
        self.proof.days().chain(cancelled).chain(self.evidence.ended_on)
    }
}

/// A version that a listing gets, beside the standing that was to hold from its day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// The standing before.
    pub before: ListingStatus,
    /// The listing as it holds from its `effective_on`.
    pub after: Listing,
}

/// How a listing goes on when something that it rests on has changed from a day on: its new versions, in order.
///
/// It is told anew from that day, never from before its present standing began, until all that is known of the
/// days to come is told. Removed is final once its day has come: only a publication lists a product again.
pub fn follow(
    mut timeline: Timeline<Listing>,
    product: &Product,
    supports: &[Support],
    (from, today): (Date, Date),
) -> Vec<Followed> {
    let Some((since, now)) = timeline.on(today) else { return Vec::new() };
    if now.status == ListingStatus::Removed {
        return Vec::new();
    }
    let start = from.max(since);
    let mut days: BTreeSet<Date> = supports.iter().flat_map(Support::days).chain(timeline.days()).collect();
    days.insert(start);
    let mut told = Vec::new();
    for day in days.split_off(&start) {
        let Some((_, before)) = timeline.on(day) else { continue };
        let Standing { status, ground, valid_until } = standing(product, supports, day);
        let valid_until = valid_until.unwrap_or(before.valid_until);
        let after = Listing { status, ground, valid_until, ..before.clone() };
        if after != *before {
            let after = Listing { effective_on: day, ..after };
            told.push(Followed { before: before.status, after: after.clone() });
            timeline.push(day, after);
        }
        if status == ListingStatus::Removed {
            break;
        }
    }
    told
}

/// Where a product stands by all that it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Standing {
    /// Whether it stands.
    status: ListingStatus,
    /// Why it does not.
    ground: Option<ListingGround>,
    /// The last day of what it rests on; `None` when nothing can come back.
    valid_until: Option<Date>,
}

/// The standing of a product on a day by what it rests on: it stands while one support
/// stands, is suspended while one may still come back, and is removed when none can.
fn standing(product: &Product, supports: &[Support], on: Date) -> Standing {
    let judge = |it: &Support| {
        let (_, proof) = it.proof.on(on)?;
        Some((ground(product, &it.evidence, proof, on), it.evidence.valid_until(proof)))
    };
    let judged: Vec<_> = supports.iter().filter_map(judge).collect();
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
    matches!(ground, ListingGround::CertificateSuspended | ListingGround::NotCovered | ListingGround::HolderChanged)
}

/// Why one support does not stand on a day, if it does not.
fn ground(product: &Product, evidence: &Evidence, proof: &Proof, on: Date) -> Option<ListingGround> {
    if !evidence.counts(on) {
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
        Proof::TestReport(report) if report.conclusion == ReportConclusion::Fail => Some(ListingGround::ReportFailed),
        Proof::TestReport(_) => None,
    };
    let changed = || (!evidence.is_of_its_holder(proof)).then_some(ListingGround::HolderChanged);
    gone.or_else(changed).or_else(|| proven(proof, product, evidence, on).err().map(|_| ListingGround::NotCovered))
}
