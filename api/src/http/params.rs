//! Query and path parameters that have been checked: unknown, repeated and malformed ones are refused by name.

use crate::http::failure::Failure;
use crate::http::json::Wrong;
use jiff::Timestamp;
use jiff::civil::Date;
use lvcai_domain::calendar::shanghai_midnight;
use lvcai_domain::ledger::{CLOCK, OPERATOR};
use lvcai_domain::values::day;
use lvcai_domain::{Fault, OrganisationId, Problem, ProblemKind, Rule, reference};
use lvcai_store::AsOf;
use serde::de::value::{BorrowedStrDeserializer, MapDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde::{Deserialize, Deserializer, Serialize};
use std::str::FromStr;
use std::sync::LazyLock;
use utoipa::IntoParams;

/// The parameters of an operation that has none of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoParams {}

impl Shared for NoParams {
    fn names() -> Vec<&'static str> {
        Vec::new()
    }

    fn from_pairs(_: &[Pair]) -> Result<Self, Fault> {
        Ok(Self {})
    }
}

/// Parameters that many operations have in common: the last that each documents.
pub(crate) trait Shared: Sized {
    /// Their names.
    fn names() -> Vec<&'static str>;

    /// Reads them from a query, in which others may stand as well.
    fn from_pairs(pairs: &[Pair]) -> Result<Self, Fault>;
}

/// Reads those of the parameters that are of a type.
pub(crate) fn read_named<T: DeserializeOwned>(pairs: &[Pair], names: &[&str]) -> Result<T, Fault> {
    read(pairs.iter().filter(|(name, _)| names.contains(&name.as_str())))
}

/// Which of two faults stands first in the query.
pub(crate) fn first_fault(pairs: &[Pair], one: Fault, other: Fault) -> Fault {
    if place(pairs, &one) <= place(pairs, &other) { one } else { other }
}

/// Up to where a read shall know the registry.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReadParams {
    /// A ledger position or an instant (RFC 3339): the registry as it was known then. Now when absent.
    #[serde(default, deserialize_with = "read_as_of")]
    #[param(value_type = Option<String>, pattern = r"^([0-9]{1,19}|[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}(\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9]))$")]
    pub(crate) as_of: AsOf,
}

impl Shared for ReadParams {
    fn names() -> Vec<&'static str> {
        vec!["as_of"]
    }

    fn from_pairs(pairs: &[Pair]) -> Result<Self, Fault> {
        read_named(pairs, &Self::names())
    }
}

/// Reads a query string.
pub(crate) fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    read(&pairs(query)?).map_err(unreadable)
}

/// Reads a query string of which some parameters are an operation's own and the others are shared.
///
/// The first fault in the order of the query answers, as if one type had read both.
pub(crate) fn parse_with<T: DeserializeOwned, S: Shared>(query: &str) -> Result<(T, S), Problem> {
    let pairs = pairs(query)?;
    let names = S::names();
    let is_shared = |(name, _): &&Pair| names.contains(&name.as_str());
    let shared = S::from_pairs(&pairs);
    let until = shared.as_ref().err().map_or(pairs.len(), |fault| place(&pairs, fault));
    let own = read(pairs.iter().take(until).filter(|pair| !is_shared(pair)));
    let own = own.map_err(|mut fault: Fault| {
        if fault.rule == Rule::UnknownField {
            fault.allowed.extend(names.iter().map(|&name| name.to_owned()));
        }
        fault
    });
    Ok((own.map_err(unreadable)?, shared.map_err(unreadable)?))
}

/// A parameter as it was sent: name and value.
pub(crate) type Pair = (String, String);

/// The parameters of a query string, in its order.
fn pairs(query: &str) -> Result<Vec<Pair>, Problem> {
    let pairs: Vec<Pair> = serde_urlencoded::from_str(query).map_err(|_| ProblemKind::UnknownParameter)?;
    match pairs.iter().find(|(_, value)| value.chars().any(char::is_control)) {
        Some((name, _)) => Err(unreadable(Fault::new(name, Rule::NulCharacter))),
        None => Ok(pairs),
    }
}

