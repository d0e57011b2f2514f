//! The record that a body states, and what it leaves open: since when its status holds, and whether the body has heard
//! of the end.

use super::transition::{last_with_status, never_had};
use super::{CancelledModel, Certificate, ReportedStatus, Unit, same_but_less};
use crate::parties::CertificationBody;
use crate::problem::{Fault, Problem, ProblemKind};
use crate::rule::Rule;
use crate::spelling::normalise;
use crate::timeline::Timeline;
use crate::values::{ApprovalNumber, CertificateNumber, RecordSource, Scheme, Star};
use jiff::civil::Date;

/// The certificate that a body states.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The certificate. Its identifier counts only when it is new, its own `status_on` not at all.
    pub certificate: Certificate,
    /// Since when the status holds, where the body says so.
    pub status_on: Option<Date>,
}

/// What is stated of scheme, kind and star: by a record, or by a batch for the records that name none.
#[derive(Debug, Clone, Default)]
pub struct StatedScope {
    /// The scheme.
    pub scheme: Option<Scheme>,
    /// The kind.
    pub kind: Option<String>,
    /// The star.
    pub star: Option<Star>,
}

impl StatedScope {
    /// Scheme, kind and star of a record: as it says itself, else as its batch does, else as the record before.
    ///
    /// # Errors
    ///
    /// Requires a scheme and a kind of a first record.
    pub fn or(self, batch: &Self, before: Option<&Certificate>) -> Result<(Scheme, String, Option<Star>), Vec<Fault>> {
        let scheme = self.scheme.or(batch.scheme).or(before.map(|it| it.scheme));
        let kind = self.kind.or_else(|| batch.kind.clone()).or_else(|| before.map(|it| it.kind.clone()));
        // A record that names its scheme says by an absent star that it has none; for another it is inherited, but
        // never by a scheme that has no stars.
        let inherited =
            || batch.star.or(before.and_then(|it| it.star)).filter(|_| scheme != Some(Scheme::GreenProduct));
        let star = if self.scheme.is_some() { self.star } else { self.star.or_else(inherited) };
        match (scheme, kind) {
            (Some(scheme), Some(kind)) => Ok((scheme, kind, star)),
            (scheme, kind) => {
                let missing = [("/scheme", scheme.is_none()), ("/kind", kind.is_none())];
                let missing = missing.into_iter().filter(|(_, is)| *is);
                Err(missing.map(|(pointer, _)| Fault::new(pointer, Rule::Required)).collect())
            }
        }
    }
}

/// A record as a body pushes it.
#[derive(Debug, Clone)]
pub struct PushedRecord {
    /// What it says, with the body and the number of where it is pushed. Its own scheme, kind and star do not count.
    pub certificate: Certificate,
    /// Since when the status holds, where the body says so.
    pub status_on: Option<Date>,
    /// The approval number of the body, where the record repeats it.
    pub certification_body: Option<ApprovalNumber>,
    /// The name of the body, where the record repeats it.
    pub certification_body_name: Option<String>,
    /// The number of the certificate, where the record repeats it.
    pub number: Option<CertificateNumber>,
    /// What it says itself of scheme, kind and star.
    pub scope: StatedScope,
    /// What its batch says of them.
    pub batch: StatedScope,
}

impl From<Certificate> for PushedRecord {
    /// A record that says all itself.
    fn from(certificate: Certificate) -> Self {
        let Certificate { scheme, kind, star, .. } = certificate.clone();
        Self {
            status_on: Some(certificate.status_on),
            certification_body: None,
            certification_body_name: None,
            number: None,
            scope: StatedScope { scheme: Some(scheme), kind: Some(kind), star },
            batch: StatedScope::default(),
            certificate,
        }
    }
}

impl PushedRecord {
    /// What it states beside the record before.
    ///
    /// # Errors
    ///
    /// Names each field that is another body's or number's; requires a scheme and a kind of a first record.
    pub fn statement(&self, body: &CertificationBody, before: Option<&Certificate>) -> Result<Statement, Problem> {
        self.must_be_of(body)?;
        let (scheme, kind, star) = self.scope.clone().or(&self.batch, before)?;
        let certificate = Certificate { scheme, kind, star, ..self.certificate.clone() };
        Ok(Statement { certificate, status_on: self.status_on })
    }

