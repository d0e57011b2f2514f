//! What a certification body may certify, and until when.

use crate::reference::{self, Taxonomy};
use crate::{Certificate, Fault, Problem, ProblemKind, ReportedStatus, Rule, Scheme, Unit};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a body is accredited for
///
/// The approval of a certification body (认证机构批准书) holds for six years and names its fields
/// (认证机构管理办法). The city's authority records it with its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Accreditation {
    /// The first day of the approval.
    pub valid_from: Date,
    /// The last day of the approval, inclusive, in Asia/Shanghai.
    pub valid_until: Date,
    /// The fields it covers.
    #[schema(min_items = 1, max_items = 10)]
    pub scopes: Vec<AccreditedScope>,
    /// Where this is from.
    #[schema(min_length = 1, max_length = 300)]
    pub source: String,
    /// Whether it was checked against the approving authority's publication.
    pub verified: bool,
}

/// One field of an accreditation
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccreditedScope {
    /// The scheme.
    pub scheme: Scheme,
    /// The kinds of the scheme's catalogue. Empty when it covers them all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 200)]
    pub kinds: Vec<String>,
}

impl Scheme {
    /// The catalogue whose kinds are certified under it.
    pub const fn taxonomy(self) -> Taxonomy {
        match self {
            Self::StarCertification | Self::LegacyLabel => Taxonomy::GreenBuildingMaterialCertification,
            Self::GreenProduct => Taxonomy::GreenProductCertification,
        }
    }
}

impl Accreditation {
    /// What it says against itself.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        faults.extend((self.valid_until < self.valid_from).then(|| Fault::new("/valid_until", Rule::DateOrder)));
        for (index, scope) in self.scopes.iter().enumerate() {
            for (place, code) in scope.kinds.iter().enumerate() {
                if reference::kind(code).is_none_or(|kind| kind.taxonomy != scope.scheme.taxonomy()) {
                    faults.push(Fault::new(format!("/scopes/{index}/kinds/{place}"), Rule::KindUnknown));
                }
            }
        }
        faults
    }

    fn covers(&self, certificate: &Certificate) -> bool {
        self.scopes.iter().any(|scope| {
            scope.scheme == certificate.scheme && (scope.kinds.is_empty() || scope.kinds.contains(&certificate.kind))
        })
    }
}

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
    if !held.covers(after) {
        let (scheme, kind) = (after.scheme.name(), &after.kind);
        return refused(
            format!("批准范围不含制度 {scheme} 下的种类 {kind}"),
            format!("the scope does not cover kind {kind} under {scheme}"),
        );
    }
    Ok(())
}

/// Whether a record differs from the one before in nothing but cancelled units and models, and a status that
/// takes validity away. A later last day beside a suspension would give it.
fn only_takes_away(before: &Certificate, after: &Certificate) -> bool {
    let bare = |it: &Certificate| {
        let bare = |it: &Unit| Unit { cancelled_on: None, cancelled_models: Vec::new(), ..it.clone() };
        let units = it.units.iter().map(bare).collect();
        Certificate {
            units,
            reported_status: after.reported_status,
            status_on: after.status_on,
            status_reason: None,
            suspension_planned_end: None,
            correction: None,
            ..it.clone()
        }
    };
    let told =
        |it: &Certificate| (it.reported_status, it.status_on, it.status_reason.clone(), it.suspension_planned_end);
    let ends = before.reported_status.next().contains(&after.reported_status)
        && after.reported_status != ReportedStatus::Valid;
    // A correction that leaves the status alone may take back a scheduled suspension.
    let goes_on = after.correction.is_none() && told(before) == told(after);
    let revived = before.units.iter().any(|it| it.is_revived_by(&after.units));
    (ends || goes_on) && !revived && bare(before) == bare(after)
}
