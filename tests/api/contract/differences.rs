//! How an answer differs from its schema. It knows the words that the document uses, and is no validator for others.

use super::{resolve, type_of};
use serde_json::{Value, json};

/// Says how a value differs from its schema, pointer by pointer.
pub(crate) fn differences(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let nullable = schema["oneOf"].as_array().is_some_and(|it| it.iter().any(|it| it["type"] == "null"))
        || schema["type"].as_array().is_some_and(|it| it.contains(&json!("null")));
    if value.is_null() && nullable {
        return Vec::new();
    }
    let schema = resolve(document, schema);
    if let Some(all) = schema["allOf"].as_array() {
        return merged(document, all, value, at);
    }
    let right = match type_of(schema) {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "boolean" => value.is_boolean(),
        _ => true,
    };
    // A later registry may answer other values than those that answers have now; this one may not.
    let values = schema["enum"].as_array().or_else(|| schema["x-extensible-enum"].as_array());
    if !right || values.is_some_and(|it| !it.contains(value)) {
        return vec![format!("{at}: {value} is not {schema}")];
    }
    let mut found = Vec::new();
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        found.extend(
            values
                .iter()
                .enumerate()
                .flat_map(|(index, it)| differences(document, items, it, &format!("{at}/{index}"))),
        );
    }
    if let (Some(properties), Some(fields)) = (schema["properties"].as_object(), value.as_object()) {
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        found.extend(required.filter(|name| !fields.contains_key(*name)).map(|name| format!("{at}/{name} is missing")));
        for (name, field) in fields {
            match properties.get(name) {
                Some(schema) => found.extend(differences(document, schema, field, &format!("{at}/{name}"))),
                None => found.push(format!("{at}/{name} is not documented")),
            }
        }
    }
    found
}

/// An object of several schemas has the fields of all of them.
fn merged(document: &Value, all: &[Value], value: &Value, at: &str) -> Vec<String> {
    let (mut properties, mut required) = (serde_json::Map::new(), Vec::new());
    for part in all.iter().map(|part| resolve(document, part)) {
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
        required.extend(part["required"].as_array().cloned().unwrap_or_default());
    }
    differences(document, &json!({ "type": "object", "properties": properties, "required": required }), value, at)
}
