//! What two records of one noun say differently.

use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// What two records say differently in one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field, as a JSON Pointer into the record.
    pub pointer: String,
    /// What one says; null where it says nothing.
    pub ours: Value,
    /// What the other says.
    pub theirs: Value,
}

/// What two records say differently, field by field.
///
/// # Errors
///
/// When a record cannot be written as JSON, which is a defect.
pub(crate) fn differences<T: Serialize>(ours: &T, theirs: &T) -> Result<Vec<Difference>, serde_json::Error> {
    let mut found = Vec::new();
    walk(&serde_json::to_value(ours)?, &serde_json::to_value(theirs)?, String::new(), &mut found);
    Ok(found)
}

fn walk(ours: &Value, theirs: &Value, at: String, found: &mut Vec<Difference>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let names: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
            for name in names {
                let (one, other) = (ours.get(name), theirs.get(name));
                walk(one.unwrap_or(&Value::Null), other.unwrap_or(&Value::Null), format!("{at}/{name}"), found);
            }
        }
        (ours, theirs) if ours != theirs => {
            found.push(Difference { pointer: at, ours: ours.clone(), theirs: theirs.clone() });
        }
        _ => {}
    }
}
