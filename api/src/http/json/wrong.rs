//! What keeps a value from being read, as a fault of the catalogue.
//!
//! It is the error type of our own deserializers, so that nothing has to be read back from sentences of serde.

use lvcai_domain::{Bilingual, Fault, Rule};
use serde::de::{Expected, Unexpected};
use std::fmt;

/// Why a value is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// A member is missing.
    Missing(&'static str),
    /// A member is not known; these are.
    Unknown(String, Vec<&'static str>),
    /// A member stands twice.
    Duplicate(&'static str),
    /// The value is none of these.
    NotOneOf(Vec<&'static str>),
    /// The value is of another type than is wanted.
    Type(Shape, Shape),
    /// The value breaks a rule.
    Rule(Rule),
    /// Something else, which is told in English.
    Other(String),
}

/// A type of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Null,
    Boolean,
    Integer,
    Number,
    Text,
    Array,
    Object,
}

impl Shape {
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Null => ("null", "null"),
            Self::Boolean => ("布尔值", "a boolean"),
            Self::Integer => ("整数", "an integer"),
            Self::Number => ("小数", "a number with a fraction"),
            Self::Text => ("文本", "a text"),
            Self::Array => ("数组", "an array"),
            Self::Object => ("对象", "an object"),
        }
    }
}

impl From<&serde_json::Value> for Shape {
    fn from(value: &serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number) if number.is_f64() => Self::Number,
            Value::Number(_) => Self::Integer,
            Value::String(_) => Self::Text,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }
}

impl Wrong {
    /// The fault, of the value at this pointer or of a member of it.
    pub(crate) fn fault(self, pointer: String) -> Fault {
        let member = |name: &str| {
            let mut pointer = pointer.clone();
            super::text::push(&mut pointer, name);
            pointer
        };
        match self {
            Self::Missing(name) => Fault::new(member(name), Rule::Required),
            Self::Unknown(name, known) => Fault::new(member(&name), Rule::UnknownField).allowed(known),
            Self::Duplicate(name) => Fault::new(member(name), Rule::Duplicate),
            Self::NotOneOf(values) => Fault::new(pointer, Rule::NotAllowed).allowed(values),
            Self::Rule(rule) => Fault::new(pointer, rule),
            Self::Type(wanted, found) => {
                let said = type_differs(wanted, found);
                Fault::new(pointer, Rule::WrongType).detail(said.zh, said.en)
            }
            Self::Other(text) => Fault::new(pointer, Rule::WrongType)
                .detail(Rule::WrongType.zh(), format!("the value is not read: {text}")),
        }
    }
}

/// Says which type a value should have.
fn type_differs(wanted: Shape, found: Shape) -> Bilingual {
    let ((wanted_zh, wanted_en), (found_zh, found_en)) = (wanted.names(), found.names());
    Bilingual::new(
        format!("类型不符：应为{wanted_zh}，实为{found_zh}"),
        format!("the value is of the wrong type: {wanted_en} is expected, not {found_en}"),
    )
}

impl serde::de::Error for Wrong {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let text = message.to_string();
        Rule::from_id(&text).map_or(Self::Other(text), Self::Rule)
    }

    fn invalid_value(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        match found {
            // A number of the right type that is too large or too small for it.
            Unexpected::Signed(_) | Unexpected::Unsigned(_) => Self::Rule(Rule::OutOfRange),
            _ => Self::Other(format!("{found}, expected {wanted}")),
        }
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Self {
        Self::NotOneOf(known.to_vec())
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Self::Unknown(name.to_owned(), known.to_vec())
    }

    fn missing_field(name: &'static str) -> Self {
        Self::Missing(name)
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::Duplicate(name)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = self.clone().fault(String::new());
        f.write_str(fault.detail.as_ref().map_or(fault.rule.en(), |said| &said.en))
    }
}

impl std::error::Error for Wrong {}
