//! A schema with everything in one place: references followed, `allOf` merged, `null` among the types.

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Words that tell people something and allow or forbid nothing.
const REMARKS: [&str; 6] = ["description", "title", "example", "examples", "deprecated", "$ref"];

/// Words that the comparison understands.
const UNDERSTOOD: [&str; 17] = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "propertyNames",
    "items",
    "enum",
    "pattern",
    "format",
    "default",
    "maxLength",
    "minLength",
    "maximum",
    "minimum",
    "maxItems",
    "minItems",
    "allOf",
];

/// What a schema says.
pub(super) struct Form {
    /// The component that it refers to, if it does.
    pub(super) component: Option<String>,
    /// The types of JSON that it allows; empty when it allows any.
    pub(super) types: BTreeSet<String>,
    /// The other words.
    words: Map<String, Value>,
}

impl Form {
    /// The form of a schema of a document.
    pub(super) fn of(document: &Value, schema: &Value) -> Self {
        if let Some(reference) = schema["$ref"].as_str() {
            let component = reference.rsplit('/').next().map(str::to_owned);
            let form = Self::of(document, document.pointer(reference.trim_start_matches('#')).unwrap());
            return Self { component, ..form };
        }
        if let Some(one) = or_null(schema) {
            let mut form = Self::of(document, one);
            form.types.insert("null".to_owned());
            return form;
        }
        let types = match &schema["type"] {
            Value::Array(types) => types.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            single => single.as_str().into_iter().map(str::to_owned).collect(),
        };
        let mut form = Self { component: None, types, words: schema.as_object().cloned().unwrap_or_default() };
        for part in schema["allOf"].as_array().into_iter().flatten() {
            form.merge(Self::of(document, part));
        }
        form
    }

    fn merge(&mut self, part: Self) {
        self.types.extend(part.types);
        for (word, value) in part.words {
            match (self.words.get_mut(&word), value) {
                (Some(Value::Object(known)), Value::Object(more)) => known.extend(more),
                (Some(Value::Array(known)), Value::Array(more)) => known.extend(more),
                (_, value) => drop(self.words.insert(word, value)),
            }
        }
    }

    /// What a word says.
    pub(super) fn word(&self, word: &str) -> Option<&Value> {
        self.words.get(word)
    }

    /// A limit that is a number.
    pub(super) fn limit(&self, word: &str) -> Option<f64> {
        self.word(word).and_then(Value::as_f64)
    }

    /// Its fields, with their schemas.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &Value)> {
        let fields = self.word("properties").and_then(Value::as_object).into_iter().flatten();
        fields.map(|(name, schema)| (name.as_str(), schema))
    }

    /// The schema of a field.
    pub(super) fn field(&self, name: &str) -> Option<&Value> {
        self.word("properties")?.get(name)
    }

    /// Whether a field is always there.
    pub(super) fn requires(&self, name: &str) -> bool {
        self.word("required").and_then(Value::as_array).is_some_and(|it| it.contains(&json!(name)))
    }

    /// Whether fields that it does not name are refused.
    pub(super) fn is_closed(&self) -> bool {
        self.word("additionalProperties") == Some(&Value::Bool(false))
    }

    /// The values that it names; nothing when any will do.
    pub(super) fn values(&self) -> Option<&Vec<Value>> {
        self.word("enum").and_then(Value::as_array)
    }

    /// Whether it allows everything of a type.
    pub(super) fn allows(&self, kind: &str) -> bool {
        self.types.is_empty() || self.types.contains(kind) || (kind == "integer" && self.types.contains("number"))
    }

    /// The types as a sentence has them.
    pub(super) fn kind(&self) -> String {
        let types: Vec<&str> = self.types.iter().map(String::as_str).filter(|it| *it != "null").collect();
        if types.is_empty() { "anything".to_owned() } else { types.join(" or ") }
    }

    /// The words of two forms that the comparison does not understand and that differ.
    pub(super) fn strange_differences<'a>(&'a self, other: &'a Self) -> BTreeSet<&'a str> {
        let words = self.words.keys().chain(other.words.keys()).map(String::as_str);
        let strange = words.filter(|it| !REMARKS.contains(it) && !UNDERSTOOD.contains(it) && !it.starts_with("x-"));
        strange.filter(|word| self.word(word) != other.word(word)).collect()
    }
}

/// The one schema beside `null`, where a schema is either.
fn or_null(schema: &Value) -> Option<&Value> {
    let either = schema["oneOf"].as_array()?;
    let others: Vec<&Value> = either.iter().filter(|it| it["type"] != "null").collect();
    match others.as_slice() {
        [one] if either.len() == 2 => Some(*one),
        _ => None,
    }
}
