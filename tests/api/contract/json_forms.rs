//! JSON as programs write it: what means the same is taken as the same, and what is no value is refused.

use lvcai_tests::{Answer, BODY, Client, NUMBER, Story, address, record, report_address};
use serde_json::{Value, json};

/// Sends text as it stands.
fn put(client: &Client, path: &str, text: &str) -> Answer {
    client.send("PUT", path, &[], Some(text.as_bytes()))
}

/// The record with one member as it is written.
fn with(field: &str, text: &str) -> String {
    let mut record = record();
    record[field] = json!("HERE");
    record.to_string().replace("\"HERE\"", text)
}

#[track_caller]
fn refused(answer: &Answer, pointer: &str, rule: &str) {
    assert_eq!(answer.status, 422, "{}", answer.text);
    let first = &answer.body["errors"][0];
    assert_eq!((&first["source"]["pointer"], &first["rule"]), (&json!(pointer), &json!(rule)), "{}", answer.text);
}

#[test]
fn a_number_without_a_fraction_is_an_integer() {
    let story = Story::begin();
    let at = address(BODY, NUMBER);
    story.body.put(&at, &record()).expect(201);

    for star in ["3", "3.0", "3.00", "3e0", "30e-1", "0.3E1"] {
        let answer = put(&story.body, &at, &with("star", star)).expect(200);
        assert_eq!(answer.header("registry-version"), "1", "{star}");
    }
    let site = put(&story.body, &at, &with("factory_site", r#"{ "employees": 120.0 }"#)).expect(200);
    assert_eq!(site.body["factory_site"]["employees"], 120);
    refused(&put(&story.body, &at, &with("star", "3.5")), "/star", "wrong-type");
    for star in ["4", "4.0", "-1", "1e15", "9007199254740993", "1e400", "-1e400"] {
        refused(&put(&story.body, &at, &with("star", star)), "/star", "out-of-range");
    }
    refused(
        &put(&story.body, &at, &with("factory_site", r#"{ "employees": 1e400 }"#)),
        "/factory_site/employees",
        "out-of-range",
    );
    refused(
        &put(&story.body, &at, &with("factory_site", r#"{ "employees": 12.5 }"#)),
        "/factory_site/employees",
        "wrong-type",
    );
    refused(
        &put(&story.body, &at, &with("factory_site", r#"{ "employees": 3e9 }"#)),
        "/factory_site/employees",
        "out-of-range",
    );
}

#[test]
fn a_line_of_a_batch_is_read_as_a_record_is() {
    let story = Story::begin();
    let mut line = record();
    line["number"] = json!(NUMBER);
    let line = line.to_string().replace("\"star\":3", "\"star\":3.0");

    for (form, text) in [("application/json", format!("[{line}]")), ("application/jsonl", line.clone())] {
        let headers = [("content-type", form), ("idempotency-key", form)];
        let report = story
            .body
            .send(
                "POST",
                "/v1/certification-bodies/CNCA-R-2006-148/certificates:batch",
                &headers,
                Some(text.as_bytes()),
            )
            .expect(200);
        assert_eq!(report.body["refused"], 0, "{}", report.text);
    }
    let verdicts = r#"{ "as_of": 2.0, "items": [{ "certificate_number": "A" }] }"#;
    story.anybody.send("POST", "/v1/verifications", &[], Some(verdicts.as_bytes())).expect(200);
}

#[test]
fn an_array_is_no_object_at_any_depth() {
    let story = Story::begin();
    let at = address(BODY, NUMBER);
    let nothing = ["null"; 12].join(",");

    for (field, text, pointer) in [
        ("holder", format!(r#"["大庆示例门窗有限公司",{nothing}]"#), "/holder"),
        ("factory_site", r#"["1", 2, null, null]"#.to_owned(), "/factory_site"),
        ("units", r#"[["65系列", [], [], null, []]]"#.to_owned(), "/units/0"),
        (
            "units",
            r#"[{ "name": "a", "models": ["b"], "cancelled_models": [["b", "2026-01-01"]] }]"#.to_owned(),
            "/units/0/cancelled_models/0",
        ),
        ("predecessor", r#"["renewal", null, "A"]"#.to_owned(), "/predecessor"),
        ("attachments", r#"[["other", "a.pdf"]]"#.to_owned(), "/attachments/0"),
    ] {
        refused(&put(&story.body, &at, &with(field, &text)), pointer, "wrong-type");
        let line = with(field, &text).replacen('{', &format!(r#"{{"number":"{NUMBER}","#), 1);
        let headers = [("content-type", "application/jsonl"), ("idempotency-key", pointer)];
        let report = story
            .body
            .send(
                "POST",
                "/v1/certification-bodies/CNCA-R-2006-148/certificates:batch",
                &headers,
                Some(line.as_bytes()),
            )
            .expect(200);
        assert_eq!(report.body["outcomes"][0]["errors"][0]["source"]["pointer"], pointer, "{}", report.text);
    }
    let question = r#"{ "items": [["A", null, null, null, null]] }"#;
    let verdict = story.anybody.send("POST", "/v1/verifications", &[], Some(question.as_bytes())).expect(200);
    assert_eq!(verdict.body["verdicts"][0]["errors"][0]["source"]["pointer"], "/items/0", "{}", verdict.text);
    let scopes = r#"{ "valid_from": "2022-03-01", "valid_until": "2028-02-29", "scopes": [["star_certification", []]],
        "source": "批准书", "verified": true }"#;
    let accreditation = put(&story.authority, &format!("/v1/certification-bodies/{BODY}/accreditation"), scopes);
    refused(&accreditation, "/scopes/0", "wrong-type");
}

#[test]
fn a_record_is_the_same_in_a_table_and_in_json_whatever_its_blanks() {
    let story = Story::begin();
    let table = "证书编号,证书状态,证书发证日期,证书到期日期,产品名称及单元(主),型号规格,认证委托人名称(主),备注\n\
        B-1,有效,2025-06-05,2030-06-04,内平开塑料窗,65系列,大庆示例门窗有限公司,\"第一行\n第二行\"\n";
    let json = json!({
        "scheme": " star_certification ", "kind": " gbm-09\n", "star": 3, "holder": { "name": " 大庆示例门窗有限公司\t" },
        "product_name": "  内平开塑料窗\u{3000}", "units": [{ "name": "内平开塑料窗 ", "models": [" 65系列"] }],
        "issued_on": "2025-06-05 ", "valid_until": " 2030-06-04", "reported_status": "01 ", "remark": "第一行\r\n第二行"
    });

    let pushed = story.body.put(&address(BODY, "B-1"), &json).expect(201);
    let headers = [("content-type", "text/csv"), ("idempotency-key", "table")];
    let batch =
        "/v1/certification-bodies/CNCA-R-2006-148/certificates:batch?scheme=star_certification&kind=gbm-09&star=3";
    let report = story.body.send("POST", batch, &headers, Some(table.as_bytes())).expect(200);

    assert_eq!(pushed.body["product_name"], "内平开塑料窗");
    assert_eq!(pushed.body["remark"], "第一行第二行");
    assert_eq!((&report.body["unchanged"], &report.body["refused"]), (&json!(1), &json!(0)), "{}", report.text);
}

#[test]
fn a_line_break_joins_the_lines_of_every_text() {
    let story = Story::begin();
    let mut record = record();
    record["holder"]["business_scope"] = json!("一般项目：\n门窗制造；\r\n\tsales of doors\nand windows");

    let pushed = story.body.put(&address(BODY, NUMBER), &record).expect(201);

    assert_eq!(pushed.body["holder"]["business_scope"], "一般项目：门窗制造；sales of doors and windows");
}

#[test]
fn null_is_absent_but_in_a_merge_patch() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let mut pushed = record();
    for field in ["units", "remark", "standards", "attachments", "manufacturer", "status_on", "kind", "number"] {
        pushed[field] = Value::Null;
    }
    pushed["kind"] = json!("gbm-09");
    pushed["holder"]["uscc"] = Value::Null;
    let mut report = lvcai_tests::report();
    report["models"] = Value::Null;
    report["items"][1]["number"] = Value::Null;

    let certificate = story.body.put(&address(BODY, NUMBER), &pushed).expect(201);
    let product = json!({ "name": "窗", "kind": "gbm-09", "models": null, "gtin": null, "trademark": "甲" });
    let product = story.enterprise.post("/v1/products", &product).expect(201);
    laboratory.put(&report_address("A"), &report).expect(201);
    let organisation = json!({ "name": "新企业", "roles": ["enterprise"], "aliases": null, "distinct_from": null });
    story.authority.post("/v1/organisations", &organisation).expect(201);

    assert_eq!(certificate.body.get("remark"), None);
    let (address, tag) = (format!("/v1/products/{}", product.id()), product.header("etag"));
    let patched =
        story.enterprise.send("PATCH", &address, &[("if-match", tag)], Some(br#"{ "trademark": null }"#)).expect(200);
    assert_eq!(patched.body.get("trademark"), None);
    for (field, value) in [("holder", json!(null)), ("valid_until", json!(null)), ("units", json!([null]))] {
        let mut record = record();
        record[field] = value;
        let answer = story.body.put(&lvcai_tests::address(BODY, NUMBER), &record);
        refused(&answer, &if field == "units" { "/units/0".to_owned() } else { format!("/{field}") }, "wrong-type");
    }
}

#[test]
fn the_same_json_written_otherwise_is_a_repeat() {
    let story = Story::begin();
    let send = |key: &str, text: &str| {
        story.enterprise.send("POST", "/v1/products", &[("idempotency-key", key)], Some(text.as_bytes()))
    };
    let first = send("a", r#"{"name":"窗","kind":"gbm-09","models":["a","b"]}"#).expect(201);

    for again in [
        r#"{ "kind": "gbm-09", "models": ["a", "b"], "name": "窗" }"#,
        r#"{"name":"\u7a97","kind":"gbm\u002d09","models":["a","b"]}"#,
        "\u{feff}{\"models\":[\"a\",\n\"b\"],\"name\":\"窗\",\"kind\":\"gbm-09\"}\n",
    ] {
        let repeat = send("a", again).expect(201);
        assert_eq!((repeat.header("idempotency-replayed"), repeat.id()), ("true", first.id()), "{again}");
    }
    for other in
        [r#"{"name":"门","kind":"gbm-09","models":["a","b"]}"#, r#"{"name":"窗","kind":"gbm-09","models":["b","a"]}"#]
    {
        send("a", other).problem(422, "idempotency-key-reused");
    }
}

#[test]
fn a_day_that_stands_for_none_is_refused_as_in_the_tables() {
    let story = Story::begin();

    for (field, day) in [
        ("valid_until", "9999-12-31"),
        ("valid_until", "2101-01-01"),
        ("issued_on", "0001-01-01"),
        ("decided_on", "1979-12-31"),
        ("first_issued_on", "1900-01-01"),
    ] {
        let mut record = record();
        record[field] = json!(day);
        refused(&story.body.put(&address(BODY, NUMBER), &record), &format!("/{field}"), "date-form");
    }
    let mut record = record();
    record["units"][0]["cancelled_on"] = json!("0001-01-01");
    refused(&story.body.put(&address(BODY, NUMBER), &record), "/units/0/cancelled_on", "date-form");
    // A question may be of any day.
    story.anybody.get("/v1/certificates?expires_before=9999-12-31").expect(200);
    let question = json!({ "valid_on": "9999-12-31", "items": [{ "certificate_number": NUMBER }] });
    story.anybody.post("/v1/verifications", &question).expect(200);
}

/// Han characters, and beside them no sentence in English: field names and values stand alone.
fn is_chinese(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|it| it.len() > 1);
    let sentence = words.filter(|it| it.chars().all(|c| c.is_ascii_lowercase())).count();
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) && sentence < 3
}

#[test]
fn a_chinese_detail_has_no_english_of_a_reader_in_it() {
    let story = Story::begin();
    let post = |text: &str| story.enterprise.post_text("/v1/products", &[], text.as_bytes());
    let bodies = [
        "",
        "{",
        "{]",
        "[",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":tru",
        "{\"a\":01}",
        "{\"a\":\"\\x\"}",
        "{a:1}",
        "{\"a\":1,}",
        "{} 1",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\u{1}\"}",
        "null",
        "1",
        "1.5",
        "true",
        "\"a\"",
        "[]",
        r#"{"name":1,"kind":{},"models":{},"standards":[1.5],"indicators":"a","gtin":true,"enterprise":[]}"#,
        r#"{"name":"a","kind":"b","models":1e400}"#,
    ];
    let queries =
        ["limit=x", "limit=1.5", "as_of=x", "kind=x", "status=x", "star_min=x", "zzz=1", "gtin=1", "limit=1&limit=2"];
    let mut answers: Vec<Answer> = bodies.iter().map(|text| post(text)).collect();
    answers.push(post(&format!("{}{}", "[".repeat(300), "]".repeat(300))));
    answers.extend(queries.iter().map(|query| story.anybody.get(&format!("/v1/products?{query}"))));
    answers.push(story.enterprise.post_text("/v1/products?validate_only=maybe", &[], b"{}"));

    for answer in answers {
        assert!((400..500).contains(&answer.status), "{}", answer.text);
        for error in answer.body["errors"].as_array().unwrap() {
            assert!(is_chinese(error["detail"].as_str().unwrap()), "{error}");
        }
    }
}
