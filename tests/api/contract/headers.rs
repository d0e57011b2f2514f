//! Headers that are given twice, empty, or in characters that no header has.

use lvcai_tests::{Answer, Story};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// Sends a request as it stands, since clients do not send a header twice, and reads status and body.
fn raw(story: &Story, method: &str, path: &str, headers: &[&[u8]]) -> (u16, serde_json::Value) {
    let mut stream = TcpStream::connect(story.server.url.trim_start_matches("http://")).unwrap();
    let token = story.authority.token.borrow().clone().unwrap();
    let body = json!({ "name": "改名", "kind": "gbm-09" }).to_string();
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n").into_bytes();
    request.extend(format!("authorization: Bearer {token}\r\n").as_bytes());
    for header in headers {
        request.extend_from_slice(header);
        request.extend(b"\r\n");
    }
    if method == "POST" && !headers.iter().any(|it| it.starts_with(b"idempotency-key")) {
        request.extend(b"idempotency-key: fresh\r\n");
    }
    if !headers.iter().any(|it| it.starts_with(b"content-type")) {
        request.extend(b"content-type: application/json\r\n");
    }
    request.extend(format!("content-length: {}\r\n\r\n{body}", body.len()).as_bytes());
    stream.write_all(&request).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
}

/// Requires that a header was refused by its name and a rule.
#[track_caller]
fn refused((status, body): (u16, serde_json::Value), name: &str, rule: &str) {
    assert_eq!((status, &body["type"]), (400, &json!(lvcai_tests::problem("malformed"))), "{body}");
    assert_eq!(
        (&body["errors"][0]["source"]["header"], &body["errors"][0]["rule"]),
        (&json!(name), &json!(rule)),
        "{body}"
    );
}

#[test]
fn a_header_that_has_one_value_is_not_sent_twice() {
    let story = Story::begin();
    let post = |headers: &[&[u8]]| raw(&story, "POST", "/v1/products", headers);

    refused(post(&[b"idempotency-key: a", b"idempotency-key: b"]), "Idempotency-Key", "duplicate");
    refused(post(&[b"content-type: application/json", b"content-type: text/plain"]), "Content-Type", "duplicate");
    refused(post(&[b"authorization: Bearer x"]), "Authorization", "duplicate");
}

#[test]
fn several_lines_of_if_match_are_one_list() {
    let story = Story::begin();
    let path = format!("/v1/products/{}", story.product("65系列内平开塑料窗"));
    let etag = story.anybody.get(&path).header("etag").to_owned();
    let line = |etag: &str| format!("if-match: {etag}").into_bytes();
    let (other, present) = (line("\"0\""), line(&etag));

    assert_eq!(raw(&story, "PATCH", &path, &[&other, &other]).0, 412);
    assert_eq!(raw(&story, "PATCH", &path, &[&other, &present]).0, 200);
    refused(raw(&story, "PATCH", &path, &["if-match: \"窗\"".as_bytes()]), "If-Match", "pattern");
}

#[test]
fn what_is_wrong_with_an_idempotency_key_is_said() {
    let story = Story::begin();
    let post = |header: &[u8]| raw(&story, "POST", "/v1/products", &[header]);

    refused(post(b"idempotency-key:"), "Idempotency-Key", "too-short");
    refused(post(b"idempotency-key: \"\""), "Idempotency-Key", "too-short");
    refused(post("idempotency-key: 幂等".as_bytes()), "Idempotency-Key", "pattern");
    refused(post(&[b"idempotency-key: ".as_slice(), &[b'k'; 256]].concat()), "Idempotency-Key", "too-long");
}

#[test]
fn a_compressed_body_is_refused() {
    let story = Story::begin();
    let post = |path: &str, encoding: &str, body: &[u8]| -> Answer {
        story.enterprise.post_text(path, &[("content-encoding", encoding)], body)
    };
    let product = json!({ "name": "窗", "kind": "gbm-09" }).to_string();

    let answer = post("/v1/products", "gzip", product.as_bytes()).problem(415, "unsupported-media-type");
    assert!(answer.body["detail"].as_str().unwrap().contains("Content-Encoding"), "{}", answer.text);
    assert_eq!(answer.header("accept-encoding"), "identity");
    post("/v1/verifications", "br", b"{}").problem(415, "unsupported-media-type");
    post("/v1/products", "identity", product.as_bytes()).expect(201);
}

