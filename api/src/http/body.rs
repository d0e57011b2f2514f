//! Request bodies that have been checked.

use crate::http::failure::Failure;
use crate::http::headers;
use crate::http::in_order::{Turn, in_turn};
use crate::service::Service;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpRequest, http::header};
use lvcai_domain::{Fault, Problem, ProblemKind, Rule};
use lvcai_trust::Digest;
use serde::de::DeserializeOwned;
use std::future::Future;
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

/// A JSON body that matches its schema, with the digest of its bytes. There is
/// no other way to take a body, so no handler can forget to validate one.
#[derive(Debug)]
pub(crate) struct Body<T> {
    pub(crate) value: T,
    pub(crate) digest: Digest,
}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Body<T> {
    type Error = Failure;
    type Future = Turn<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let accepted = must_be(request, &["application/json", "application/merge-patch+json"]);
        let bytes = receive(request, payload);
        in_turn(request, async move {
            accepted?;
            let bytes = bytes.await?;
            let value = parse(&bytes)?;
            Ok(Self { value, digest: Digest::of(&bytes) })
        })
    }
}

/// Requires that the body is of one of these types, and not compressed.
pub(crate) fn must_be(request: &HttpRequest, types: &[&str]) -> Result<(), Failure> {
    if types.contains(&media_type(request)?.as_str()) { Ok(()) } else { Err(ProblemKind::UnsupportedMediaType.into()) }
}

/// The type of a body that is not compressed, in lower case and without its parameters.
pub(crate) fn media_type(request: &HttpRequest) -> Result<String, Failure> {
    let content_type = headers::one(request, "Content-Type")?.and_then(|it| it.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let encoding = headers::all(request, "Content-Encoding")?.unwrap_or_default();
    if encoding.is_empty() || encoding.eq_ignore_ascii_case("identity") {
        return Ok(essence);
    }
    let problem = Problem::from(ProblemKind::UnsupportedMediaType).detail(
        "请求体不得压缩：去掉 Content-Encoding",
        "the body must not be compressed: send it without Content-Encoding",
    );
    Err(Failure::from(problem).header(header::ACCEPT_ENCODING, "identity"))
}

/// Receives the body within the limits of size and time.
pub(crate) fn receive(
    request: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = Result<Bytes, Failure>> + use<> {
    let bytes = Bytes::from_request(request, payload);
    let time = request.app_data::<Data<Service>>().map_or(std::time::Duration::from_secs(30), |it| it.request_time);
    async move {
        match tokio::time::timeout(time, bytes).await {
            Err(_) => Err(ProblemKind::TooSlow.into()),
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(error)) => match error.as_error::<PayloadError>() {
                Some(PayloadError::Overflow) => Err(ProblemKind::TooLarge.into()),
                _ => Err(ProblemKind::Malformed.into()),
            },
        }
    }
}

/// Parses and validates; every fault that serde can name carries its pointer.
pub(crate) fn parse<T: DeserializeOwned + Validate>(bytes: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let pointer = pointer(error.path());
        // serde_json calls an enum of another type than text a syntax error; the text itself tells.
        if serde_json::from_slice::<serde_json::Value>(bytes).is_ok() {
            return data_fault(without_place(&error.inner().to_string()), pointer).into();
        }
        explain(error.inner(), pointer)
    })?;
    deserializer.end().map_err(|error| explain(&error, String::new()))?;
    // serde takes a list for an object, by the order of its fields; no body is a list.
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
        return Fault::new(at(pointer, name), Rule::UnknownField).allowed(expected);
    }
    if text.starts_with("unknown variant") {
        return Fault::new(pointer, Rule::NotAllowed).allowed(expected);
    }
    if text.starts_with("duplicate field") {
        return Fault::new(at(pointer, name), Rule::Duplicate);
    }
    let fault = Fault::new(pointer, Rule::WrongType);
    fault.detail(format!("类型不符：{text}"), format!("the value is of the wrong type: {text}"))
}

/// The pointer of a field, where the path ends already if serde has got that far.
fn at(pointer: String, name: &str) -> String {
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

/// Checks of the texts that `validator` has no word for.
pub(crate) mod checks {
    use validator::ValidationError;

    fn broken(rule: lvcai_domain::Rule) -> ValidationError {
        ValidationError::new(rule.id())
    }

    /// A text that is not blank and has nothing in it that people cannot see; PostgreSQL refuses NUL besides.
    pub(crate) fn text(text: &str) -> Result<(), ValidationError> {
        if text.chars().any(char::is_control) {
            return Err(broken(lvcai_domain::Rule::NulCharacter));
        }
        if text.chars().any(lvcai_domain::is_invisible) {
            return Err(broken(lvcai_domain::Rule::InvisibleCharacter));
        }
        if text.trim().is_empty() {
            return Err(broken(lvcai_domain::Rule::TextForm));
        }
        Ok(())
    }

    /// Texts of at most 200 characters each.
    pub(crate) fn texts(texts: &[String]) -> Result<(), ValidationError> {
        texts.iter().enumerate().try_for_each(|(index, item)| short(item, 200, &format!("/{index}")))
    }

    /// A text of at most so many characters, at a place within what is checked.
    pub(crate) fn short(item: &str, max: usize, at: &str) -> Result<(), ValidationError> {
        let result = if item.chars().count() > max { Err(broken(lvcai_domain::Rule::TooLong)) } else { text(item) };
        result.map_err(|error| placed(error, at))
    }

    /// A party whose texts are of a bearable length.
    pub(crate) fn party(party: &lvcai_domain::Party) -> Result<(), ValidationError> {
        short(&party.name, 200, "/name")?;
        if party.organisation_code.as_ref().is_some_and(|it| it.chars().count() < 9) {
            return Err(placed(broken(lvcai_domain::Rule::TooShort), "/organisation_code"));
        }
        let texts = [
            (&party.other_name, 200, "/other_name"),
            (&party.organisation_code, 10, "/organisation_code"),
            (&party.country, 60, "/country"),
            (&party.division, 60, "/division"),
            (&party.address, 300, "/address"),
            (&party.other_address, 300, "/other_address"),
            (&party.postal_code, 20, "/postal_code"),
            (&party.organisation_type, 60, "/organisation_type"),
            (&party.economic_type, 60, "/economic_type"),
            (&party.industry, 100, "/industry"),
            (&party.business_scope, 2000, "/business_scope"),
        ];
        texts.into_iter().try_for_each(|(text, max, at)| text.as_deref().map_or(Ok(()), |it| short(it, max, at)))
    }

    /// A list of at most so many items, at a place within what is checked.
    pub(crate) fn few<T>(items: &[T], max: usize, at: &str) -> Result<(), ValidationError> {
        if items.len() > max { Err(placed(broken(lvcai_domain::Rule::TooManyItems), at)) } else { Ok(()) }
    }

    /// Says where within the field the fault is; what lies deeper has said so already.
    pub(crate) fn placed(mut error: ValidationError, at: &str) -> ValidationError {
        let deeper = error.params.get("at").and_then(serde_json::Value::as_str).unwrap_or_default();
        let at = format!("{at}{deeper}");
        error.add_param("at".into(), &at);
        error
    }
}
