//! The OpenAPI document and the registry say the same.

use crate::contract::{Operation, World, differences, document, operations};
use lvcai_domain::ProblemKind;
use lvcai_tests::Client;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// The document, committed and reviewed.
const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.yaml");

#[test]
fn the_committed_document_is_current() {
    let current = lvcai_api::yaml(&lvcai_api::document());
    if std::env::vars().any(|(name, _)| name == "UPDATE_GOLDEN") {
        std::fs::write(COMMITTED, &current).unwrap();
    }

    let committed = std::fs::read_to_string(Path::new(COMMITTED)).unwrap_or_default();

    let line = committed.lines().zip(current.lines()).position(|(old, new)| old != new);
    assert!(committed == current, "openapi.yaml is stale from line {line:?} on: run `make openapi`");
}

/// Generators make an argument of each parameter, beside those that they need themselves. Words of a language, such as
/// `from`, they escape.
#[test]
fn no_parameter_takes_the_name_of_what_a_generated_client_needs_itself() {
    let document = document();
    let taken = ["body", "client", "self", "this", "request", "response", "headers"];

    for operation in &operations(&document) {
        for parameter in ["query", "path", "header"].iter().flat_map(|place| operation.parameters(place)) {
            let name = parameter["name"].as_str().unwrap();
            assert!(!taken.contains(&name), "{}: {name}", operation.name());
        }
    }
}

#[test]
fn what_headers_may_be_is_what_is_enforced() {
    let document = document();

    for operation in &operations(&document) {
        for header in operation.parameters("header") {
            let limits = (header["schema"]["minLength"].as_u64(), header["schema"]["maxLength"].as_u64());
            let is_key = header["name"] == "Idempotency-Key";
            assert_eq!(limits, if is_key { (Some(1), Some(255)) } else { (None, None) }, "{header}");
            let conditional = header["name"] == "If-Match";
            assert!(!conditional || operation.says["responses"]["412"].is_object(), "{}", operation.name());
        }
    }
}

