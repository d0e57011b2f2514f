//! Uploads that arrive slowly, or that nobody may send.

use crate::conformity::batch::{BATCH, line};
use lvcai_domain::Role;
use lvcai_tests::{BODY, Client, OTHER_BODY, Server, Story};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// A batch of which nothing but a byte is sent.
fn beginning(server: &Server, client: &Client, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let token = client.token.borrow().clone().unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nidempotency-key: k\r\n\
         content-type: application/json\r\ncontent-length: 100000\r\n\r\n["
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

/// The status that is answered, though the body does not end.
fn status(mut stream: TcpStream) -> String {
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    String::from_utf8_lossy(&answer[9..]).into_owned()
}

#[test]
fn slow_uploads_of_one_client_stop_nobody_and_end() {
    let story = Story::begin_with(&[("LVCAI_REQUEST_SECONDS", "2")]);
    let other = story.server.client(story.server.certification_body(OTHER_BODY), "other", "certificates:push");
    let begun = Instant::now();
    let slow: Vec<_> = (0..6).map(|_| beginning(&story.server, &story.body, BATCH)).collect();
    let dripped: Vec<_> = slow.iter().map(|it| it.try_clone().unwrap()).collect();
    let dripping = std::thread::spawn(move || {
        // A byte now and then gains no time.
        for mut stream in dripped.iter().cycle().take(600) {
            drop(stream.write(b" "));
            std::thread::sleep(Duration::from_millis(10));
        }
    });

    for _ in 0..5 {
        other.post(&BATCH.replace(BODY, OTHER_BODY), &json!([line("O-1", &json!({}))])).expect(200);
    }

    let mut answered: Vec<_> = slow.into_iter().map(status).collect();
    answered.sort();
    assert_eq!(answered, ["408", "408", "408", "503", "503", "503"]);
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    dripping.join().unwrap();
}

#[test]
fn who_may_not_send_an_upload_is_told_before_it_is_sent() {
    let story = Story::begin();
    let firm = story.server.client(story.server.organisation("某企业", Role::Enterprise), "firm", "certificates:push");
    for path in [BATCH, "/v1/certification-bodies/CNCA-R-2006-148/certificates:reconcile"] {
        assert_eq!(status(beginning(&story.server, &firm, path)), "403", "{path}");
        assert_eq!(status(beginning(&story.server, &firm, &format!("{path}?modus=x"))), "400", "{path}");
    }
}
