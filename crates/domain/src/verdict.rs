//! Verdicts: is this green, on what evidence, and was it so on that day?
//!
//! A verdict is computed from facts, the day `on` and the cut `as_of`; it is
//! never stored. Unknown, ambiguous and revoked are verdicts, not errors.

mod judge;

pub use judge::{Question, Terms, by_certificate, by_evidence, by_listing, by_report};

use crate::conformity::{Certificate, ReportVerdict, ReportedStatus, TestReport, TestReportStatus};
use crate::ids::{CertificateId, EvidenceId, ListingId, ProductId, TestReportId};
use crate::publishing::{Listing, ListingStatus};
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
    /// The registry does not know what held on that day.
    Undetermined,
    /// The registry knows nothing by that number or identifier.
    Unknown,
    /// More than one record answers to the number; name the body.
    Ambiguous,
}

/// What a verdict rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The certificate's status, its certification body's decision; for a product, its evidence.
    Certificate,
    /// The standing in a list, the city's decision.
    Listing,
}

/// Whether model, kind and climate zone were compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScopeCheck {
    /// What the question named was compared with what the evidence covers.
    Checked,
    /// The question named no model: the certificate may not cover the one at hand.
    ScopeUnchecked,
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
    /// A number that looks alike exists; see `candidates`.
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
}

/// One reason of a verdict
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// Why.
    pub code: ReasonCode,
    /// The ledger entry that says so, where one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
    /// Since or until which day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<Date>,
    /// The body's reason code, for a status that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "0203")]
    pub status_reason: Option<String>,
}

impl Reason {
    /// A reason that needs no ledger entry.
    pub const fn plain(code: ReasonCode) -> Self {
        Self { code, seq: None, on: None, status_reason: None }
    }

    /// A reason that a ledger entry states.
    pub const fn stated(code: ReasonCode, seq: i64, on: Date) -> Self {
        Self { code, seq: Some(seq), on: Some(on), status_reason: None }
    }
}

/// A verdict
///
/// One flat object whatever the answer. It names the day and the cut it holds
/// for, so that it can be asked for again in years and be the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Verdict {
    /// The answer.
    pub verdict: Eligibility,
    /// Why, the deciding reason first.
    pub reasons: Vec<Reason>,
    /// The day it must hold, in Asia/Shanghai.
    pub on: Date,
    /// The ledger position up to which the registry's knowledge was used.
    pub as_of: i64,
    /// What it rests on.
    pub basis: Basis,
    /// Whether model and climate zone were compared.
    pub scope: ScopeCheck,
    /// The list, for basis `listing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// The listing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listing: Option<ListingId>,
    /// The publication that listed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publication: Option<i32>,
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

/// Whether a certificate holds on the day `on`.
///
/// `then` is the record that was in effect on that day, `None` when the
/// registry's first record takes effect later; `now` is the latest record.
pub fn certificate_holds(
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
pub fn report_holds(
    now: &Sourced<TestReport>,
    then: Option<&Sourced<TestReport>>,
    (until, on): (Date, Date),
) -> (Eligibility, Reason) {
    let Some(Sourced { fact, seq }) = then else {
        let reason = Reason::stated(ReasonCode::StatusUnknownOnDay, now.seq, now.fact.issued_on);
        return (Eligibility::Undetermined, reason);
    };
    let (code, day) = match (fact.status, fact.verdict) {
        (TestReportStatus::Voided, _) => (ReasonCode::ReportVoided, fact.voided_on.unwrap_or(fact.issued_on)),
        (_, ReportVerdict::Fail) => (ReasonCode::ReportFailed, fact.issued_on),
        // The last day counts: it ends at midnight in Asia/Shanghai.
        _ if on > until => (ReasonCode::ReportExpired, until),
        _ => return (Eligibility::Eligible, Reason::stated(ReasonCode::ReportValid, *seq, fact.issued_on)),
    };
    (Eligibility::NotEligible, Reason::stated(code, *seq, day))
}

/// Whether a product stands in a list on the day `on`, by the listing that was in effect then.
pub fn listing_stands(then: Option<&Sourced<Listing>>, on: Date) -> (Eligibility, Reason) {
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
