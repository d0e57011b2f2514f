//! Checks of texts and lists that `validator` has no word for, and its errors as faults of the catalogue.
//!
//! `validator` has one error for what a function of ours finds in a field. All that is wrong within the field stands
//! in the parameters of that error, each with its place and the id of its rule.

use jiff::civil::Date;
use lvcai_domain::spelling::is_name;
use lvcai_domain::values::day::is_likely;
use lvcai_domain::{Fault, Party, Rule, is_garbled, is_invisible, organisation_code};
use std::fmt::Display;
use std::str::FromStr;
use validator::ValidationError;

/// What a check finds.
pub(crate) type Check = Result<(), ValidationError>;

/// Where the faults stand in the parameters of an error.
const FOUND: &str = "found";

/// Says that a value breaks a rule.
pub(crate) fn broken(rule: Rule) -> Check {
    several(&[(String::new(), rule)])
}

fn several(found: &[(String, Rule)]) -> Check {
    let Some((_, first)) = found.first() else { return Ok(()) };
    let mut error = ValidationError::new(first.id());
    error.add_param(FOUND.into(), &found);
    Err(error)
}

/// The faults of a check, each with its place within the field.
fn found(error: &ValidationError) -> Vec<(String, Rule)> {
    error.params.get(FOUND).and_then(|it| serde_json::from_value(it.clone()).ok()).unwrap_or_default()
}

/// Finds all that some checks find.
pub(crate) fn each(checks: impl IntoIterator<Item = Check>) -> Check {
    let all: Vec<_> = checks.into_iter().filter_map(Result::err).flat_map(|error| found(&error)).collect();
    several(&all)
}

/// Says where within the field it is what a check finds.
pub(crate) fn under(at: &str, check: Check) -> Check {
    let Err(error) = check else { return Ok(()) };
    let all: Vec<_> = found(&error).into_iter().map(|(deeper, rule)| (format!("{at}{deeper}"), rule)).collect();
    several(&all)
}

/// A text that is not blank and has nothing in it that people cannot see or read; PostgreSQL refuses NUL besides.
pub(crate) fn text(text: &str) -> Check {
    if text.chars().any(char::is_control) {
        return broken(Rule::NulCharacter);
    }
    if text.chars().any(is_invisible) {
        return broken(Rule::InvisibleCharacter);
    }
    if is_garbled(text) {
        return broken(Rule::UnreadableCharacter);
    }
    if text.trim().is_empty() {
        return broken(Rule::TextForm);
    }
    Ok(())
}

/// A text that can be a name.
pub(crate) fn name(name: &str) -> Check {
    text(name)?;
    if is_name(name) { Ok(()) } else { broken(Rule::NotAName) }
}

/// A value that may be entered today: what is kept may be older than a rule.
pub(crate) fn entered<T: Display + FromStr<Err = Rule>>(value: &T) -> Check {
    value.to_string().parse::<T>().map_or_else(broken, |_| Ok(()))
}

/// A day that a record may name.
pub(crate) fn day(day: Date) -> Check {
    if is_likely(day) { Ok(()) } else { broken(Rule::DateForm) }
}

/// Texts of at most 200 characters each.
pub(crate) fn texts(texts: &[String]) -> Check {
    each(texts.iter().enumerate().map(|(index, item)| under(&format!("/{index}"), short(item, 200))))
}

/// A text of at most so many characters.
pub(crate) fn short(item: &str, max: usize) -> Check {
    if item.chars().count() > max { broken(Rule::TooLong) } else { text(item) }
}

/// A party whose codes are right and whose texts are of a bearable length.
pub(crate) fn party(party: &Party) -> Check {
    let uscc = party.uscc.as_ref();
    let code = |code: &String| match organisation_code::check(code) {
        Err(rule) => broken(rule),
        Ok(()) if uscc.is_some_and(|it| it.organisation_code() != code) => broken(Rule::OrganisationCodeMismatch),
        Ok(()) => Ok(()),
    };
    let codes = [
        under("/name", short(&party.name, 500).and_then(|()| name(&party.name))),
        under("/uscc", uscc.map_or(Ok(()), entered)),
        under("/organisation_code", party.organisation_code.as_ref().map_or(Ok(()), code)),
    ];
    let texts = [
        (&party.other_name, 500, "/other_name"),
        (&party.country, 60, "/country"),
        (&party.division, 60, "/division"),
        (&party.address, 500, "/address"),
        (&party.other_address, 500, "/other_address"),
        (&party.postal_code, 20, "/postal_code"),
        (&party.organisation_type, 60, "/organisation_type"),
        (&party.economic_type, 60, "/economic_type"),
        (&party.industry, 100, "/industry"),
        (&party.business_scope, 2000, "/business_scope"),
    ];
    let texts = texts.into_iter().map(|(text, max, at)| under(at, text.as_deref().map_or(Ok(()), |it| short(it, max))));
    each(codes.into_iter().chain(texts))
}

/// A list of at most so many items.
pub(crate) fn at_most<T>(items: &[T], max: usize) -> Check {
    if items.len() > max { broken(Rule::TooManyItems) } else { Ok(()) }
}

/// What an error of `validator` means, in the words of the catalogue.
pub(crate) fn faults(error: &ValidationError, pointer: &str) -> Vec<Fault> {
    let ours = found(error);
    if !ours.is_empty() {
        return ours.into_iter().map(|(at, rule)| Fault::new(format!("{pointer}{at}"), rule)).collect();
    }
    let number = |name: &str| error.params.get(name).map(ToString::to_string);
    let value = error.params.get("value");
    let is_list = value.is_some_and(serde_json::Value::is_array);
    let length = match value {
        Some(serde_json::Value::String(text)) => text.chars().count(),
        Some(serde_json::Value::Array(items)) => items.len(),
        _ => 0,
    };
    let max = error.params.get("max").and_then(serde_json::Value::as_u64);
    let too_long = max.is_some_and(|max| u64::try_from(length).unwrap_or(u64::MAX) > max);
    let rule = match (error.code.as_ref(), is_list, too_long) {
        ("length", true, true) => Rule::TooManyItems,
        ("length", true, false) => Rule::TooFewItems,
        ("length", false, true) => Rule::TooLong,
        ("length", false, false) => Rule::TooShort,
        ("range", ..) => Rule::OutOfRange,
        _ => Rule::Pattern,
    };
    let bounds = (number("min").unwrap_or_else(|| "0".to_owned()), number("max").unwrap_or_else(|| "∞".to_owned()));
    vec![Fault::new(pointer, rule).detail(
        format!("{}（{} 至 {}）", rule.zh(), bounds.0, bounds.1),
        format!("{} ({} to {})", rule.en(), bounds.0, bounds.1),
    )]
}
