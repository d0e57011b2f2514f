//! Gives the generic shapes names that a client generator makes good types of.
//!
//! utoipa writes a page of products as `Items_Product` with the product's
//! schema copied into it. Here it becomes `ProductPage` with a reference, so
//! that a generated client has one `Product`.

use lvcai_domain::ReportedStatus;
use serde_json::{Map, Value, json};

const SCHEMAS: &str = "#/components/schemas/";

/// Names the generic shapes and refers to what they hold.
pub(super) fn name_generics(document: &mut Value) {
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        *schemas = std::mem::take(schemas).into_iter().flat_map(|(name, schema)| referring(&name, schema)).collect();
        name_codes(schemas);
    }
    rename(document);
}

/// Gives the codes of CNCA names: `01` is no name in any language.
fn name_codes(schemas: &mut Map<String, Value>) {
    let names: Vec<String> = ReportedStatus::ALL.iter().map(|it| format!("{it:?}").to_uppercase()).collect();
    if let Some(status) = schemas.get_mut("ReportedStatus") {
        status["x-enum-varnames"] = json!(names);
    }
}

/// The name of a shape for its clients.
fn name(of: &str) -> String {
    if let Some(of) = of.strip_prefix("Items_") {
        return format!("{}Page", name(of));
    }
    match of.strip_prefix("VersionOf_") {
        Some(of) => format!("{of}Version"),
        None => of.to_owned(),
    }
}

/// A schema that refers to what it holds; what it holds beside it, where it is generic itself.
fn referring(of: &str, mut schema: Value) -> Map<String, Value> {
    let mut schemas = Map::new();
    if let Some(held) = of.strip_prefix("Items_")
        && let Some(items) = schema.pointer_mut("/properties/items/items")
    {
        let inner = std::mem::replace(items, json!({ "$ref": format!("{SCHEMAS}{held}") }));
        if held.starts_with("VersionOf_") {
            schemas.extend(referring(held, inner));
        }
    }
    if let Some(held) = of.strip_prefix("VersionOf_")
        && let Some(body) = schema.pointer_mut("/properties/body")
    {
        *body = json!({ "$ref": format!("{SCHEMAS}{held}") });
    }
    schemas.insert(name(of), schema);
    schemas
}

fn rename(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref")
                && let Some(of) = reference.strip_prefix(SCHEMAS)
            {
                *reference = format!("{SCHEMAS}{}", name(of));
            }
            members.values_mut().for_each(rename);
        }
        Value::Array(items) => items.iter_mut().for_each(rename),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
