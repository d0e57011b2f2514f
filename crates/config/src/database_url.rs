//! The address of the database, and the password in it, which is never shown.

use crate::error::ConfigError;
use std::collections::HashMap;

const VARIABLE: &str = "LVCAI_DATABASE_URL";

/// Reads the address.
pub(crate) fn read(variables: &HashMap<String, String>) -> Result<String, ConfigError> {
    let url = variables.get(VARIABLE).map_or("sqlite:./data/lvcai.db", String::as_str);
    check_address(VARIABLE, url)?;
    Ok(url.to_owned())
}

/// Whether an address can be read. One that cannot is never handed on: what is said of it elsewhere would show pieces of
/// it, and any of them may be the password.
///
/// # Errors
///
/// [`ConfigError`] names where the address is from (`source`) and what was wanted.
pub fn check_address(source: &'static str, url: &str) -> Result<(), ConfigError> {
    if url.strip_prefix("sqlite:").is_some_and(is_path) {
        return Ok(());
    }
    let wanted = match after_scheme(url) {
        Some(rest) if is_readable(rest) => return Ok(()),
        Some(_) => (
            "格式正确的地址：密码中的 / ? # @ % 和空格须写成百分号编码（如 @ 写作 %40）",
            "a well-formed address: / ? # @ % and blanks in a password are percent-encoded (@ is %40)",
        ),
        None => ("sqlite:路径 或 postgres://…", "`sqlite:PATH` or `postgres://…`"),
    };
    Err(ConfigError { variable: source, value: shown_address(url), wanted })
}

fn after_scheme(url: &str) -> Option<&str> {
    ["postgres://", "postgresql://"].into_iter().find_map(|scheme| url.strip_prefix(scheme))
}

/// Whether this can be meant as the path of a file, and not as the address of a server behind the wrong scheme.
fn is_path(path: &str) -> bool {
    let small = path.to_ascii_lowercase();
    !path.trim().is_empty() && !small.contains("://") && !small.contains("password=")
}

/// Whether user, host, port and parameters are where a reader finds them, so that no piece of a password can be taken
/// for anything else.
fn is_readable(rest: &str) -> bool {
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = before.split_once('/').unwrap_or((before, ""));
    let hosts = match authority.split_once('@') {
        Some((_, hosts)) => hosts,
        None => authority,
    };
    let is_parameter = |it: &str| it.is_empty() || it.matches('=').count() == 1;
    is_encoded(rest)
        && !rest.contains('#')
        && !hosts.contains(['@', '='])
        && !path.contains('@')
        && hosts.split(',').all(has_port_or_none)
        && query.split('&').all(|it| is_parameter(it) && !it.contains('@'))
}

/// Whether what stands behind the colon of a host is a port; `[::1]` has colons of its own.
fn has_port_or_none(host: &str) -> bool {
    let host = host.rsplit_once(']').map_or(host, |(_, port)| port);
    host.split_once(':').is_none_or(|(_, port)| port.bytes().all(|it| it.is_ascii_digit()))
}

/// Whether each `%` begins two hexadecimal digits, and nothing is blank.
fn is_encoded(text: &str) -> bool {
    let digits = |it: &str| {
        let digits = it.as_bytes().get(..2);
        digits.is_some_and(|it| it.iter().all(u8::is_ascii_hexdigit) && it != b"00")
    };
    text.split('%').skip(1).all(digits) && !text.contains(|it: char| it.is_whitespace() || it.is_control())
}

/// The address as it may be shown. Where nothing tells what of it is secret, only its scheme is.
pub fn shown_address(url: &str) -> String {
    if let Some(path) = url.strip_prefix("sqlite:") {
        return if path.trim().is_empty() || is_path(path) { url.to_owned() } else { "sqlite:…".to_owned() };
    }
    let Some((scheme, rest)) = url.split_once("://") else {
        let plain = |it: char| it.is_alphanumeric() || matches!(it, '/' | '\\' | '.' | '-' | '_');
        return if url.chars().all(plain) { url.to_owned() } else { "…".to_owned() };
    };
    if is_readable(rest) { split_password(url).0 } else { format!("{scheme}://…") }
}

