//! How a certificate changes: the record a body pushes, and the steps it takes by name.

use super::{CurrentCertificate, find_by_id, timeline};
use crate::code_lists;
use crate::error::{Error, Result};
use crate::ledger::{Change, Decision, View};
use crate::parties::certification_bodies;
use lvcai_domain::accredited::may_record;
use lvcai_domain::certificate::{
    PushedRecord, Step, Target, Transition, goes_ahead, same, scheduled, spelled_otherwise, step, told_again,
};
use lvcai_domain::reference;
use lvcai_domain::{
    Certificate, CertificateId, CertificationBody, Fault, OrganisationId, Problem, ProblemKind, RecordSource,
    ReportedStatus, Rule, Timeline,
};
use std::collections::HashSet;

/// Decides on a record that a body, which must be the caller's own, pushes beside what is held under its number: the
/// server derives the step.
///
/// # Errors
///
/// Refuses what the body is not accredited for, illegal steps, and what the record names but does not exist.
pub fn put(
    view: &mut View<'_>,
    body: &CertificationBody,
    held: Option<CurrentCertificate>,
    pushed: &PushedRecord,
) -> Result<Decision> {
    put_one_of(view, body, held, pushed, &mut Codes::default())
}

/// The same for one of many records, for which the codes are read once.
pub(super) fn put_one_of(
    view: &mut View<'_>,
    body: &CertificationBody,
    held: Option<CurrentCertificate>,
    pushed: &PushedRecord,
    codes: &mut Codes,
) -> Result<Decision> {
    Ok(decide(view, body, held, pushed, codes)?.decision())
}

/// What a record amounts to.
enum Decided {
    /// It is so already.
    Unchanged(Box<CurrentCertificate>),
    /// A step is taken.
    Step {
        /// Which.
        step: Step,
        /// The certificate as it will be.
        after: Box<Certificate>,
        /// The step that was scheduled, where this one goes ahead of it and it still follows.
        then: Option<Box<Certificate>>,
        /// Whether it is new.
        first: bool,
    },
}

fn decide(
    view: &mut View<'_>,
    body: &CertificationBody,
    held: Option<CurrentCertificate>,
    pushed: &PushedRecord,
    codes: &mut Codes,
) -> Result<Decided> {
    let today = view.today();
    let record = complete(view, body, held.as_ref(), pushed)?;
    let Some(held) = held else { return derive_step(view, body, None, record, codes) };
    // The body may spell a number otherwise than a city's list did; otherwise than it did itself only to correct that.
    let own = held.latest.record_source == RecordSource::CertificationBody && record.correction.is_none();
    if own && held.latest.number != record.number {
        return Err(spelled_otherwise(&held.latest).into());
    }
    let record = Certificate { id: held.latest.id, ..record };
    if held.since > today && record.correction.is_none() {
        // The body's own system shows the record before a scheduled step until its day: to tell that again, or the
        // scheduled one, changes nothing.
        let known = same(&held.latest, &record) || same(&held.present, &record);
        if !known {
            return ahead_of_schedule(view, body, held, record, codes);
        }
        return Ok(Decided::Unchanged(Box::new(held)));
    }
    derive_step(view, body, Some(held), record, codes)
}

/// A record as the registry understands it, beside the one that it holds.
pub(super) fn complete(
    view: &mut View<'_>,
    body: &CertificationBody,
    held: Option<&CurrentCertificate>,
    pushed: &PushedRecord,
) -> Result<Certificate> {
    let today = view.today();
    let statement = pushed.statement(body, held.map(|it| &it.latest))?;
    let Some(held) = held else { return Ok(statement.complete(None, &Timeline::default(), today)?) };
    let records = held.records();
    let timeline = match statement.needs_timeline(records) {
        true => timeline(view.conn, held.latest.id, view.cut)?,
        false => Timeline::default(),
    };
    Ok(statement.complete(Some(records), &timeline, today)?)
}

impl Decided {
    fn decision(self) -> Decision {
        match self {
            Self::Unchanged(held) => Decision::unchanged(held.latest.id, held.stored),
            Self::Step { step, after, then, first } => {
                let (change, more) = changes(step, *after, then, first);
                Decision::changes(change, more.into_iter().collect())
            }
        }
    }
}

/// The change that a step makes, and that of the scheduled step behind it.
fn changes(step: Step, after: Certificate, then: Option<Box<Certificate>>, first: bool) -> (Change, Option<Change>) {
    let change = if first { Change::create(step.event, after) } else { Change::amend(step.event, after) };
    let then = then.map(|it| {
        let day = it.status_on;
        Change::amend(it.reported_status.event(), *it).effective_on(day)
    });
    (change.effective_on(step.effective_on), then)
}

