//! A request with several faults: which of them is answered.

use lvcai_domain::Role;
use lvcai_store::{CommandContext, clients};
use lvcai_tests::{ALL_SCOPES, Client, Story};
use serde_json::json;

/// So often that an answer by chance would show.
const TIMES: usize = 25;

const KEY: [(&str, &str); 1] = [("idempotency-key", "order")];

/// The operations that take a token, a query and a body.
const WRITES: [(&str, &str); 9] = [
    ("POST", "/v1/organisations"),
    ("PATCH", "/v1/organisations/org_x"),
    ("POST", "/v1/products"),
    ("PATCH", "/v1/products/prod_x"),
    ("POST", "/v1/products/prod_x/transitions"),
    ("PUT", "/v1/certification-bodies/CNCA-R-2006-148/certificates/A"),
    ("POST", "/v1/evidence"),
    ("POST", "/v1/lists"),
    ("POST", "/v1/lists/x/publications"),
];

/// A client that was revoked after it got its token.
fn revoked(story: &Story) -> Client {
    let client = story.server.client(story.server.organisation("旧企业", Role::Enterprise), "gone", ALL_SCOPES);
    let id = client.id.unwrap();
    let revoke = move |view: &mut lvcai_store::View<'_>| clients::revoke(view, id, clients::Officer::Operator);
    story.server.wait(story.server.registry.execute(CommandContext::operator(), revoke)).unwrap();
    client
}

#[test]
fn who_asks_is_looked_at_before_the_query_and_the_query_before_the_body() {
    let story = Story::begin();
    let (revoked, bad) = (revoked(&story), json!({ "zzz": 1 }).to_string());

    for (method, path) in WRITES {
        let wrong_query = format!("{path}?zzz=1");
        for _ in 0..TIMES {
            let send = |client: &Client, path: &str| client.send(method, path, &KEY, Some(bad.as_bytes()));
            send(&story.anybody, &wrong_query).problem(401, "unauthenticated");
            send(&revoked, &wrong_query).problem(401, "unauthenticated");
            send(&revoked, path).problem(401, "unauthenticated");
            send(&story.authority, &wrong_query).problem(400, "unknown-parameter");
        }
    }
}

#[test]
fn a_read_looks_at_who_asks_before_the_query() {
    let story = Story::begin();
    let revoked = revoked(&story);

    for path in ["/v1/products?zzz=1", "/v1/evidence?zzz=1", "/v1/lists/x/publications?zzz=1"] {
        for _ in 0..TIMES {
            revoked.get(path).problem(401, "unauthenticated");
            story.enterprise.get(path).problem(400, "unknown-parameter");
        }
    }
    let verify = |query: &str| story.anybody.post(&format!("/v1/verifications{query}"), &json!({ "zzz": 1 }));
    for _ in 0..TIMES {
        verify("?zzz=1").problem(400, "unknown-parameter");
        verify("").problem(422, "invalid");
    }
}
