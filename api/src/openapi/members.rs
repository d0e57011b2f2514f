//! Members of the document by their place.

use serde_json::Value;

/// Puts a member into the object at a place of the document.
pub(crate) fn put(document: &mut Value, at: &str, name: &str, value: Value) {
    if let Some(members) = document.pointer_mut(at).and_then(Value::as_object_mut) {
        members.insert(name.to_owned(), value);
    }
}
