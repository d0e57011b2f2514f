//! What can go wrong for a caller.

use crate::document::VerificationError;
use crate::private_key::PrivateKeyError;
use crate::problem::Problem;
use crate::record::Record;
use serde::Deserialize;

/// Why a call has no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The registry refused the request, for a reason of its catalogue.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// The registry gave no token (RFC 6749 §5.2).
    #[error("no token: {error}: {description}")]
    Token {
        /// The code, as `invalid_client`.
        error: String,
        /// What is wrong, in words.
        description: String,
    },
    /// The registry calls itself by another address than it was called by.
    #[error("the registry calls itself {told}, not {expected}: name it by `Registry::issuer` if that is the one meant")]
    Issuer {
        /// The address by which it was expected.
        expected: String,
        /// The one that it told.
        told: String,
    },
    /// No answer came, for as long as it was tried.
    #[error("no answer: {0}")]
    Transport(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An answer that is none of the registry's: a proxy's, or another program's.
    #[error("status {status} without a problem document, but: {excerpt}")]
    Unreadable {
        /// The status of HTTP.
        status: u16,
        /// How the body begins.
        excerpt: String,
    },
    /// A body that is not what its reader expects, or cannot be written as JSON.
    #[error("not the JSON that is expected: {0}")]
    Json(#[from] serde_json::Error),
    /// The private key cannot be used.
    #[error("the private key: {0}")]
    Key(#[from] PrivateKeyError),
    /// A document that must not be believed.
    #[error("the document: {0}")]
    Verification(#[from] VerificationError),
}

/// What the token endpoint says in place of a problem.
#[derive(Deserialize)]
struct OAuthError {
    error: String,
    #[serde(default)]
    error_description: String,
}

impl Error {
    /// The problem, where it is one.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    /// Whether it is a problem of this kind, as `illegal-step`.
    pub fn is(&self, slug: &str) -> bool {
        self.problem().is_some_and(|it| it.slug() == slug)
    }

    /// What an answer says that is no success.
    pub(crate) fn of(answer: &Record) -> Self {
        let status = answer.status();
        if answer.header("content-type").is_some_and(|it| it.starts_with("application/problem+json"))
            && let Ok(problem) = answer.parse::<Problem>()
        {
            return Self::Problem(Box::new(Problem { status, ..problem }));
        }
        if let Ok(OAuthError { error, error_description }) = answer.parse() {
            return Self::Token { error, description: error_description };
        }
        let excerpt = String::from_utf8_lossy(answer.bytes()).chars().take(200).collect();
        Self::Unreadable { status, excerpt }
    }
}
