//! How a question is judged by the facts that were gathered for it.

use super::{ComparisonResult, Eligibility, Question, Reason, ReasonCode, Sourced, Terms, Verdict};
use crate::conformity::certificate::{Certificate, ReportedStatus, Unit};
use crate::conformity::evidence::{Evidence, Gap, Proof, proven};
use crate::conformity::test_report::{ReportConclusion, TestReport, TestReportStatus};
use crate::product::Product;
use crate::publishing::{Listing, ListingStatus};
use crate::spelling::says_nothing;
use crate::values::models;
use jiff::civil::Date;

/// What comes of comparing what a question names with what something covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Comparison {
    /// The question names nothing, and something is covered.
    Unasked,
    /// There is nothing to compare with, or not for all that is asked about.
    Nothing,
    /// It is covered.
    Same,
    /// It is not, for this reason; these models look like it.
    Differs(ReasonCode, Vec<String>),
}

impl Question {
    /// The model at hand, where one is named: `/` and `详见附件` are none.
    fn named_model(&self) -> Option<&str> {
        self.model.as_deref().filter(|it| !says_nothing(it))
    }

    /// Whether it names something that a certificate may not cover.
    pub fn names_scope(&self) -> bool {
        self.named_model().is_some() || self.climate_zone.is_some()
    }

    /// A verdict on it, which says that nothing was compared where something was named and nothing came of it.
    #[must_use]
    pub fn answered(&self, verdict: Verdict) -> Verdict {
        let nothing = self.names_scope() && verdict.comparison == ComparisonResult::NotAsked;
        Verdict { comparison: if nothing { ComparisonResult::NotCompared } else { verdict.comparison }, ..verdict }
    }

    /// Compares all that it names with the units of a certificate: one unit must cover all of it.
    pub(super) fn compare(&self, units: &[Unit], on: Date) -> Comparison {
        let model = |unit: &&Unit| self.named_model().is_none_or(|it| unit.covers(it, on));
        let zone = |unit: &&Unit| self.climate_zone.is_none_or(|it| unit.serves(it, on));
        let left = || units.iter().filter(|it| !it.is_over(on));
        let covering: Vec<&Unit> = left().filter(|unit| model(unit) && zone(unit)).collect();
        if !units.is_empty() && covering.is_empty() {
            return self.differs(left().any(|unit| model(&unit)), left().flat_map(|unit| unit.left(on)));
        }
        let says_so = |unit: &&Unit| {
            (self.named_model().is_none() || unit.names_models())
                && (self.climate_zone.is_none() || !unit.climate_zones.is_empty())
        };
        match self.names_scope() {
            false => Comparison::Unasked,
            true if covering.iter().any(says_so) => Comparison::Same,
            true => Comparison::Nothing,
        }
    }

    fn differs<'a>(&self, covers_model: bool, left: impl Iterator<Item = &'a String>) -> Comparison {
        if covers_model {
            return Comparison::Differs(ReasonCode::ClimateZoneNotCovered, Vec::new());
        }
        let left: Vec<String> = left.cloned().collect();
        let alike = self.named_model().map(|it| models::alike(&left, it).cloned().collect());
        Comparison::Differs(ReasonCode::ModelNotCovered, alike.unwrap_or_default())
    }

    /// Compares the model with those for which an evidence was confirmed.
    fn compare_claim(&self, evidence: &Evidence, product: &Product) -> Comparison {
        let claimed = models::stated(&evidence.models).next().is_some();
        let claimed = if claimed { &evidence.models } else { &product.models };
        let Some(model) = self.named_model() else { return Comparison::Unasked };
        if models::stated(claimed).next().is_none() {
            Comparison::Nothing
        } else if models::has(claimed, model) {
            Comparison::Same
        } else {
            self.differs(false, claimed.iter())
        }
    }
}

impl Verdict {
    /// Adds what is known of the certificate, as it was on the day where that is known.
    #[must_use]
    pub fn with_certificate(self, certificate: &Certificate) -> Self {
        Self {
            certificate: Some(certificate.id),
            certificate_number: Some(certificate.number.clone()),
            certification_body: Some(certificate.certification_body.clone()),
            holder: Some((&certificate.holder).into()),
            product_name: Some(certificate.product_name.clone()),
            record_source: Some(certificate.record_source),
            reported_status: Some(certificate.reported_status),
            star: certificate.star,
            sample: self.sample || certificate.sample,
            valid_until: Some(certificate.last_day()),
            ..self
        }
    }

