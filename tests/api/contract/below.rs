//! What stands below a record is what the collection shows of it.

use lvcai_tests::{BODY, LABORATORY, Story};
use serde_json::{Value, json};

#[test]
fn a_collection_below_a_record_is_that_of_its_filter() {
    let story = Story::begin();
    let (_, ids) = story.one_of_everything();
    let of = |prefix: &str| ids.iter().find(|it| it.starts_with(prefix)).unwrap().clone();
    let (product, certificate, report) = (of("prod_"), of("cert_"), of("rept_"));
    let pairs = [
        (format!("/v1/products/{product}/evidence"), format!("/v1/evidence?product={product}")),
        (format!("/v1/certificates/{certificate}/evidence"), format!("/v1/evidence?certificate={certificate}")),
        (format!("/v1/test-reports/{report}/evidence"), format!("/v1/evidence?test_report={report}")),
        (format!("/v1/products/{product}/listings"), format!("/v1/listings?product={product}")),
        (
            format!("/v1/certification-bodies/{BODY}/certificates"),
            format!("/v1/certificates?certification_body={BODY}"),
        ),
        (format!("/v1/laboratories/{LABORATORY}/test-reports"), format!("/v1/test-reports?laboratory={LABORATORY}")),
    ];

    for (below, filtered) in pairs {
        let of = |path: &str| story.authority.get(path).expect(200).body["items"].clone();
        assert_eq!(of(&below), of(&filtered), "{below}");
        let shown = of(&below);
        assert!(below.contains(&report) || shown.as_array().is_some_and(|it| !it.is_empty()), "{below}: {shown}");
    }
}

#[test]
fn below_what_does_not_exist_there_is_nothing() {
    let story = Story::begin();
    let none = "00000000-0000-7000-8000-000000000000";
    for path in [
        format!("/v1/products/prod_{none}/evidence"),
        format!("/v1/products/prod_{none}/listings"),
        format!("/v1/certificates/cert_{none}/evidence"),
        "/v1/certification-bodies/CNCA-R-2099-999/certificates".to_owned(),
        "/v1/laboratories/999999999999/test-reports".to_owned(),
    ] {
        story.anybody.get(&path).problem(404, "not-found");
    }
}

#[test]
fn a_draft_is_hidden_from_others_with_what_is_below_it() {
    let story = Story::begin();
    let draft = story.enterprise.post("/v1/products", &json!({ "name": "窗", "kind": "gbm-09" })).expect(201).id();
    let path = format!("/v1/products/{draft}/evidence");

    story.anybody.get(&path).problem(404, "not-found");
    let own = story.enterprise.get(&path).expect(200);

    assert_eq!(own.body["items"], Value::Array(Vec::new()));
}
