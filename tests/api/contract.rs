//! The OpenAPI document as tests walk it: operations, schemas, samples, and what an answer must keep to.

mod accept;
mod all_faults;
mod below;
mod blessed;
mod compatibility;
mod differences;
mod document;
mod examples;
mod fault_precedence;
mod headers;
mod issuer;
mod json_forms;
mod limits;
mod lists;
mod malformed;
mod put_back;
mod slow_bodies;
mod slow_uploads;
mod words;
mod world;

pub(crate) use differences::differences;
pub(crate) use world::World;

use serde_json::{Value, json};

/// The document that the program serves, with what its operations share put where it is referred to.
pub(crate) fn document() -> Value {
    let document = lvcai_api::document();
    inlined(&document, &document)
}

/// A value with its references followed, but for those to schemas.
fn inlined(document: &Value, value: &Value) -> Value {
    match value {
        Value::Object(members) => match members.get("$ref").and_then(Value::as_str) {
            Some(place) if !place.starts_with("#/components/schemas/") => {
                inlined(document, document.pointer(place.trim_start_matches('#')).unwrap())
            }
            _ => members.iter().map(|(name, value)| (name.clone(), inlined(document, value))).collect(),
        },
        Value::Array(items) => items.iter().map(|it| inlined(document, it)).collect(),
        plain => plain.clone(),
    }
}

/// One operation of the document.
pub(crate) struct Operation {
    /// `GET`, `POST`, `PUT` or `PATCH`.
    pub(crate) method: String,
    /// The path as the document writes it.
    pub(crate) path: String,
    /// What the document says of it.
    pub(crate) says: Value,
}

impl Operation {
    /// How a failing test names it.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether it is part of `/v1`.
    pub(crate) fn is_v1(&self) -> bool {
        self.path.starts_with("/v1/")
    }

    /// The ways in which it may be authorised; empty when it asks for nothing.
    pub(crate) fn security(&self) -> Vec<Value> {
        self.says["security"].as_array().cloned().unwrap_or_default()
    }

    /// Whether nobody may call it without a token.
    pub(crate) fn is_closed(&self) -> bool {
        let security = self.security();
        !security.is_empty() && !security.contains(&json!({}))
    }

    /// Its parameters of a place: `query`, `path` or `header`.
    pub(crate) fn parameters(&self, place: &str) -> Vec<Value> {
        let all = self.says["parameters"].as_array().cloned().unwrap_or_default();
        all.into_iter().filter(|it| it["in"] == place).collect()
    }

    /// Whether the document names a parameter of the query string.
    pub(crate) fn documents_parameter(&self, name: &str) -> bool {
        self.parameters("query").iter().any(|it| it["name"] == name)
    }

    /// The content type and the schema of its body.
    pub(crate) fn body(&self) -> Option<(String, Value)> {
        let content = self.says["requestBody"]["content"].as_object()?;
        let (content_type, media) = content.iter().next()?;
        Some((content_type.clone(), media["schema"].clone()))
    }

    /// The example of its body.
    pub(crate) fn example(&self, document: &Value) -> Option<Value> {
        let (content_type, schema) = self.body()?;
        let media = &self.says["requestBody"]["content"][content_type];
        media.get("example").or_else(|| resolve(document, &schema).get("example")).cloned()
    }

    /// Whether the document says that it may answer so.
    pub(crate) fn documents(&self, status: u16) -> bool {
        self.says["responses"].get(status.to_string()).is_some()
    }
}

/// Every operation, in the order of the document.
pub(crate) fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "patch", "delete"] {
            if let Some(says) = item.get(method) {
                operations.push(Operation { method: method.to_uppercase(), path: path.clone(), says: says.clone() });
            }
        }
    }
    operations
}

/// A schema with its reference followed and its `null` left aside.
pub(crate) fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(name) = schema["$ref"].as_str() {
        return resolve(document, document.pointer(name.trim_start_matches('#')).unwrap());
    }
    match schema["oneOf"].as_array() {
        Some(either) => resolve(document, either.iter().find(|it| it["type"] != "null").unwrap()),
        None => schema,
    }
}

/// The one type of a schema, `null` left aside.
pub(crate) fn type_of(schema: &Value) -> &str {
    match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).find(|it| *it != "null").unwrap(),
        single => single.as_str().unwrap_or_default(),
    }
}

/// The example that a schema gives.
pub(crate) fn example(schema: &Value) -> Option<Value> {
    schema.get("example").or_else(|| schema.pointer("/examples/0")).cloned()
}

/// A value of a schema's form.
pub(crate) fn sample(document: &Value, schema: &Value) -> Value {
    let schema = resolve(document, schema);
    if let Some(example) = example(schema) {
        return example;
    }
    if let Some(first) = schema.pointer("/enum/0") {
        return first.clone();
    }
    match type_of(schema) {
        "object" => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let fields = required.iter().filter_map(Value::as_str);
            fields.map(|name| (name.to_owned(), sample(document, &schema["properties"][name]))).collect()
        }
        "array" => json!([sample(document, &schema["items"])]),
        "integer" => schema.get("minimum").cloned().unwrap_or(json!(1)),
        "boolean" => json!(true),
        _ if schema["format"] == "date" => json!("2026-01-15"),
        _ => json!("a".repeat(usize::try_from(schema["minLength"].as_u64().unwrap_or(1)).unwrap().max(3))),
    }
}
