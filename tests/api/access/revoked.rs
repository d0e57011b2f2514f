//! What a client began before it was revoked, or before its token expired.

use crate::conformity::batch::{BATCH, line};
use lvcai_store::{CommandContext, clients};
use lvcai_tests::{BODY, Client, NUMBER, Server, Story, address, record};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// A request of which the head and a part of the body are sent.
struct Begun {
    stream: TcpStream,
    rest: Vec<u8>,
}

impl Begun {
    fn of(server: &Server, client: &Client, (method, path): (&str, &str), body: &str) -> Self {
        let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let (token, length) = (client.token.borrow().clone().unwrap(), body.len());
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\nidempotency-key: k\r\ncontent-length: {length}\r\n\r\n"
        );
        let (first, rest) = body.as_bytes().split_at(length / 2);
        stream.write_all(&[head.as_bytes(), first].concat()).unwrap();
        // Until the head has been read. Were it not, the client would be refused for that alone.
        std::thread::sleep(Duration::from_millis(300));
        Self { stream, rest: rest.to_vec() }
    }

    /// The answer, once the rest is sent.
    fn finish(mut self) -> String {
        self.stream.write_all(&self.rest).unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

fn revoke(story: &Story, client: &Client) {
    let id = client.id.unwrap();
    let decide = move |view: &mut lvcai_store::View<'_>| clients::revoke(view, id, clients::Officer::Operator);
    story.server.wait(story.server.registry.execute(CommandContext::operator(), decide)).unwrap();
}

/// A push and a batch of the body's client that have begun.
fn begun(story: &Story) -> [Begun; 2] {
    let batch = json!([line("B-1", &json!({})), line("B-2", &json!({}))]).to_string();
    [
        Begun::of(&story.server, &story.body, ("PUT", &address(BODY, NUMBER)), &record().to_string()),
        Begun::of(&story.server, &story.body, ("POST", BATCH), &batch),
    ]
}

fn nothing_was_written(story: &Story, requests: [Begun; 2], why: &str) {
    for request in requests {
        let answer = request.finish();
        assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("/problems/unauthenticated"), "{why}: {answer}");
    }
    let held = story.anybody.get("/v1/certificates").expect(200).body;
    assert_eq!(held["items"], json!([]), "{why}");
}

#[test]
fn a_revoked_client_does_not_finish_what_it_began() {
    let story = Story::begin();
    let requests = begun(&story);

    revoke(&story, &story.body);

    nothing_was_written(&story, requests, "revoked");
}

#[test]
fn a_token_that_expires_while_a_body_arrives_writes_nothing() {
    let story = Story::begin();
    let requests = begun(&story);

    story.server.at("2026-03-02T02:11:00Z");

    nothing_was_written(&story, requests, "expired");
}

/// Revokes one of the two once the steps of a publication were taken, and tries the next.
fn next_step_after(revoked: fn(&Story) -> &Client, steps: &[&str], next: &str) {
    let story = Story::begin();
    story.open_list();
    let (product, certificate) = (story.product("65系列内平开塑料窗"), story.certificate(NUMBER));
    story.evidence(&product, &certificate);
    let path = format!("/v1/lists/{}/publications", lvcai_tests::LIST);
    let bureau = story.authority.organisation.unwrap();
    let third = story.server.client(bureau, "bureau-3", lvcai_tests::ALL_SCOPES);
    let draft = json!({ "title": "第一批", "products": [product] });
    let id = story.authority.post(&path, &draft).expect(201).id();
    let step = |client: &Client, step: &str| client.post(&format!("{path}/{id}/transitions"), &json!({ "step": step }));
    for taken in steps {
        step(&story.second, taken).expect(200);
    }

    revoke(&story, revoked(&story));

    step(&third, next).problem(409, "conflict");
    step(&third, "cancel").expect(200);
}

#[test]
fn a_publication_whose_approver_or_drafter_was_revoked_goes_no_further() {
    next_step_after(|story| &story.second, &["approve"], "publish");
    next_step_after(|story| &story.authority, &["approve"], "publish");
    next_step_after(|story| &story.authority, &[], "approve");
}
