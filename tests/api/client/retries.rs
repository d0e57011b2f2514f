//! What is sent again: under the same key, after the time that is asked for, and within bounds.

use super::gateway::{Fate, answer, value};
use super::{direct, through};
use lvcai_client::{Error, Registry};
use lvcai_tests::Story;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn product() -> Value {
    json!({ "name": "65系列内平开塑料窗", "kind": "gbm-09" })
}

/// How many products the enterprise has.
fn products(story: &Story) -> usize {
    story.enterprise.get("/v1/products").expect(200).body["items"].as_array().unwrap().len()
}

fn turned_away(status: &str, slug: &str, headers: &str) -> Fate {
    let body = json!({ "type": format!("https://registry.test/problems/{slug}"), "title": "Later" }).to_string();
    answer(status, &format!("content-type: application/problem+json\r\n{headers}"), &body)
}

#[test]
fn a_write_whose_connection_ends_is_done_exactly_once() {
    let story = Story::begin();
    let (gateway, registry) = through(&story, &story.enterprise);

    gateway.next([Fate::Lost, Fate::Unanswered]);
    let made = registry.post("/v1/products").body(&product()).send().unwrap();

    assert_eq!((made.status(), made.is_replayed(), products(&story)), (201, true, 1));
    let seen = gateway.seen("POST /v1/products");
    let keys: Vec<_> = seen.iter().map(|it| value(it, "idempotency-key").unwrap()).collect();
    assert_eq!((keys[0], keys[1], keys.len()), (keys[1], keys[2], 3));
}

#[test]
fn a_patch_whose_answer_was_lost_is_no_conflict_with_itself() {
    let story = Story::begin();
    let (gateway, registry) = through(&story, &story.enterprise);
    let made = registry.post("/v1/products").body(&product()).send().unwrap();

    gateway.next([Fate::Unanswered]);
    let patch = registry.patch(made.location().unwrap()).if_match(&made.etag().unwrap());
    let patched = patch.body(&json!({ "name": "外开窗" })).send().unwrap();

    assert_eq!((patched.version(), patched.is_replayed()), (Some(2), true));
}

#[test]
fn the_wait_that_is_asked_for_is_kept() {
    let story = Story::begin();
    let (gateway, registry) = through(&story, &story.enterprise);
    registry.token().unwrap();

    let begun = Instant::now();
    gateway.next([
        turned_away("429 Too Many Requests", "too-many-requests", "retry-after: 1\r\n"),
        turned_away("503 Service Unavailable", "busy", "retry-after: 1\r\n"),
    ]);
    let made = registry.post("/v1/products").body(&product()).send().unwrap();

    assert!(begun.elapsed() >= Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!((made.status(), made.is_replayed(), products(&story)), (201, false, 1));
}

#[test]
fn a_longer_wait_than_there_is_time_for_is_told_at_once() {
    let story = Story::begin();
    let (gateway, registry) = through(&story, &story.anybody);
    let registry = registry.deadline(Duration::from_secs(20));

    let begun = Instant::now();
    gateway.next([turned_away("503 Service Unavailable", "busy", "retry-after: 60\r\n")]);
    let error = registry.get("/v1/lists").send().unwrap_err();

    assert!(error.is("busy") && begun.elapsed() < Duration::from_secs(10), "{error}");
}

#[test]
fn tries_are_bounded_and_other_statuses_are_not_tried_again() {
    let story = Story::begin();
    let (gateway, registry) = through(&story, &story.anybody);

    gateway.next([Fate::Lost, Fate::Lost]);
    let error = registry.clone().tries(2).get("/v1/lists").send().unwrap_err();
    assert!(matches!(error, Error::Transport(_)), "{error}");
    assert_eq!(gateway.seen("GET /v1/lists").len(), 2);

    gateway.next([turned_away("500 Internal Server Error", "internal", "")]);
    assert!(registry.get("/v1/kinds").send().unwrap_err().is("internal"));
    assert_eq!(gateway.seen("GET /v1/kinds").len(), 1);
}

#[test]
fn the_limit_of_the_registry_itself_is_a_problem_by_name() {
    let story = Story::begin_with(&[("LVCAI_RATE_LIMIT", "60")]);
    let registry = direct(&story, &story.anybody).tries(1);

    let refused = (0..100).find_map(|_| registry.get("/v1/code-lists").send().err()).unwrap();

    assert!(refused.is("too-many-requests"), "{refused}");
}

#[test]
fn a_registry_that_is_not_there_is_told_within_the_deadline() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let registry = Registry::at(&format!("http://{closed}")).deadline(Duration::from_secs(1));

    let begun = Instant::now();
    let error = registry.get("/v1/lists").send().unwrap_err();

    assert!(matches!(error, Error::Transport(_)) && begun.elapsed() < Duration::from_secs(5), "{error}");
}

#[test]
fn a_registry_that_is_silent_is_given_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let registry = Registry::at(&format!("http://{}", silent.local_addr().unwrap()));
    let registry = registry.tries(2).timeouts(Duration::from_secs(5), Duration::from_millis(200));

    let begun = Instant::now();
    let error = registry.get("/v1/lists").send().unwrap_err();

    assert!(matches!(error, Error::Transport(_)) && begun.elapsed() < Duration::from_secs(5), "{error}");
}
