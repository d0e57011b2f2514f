//! Verdicts: is this green, on what evidence, and was it so on that day?
//!
//! A verdict is computed from facts, the day `valid_on` and the cut `as_of`; it is
//! never stored. Unknown, ambiguous and revoked are verdicts, not errors.

mod judge;
#[cfg(test)]
mod tests;

pub use judge::{by_certificate, by_evidence, by_listing, by_report};

use crate::conformity::{ClimateZone, Holder, ReportedStatus};
use crate::ids::{CertificateId, EvidenceId, ListingId, ProductId, TestReportId};
use crate::values::{ApprovalNumber, CertificateNumber, RecordSource, Star};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Eligibility {
    /// It holds on that day, on the evidence named.
    Eligible,
    /// It does not, for the reasons named.
    NotEligible,
    /// The registry does not know what held on that day, or whether the model asked about is one that looks like it.
    Undetermined,
    /// The registry knows nothing by that number or identifier.
    Unknown,
    /// More than one record answers to the number; name the body.
    Ambiguous,
    /// The question could not be read, so nothing was looked up; `errors` names what is wrong with it.
    Malformed,
}

/// What a verdict rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VerdictBasis)]
pub enum Basis {
    /// The certificate's status, its certification body's decision; for a product, its evidence.
    Certificate,
    /// The standing in a list, the city's decision.
    Listing,
}

/// Whether the model and the climate zone that a question names were compared with what the evidence covers
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonResult {
    /// All that the question named was compared with what the evidence covers, or part of it was and is not covered.
    Compared,
    /// The question named a model or a climate zone, and there was nothing to compare it with: the certificate or the
    /// test report names none, or no such record was found.
    NotCompared,
    /// The question named neither: the certificate may not cover the one at hand.
    NotAsked,
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// The certificate holds on that day.
    CertificateValid,
    /// It is suspended: not to be relied on meanwhile.
    CertificateSuspended,
    /// It was withdrawn for cause.
    CertificateWithdrawn,
    /// It was cancelled.
    CertificateCancelled,
    /// The day is past its last.
    CertificateExpired,
    /// The day is before its issue.
    CertificateNotYetIssued,
    /// The registry first saw it later; what held on that day is not known.
    StatusUnknownOnDay,
    /// No certificate has that number.
    CertificateUnknown,
    /// Several bodies use that number.
    CertificateAmbiguous,
    /// A number that looks alike exists, see `candidates`; or a model that does, see `model_candidates`.
    LookAlike,
    /// The test report holds on that day.
    ReportValid,
    /// It was voided.
    ReportVoided,
    /// It does not pass.
    ReportFailed,
    /// The day is past the last on which it counts.
    ReportExpired,
    /// No product has that identifier.
    ProductUnknown,
    /// No confirmed evidence makes it green.
    NoConfirmedEvidence,
    /// The evidence is of another kind than the product.
    KindNotCovered,
    /// The model asked about is not covered.
    ModelNotCovered,
    /// What the evidence rests on is another firm's than when it was confirmed.
    HolderChanged,
    /// The climate zone asked about is not covered.
    ClimateZoneNotCovered,
    /// It stands in the list on that day.
    Listed,
    /// Its listing is suspended.
    ListingSuspended,
    /// Its listing was removed.
    ListingRemoved,
    /// Its listing has ended.
    ListingExpired,
    /// It does not stand in the list.
    NotListed,
    /// The question could not be read.
    QuestionMalformed,
}

/// One reason of a verdict
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = VerdictReason)]
pub struct Reason {
    /// Why.
    pub code: ReasonCode,
    /// The ledger entry that says so, where one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
    /// Since or until which day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_on: Option<Date>,
    /// The body's reason code, for a status that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "0203")]
    pub status_reason: Option<String>,
}

impl Reason {
    /// A reason that needs no ledger entry.
    pub const fn plain(code: ReasonCode) -> Self {
        Self { code, seq: None, effective_on: None, status_reason: None }
    }

    /// A reason that a ledger entry states.
    pub const fn stated(code: ReasonCode, seq: i64, day: Date) -> Self {
        Self { code, seq: Some(seq), effective_on: Some(day), status_reason: None }
    }
}

/// A verdict
///
/// One flat object whatever the answer. It names the day and the cut it holds
/// for, so that it can be asked for again in years and be the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Verdict {
    /// The answer.
    pub eligibility: Eligibility,
    /// Why, the deciding reason first.
    pub reasons: Vec<Reason>,
    /// The day it must hold, in Asia/Shanghai.
    pub valid_on: Date,
    /// The ledger position up to which the registry's knowledge was used.
    pub as_of: i64,
    /// What it rests on.
    pub basis: Basis,
    /// Whether model and climate zone were compared.
    pub comparison: ComparisonResult,
    /// Models that the evidence covers and that look like the one asked about, which is none of them as it is written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub model_candidates: Vec<String>,
    /// The list, for basis `listing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// The listing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listing: Option<ListingId>,
    /// The publication that listed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publication_number: Option<i32>,
    /// The product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<ProductId>,
    /// The evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceId>,
    /// The certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateId>,
    /// The test report, where the evidence rests on one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_report: Option<TestReportId>,
    /// The number of the certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_number: Option<CertificateNumber>,
    /// Its certification body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certification_body: Option<ApprovalNumber>,
    /// Who holds the certificate: compare it with who offers the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
    /// What the certificate calls the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_name: Option<String>,
    /// Who says so: the body itself, or a list that a city published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record_source: Option<RecordSource>,
    /// The status its body reported for that day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported_status: Option<ReportedStatus>,
    /// Its star.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub star: Option<Star>,
    /// The last day it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// Certificates whose numbers look alike or are the same under several bodies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<CertificateId>,
    /// True when it rests on a sample (a certificate, a product, a publication) and states no fact.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sample: bool,
}

/// A fact with the ledger entry that states it.
#[derive(Debug, Clone)]
pub struct Sourced<T> {
    /// The fact.
    pub fact: T,
    /// The entry.
    pub seq: i64,
}

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

/// For which day, as of which cut, and on what basis.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The day it must hold.
    pub valid_on: Date,
    /// The cut.
    pub cut: i64,
    /// What the verdict rests on.
    pub basis: Basis,
    /// The list, for basis listing.
    pub list: Option<String>,
}

impl Terms {
    /// A verdict that names nothing yet but its reason.
    pub fn verdict_of(&self, eligibility: Eligibility, reason: Reason) -> Verdict {
        Verdict {
            eligibility,
            reasons: vec![reason],
            valid_on: self.valid_on,
            as_of: self.cut,
            basis: self.basis,
            comparison: ComparisonResult::NotAsked,
            model_candidates: Vec::new(),
            list: self.list.clone(),
            listing: None,
            publication_number: None,
            product: None,
            evidence: None,
            certificate: None,
            test_report: None,
            certificate_number: None,
            certification_body: None,
            holder: None,
            product_name: None,
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

    /// A question that could not be read.
    pub fn malformed(&self) -> Verdict {
        self.verdict_of(Eligibility::Malformed, Reason::plain(ReasonCode::QuestionMalformed))
    }

    /// Nothing that was confirmed makes the product green.
    pub fn no_evidence(&self, product: Option<ProductId>) -> Verdict {
        let reason = Reason::plain(ReasonCode::NoConfirmedEvidence);
        Verdict { product, ..self.verdict_of(Eligibility::NotEligible, reason) }
    }
}
