//! The document as OpenAPI 3.0.3, for tools that read no newer one.
//!
//! It is the same document in the older words: what 3.1 says of a schema by JSON Schema, 3.0 says by `nullable`, a single
//! `example`, and a reference that stands alone. It says less, too: generators that read no newer one, such as progenitor
//! of Rust, take one type of body, JSON, and one schema for all answers of success and one for all failures.

use super::members::put;
use serde_json::{Map, Value, json};

/// The document in the words of OpenAPI 3.0.3.
pub(crate) fn as_3_0(mut document: Value) -> Value {
    put(&mut document, "", "openapi", json!("3.0.3"));
    if let Some(license) = document.pointer_mut("/info/license").and_then(Value::as_object_mut) {
        license.remove("identifier");
        license.insert("url".to_owned(), json!("https://www.apache.org/licenses/LICENSE-2.0"));
    }
    // There, only the schemes of OAuth may name scopes; the descriptions go on to name them.
    for operation in operations_mut(&mut document) {
        let ways = operation.get_mut("security").and_then(Value::as_array_mut).into_iter().flatten();
        for scopes in ways.filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
            *scopes = json!([]);
        }
        simplify(operation);
    }
    rewrite(&mut document);
    document
}

fn operations_mut(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    paths.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut).flat_map(Map::values_mut)
}

/// Leaves what a generator needs that knows one form of each.
fn simplify(operation: &mut Value) {
    if let Some(content) = operation.pointer_mut("/requestBody/content").and_then(Value::as_object_mut) {
        // A merge patch is taken as `application/json` as well.
        let first = content.iter().find(|(name, _)| name.contains("json")).or(content.iter().next());
        if let Some((name, media)) = first.map(|(name, media)| (name.clone(), media.clone())) {
            let name = if name.ends_with("+json") { "application/json".to_owned() } else { name };
            *content = Map::from_iter([(name, media)]);
        }
    }
    if let Some(answers) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        // Neither has the body of a success; what a request may fail by is named one by one.
        answers.retain(|status, _| status != "304" && status != "default");
        // Tokens are refused in the form of OAuth, which is another than that of problems.
        let of_oauth = |answer: &Value| answer.to_string().contains("/TokenError\"");
        if answers.values().any(of_oauth) {
            answers.retain(|status, answer| status == "200" || of_oauth(answer));
        }
    }
}

fn rewrite(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(rewrite);
            members.remove("propertyNames");
            one_example(members);
            nullable(members);
            lone_reference(members);
        }
        Value::Array(items) => items.iter_mut().for_each(rewrite),
        _ => {}
    }
}

/// A schema has one example there. Those of a media type have names, and stay.
fn one_example(members: &mut Map<String, Value>) {
    if members.get("examples").is_some_and(Value::is_array)
        && let Some(Value::Array(examples)) = members.remove("examples")
    {
        members.extend(examples.into_iter().next().map(|first| ("example".to_owned(), first)));
    }
}

fn nullable(members: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = members.get_mut("type") {
        let before = types.len();
        types.retain(|it| it != "null");
        let (nullable, one) = (types.len() < before, types.first().cloned());
        members.extend(one.map(|one| ("type".to_owned(), one)));
        members.extend(nullable.then(|| ("nullable".to_owned(), json!(true))));
    }
    let null = json!({ "type": "null" });
    if members.get("oneOf").and_then(Value::as_array).is_some_and(|it| it.contains(&null))
        && let Some(Value::Array(either)) = members.remove("oneOf")
    {
        // The other of the two, which has been rewritten already.
        for one in either.into_iter().filter(|it| *it != null) {
            match one {
                Value::Object(one) if !one.contains_key("$ref") => members.extend(one),
                reference => drop(members.insert("allOf".to_owned(), json!([reference]))),
            }
        }
        members.insert("nullable".to_owned(), json!(true));
    }
}

/// What stands beside a reference is not read there.
fn lone_reference(members: &mut Map<String, Value>) {
    let refers = members.get("$ref").and_then(Value::as_str).is_some_and(|it| it.starts_with("#/components/schemas/"));
    if refers
        && members.len() > 1
        && let Some(reference) = members.remove("$ref")
    {
        members.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
    }
}
