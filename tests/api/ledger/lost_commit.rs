//! A COMMIT whose answer is lost on its way: the work stands once, and nobody is told what is not known.

use super::ledger_rows::entries;
use lvcai_tests::{Answer, Client, Story, ThenConnections};
use serde_json::json;

/// The name of the product that is sent.
const NAME: &str = "65系列内平开塑料窗";

/// Sends the product under the one key of the test.
fn send(story: &Story) -> Answer {
    let body = json!({ "name": NAME, "kind": "gbm-09" }).to_string();
    story.enterprise.send("POST", "/v1/products", &[("idempotency-key", "lost")], Some(body.as_bytes()))
}

/// An assertion of a client that has asked for nothing yet, and whoever sends it.
fn assertion(story: &Story) -> (Client, String) {
    let client = story.server.client_without_token(story.enterprise.organisation.unwrap(), "maker-2", "products:write");
    let assertion = client.sign(&client.claims(story.server.clock.now()));
    (client, assertion)
}

/// How many entries the ledger has of a product.
fn recorded(story: &Story) -> usize {
    entries(&story.server.database).iter().filter(|it| it.subject.starts_with("prod_")).count()
}

/// The products of the enterprise.
fn kept(story: &Story) -> Vec<String> {
    let list = story.enterprise.get("/v1/products").expect(200).body;
    list["items"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_write_of_which_nobody_knows_whether_it_stands_says_so_and_is_not_done_again() {
    // Only PostgreSQL answers a COMMIT over a connection that can break; SQLite commits within the process.
    let Some((story, proxy)) = Story::begin_behind_proxy() else { return };
    proxy.lose_next_commit(ThenConnections::AreRefused);

    let unknown = send(&story);

    assert!(proxy.has_lost(), "nothing was committed: {}", unknown.text);
    let unknown = unknown.expect(503);
    assert_eq!(unknown.slug(), Some("outcome-unknown"), "{}", unknown.text);
    assert!(!unknown.header("retry-after").is_empty(), "it does not say when to ask again");
    proxy.pass();
    assert_eq!(recorded(&story), 1, "the work stands once");
    let again = send(&story).expect(201);
    assert_eq!(again.header("idempotency-replayed"), "true", "{:?}", again.headers);
    assert_eq!(recorded(&story), 1, "the work was done again");
    assert_eq!(kept(&story), [again.id()]);
}

#[test]
fn a_write_whose_answer_was_lost_is_found_by_the_next_connection() {
    // SQLite has no connection that can break.
    let Some((story, proxy)) = Story::begin_behind_proxy() else { return };
    proxy.lose_next_commit(ThenConnections::Pass);

    let answer = send(&story);

    assert!(proxy.has_lost(), "nothing was committed: {}", answer.text);
    let answer = answer.expect(201);
    assert_eq!(recorded(&story), 1, "the work stands once");
    assert_eq!(kept(&story), [answer.id()]);
}

#[test]
fn an_assertion_whose_use_was_committed_and_not_answered_gives_its_token() {
    // SQLite has no connection that can break.
    let Some((story, proxy)) = Story::begin_behind_proxy() else { return };
    let (client, assertion) = assertion(&story);
    proxy.lose_next_commit(ThenConnections::Pass);

    let answer = client.ask_for_token(&assertion, None);

    assert!(proxy.has_lost(), "nothing was committed: {}", answer.text);
    answer.expect(200);
    client.ask_for_token(&assertion, None).expect(401);
}

#[test]
fn an_assertion_of_which_nobody_knows_whether_it_was_used_may_be_sent_once_more() {
    // SQLite has no connection that can break.
    let Some((story, proxy)) = Story::begin_behind_proxy() else { return };
    let (client, assertion) = assertion(&story);
    proxy.lose_next_commit(ThenConnections::AreRefused);

    let unknown = client.ask_for_token(&assertion, None);

    assert!(proxy.has_lost(), "nothing was committed: {}", unknown.text);
    unknown.problem(503, "outcome-unknown");
    proxy.pass();
    client.ask_for_token(&assertion, None).expect(200);
    client.ask_for_token(&assertion, None).expect(401);
}
