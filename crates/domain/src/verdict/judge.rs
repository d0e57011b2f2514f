//! How a question is judged by the facts that were gathered for it.

use super::{
    Basis, Eligibility, Reason, ReasonCode, ScopeCheck, Sourced, Verdict, certificate_holds, listing_stands,
    report_holds,
};
use crate::conformity::certificate::{Certificate, ClimateZone, Unit};
use crate::conformity::evidence::{Evidence, Gap, Proof, has, proven};
use crate::conformity::test_report::TestReport;
use crate::ids::{CertificateId, ProductId};
use crate::product::Product;
use crate::publishing::Listing;
use crate::values::{ApprovalNumber, CertificateNumber};
use jiff::civil::Date;

/// One question: a certificate, a product, or whether the one makes the other green.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The certificate, by its number.
    pub number: Option<CertificateNumber>,
    /// The body, where several may use the number.
    pub body: Option<ApprovalNumber>,
    /// The product.
    pub product: Option<ProductId>,
    /// The model at hand.
    pub model: Option<String>,
    /// The climate zone it shall serve in.
    pub climate_zone: Option<ClimateZone>,
}

impl Question {
    /// Whether it names something that a certificate may not cover.
    pub fn names_scope(&self) -> bool {
        self.model.is_some() || self.climate_zone.is_some()
    }

    /// What it names and no unit of a certificate covers: one unit must cover all of it.
    fn uncovered(&self, units: &[Unit], on: Date) -> Option<ReasonCode> {
        let model = |unit: &&Unit| self.model.as_ref().is_none_or(|it| unit.covers(it, on));
        let zone = |unit: &&Unit| self.climate_zone.is_none_or(|it| unit.serves(it, on));
        let left = || units.iter().filter(|it| !it.is_over(on));
        if units.is_empty() || left().any(|unit| model(&unit) && zone(&unit)) {
            return None;
        }
        let any_model = left().any(|unit| model(&unit));
        Some(if any_model { ReasonCode::ClimateZoneNotCovered } else { ReasonCode::ModelNotCovered })
    }

    /// Whether an evidence covers the model asked about.
    fn model_claimed(&self, evidence: &Evidence, product: &Product) -> bool {
        let Some(model) = &self.model else { return true };
        has(if evidence.models.is_empty() { &product.models } else { &evidence.models }, model)
    }
}

/// For which day, as of which cut, and on what basis.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The day it must hold.
    pub on: Date,
    /// The cut.
    pub cut: i64,
    /// What the verdict rests on.
    pub basis: Basis,
    /// The list, for basis listing.
    pub list: Option<String>,
}

impl Terms {
    /// A verdict that names nothing yet but its reason.
    pub fn verdict_of(&self, verdict: Eligibility, reason: Reason) -> Verdict {
        Verdict {
            verdict,
            reasons: vec![reason],
            on: self.on,
            as_of: self.cut,
            basis: self.basis,
            scope: ScopeCheck::ScopeUnchecked,
            list: self.list.clone(),
            listing: None,
            publication: None,
            product: None,
            evidence: None,
            certificate: None,
            test_report: None,
            certificate_number: None,
            certification_body: None,
            record_source: None,
            reported_status: None,
            star: None,
            valid_until: None,
            candidates: Vec::new(),
            sample: false,
        }
    }

    /// The number names no certificate, or several: those it names, or those that look alike.
    pub fn no_single_match(
        &self,
        number: &CertificateNumber,
        found: Vec<CertificateId>,
        look_alikes: Vec<CertificateId>,
    ) -> Verdict {
        if !found.is_empty() {
            let reason = Reason::plain(ReasonCode::CertificateAmbiguous);
            return Verdict { candidates: found, ..self.verdict_of(Eligibility::Ambiguous, reason) };
        }
        let mut verdict = self.verdict_of(Eligibility::Unknown, Reason::plain(ReasonCode::CertificateUnknown));
        if !look_alikes.is_empty() {
            verdict.reasons.push(Reason::plain(ReasonCode::LookAlike));
        }
        Verdict { candidates: look_alikes, certificate_number: Some(number.clone()), ..verdict }
    }

