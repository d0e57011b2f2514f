//! The address of the database, and the password in it, which is never shown.

use crate::error::ConfigError;
use std::collections::HashMap;

const VARIABLE: &str = "LVCAI_DATABASE_URL";

/// Reads the address.
pub(crate) fn read(variables: &HashMap<String, String>) -> Result<String, ConfigError> {
    let url = variables.get(VARIABLE).map_or("sqlite:./data/lvcai.db", String::as_str);
    if url.strip_prefix("sqlite:").is_some_and(|path| !path.trim().is_empty()) {
        return Ok(url.to_owned());
    }
    let postgres = ["postgres://", "postgresql://"].into_iter().find_map(|scheme| url.strip_prefix(scheme));
    let wanted = match postgres {
        Some(rest) if is_readable(rest) => return Ok(url.to_owned()),
        Some(_) => (
            "格式正确的地址：密码中的 / ? # @ 等字符须写成百分号编码（如 @ 写作 %40）",
            "a well-formed address: / ? # @ in a password are percent-encoded (@ is %40)",
        ),
        None => ("sqlite:路径 或 postgres://…", "`sqlite:PATH` or `postgres://…`"),
    };
    Err(ConfigError { variable: VARIABLE, value: shown_address(url), wanted })
}

/// Whether user, host and path are where a reader finds them; a piece of a password would be printed as a host otherwise.
fn is_readable(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match authority.matches('@').count() {
        0 => !rest.contains('@'),
        count => count == 1,
    }
}

/// The address as it may be shown. Where nothing tells what of it is secret, only its scheme is.
pub fn shown_address(url: &str) -> String {
    if url.starts_with("sqlite:") {
        return url.to_owned();
    }
    let Some((scheme, rest)) = url.split_once("://") else {
        return if url.contains(['@', '?']) { "…".to_owned() } else { url.to_owned() };
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
        match parameter.split_once('=') {
            Some(("password", value)) => password = Some(value.to_owned()),
            Some(("sslpassword", _)) => {}
            _ => kept.push(parameter),
        }
    }
    (if kept.is_empty() { address } else { format!("{address}?{}", kept.join("&")) }, password)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Result<String, ConfigError> {
        read(&HashMap::from([(VARIABLE.to_owned(), url.to_owned())]))
    }

    #[test]
    fn an_address_has_one_of_two_schemes() {
        for url in ["sqlite:./data/lvcai.db", "postgres://h/d", "postgresql://u:p%40@h:5432/d?sslmode=disable"] {
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
    }
}
