//! Parameters that several operations have alike are written once, among the components.

use super::members::put;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Gathers the parameters that stand in more than one operation.
pub(super) fn gather(document: &mut Value) {
    let mut uses: BTreeMap<String, Vec<(Value, usize)>> = BTreeMap::new();
    for parameter in parameters_mut(document) {
        let alike = uses.entry(name(parameter)).or_default();
        match alike.iter_mut().find(|(known, _)| known == parameter) {
            Some((_, count)) => *count += 1,
            None => alike.push((parameter.clone(), 1)),
        }
    }
    // Of those that have a name in common the commonest has it for itself; the others stay where they are.
    let common = |(name, alike): (String, Vec<(Value, usize)>)| {
        let (parameter, count) = alike.into_iter().max_by_key(|(_, count)| *count)?;
        (count > 1).then_some((name, parameter))
    };
    let shared: Map<String, Value> = uses.into_iter().filter_map(common).collect();
    for parameter in parameters_mut(document) {
        let name = name(parameter);
        if shared.get(&name) == Some(parameter) {
            *parameter = json!({ "$ref": format!("#/components/parameters/{name}") });
        }
    }
    put(document, "/components", "parameters", Value::Object(shared));
}

fn parameters_mut(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let operations =
        paths.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut).flat_map(Map::values_mut);
    let parameters = operations.filter_map(|it| it.get_mut("parameters").and_then(Value::as_array_mut)).flatten();
    // Those of a path are of one noun, and would be called alike without being so.
    parameters.filter(|it| it["in"] != "path")
}

/// `certification_body` is `CertificationBody`, `If-Match` is `IfMatch`.
fn name(parameter: &Value) -> String {
    let name = parameter["name"].as_str().unwrap_or_default();
    let capital = |word: &str| word.chars().next().map(|it| it.to_ascii_uppercase().to_string() + &word[1..]);
    name.split(['_', '-']).filter_map(capital).collect()
}
