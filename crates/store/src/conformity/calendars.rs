//! Calendars: which certificates of a body end within a span of days.

use crate::error::Result;
use crate::ledger::{Moment, in_effect};
use crate::parties::certification_bodies;
use crate::schema::{certificates, later_certificates, ledger};
use diesel::prelude::*;
use jiff::Timestamp;
use jiff::civil::Date;
use lvcai_database::{Conn, Instant, on_conn};
use lvcai_domain::{ApprovalNumber, Certificate, ReportedStatus};
use std::ops::RangeInclusive;

/// A certificate that ends, with the version and the instant of its record.
#[derive(Debug, Clone)]
pub struct Ending {
    /// The certificate.
    pub certificate: Certificate,
    /// The version of its record.
    pub version: i32,
    /// When that was recorded.
    pub recorded_at: Timestamp,
}

/// Reads the certificates of a body, as they are in effect at a moment, whose last day is one of `days`, by that day, so
/// many at most.
/// Those that have run out are left out. `None` when there is no such body.
pub fn expiring(
    conn: &mut Conn,
    body: &ApprovalNumber,
    days: &RangeInclusive<Date>,
    Moment { cut, day }: Moment,
    limit: i64,
) -> Result<Option<Vec<Ending>>> {
    if certification_bodies::read(conn, body, cut)?.is_none() {
        return Ok(None);
    }
    let day = day.to_string();
    let rows: Vec<(i32, Instant, String)> = on_conn!(conn, c => certificates::table
        .inner_join(ledger::table.on(ledger::seq.eq(certificates::seq_from)))
        .filter(certificates::certification_body.eq(body.to_string()))
        .filter(certificates::valid_until.between(days.start().to_string(), days.end().to_string()))
        .filter(in_effect!(certificates, later_certificates, cut, &day).and(certificates::retracted_on.eq("")))
        .filter(certificates::status.ne(ReportedStatus::Expired.code()))
        .order((certificates::valid_until.asc(), certificates::id.asc()))
        .limit(limit)
        .select((certificates::version, ledger::at, certificates::body))
        .load(c))?;
    let read = |(version, at, body): (i32, Instant, String)| {
        Ok(Ending { certificate: serde_json::from_str(&body)?, version, recorded_at: at.into() })
    };
    rows.into_iter().map(read).collect::<Result<_>>().map(Some)
}