    /// A product that nobody knows.
    pub fn unknown_product(&self, product: Option<ProductId>) -> Verdict {
        Verdict { product, ..self.verdict_of(Eligibility::Unknown, Reason::plain(ReasonCode::ProductUnknown)) }
    }

    /// Nothing that was confirmed makes the product green.
    pub fn no_evidence(&self, product: Option<ProductId>) -> Verdict {
        let reason = Reason::plain(ReasonCode::NoConfirmedEvidence);
        Verdict { product, ..self.verdict_of(Eligibility::NotEligible, reason) }
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
            record_source: Some(certificate.record_source),
            reported_status: Some(certificate.reported_status),
            star: certificate.star,
            sample: self.sample || certificate.sample,
            valid_until: Some(certificate.last_day()),
            ..self
        }
    }

    fn refused(mut self, code: ReasonCode) -> Self {
        self.verdict = Eligibility::NotEligible;
        self.reasons.insert(0, Reason::plain(code));
        self
    }

    /// Which of two verdicts on a product counts: one that makes it green, else an undetermined one before one that is
    /// known not to hold, else the later.
    #[must_use]
    pub fn or_better(self, other: Self) -> Self {
        let better = other.verdict == Eligibility::Eligible || self.verdict == Eligibility::NotEligible;
        if self.verdict != Eligibility::Eligible && better { other } else { self }
    }

    /// The verdict on a listing, beside that on the evidence of its product: a listing has no models, so whether it
    /// covers the one in question is the evidence's to say.
    #[must_use]
    pub fn with_scope_of(self, evidence: &Self) -> Self {
        match evidence.reasons.first().map(|it| it.code) {
            Some(code @ (ReasonCode::ModelNotCovered | ReasonCode::ClimateZoneNotCovered)) => self.refused(code),
            _ => self,
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
    let (eligibility, reason) = certificate_holds(now, then, terms.on);
    let shown = &then.unwrap_or(now).fact;
    let verdict = terms.verdict_of(eligibility, reason).with_certificate(shown);
    match question.uncovered(&shown.units, terms.on) {
        Some(code) if eligibility == Eligibility::Eligible => verdict.refused(code),
        _ => verdict,
    }
}

/// By the test report of an evidence, with the record that was in effect on the day.
pub fn by_report(
    terms: &Terms,
    evidence: &Evidence,
    now: &Sourced<TestReport>,
    then: Option<&Sourced<TestReport>>,
) -> (Verdict, Proof) {
    let proof = Proof::from(then.unwrap_or(now).fact.clone());
    let until = evidence.valid_until(&proof);
    let (eligibility, reason) = report_holds(now, then, (until, terms.on));
    let verdict = terms.verdict_of(eligibility, reason);
    (Verdict { test_report: Some(now.fact.id), valid_until: Some(until), ..verdict }, proof)
}

/// A product by one evidence: `verdict` is that on the certificate or test report that stands behind it.
pub fn by_evidence(
    question: &Question,
    evidence: &Sourced<Evidence>,
    product: &Product,
    (verdict, proof): (Verdict, Proof),
) -> Verdict {
    let Sourced { fact: evidence, seq } = evidence;
    let verdict = Verdict { product: Some(product.id), evidence: Some(evidence.id), ..verdict };
    if verdict.verdict != Eligibility::Eligible {
        return verdict;
    }
    let gap = match proven(&proof, product, evidence, verdict.on) {
        _ if !evidence.is_of_its_holder(&proof) => Some(ReasonCode::HolderChanged),
        Err(Gap::Kind) => Some(ReasonCode::KindNotCovered),
        Err(Gap::Model(_)) => Some(ReasonCode::ModelNotCovered),
        Ok(()) if !question.model_claimed(evidence, product) => Some(ReasonCode::ModelNotCovered),
        Ok(()) => None,
    };
    match gap {
        Some(code) => Verdict {
            reasons: vec![Reason { seq: Some(*seq), ..Reason::plain(code) }],
            verdict: Eligibility::NotEligible,
            ..verdict
        },
        None => verdict,
    }
}

/// A product by the listing that was in effect on the day.
pub fn by_listing(terms: &Terms, then: &Sourced<Listing>) -> Verdict {
    let (eligibility, reason) = listing_stands(Some(then), terms.on);
    let listing = &then.fact;
    Verdict {
        listing: Some(listing.id),
        publication: Some(listing.publication),
        product: Some(listing.product),
        valid_until: Some(listing.valid_until),
        ..terms.verdict_of(eligibility, reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const DAY: Date = date(2026, 3, 2);

    fn terms() -> Terms {
        Terms { on: DAY, cut: 7, basis: Basis::Certificate, list: None }
    }

    fn verdict(eligibility: Eligibility, code: ReasonCode) -> Verdict {
        terms().verdict_of(eligibility, Reason::plain(code))
    }

    fn unit(model: &str, zone: ClimateZone) -> Unit {
        Unit { name: model.to_owned(), models: vec![model.to_owned()], climate_zones: vec![zone], ..Unit::default() }
    }

    fn question(model: &str, zone: ClimateZone) -> Question {
        Question { model: Some(model.to_owned()), climate_zone: Some(zone), ..Question::default() }
    }

    #[test]
    fn one_unit_must_cover_all_that_is_asked_about() {
        let units = [unit("65", ClimateZone::Cold), unit("70", ClimateZone::SevereCold)];

        assert_eq!(question("65", ClimateZone::Cold).uncovered(&units, DAY), None);
        assert_eq!(
            question("65", ClimateZone::SevereCold).uncovered(&units, DAY),
            Some(ReasonCode::ClimateZoneNotCovered)
        );
        assert_eq!(question("80", ClimateZone::Cold).uncovered(&units, DAY), Some(ReasonCode::ModelNotCovered));
    }

    #[test]
    fn a_certificate_without_units_covers_its_kind_as_a_whole() {
        assert_eq!(question("65", ClimateZone::Cold).uncovered(&[], DAY), None);
    }

    #[test]
    fn what_makes_green_wins_and_what_is_undetermined_weighs_more_than_what_does_not_hold() {
        let green = || verdict(Eligibility::Eligible, ReasonCode::CertificateValid);
        let open = || verdict(Eligibility::Undetermined, ReasonCode::StatusUnknownOnDay);
        let not = |code| verdict(Eligibility::NotEligible, code);
        let suspended = || not(ReasonCode::CertificateSuspended);

        assert_eq!(suspended().or_better(green()), green());
        assert_eq!(green().or_better(open()), green());
        assert_eq!(suspended().or_better(open()), open());
        assert_eq!(open().or_better(suspended()), open());
        assert_eq!(suspended().or_better(not(ReasonCode::CertificateExpired)), not(ReasonCode::CertificateExpired));
    }

    #[test]
    fn a_number_that_several_bodies_use_is_ambiguous_and_one_that_looks_alike_is_never_a_match() {
        let number: CertificateNumber = "A-1".parse().unwrap();
        let id = CertificateId::mint();

        let ambiguous = terms().no_single_match(&number, vec![id], vec![]);
        let unknown = terms().no_single_match(&number, vec![], vec![id]);

        assert_eq!((ambiguous.verdict, ambiguous.candidates), (Eligibility::Ambiguous, vec![id]));
        assert_eq!((unknown.verdict, unknown.certificate), (Eligibility::Unknown, None));
        assert_eq!(unknown.reasons.last().unwrap().code, ReasonCode::LookAlike);
    }
}
