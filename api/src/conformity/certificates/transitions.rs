//! The steps that a body takes by their names.

use super::foreseen::{SteppedCertificate, carry_out};
use crate::http::{Body, Failure, Write, answer, checks, params, path_id};
use actix_web::web::Path;
use actix_web::{HttpResponse, post};
use jiff::civil::Date;
use lvcai_auth::Scope;
use lvcai_domain::{CertificateId, Fault, Problem, ReportedStatus, Rule};
use lvcai_store::View;
use lvcai_store::certificates::{self, Target, Transition};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

/// A step that a body takes by its name.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CertificateStep {
    /// Suspend (暂停).
    Suspend,
    /// Restore (恢复).
    Restore,
    /// Withdraw for cause (撤销): final.
    Withdraw,
    /// Cancel without fault (注销), the certificate or a unit of it: final.
    Cancel,
    /// Take back a status that was reported by mistake (勘误).
    Correct,
}

/// A step of a certificate
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "step": "suspend", "reason": "0203" }))]
struct CertificateTransition {
    /// The step.
    step: CertificateStep,
    /// Why: a code of `/v1/code-lists/certificate-reasons` for product certification. Required to suspend, withdraw and
    /// cancel the certificate. For `correct`, reason and planned end that are absent are those told before of that status
    /// since that day.
    #[validate(length(min = 1, max = 40), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 40)]
    reason: Option<String>,
    /// From which day; today when absent, or for `correct` since the status held before. Not before the step before it;
    /// a year ahead at most.
    #[serde(default, deserialize_with = "params::day")]
    effective_on: Option<Date>,
    /// When a suspension is planned to end.
    #[serde(default, deserialize_with = "params::day")]
    suspension_planned_end: Option<Date>,
    /// For `cancel`: the unit that is cancelled, by its name, while the certificate goes on.
    #[validate(length(min = 1, max = 2000), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 2000)]
    unit: Option<String>,
    /// With `unit`: the models of it that are cancelled; the whole unit when absent.
    #[serde(default)]
    #[validate(length(max = 2000), custom(function = "checks::texts"))]
    #[schema(max_items = 2000)]
    models: Vec<String>,
    /// For `correct`: the status that should have been reported.
    status: Option<ReportedStatus>,
    /// For `correct`: what was wrong (勘误说明).
    #[validate(length(min = 1, max = 300), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 300)]
    note: Option<String>,
}

impl CertificateTransition {
    /// Where the step leads; a field that belongs to another step is refused.
    fn target(&self) -> Result<Target, Problem> {
        let correct = matches!(self.step, CertificateStep::Correct);
        let stray = [
            ("/unit", self.unit.is_some() && !matches!(self.step, CertificateStep::Cancel)),
            ("/models", !self.models.is_empty() && self.unit.is_none()),
            ("/status", self.status.is_some() && !correct),
            ("/note", self.note.is_some() && !correct),
            ("/reason", self.reason.is_some() && self.unit.is_some()),
        ];
        let stray = stray.into_iter().filter(|(_, is)| *is).map(|(at, _)| Fault::new(at, Rule::NotAllowed));
        let missing = [("/status", self.status.is_none()), ("/note", self.note.is_none())];
        let missing =
            missing.into_iter().filter(|(_, is)| *is && correct).map(|(at, _)| Fault::new(at, Rule::Required));
        let faults: Vec<_> = stray.chain(missing).collect();
        if !faults.is_empty() {
            return Err(faults.into());
        }
        Ok(match (self.step, &self.unit, self.status) {
            (CertificateStep::Cancel, Some(unit), _) => {
                Target::Unit { name: unit.clone(), models: self.models.clone() }
            }
            (CertificateStep::Correct, _, Some(status)) => {
                Target::Correction(status, self.note.clone().unwrap_or_default())
            }
            (CertificateStep::Suspend, ..) => Target::Status(ReportedStatus::Suspended),
            (CertificateStep::Restore | CertificateStep::Correct, ..) => Target::Status(ReportedStatus::Valid),
            (CertificateStep::Withdraw, ..) => Target::Status(ReportedStatus::Withdrawn),
            (CertificateStep::Cancel, ..) => Target::Status(ReportedStatus::Cancelled),
        })
    }
}

/// Suspend, restore, withdraw, cancel or correct a certificate (暂停、恢复、撤销、注销或更正证书)
///
/// By the body that issued it. The listings that rest on it follow in the same command. A step may take effect in the
/// past or in the future; verdicts for a day see what holds on it. With `validate_only` the answer names the products,
/// listings and publications that the step would touch.
#[utoipa::path(
    tag = "certificates",
    operation_id = "step_certificate",
    params(("id" = CertificateId, Path, description = "The certificate", example = "cert_01900000-0000-7000-8000-000000000013")),
    request_body = CertificateTransition,
    security(("bearer" = ["certificates:push"])),
    responses((status = 200, description = "Done", body = SteppedCertificate)),
    extensions(("x-problems" = json!(["not-accredited"]))),
)]
#[post("/certificates/{id}/transitions")]
pub(super) async fn step_certificate(
    write: Write,
    id: Path<String>,
    body: Body<CertificateTransition>,
) -> Result<HttpResponse, Failure> {
    write.caller.may(Scope::CertificatesPush)?;
    let id: CertificateId = path_id(&id)?;
    let by = write.caller.organisation;
    let to = body.value.target()?;
    let CertificateTransition { effective_on, reason, suspension_planned_end, .. } = body.value;
    let transition = Transition { to, effective_on, reason, suspension_planned_end };
    let decide =
        move |view: &mut View<'_>| certificates::transition(view, id, by, &transition).map_err(to_transition_fields);
    let stands = move |view: &mut View<'_>| certificates::read(view.conn, id, view.cut);
    let receipt = carry_out(&write, &body.digest, write.conditions.guard(stands, decide)).await?;
    Ok(answer::receipt(receipt, |id| format!("/v1/certificates/{id}")))
}

/// The steps that lead to statuses; a certificate expires by itself.
fn steps(codes: &[String]) -> Vec<String> {
    let step = |code: &String| match code.as_str() {
        "01" => Some("restore"),
        "02" => Some("suspend"),
        "03" => Some("withdraw"),
        "04" => Some("cancel"),
        _ => None,
    };
    codes.iter().filter_map(step).map(str::to_owned).collect()
}

/// Points at the fields of the transition where the rule knows those of the record.
fn to_transition_fields(error: lvcai_store::Error) -> lvcai_store::Error {
    let lvcai_store::Error::Refused(mut problem) = error else { return error };
    for fault in &mut problem.faults {
        let pointer = match fault.pointer.as_str() {
            "/reported_status" => {
                fault.allowed = steps(&fault.allowed);
                "/step"
            }
            "/correction" => {
                fault.rule = Rule::NotAllowed;
                fault.allowed = vec!["correct".to_owned()];
                "/step"
            }
            "/status_on" => "/effective_on",
            it if it.starts_with("/units/") => "/effective_on",
            "/status_reason" => "/reason",
            "/suspension_planned_end" => "/suspension_planned_end",
            _ => continue,
        };
        fault.pointer = pointer.to_owned();
    }
    lvcai_store::Error::Refused(problem)
}
