//! Up to where a read knows the registry, and on which day what it answers must hold.

use crate::http::params::{self, Pair, ReadParams, Shared, first_fault, read_named};
use jiff::civil::Date;
use lvcai_domain::{Fault, Rule};
use lvcai_store::{Asked, NEWEST};
use serde::Deserialize;
use utoipa::IntoParams;

/// The day on which what is answered must hold.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OnDay {
    /// The day on which it must hold, in Asia/Shanghai. When absent today; with `as_of`, the day of `as_of`.
    #[serde(default, deserialize_with = "params::any_day")]
    #[param(value_type = Option<Date>)]
    pub(crate) valid_on: Option<Date>,
}

/// The day on which what is answered must hold, or whatever was recorded last.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OnDayOrLatest {
    /// The day on which it must hold, in Asia/Shanghai. When absent today; with `as_of`, the day of `as_of`.
    #[serde(default, deserialize_with = "params::any_day")]
    #[param(value_type = Option<Date>)]
    valid_on: Option<Date>,
    /// Shows the latest version instead, though its day may still be to come. `If-Match` is compared with that one.
    #[serde(default)]
    #[param(default = false)]
    latest: bool,
}

impl Shared for OnDay {
    fn names() -> Vec<&'static str> {
        vec!["valid_on"]
    }

    fn from_pairs(pairs: &[Pair]) -> Result<Self, Fault> {
        read_named(pairs, &Self::names())
    }
}

impl Shared for OnDayOrLatest {
    fn names() -> Vec<&'static str> {
        vec!["valid_on", "latest"]
    }

    fn from_pairs(pairs: &[Pair]) -> Result<Self, Fault> {
        let read: Self = read_named(pairs, &Self::names())?;
        if !read.latest || read.valid_on.is_none() {
            return Ok(read);
        }
        let fault = Fault::new("latest", Rule::NotAllowed);
        Err(fault.detail("valid_on 与 latest 只能给出其一", "name a valid_on or ask for the latest, not both"))
    }
}

/// Two kinds of shared parameters together.
impl<A: Shared, B: Shared> Shared for (A, B) {
    fn names() -> Vec<&'static str> {
        [A::names(), B::names()].concat()
    }

    fn from_pairs(pairs: &[Pair]) -> Result<Self, Fault> {
        match (A::from_pairs(pairs), B::from_pairs(pairs)) {
            (Ok(one), Ok(other)) => Ok((one, other)),
            (Err(one), Err(other)) => Err(first_fault(pairs, one, other)),
            (Err(fault), _) | (_, Err(fault)) => Err(fault),
        }
    }
}

/// Parameters that say what a read asks about.
pub(crate) trait Asks {
    /// Up to where it knows the registry, and on which day.
    fn asked(&self) -> Asked;

    /// Whether the day is one that somebody named or could have named, so that the answer tells it.
    fn tells_day(&self) -> bool {
        false
    }
}

impl Asks for ReadParams {
    fn asked(&self) -> Asked {
        self.as_of.into()
    }
}

impl<S: Asks> Asks for (S, OnDay) {
    fn asked(&self) -> Asked {
        Asked { valid_on: self.1.valid_on, ..self.0.asked() }
    }

    fn tells_day(&self) -> bool {
        true
    }
}

impl<S: Asks> Asks for (S, OnDayOrLatest) {
    fn asked(&self) -> Asked {
        let valid_on = if self.1.latest { Some(NEWEST) } else { self.1.valid_on };
        Asked { valid_on, ..self.0.asked() }
    }

    fn tells_day(&self) -> bool {
        !self.1.latest
    }
}
