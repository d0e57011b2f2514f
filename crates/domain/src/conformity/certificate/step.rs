//! The state machine: what a new record amounts to.
//!
//! The machine is that of the certification rules (认证证书和认证标志管理办法): withdrawn, cancelled and
//! expired are final; a suspension ends only by a step, never by its planned end. A status pushed by mistake is
//! taken back by a correction (勘误), which says so and has an event of its own.

use super::{Certificate, Relation, ReportedStatus, Unit};
use crate::event::Event;
use crate::problem::{Fault, Problem, ProblemKind};
use crate::rule::Rule;
use crate::values::{RecordSource, Scheme};
use jiff::ToSpan;
use jiff::civil::Date;

/// What a new record amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The event to record.
    pub event: Event,
    /// From which day it holds.
    pub effective_on: Date,
}

/// Derives the step from the record `before`, with the day it took effect, to
/// the record `after`. `None` when nothing differs.
///
/// A step may take effect in the future, at most a year ahead, and in the past,
/// but never before the step before it.
///
/// # Errors
///
/// [`ProblemKind::IllegalStep`] with the legal next statuses, or
/// [`ProblemKind::Invalid`] when the record contradicts itself.
pub fn step(before: Option<(&Certificate, Date)>, after: &Certificate, today: Date) -> Result<Option<Step>, Problem> {
    let faults = contradictions(after, today);
    if !faults.is_empty() {
        return Err(faults.into());
    }
    // A city's list is no authority on the certificate, so the body's first record is judged as if there were none
    // before.
    let before = before.filter(|(it, _)| it.record_source == after.record_source);
    let Some((before, since)) = before else {
        return first_sight(after, today).map(Some);
    };
    if same(before, after) {
        return Ok(None);
    }
    if after.correction.is_some() {
        return corrected(before, after, since).and_then(|it| in_time(it, after, today)).map(Some);
    }
    if before.reported_status == after.reported_status {
        return restated(before, after, (since, today)).map(Some);
    }
    if !before.reported_status.next().contains(&after.reported_status) {
        return Err(illegal(before.reported_status));
    }
    if after.status_on < since {
        return Err(too_early(since));
    }
    // The new version holds from `status_on`, so a unit that was cancelled earlier takes a record of its own before it.
    newly_cancelled(&before.units, &after.units, after.status_on)?;
    Ok(Some(Step { event: after.reported_status.event(), effective_on: after.status_on }))
}

fn first_sight(after: &Certificate, today: Date) -> Result<Step, Problem> {
    if after.status_on > today {
        // The certificate would have no status on the days until then.
        return Err(Fault::new("/status_on", Rule::OutOfRange)
            .detail(
                "首次报送须写明当前状态；将来的步骤随后再报",
                "a first record states the present status; push the coming step after it",
            )
            .into());
    }
    let event = if after.reported_status == ReportedStatus::Valid {
        Event::CertificateIssued
    } else {
        Event::CertificateRecorded
    };
    Ok(Step { event, effective_on: after.status_on })
}

/// Whether two records say the same; the note of a correction is about the record and not in it.
pub fn same(before: &Certificate, after: &Certificate) -> bool {
    let bare = |it: &Certificate| Certificate { correction: None, ..it.clone() };
    bare(before) == bare(after)
}

/// Whether a record says what the one before does, less what it takes away: units and models that it cancels, and days
/// at the end. It does not matter who told of the one before.
pub fn same_but_less(before: &Certificate, after: &Certificate) -> bool {
    let bare = |it: &Certificate| {
        let bare = |it: &Unit| Unit { cancelled_on: None, cancelled_models: Vec::new(), ..it.clone() };
        let units = it.units.iter().map(bare).collect();
        let (record_source, valid_until) = (RecordSource::CertificationBody, after.valid_until);
        Certificate { units, valid_until, correction: None, record_source, ..it.clone() }
    };
    after.valid_until <= before.valid_until && bare(before) == bare(after)
}

fn too_early(since: Date) -> Problem {
    Fault::new("/status_on", Rule::DateOrder)
        .detail(
            format!("此前的记录自 {since} 起生效，新步骤不能更早"),
            format!("the record before it holds from {since}; a step cannot take effect earlier"),
        )
        .into()
}

/// A correction (勘误) says what should have been said before, so it needs no arrow of the machine. It counts
/// from the day of what it corrects, or from the day on which the right status began.
fn corrected(before: &Certificate, after: &Certificate, since: Date) -> Result<Step, Problem> {
    if (before.reported_status, before.status_on) == (after.reported_status, after.status_on) {
        return Ok(Step { event: Event::CertificateCorrected, effective_on: since });
    }
    if after.status_on > since {
        // The certificate would have no right status on the days between.
        return Err(Fault::new("/status_on", Rule::DateOrder)
            .detail(
                format!("勘误不能晚于被更正的 {since}；请先更正回原状态，再报新的步骤"),
                format!(
                    "a correction cannot begin after {since}, the day it corrects; correct back, then take the step"
                ),
            )
            .into());
    }
    Ok(Step { event: Event::CertificateStatusCorrected, effective_on: after.status_on })
}

