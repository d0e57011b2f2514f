//! What can go wrong, each in one line for a person.

use std::io;
use std::process::ExitStatus;

/// A failure of a command of xtask.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The command line is not understood.
    #[error("the command is {0}")]
    Usage(&'static str),
    /// A program ran and failed; it has said why itself.
    #[error("`{line}` failed ({status})")]
    Failed {
        /// The command line.
        line: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// The operating system refused something.
    #[error("cannot {doing}: {source}")]
    System {
        /// What was tried, as an infinitive.
        doing: String,
        /// The refusal.
        source: io::Error,
    },
    /// Anything that a sentence explains.
    #[error("{0}")]
    Because(String),
}

impl Error {
    /// Names what was tried when the operating system refused.
    pub(crate) fn system(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::System { doing, source }
    }

    /// An error that is a sentence.
    pub(crate) fn because(sentence: impl Into<String>) -> Self {
        Self::Because(sentence.into())
    }
}
