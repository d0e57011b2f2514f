//! How long a server that does not answer is waited for, and what a failure says of it.

use diesel::result::Error;

/// What libpq is told, unless the address says otherwise: a server that cannot be reached within 5 s, or that has left
/// bytes or probes unanswered for 15 s, is gone.
const CONNECTION: [(&str, &str); 6] = [
    ("connect_timeout", "5"),
    ("tcp_user_timeout", "15000"),
    ("keepalives", "1"),
    ("keepalives_idle", "5"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "2"),
];

/// The settings of a reader's session: it never writes and never holds a connection for ever.
pub(crate) const READER: [(&str, &str); 3] =
    [("statement_timeout", "30s"), ("lock_timeout", "10s"), ("default_transaction_read_only", "on")];

/// The settings of the writer's session. Between two statements of a transaction it only computes; where it has stopped
/// altogether, the others must not wait behind its lock for ever.
pub(crate) const WRITER: [(&str, &str); 3] =
    [("statement_timeout", "60s"), ("lock_timeout", "1s"), ("idle_in_transaction_session_timeout", "60s")];

/// The address of a PostgreSQL server with what it leaves out.
pub(crate) fn address(url: &str) -> String {
    let (before, query) = url.split_once('?').unwrap_or((url, ""));
    let named = |name: &str| query.split('&').any(|it| it.split('=').next() == Some(name));
    let added = CONNECTION.iter().filter(|(name, _)| !named(name)).map(|(name, value)| format!("{name}={value}"));
    let given = query.split('&').filter(|it| !it.is_empty()).map(str::to_owned);
    format!("{before}?{}", given.chain(added).collect::<Vec<_>>().join("&"))
}

/// The statements that set what the address (its `options`) does not.
pub(crate) fn session(url: &str, settings: &[(&str, &str)]) -> String {
    let set = settings.iter().filter(|(name, _)| !url.contains(name));
    set.map(|(name, value)| format!("SET {name} = '{value}';")).collect()
}

/// Whether another process holds the lock.
pub fn is_locked(error: &Error) -> bool {
    says(error, &["database is locked", "due to lock timeout", "锁超时"])
}

/// Whether the database has run out of room or memory: class 53 of SQLSTATE. diesel does not tell the code, so what is
/// said decides, in the languages of the servers, or as a statement raises it without words of its own.
pub fn is_exhausted(error: &Error) -> bool {
    const SAID: [&str; 8] = [
        "No space left on device",
        "设备上没有空间",
        "Disk quota exceeded",
        "disk is full",
        "disk space",
        "磁盘空间",
        "out of memory",
        "内存用尽",
    ];
    const NAMES: [&str; 6] = ["disk_full", "out_of_memory", "insufficient_resources", "53000", "53100", "53200"];
    let Error::DatabaseError(_, told) = error else { return false };
    says(error, &SAID) || NAMES.contains(&told.message())
}

fn says(error: &Error, words: &[&str]) -> bool {
    let Error::DatabaseError(_, told) = error else { return false };
    let said = [Some(told.message()), told.details(), told.hint()];
    said.into_iter().flatten().any(|said| words.iter().any(|word| said.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::{WRITER, address, session};

    #[test]
    fn what_the_address_says_itself_stands() {
        let url = address("postgres://u:p@h/d?connect_timeout=60&options=-csearch_path%3Dlvcai");

        assert!(
            url.starts_with("postgres://u:p@h/d?connect_timeout=60&options=-csearch_path%3Dlvcai&tcp_user_timeout=")
        );
        assert_eq!(url.matches("connect_timeout").count(), 1);
        assert!(address("postgres://h/d").starts_with("postgres://h/d?connect_timeout=5&tcp_user_timeout=15000&"));
        assert!(!session("postgres://h/d?options=-cstatement_timeout%3D0", &WRITER).contains("statement_timeout"));
        assert!(session("postgres://h/d", &WRITER).contains("SET statement_timeout = '60s';"));
    }
}
