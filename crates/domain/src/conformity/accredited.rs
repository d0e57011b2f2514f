//! What a certification body may record, by its accreditation.

use crate::conformity::certificate::{Certificate, ReportedStatus, same_but_less};
use crate::parties::accreditation::Accreditation;
use crate::problem::{Problem, ProblemKind};
use jiff::civil::Date;

/// Whether a body with this accreditation may record the certificate today.
///
/// A body whose approval ended may still take away: suspend, withdraw and cancel what it had issued, and units of it.
///
/// # Errors
///
/// [`ProblemKind::NotAccredited`] with what is missing.
pub fn may_record(
    accreditation: Option<&Accreditation>,
    before: Option<&Certificate>,
    after: &Certificate,
    today: Date,
) -> Result<(), Problem> {
    if before.is_some_and(|it| only_takes_away(it, after)) {
        return Ok(());
    }
    let refused = |zh: String, en: String| Err(Problem::from(ProblemKind::NotAccredited).detail(zh, en));
    let Some(held) = accreditation else {
        return refused("尚未登记该机构的批准范围".to_owned(), "no accreditation of the body is recorded".to_owned());
    };
    if today < held.valid_from || today > held.valid_until {
        let (from, until) = (held.valid_from, held.valid_until);
        return refused(
            format!("机构批准书有效期为 {from} 至 {until}"),
            format!("the body's approval holds from {from} to {until}"),
        );
    }
    if !held.covers(after.scheme, &after.kind) {
        let (scheme, kind) = (after.scheme.name(), &after.kind);
        return refused(
            format!("批准范围不含制度 {scheme} 下的种类 {kind}"),
            format!("the scope does not cover kind {kind} under {scheme}"),
        );
    }
    Ok(())
}

/// Whether a record takes validity away and gives none: it suspends, withdraws or cancels, whatever else it tells but a
/// later last day, since only a restoration makes that count; or it differs in nothing but cancelled units and models
/// and an earlier last day.
fn only_takes_away(before: &Certificate, after: &Certificate) -> bool {
    let ends = before.reported_status.next().contains(&after.reported_status)
        && after.reported_status != ReportedStatus::Valid;
    // Corrections are left out: one with an unchanged status may take back a scheduled suspension.
    let goes_on = after.correction.is_none() && same_but_less(before, after);
    let revived = before.units.iter().any(|it| it.is_revived_by(&after.units));
    let gives_none = after.valid_until <= before.valid_until && !revived;
    gives_none && (ends || goes_on)
}