    /// Adds what came of comparing what the question names: it decides about what would be eligible without.
    pub(super) fn compared(mut self, comparison: Comparison) -> Self {
        self.comparison = match &comparison {
            Comparison::Unasked => return self,
            Comparison::Nothing => ComparisonResult::NotCompared,
            Comparison::Same | Comparison::Differs(..) => ComparisonResult::Compared,
        };
        if let Comparison::Differs(code, alike) = comparison
            && self.eligibility == Eligibility::Eligible
        {
            self.eligibility = Eligibility::NotEligible;
            self.reasons.insert(0, Reason::plain(code));
            if !alike.is_empty() {
                self.eligibility = Eligibility::Undetermined;
                self.reasons.insert(1, Reason::plain(ReasonCode::LookAlike));
                self.model_candidates = alike;
            }
        }
        self
    }

    /// Which of two verdicts on a product counts: one that makes it green, else an undetermined one before one that is
    /// known not to hold, else the later.
    #[must_use]
    pub fn or_better(self, other: Self) -> Self {
        let better = other.eligibility == Eligibility::Eligible || self.eligibility == Eligibility::NotEligible;
        if self.eligibility != Eligibility::Eligible && better { other } else { self }
    }

    /// The verdict on a listing, beside that on the evidence of its product: a listing names neither certificate nor
    /// models, so whose certificate it is and whether it covers the model in question is the evidence's to say.
    #[must_use]
    pub fn resting_on(self, evidence: Self) -> Self {
        let comparison = match evidence.reasons.first().map(|it| it.code) {
            Some(code @ (ReasonCode::ModelNotCovered | ReasonCode::ClimateZoneNotCovered)) => {
                Comparison::Differs(code, evidence.model_candidates)
            }
            _ if evidence.comparison == ComparisonResult::Compared => Comparison::Same,
            _ if evidence.comparison == ComparisonResult::NotCompared => Comparison::Nothing,
            _ => Comparison::Unasked,
        };
        Self {
            evidence: evidence.evidence,
            certificate: evidence.certificate,
            test_report: evidence.test_report,
            certificate_number: evidence.certificate_number,
            certification_body: evidence.certification_body,
            holder: evidence.holder,
            product_name: evidence.product_name,
            record_source: evidence.record_source,
            reported_status: evidence.reported_status,
            star: evidence.star,
            sample: self.sample || evidence.sample,
            ..self.compared(comparison)
        }
    }
}

/// By the record of today and the one that was in effect on the day.
pub fn by_certificate(
    question: &Question,
    terms: &Terms,
    now: &Sourced<Certificate>,
    then: Option<&Sourced<Certificate>>,
) -> Verdict {
    let (eligibility, reason) = certificate_holds(now, then, terms.valid_on);
    let shown = &then.unwrap_or(now).fact;
    let verdict = terms.verdict_of(eligibility, reason).with_certificate(shown);
    verdict.compared(question.compare(&shown.units, terms.valid_on))
}

/// By the test report of an evidence, with the record that was in effect on the day.
pub fn by_report(
    question: &Question,
    terms: &Terms,
    evidence: &Evidence,
    now: &Sourced<TestReport>,
    then: Option<&Sourced<TestReport>>,
) -> (Verdict, Proof) {
    let report = then.unwrap_or(now).fact.clone();
    // A report names no climate zone, and its models stand together.
    let tested = Unit { models: report.models.clone(), ..Unit::default() };
    let proof = Proof::from(report);
    let until = evidence.valid_until(&proof);
    let (eligibility, reason) = report_holds(now, then, (until, terms.valid_on));
    let verdict = terms.verdict_of(eligibility, reason);
    let verdict = Verdict { test_report: Some(now.fact.id), valid_until: Some(until), ..verdict };
    (verdict.compared(question.compare(&[tested], terms.valid_on)), proof)
}

/// A product by one evidence: `verdict` is that on the certificate or test report that stands behind it.
pub fn by_evidence(
    question: &Question,
    evidence: &Sourced<Evidence>,
    product: &Product,
    (verdict, proof): (Verdict, Proof),
) -> Verdict {
    let Sourced { fact: evidence, seq } = evidence;
    let sample = verdict.sample || product.sample;
    let verdict = Verdict { product: Some(product.id), evidence: Some(evidence.id), sample, ..verdict };
    if verdict.eligibility != Eligibility::Eligible {
        return verdict;
    }
    let gap = match proven(&proof, product, evidence, verdict.valid_on) {
        _ if !evidence.is_of_its_holder(&proof) => Some(ReasonCode::HolderChanged),
        Err(Gap::Kind) => Some(ReasonCode::KindNotCovered),
        Err(Gap::Model(_)) => Some(ReasonCode::ModelNotCovered),
        Ok(()) => None,
    };
    match gap {
        Some(code) => Verdict {
            reasons: vec![Reason { seq: Some(*seq), ..Reason::plain(code) }],
            eligibility: Eligibility::NotEligible,
            ..verdict
        },
        None => match question.compare_claim(evidence, product) {
            // What the certificate or the report itself could not be compared with stays so.
            Comparison::Same => verdict,
            comparison => verdict.compared(comparison),
        },
    }
}

