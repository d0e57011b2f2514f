//! What a command prints, for whoever reads it: a person, a file, or a program that may have seen enough.

use super::error::CliError;
use super::language::Language;
use std::fmt::Display;
use std::io::Write as _;

/// Prints a line.
///
/// # Errors
///
/// What standard output says; a pipe that was closed ends the command quietly.
pub(super) fn line(text: impl Display) -> Result<(), CliError> {
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}

/// Prints a line in the language of the terminal.
pub(super) fn said(zh: impl Display, en: impl Display) -> Result<(), CliError> {
    if Language::of_terminal().chinese { line(zh) } else { line(en) }
}

/// Whether a command ended because nobody reads what it prints any more.
pub(super) fn is_closed_pipe(error: &CliError) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error.as_ref());
    while let Some(error) = cause {
        if error.downcast_ref::<std::io::Error>().is_some_and(|it| it.kind() == std::io::ErrorKind::BrokenPipe) {
            return true;
        }
        cause = error.source();
    }
    false
}
