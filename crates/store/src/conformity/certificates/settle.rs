//! What a pushed record leaves open: since when its status holds, and whether its body has heard of the end.

use super::{Held, timeline};
use crate::error::Result;
use crate::ledger::View;
use jiff::civil::Date;
use lvcai_domain::{Certificate, Fault, Problem, RecordSource, ReportedStatus, Rule, Unit};

/// The certificate that a body states.
#[derive(Debug, Clone)]
pub struct Stated {
    /// The certificate. Its identifier counts only when it is new, its own `status_on` not at all.
    pub certificate: Certificate,
    /// Since when the status holds, where the body says so.
    pub status_on: Option<Date>,
}

/// The record as the registry understands it, beside the one that it holds.
pub(super) fn complete(view: &mut View<'_>, stated: Stated, held: Option<&Held>) -> Result<Certificate> {
    let Stated { certificate: mut record, status_on } = stated;
    record.units.iter_mut().for_each(Unit::order);
    // What a city's list said is hearsay: this is the body's first word.
    let held = held.filter(|it| it.present.record_source == RecordSource::Body);
    if let Some(Held { present, .. }) = held
        && predates_expiry(view, present, (&record, status_on))?
    {
        return Ok(Certificate {
            reported_status: present.reported_status,
            status_on: present.status_on,
            status_reason: None,
            suspension_planned_end: None,
            ..record
        });
    }
    let status_on = match status_on {
        Some(day) => day,
        None => status_since(view, &record, held)?,
    };
    Ok(Certificate { status_on, ..record })
}

/// Since when a status holds of which the record does not say it.
fn status_since(view: &mut View<'_>, record: &Certificate, held: Option<&Held>) -> Result<Date> {
    let today = view.today();
    Ok(match (held, record.reported_status) {
        (Some(held), status) if record.correction.is_some() => earlier(view, &held.latest, status)?.status_on,
        // The same status again goes on holding since it began.
        (Some(held), status) if held.present.reported_status == status => held.present.status_on,
        (None, ReportedStatus::Valid) => record.first_issued_on.or(record.issued_on).unwrap_or(today),
        (_, ReportedStatus::Expired) => record.last_day().tomorrow().unwrap_or(today).min(today),
        _ => today,
    })
}

/// Whether a body tells what stood before the calendar ended its certificate: it has not heard of the end yet.
/// A system that calls it valid has not; one that calls it suspended, or says since when, tells what was known then.
fn predates_expiry(
    view: &mut View<'_>,
    present: &Certificate,
    (told, status_on): (&Certificate, Option<Date>),
) -> Result<bool> {
    let ended = present.reported_status == ReportedStatus::Expired && present.valid_until == told.valid_until;
    if !ended || told.correction.is_some() {
        return Ok(false);
    }
    match told.reported_status {
        ReportedStatus::Valid if status_on.is_none() => return Ok(true),
        ReportedStatus::Valid | ReportedStatus::Suspended => {}
        ReportedStatus::Withdrawn | ReportedStatus::Cancelled | ReportedStatus::Expired => return Ok(false),
    }
    let timeline = timeline(view.conn, present.id, view.cut)?;
    let before = timeline.versions().filter(|it| it.reported_status != ReportedStatus::Expired).last();
    Ok(before.is_some_and(|it| {
        it.reported_status == told.reported_status
            && it.status_reason == told.status_reason
            && it.suspension_planned_end == told.suspension_planned_end
            && status_on.is_none_or(|day| it.status_on == day)
    }))
}

/// The record with which a certificate last came to a status: what a correction that names no day goes back to.
pub(super) fn earlier(view: &mut View<'_>, latest: &Certificate, status: ReportedStatus) -> Result<Certificate> {
    let timeline = timeline(view.conn, latest.id, view.cut)?;
    let earlier = timeline.versions().filter(|it| it.reported_status == status).last().cloned();
    earlier.ok_or_else(|| {
        Problem::from(Fault::new("/status_on", Rule::Required).detail(
            "该证书从未处于此状态，请写明自哪一天起",
            "the certificate never had this status; say since which day",
        ))
        .into()
    })
}
