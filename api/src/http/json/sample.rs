//! A value that a schema would take.
//!
//! It stands in for one that is missing or cannot be read, so that what is wrong beside it is found as well.

use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};
use utoipa::ToSchema;

/// The schemas of types, which take a while to make: a batch may have ten thousand lines that want them.
static KNOWN: LazyLock<RwLock<HashMap<&'static str, Arc<Schemas>>>> = LazyLock::new(RwLock::default);

/// What may stand at a pointer into a `T`, as its schema has it.
pub(super) fn at<T: ToSchema>(pointer: &str) -> Option<Value> {
    let schemas = Schemas::of::<T>();
    let mut schema = &schemas.whole;
    for step in pointer.split('/').skip(1) {
        schema = schemas.below(schema, &step.replace("~1", "/").replace("~0", "~"))?;
    }
    schemas.sample(schema)
}

/// The names of the members of a `T`.
pub(super) fn members<T: ToSchema>() -> Vec<String> {
    let schemas = Schemas::of::<T>();
    let properties = schemas.resolved(&schemas.whole)["properties"].as_object();
    properties.into_iter().flat_map(|it| it.keys().cloned()).collect()
}

/// The schema of a type, and those that it refers to by their names.
struct Schemas {
    whole: Value,
    named: Map<String, Value>,
}

impl Schemas {
    fn of<T: ToSchema>() -> Arc<Self> {
        let name = std::any::type_name::<T>();
        if let Some(known) = KNOWN.read().ok().and_then(|known| known.get(name).cloned()) {
            return known;
        }
        let mut parts = Vec::new();
        T::schemas(&mut parts);
        let json = |schema| serde_json::to_value(schema).unwrap_or_default();
        let named = parts.into_iter().map(|(name, schema)| (name, json(schema))).collect();
        let schemas = Arc::new(Self { whole: json(T::schema()), named });
        if let Ok(mut known) = KNOWN.write() {
            known.insert(name, schemas.clone());
        }
        schemas
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let name = schema["$ref"].as_str().and_then(|it| it.rsplit('/').next());
        name.and_then(|name| self.named.get(name)).unwrap_or(schema)
    }

    /// The schemas of which a value has to fit one, or all.
    fn choices(schema: &Value) -> impl Iterator<Item = &Value> {
        ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|of| schema[of].as_array()).flatten()
    }

    /// The schema of a member, or of the items.
    fn below<'a>(&'a self, schema: &'a Value, step: &str) -> Option<&'a Value> {
        let schema = self.resolved(schema);
        let own = || schema.get("properties")?.get(step).or_else(|| schema.get("items"));
        let items = || schema.get("items");
        own().or_else(items).or_else(|| Self::choices(schema).find_map(|it| self.below(it, step)))
    }

    fn sample(&self, schema: &Value) -> Option<Value> {
        let schema = self.resolved(schema);
        let told = ["/examples/0", "/example", "/enum/0"].into_iter().find_map(|at| schema.pointer(at));
        if told.is_some() {
            return told.cloned();
        }
        if let Some(chosen) = Self::choices(schema).find_map(|it| self.sample(it)) {
            return Some(chosen);
        }
        let types = &schema["type"];
        let is = |name: &str| types == name || types.as_array().is_some_and(|all| all.iter().any(|it| it == name));
        match &schema["format"] {
            _ if is("object") => self.object(schema),
            _ if is("array") => Some(json!([])),
            _ if is("integer") => Some(schema.get("minimum").cloned().unwrap_or_else(|| json!(1))),
            _ if is("boolean") => Some(json!(false)),
            format if is("string") => Some(if format == "date" { json!("2026-01-01") } else { json!("x") }),
            _ => None,
        }
    }

    /// An object of the members that must be there.
    fn object(&self, schema: &Value) -> Option<Value> {
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let member = |name: &str| Some((name.to_owned(), self.sample(schema.get("properties")?.get(name)?)?));
        required.map(member).collect::<Option<Map<_, _>>>().map(Value::Object)
    }
}