/// Reads a value from parameters; what is wrong names its parameter, which is no pointer.
fn read<'a, T: DeserializeOwned>(pairs: impl IntoIterator<Item = &'a Pair>) -> Result<T, Fault> {
    let pairs = pairs.into_iter().map(|(name, value)| (name.as_str(), Parameter(value)));
    serde_path_to_error::deserialize(MapDeserializer::new(pairs)).map_err(|error| {
        let name = error.path().iter().next().map(ToString::to_string).unwrap_or_default();
        match error.into_inner() {
            wrong @ (Wrong::Missing(_) | Wrong::Unknown(..) | Wrong::Duplicate(_)) => {
                let fault = wrong.fault(String::new());
                Fault { pointer: fault.pointer.trim_start_matches('/').to_owned(), ..fault }
            }
            wrong => wrong.fault(name),
        }
    })
}

/// The value of a parameter, which is a text whatever it stands for.
#[derive(Clone, Copy)]
struct Parameter<'a>(&'a str);

impl<'de> IntoDeserializer<'de, Wrong> for Parameter<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Parameter<'de> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_bool(self.0.parse().map_err(|_| Wrong::NotOneOf(vec!["true", "false"]))?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_some(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_enum(BorrowedStrDeserializer::new(self.0))
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// Where the parameter at fault stands: a repeated one is at fault the second time.
fn place(pairs: &[Pair], fault: &Fault) -> usize {
    let nth = usize::from(fault.rule == Rule::Duplicate);
    let of_name = pairs.iter().enumerate().filter(|(_, (name, _))| *name == fault.pointer);
    of_name.map(|(place, _)| place).nth(nth).unwrap_or(pairs.len())
}

fn unreadable(fault: Fault) -> Problem {
    Problem::from(ProblemKind::UnknownParameter).fault(fault)
}

/// One segment of the path, which is an identifier.
///
/// A malformed identifier names nothing: 404, like one that does not exist.
pub(crate) fn path_id<T: FromStr>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(|_| ProblemKind::NotFound.into())
}

/// A text key of the path: PostgreSQL refuses NUL, and no key has a control character.
pub(crate) fn path_key(text: &str) -> lvcai_store::Result<String> {
    if text.chars().any(char::is_control) { Err(ProblemKind::NotFound.into()) } else { Ok(text.to_owned()) }
}

/// Reads `as_of`: a position or an instant.
///
/// No instant has a blank: it was the `+` of a zone that was not written `%2B`.
pub(crate) fn read_as_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AsOf, D::Error> {
    as_of(&String::deserialize(deserializer)?.replace(' ', "+")).map_err(serde::de::Error::custom)
}

/// A position of the ledger or an instant.
pub(crate) fn as_of(text: &str) -> Result<AsOf, Rule> {
    integer(text).map_or_else(|| instant(text).map(AsOf::At), |seq| Ok(AsOf::Seq(seq)))
}

/// A whole number in its one spelling.
pub(crate) fn integer<T: FromStr + ToString>(text: &str) -> Option<T> {
    text.parse::<T>().ok().filter(|number| number.to_string() == text)
}

/// A date-time of RFC 3339 and nothing else that a lenient reader takes for one.
fn instant(text: &str) -> Result<Timestamp, Rule> {
    let shape: String =
        text.chars().map(|it| if it.is_ascii_digit() { '0' } else { it.to_ascii_uppercase() }).collect();
    let rest = shape.strip_prefix("0000-00-00T00:00:00").ok_or(Rule::InstantForm)?;
    let zone = rest.strip_prefix(".0").map_or(rest, |fraction| fraction.trim_start_matches('0'));
    // jiff reads a leap second as the one before, which is another instant.
    let leaps = text.get(17..19) == Some("60");
    if leaps || !matches!(zone, "Z" | "+00:00" | "-00:00") {
        return Err(Rule::InstantForm);
    }
    text.parse().map_err(|_| Rule::InstantForm)
}

