//! `Accept`: who asks for a form that there is not is told which there are, before anything is done.

use crate::contract::{Operation, World, document, operations, sample};
use lvcai_tests::Story;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The types in which an operation answers, by the document.
fn offered(operation: &Operation) -> BTreeSet<String> {
    let responses = operation.says["responses"].as_object().unwrap();
    let done = responses.iter().filter(|(status, _)| status.starts_with('2'));
    done.flat_map(|(_, it)| it["content"].as_object().unwrap().keys().cloned()).collect()
}

#[test]
fn every_operation_names_the_forms_in_which_it_answers() {
    let (world, document) = (World::begin(), document());
    let head = || world.story.anybody.get("/v1/lists").expect(200).seq();
    let before = head();
    let negotiates = |it: &Operation| it.is_v1() || it.path.starts_with("/openapi");

    for operation in operations(&document).into_iter().filter(negotiates) {
        let body =
            operation.body().map(|(content_type, schema)| (content_type, sample(&document, &schema).to_string()));
        let send = |accept: &str, query: &str| {
            let (content_type, body) = body.clone().unzip();
            let mut headers = vec![("accept", accept), ("idempotency-key", "accept"), ("if-match", "*")];
            headers.extend(content_type.as_deref().map(|it| ("content-type", it)));
            let address = format!("{}{query}", world.address(&operation));
            let body = body.as_deref().map(str::as_bytes);
            world.caller(&operation).send(&operation.method, &address, &headers, body)
        };

        for accept in ["application/xml", "text/html, image/*;q=0.5", "application/json;q=0, text/calendar;q=0"] {
            if accept.starts_with("application/json") && offered(&operation).iter().any(|it| !it.ends_with("/json")) {
                continue;
            }
            let refused = send(accept, "").problem(406, "not-acceptable");
            let fault = &refused.body["errors"][0];
            assert_eq!(fault["source"]["header"], "Accept", "{}", operation.name());
            let allowed: BTreeSet<String> = serde_json::from_value(fault["allowed"].clone()).unwrap();
            assert_eq!(allowed, offered(&operation), "{}", operation.name());
            world.keeps_to(&operation, &refused);
        }
        assert_eq!(head(), before, "{}: nothing was done", operation.name());
        let query = if operation.documents_parameter("validate_only") { "?validate_only=true" } else { "" };
        let one = offered(&operation).first().unwrap().clone();
        for accept in [one.as_str(), "*/*", "text/html, */*;q=0.1", "", "*; q=.2, */*; q=.2"] {
            assert_ne!(send(accept, query).status, 406, "{}: {accept}", operation.name());
        }
    }
}

#[test]
fn a_problem_is_told_whatever_is_accepted() {
    let story = Story::begin();
    let get = |path: &str, accept: &str| story.anybody.send("GET", path, &[("accept", accept)], None);

    get("/v1/products/prod_x", "application/json").problem(404, "not-found");
    get("/v1/nowhere", "text/html").problem(404, "not-found");
    get("/v1/lists", "application/problem+json").problem(406, "not-acceptable");
    let head = story.anybody.send("HEAD", "/v1/lists", &[("accept", "text/html")], None);
    assert_eq!(head.status, 406);
    let named: Vec<Value> = vec![json!("application/json")];
    assert_eq!(get("/v1/lists", "text/html").body["errors"][0]["allowed"], json!(named));
}
