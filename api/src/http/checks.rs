//! Checks of texts and lists that `validator` has no word for; the id of a rule is the code of the error.

use lvcai_domain::{Party, Rule, is_garbled, is_invisible, organisation_code};
use std::fmt::Display;
use std::str::FromStr;
use validator::ValidationError;

fn broken(rule: Rule) -> ValidationError {
    ValidationError::new(rule.id())
}

/// A text that is not blank and has nothing in it that people cannot see or read; PostgreSQL refuses NUL besides.
pub(crate) fn text(text: &str) -> Result<(), ValidationError> {
    if text.chars().any(char::is_control) {
        return Err(broken(Rule::NulCharacter));
    }
    if text.chars().any(is_invisible) {
        return Err(broken(Rule::InvisibleCharacter));
    }
    if is_garbled(text) {
        return Err(broken(Rule::UnreadableCharacter));
    }
    if text.trim().is_empty() {
        return Err(broken(Rule::TextForm));
    }
    Ok(())
}

/// A value that may be entered today: what is kept may be older than a rule.
pub(crate) fn entered<T: Display + FromStr<Err = Rule>>(value: &T) -> Result<(), ValidationError> {
    value.to_string().parse::<T>().map(|_| ()).map_err(broken)
}

/// Texts of at most 200 characters each.
pub(crate) fn texts(texts: &[String]) -> Result<(), ValidationError> {
    texts.iter().enumerate().try_for_each(|(index, item)| short(item, 200, &format!("/{index}")))
}

/// A text of at most so many characters, at a place within what is checked.
pub(crate) fn short(item: &str, max: usize, at: &str) -> Result<(), ValidationError> {
    let result = if item.chars().count() > max { Err(broken(Rule::TooLong)) } else { text(item) };
    result.map_err(|error| under(error, at))
}

/// A party whose texts are of a bearable length.
pub(crate) fn party(party: &Party) -> Result<(), ValidationError> {
    short(&party.name, 500, "/name")?;
    party.uscc.as_ref().map_or(Ok(()), entered).map_err(|error| under(error, "/uscc"))?;
    if let Some(code) = &party.organisation_code {
        organisation_code::check(code).map_err(|rule| under(broken(rule), "/organisation_code"))?;
        if party.uscc.as_ref().is_some_and(|it| it.organisation_code() != code) {
            return Err(under(broken(Rule::OrganisationCodeMismatch), "/organisation_code"));
        }
    }
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
    texts.into_iter().try_for_each(|(text, max, at)| text.as_deref().map_or(Ok(()), |it| short(it, max, at)))
}

/// A list of at most so many items, at a place within what is checked.
pub(crate) fn at_most<T>(items: &[T], max: usize, at: &str) -> Result<(), ValidationError> {
    if items.len() > max { Err(under(broken(Rule::TooManyItems), at)) } else { Ok(()) }
}

/// Says where within the field the fault is; what lies deeper has said so already.
pub(crate) fn under(mut error: ValidationError, at: &str) -> ValidationError {
    let deeper = error.params.get("at").and_then(serde_json::Value::as_str).unwrap_or_default();
    let at = format!("{at}{deeper}");
    error.add_param("at".into(), &at);
    error
}
