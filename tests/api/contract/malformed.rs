//! Malformed questions: each gets a documented 4xx, and the next caller is served.

use lvcai_tests::{Answer, BODY, Client, LIST, Story, address, record};
use serde_json::{Value, json};

/// Sends bytes as a JSON body.
fn post(client: &Client, path: &str, body: &[u8]) -> Answer {
    client.post_text(path, &[], body)
}

/// A product in order but for its name, which is written as it stands.
fn named(name: &str) -> String {
    format!(r#"{{ "name": {name}, "kind": "gbm-09" }}"#)
}

#[track_caller]
fn rule(answer: &Answer, pointer: &str, rule: &str) {
    let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
    let named = |error: &Value| error["source"].as_object().is_some_and(|it| it.values().any(|it| it == pointer));
    let found = errors.iter().any(|error| named(error) && error["rule"] == rule);
    assert!(found, "{pointer} {rule}: {}", answer.text);
}

#[test]
fn a_body_that_is_no_json_is_refused_with_its_place() {
    let story = Story::begin();
    let deep = [vec![b'['; 10_000], vec![b']'; 10_000]].concat();
    let deep_field = [br#"{ "name": "a", "kind": "#.to_vec(), vec![b'['; 200_000]].concat();
    let broken: [&[u8]; 13] = [
        b"",
        b" ",
        b"{",
        b"{ \"name\": ",
        b"{ \"name\": \"a\", }",
        b"{ 'name': 'a' }",
        b"{} {}",
        b"NaN",
        b"\x00",
        b"{ \"name\": \"\xff\xfe\", \"kind\": \"gbm-09\" }",
        b"{ \"name\": \"\x01\", \"kind\": \"gbm-09\" }",
        &deep,
        &deep_field,
    ];

    for body in broken {
        let answer = post(&story.enterprise, "/v1/products", body);
        let shown: String = String::from_utf8_lossy(body).chars().take(40).collect();
        assert!(matches!(answer.status, 400 | 422), "{shown}: {}", answer.text);
        if answer.status == 400 {
            let answer = answer.problem(400, "malformed");
            assert_eq!(answer.body["errors"][0]["rule"], "malformed-json", "{shown}: {}", answer.text);
        }
    }

    story.enterprise.post("/v1/products", &json!({ "name": "窗", "kind": "gbm-09" })).expect(201);
}

#[test]
fn a_text_with_a_lone_surrogate_or_a_control_character_is_refused() {
    let story = Story::begin();
    let surrogates = [r#""\ud800""#, r#""\udc00""#, r#""\ud800\ud800""#, r#""a\ud83d""#, r#""\ud800\u0041""#];
    let controls = [r#""\u0000""#, r#""窗\u0000门""#, r#""\u0007""#, r#""\u007f""#, r#""a\u009f""#];
    let blanks = [r#""""#, r#"" ""#, r#""\u3000""#];

    for name in surrogates {
        let answer = post(&story.enterprise, "/v1/products", named(name).as_bytes()).problem(400, "malformed");
        rule(&answer, "/name", "malformed-json");
    }
    for name in controls {
        let answer = post(&story.enterprise, "/v1/products", named(name).as_bytes()).problem(422, "invalid");
        rule(&answer, "/name", "nul-character");
    }
    for name in blanks {
        let answer = post(&story.enterprise, "/v1/products", named(name).as_bytes()).problem(422, "invalid");
        rule(&answer, "/name", if name == r#""""# { "too-short" } else { "text-form" });
    }
    // A pair is a character, and so is what lies past the first plane.
    post(&story.enterprise, "/v1/products", named(r#""\ud83c\udfe0𠮷""#).as_bytes()).expect(201);
}

#[test]
fn no_text_of_any_body_lets_a_control_character_through() {
    let story = Story::begin();
    let put = |record: &Value| story.body.put(&address(BODY, "CABR-1"), record).problem(422, "invalid");
    let record_with = |pointer: &str| {
        let mut record = record();
        record["manufacturer"] = json!({ "name": "甲", "address": "乙" });
        *record.pointer_mut(pointer).unwrap() = json!("a\u{0}");
        record
    };
    let product = |field: &str, value: Value| {
        let mut product = json!({ "name": "a", "kind": "gbm-09" });
        product[field] = value;
        story.enterprise.post("/v1/products", &product).problem(422, "invalid")
    };

    for pointer in ["/product_name", "/holder/name", "/manufacturer/address", "/units/0/name", "/units/0/models/0"] {
        rule(&put(&record_with(pointer)), pointer, "nul-character");
    }
    rule(&put(&record_with("/standards/0")), "/standards/0", "standard-number-form");
    rule(&product("models", json!(["a", "b\u{0}"])), "/models/1", "nul-character");
    rule(&product("trademark", json!("\u{0}")), "/trademark", "nul-character");
    rule(&product("gtin", json!("\u{0}")), "/gtin", "gtin-form");
    rule(
        &product("indicators", json!([{ "name": "a\u{0}", "value": "1", "unit": "m" }])),
        "/indicators/0/name",
        "nul-character",
    );
    for (item, pointer, broken) in [
        (json!({ "certificate_number": "a\u{0}" }), "/items/0/certificate_number", "certificate-number-form"),
        (json!({ "certificate_number": "a", "model": "\u{0}" }), "/items/0/model", "nul-character"),
    ] {
        let verdict = story.verdict(&json!({ "items": [item] }));
        let fault = &verdict["errors"][0];
        assert_eq!((&fault["source"]["pointer"], &fault["rule"]), (&json!(pointer), &json!(broken)), "{verdict}");
    }
}

#[test]
fn a_value_of_the_wrong_type_is_no_syntax_error() {
    let story = Story::begin();
    let cases = [
        (named("1"), "/name"),
        (named("null"), "/name"),
        (named("[\"窗\"]"), "/name"),
        (named("99999999999999999999999999999999"), "/name"),
        (named("-1"), "/name"),
        (named("true"), "/name"),
        (r#"{ "name": "a", "kind": "gbm-09", "models": { "0": "a" } }"#.to_owned(), "/models"),
        (r#"{ "name": "a", "kind": "gbm-09", "models": [["a"]] }"#.to_owned(), "/models/0"),
        (
            r#"{ "name": "a", "kind": "gbm-09", "indicators": [{ "name": "a", "value": 1.3, "unit": "m" }] }"#
                .to_owned(),
            "/indicators/0/value",
        ),
        ("[]".to_owned(), ""),
        ("null".to_owned(), ""),
        ("\"a\"".to_owned(), ""),
    ];

    for (body, pointer) in cases {
        let answer = post(&story.enterprise, "/v1/products", body.as_bytes());
        // A list is read as the fields in their order, and lacks them.
        let errors = &answer.body["errors"][0];
        assert_eq!((answer.status, errors["rule"].as_str().unwrap()), (422, "wrong-type"), "{body}: {}", answer.text);
        assert_eq!(errors["source"]["pointer"], pointer, "{body}: {}", answer.text);
    }
    let huge = format!(r#"{{ "name": "a", "kind": "gbm-09", "models": [{}] }}"#, "1e999");
    let answer = post(&story.enterprise, "/v1/products", huge.as_bytes());
    assert!(matches!(answer.status, 400 | 422), "{}", answer.text);
}

#[test]
fn a_field_that_is_unknown_or_given_twice_is_named() {
    let story = Story::begin();

    let unknown = story.enterprise.post("/v1/products", &json!({ "name": "a", "kind": "gbm-09", "colour": "red" }));
    let twice = post(&story.enterprise, "/v1/products", br#"{ "name": "a", "kind": "gbm-09", "name": "b" }"#);

    let unknown = unknown.problem(422, "invalid");
    rule(&unknown, "/colour", "unknown-field");
    assert!(unknown.body["errors"][0]["allowed"].as_array().unwrap().contains(&json!("trademark")));
    rule(&twice.problem(422, "invalid"), "/name", "duplicate");
}

#[test]
fn a_list_of_values_is_no_record() {
    let story = Story::begin();

    let list = post(&story.authority, "/v1/lists", r#" ["my-list", "标题", "catalogue"]"#.as_bytes());

    rule(&list.problem(422, "invalid"), "", "wrong-type");
}

#[test]
fn a_content_type_that_is_not_documented_is_refused() {
    let story = Story::begin();
    let body = json!({ "name": "a", "kind": "gbm-09" }).to_string();
    let send = |content_type: &str| {
        story.enterprise.post_text("/v1/products", &[("content-type", content_type)], body.as_bytes())
    };

    for content_type in ["text/plain", "application/xml", "application/x-www-form-urlencoded", "", "json", "text/json"]
    {
        let refused = send(content_type).problem(415, "unsupported-media-type");
        rule(&refused, "Content-Type", "not-allowed");
        assert_eq!(refused.header("accept"), "application/json");
    }
    send("application/merge-patch+json").problem(415, "unsupported-media-type");
    send("Application/JSON; charset=utf-8").expect(201);
    let marked = [b"\xEF\xBB\xBF".as_slice(), named("\"窗\"").as_bytes()].concat();
    post(&story.enterprise, "/v1/products", &marked).expect(201);
}

#[test]
fn a_body_that_is_too_large_is_refused_and_the_next_is_served() {
    let story = Story::begin();
    let large = named(&format!("\"{}\"", "a".repeat(1 << 20)));
    let just_right = format!("{}{}", json!({ "name": "a", "kind": "gbm-09" }), " ".repeat(1000 << 10));

    let answer = post(&story.enterprise, "/v1/products", large.as_bytes());

    answer.problem(413, "too-large");
    post(&story.enterprise, "/v1/products", just_right.as_bytes()).expect(201);
    story.anybody.send("POST", "/v1/verifications", &[], Some(large.as_bytes())).problem(413, "too-large");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    story.anybody.send("POST", "/oauth/token", &form, Some(large.as_bytes())).problem(413, "too-large");
}

#[test]
fn a_malformed_identifier_names_nothing() {
    let story = Story::begin();
    let right = "01900000-0000-7000-8000-000000000001";
    let ids = [
        "x".to_owned(),
        "1".to_owned(),
        right.to_owned(),
        format!("cert_{right}"),
        format!("prod_{}", right.to_uppercase().replace('0', "A")),
        format!("prod_{}", right.replace('-', "")),
        format!("prod_{{{right}}}"),
        "prod_".to_owned(),
        "%00".to_owned(),
        "prod_%00".to_owned(),
        "%FF%FE".to_owned(),
        "..%2F..%2Fetc%2Fpasswd".to_owned(),
        "%27%20OR%201=1".to_owned(),
        "a".repeat(2000),
    ];

    for id in &ids {
        for path in
            ["/v1/products", "/v1/evidence", "/v1/lists", "/v1/code-lists", "/v1/certification-bodies", "/problems"]
        {
            story.anybody.get(&format!("{path}/{id}")).problem(404, "not-found");
        }
        story.anybody.get(&format!("/v1/products/{id}/versions")).problem(404, "not-found");
        story.anybody.get(&format!("/v1/lists/{id}/publications/1")).problem(404, "not-found");
        story.anybody.get(&format!("/v1/lists/{LIST}/publications/{id}/document")).problem(404, "not-found");
        story.anybody.get(&format!("/v1/certification-bodies/{BODY}/certificates/{id}")).problem(404, "not-found");
    }
    for number in ["0", "-1", "2147483648", "01x", "99999999999999999999"] {
        story.anybody.get(&format!("/v1/lists/{LIST}/publications/{number}")).problem(404, "not-found");
    }
    let answer = story.body.put(&format!("/v1/certification-bodies/{BODY}/certificates/a%00b"), &record());
    rule(&answer.problem(422, "invalid"), "number", "certificate-number-form");
}

#[test]
fn a_cursor_is_taken_back_only_as_it_was_given() {
    let story = Story::begin();
    for name in ["a", "b", "c"] {
        story.product(name);
    }
    let first = story.anybody.get("/v1/products?limit=1&kind=gbm-09").expect(200);
    let cursor = first.body["page"]["next"].as_str().unwrap();
    let (mut changed, cut) = (cursor.to_owned(), &cursor[..cursor.len() - 4]);
    changed.replace_range(3..4, if cursor[3..4] == *"A" { "B" } else { "A" });

    for (path, bad) in [
        ("/v1/products?limit=1&kind=gbm-09", changed.as_str()),
        ("/v1/products?limit=1&kind=gbm-09", cut),
        ("/v1/products?limit=1&kind=gbm-09", "AAAA"),
        ("/v1/products?limit=1&kind=gbm-09", "%E4%B8%AD"),
        ("/v1/products?limit=1&kind=gbm-09", ""),
        ("/v1/products?limit=1&kind=gbm-10", cursor),
        ("/v1/products?limit=1", cursor),
        ("/v1/products?limit=1&kind=gbm-09&as_of=1", cursor),
        ("/v1/certificates?limit=1&kind=gbm-09", cursor),
        ("/v1/lists?limit=1", cursor),
    ] {
        story.anybody.get(&format!("{path}&cursor={bad}")).problem(400, "bad-cursor");
    }
    story.enterprise.get(&format!("/v1/products?limit=1&kind=gbm-09&cursor={cursor}")).problem(400, "bad-cursor");
    story.anybody.get(&format!("/v1/products?limit=2&kind=gbm-09&cursor={cursor}")).expect(200);
}

#[test]
fn a_wrong_digit_in_a_code_is_found() {
    let story = Story::begin();
    let organisation = |uscc: &str| {
        let new = json!({ "name": "新企业", "uscc": uscc, "roles": ["enterprise"] });
        story.authority.post("/v1/organisations", &new)
    };
    let product =
        |gtin: &str| story.enterprise.post("/v1/products", &json!({ "name": "a", "kind": "gbm-09", "gtin": gtin }));

    rule(&organisation("91230607716675409M").problem(422, "invalid"), "/uscc", "uscc-check-digit");
    rule(&organisation("91230607716675408L").problem(422, "invalid"), "/uscc", "uscc-check-digit");
    // The letter O for the digit 0.
    rule(&organisation("9123O607716675409L").problem(422, "invalid"), "/uscc", "uscc-form");
    rule(&organisation("91230607716675409").problem(422, "invalid"), "/uscc", "uscc-form");
    rule(&product("06291041500214").problem(422, "invalid"), "/gtin", "gtin-check-digit");
    rule(&product("629104150021").problem(422, "invalid"), "/gtin", "gtin-check-digit");
    rule(&product("6291041500").problem(422, "invalid"), "/gtin", "gtin-form");
    let search = story.anybody.get("/v1/organisations?uscc=91230607716675409M").problem(400, "unknown-parameter");
    rule(&search, "uscc", "uscc-check-digit");
    organisation("91230607716675409L").expect(201);
    assert_eq!(product("6291041500213").expect(201).body["gtin"], "06291041500213");
}

#[test]
fn a_day_has_one_spelling() {
    let story = Story::begin();

    for day in
        ["20250605", "2025-6-5", "2025-02-29", "2025-06-05T00:00:00", "2025-06-05[u-ca=iso8601]", "+002025-06-05", ""]
    {
        let mut pushed = record();
        pushed["issued_on"] = json!(day);
        let answer = story.body.put(&address(BODY, "CABR-1"), &pushed).problem(422, "invalid");
        rule(&answer, "/issued_on", "date-form");
        let question = json!({ "valid_on": day, "items": [{ "certificate_number": "CABR-1" }] });
        rule(&story.anybody.post("/v1/verifications", &question).problem(422, "invalid"), "/valid_on", "date-form");
    }
    let answer = story.anybody.get("/v1/certificates?expires_before=20250605").problem(400, "unknown-parameter");
    rule(&answer, "expires_before", "date-form");
}

#[test]
fn what_the_registry_cannot_know_yet_is_refused() {
    let story = Story::begin();
    let product = story.product("窗");
    let head = story.anybody.get("/v1/products").expect(200).seq();

    for as_of in [
        (head + 1).to_string(),
        "-1".to_owned(),
        i64::MAX.to_string(),
        i64::MIN.to_string(),
        "2026-03-02T02:00:00.000001Z".to_owned(),
    ] {
        for path in
            ["/v1/products".to_owned(), format!("/v1/products/{product}"), format!("/v1/products/{product}/versions")]
        {
            let answer = story.anybody.get(&format!("{path}?as_of={as_of}")).problem(400, "unknown-parameter");
            rule(&answer, "as_of", "out-of-range");
        }
        let question = json!({ "as_of": as_of, "items": [{ "product": product }] });
        rule(&story.anybody.post("/v1/verifications", &question).problem(422, "invalid"), "/as_of", "out-of-range");
    }
    for as_of in ["", "x", "1.5", "2026-03-02", "2026-13-01T00:00:00Z", "99999999999999999999", "0x10", "now"] {
        let answer = story.anybody.get(&format!("/v1/products?as_of={as_of}")).problem(400, "unknown-parameter");
        rule(&answer, "as_of", "instant-form");
        let question = json!({ "as_of": as_of, "items": [{ "product": product }] });
        rule(&story.anybody.post("/v1/verifications", &question).problem(422, "invalid"), "/as_of", "instant-form");
    }
    story.anybody.get(&format!("/v1/products?as_of={head}")).expect(200);
    for zone in ["%2B08:00", "+08:00", "%2b08:00"] {
        story.anybody.get(&format!("/v1/products?as_of=2026-03-02T10:00:00{zone}")).expect(200);
    }
    assert_eq!(story.anybody.get("/v1/products?as_of=0").expect(200).body["items"], json!([]));
}

#[test]
fn a_query_with_a_control_character_is_refused_by_name() {
    let story = Story::begin();

    for query in ["q=%00", "q=%E7%AA%97%00", "kind=gbm-09%00", "listed_in=%01", "cursor=%00", "status=%00", "as_of=%00"]
    {
        let name = query.split('=').next().unwrap();
        let answer = story.anybody.get(&format!("/v1/products?{query}")).problem(400, "unknown-parameter");
        assert_eq!(answer.body["errors"][0]["source"]["parameter"], name, "{query}: {}", answer.text);
    }
    for query in ["%00=1", "a%00b=1", "=1", "&&==&", "%ZZ=1", "q=%ZZ%", "q=%FF"] {
        let status = story.anybody.get(&format!("/v1/products?{query}")).status;
        assert!(matches!(status, 200 | 400), "{query}: {status}");
    }
}

#[test]
fn an_idempotency_key_has_1_to_255_characters() {
    let story = Story::begin();
    let body = json!({ "name": "a", "kind": "gbm-09" }).to_string();
    let send =
        |key: &str| story.enterprise.send("POST", "/v1/products", &[("idempotency-key", key)], Some(body.as_bytes()));

    for key in ["x".repeat(256), String::new(), "\"\"".to_owned(), "x".repeat(5000)] {
        let answer = send(&key).problem(400, "malformed");
        assert_eq!(answer.body["errors"][0]["source"]["header"], "Idempotency-Key");
    }
    send(&"x".repeat(255)).expect(201);
    assert_eq!(send(&format!("\"{}\"", "x".repeat(255))).expect(201).header("idempotency-replayed"), "true");
}