/// What takes effect on a day to come does so while the certificate lasts.
fn in_time(step: Step, after: &Certificate, today: Date) -> Result<Step, Problem> {
    let end = after.valid_until;
    if step.effective_on <= today || step.effective_on <= end {
        return Ok(step);
    }
    let day = step.effective_on;
    Err(Fault::new("/valid_until", Rule::DateOrder)
        .detail(
            format!("该勘误自 {day} 起生效，有效期至不能更早"),
            format!("the correction takes effect on {day}; the last day cannot be before it"),
        )
        .into())
}

/// The same status told again: a cancelled unit, a reissue (变更换证) or other words.
///
/// A cancellation counts from its own day, so the record that names one to come holds already.
fn restated(before: &Certificate, after: &Certificate, (since, today): (Date, Date)) -> Result<Step, Problem> {
    if before.status_on != after.status_on {
        return Err(Fault::new("/status_on", Rule::DateOrder)
            .detail(
                format!("该状态自 {} 起；改期须作勘误（correction）", before.status_on),
                format!("the status holds since {}; moving its day takes a `correction`", before.status_on),
            )
            .into());
    }
    let over = before.reported_status.next().is_empty();
    let cancelled = newly_cancelled(&before.units, &after.units, since)?;
    let reissued = after.reissued_on.filter(|_| before.reissued_on != after.reissued_on);
    match (cancelled, reissued) {
        // No unit can be cancelled and no certificate reissued once the status is final.
        (Some(_), _) | (_, Some(_)) if over => Err(illegal(before.reported_status)),
        (Some(day), reissued) => {
            let day = day.min(reissued.unwrap_or(today)).min(today).max(since);
            Ok(Step { event: Event::CertificateUnitCancelled, effective_on: day })
        }
        (None, Some(day)) => Ok(Step { event: Event::CertificateChanged, effective_on: day.max(since) }),
        (None, None) => Ok(Step { event: Event::CertificateCorrected, effective_on: since }),
    }
}

/// The first day on which something that still counted is cancelled, not before the day since which the record holds.
/// Cancelled is final for units and models too.
fn newly_cancelled(before: &[Unit], after: &[Unit], since: Date) -> Result<Option<Date>, Problem> {
    let mut first = None;
    if let Some(unit) = before.iter().find(|it| it.is_revived_by(after)) {
        let name = &unit.name;
        let place = after.iter().position(|it| it.name == *name);
        let pointer = place.map_or("/units".to_owned(), |index| format!("/units/{index}/cancelled_on"));
        let fault = Fault::new(pointer, Rule::NotAllowed).detail(
            format!("单元 {name} 或其型号已注销，不能恢复，也不能漏写该单元；误报须作勘误（correction）"),
            format!(
                "what is cancelled of the unit {name} does not come back, and the unit is told on; a mistake takes a \
                 `correction`"
            ),
        );
        return Err(Problem::from(ProblemKind::IllegalStep).fault(fault));
    }
    for (index, unit) in after.iter().enumerate() {
        let Some(was) = before.iter().find(|it| it.name == unit.name) else { continue };
        let days: Vec<Date> = unit.cancelled_since(was).collect();
        if days.iter().any(|day| *day < since) {
            let fault = Fault::new(format!("/units/{index}/cancelled_on"), Rule::DateOrder);
            return Err(fault
                .detail(
                    format!("记录自 {since} 起生效，其中的注销不能更早；早于同报状态的注销请先单独报送"),
                    format!(
                        "the record holds from {since}, and a cancellation in it cannot take effect earlier; one \
                         before a status of the same push is pushed first, by itself"
                    ),
                )
                .into());
        }
        first = first.into_iter().chain(days).min();
    }
    Ok(first)
}

/// The refusal of a step that the state machine does not have.
pub fn illegal(from: ReportedStatus) -> Problem {
    let legal = from.next().iter().map(|it| it.code());
    let fault = Fault::new("/reported_status", Rule::NotAllowed).allowed(legal);
    let problem = Problem::from(ProblemKind::IllegalStep).fault(fault);
    if from.next().is_empty() {
        let code = from.code();
        return problem.detail(
            format!("状态 {code} 为终止状态；重新认证须使用新的证书编号，误报须作勘误（correction）"),
            format!(
                "status {code} is final; a new application gives a new certificate, a mistake takes a `correction`"
            ),
        );
    }
    problem
}

/// What a record says against itself.
fn contradictions(it: &Certificate, today: Date) -> Vec<Fault> {
    let mut broken = Vec::new();
    scheme(it, &mut |is, pointer, rule| broken.extend(is.then(|| Fault::new(pointer, rule))));
    dates(it, today, &mut |is, pointer, rule| broken.extend(is.then(|| Fault::new(pointer, rule))));
    status(it, today, &mut |is, pointer, rule| broken.extend(is.then(|| Fault::new(pointer, rule))));
    broken.extend(past_the_end(it, today));
    for (index, unit) in it.units.iter().enumerate() {
        let last = unit.cancellations().max();
        let pointer = || format!("/units/{index}/cancelled_on");
        broken.extend((last > Some(ahead(today))).then(|| Fault::new(pointer(), Rule::OutOfRange)));
        let twice = it.units.iter().take(index).any(|earlier| earlier.name == unit.name);
        let twice = twice && it.record_source == RecordSource::CertificationBody;
        broken.extend(twice.then(|| Fault::new(format!("/units/{index}/name"), Rule::Duplicate)));
        broken.extend(unit.cancelled_twice().map(|model| {
            let fault = Fault::new(format!("/units/{index}/cancelled_models"), Rule::Duplicate);
            fault.detail(format!("型号 {model} 注销了两次"), format!("the model {model} is cancelled twice"))
        }));
        // A unit can be cancelled up to the last day of the certificate.
        broken.extend((last > Some(it.valid_until)).then(|| Fault::new(pointer(), Rule::DateOrder)));
    }
    broken
}

