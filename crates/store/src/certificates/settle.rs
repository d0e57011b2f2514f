//! What a pushed record leaves open: since when its status holds, and whether its body has heard of the end.

use super::{Held, course};
use crate::Result;
use crate::registry::View;
use jiff::civil::Date;
use lvcai_domain::{Certificate, Fault, Problem, RecordSource, ReportedStatus, Rule, Unit};

/// The certificate that a body states.
#[derive(Debug, Clone)]
pub struct Stated {
    /// The certificate; its identifier counts only when it is new, its `status_on` only when `dated`.
    pub certificate: Certificate,
    /// Whether the body says since when the status holds.
    pub dated: bool,
}

/// The record as the registry understands it, beside the one that it holds.
pub(super) fn settle(view: &mut View<'_>, stated: Stated, held: Option<&Held>) -> Result<Certificate> {
    let today = view.today();
    let Stated { certificate: mut it, dated } = stated;
    it.units.iter_mut().for_each(Unit::order);
    // What a city's list said is hearsay: this is the body's first word.
    let Some(held) = held.filter(|it| it.present.record_source == RecordSource::Body) else {
        let on = if dated { it.status_on } else { first_day(&it, today) };
        return Ok(Certificate { status_on: on, ..it });
    };
    if it.correction.is_some() {
        let on = if dated { it.status_on } else { earlier(view, &held.latest, it.reported_status)?.status_on };
        return Ok(Certificate { status_on: on, ..it });
    }
    let present = &held.present;
    if present.reported_status == ReportedStatus::Expired
        && present.valid_until == it.valid_until
        && has_not_heard(view, present, (&it, dated))?
    {
        let (reported_status, status_on) = (present.reported_status, present.status_on);
        return Ok(Certificate { reported_status, status_on, status_reason: None, suspension_planned_end: None, ..it });
    }
    // The same status again goes on holding since it began.
    let goes_on = (present.reported_status == it.reported_status).then_some(present.status_on);
    let on = if dated { it.status_on } else { goes_on.unwrap_or_else(|| later_day(&it, today)) };
    Ok(Certificate { status_on: on, ..it })
}

/// The first day of the status of a first record that names none.
fn first_day(it: &Certificate, today: Date) -> Date {
    match it.reported_status {
        ReportedStatus::Valid => it.first_issued_on.or(it.issued_on).unwrap_or(today),
        _ => later_day(it, today),
    }
}

fn later_day(it: &Certificate, today: Date) -> Date {
    match it.reported_status {
        ReportedStatus::Expired => it.last_day().tomorrow().unwrap_or(today).min(today),
        _ => today,
    }
}

/// Whether a body tells what stood before the calendar ended its certificate: it has not heard of the end yet.
/// A system that calls it valid has not; one that calls it suspended, or says since when, tells what was known then.
fn has_not_heard(view: &mut View<'_>, ended: &Certificate, (told, dated): (&Certificate, bool)) -> Result<bool> {
    if told.reported_status == ReportedStatus::Valid && !dated {
        return Ok(true);
    }
    let course = course(view.conn, ended.id, view.cut)?;
    let before = course.versions().filter(|it| it.reported_status != ReportedStatus::Expired).last();
    Ok(before.is_some_and(|it| {
        it.reported_status == told.reported_status
            && it.status_reason == told.status_reason
            && it.suspension_planned_end == told.suspension_planned_end
            && (!dated || it.status_on == told.status_on)
    }))
}

/// The record with which a certificate last came to a status: what a correction that names no day goes back to.
pub(super) fn earlier(view: &mut View<'_>, latest: &Certificate, status: ReportedStatus) -> Result<Certificate> {
    let course = course(view.conn, latest.id, view.cut)?;
    let earlier = course.versions().filter(|it| it.reported_status == status).last().cloned();
    earlier.ok_or_else(|| {
        Problem::from(Fault::new("/status_on", Rule::Required).detail(
            "该证书从未处于此状态，请写明自哪一天起",
            "the certificate never had this status; say since which day",
        ))
        .into()
    })
}
