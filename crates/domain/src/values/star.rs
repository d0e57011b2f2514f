//! The star of a green building material certificate; an ordered level, not a level of government.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::rule::Rule;

/// Star of a green building material certificate, from 1 (lowest) to 3 (highest)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "u8")]
pub struct Star(u8);

impl Star {
    /// One, two or three stars.
    pub const ALL: [Star; 3] = [Star(1), Star(2), Star(3)];

    /// The number of stars.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<i64> for Star {
    type Error = Rule;

    fn try_from(number: i64) -> Result<Self, Rule> {
        Star::ALL.into_iter().find(|star| i64::from(star.0) == number).ok_or(Rule::OutOfRange)
    }
}

impl From<Star> for u8 {
    fn from(star: Star) -> u8 {
        star.0
    }
}

impl FromStr for Star {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let star = text.parse::<i64>().ok().filter(|star| star.to_string() == text);
        star.ok_or(Rule::WrongType)?.try_into()
    }
}

impl fmt::Display for Star {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl PartialSchema for Star {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .description(Some("Star of a green building material certificate, from 1 (lowest) to 3 (highest)"))
            .minimum(Some(1))
            .maximum(Some(3))
            .examples([serde_json::json!(2)])
            .into()
    }
}

impl ToSchema for Star {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Star")
    }
}
