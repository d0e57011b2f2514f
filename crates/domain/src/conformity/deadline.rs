//! The days that a certificate's validity sets: its last, and the first on which it may be renewed.

use crate::conformity::certificate::{Certificate, ReportedStatus};
use jiff::ToSpan as _;
use jiff::civil::Date;

/// How many days before its last a certificate may be renewed: bodies take the application 90 days before the end.
pub const RENEWAL_DAYS: i32 = 90;

/// The first day on which a certificate may be renewed.
pub fn renewal_opens_on(certificate: &Certificate) -> Date {
    certificate.last_day().saturating_sub(RENEWAL_DAYS.days())
}

/// The last day of a certificate that may be renewed from `day` on.
pub fn renewable_from(day: Date) -> Date {
    day.saturating_add(RENEWAL_DAYS.days())
}

/// The record of a certificate that has run out: expired since the day after its last.
pub fn expired(certificate: &Certificate) -> Certificate {
    Certificate {
        reported_status: ReportedStatus::Expired,
        status_on: certificate.last_day().saturating_add(1.day()),
        status_reason: None,
        suspension_planned_end: None,
        correction: None,
        ..certificate.clone()
    }
}