#[test]
fn every_operation_has_a_name_a_summary_a_tag_and_described_responses() {
    let document = document();

    let operations = operations(&document);

    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    let tags: Vec<&str> = document["tags"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    let names: BTreeSet<&str> = operations.iter().filter_map(|it| it.says["operationId"].as_str()).collect();
    assert_eq!(names.len(), operations.len(), "every operation has an id of its own");
    for operation in &operations {
        let (name, says) = (operation.name(), &operation.says);
        assert!(!says["summary"].as_str().unwrap_or_default().is_empty(), "{name} has no summary");
        assert!(tags.contains(&says["tags"][0].as_str().unwrap_or_default()), "{name} has no tag of the document");
        for (status, response) in says["responses"].as_object().unwrap() {
            assert!(
                !response["description"].as_str().unwrap_or_default().is_empty(),
                "{name} {status} is not described"
            );
        }
        for parameter in ["query", "path", "header"].iter().flat_map(|place| operation.parameters(place)) {
            assert!(!parameter["description"].as_str().unwrap_or_default().is_empty(), "{name}: {parameter}");
        }
    }
}

#[test]
fn every_list_that_can_grow_documents_its_paging() {
    let document = document();

    let lists = operations(&document)
        .into_iter()
        .filter(|it| it.is_v1() && it.says["operationId"].as_str().unwrap().starts_with("list_"));

    // Code lists, kinds and divisions come on one page; versions are those of one record.
    let whole = ["list_kinds", "list_divisions", "list_code_lists"];
    for list in lists {
        let id = list.says["operationId"].as_str().unwrap();
        let named: Vec<Value> = list.parameters("query").iter().map(|it| it["name"].clone()).collect();
        // Refusals and calls stand outside the ledger and have no past.
        let has_past = !["list_refusals", "list_calls"].contains(&id);
        assert!(named.contains(&json!("as_of")) || !has_past, "{id} takes as_of and does not say so");
        if !whole.contains(&id) && !id.ends_with("_versions") {
            assert!(
                named.contains(&json!("limit")) && named.contains(&json!("cursor")),
                "{id} documents only {named:?}"
            );
        }
    }
}

#[test]
fn every_field_of_a_stored_record_is_described() {
    let document = document();

    let schemas = document["components"]["schemas"].as_object().unwrap();

    for (name, schema) in schemas {
        for (field, says) in schema["properties"].as_object().into_iter().flatten() {
            let described = says.get("description").or_else(|| says.pointer("/oneOf/0/description"));
            let refers = says.get("$ref").is_some();
            assert!(described.is_some() || refers, "{name}.{field} is not described");
        }
    }
}

#[test]
fn every_operation_is_as_closed_as_it_says() {
    let (world, document) = (World::begin(), document());

    for operation in operations(&document) {
        let example = operation.example(&document);
        let answer = world.call(&world.story.anybody, &operation, "", example.as_ref());

        if operation.path == "/oauth/token" {
            continue;
        }
        let name = operation.name();
        assert_eq!(answer.status == 401, operation.is_closed(), "{name} without a token: {}", answer.text);
        assert_ne!(answer.status, 403, "{name} without a token: {}", answer.text);
        world.keeps_to(&operation, &answer);
    }
}

#[test]
fn a_token_that_is_not_valid_is_never_ignored_where_tokens_count() {
    let (world, document) = (World::begin(), document());
    let forged = Client::anonymous(&world.story.server.url);
    *forged.token.borrow_mut() = Some("eyJhbGciOiJub25lIn0.e30.".to_owned());

    let counts = |it: &Operation| it.security().iter().any(|it| it.get("bearer").is_some());
    for operation in operations(&document).into_iter().filter(counts) {
        let example = operation.example(&document);
        let answer = world.call(&forged, &operation, "", example.as_ref());

        assert_eq!(answer.status, 401, "{} with a forged token: {}", operation.name(), answer.text);
        assert!(answer.header("www-authenticate").starts_with("Bearer"), "{}", operation.name());
        world.keeps_to(&operation, &answer);
    }
}

#[test]
fn every_read_answers_what_its_schema_says() {
    let (world, document) = (World::begin(), document());
    world.story.authority.post("/v1/products", &json!({ "name": "草案", "kind": "gbm-09" })).expect(201);

    for operation in operations(&document).into_iter().filter(|it| it.method == "GET") {
        let answer = world.call(&world.story.authority, &operation, "", None).expect(200);

        world.keeps_to(&operation, &answer);
        let content = operation.says["responses"]["200"]["content"].as_object().unwrap();
        let (content_type, media) = content.iter().next().unwrap();
        if content_type.ends_with("json") {
            let found = differences(&document, &media["schema"], &answer.body, "");
            assert!(found.is_empty(), "{}: {found:#?}", operation.name());
        }
    }
}

#[test]
fn an_address_that_is_not_in_the_document_is_a_problem_too() {
    let world = World::begin();
    let anybody = &world.story.anybody;

    anybody.get("/v1/unicorns").problem(404, "not-found");
    anybody.get("/v1/products/prod_%FF%FE").problem(404, "not-found");
    anybody.get("/v1/lists/%FF/standing").problem(404, "not-found");
    let answer = anybody.send("DELETE", "/v1/products", &[], None).problem(405, "method-not-allowed");
    assert_eq!(answer.header("allow"), "GET, HEAD, POST, OPTIONS");
    let slash = anybody.get("/v1/products/").problem(404, "not-found");
    assert!(slash.body["detail"].as_str().is_some_and(|it| it.contains('/')), "{}", slash.text);
    let origin = [("origin", "https://example.org"), ("access-control-request-method", "GET")];
    let options = anybody.send("OPTIONS", "/v1/products", &origin, None).expect(204);
    assert_eq!(options.header("allow"), "GET, HEAD, POST, OPTIONS");
    assert!(options.headers.get("access-control-allow-origin").is_none(), "no browser elsewhere may call");
    let english = anybody.send("GET", "/v1/unicorns", &[("accept-language", "en-GB,en;q=0.9")], None);
    assert_eq!((english.header("content-language"), english.body["title"].as_str()), ("en", Some("No such resource")));
}

#[test]
fn the_design_names_every_problem_with_its_status() {
    let design = include_str!("../../../api/docs/api-design.md");
    let row = |kind: &ProblemKind| format!("| `{}` | {} |", kind.slug(), kind.status());

    let missing: Vec<_> = ProblemKind::ALL.iter().map(row).filter(|it| !design.contains(it)).collect();

    assert!(missing.is_empty(), "{missing:#?}");
}
