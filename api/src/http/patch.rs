//! Merge patches (RFC 7396).

use crate::http::json;
use lvcai_domain::{Problem, ProblemKind};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use validator::Validate;

/// A JSON merge patch (RFC 7396), applied to the record as it is when the
/// change is decided.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
pub(crate) struct MergePatch(Map<String, Value>);

impl Validate for MergePatch {
    /// The result is validated, not the patch.
    fn validate(&self) -> Result<(), validator::ValidationErrors> {
        Ok(())
    }
}

impl MergePatch {
    /// Merges into the part of `body` that a client may say, and checks the result like a new record.
    pub(crate) fn apply<T: DeserializeOwned + Validate + ToSchema>(
        &self,
        body: &str,
        not_the_clients: &[&str],
    ) -> Result<T, Problem> {
        let mut target: Value = serde_json::from_str(body).map_err(|_| ProblemKind::Internal)?;
        if let Some(fields) = target.as_object_mut() {
            fields.retain(|name, _| !not_the_clients.contains(&name.as_str()));
        }
        merge(&mut target, &Value::Object(self.0.clone()));
        json::from_value(target)
    }
}

/// RFC 7396 §2.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(fields) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            fields.remove(name);
        } else {
            merge(fields.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    /// The examples of RFC 7396, appendix A.
    #[test]
    fn a_patch_merges_as_the_standard_says() {
        let cases = [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}})),
            (json!([1, 2]), json!({"a":"b","c":null}), json!({"a":"b"})),
            (json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}})),
        ];
        for (mut target, patch, merged) in cases {
            super::merge(&mut target, &patch);
            assert_eq!(target, merged);
        }
    }
}
