//! The environment, read once into types. Nothing else reads it.
//!
//! | variable | meaning | default |
//! |---|---|---|
//! | `LVCAI_DATABASE_URL` | `sqlite:PATH` or `postgres://…` | `sqlite:./data/lvcai.db` |
//! | `LVCAI_ADDRESS` | where the API listens | `127.0.0.1:8080` |
//! | `LVCAI_ADMIN_ADDRESS` | where health and readiness listen | `127.0.0.1:8081` |
//! | `LVCAI_ISSUER` | the public address, `iss` of tokens and documents | `http://` + address |
//! | `LVCAI_KEYS` | the folder of the private keys, the same for all replicas | `./data/keys` |
//! | `LVCAI_WORKERS` | threads that serve HTTP | one per core |
//! | `LVCAI_READERS` | connections that read | 4 per worker, at least 8 |
//! | `LVCAI_BODY_LIMIT` | the largest request body, in bytes | 1048576 |
//! | `LVCAI_REQUEST_SECONDS` | how long a request may take to arrive | 30 |
//! | `LVCAI_SHUTDOWN_SECONDS` | how long a stop waits for requests in flight | 20 |
//! | `LVCAI_CORS_ORIGINS` | origins that browsers may call from, by commas; `*` for all | none |
//! | `LVCAI_LOG` | the log filter, as env_logger reads it | `info` |

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// Everything that can be set from outside.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the database is.
    pub database_url: String,
    /// Where the API listens.
    pub address: SocketAddr,
    /// Where health and readiness listen.
    pub admin_address: SocketAddr,
    /// The public address, without a slash at its end.
    pub issuer: String,
    /// The folder of the private keys.
    pub keys: PathBuf,
    /// How many threads serve HTTP.
    pub workers: usize,
    /// How many connections read.
    pub readers: u32,
    /// The largest request body, in bytes.
    pub body_limit: usize,
    /// How long a request may take to arrive.
    pub request_time: Duration,
    /// How long a stop waits for requests in flight.
    pub shutdown_time: Duration,
    /// Origins that browsers may call from.
    pub cors_origins: Vec<String>,
    /// The log filter.
    pub log: String,
}

/// A variable that cannot be understood.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{variable} is `{value}`, which is not {wanted}")]
pub struct ConfigError {
    variable: &'static str,
    value: String,
    wanted: &'static str,
}

impl Config {
    /// Reads the environment of the process.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the variable, its value and what was wanted.
    pub fn from_environment() -> Result<Self, ConfigError> {
        Self::from_variables(&std::env::vars().collect())
    }

    /// Reads variables that are given.
    ///
    /// # Errors
    ///
    /// As [`Config::from_environment`].
    pub fn from_variables(variables: &HashMap<String, String>) -> Result<Self, ConfigError> {
        let text = |variable: &str, default: &str| variables.get(variable).map_or(default, String::as_str).to_owned();
        let address =
            parse(variables, "LVCAI_ADDRESS", "an address and a port", SocketAddr::from(([127, 0, 0, 1], 8080)))?;
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let workers = parse(variables, "LVCAI_WORKERS", "a number", cores)?;
        let readers = u32::try_from(workers.saturating_mul(4)).unwrap_or(8).max(8);
        let origins = text("LVCAI_CORS_ORIGINS", "");
        Ok(Self {
            database_url: text("LVCAI_DATABASE_URL", "sqlite:./data/lvcai.db"),
            address,
            admin_address: parse(
                variables,
                "LVCAI_ADMIN_ADDRESS",
                "an address and a port",
                SocketAddr::from(([127, 0, 0, 1], 8081)),
            )?,
            issuer: text("LVCAI_ISSUER", &format!("http://{address}")).trim_end_matches('/').to_owned(),
            keys: PathBuf::from(text("LVCAI_KEYS", "./data/keys")),
            workers,
            readers: parse(variables, "LVCAI_READERS", "a number", readers)?,
            body_limit: parse(variables, "LVCAI_BODY_LIMIT", "a number of bytes", 1 << 20)?,
            request_time: Duration::from_secs(parse(variables, "LVCAI_REQUEST_SECONDS", "a number of seconds", 30)?),
            shutdown_time: Duration::from_secs(parse(variables, "LVCAI_SHUTDOWN_SECONDS", "a number of seconds", 20)?),
            cors_origins: origins.split(',').map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect(),
            log: text("LVCAI_LOG", "info"),
        })
    }

    /// The same with what is secret left out, to be shown.
    #[must_use]
    pub fn shown(&self) -> Self {
        let mut shown = self.clone();
        if self.embedded() {
            return shown;
        }
        let (address, query) = shown.database_url.split_once('?').unwrap_or((&shown.database_url, ""));
        let address = match address.rsplit_once('@') {
            Some((user, rest)) => {
                let start = user.find("://").map_or(0, |at| at + 3);
                let (scheme, user) = user.split_at(start);
                let name = user.split(':').next().unwrap_or_default();
                format!("{scheme}{name}@{rest}")
            }
            None => address.to_owned(),
        };
        let kept = query
            .split('&')
            .filter(|it| !it.is_empty() && !it.starts_with("password") && !it.starts_with("sslpassword"));
        let query = kept.collect::<Vec<_>>().join("&");
        shown.database_url = if query.is_empty() { address } else { format!("{address}?{query}") };
        shown
    }

    /// Whether the database is the embedded one.
    pub fn embedded(&self) -> bool {
        self.database_url.starts_with("sqlite:")
    }
}

fn parse<T: FromStr>(
    variables: &HashMap<String, String>,
    variable: &'static str,
    wanted: &'static str,
    default: T,
) -> Result<T, ConfigError> {
    let Some(value) = variables.get(variable) else { return Ok(default) };
    value.trim().parse().map_err(|_| ConfigError { variable, value: value.clone(), wanted })
}

#[cfg(test)]
mod tests {
    use super::Config;
    use std::collections::HashMap;

    #[test]
    fn nothing_needs_to_be_set() {
        let config = Config::from_variables(&HashMap::new()).unwrap();

        assert!(config.embedded());
        assert_eq!(config.issuer, "http://127.0.0.1:8080");
    }

    #[test]
    fn a_variable_that_cannot_be_read_is_named() {
        let variables = HashMap::from([("LVCAI_ADDRESS".to_owned(), "8080".to_owned())]);

        let error = Config::from_variables(&variables).unwrap_err();

        assert!(error.to_string().contains("LVCAI_ADDRESS"));
    }
}