/// Reads an instant of a record, where there is one.
pub(crate) fn instant_of_record<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| instant(&text).map_err(serde::de::Error::custom)).transpose()
}

/// Reads who acted: an organisation, the operator or the clock.
pub(crate) fn actor<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let known = [OPERATOR, CLOCK].contains(&text.as_str()) || text.parse::<OrganisationId>().is_ok();
    if known { Ok(Some(text)) } else { Err(serde::de::Error::custom(Rule::IdForm)) }
}

/// Reads the beginning of a span: an instant, or the first moment of a day.
pub(crate) fn since<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = String::deserialize(deserializer)?;
    boundary(&text, Ok).map(Some).map_err(serde::de::Error::custom)
}

/// Reads the end of a span, which is not in it any more: an instant, or the first moment after a day.
pub(crate) fn until<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let next = |day: Date| day.tomorrow().map_err(|_| Rule::OutOfRange);
    boundary(&text, next).map(Some).map_err(serde::de::Error::custom)
}

fn boundary(text: &str, begins: impl FnOnce(Date) -> Result<Date, Rule>) -> Result<Timestamp, Rule> {
    match day::parse(text) {
        Ok(day) => shanghai_midnight(begins(day)?),
        // No instant has a blank: it was the `+` of a zone that was not written `%2B`.
        Err(_) => instant(&text.replace(' ', "+")),
    }
}

/// Reads any value that knows its own form.
pub(crate) fn value<'de, D: Deserializer<'de>, T: FromStr<Err = Rule>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(serde::de::Error::custom)
}

/// Reads the code of a kind.
pub(crate) fn kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    static CODES: LazyLock<Vec<&str>> =
        LazyLock::new(|| reference::kinds().iter().map(|it| it.code.as_str()).collect());
    let code = String::deserialize(deserializer)?;
    if reference::kind(&code).is_some() {
        return Ok(Some(code));
    }
    // The sentence that serde writes is read back by its back-ticks.
    Err(serde::de::Error::unknown_variant(&code.replace('`', ""), &CODES))
}

/// Reads a day of a record, where there is one.
pub(crate) fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| recorded(&text).map_err(serde::de::Error::custom)).transpose()
}

/// Reads a day of a record that must be there.
pub(crate) fn required_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    recorded(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

/// Reads a day that is asked about, where there is one: any that there is.
pub(crate) fn any_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| day::parse(&text).map_err(serde::de::Error::custom)).transpose()
}

fn recorded(text: &str) -> Result<Date, Rule> {
    day::parse(text).ok().filter(|it| day::is_likely(*it)).ok_or(Rule::DateForm)
}

/// How many items a page has when nobody says.
pub(crate) const fn default_limit() -> i64 {
    50
}

/// Reads a text of at most 200 characters.
pub(crate) fn short<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.chars().count() > 200 { Err(serde::de::Error::custom(Rule::TooLong)) } else { Ok(Some(text)) }
}

/// Reads a position of the ledger.
pub(crate) fn position<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let seq: i64 = integer(&text).ok_or_else(|| serde::de::Error::custom(Rule::WrongType))?;
    if seq >= 0 { Ok(Some(seq)) } else { Err(serde::de::Error::custom(Rule::OutOfRange)) }
}

/// Reads `limit`: 1 to 500.
pub(crate) fn limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let text = String::deserialize(deserializer)?;
    let limit: i64 = integer(&text).ok_or_else(|| serde::de::Error::custom(Rule::WrongType))?;
    if (1..=500).contains(&limit) { Ok(limit) } else { Err(serde::de::Error::custom(Rule::OutOfRange)) }
}