/// Decides on a record while a step is scheduled: it may take validity away earlier and nothing else.
fn ahead_of_schedule(
    view: &mut View<'_>,
    body: &CertificationBody,
    held: CurrentCertificate,
    record: Certificate,
    codes: &mut Codes,
) -> Result<Decided> {
    let CurrentCertificate { latest, since, .. } = &held;
    if !goes_ahead(&held.present, &record, *since) {
        return Err(scheduled(latest, *since).into());
    }
    let then = told_again(latest, &record);
    let timeline = timeline(view.conn, latest.id, view.cut)?;
    let (since, present) = timeline.on(view.today()).ok_or(ProblemKind::NotFound)?;
    let today = CurrentCertificate { latest: present.clone(), since, ..held };
    match derive_step(view, body, Some(today), record, codes)? {
        Decided::Step { step, after, first, .. } => Ok(Decided::Step { step, after, then: then.map(Box::new), first }),
        unchanged => Ok(unchanged),
    }
}

/// Decides on a named step of a certificate.
///
/// # Errors
///
/// As [`put`].
pub fn transition(view: &mut View<'_>, id: CertificateId, by: OrganisationId, step: &Transition) -> Result<Decision> {
    let today = view.today();
    let held = find_by_id(view.conn, id, view.moment())?.ok_or(ProblemKind::NotFound)?;
    let body = certification_bodies::own(view, &held.latest.certification_body, by)?;
    if held.latest.retracted_on.is_some() {
        return Err(Problem::from(ProblemKind::IllegalStep)
            .fault(Fault::new("/step", Rule::NotAllowed))
            .detail(
                "该记录为误录，已收回；请先报送完整的证书记录",
                "the record was taken back; push the whole record first",
            )
            .into());
    }
    if held.since > today && !matches!(step.to, Target::Correction(..)) {
        let after = step.apply(&held.present, &Timeline::default(), today)?;
        return Ok(ahead_of_schedule(view, &body, held, after, &mut Codes::default())?.decision());
    }
    let timeline = match step.to {
        Target::Correction(..) => timeline(view.conn, id, view.cut)?,
        Target::Status(_) | Target::Unit { .. } => Timeline::default(),
    };
    let after = step.apply(&held.latest, &timeline, today)?;
    // The record may be from a city's list. By a step of its own the body confirms the rest of it.
    let latest = Certificate { record_source: RecordSource::CertificationBody, ..held.latest };
    let held = Some(CurrentCertificate { latest, ..held });
    let decided = derive_step(view, &body, held, after, &mut Codes::default())?;
    Ok(decided.decision())
}

/// The one way a certificate changes: checks, derives the step, and asks whether the body may.
fn derive_step(
    view: &mut View<'_>,
    body: &CertificationBody,
    held: Option<CurrentCertificate>,
    after: Certificate,
    codes: &mut Codes,
) -> Result<Decided> {
    check(view, &after, codes)?;
    let before = held.as_ref().map(|it| (&it.latest, it.since));
    let Some(step) = step(before, &after, view.today())? else {
        let held = held.ok_or_else(|| Error::Database("a first record without a step".into()))?;
        return Ok(Decided::Unchanged(Box::new(held)));
    };
    let own = held.as_ref().and_then(|it| it.own(&after));
    may_record(body.accreditation.as_ref(), own, &after, view.today())?;
    Ok(Decided::Step { step, after: Box::new(after), then: None, first: held.is_none() })
}

impl CurrentCertificate {
    /// The record of the body itself from which a new one may take away. A correction is measured by what holds
    /// until a scheduled step. What a city's list said becomes the body's word, and so weightier, by a step that
    /// leaves it valid.
    fn own(&self, after: &Certificate) -> Option<&Certificate> {
        let before = if after.correction.is_some() { &self.present } else { &self.latest };
        let heard = self.present.record_source == RecordSource::CityList;
        let confirmed = heard && after.reported_status == ReportedStatus::Valid;
        (before.record_source == RecordSource::CertificationBody && !confirmed).then_some(before)
    }
}

/// The codes that a record may use, read when the first of them is asked for: one list serves all lines of a chunk.
#[derive(Default)]
pub struct Codes(Option<HashSet<String>>);

impl Codes {
    fn has(&mut self, view: &mut View<'_>, code: &str) -> Result<bool> {
        let codes = match self.0.take() {
            Some(codes) => codes,
            None => code_lists::codes(view.conn, "certificate-reasons", view.cut)?.into_iter().collect(),
        };
        Ok(self.0.insert(codes).contains(code))
    }
}

/// Whether the codes that a record uses stand in their lists.
fn check(view: &mut View<'_>, record: &Certificate, codes: &mut Codes) -> Result<()> {
    let mut faults = Vec::new();
    if reference::kind(&record.kind).is_none_or(|kind| kind.taxonomy != record.scheme.taxonomy()) {
        faults.push(Fault::new("/kind", Rule::KindUnknown));
    }
    let action = record.reported_status.reason_action();
    // A change is reported by a code of the change or of the list for reports to CNCA.
    let used = [
        ("/status_reason", &record.status_reason, action.as_slice()),
        ("/change_reason", &record.change_reason, &["change", "change-report"]),
    ];
    for (pointer, code, actions) in used {
        let Some(code) = code else { continue };
        let mut known = actions.is_empty();
        for action in actions {
            let code = format!("product/{action}/{code}");
            known = known || codes.has(view, &code)?;
        }
        faults.extend((!known).then(|| Fault::new(pointer, Rule::CodeUnknown)));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Refused(faults.into())) }
}
