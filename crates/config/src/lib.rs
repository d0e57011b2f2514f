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
//! | `LVCAI_REQUEST_SECONDS` | how long a request may take to arrive, and an answer to be taken | 30 |
//! | `LVCAI_RATE_LIMIT` | units a minute that each client, or address without a token, may take; 0 for no limit | 0 |
//! | `LVCAI_SHUTDOWN_SECONDS` | how long a stop waits for requests in flight | 20 |
//! | `LVCAI_CORS_ORIGINS` | origins that browsers may call from, by commas; `*` for all | none |
//! | `LVCAI_LOG` | the log filter, as env_logger reads it | `info` |

mod database_url;
mod error;

pub use database_url::{check_address, shown_address, split_password};
pub use error::ConfigError;

use error::Wanted;

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
    /// How long a request may take to arrive, and how long a peer may take nothing of its answer.
    pub request_time: Duration,
    /// How many units a minute each caller may take; 0 for no limit.
    pub rate_limit: u32,
    /// How long a stop waits for requests in flight.
    pub shutdown_time: Duration,
    /// Origins that browsers may call from.
    pub cors_origins: Vec<String>,
    /// The log filter.
    pub log: String,
}

/// Every variable that is read, in the order of the table above.
pub const VARIABLES: [&str; 13] = [
    "LVCAI_DATABASE_URL",
    "LVCAI_ADDRESS",
    "LVCAI_ADMIN_ADDRESS",
    "LVCAI_ISSUER",
    "LVCAI_KEYS",
    "LVCAI_WORKERS",
    "LVCAI_READERS",
    "LVCAI_BODY_LIMIT",
    "LVCAI_REQUEST_SECONDS",
    "LVCAI_RATE_LIMIT",
    "LVCAI_SHUTDOWN_SECONDS",
    "LVCAI_CORS_ORIGINS",
    "LVCAI_LOG",
];

impl Config {
    /// Reads the environment of the process.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the variable, its value and what was wanted.
    pub fn from_environment() -> Result<Self, ConfigError> {
        Self::from_variables(&environment())
    }

    /// Reads variables that are given.
    ///
    /// # Errors
    ///
    /// As [`Config::from_environment`].
    pub fn from_variables(variables: &HashMap<String, String>) -> Result<Self, ConfigError> {
        let text = |variable: &str, default: &str| variables.get(variable).map_or(default, String::as_str).to_owned();
        let address = parse(variables, "LVCAI_ADDRESS", ADDRESS, SocketAddr::from(([127, 0, 0, 1], 8080)))?;
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let threads =
            ("线程数，至少为 1；不设置则每核一个", "a number of threads, 1 or more; leave it out for one per core");
        let workers = count(variables, "LVCAI_WORKERS", threads, cores)?;
        let readers = u32::try_from(workers.saturating_mul(4)).unwrap_or(8).max(8);
        let seconds = |variable, default| count(variables, variable, SECONDS, default).map(Duration::from_secs);
        Ok(Self {
            database_url: database_url::read(variables)?,
            address,
            admin_address: parse(variables, "LVCAI_ADMIN_ADDRESS", ADDRESS, SocketAddr::from(([127, 0, 0, 1], 8081)))?,
            issuer: issuer(variables, &format!("http://{address}"))?,
            keys: PathBuf::from(text("LVCAI_KEYS", "./data/keys")),
            workers,
            readers: count(
                variables,
                "LVCAI_READERS",
                ("连接数，至少为 1", "a number of connections, 1 or more"),
                readers,
            )?,
            body_limit: count(
                variables,
                "LVCAI_BODY_LIMIT",
                ("字节数，至少为 1", "a number of bytes, 1 or more"),
                1 << 20,
            )?,
            request_time: seconds("LVCAI_REQUEST_SECONDS", 30)?,
            rate_limit: parse(variables, "LVCAI_RATE_LIMIT", UNITS, 0)?,
            shutdown_time: Duration::from_secs(parse(
                variables,
                "LVCAI_SHUTDOWN_SECONDS",
                ("秒数", "a number of seconds"),
                20,
            )?),
            cors_origins: cors_origins(variables)?,
            log: text("LVCAI_LOG", "info"),
        })
    }

