//! Who still calls what, and what an answer says of an operation that will go.

use jiff::civil::date;
use lvcai_api::Deprecation;
use lvcai_tests::{Client, Story};
use serde_json::{Value, json};

const DEPRECATED: &[Deprecation] = &[Deprecation {
    operation: "read_product",
    since: date(2026, 3, 1),
    sunset: date(2026, 9, 1),
    successor: "/docs/#tag/products",
}];

/// What a client called, by the name of the operation, as somebody sees it.
fn called(story: &Story, by: &Client, query: &str, client: &Client) -> Option<Value> {
    story.server.write_calls();
    let items = by.get(&format!("/v1/calls?{query}")).expect(200).body["items"].clone();
    let id = client.id.unwrap().to_string();
    items.as_array().unwrap().iter().find(|it| it["client"] == id.as_str()).cloned()
}

fn operation<'a>(of: &'a Value, name: &str) -> Option<&'a Value> {
    of["operations"].as_array().unwrap().iter().find(|it| it["operation"] == name)
}

#[test]
fn the_calls_of_each_client_are_counted_by_operation_and_day() {
    let story = Story::begin();
    let id = story.product("窗");
    for _ in 0..3 {
        story.enterprise.get(&format!("/v1/products/{id}")).expect(200);
        story.anybody.get(&format!("/v1/products/{id}")).expect(200);
    }
    story.enterprise.get("/v1/products/none").expect(404);
    let first = called(&story, &story.authority, "", &story.enterprise).unwrap();
    story.server.at("2026-03-05T02:00:00Z");
    story.enterprise.get(&format!("/v1/products/{id}")).expect(200);

    let told = called(&story, &story.authority, "", &story.enterprise).unwrap();

    assert_eq!(told["organisation"], story.enterprise.organisation.unwrap().to_string());
    let read = json!({ "operation": "read_product", "calls": 5, "first_on": "2026-03-02", "last_on": "2026-03-05", "deprecated": false });
    assert_eq!(
        (operation(&first, "read_product").unwrap()["calls"].clone(), operation(&told, "read_product")),
        (json!(4), Some(&read))
    );
    assert_eq!(operation(&told, "draft_product").unwrap()["calls"], 1);
    let names: Vec<&str> =
        told["operations"].as_array().unwrap().iter().map(|it| it["operation"].as_str().unwrap()).collect();
    assert!(names.is_sorted(), "{names:?}");
    let only = |query: &str| called(&story, &story.authority, query, &story.enterprise);
    assert_eq!(operation(&only("from=2026-03-03").unwrap(), "read_product").unwrap()["calls"], 1);
    assert_eq!(operation(&only("until=2026-03-04").unwrap(), "read_product").unwrap()["calls"], 4);
    assert_eq!(only("operation=draft_product").unwrap()["operations"].as_array().unwrap().len(), 1);
    assert_eq!(only("from=2026-03-06"), None);
    assert_eq!(only("deprecated=true"), None);
    assert_eq!(only(&format!("client_id={}", story.enterprise.id.unwrap())), only("deprecated=false"));
}

#[test]
fn an_organisation_sees_the_calls_of_its_own_clients() {
    let story = Story::begin();
    let id = story.product("窗");
    story.enterprise.get(&format!("/v1/products/{id}")).expect(200);
    let own = story.enterprise.organisation.unwrap();
    let other = story.authority.organisation.unwrap();

    assert!(called(&story, &story.enterprise, "", &story.enterprise).is_some());
    assert_eq!(called(&story, &story.enterprise, "", &story.authority), None);
    assert!(called(&story, &story.authority, &format!("organisation={own}"), &story.enterprise).is_some());
    assert_eq!(called(&story, &story.authority, &format!("organisation={other}"), &story.enterprise), None);
    story.enterprise.get(&format!("/v1/calls?organisation={other}")).problem(403, "forbidden");
    story.anybody.get("/v1/calls").problem(401, "unauthenticated");
}

#[test]
fn an_unknown_operation_is_refused_with_those_there_are() {
    let story = Story::begin();

    let refused = story.authority.get("/v1/calls?operation=list_product").problem(400, "unknown-parameter");

    assert_eq!(refused.body["errors"][0]["source"]["parameter"], "operation");
    let allowed = refused.body["errors"][0]["allowed"].as_array().unwrap();
    assert!(allowed.contains(&json!("list_products")), "{allowed:?}");
}

#[test]
fn the_clients_come_by_the_page() {
    let story = Story::begin();
    let organisation = story.enterprise.organisation.unwrap();
    let callers: Vec<Client> = (0..5)
        .map(|it| story.server.client(organisation, &format!("maker-{it}"), "products:write"))
        .inspect(|it| drop(it.get("/v1/products").expect(200)))
        .collect();

    story.server.write_calls();
    let mut seen: Vec<String> = Vec::new();
    let mut next = "/v1/calls?operation=list_products&limit=2".to_owned();
    loop {
        let page = story.authority.get(&next).expect(200);
        seen.extend(page.body["items"].as_array().unwrap().iter().map(|it| it["client"].as_str().unwrap().to_owned()));
        let Some(cursor) = page.body["page"]["next"].as_str() else { break };
        next = format!("/v1/calls?operation=list_products&limit=2&cursor={cursor}");
    }

    let expected: Vec<String> = callers.iter().rev().map(|it| it.id.unwrap().to_string()).collect();
    assert_eq!(seen, expected);
}

#[test]
fn whoever_calls_an_operation_that_will_go_is_told_and_seen() {
    let story = Story::begin_deprecated(DEPRECATED);
    let id = story.product("窗");

    let read = story.enterprise.get(&format!("/v1/products/{id}")).expect(200);
    let refused = story.anybody.get("/v1/products/none").expect(404);
    let other = story.enterprise.get("/v1/products").expect(200);

    for told in [&read, &refused] {
        assert_eq!(told.header("deprecation"), "@1772294400", "RFC 9745: the midnight of 2026-03-01 in Shanghai");
        assert_eq!(told.header("sunset"), "Mon, 31 Aug 2026 16:00:00 GMT", "RFC 8594");
        assert_eq!(told.header("link"), "</docs/#tag/products>; rel=\"successor-version\"");
    }
    assert_eq!((other.header("deprecation"), other.header("sunset")), ("", ""));
    let told = called(&story, &story.authority, "deprecated=true", &story.enterprise).unwrap();
    assert_eq!(told["operations"].as_array().unwrap().len(), 1);
    assert_eq!(operation(&told, "read_product").unwrap()["deprecated"], true);
    let others = called(&story, &story.authority, "deprecated=false", &story.enterprise).unwrap();
    assert_eq!((operation(&others, "read_product"), operation(&others, "list_products").is_some()), (None, true));
}