/// The last day for which a step may be scheduled: further ahead than a year is a slip of the pen.
fn ahead(today: Date) -> Date {
    today.saturating_add(1.year())
}

/// Nothing but the end itself begins when a certificate has ended. A city's list does not tell since when.
fn past_the_end(it: &Certificate, today: Date) -> Option<Fault> {
    // `last_day` lets labels end with their scheme, which is our inference. It bounds what is scheduled; what a body
    // tells of the past is bounded by the last day on the certificate.
    let end = if it.status_on > today { it.last_day() } else { it.valid_until };
    let told = it.record_source == RecordSource::CertificationBody;
    let past = told && it.reported_status != ReportedStatus::Expired && it.status_on > end;
    past.then(|| {
        Fault::new("/status_on", Rule::DateOrder).detail(
            format!("证书有效期至 {end}，此后状态只能为 05；请写明该状态实际开始的日期"),
            format!("the certificate ends with {end}, and no status but 05 begins later; say on which day it began"),
        )
    })
}

fn scheme(it: &Certificate, check: &mut dyn FnMut(bool, &str, Rule)) {
    let starred = it.scheme != Scheme::GreenProduct;
    check(starred && it.star.is_none(), "/star", Rule::StarRequired);
    check(!starred && it.star.is_some(), "/star", Rule::StarNotAllowed);
    // A label holds for three years (建科〔2014〕75号; zhuangjiayuan.cn).
    let label_ends = it.issued_on.filter(|_| it.scheme == Scheme::LegacyLabel).map(|day| day.saturating_add(3.years()));
    check(label_ends.is_some_and(|end| it.valid_until > end), "/valid_until", Rule::OutOfRange);
    if let Some(predecessor) = &it.predecessor {
        let own = predecessor.certification_body.as_ref().is_none_or(|body| *body == it.certification_body);
        let named = predecessor.certification_body.is_some();
        check(predecessor.relation == Relation::Renewal && !own, "/predecessor/certification_body", Rule::NotAllowed);
        check(
            predecessor.relation == Relation::Transfer && named && own,
            "/predecessor/certification_body",
            Rule::NotAllowed,
        );
        let same = own && predecessor.number.normalised() == it.number.normalised();
        check(predecessor.relation == Relation::Renewal && same, "/predecessor/number", Rule::Duplicate);
    }
}

fn dates(it: &Certificate, today: Date, check: &mut dyn FnMut(bool, &str, Rule)) {
    check(it.issued_on.is_some_and(|day| day > it.valid_until), "/valid_until", Rule::DateOrder);
    check(it.issued_on.is_some_and(|day| day > today), "/issued_on", Rule::OutOfRange);
    check(it.first_issued_on > it.issued_on.or(it.first_issued_on), "/first_issued_on", Rule::DateOrder);
    let lasts = |day: Date| Some(day) >= it.issued_on && day <= it.valid_until;
    check(it.reissued_on.is_some_and(|day| !lasts(day) || day > today), "/reissued_on", Rule::DateOrder);
    check(it.decided_on.is_some_and(|day| day > today), "/decided_on", Rule::OutOfRange);
}

fn status(it: &Certificate, today: Date, check: &mut dyn FnMut(bool, &str, Rule)) {
    check(it.status_on > ahead(today), "/status_on", Rule::OutOfRange);
    check(Some(it.status_on) < it.first_issued_on.or(it.issued_on), "/status_on", Rule::DateOrder);
    check(
        it.status_reason.is_some() && it.reported_status.reason_action().is_none(),
        "/status_reason",
        Rule::NotAllowed,
    );
    // A reason is required of a body alone, since a city's list has no column for it.
    let must_say_why =
        it.record_source == RecordSource::CertificationBody && it.reported_status.reason_action().is_some();
    check(must_say_why && it.status_reason.is_none(), "/status_reason", Rule::Required);
    let suspended = it.reported_status == ReportedStatus::Suspended;
    check(it.suspension_planned_end.is_some() && !suspended, "/suspension_planned_end", Rule::NotAllowed);
    check(it.suspension_planned_end.is_some_and(|day| day < it.status_on), "/suspension_planned_end", Rule::DateOrder);
    let expired_early =
        it.reported_status == ReportedStatus::Expired && (it.status_on <= it.last_day() || it.status_on > today);
    check(expired_early, "/status_on", Rule::DateOrder);
}
