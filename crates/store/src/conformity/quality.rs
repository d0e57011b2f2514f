//! How complete a body's records are, and what was refused of its pushes.

use crate::access::refusals;
use crate::error::{Error, Result};
use crate::ledger::{self, AsOf, Moment, in_effect};
use crate::schema::{certificates, later_certificates};
use diesel::prelude::*;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::quality::{Finding, findings};
use lvcai_domain::{ApprovalNumber, Certificate, OrganisationId};
use std::collections::BTreeMap;

/// How many records are held at a time.
const STEP: i64 = 500;

/// How many months of refusals are told.
const MONTHS: i32 = 6;

/// What a body's records leave open at a cut.
#[derive(Debug, Clone, Default)]
pub struct Open {
    /// How many certificates there are.
    pub certificates: i64,
    /// How many leave this open.
    pub findings: BTreeMap<Finding, i64>,
}

/// The refusals of a month by rule.
#[derive(Debug, Clone)]
pub struct Month {
    /// Its first day.
    pub begins: Date,
    /// How often each rule was broken.
    pub rules: BTreeMap<String, i64>,
}

/// Counts what the records of a body that are in effect on a day leave open on it, as known at a cut.
pub fn open(conn: &mut Conn, body: &ApprovalNumber, Moment { cut, day }: Moment) -> Result<Open> {
    let on = day.to_string();
    let (mut open, mut after) = (Open::default(), Id(uuid::Uuid::nil()));
    loop {
        let rows: Vec<(Id, String)> = on_conn!(conn, c => certificates::table
            .filter(certificates::certification_body.eq(body.to_string()))
            .filter(in_effect!(certificates, later_certificates, cut, &on).and(certificates::retracted_on.eq("")))
            .filter(certificates::id.gt(after))
            .order(certificates::id.asc())
            .limit(STEP)
            .select((certificates::id, certificates::body))
            .load(c))?;
        let Some((last, _)) = rows.last() else { return Ok(open) };
        after = *last;
        for (_, body) in &rows {
            let certificate: Certificate = serde_json::from_str(body)?;
            open.certificates += 1;
            for finding in findings(&certificate, day) {
                *open.findings.entry(finding).or_default() += 1;
            }
        }
    }
}

/// The cut so many days before what `as_of` stands for.
pub fn cut_before(conn: &mut Conn, as_of: AsOf, now: Timestamp, days: i64) -> Result<i64> {
    let at = ledger::instant(conn, as_of, now)?;
    ledger::cut(conn, AsOf::At(at - SignedDuration::from_hours(24 * days)), now)
}

/// The refusals of an organisation by month, that of a day last. Months are those of Asia/Shanghai.
pub fn refused(conn: &mut Conn, organisation: OrganisationId, today: Date) -> Result<Vec<Month>> {
    let zone = TimeZone::get("Asia/Shanghai").map_err(|error| Error::Database(Box::new(error)))?;
    let instant = |day: Date| {
        let begins = day.to_zoned(zone.clone()).map_err(|error| Error::Database(Box::new(error)))?;
        Ok::<_, Error>(begins.timestamp())
    };
    let this = today.first_of_month();
    let mut months = Vec::new();
    for back in (0..MONTHS).rev() {
        let begins = this.saturating_sub(back.months());
        let ends = begins.saturating_add(1.month());
        let rules = refusals::counts(conn, organisation, (instant(begins)?, instant(ends)?))?;
        months.push(Month { begins, rules });
    }
    Ok(months)
}
