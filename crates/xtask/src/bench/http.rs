//! As much of an HTTP client as preparing a benchmark takes: one request to the loopback interface, one connection.

use crate::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long an answer may take: that of a batch comes when all of it is done.
const PATIENCE: Duration = Duration::from_secs(600);

/// Sends a request with these header lines and returns the body of its answer.
pub(crate) fn send(port: u16, (method, path): (&str, &str), headers: &str, body: &str) -> Result<String, Error> {
    let doing = || Error::system(format!("{method} {path} on port {port}"));
    let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(doing())?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(doing())?;
    // HTTP/1.0 is answered in one piece, and the connection is closed.
    let head = format!("{method} {path} HTTP/1.0\r\nhost: 127.0.0.1\r\n{headers}\r\n");
    let message = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(message.as_bytes()).map_err(doing())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map_err(doing())?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).unwrap_or_default();
    if status.starts_with('2') {
        return Ok(body.to_owned());
    }
    Err(Error::because(format!("{method} {path} was answered {status}: {body}")))
}

/// Reads a path.
pub(crate) fn get(port: u16, path: &str) -> Result<String, Error> {
    send(port, ("GET", path), "content-type: application/json", "")
}

/// The first string member of this name in a JSON text.
pub(crate) fn member<'text>(json: &'text str, name: &str) -> Option<&'text str> {
    members(json, name).next()
}

/// Every string member of this name in a JSON text whose strings hold no escapes.
pub(crate) fn members<'text>(json: &'text str, name: &str) -> impl Iterator<Item = &'text str> {
    let key = format!("\"{name}\":");
    let found: Vec<_> = json.split(&key).skip(1).collect();
    found.into_iter().filter_map(|it| it.trim_start().strip_prefix('"')?.split('"').next())
}

/// A path segment or query value in percent-encoding.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|it| if it.is_ascii_alphanumeric() { char::from(it).to_string() } else { format!("%{it:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{encoded, member, members};

    #[test]
    fn members_are_found_by_name() {
        let json = r#"{"items":[{"id":"a","n":1},{"id": "b"}],"page":{"next":null}}"#;

        assert_eq!(members(json, "id").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(member(json, "next"), None);
    }

    #[test]
    fn chinese_is_encoded_by_bytes() {
        assert_eq!(encoded("水泥1"), "%E6%B0%B4%E6%B3%A51");
    }
}
