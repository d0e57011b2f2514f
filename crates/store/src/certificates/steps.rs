//! How a certificate changes: the record a body pushes, and the steps it takes by name.

use super::settle::{Stated, earlier, settle};
use super::{Held, held, held_by_id};
use crate::registry::{Decision, View};
use crate::versions::Change;
use crate::{Error, Result, certification_bodies, code_lists, listings, products};
use jiff::civil::Date;
use lvcai_domain::accredited::may_record;
use lvcai_domain::certificate::{Step, illegal, same, step};
use lvcai_domain::reference;
use lvcai_domain::{
    ApprovalNumber, CancelledModel, Certificate, CertificateId, CertificateNumber, CertificationBody, Fault,
    OrganisationId, Problem, ProblemKind, RecordSource, ReportedStatus, Rule, Unit,
};
use std::collections::HashSet;

/// Decides on the record a body pushes: the server derives the step.
///
/// `state` states the record as it shall be, given its body and what is held now.
///
/// # Errors
///
/// Refuses another body's certificate, what the body is not accredited for,
/// illegal steps, and what the record names but does not exist.
pub fn put(
    view: &mut View<'_>,
    (body, number): (&ApprovalNumber, &CertificateNumber),
    by: OrganisationId,
    state: impl FnOnce(&CertificationBody, Option<&Held>) -> Result<Stated>,
) -> Result<Decision> {
    let body = own_body(view, body, by)?;
    let held = held(view.conn, (&body.approval_number, number), (view.cut, view.today()))?;
    let decided = decide(view, &body, (number, held), state, &mut Codes::default())?;
    decision(view, decided)
}

/// What a record amounts to, before its listings follow.
pub(crate) enum Decided {
    /// It is so already.
    Unchanged(Box<Held>),
    /// A step is taken.
    Step {
        /// Which.
        step: Step,
        /// The certificate as it will be.
        after: Box<Certificate>,
        /// Whether it is new.
        first: bool,
    },
}

/// Decides on a record of a body that is known to be the caller's own, given what is held under its number.
pub(crate) fn decide(
    view: &mut View<'_>,
    body: &CertificationBody,
    (number, held): (&CertificateNumber, Option<Held>),
    state: impl FnOnce(&CertificationBody, Option<&Held>) -> Result<Stated>,
    codes: &mut Codes,
) -> Result<Decided> {
    let today = view.today();
    let stated = state(body, held.as_ref())?;
    let record = settle(view, stated, held.as_ref())?;
    let Some(held) = held else { return change(view, body, None, record, codes) };
    // A city list's spelling is hearsay; the body's own counts.
    if held.latest.number != *number && held.latest.record_source == RecordSource::Body {
        let number = &held.latest.number;
        return Err(Problem::from(ProblemKind::Conflict)
            .detail(
                format!("本机构已有写法不同而相同的编号 {number}"),
                format!("the body has the same number in another spelling: {number}"),
            )
            .into());
    }
    let record = Certificate { id: held.latest.id, ..record };
    if held.since > today && record.correction.is_none() {
        // The body's own system shows the record before a scheduled step until its day: to tell that again, or the
        // scheduled one, changes nothing.
        let known = same(&held.latest, &record) || same(&held.present, &record);
        return if known { Ok(Decided::Unchanged(Box::new(held))) } else { Err(scheduled(&held).into()) };
    }
    change(view, body, Some(held), record, codes)
}

/// The command of a certificate's step: the listings that rest on it follow in it.
fn decision(view: &mut View<'_>, decided: Decided) -> Result<Decision> {
    let (step, after, first) = match decided {
        Decided::Unchanged(held) => return Ok(Decision::Unchanged(held.latest.id.to_string(), held.stored)),
        Decided::Step { step, after, first } => (step, after, first),
    };
    if first {
        return Ok(Decision::Create(vec![Change::new(step.event, *after).effective_on(step.effective_on)]));
    }
    let follow = listings::follow_certificates(view, &[(&after, step.effective_on)])?;
    let mut changes = vec![Change::new(step.event, *after).effective_on(step.effective_on)];
    changes.extend(follow);
    Ok(Decision::Amend(changes))
}

/// The refusal of what would undo a scheduled step in silence.
fn scheduled(held: &Held) -> Problem {
    let (day, code) = (held.since, held.latest.reported_status.code());
    Problem::from(ProblemKind::IllegalStep).fault(Fault::new("/correction", Rule::Required)).detail(
        format!("已报送自 {day} 起转为状态 {code}；如需更改，请先以勘误（correction）撤回"),
        format!("status {code} is scheduled from {day}; take it back by a `correction` first"),
    )
}

/// Where a named step leads.
#[derive(Debug, Clone)]
pub enum Target {
    /// Another status of the whole certificate.
    Status(ReportedStatus),
    /// A unit of it is cancelled, or models of that unit.
    Unit {
        /// The name of the unit.
        name: String,
        /// The models; all of the unit when empty.
        models: Vec<String>,
    },
    /// The status that should have been reported, with what was wrong.
    Correction(ReportedStatus, String),
}

/// A step that a body takes by its name.
#[derive(Debug, Clone)]
pub struct Transition {
    /// Where it leads.
    pub to: Target,
    /// From which day; today when absent, for a correction since the status first held.
    pub on: Option<Date>,
    /// Why.
    pub reason: Option<String>,
    /// When a suspension is planned to end.
    pub planned_end: Option<Date>,
}

