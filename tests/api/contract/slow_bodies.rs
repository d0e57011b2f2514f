//! The edge: bodies and heads that do not come to an end.

use lvcai_tests::Server;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Sends the beginning of a request and waits for what comes back until the connection ends.
fn half_a_request(server: &Server, beginning: &str) -> String {
    let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(beginning.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8(answer).unwrap()
}

#[test]
fn a_slow_body_or_head_does_not_hold_a_connection() {
    let server = Server::start_with(&[("LVCAI_REQUEST_SECONDS", "1")]);
    let begun = Instant::now();

    let head =
        "POST /v1/verifications HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    let body = half_a_request(&server, head);
    let head = half_a_request(&server, "GET /v1/kinds HTTP/1.1\r\nhost: x\r\n");
    let second = half_a_request(&server, "GET /problems HTTP/1.1\r\nhost: x\r\n\r\nGET /v1/kinds HTTP/1.1\r\nhost");

    assert!(body.starts_with("HTTP/1.1 408") && body.contains("/problems/too-slow"), "{body}");
    assert!(head.is_empty() || head.starts_with("HTTP/1.1 408"), "{head}");
    assert!(second.starts_with("HTTP/1.1 200"), "{second}");
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    server.anybody().get("/v1/kinds").expect(200);
}
