//! Writes and reads of single records, problems, conditions, batches.

use super::gateway::answer;
use super::{direct, through};
use crate::conformity::batch::BATCH;
use lvcai_client::segment;
use lvcai_tests::{BODY, NUMBER, Story, record};
use serde::Deserialize;
use serde_json::{Value, json};

#[test]
fn a_refusal_names_the_fields_and_the_fix() {
    let story = Story::begin();
    let registry = direct(&story, &story.enterprise).language("en");

    let refused = registry.post("/v1/products").body(&json!({ "name": "窗", "kind": "gbm-99" })).send().unwrap_err();

    let problem = refused.problem().unwrap();
    assert_eq!((problem.slug(), problem.status), ("invalid", 422));
    let pointers: Vec<_> = problem.errors.iter().map(|it| it.source.pointer.as_deref().unwrap()).collect();
    assert_eq!(pointers, ["/kind"]);
    assert!(problem.errors.iter().all(|it| !it.rule.is_empty() && !it.fix.is_empty()), "{problem}");
    assert!(!problem.request_id.is_empty());
    let parameter = registry.get("/v1/products").query("kid", "gbm-09").send().unwrap_err();
    let problem = parameter.problem().unwrap();
    assert_eq!((problem.slug(), problem.errors[0].source.parameter.as_deref()), ("unknown-parameter", Some("kid")));
    assert!(problem.errors[0].allowed.contains(&"kind".to_owned()), "{problem}");
}

#[test]
fn a_record_is_read_edited_and_put_back_under_its_etag() {
    let story = Story::begin();
    let registry = direct(&story, &story.body);
    let number = "绿/2026（01）//../X+1";
    let address = format!("/v1/certification-bodies/{BODY}/certificates/{}", segment(number));
    let made = registry.put(&address).body(&record()).send().unwrap();
    assert_eq!((made.status(), made.version()), (201, Some(1)));

    let read = registry.get(&address).send().unwrap();
    let mut certificate: Value = read.parse().unwrap();
    assert_eq!((read.etag(), certificate["number"].as_str()), (made.etag(), Some(number)));
    certificate["product_name"] = json!("外开窗");
    let put = |body: &Value| registry.put(&address).body(body).if_match(&read.etag().unwrap()).send();
    let changed = put(&certificate).unwrap();
    certificate["product_name"] = json!("推拉窗");
    let conflict = put(&certificate).unwrap_err();

    assert!(conflict.is("precondition-failed"), "{conflict}");
    assert_eq!(registry.get(&address).send_unless(&changed.etag().unwrap()).unwrap().map(|it| it.version()), None);
    let fresh = registry.get(&address).send_unless(&read.etag().unwrap()).unwrap().unwrap();
    assert_eq!((fresh.version(), fresh.registry_seq()), (Some(2), changed.registry_seq()));
}

#[test]
fn the_callers_key_makes_one_of_two_runs() {
    let story = Story::begin();
    let registry = direct(&story, &story.enterprise);
    let product = json!({ "name": "窗", "kind": "gbm-09" });
    let send = |key: &str| registry.post("/v1/products").body(&product).idempotency_key(key).send().unwrap();

    let (first, again, other) = (send("run-1"), send("run-1"), send("run-2"));

    assert_eq!((first.bytes(), again.is_replayed()), (again.bytes(), true));
    assert_ne!(other.location(), first.location());
}

#[test]
fn what_would_come_of_a_write_is_asked_without_writing() {
    let story = Story::begin();
    let registry = direct(&story, &story.enterprise);

    let product = json!({ "name": "窗", "kind": "gbm-09" });
    let previewed = registry.post("/v1/products").body(&product).validate_only().send().unwrap();

    assert_eq!((previewed.status(), previewed.header("registry-validated-only")), (200, Some("true")));
    assert_eq!(registry.list::<Value>("/v1/products").count(), 0);
}

#[test]
fn verdicts_are_asked_for_although_they_take_no_key() {
    let story = Story::begin();
    story.certificate(NUMBER);
    let question = json!({ "items": [{ "certificate_number": NUMBER }] });

    let answer = direct(&story, &story.anybody).post("/v1/verifications").body(&question).send().unwrap();

    assert_eq!(answer.parse::<Value>().unwrap()["verdicts"][0]["eligibility"], "eligible");
}

#[test]
fn a_batch_is_sent_as_json_as_lines_and_as_a_table() {
    let story = Story::begin();
    let registry = direct(&story, &story.body);
    let line = |number: &str| {
        let mut line = record();
        line["number"] = json!(number);
        line
    };
    let table = "证书编号,证书状态,证书发证日期,证书到期日期,产品名称及单元(主),型号规格,认证委托人名称(主)\n\
                 B-5,有效,2025-06-05,2030-06-04,内平开塑料窗,65系列,大庆示例门窗有限公司\n";
    let batch = || {
        let request = registry.post(BATCH).query("scheme", "star_certification");
        request.query("kind", "gbm-09").query("star", "3")
    };

    let answers = [
        batch().body(&[line("B-1"), line("B-2")]).send().unwrap(),
        batch().json_lines(["B-3", "B-4"].map(line)).send().unwrap(),
        batch().content("text/csv", table).send().unwrap(),
    ];

    let created: Vec<Value> = answers.iter().map(|it| it.parse::<Value>().unwrap()["created"].clone()).collect();
    assert_eq!(created, [2, 2, 1].map(Value::from));
    assert_eq!(registry.list::<Value>("/v1/certificates").count(), 5);
}

#[test]
fn what_is_not_known_yet_is_kept() {
    #[derive(Deserialize)]
    struct Certificate {
        status: String,
        tomorrow: Value,
    }
    let story = Story::begin();
    let (gateway, registry) = through(&story, &story.anybody);

    let body = r#"{"status":"status_of_tomorrow","tomorrow":{"a":1}}"#;
    gateway.next([answer("200 OK", "content-type: application/json\r\n", body)]);
    let certificate: Certificate = registry.get("/v1/certificates/x").send().unwrap().parse().unwrap();
    let problem = r#"{"type":"https://registry.test/problems/slug-of-tomorrow","tomorrow":[1],
        "errors":[{"source":{"cookie":"a"},"rule":"rule-of-tomorrow"}]}"#;
    gateway.next([answer("418 I'm a teapot", "content-type: application/problem+json\r\n", problem)]);
    let refused = registry.get("/v1/certificates/x").send().unwrap_err();

    assert_eq!((certificate.status.as_str(), certificate.tomorrow), ("status_of_tomorrow", json!({ "a": 1 })));
    let problem = refused.problem().unwrap();
    assert_eq!((problem.slug(), problem.status), ("slug-of-tomorrow", 418));
    assert_eq!(problem.errors[0].rule, "rule-of-tomorrow");
}
