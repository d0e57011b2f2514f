//! What can go wrong in the store, in words a caller can act on.

use lvcai_domain::Problem;

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request breaks a rule. Nothing was changed.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// The queue is full, no connection or lock is free, or the disk is full: worth trying again.
    #[error("the registry is busy")]
    Busy,
    /// The answer of the COMMIT was lost and the ledger cannot be asked: it may have been done or not.
    #[error("whether the change was made is not known")]
    OutcomeUnknown,
    /// A defect, or a database in trouble.
    #[error("database: {0}")]
    Database(Box<dyn std::error::Error + Send + Sync>),
}

/// The result of a store operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        if lvcai_database::is_locked(&error) || lvcai_database::is_exhausted(&error) {
            log::warn!("the database cannot do it now: error={error}");
            return Self::Busy;
        }
        Self::Database(Box::new(error))
    }
}

impl From<lvcai_database::PoolError> for Error {
    fn from(error: lvcai_database::PoolError) -> Self {
        log::warn!("no connection: error={error}");
        Self::Busy
    }
}

impl From<lvcai_database::OpenError> for Error {
    fn from(error: lvcai_database::OpenError) -> Self {
        Self::Database(Box::new(error))
    }
}

impl From<lvcai_trust::CanonicalError> for Error {
    fn from(error: lvcai_trust::CanonicalError) -> Self {
        Self::Database(Box::new(error))
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Database(Box::new(error))
    }
}

impl From<lvcai_domain::Fault> for Error {
    fn from(fault: lvcai_domain::Fault) -> Self {
        Self::Refused(fault.into())
    }
}

impl From<lvcai_domain::ProblemKind> for Error {
    fn from(kind: lvcai_domain::ProblemKind) -> Self {
        Self::Refused(kind.into())
    }
}
