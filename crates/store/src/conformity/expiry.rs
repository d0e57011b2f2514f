//! What the passing of a day does: certificates end, and come to be renewable.
//!
//! A tick is an ordinary command. What is due is asked for at the head, inside
//! the writer's transaction, so it does not matter how many run it, when, or
//! how often: the second finds nothing to do. Nothing waits for a tick to be
//! true, since verdicts compare days when they are asked.

use crate::error::Result;
use crate::ledger::{Change, CommandContext, Decision, HasRow, NewVersion, Registry, Versioned, View, day};
use crate::schema::{certificates, earlier_certificates, ledger};
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use jiff::civil::Date;
use lvcai_database::{Conn, on_conn};
use lvcai_domain::{Certificate, Event, deadline};
use serde::Serialize;

/// How many certificates one command takes: few enough that a push behind it does not wait long.
const CHUNK: i64 = 100;

/// What says that a certificate may be renewed from now on.
const RENEWAL_OPENED: Event = Event::CertificateRenewalOpened;

/// The current certificates that have not ended. Written out as in the partial index `certificates_running` of migration
/// 0003: with bound values, SQLite could not see that the index has all of them.
const RUNNING: &str = "certificates.seq_to = 9223372036854775807 AND certificates.status IN ('01', '02')";

/// What a tick did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many certificates ended.
    pub expired: usize,
    /// How many came to be renewable.
    pub renewals_opened: usize,
}

impl Outcome {
    /// Whether there was nothing to do.
    pub fn is_idle(self) -> bool {
        self == Self::default()
    }
}

/// Writes what has become due by today. When nothing has, it reads and does not write.
///
/// # Errors
///
/// As [`Registry::execute`]. What was written before a failure stands; the next tick goes on from there.
pub async fn tick(registry: &Registry) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    loop {
        let today = registry.clock().today();
        let waiting = registry.read(move |conn| Ok(!Due::find(conn, today, 1)?.is_empty())).await?;
        let done = if waiting { take_chunk(registry).await? } else { Outcome::default() };
        if done.is_idle() {
            return Ok(outcome);
        }
        outcome.expired += done.expired;
        outcome.renewals_opened += done.renewals_opened;
    }
}

/// Writes the first of what is due, in one command. Where another has done it meanwhile there is nothing to do.
async fn take_chunk(registry: &Registry) -> Result<Outcome> {
    let decide = |view: &mut View<'_>| {
        let due = Due::find(view.conn, view.today(), CHUNK)?;
        let outcome = Outcome { expired: due.ended.len(), renewals_opened: due.renewable.len() };
        Ok(Decision::with_outcome(outcome, due.changes()))
    };
    registry.carry_out(CommandContext::clock(), decide).await
}

/// A current record, and since when it is in effect.
#[derive(Serialize)]
#[serde(transparent)]
struct Current {
    certificate: Certificate,
    #[serde(skip)]
    since: Date,
}

/// What is due on a day.
struct Due {
    ended: Vec<Current>,
    renewable: Vec<Current>,
}

impl Due {
    /// Finds what is due, so many of it at most. It reads the current versions: outside the writer
    /// that is a hint, inside it is the head.
    fn find(conn: &mut Conn, today: Date, limit: i64) -> Result<Self> {
        let ended = ended(conn, today, limit)?;
        let left = limit - i64::try_from(ended.len()).unwrap_or(limit);
        let renewable = if left > 0 { renewable(conn, today, left)? } else { Vec::new() };
        Ok(Self { ended, renewable })
    }

    fn is_empty(&self) -> bool {
        self.ended.is_empty() && self.renewable.is_empty()
    }

    fn changes(self) -> Vec<Change> {
        let expired = self.ended.into_iter().map(|Current { certificate, since }| {
            let certificate = deadline::expired(&certificate);
            let day = certificate.status_on.max(since);
            Change::amend(Event::CertificateExpired, certificate).effective_on(day)
        });
        let renewable = self.renewable.into_iter().map(|current| {
            let day = deadline::renewal_opens_on(&current.certificate);
            Change::amend(RENEWAL_OPENED, current).effective_on(day)
        });
        expired.chain(renewable).collect()
    }
}

/// The record told again, unchanged, because its renewal window has opened: the entry names the day of the
/// window, while the record goes on holding since the day it did. What its body says later of days before
/// the window is judged as if nobody had told it again.
impl Versioned for Current {
    fn subject(&self) -> String {
        Versioned::subject(&self.certificate)
    }
}

impl HasRow for Current {
    type Row = <Certificate as HasRow>::Row;

    fn row(&self, new: NewVersion) -> Self::Row {
        self.certificate.row(NewVersion { effective_on: self.since, ..new })
    }
}

/// The certificates whose last day has passed and that nobody has ended, the longest past first.
/// One whose next step is known and yet to come ends all the same.
fn ended(conn: &mut Conn, today: Date, limit: i64) -> Result<Vec<Current>> {
    current(on_conn!(conn, c => certificates::table
        .filter(sql::<Bool>(RUNNING))
        .filter(certificates::retracted_on.eq(""))
        .filter(certificates::valid_until.lt(today.to_string()))
        .order((certificates::valid_until.asc(), certificates::id.asc()))
        .limit(limit)
        .select((certificates::effective_on, certificates::body))
        .load(c))?)
}

/// The certificates within their renewal window for whose last day the ledger does not say so yet.
/// A record that is yet to take effect waits for its day.
fn renewable(conn: &mut Conn, today: Date, limit: i64) -> Result<Vec<Current>> {
    let last = deadline::renewable_from(today).to_string();
    let today = today.to_string();
    current(on_conn!(conn, c => certificates::table
        .filter(sql::<Bool>(RUNNING))
        .filter(certificates::retracted_on.eq(""))
        .filter(certificates::valid_until.ge(&today).and(certificates::valid_until.le(&last)))
        .filter(certificates::effective_on.le(&today))
        // The window opens a fixed time before the last day: an earlier version with the same last day had the same
        // window, which is not opened twice.
        .filter(not(exists(earlier_certificates
            .inner_join(ledger::table.on(ledger::seq.eq(earlier_certificates.field(certificates::seq_from))))
            .filter(earlier_certificates.field(certificates::id).eq(certificates::id))
            .filter(earlier_certificates.field(certificates::valid_until).eq(certificates::valid_until))
            .filter(ledger::event.eq(RENEWAL_OPENED.name())))))
        .order((certificates::valid_until.asc(), certificates::id.asc()))
        .limit(limit)
        .select((certificates::effective_on, certificates::body))
        .load(c))?)
}

fn current(rows: Vec<(String, String)>) -> Result<Vec<Current>> {
    let read = |(since, body): (String, String)| {
        Ok(Current { certificate: serde_json::from_str(&body)?, since: day(&since)? })
    };
    rows.into_iter().map(read).collect()
}
