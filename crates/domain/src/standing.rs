//! How a listing follows the certificates it rests on.

use crate::{Certificate, ListingGround, ListingStatus, ReportedStatus};
use jiff::civil::Date;

/// What a listing rests on: one evidence and the certificate behind it.
#[derive(Debug, Clone, Copy)]
pub struct Support<'a> {
    /// The certificate as it is now.
    pub certificate: &'a Certificate,
    /// Whether the evidence is confirmed and its certificate covers the product.
    pub confirmed: bool,
}

/// The standing that follows from what a listing rests on: it stands while one
/// support stands, is suspended while one may still come back, and is removed
/// when none can.
pub fn standing(supports: &[Support<'_>]) -> (ListingStatus, Option<ListingGround>) {
    let grounds: Vec<_> = supports.iter().map(ground).collect();
    if grounds.iter().any(Option::is_none) {
        return (ListingStatus::Listed, None);
    }
    if grounds.contains(&Some(ListingGround::CertificateSuspended)) {
        return (ListingStatus::Suspended, Some(ListingGround::CertificateSuspended));
    }
    (ListingStatus::Removed, grounds.last().copied().flatten().or(Some(ListingGround::EvidenceEnded)))
}

fn ground(support: &Support<'_>) -> Option<ListingGround> {
    if !support.confirmed {
        return Some(ListingGround::EvidenceEnded);
    }
    match support.certificate.reported_status {
        ReportedStatus::Valid => None,
        ReportedStatus::Suspended => Some(ListingGround::CertificateSuspended),
        ReportedStatus::Withdrawn => Some(ListingGround::CertificateWithdrawn),
        ReportedStatus::Cancelled => Some(ListingGround::CertificateCancelled),
        ReportedStatus::Expired => Some(ListingGround::CertificateExpired),
    }
}

/// The last day a listing can stand: the latest end among what supports it.
pub fn valid_until(supports: &[Support<'_>]) -> Option<Date> {
    supports.iter().filter(|it| it.confirmed).map(|it| it.certificate.valid_until).max()
}
