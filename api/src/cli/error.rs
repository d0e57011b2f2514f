//! What ends a command, and how it is told to whoever sits at the terminal.

use super::language::Language;
use crate::keys::KeysError;
use crate::server::ServeError;
use lvcai_config::ConfigError;
use lvcai_domain::{Bilingual, Fault, Problem, Rule};
use std::str::FromStr;

/// Anything that ends a command.
pub(super) type CliError = Box<dyn std::error::Error + Send + Sync>;

/// A sentence of the command line's own, in both languages.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.en)]
pub(super) struct Said(Bilingual);

/// Reads an argument, and says what it must be where it is something else.
pub(super) fn parsed<T: FromStr<Err = Rule>>(text: &str) -> Result<T, String> {
    let language = Language::of_terminal();
    let said =
        |rule: Rule| format!("{} {}", language.of(rule.zh(), rule.en()), language.of(rule.fix_zh(), rule.fix_en()));
    text.parse().map_err(said)
}

/// Ends a command with a sentence.
pub(super) fn said(zh: impl Into<String>, en: impl Into<String>) -> CliError {
    Box::new(Said(Bilingual::new(zh, en)))
}

/// Prints why a command ended.
pub(super) fn tell(error: &CliError, language: Language) {
    eprintln!("lvcai: {}", in_words(error, language));
}

/// The error in a language, as far as it has one.
fn in_words(error: &CliError, language: Language) -> String {
    if let Some(Said(said)) = error.downcast_ref() {
        return language.pick(said).to_owned();
    }
    let both = |said: Bilingual| language.pick(&said).to_owned();
    if let Some(error) = error.downcast_ref::<ConfigError>() {
        return both(Bilingual::new(error.zh(), error.to_string()));
    }
    if let Some(error) = error.downcast_ref::<KeysError>() {
        return both(error.said());
    }
    if let Some(error) = error.downcast_ref::<ServeError>() {
        return both(error.said());
    }
    let problem = match error.downcast_ref::<lvcai_store::Error>() {
        Some(lvcai_store::Error::Refused(problem)) => Some(problem),
        _ => error.downcast_ref::<Problem>(),
    };
    problem.map_or_else(|| error.to_string(), |problem| refusal(problem, language))
}

/// A refusal with each field at fault.
fn refusal(problem: &Problem, language: Language) -> String {
    let mut lines = vec![language.of(problem.kind.zh(), problem.kind.en()).to_owned()];
    lines.extend(problem.detail.as_ref().map(|detail| language.pick(detail).to_owned()));
    for fault in &problem.faults {
        let rule = language.of(fault.rule.zh(), fault.rule.en());
        let detail = fault.detail.as_ref().map_or(rule, |detail| language.pick(detail));
        let fix = language.of(fault.rule.fix_zh(), fault.rule.fix_en());
        let fix = fault.fix.as_ref().map_or(fix, |fix| language.pick(fix));
        lines.push(format!("{}: {detail} {fix}", fault.pointer));
    }
    lines.join("\n  ")
}

/// What is wrong in a column of a table, and what to do about it.
pub(super) fn fault_in_words(fault: &Fault, column: &str, language: Language) -> String {
    let rule = fault.rule;
    let what = match &fault.detail {
        Some(detail) => language.pick(detail).to_owned(),
        None => {
            let fix = rule.fix_zh().trim_end_matches('。');
            language.of(&format!("{}，{fix}", rule.zh()), &format!("{} {}", rule.en(), rule.fix_en())).to_owned()
        }
    };
    format!("{column}{}{what}", language.of("：", ": "))
}
