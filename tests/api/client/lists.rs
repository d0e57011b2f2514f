//! Lists: all items at one cut, and an end at the first error.

use super::gateway::answer;
use super::{direct, through};
use lvcai_tests::Story;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[derive(Deserialize)]
struct Product {
    id: String,
}

#[test]
fn three_hundred_products_are_read_at_one_cut_while_others_are_written() {
    let story = Story::begin();
    let registry = direct(&story, &story.enterprise);
    let make = || {
        let product = json!({ "name": "窗", "kind": "gbm-09" });
        let made = registry.post("/v1/products").body(&product).send().unwrap();
        (made.registry_seq().unwrap(), made.parse::<Product>().unwrap().id)
    };
    let (cuts, before): (Vec<i64>, BTreeSet<String>) = (0..300).map(|_| make()).unzip();

    let mut products = registry.list::<Product>("/v1/products").query("limit", "70").query("count", "exact");
    let mut read = Vec::new();
    for product in products.by_ref() {
        read.push(product.unwrap().id);
        if read.len() % 50 == 1 {
            make();
        }
    }

    assert_eq!(read.len(), 300, "none twice");
    assert_eq!(read.into_iter().collect::<BTreeSet<_>>(), before, "and none that was made meanwhile");
    let page = products.page().unwrap().unwrap();
    assert_eq!((page.as_of, page.total, page.next.as_deref()), (*cuts.last().unwrap(), Some(300), None));
}

#[test]
fn a_list_of_days_tells_its_day_before_its_items_are_read() {
    let story = Story::begin();
    story.certificate(lvcai_tests::NUMBER);
    let registry = direct(&story, &story.anybody);

    let mut certificates = registry.list::<Value>("/v1/certificates").query("valid_on", "2026-03-05");

    assert_eq!(certificates.page().unwrap().unwrap().valid_on.as_deref(), Some("2026-03-05"));
    assert_eq!(certificates.count(), 1);
}

#[test]
fn a_list_without_pages_is_read_too() {
    let story = Story::begin();

    let kinds: Result<Vec<Value>, _> = direct(&story, &story.anybody).list("/v1/kinds").collect();

    assert!(kinds.unwrap().iter().any(|it| it["code"] == "gbm-09"));
}

#[test]
fn a_list_ends_with_the_first_error() {
    let story = Story::begin();
    for number in ["A-1", "A-2", "A-3"] {
        story.certificate(number);
    }
    let (gateway, registry) = through(&story, &story.anybody);

    let mut certificates = registry.list::<Value>("/v1/certificates").query("limit", "2");
    certificates.by_ref().take(2).for_each(|it| drop(it.unwrap()));
    gateway.next([answer("502 Bad Gateway", "content-type: text/html\r\n", "<html>")]);
    let rest: Vec<_> = certificates.collect();

    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].as_ref().unwrap_err().to_string(), "status 502 without a problem document, but: <html>");
}
