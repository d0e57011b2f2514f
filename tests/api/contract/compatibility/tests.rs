//! Each rule, shown by a change that only it refuses.

mod answers;
mod operations;
mod requests;

use super::breaks;
use serde_json::{Value, json};

/// A document with one of everything that the rules look at.
fn document() -> Value {
    json!({
        "paths": {
            "/v1/things": { "post": {
                "operationId": "add_thing",
                "parameters": [
                    { "name": "dry", "in": "query", "required": false, "schema": { "type": "boolean", "default": false } },
                    { "name": "Key", "in": "header", "required": false, "schema": { "type": "string" } },
                ],
                "requestBody": { "required": false, "content": {
                    "application/json": { "schema": { "$ref": "#/components/schemas/NewThing" } },
                    "text/csv": { "schema": { "type": "string" } },
                } },
                "responses": { "201": { "content": { "application/json": { "schema": { "type": "string" } } } } },
                "security": [{ "bearer": ["things:write"] }],
            } },
            "/v1/things/{id}": { "get": {
                "operationId": "read_thing",
                "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }],
                "responses": {
                    "200": {
                        "headers": { "ETag": { "schema": { "type": "string" } } },
                        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } },
                    },
                    "404": { "content": { "application/problem+json": { "schema": { "type": "object" } } } },
                },
                "security": [{}, { "bearer": [] }],
            } },
        },
        "components": { "schemas": { "NewThing": new_thing(), "Thing": thing(), "ReasonCode": reason_code() },
            "securitySchemes": { "bearer": { "type": "oauth2", "flows": { "clientCredentials": {
                "tokenUrl": "/oauth/token", "scopes": { "things:write": "Add things" } } } } } },
    })
}

/// What clients send.
fn new_thing() -> Value {
    json!({ "type": "object", "additionalProperties": false, "required": ["name"], "properties": {
        "name": { "type": "string", "minLength": 1, "maxLength": 20 },
        "note": { "oneOf": [{ "type": "string" }, { "type": "null" }] },
        "kind": { "type": "string", "enum": ["a", "b"] },
        "count": { "type": "integer", "format": "int32", "minimum": 0, "maximum": 9 },
        "size": { "type": "number" },
        "code": { "type": "string", "pattern": "^[a-z]$" },
        "tags": { "type": "array", "items": { "type": "string" }, "minItems": 0, "maxItems": 5 },
        "free": { "type": "object", "properties": {} },
        "like": { "$ref": "#/components/schemas/NewThing" },
    } })
}

/// What clients read.
fn thing() -> Value {
    json!({ "type": "object", "required": ["id", "kind"], "properties": {
        "id": { "type": "string", "pattern": "^thing_" },
        "kind": { "type": "string", "enum": ["a", "b"] },
        "star": { "type": "integer", "format": "int32", "maximum": 3 },
        "on": { "type": "string", "format": "date" },
        "why": { "$ref": "#/components/schemas/ReasonCode" },
        "texts": { "type": "object", "additionalProperties": { "type": "string" } },
        "parts": { "type": "array", "items": { "$ref": "#/components/schemas/Thing" } },
    } })
}

fn reason_code() -> Value {
    json!({ "type": "string", "enum": ["known"] })
}

/// What a change of something in the document breaks. The pointer may end in the name of something new.
fn after(pointer: &str, value: Value) -> Vec<String> {
    let (blessed, mut current) = (document(), document());
    let (owner, last) = pointer.rsplit_once('/').unwrap();
    let last = last.replace("~1", "/");
    match current.pointer_mut(owner).unwrap_or_else(|| panic!("nothing at {owner}")) {
        Value::Array(list) => list.insert(last.parse().unwrap(), value),
        owner => owner[last.as_str()] = value,
    }
    breaks(&blessed, &current)
}

/// What the loss of something in the document breaks.
fn without(pointer: &str) -> Vec<String> {
    let (blessed, mut current) = (document(), document());
    let (owner, last) = pointer.rsplit_once('/').unwrap();
    let last = last.replace("~1", "/");
    match current.pointer_mut(owner).unwrap_or_else(|| panic!("nothing at {owner}")) {
        Value::Array(list) => drop(list.remove(last.parse().unwrap())),
        owner => drop(owner.as_object_mut().unwrap().remove(&last).unwrap_or_else(|| panic!("nothing at {pointer}"))),
    }
    breaks(&blessed, &current)
}

/// The field of what clients send.
fn sent(field: &str) -> String {
    format!("/components/schemas/NewThing/properties/{field}")
}

/// The field of what clients read.
fn read(field: &str) -> String {
    format!("/components/schemas/Thing/properties/{field}")
}

#[test]
fn a_document_breaks_nothing_of_itself() {
    assert_eq!(breaks(&document(), &document()), Vec::<String>::new());
}

#[test]
fn what_several_operations_have_in_common_is_said_once() {
    let operation = document()["paths"]["/v1/things/{id}"].clone();
    let (mut blessed, mut current) = (document(), document());
    blessed["paths"]["/v1/others/{id}"] = operation.clone();
    current["paths"]["/v1/others/{id}"] = operation;
    current["components"]["schemas"]["Thing"]["properties"].as_object_mut().unwrap().remove("star");

    let found = breaks(&blessed, &current);

    assert_eq!(
        found,
        ["GET /v1/things/{id} and 1 more: the answer 200 no longer has `star`: clients that read it break"]
    );
}