    fn must_be_of(&self, body: &CertificationBody) -> Result<(), Vec<Fault>> {
        let (approval, number) = (&body.approval_number, &self.certificate.number);
        let mut faults = Vec::new();
        if self.certification_body.as_ref().is_some_and(|it| it != approval) {
            faults.push(Fault::new("/certification_body", Rule::NotAllowed).allowed([approval.to_string()]));
        }
        if self.number.as_ref().is_some_and(|it| it != number) {
            faults.push(Fault::new("/number", Rule::NotAllowed).allowed([number.to_string()]));
        }
        if self.certification_body_name.as_ref().is_some_and(|it| normalise(it) != normalise(&body.name)) {
            faults.push(Fault::new("/certification_body_name", Rule::BodyNameMismatch).allowed([&body.name]));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

/// A certificate as the registry holds it.
#[derive(Debug, Clone, Copy)]
pub struct HeldRecords<'a> {
    /// The present record: where a step is scheduled, the one that holds until then.
    pub present: &'a Certificate,
    /// The latest record.
    pub latest: &'a Certificate,
}

impl Statement {
    /// Whether [`Statement::complete`] looks at the versions before: reading them is spared for the many lines of a
    /// batch that tell what is known.
    pub fn needs_timeline(&self, held: HeldRecords<'_>) -> bool {
        let undated_correction = self.certificate.correction.is_some() && self.status_on.is_none();
        undated_correction || self.may_predate_expiry(held)
    }

    /// The record as the registry understands it, beside the one that it holds.
    ///
    /// # Errors
    ///
    /// Refuses a correction to a status that the certificate never had and that names no day.
    pub fn complete(
        self,
        held: Option<HeldRecords<'_>>,
        timeline: &Timeline<Certificate>,
        today: Date,
    ) -> Result<Certificate, Problem> {
        // A record from a city's list completes nothing: to the body this is its first record of the certificate.
        let held = held.filter(|it| it.present.record_source == RecordSource::CertificationBody);
        let predates = held.filter(|held| self.predates_expiry(*held, timeline));
        let Self { certificate: mut record, status_on } = self;
        if let Some(HeldRecords { latest, .. }) = held.filter(|_| record.correction.is_none()) {
            keep_cancelled(&mut record, &latest.units);
        }
        record.units.iter_mut().for_each(Unit::order);
        if let Some(HeldRecords { present, .. }) = predates {
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
            None => status_since(&record, held, timeline, today)?,
        };
        Ok(Certificate { status_on, ..record })
    }

    /// Whether the calendar has ended the certificate and the body may not have heard of it: it tells the same last
    /// day, and a status that a certificate has before it ends.
    fn may_predate_expiry(&self, HeldRecords { present, .. }: HeldRecords<'_>) -> bool {
        let told = &self.certificate;
        let ended = present.reported_status == ReportedStatus::Expired && present.valid_until == told.valid_until;
        let open = matches!(told.reported_status, ReportedStatus::Valid | ReportedStatus::Suspended);
        ended && open && told.correction.is_none()
    }

    /// Whether a body tells what stood before the calendar ended its certificate: it has not heard of the end yet. A
    /// system that calls it valid has not; one that calls it suspended, or says since when, tells what was known then.
    fn predates_expiry(&self, held: HeldRecords<'_>, timeline: &Timeline<Certificate>) -> bool {
        if !self.may_predate_expiry(held) {
            return false;
        }
        let told = &self.certificate;
        if told.reported_status == ReportedStatus::Valid && self.status_on.is_none() {
            return true;
        }
        let before = timeline.versions().filter(|it| it.reported_status != ReportedStatus::Expired).last();
        before.is_some_and(|it| {
            it.reported_status == told.reported_status
                && it.status_reason == told.status_reason
                && it.suspension_planned_end == told.suspension_planned_end
                && self.status_on.is_none_or(|day| it.status_on == day)
        })
    }
}

/// Adds what was cancelled of the units before and is not told again: it is final, and the table that bodies report has
/// no column for it. Only where validity is taken away may the whole unit be left out; elsewhere it could come back by
/// being forgotten.
fn keep_cancelled(record: &mut Certificate, before: &[Unit]) {
    let takes_away = record.reported_status != ReportedStatus::Valid;
    for was in before.iter().filter(|it| it.cancellations().next().is_some()) {
        match record.units.iter_mut().find(|it| it.name == was.name) {
            Some(unit) => {
                unit.cancelled_on = unit.cancelled_on.or(was.cancelled_on);
                let told = unit.cancelled_models.clone();
                let untold = was.cancelled_models.iter().filter(|it| told.iter().all(|told| told.model != it.model));
                unit.cancelled_models.extend(untold.cloned());
            }
            None if takes_away => record.units.push(was.clone()),
            None => {}
        }
    }
}

/// Since when a status holds of which the record does not say it.
fn status_since(
    record: &Certificate,
    held: Option<HeldRecords<'_>>,
    timeline: &Timeline<Certificate>,
    today: Date,
) -> Result<Date, Problem> {
    Ok(match (held, record.reported_status) {
        (Some(_), status) if record.correction.is_some() => {
            last_with_status(timeline, status).ok_or_else(never_had)?.status_on
        }
        // The status has not changed, so it keeps the day on which it began.
        (Some(held), status) if held.present.reported_status == status => held.present.status_on,
        (None, ReportedStatus::Valid) => record.first_issued_on.or(record.issued_on).unwrap_or(today),
        (_, ReportedStatus::Expired) => record.last_day().tomorrow().unwrap_or(today).min(today),
        _ => today,
    })
}

/// Whether a record takes validity away before a scheduled step has its day: it ends or suspends the certificate,
/// cancels units or models of it, or makes its last day an earlier one. What is urgent waits for no correction.
pub fn goes_ahead(present: &Certificate, after: &Certificate, scheduled_from: Date) -> bool {
    let takes_away = !matches!(after.reported_status, ReportedStatus::Valid | ReportedStatus::Expired);
    let legal = present.reported_status.next().contains(&after.reported_status);
    let ends = takes_away && legal && after.status_on < scheduled_from;
    let lessens = || {
        let pairs =
            after.units.iter().filter_map(|it| Some((it, present.units.iter().find(|was| was.name == it.name)?)));
        let mut anew = pairs.flat_map(|(unit, was)| unit.cancelled_since(was));
        let shorter = after.valid_until < present.valid_until;
        same_but_less(present, after) && (shorter || anew.any(|day| day < scheduled_from))
    };
    after.correction.is_none() && (ends || lessens())
}

/// The scheduled step told again behind one that goes ahead of it, where it still follows from that: a withdrawal that
/// was scheduled comes after a suspension of today, but not after the last day.
pub fn told_again(scheduled: &Certificate, after: &Certificate) -> Option<Certificate> {
    let follows = after.reported_status.next().contains(&scheduled.reported_status);
    let in_time = scheduled.status_on <= after.last_day();
    (follows && in_time).then(|| Certificate {
        reported_status: scheduled.reported_status,
        status_on: scheduled.status_on,
        status_reason: scheduled.status_reason.clone(),
        suspension_planned_end: scheduled.suspension_planned_end,
        units: after.units.iter().map(|it| with_cancellations(it, &scheduled.units, after.valid_until)).collect(),
        ..after.clone()
    })
}

/// A unit with what another record cancels of it up to the last day.
fn with_cancellations(unit: &Unit, others: &[Unit], last: Date) -> Unit {
    let Some(other) = others.iter().find(|it| it.name == unit.name) else { return unit.clone() };
    let mut unit = unit.clone();
    let gone = |it: &&CancelledModel| {
        it.cancelled_on <= last && !unit.cancelled_models.iter().any(|known| known.model == it.model)
    };
    let more: Vec<_> = other.cancelled_models.iter().filter(gone).cloned().collect();
    unit.cancelled_models.extend(more);
    unit.cancelled_on = unit.cancelled_on.or(other.cancelled_on.filter(|it| *it <= last));
    unit.order();
    unit
}

/// The refusal of what would undo a scheduled step in silence.
pub fn scheduled(latest: &Certificate, since: Date) -> Problem {
    let code = latest.reported_status.code();
    Problem::from(ProblemKind::IllegalStep).fault(Fault::new("/correction", Rule::Required)).detail(
        format!("已报送自 {since} 起转为状态 {code}；如需更改，请先以勘误（correction）撤回"),
        format!("status {code} is scheduled from {since}; take it back by a `correction` first"),
    )
}

/// The refusal of a number that the body has already, in another spelling.
pub fn spelled_otherwise(latest: &Certificate) -> Problem {
    let number = &latest.number;
    Problem::from(ProblemKind::Conflict).detail(
        format!(
            "本机构已有写法不同而相同的编号 {number}：请使用该写法；该写法有误的，以勘误（correction）报送正确写法"
        ),
        format!(
            "the body has the same number in another spelling: {number}. Use that one, or push the right one with a \
             `correction`"
        ),
    )
}
