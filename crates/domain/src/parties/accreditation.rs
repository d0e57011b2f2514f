//! What a certification body may certify, and until when.

use crate::problem::Fault;
use crate::reference;
use crate::rule::Rule;
use crate::values::Scheme;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a body is accredited for
///
/// The approval of a certification body (认证机构批准书) holds for six years and names its fields
/// (认证机构管理办法). The city's authority records it with its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "valid_from": "2020-01-01", "valid_until": "2035-12-31",
    "scopes": [{ "scheme": "star_certification" }],
    "source": "示例，未经核实", "verified": false
}))]
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

    /// Whether it covers a kind under a scheme.
    pub fn covers(&self, scheme: Scheme, kind: &str) -> bool {
        let named = |kinds: &[String]| kinds.is_empty() || kinds.iter().any(|it| it == kind);
        self.scopes.iter().any(|it| it.scheme == scheme && named(&it.kinds))
    }
}
