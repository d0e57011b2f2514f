//! The answers that the document shows: what the demo gave to its examples of requests. `make examples` asks it again.

use super::members::put;
use serde_json::{Map, Value};

/// The answers, by operation and status.
const ANSWERS: &str = include_str!("answers.json");

/// Shows the answers beside the responses that they are examples of.
pub(super) fn show(document: &mut Value) {
    let answers: Map<String, Value> = serde_json::from_str(ANSWERS).unwrap_or_default();
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for operation in paths.values_mut().filter_map(Value::as_object_mut).flat_map(|item| item.values_mut()) {
        let Some(name) = operation.get("operationId").and_then(Value::as_str).map(str::to_owned) else { continue };
        for status in ["200", "201"] {
            if let Some(answer) = answers.get(&format!("{name} {status}")) {
                put(operation, &format!("/responses/{status}/content/application~1json"), "example", answer.clone());
            }
        }
    }
}