/// The address of a PostgreSQL server without the password, and the password as it is written in the address.
pub fn split_password(url: &str) -> (String, Option<String>) {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let (address, mut password) = match address.rsplit_once('@') {
        Some((user, rest)) => {
            let start = user.find("://").map_or(0, |at| at + 3);
            let (scheme, user) = user.split_at(start);
            let (name, password) = user.split_once(':').unwrap_or((user, ""));
            (format!("{scheme}{name}@{rest}"), Some(password.to_owned()).filter(|it| !it.is_empty()))
        }
        None => (address.to_owned(), None),
    };
    let mut kept = Vec::new();
    for parameter in query.split('&').filter(|it| !it.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match decoded(name).to_ascii_lowercase() {
            name if name == "password" => password = Some(value.to_owned()),
            name if ["password", "passwd", "pwd", "secret", "_key"].iter().any(|it| name.contains(it)) => {}
            _ => kept.push(parameter),
        }
    }
    (if kept.is_empty() { address } else { format!("{address}?{}", kept.join("&")) }, password)
}

/// A name with its percent-encoded bytes, as libpq reads it: `pass%77ord` is `password`.
fn decoded(name: &str) -> String {
    let mut pieces = name.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2).unwrap_or((piece, ""));
        bytes.extend(u8::from_str_radix(digits, 16));
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Result<String, ConfigError> {
        read(&HashMap::from([(VARIABLE.to_owned(), url.to_owned())]))
    }

    #[test]
    fn an_address_has_one_of_two_schemes() {
        for url in [
            "sqlite:./data/lvcai.db",
            "sqlite:/数据/绿材 1.db",
            "postgres://h/d",
            "postgres://",
            "postgres:///d?host=/run/postgresql",
            "postgresql://u:p%40@h:5432/d?sslmode=disable",
            "postgres://u:p:{^}~密@[::1]:5432,h2:5433/d?options=-csearch_path%3Dx&application_name=",
        ] {
            assert_eq!(of(url).as_deref(), Ok(url));
        }
        for url in ["mysql://x", "data/lvcai.db", "", "sqlite:", "sqlite: ", "postgres:/h/d", "postgre://h/d"] {
            let error = of(url).unwrap_err();
            assert!(error.to_string().contains("sqlite:PATH") && error.zh().contains("sqlite:路径"), "{error}");
        }
    }

    #[test]
    fn a_password_is_never_shown_however_the_address_is_mistyped() {
        for url in [
            "postgress://u:S3CRET@h/d",
            "mysql://u:S3CRET@h/d",
            "postgres:u:S3CRET@h/d",
            "postgres://u:S3CRET/x@h/d",
            "postgres://u:S3CRET?x@h/d",
            "postgres://u:S3CRET@x@h/d",
            "postgres://u:S3CRET%zz@h/d",
            "postgres://u:S3CRET%@h/d",
            "postgres://u:S3CRET%00@h/d",
            "postgres://u:S3CRET x@h/d",
            "postgres://u:S3CRET/d",
            "postgres://u@h:S3CRET/d",
            "postgres://host=h password=S3CRET",
            "postgres://host=S3CRET",
            "postgres://h/d?password=x&S3CRET",
            "postgres://h/d?password=x=S3CRET",
            "postgres://h/d?password=x@S3CRET",
            "postgres://u:x#S3CRET@h/d",
            "host=h user=u password=S3CRET",
            "host=h port=1 passwd='S3CRET'",
            "postgres:S3CRET",
            "postgres:u:S3CRET:h",
            "sqlite:postgres://u:S3CRET@h/d",
            "sqlite:host=h Password=S3CRET",
            "u:S3CRET@h/d",
            "h/d?password=S3CRET",
            "mysql://h/d?password=S3CRET",
        ] {
            let error = of(url).unwrap_err();
            assert!(!error.to_string().contains("S3CRET") && !error.zh().contains("S3CRET"), "{error}");
        }
    }

    #[test]
    fn the_password_is_taken_out_of_the_address() {
        assert_eq!(
            split_password("postgres://u:p%21@h:1/d"),
            ("postgres://u@h:1/d".to_owned(), Some("p%21".to_owned()))
        );
        assert_eq!(
            split_password("postgres://h/d?password=p&options=-csearch_path%3Dx&sslpassword=q"),
            ("postgres://h/d?options=-csearch_path%3Dx".to_owned(), Some("p".to_owned()))
        );
        assert_eq!(split_password("postgres://h/d"), ("postgres://h/d".to_owned(), None));
        for name in ["pass%77ord", "Password", "passwd", "sslpassword", "oauth_client_secret", "scram_client_key"] {
            let url = format!("postgres://h/d?{name}=S3CRET&sslkey=client.key");
            assert_eq!(split_password(&url).0, "postgres://h/d?sslkey=client.key", "{name}");
        }
    }
}