#[test]
fn a_tag_that_a_compressing_proxy_weakened_is_taken() {
    let story = Story::begin();
    let product = story.product("窗");
    let path = format!("/v1/products/{product}");
    let tag = format!("W/{}", story.anybody.get(&path).expect(200).header("etag"));

    story.enterprise.patch(&path, &tag, &json!({ "trademark": "甲" })).expect(200);
    story.enterprise.patch(&path, &tag, &json!({ "trademark": "乙" })).problem(412, "precondition-failed");
}

#[test]
fn what_is_said_by_language_says_so_to_caches() {
    let story = Story::begin();

    for path in ["/problems", "/problems/invalid"] {
        let vary = story.anybody.get(path).expect(200).header("vary").to_ascii_lowercase();
        assert!(vary.contains("accept-language"), "{path}: {vary}");
    }
}

#[test]
fn a_refusal_says_by_which_headers_it_varies() {
    let story = Story::begin();

    let answer = story.anybody.get("/v1/products/prod_00000000-0000-7000-8000-000000000000");

    let answer = answer.problem(404, "not-found");
    let varies = answer.headers.get_all("vary").iter().any(|it| it == "accept-language");
    assert_eq!((varies, answer.header("content-language")), (true, "zh-CN"));
}

#[test]
fn who_asks_for_another_protocol_learns_that_the_connection_ends() {
    let story = Story::begin();
    let mut stream = TcpStream::connect(story.server.url.trim_start_matches("http://")).unwrap();

    // As Java's client does by default.
    let request = "GET /v1/lists HTTP/1.1\r\nhost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
                   HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();

    let head = answer.split_once("\r\n\r\n").unwrap().0.to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 200") && head.contains("connection: close"), "{head}");
    assert!(!head.contains("upgrade"), "{head}");
}

#[test]
fn a_body_is_read_to_its_length_whatever_protocol_is_asked_for() {
    let story = Story::begin();
    let path = format!("/v1/products/{}", story.product("65系列内平开塑料窗"));
    let token = story.authority.token.borrow().clone().unwrap();
    for asked in [
        "connection: Upgrade\r\nupgrade: websocket",
        "upgrade: websocket",
        "connection: keep-alive, Upgrade\r\nupgrade: h2c\r\nupgrade: WebSocket",
        "connection: close\r\nupgrade: websocket",
    ] {
        let etag = story.anybody.get(&path).header("etag").to_owned();
        let body = json!({ "trademark": asked.len().to_string() }).to_string();
        let length = body.len();
        let mut stream = TcpStream::connect(story.server.url.trim_start_matches("http://")).unwrap();
        // What follows the body is no request: the connection ends with the answer.
        let request = format!(
            "PATCH {path} HTTP/1.1\r\nhost: x\r\n{asked}\r\nauthorization: Bearer {token}\r\nif-match: {etag}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}GET /v1/lists HTTP/1.1\r\nhost: x\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        // The server closes once the peer has, or some seconds later; it has answered long before.
        stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        let answer = String::from_utf8(answer).unwrap();

        assert!(answer.starts_with("HTTP/1.1 200") && answer.matches("HTTP/1.1 ").count() == 1, "{asked}: {answer}");
        assert!(answer.to_ascii_lowercase().contains("connection: close"), "{asked}: {answer}");
    }
}

#[test]
fn a_body_that_ends_early_is_not_taken_for_whole() {
    let story = Story::begin();
    let token = story.authority.token.borrow().clone().unwrap();
    let mut stream = TcpStream::connect(story.server.url.trim_start_matches("http://")).unwrap();
    let request = format!(
        "POST /v1/products HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nauthorization: Bearer {token}\r\n\
         idempotency-key: key\r\n\
         content-type: application/json\r\ncontent-length: 99\r\n\r\n{{}}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();

    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
}
