//! Steps that a body takes by name, and the record that each makes of the one before.

use super::{CancelledModel, Certificate, ReportedStatus, Unit, illegal};
use crate::problem::{Fault, Problem, ProblemKind};
use crate::rule::Rule;
use crate::timeline::Timeline;
use crate::values::RecordSource;
use jiff::civil::Date;

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
    pub effective_on: Option<Date>,
    /// Why.
    pub reason: Option<String>,
    /// When a suspension is planned to end.
    pub suspension_planned_end: Option<Date>,
}

impl Transition {
    /// The record after the step. `timeline` has the versions of the certificate, of which `before` is the newest; a
    /// correction alone looks at it.
    ///
    /// # Errors
    ///
    /// Refuses a status that does not follow from the present one, a unit or model that the certificate does not name
    /// or that is cancelled already, and a correction to a status it never had that names no day.
    pub fn apply(
        &self,
        before: &Certificate,
        timeline: &Timeline<Certificate>,
        today: Date,
    ) -> Result<Certificate, Problem> {
        let on = self.effective_on.unwrap_or(today);
        let after = match &self.to {
            Target::Status(to) if !before.reported_status.next().contains(to) => {
                return Err(illegal(before.reported_status));
            }
            Target::Status(to) => self.with_status(before, *to, on),
            Target::Unit { name, models } => {
                let units = cancel_models(&before.units, name, models, on)?;
                Certificate { units, correction: None, ..before.clone() }
            }
            Target::Correction(to, note) => {
                let after = self.corrected(before, *to, timeline)?;
                Certificate { correction: Some(note.clone()), ..after }
            }
        };
        // The record may be from a city's list. By a step of its own the body confirms the rest of it.
        Ok(Certificate { record_source: RecordSource::CertificationBody, ..after })
    }

    fn with_status(&self, before: &Certificate, to: ReportedStatus, on: Date) -> Certificate {
        Certificate {
            reported_status: to,
            status_on: on,
            status_reason: self.reason.clone(),
            suspension_planned_end: self.suspension_planned_end,
            correction: None,
            ..before.clone()
        }
    }

    /// The record with the status that should have been reported: as it stood before, unless the step says more.
    fn corrected(
        &self,
        before: &Certificate,
        to: ReportedStatus,
        timeline: &Timeline<Certificate>,
    ) -> Result<Certificate, Problem> {
        let earlier = last_with_status(timeline, to);
        let on = match self.effective_on {
            Some(on) => on,
            None => earlier.ok_or_else(never_had)?.status_on,
        };
        let after = self.with_status(before, to, on);
        let repeated = earlier.filter(|it| it.status_on == on && self.reason.is_none());
        Ok(match repeated {
            Some(it) => Certificate {
                status_reason: it.status_reason.clone(),
                suspension_planned_end: self.suspension_planned_end.or(it.suspension_planned_end),
                ..after
            },
            None => after,
        })
    }
}

/// The record with which a certificate last came to a status.
pub(super) fn last_with_status(timeline: &Timeline<Certificate>, status: ReportedStatus) -> Option<&Certificate> {
    timeline.versions().filter(|it| it.reported_status == status).last()
}

/// The refusal of a correction that names no day and goes back to none.
pub(super) fn never_had() -> Problem {
    let fault = Fault::new("/status_on", Rule::Required);
    fault
        .detail("该证书从未处于此状态，请写明自哪一天起", "the certificate never had this status; say since which day")
        .into()
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
