//! What ends a command.

/// Anything that ends a command; it is printed as it is.
pub(super) type CliError = Box<dyn std::error::Error + Send + Sync>;
