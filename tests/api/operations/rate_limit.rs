//! The limit of requests: what is told of it, whose it is, and when it refuses.

use lvcai_tests::{Answer, Story};

fn left(answer: &Answer) -> i64 {
    let (_, left) = answer.header("ratelimit").split_once("r=").unwrap();
    left.split(';').next().unwrap().parse().unwrap()
}

#[test]
fn who_has_used_the_quota_waits_and_nobody_else_does() {
    let story = Story::begin_with(&[("LVCAI_RATE_LIMIT", "60")]);
    let first = story.anybody.get("/v1/code-lists").expect(200);

    for _ in 0..left(&first) {
        story.anybody.get("/v1/code-lists").expect(200);
    }
    let refused = story.anybody.get("/v1/code-lists").problem(429, "too-many-requests");

    assert_eq!(first.header("ratelimit-policy"), "\"default\";q=60;w=60");
    assert_eq!((refused.header("retry-after"), left(&refused)), ("1", 0));
    assert_eq!(left(&story.enterprise.get("/v1/code-lists").expect(200)), 59, "a client has a quota of its own");
    let later = story.server.clock.now() + jiff::SignedDuration::from_secs(10);
    story.server.clock.set(later);
    assert_eq!(left(&story.anybody.get("/v1/code-lists").expect(200)), 9, "units come back evenly");
}

#[test]
fn what_takes_more_costs_more() {
    let story = Story::begin_with(&[("LVCAI_RATE_LIMIT", "100")]);

    let read = story.enterprise.get("/v1/products?limit=500").expect(200);
    let write =
        story.enterprise.post("/v1/products", &serde_json::json!({ "name": "窗", "kind": "gbm-09" })).expect(201);

    assert_eq!([left(&read), left(&write)], [89, 84]);
}

#[test]
fn nothing_is_told_where_there_is_no_limit() {
    let answer = Story::begin().anybody.get("/v1/code-lists").expect(200);

    assert!(!answer.headers.contains_key("ratelimit") && !answer.headers.contains_key("ratelimit-policy"));
}
