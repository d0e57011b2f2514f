//! JSON into checked values, and what serde and `validator` find wrong into the registry's own words.
//!
//! Both tell of a fault in English sentences and by their own names; here it becomes a `Fault` with a pointer and a
//! rule of the catalogue.

use lvcai_domain::{Fault, Problem, ProblemKind, Rule};
use serde::de::DeserializeOwned;
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

/// Parses and validates; every fault that serde can name carries its pointer.
pub(crate) fn parse<T: DeserializeOwned + Validate>(bytes: &[u8]) -> Result<T, Problem> {
    // PowerShell and others put a mark of the byte order before UTF-8; it says nothing.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let pointer = pointer(error.path());
        // serde_json reports a syntax error where an enum is no text. Whether the request is JSON at all tells the two
        // apart.
        if serde_json::from_slice::<serde_json::Value>(bytes).is_ok() {
            return data_fault(without_place(&error.inner().to_string()), pointer).into();
        }
        explain(error.inner(), pointer)
    })?;
    deserializer.end().map_err(|error| explain(&error, String::new()))?;
    // serde also reads a struct from an array, by the order of its fields; here a request is an object.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(Fault::new("", Rule::WrongType).into());
    }
    checked(value)
}

/// Validates a value that was made from JSON.
pub(crate) fn checked<T: Validate>(value: T) -> Result<T, Problem> {
    match value.validate() {
        Ok(()) => Ok(value),
        Err(errors) => {
            let mut faults = Vec::new();
            collect(&errors, "", &mut faults);
            Err(faults.into())
        }
    }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

/// The message of `serde_json` without line and column.
fn without_place(text: &str) -> &str {
    text.rfind(" at line ").and_then(|end| text.get(..end)).unwrap_or(text)
}

/// Says in the registry's own words what serde found.
pub(crate) fn explain(error: &serde_json::Error, pointer: String) -> Problem {
    let text = error.to_string();
    let text = without_place(&text);
    match error.classify() {
        serde_json::error::Category::Data => data_fault(text, pointer).into(),
        _ => {
            let (line, column) = (error.line(), error.column());
            let fault = Fault::new(pointer, Rule::MalformedJson)
                .detail(format!("第 {line} 行第 {column} 列：{text}"), format!("line {line}, column {column}: {text}"));
            Problem::from(ProblemKind::Malformed).fault(fault)
        }
    }
}

/// Reads serde's message, the only thing it tells: its forms are those of `serde::de::Error`.
pub(crate) fn data_fault(text: &str, pointer: String) -> Fault {
    if let Some(rule) = Rule::from_id(text) {
        return Fault::new(pointer, rule);
    }
    let quoted: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    let name = quoted.first().copied().unwrap_or_default();
    let expected = quoted.iter().skip(1).copied();
    if text.starts_with("missing field") {
        return Fault::new(format!("{pointer}/{name}"), Rule::Required);
    }
    if text.starts_with("unknown field") {
        return Fault::new(field_pointer(pointer, name), Rule::UnknownField).allowed(expected);
    }
    if text.starts_with("unknown variant") {
        return Fault::new(pointer, Rule::NotAllowed).allowed(expected);
    }
    if text.starts_with("duplicate field") {
        return Fault::new(field_pointer(pointer, name), Rule::Duplicate);
    }
    let fault = Fault::new(pointer, Rule::WrongType);
    fault.detail(format!("类型不符：{text}"), format!("the value is of the wrong type: {text}"))
}

/// The pointer of a field, where the path ends already if serde has got that far.
fn field_pointer(pointer: String, name: &str) -> String {
    if pointer.ends_with(&format!("/{name}")) { pointer } else { format!("{pointer}/{name}") }
}

/// Walks what `validator` found.
fn collect(errors: &ValidationErrors, pointer: &str, faults: &mut Vec<Fault>) {
    let mut found: Vec<_> = errors.errors().iter().collect();
    found.sort_by_key(|(field, _)| *field);
    for (field, kind) in found {
        let pointer = format!("{pointer}/{field}");
        match kind {
            ValidationErrorsKind::Struct(inner) => collect(inner, &pointer, faults),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    collect(inner, &format!("{pointer}/{index}"), faults);
                }
            }
            ValidationErrorsKind::Field(broken) => {
                faults.extend(broken.iter().map(|error| fault(error, pointer.clone())));
            }
        }
    }
}

fn fault(error: &validator::ValidationError, pointer: String) -> Fault {
    let number = |name: &str| error.params.get(name).map(ToString::to_string);
    // The custom checks of this crate carry the rule's id as their code.
    if let Some(rule) = Rule::from_id(&error.code) {
        let at = error.params.get("at").and_then(serde_json::Value::as_str).unwrap_or_default();
        return Fault::new(format!("{pointer}{at}"), rule);
    }
    let value = error.params.get("value");
    let is_list = value.is_some_and(serde_json::Value::is_array);
    let length = match value {
        Some(serde_json::Value::String(text)) => text.chars().count(),
        Some(serde_json::Value::Array(items)) => items.len(),
        _ => 0,
    };
    let too_long = error
        .params
        .get("max")
        .and_then(serde_json::Value::as_u64)
        .is_some_and(|max| u64::try_from(length).unwrap_or(u64::MAX) > max);
    let rule = match (error.code.as_ref(), is_list, too_long) {
        ("length", true, true) => Rule::TooManyItems,
        ("length", true, false) => Rule::TooFewItems,
        ("length", false, true) => Rule::TooLong,
        ("length", false, false) => Rule::TooShort,
        ("range", ..) => Rule::OutOfRange,
        _ => Rule::Pattern,
    };
    let bounds = (number("min").unwrap_or_else(|| "0".to_owned()), number("max").unwrap_or_else(|| "∞".to_owned()));
    Fault::new(pointer, rule).detail(
        format!("{}（{} 至 {}）", rule.zh(), bounds.0, bounds.1),
        format!("{} ({} to {})", rule.en(), bounds.0, bounds.1),
    )
}
