//! When two records of a certificate say the same.

use super::Certificate;
use serde_json::Value;
use std::collections::BTreeSet;

/// The fields in which two certificates differ, as JSON Pointers, leaving aside what only the registry says.
///
/// # Errors
///
/// When a certificate cannot be written as JSON, which is a defect.
pub fn differences(ours: &Certificate, theirs: &Certificate) -> Result<Vec<String>, serde_json::Error> {
    let bare = |it: &Certificate| {
        serde_json::to_value(Certificate { id: ours.id, correction: None, sample: false, ..it.clone() })
    };
    let mut fields = Vec::new();
    walk(&bare(ours)?, &bare(theirs)?, String::new(), &mut fields);
    Ok(fields)
}

fn walk(ours: &Value, theirs: &Value, at: String, fields: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let names: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
            for name in names {
                let (one, other) = (ours.get(name), theirs.get(name));
                walk(one.unwrap_or(&Value::Null), other.unwrap_or(&Value::Null), format!("{at}/{name}"), fields);
            }
        }
        (ours, theirs) if ours != theirs => fields.push(at),
        _ => {}
    }
}