/// A product by the listing that was in effect on the day.
pub fn by_listing(terms: &Terms, then: &Sourced<Listing>) -> Verdict {
    let (eligibility, reason) = listing_stands(Some(then), terms.valid_on);
    let listing = &then.fact;
    Verdict {
        listing: Some(listing.id),
        publication_number: Some(listing.publication_number),
        product: Some(listing.product),
        valid_until: Some(listing.valid_until),
        ..terms.verdict_of(eligibility, reason)
    }
}

/// Whether a certificate holds on the day `on`.
///
/// `then` is the record that was in effect on that day, `None` when the
/// registry's first record takes effect later; `now` is the latest record.
fn certificate_holds(
    now: &Sourced<Certificate>,
    then: Option<&Sourced<Certificate>>,
    on: Date,
) -> (Eligibility, Reason) {
    let Some(Sourced { fact, seq }) = then else {
        let issued = now.fact.first_issued_on.or(now.fact.issued_on);
        return match issued {
            Some(day) if on < day => {
                (Eligibility::NotEligible, Reason::stated(ReasonCode::CertificateNotYetIssued, now.seq, day))
            }
            _ => {
                (Eligibility::Undetermined, Reason::stated(ReasonCode::StatusUnknownOnDay, now.seq, now.fact.status_on))
            }
        };
    };
    let code = match fact.reported_status {
        ReportedStatus::Suspended => ReasonCode::CertificateSuspended,
        ReportedStatus::Withdrawn => ReasonCode::CertificateWithdrawn,
        ReportedStatus::Cancelled => ReasonCode::CertificateCancelled,
        ReportedStatus::Expired => ReasonCode::CertificateExpired,
        // The last day counts: it ends at midnight in Asia/Shanghai.
        ReportedStatus::Valid if on > fact.last_day() => {
            return (Eligibility::NotEligible, Reason::stated(ReasonCode::CertificateExpired, *seq, fact.last_day()));
        }
        ReportedStatus::Valid => {
            return (Eligibility::Eligible, Reason::stated(ReasonCode::CertificateValid, *seq, fact.status_on));
        }
    };
    let reason = Reason { status_reason: fact.status_reason.clone(), ..Reason::stated(code, *seq, fact.status_on) };
    (Eligibility::NotEligible, reason)
}

/// Whether a test report holds on the day `on`, until the day that its evidence counts.
///
/// `then` is the record that was in effect on that day, `None` when the
/// registry's first record takes effect later; `now` is the latest record.
fn report_holds(
    now: &Sourced<TestReport>,
    then: Option<&Sourced<TestReport>>,
    (until, on): (Date, Date),
) -> (Eligibility, Reason) {
    let Some(Sourced { fact, seq }) = then else {
        let reason = Reason::stated(ReasonCode::StatusUnknownOnDay, now.seq, now.fact.issued_on);
        return (Eligibility::Undetermined, reason);
    };
    let (code, day) = match (fact.status, fact.conclusion) {
        (TestReportStatus::Voided, _) => (ReasonCode::ReportVoided, fact.voided_on.unwrap_or(fact.issued_on)),
        (_, ReportConclusion::Fail) => (ReasonCode::ReportFailed, fact.issued_on),
        // The last day counts: it ends at midnight in Asia/Shanghai.
        _ if on > until => (ReasonCode::ReportExpired, until),
        _ => return (Eligibility::Eligible, Reason::stated(ReasonCode::ReportValid, *seq, fact.issued_on)),
    };
    (Eligibility::NotEligible, Reason::stated(code, *seq, day))
}

/// Whether a product stands in a list on the day `on`, by the listing that was in effect then.
fn listing_stands(then: Option<&Sourced<Listing>>, on: Date) -> (Eligibility, Reason) {
    let Some(Sourced { fact, seq }) = then else {
        return (Eligibility::NotEligible, Reason::plain(ReasonCode::NotListed));
    };
    let code = match fact.status {
        ListingStatus::Suspended => ReasonCode::ListingSuspended,
        ListingStatus::Removed => ReasonCode::ListingRemoved,
        ListingStatus::Listed if on > fact.valid_until => {
            return (Eligibility::NotEligible, Reason::stated(ReasonCode::ListingExpired, *seq, fact.valid_until));
        }
        ListingStatus::Listed => {
            return (Eligibility::Eligible, Reason::stated(ReasonCode::Listed, *seq, fact.effective_on));
        }
    };
    (Eligibility::NotEligible, Reason::stated(code, *seq, fact.effective_on))
}
