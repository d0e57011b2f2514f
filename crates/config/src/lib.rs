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
        let workers =
            count(variables, "LVCAI_WORKERS", "a number of threads, 1 or more; leave it out for one per core", cores)?;
        let readers = u32::try_from(workers.saturating_mul(4)).unwrap_or(8).max(8);
        Ok(Self {
            database_url: text("LVCAI_DATABASE_URL", "sqlite:./data/lvcai.db"),
            address,
            admin_address: parse(
                variables,
                "LVCAI_ADMIN_ADDRESS",
                "an address and a port",
                SocketAddr::from(([127, 0, 0, 1], 8081)),
            )?,
            issuer: issuer(variables, &format!("http://{address}"))?,
            keys: PathBuf::from(text("LVCAI_KEYS", "./data/keys")),
            workers,
            readers: count(variables, "LVCAI_READERS", "a number of connections, 1 or more", readers)?,
            body_limit: count(variables, "LVCAI_BODY_LIMIT", "a number of bytes, 1 or more", 1 << 20)?,
            request_time: Duration::from_secs(count(
                variables,
                "LVCAI_REQUEST_SECONDS",
                "a number of seconds, 1 or more",
                30,
            )?),
            shutdown_time: Duration::from_secs(parse(variables, "LVCAI_SHUTDOWN_SECONDS", "a number of seconds", 20)?),
            cors_origins: cors_origins(variables)?,
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

/// Reads a number of which there must be one at least.
fn count<T: FromStr + PartialOrd + From<u8>>(
    variables: &HashMap<String, String>,
    variable: &'static str,
    wanted: &'static str,
    default: T,
) -> Result<T, ConfigError> {
    let number = parse(variables, variable, wanted, default)?;
    if number >= T::from(1) {
        return Ok(number);
    }
    Err(ConfigError { variable, value: "0".to_owned(), wanted })
}

fn issuer(variables: &HashMap<String, String>, default: &str) -> Result<String, ConfigError> {
    let variable = "LVCAI_ISSUER";
    let value = variables.get(variable).map_or(default, String::as_str);
    let issuer = value.trim().trim_end_matches('/');
    if authority_of(issuer).is_some() {
        return Ok(issuer.to_owned());
    }
    let wanted = "the public address of the registry, such as https://registry.example.cn, without query and fragment";
    Err(ConfigError { variable, value: value.to_owned(), wanted })
}

fn cors_origins(variables: &HashMap<String, String>) -> Result<Vec<String>, ConfigError> {
    let variable = "LVCAI_CORS_ORIGINS";
    let value = variables.get(variable).map_or("", String::as_str);
    let origins: Vec<String> = value.split(',').map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect();
    // An origin is scheme and authority and nothing more (RFC 6454 §6.2).
    let is_origin = |it: &&String| *it == "*" || authority_of(it).is_some_and(|authority| it.ends_with(authority));
    match origins.iter().find(|it| !is_origin(it)) {
        None => Ok(origins),
        Some(other) => Err(ConfigError {
            variable,
            value: other.clone(),
            wanted: "an origin, such as https://city.example.cn without a path; several are separated by commas, `*` is all",
        }),
    }
}

/// Host and port of a web address, where the text is one.
fn authority_of(address: &str) -> Option<&str> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let authority = rest.split('/').next()?;
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse::<u16>().is_ok()),
        _ => (authority, true),
    };
    let is_host = |c: char| c.is_ascii_alphanumeric() || "-._[]:".contains(c);
    let plain = !rest.contains(|c: char| c.is_whitespace() || c.is_control() || "?#\\".contains(c));
    (port && plain && !host.is_empty() && host.chars().all(is_host)).then_some(authority)
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

    #[test]
    fn a_setting_with_which_nothing_would_work_is_refused_by_its_name() {
        let settings = [
            ("LVCAI_WORKERS", "0"),
            ("LVCAI_READERS", "0"),
            ("LVCAI_BODY_LIMIT", "0"),
            ("LVCAI_REQUEST_SECONDS", "0"),
            ("LVCAI_ISSUER", "not a url"),
            ("LVCAI_ISSUER", ""),
            ("LVCAI_ISSUER", "registry.example.cn"),
            ("LVCAI_ISSUER", "https://"),
            ("LVCAI_ISSUER", "https://registry.example.cn?x=1"),
            ("LVCAI_ISSUER", "https://registry.example.cn:port"),
            ("LVCAI_CORS_ORIGINS", "not an origin"),
            ("LVCAI_CORS_ORIGINS", "https://city.example.cn, city.example.cn"),
            ("LVCAI_CORS_ORIGINS", "https://city.example.cn/"),
        ];
        for (variable, value) in settings {
            let error = Config::from_variables(&HashMap::from([(variable.to_owned(), value.to_owned())])).unwrap_err();

            assert!(error.to_string().starts_with(variable), "{error}");
        }
    }

    #[test]
    fn addresses_of_the_web_are_taken_as_they_are() {
        for issuer in ["http://127.0.0.1:8080", "https://[::1]:8443", "https://registry.example.cn/materials"] {
            let variables = HashMap::from([("LVCAI_ISSUER".to_owned(), format!("{issuer}/"))]);
            assert_eq!(Config::from_variables(&variables).unwrap().issuer, issuer);
        }
        let variables = HashMap::from([(
            "LVCAI_CORS_ORIGINS".to_owned(),
            "https://city.example.cn, http://[::1]:3000,*".to_owned(),
        )]);
        assert_eq!(Config::from_variables(&variables).unwrap().cors_origins.len(), 3);
    }
}
