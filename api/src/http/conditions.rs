//! The conditions of a request (RFC 9110 §13): `If-Match` and `If-None-Match`.

use crate::http::answer::{etag, names};
use crate::http::failure::Failure;
use crate::http::headers;
use actix_web::HttpRequest;
use lvcai_domain::{Fault, Problem, ProblemKind, Rule};
use lvcai_store::{Decision, Result, StoredVersion, View};

/// On what a write depends.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    if_match: Option<String>,
    if_none_match: Option<String>,
}

impl Conditions {
    /// Those that a request names.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Problem> {
        Ok(Self {
            if_match: headers::all(request, "If-Match")?,
            if_none_match: headers::all(request, "If-None-Match")?,
        })
    }

    /// Requires `If-Match` among them.
    pub(crate) fn require_if_match(&self) -> Result<(), Failure> {
        if self.if_match.is_some() { Ok(()) } else { Err(ProblemKind::PreconditionRequired.into()) }
    }

    /// Whether there are any.
    fn are_named(&self) -> bool {
        self.if_match.is_some() || self.if_none_match.is_some()
    }

    /// Refuses any, where there is no record that they could speak of: one that is yet to be made, or many at once.
    pub(crate) fn refuse(&self) -> Result<(), Problem> {
        let named = [("If-Match", &self.if_match), ("If-None-Match", &self.if_none_match)];
        let faults = named.into_iter().filter(|(_, tags)| tags.is_some()).map(|(name, _)| {
            Fault::new(name, Rule::NotAllowed).detail(
                "此操作没有可供比较的单个记录，不接受条件",
                "the operation is about no single record that stands, and takes no condition",
            )
        });
        let faults: Vec<Fault> = faults.collect();
        if faults.is_empty() { Ok(()) } else { Err(Problem { faults, ..ProblemKind::Malformed.into() }) }
    }

    /// Compares them with the record that stands at the address; what does not exist matches nothing, `*` neither.
    pub(crate) fn check(&self, stands: Option<&StoredVersion>) -> Result<(), Problem> {
        let etag = stands.map(|it| etag(&it.body));
        let matches = |tags: &str| etag.as_ref().is_some_and(|etag| names(tags, etag));
        if self.if_match.as_deref().is_some_and(|tags| !matches(tags)) {
            let problem = Problem::from(ProblemKind::PreconditionFailed);
            return Err(match &etag {
                Some(etag) => problem.detail(
                    format!("最新记录的 ETag 为 {etag}；有尚未生效的记录时，以 latest=true 读取"),
                    format!(
                        "the ETag of the latest record is {etag}; where it is still to take effect, read it with latest=true"
                    ),
                ),
                None => problem,
            });
        }
        if self.if_none_match.as_deref().is_some_and(matches) {
            let etag = etag.unwrap_or_default();
            return Err(Problem::from(ProblemKind::PreconditionFailed).detail(
                format!("该地址已有记录，当前 ETag 为 {etag}；修改请改用 If-Match"),
                format!("there is a record at the address, its ETag is {etag}; to change it, send `If-Match`"),
            ));
        }
        Ok(())
    }

    /// A decision under these conditions. They are asked last: what would be refused without them is refused for its own
    /// reason (RFC 9110 §13.2.1), and who may not see a record learns nothing of its ETag.
    pub(crate) fn guard(
        &self,
        mut stands: impl FnMut(&mut View<'_>) -> Result<Option<StoredVersion>> + Send + 'static,
        mut decide: impl FnMut(&mut View<'_>) -> Result<Decision> + Send + 'static,
    ) -> impl FnMut(&mut View<'_>) -> Result<Decision> + Send + 'static {
        let conditions = self.clone();
        move |view| {
            let decision = decide(view)?;
            if conditions.are_named() {
                conditions.check(stands(view)?.as_ref())?;
            }
            Ok(decision)
        }
    }
}