    /// Each variable with the value in effect, what is secret left out.
    pub fn shown(&self) -> Vec<(&'static str, String)> {
        let values = [
            shown_address(&self.database_url),
            self.address.to_string(),
            self.admin_address.to_string(),
            self.issuer.clone(),
            self.keys.display().to_string(),
            self.workers.to_string(),
            self.readers.to_string(),
            self.body_limit.to_string(),
            self.request_time.as_secs().to_string(),
            self.rate_limit.to_string(),
            self.shutdown_time.as_secs().to_string(),
            self.cors_origins.join(","),
            self.log.clone(),
        ];
        VARIABLES.into_iter().zip(values).collect()
    }

    /// Variables of the environment that look as if they were meant for the registry, and that it does not know.
    pub fn unknown_variables() -> Vec<String> {
        unknown(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))
    }

    /// Whether the database is the embedded one.
    pub fn embedded(&self) -> bool {
        self.database_url.starts_with("sqlite:")
    }
}

const ADDRESS: Wanted = ("地址和端口，如 127.0.0.1:8080", "an address and a port, such as 127.0.0.1:8080");
const UNITS: Wanted = ("每分钟的额度，0 为不限", "a number of units a minute, 0 for no limit");
const SECONDS: Wanted = ("秒数，至少为 1", "a number of seconds, 1 or more");

/// What begins like a variable of ours and is none. Those of the tests have a beginning of their own.
fn unknown(names: impl Iterator<Item = String>) -> Vec<String> {
    let meant = |name: &String| name.to_ascii_uppercase().starts_with("LVCAI_") && !name.starts_with("LVCAI_TEST_");
    let mut unknown: Vec<_> = names.filter(meant).filter(|it| !VARIABLES.contains(&it.as_str())).collect();
    unknown.sort();
    unknown
}

/// The variables of the process that are text.
fn environment() -> HashMap<String, String> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}

/// Whether whoever sits at the terminal reads Chinese, by the locale (`LC_ALL`, `LC_MESSAGES`, `LANG`).
pub fn reads_chinese() -> bool {
    is_chinese(&environment())
}

/// The locale of messages, as POSIX has it: the first that is set decides.
fn is_chinese(variables: &HashMap<String, String>) -> bool {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|it| variables.get(it));
    set.map(|it| it.to_ascii_lowercase()).find(|it| !it.is_empty()).is_some_and(|it| it.starts_with("zh"))
}

fn parse<T: FromStr>(
    variables: &HashMap<String, String>,
    variable: &'static str,
    wanted: Wanted,
    default: T,
) -> Result<T, ConfigError> {
    let Some(value) = variables.get(variable) else { return Ok(default) };
    value.trim().parse().map_err(|_| ConfigError { variable, value: value.clone(), wanted })
}

/// Reads a number of which there must be one at least.
fn count<T: FromStr + PartialOrd + From<u8>>(
    variables: &HashMap<String, String>,
    variable: &'static str,
    wanted: Wanted,
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
    let wanted = (
        "登记库的公开地址，如 https://registry.example.cn，不带查询和片段",
        "the public address of the registry, such as https://registry.example.cn, without query and fragment",
    );
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
            wanted: (
                "来源，如 https://city.example.cn，不带路径；多个以逗号分隔，`*` 为全部",
                "an origin, such as https://city.example.cn without a path; several are separated by commas, `*` is all",
            ),
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
    fn what_is_shown_can_be_set_again() {
        let config = Config::from_variables(&HashMap::new()).unwrap();
        let shown: HashMap<_, _> = config.shown().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();

        let again = Config::from_variables(&shown).unwrap();

        assert_eq!(again.shown(), config.shown());
    }

    #[test]
    fn a_mistyped_variable_is_noticed_and_others_are_none_of_ours() {
        let names = ["LVCAI_ADRESS", "LVCAI_ADDRESS", "lvcai_keys", "LVCAI_TEST_DATABASE_URL", "PATH", "LVCAIX"];

        assert_eq!(super::unknown(names.into_iter().map(str::to_owned)), ["LVCAI_ADRESS", "lvcai_keys"]);
    }

    #[test]
    fn the_first_locale_that_is_set_decides() {
        let chinese = |set: &[(&str, &str)]| {
            super::is_chinese(&set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
        };

        assert!(chinese(&[("LANG", "zh_CN.UTF-8")]) && chinese(&[("LC_ALL", ""), ("LANG", "zh_CN")]));
        assert!(!chinese(&[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")]));
        assert!(!chinese(&[("LANG", "en_GB.UTF-8")]) && !chinese(&[]));
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
            ("LVCAI_RATE_LIMIT", "many"),
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

            assert!(error.to_string().starts_with(variable) && error.zh().starts_with(variable), "{error}");
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
