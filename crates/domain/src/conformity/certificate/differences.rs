//! When two records of a certificate say the same.

use super::Certificate;
use serde_json::Value;
use std::collections::BTreeSet;

/// What two certificates say differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field, as a JSON Pointer into the certificate.
    pub pointer: String,
    /// What one says; null where it says nothing.
    pub ours: Value,
    /// What the other says.
    pub theirs: Value,
}

/// What two certificates say differently, leaving aside what only the registry says.
///
/// # Errors
///
/// When a certificate cannot be written as JSON, which is a defect.
pub fn differences(ours: &Certificate, theirs: &Certificate) -> Result<Vec<Difference>, serde_json::Error> {
    let bare = |it: &Certificate| {
        serde_json::to_value(Certificate { id: ours.id, correction: None, sample: false, ..it.clone() })
    };
    let mut found = Vec::new();
    walk(&bare(ours)?, &bare(theirs)?, String::new(), &mut found);
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