/// Decides on a named step of a certificate.
///
/// # Errors
///
/// As [`put`].
pub fn transition(view: &mut View<'_>, id: CertificateId, by: OrganisationId, step: &Transition) -> Result<Decision> {
    let today = view.today();
    let held = held_by_id(view.conn, id, (view.cut, today))?.ok_or(ProblemKind::NotFound)?;
    let body = own_body(view, &held.latest.certification_body, by)?;
    if held.since > today && !matches!(step.to, Target::Correction(..)) {
        return Err(scheduled(&held).into());
    }
    let before = &held.latest;
    let after = match &step.to {
        Target::Status(to) if !before.reported_status.next().contains(to) => {
            return Err(illegal(before.reported_status).into());
        }
        Target::Status(to) => with_status(before, *to, step.on.unwrap_or(today), step),
        Target::Unit { name, models } => {
            let units = cancel_models(&before.units, name, models, step.on.unwrap_or(today))?;
            Certificate { units, correction: None, ..before.clone() }
        }
        Target::Correction(to, note) => {
            let after = correction(view, before, *to, step)?;
            Certificate { correction: Some(note.clone()), ..after }
        }
    };
    let after = Certificate { record_source: RecordSource::Body, ..after };
    // A named step by the body confirms the rest of what a city list said.
    let latest = Certificate { record_source: RecordSource::Body, ..held.latest };
    let held = Some(Held { latest, ..held });
    let decided = change(view, &body, held, after, &mut Codes::default())?;
    decision(view, decided)
}

fn with_status(before: &Certificate, to: ReportedStatus, on: Date, step: &Transition) -> Certificate {
    Certificate {
        reported_status: to,
        status_on: on,
        status_reason: step.reason.clone(),
        suspension_planned_end: step.planned_end,
        correction: None,
        ..before.clone()
    }
}

/// The record with the status that should have been reported: as it stood before, unless the step says more.
fn correction(view: &mut View<'_>, before: &Certificate, to: ReportedStatus, step: &Transition) -> Result<Certificate> {
    let (on, earlier) = match (step.on, earlier(view, before, to)) {
        (Some(on), earlier) => (on, earlier.ok()),
        (None, earlier) => earlier.map(|it| (it.status_on, Some(it)))?,
    };
    let after = with_status(before, to, on, step);
    let earlier = earlier.filter(|it| it.status_on == on && step.reason.is_none());
    Ok(match earlier {
        Some(it) => Certificate {
            status_reason: it.status_reason,
            suspension_planned_end: step.planned_end.or(it.suspension_planned_end),
            ..after
        },
        None => after,
    })
}

/// The units with one of them cancelled, or models of it.
///
/// # Errors
///
/// Refuses a unit or a model that the certificate does not name, and one that is cancelled already.
pub fn cancel_models(units: &[Unit], name: &str, models: &[String], on: Date) -> Result<Vec<Unit>, Problem> {
    let mut units = units.to_vec();
    let names: Vec<_> = units.iter().map(|it| it.name.clone()).collect();
    let unknown = |pointer: String, allowed: Vec<String>| Fault::new(pointer, Rule::UnknownReference).allowed(allowed);
    let Some(unit) = units.iter_mut().find(|it| it.name == name) else {
        return Err(unknown("/unit".to_owned(), names).into());
    };
    if unit.cancelled_on.is_some() {
        return Err(cancelled_already("/unit".to_owned()));
    }
    if models.is_empty() {
        unit.cancelled_on = Some(on);
    }
    for (index, model) in models.iter().enumerate() {
        let pointer = format!("/models/{index}");
        if !unit.models.is_empty() && !unit.models.contains(model) {
            return Err(unknown(pointer, unit.models.clone()).into());
        }
        if unit.cancelled_models.iter().any(|it| it.model == *model) {
            return Err(cancelled_already(pointer));
        }
        unit.cancelled_models.push(CancelledModel { model: model.clone(), cancelled_on: on });
    }
    unit.order();
    Ok(units)
}

fn cancelled_already(pointer: String) -> Problem {
    let fault = Fault::new(pointer, Rule::NotAllowed);
    Problem::from(ProblemKind::IllegalStep).fault(fault.detail("已经注销", "it is cancelled already, which is final"))
}

/// The body of an approval number, where it is the caller's own.
pub(crate) fn own_body(view: &mut View<'_>, number: &ApprovalNumber, by: OrganisationId) -> Result<CertificationBody> {
    let body: Option<CertificationBody> =
        certification_bodies::read(view.conn, number, view.cut)?.map(|stored| stored.parse()).transpose()?;
    match body {
        None => Err(ProblemKind::NotFound.into()),
        Some(body) if body.organisation == by => Ok(body),
        Some(_) => Err(products::not_owner().into()),
    }
}

/// The one way a certificate changes: checks, derives the step, and asks whether the body may.
fn change(
    view: &mut View<'_>,
    body: &CertificationBody,
    held: Option<Held>,
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
    Ok(Decided::Step { step, after: Box::new(after), first: held.is_none() })
}

impl Held {
    /// The record of the body itself from which a new one may take away. A correction is measured by what holds
    /// until a scheduled step. What a city's list said becomes the body's word, and so weightier, by a step that
    /// leaves it valid.
    fn own(&self, after: &Certificate) -> Option<&Certificate> {
        let before = if after.correction.is_some() { &self.present } else { &self.latest };
        let heard = self.present.record_source == RecordSource::CityList;
        let confirmed = heard && after.reported_status == ReportedStatus::Valid;
        (before.record_source == RecordSource::Body && !confirmed).then_some(before)
    }
}

/// The codes that a record may use, read when the first of them is asked for: one list serves all lines of a chunk.
#[derive(Default)]
pub(crate) struct Codes(Option<HashSet<String>>);

impl Codes {
    fn has(&mut self, view: &mut View<'_>, code: &str) -> Result<bool> {
        let codes = match self.0.take() {
            Some(codes) => codes,
            None => code_lists::codes(view.conn, "certificate-reasons", view.cut)?,
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
