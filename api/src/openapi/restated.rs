//! What a GET answers can be put back at its address.
//!
//! So the schema of what is put has the members of the answer too that a request does not take, as `readOnly`: they are
//! compared with the record that stands. OpenAPI says of such a member that a request should not have it, and no more, so
//! the schema stays that of a line of a batch as well, which repeats nothing.

use super::members::put;
use serde_json::{Map, Value, json};

const SCHEMAS: &str = "#/components/schemas/";

/// Writes the members that may be repeated.
pub(super) fn write(document: &mut Value) {
    let pairs: Vec<(String, String)> =
        document["paths"].as_object().into_iter().flat_map(Map::values).filter_map(pair).collect();
    for (sent, answered) in pairs {
        let (own, of_record) = (members(document, &sent), members(document, &answered));
        let Some(mut schema) = document.pointer(&format!("/components/schemas/{sent}")).cloned() else { continue };
        for (name, mut member) in of_record.into_iter().filter(|(name, _)| !own.contains_key(name)) {
            put(&mut member, "", "readOnly", json!(true));
            put(&mut schema, "/properties", &name, member);
        }
        put(document, "/components/schemas", &sent, schema);
    }
}

/// The schemas of what is put at an address and of what is read there.
fn pair(item: &Value) -> Option<(String, String)> {
    let sent = item.pointer("/put/requestBody/content/application~1json/schema/$ref")?;
    let answered = item.pointer("/get/responses/200/content/application~1json/schema/$ref")?;
    Some((name(sent)?, name(answered)?))
}

fn name(reference: &Value) -> Option<String> {
    reference.as_str()?.strip_prefix(SCHEMAS).map(str::to_owned)
}

fn members(document: &Value, schema: &str) -> Map<String, Value> {
    let members = document.pointer(&format!("/components/schemas/{schema}/properties"));
    members.and_then(Value::as_object).cloned().unwrap_or_default()
}
