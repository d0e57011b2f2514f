//! Certificates pushed by the thousand: the forms of a batch, its outcomes, and what is refused whole.

mod atomic;
mod damaged;
mod each;
mod table;

use lvcai_tests::{ALL_SCOPES, Answer, BODY, Client, OTHER_BODY, Story, address, record};
use serde_json::{Value, json};

pub(crate) const BATCH: &str = "/v1/certification-bodies/CNCA-R-2006-148/certificates:batch";

const JSON: &str = "application/json";
const LINES: &str = "application/jsonl";
const CSV: &str = "text/csv";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A line of a batch.
pub(crate) fn line(number: &str, fields: &Value) -> Value {
    let mut line = record();
    line["number"] = json!(number);
    line.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    line
}

/// So many lines, each in order.
fn lines(count: usize) -> Vec<Value> {
    (0..count).map(|number| line(&format!("B-{number}"), &json!({}))).collect()
}

fn json_lines(lines: &[Value]) -> String {
    lines.iter().map(|it| format!("{it}\n")).collect()
}

/// Sends a batch under a key.
fn send(client: &Client, query: &str, (key, content_type): (&str, &str), body: &[u8]) -> Answer {
    let headers = [("idempotency-key", key), ("content-type", content_type)];
    client.send("POST", &format!("{BATCH}{query}"), &headers, Some(body))
}

/// Sends a JSON array under a fresh key.
fn push(story: &Story, query: &str, lines: &[Value]) -> Answer {
    story.body.post(&format!("{BATCH}{query}"), &json!(lines))
}

/// How many lines were created, changed, unchanged and refused.
#[track_caller]
fn counts(answer: &Answer) -> [i64; 4] {
    let count = |name: &str| answer.body[name].as_i64().unwrap_or_else(|| panic!("no {name} in {}", answer.text));
    let counts = ["created", "changed", "unchanged", "refused"].map(count);
    let outcomes = answer.body["outcomes"].as_array().unwrap();
    assert_eq!(count("lines"), counts.iter().sum::<i64>(), "{}", answer.text);
    assert_eq!(outcomes.len(), usize::try_from(count("lines")).unwrap());
    counts
}

fn head(story: &Story) -> i64 {
    story.anybody.get("/v1/lists").expect(200).seq()
}

fn known(story: &Story) -> usize {
    story.anybody.get("/v1/certificates?limit=500").expect(200).body["items"].as_array().unwrap().len()
}

#[test]
fn every_form_of_a_batch_gives_the_same_certificates() {
    let numbers = ["CABR-01(02)-(2025)-CGP-035", "CTC/2025/0081", "建标-7"];
    let records: Vec<Value> = numbers.iter().map(|number| table::record(number)).collect();
    let covered = "?scheme=star_certification&kind=gbm-09&star=3";
    let forms: [(&str, Vec<u8>); 5] = [
        (JSON, json!(records).to_string().into_bytes()),
        (LINES, json_lines(&records).into_bytes()),
        ("application/x-ndjson; charset=utf-8", format!("\u{feff}\r\n{}", json_lines(&records)).into_bytes()),
        (CSV, table::csv(&numbers).into_bytes()),
        (XLSX, table::xlsx(&numbers)),
    ];
    for (place, first) in [(0, JSON), (3, CSV), (4, XLSX)] {
        let story = Story::begin();
        let made = send(&story.body, covered, ("first", first), &forms[place].1).expect(200);
        assert_eq!(counts(&made), [3, 0, 0, 0], "{first}: {}", made.text);
        let before = head(&story);

        for (content_type, body) in &forms {
            let again = send(&story.body, covered, (content_type, content_type), body).expect(200);
            assert_eq!(counts(&again), [0, 0, 3, 0], "{first}, then {content_type}: {}", again.text);
        }

        assert_eq!(head(&story), before);
        for (number, record) in numbers.iter().zip(&records) {
            let held = story.anybody.get(&address(BODY, number)).expect(200).body;
            for (field, says) in record.as_object().unwrap() {
                assert_eq!(&held[field], says, "{first}: {field} of {number}");
            }
            assert_eq!((&held["scheme"], &held["star"]), (&json!("star_certification"), &json!(3)));
        }
    }
}

#[test]
fn columns_of_persons_are_named_and_never_told() {
    let story = Story::begin();
    let covered = "?scheme=star_certification&kind=gbm-09&star=3";

    let answers = [
        send(&story.body, covered, ("csv", CSV), table::csv(&["A-1"]).as_bytes()).expect(200),
        send(&story.body, covered, ("xlsx", XLSX), &table::xlsx(&["A-1"])).expect(200),
    ];

    for answer in &answers {
        let unread = answer.body["unread_columns"].as_array().unwrap();
        let of = |reason: &str| -> Vec<&str> {
            let named = unread.iter().filter(|it| it["reason"] == reason);
            named.map(|it| it["header"].as_str().unwrap()).collect()
        };
        let persons = [
            "认证委托人联系人",
            "认证委托人联系电话",
            "生产者联系人",
            "生产者联系电话",
            "生产企业联系人",
            "生产企业联系电话",
            "认证决定人员名单",
        ];
        assert_eq!((of("personal"), of("transport-only")), (persons.to_vec(), vec!["上报类型"]));
        assert_eq!(unread.len(), 8, "{}", answer.text);
        assert!(unread.iter().all(|it| !it["detail"].as_str().unwrap().is_empty()));
    }
    let id = answers[0].body["outcomes"][0]["certificate"].as_str().unwrap().to_owned();
    let shown = [
        answers[0].text.clone(),
        answers[1].text.clone(),
        story.anybody.get(&format!("/v1/certificates/{id}/versions")).text,
        story.anybody.get("/v1/certificates").text,
        crate::ledger::ledger_rows::every_version(&story.server).into_iter().map(|it| it.row).collect(),
    ];
    assert!(shown.iter().all(|text| !text.contains("张三丰") && !text.contains("13800138000")));
    assert!(!push(&story, "", &lines(1)).expect(200).text.contains("unread_columns"));
}

#[test]
fn outcomes_come_in_the_order_of_the_lines_and_say_what_is_wrong() {
    let story = Story::begin();
    let mut batch = lines(7);
    batch[1]["star"] = Value::Null;
    batch[2]["units"] = json!([{ "name": "甲" }, { "name": "" }]);
    batch[3]["valid_until"] = json!("2025-06-04");
    batch[4]["no_such_field"] = json!(1);
    batch[5]["holder"] = json!(5);
    let wanted = [
        (1, "created", "", ""),
        (2, "refused", "/star", "star-required"),
        (3, "refused", "/units/1/name", "text-form"),
        (4, "refused", "/valid_until", "date-order"),
        (5, "refused", "/no_such_field", "unknown-field"),
        (6, "refused", "/holder", "wrong-type"),
        (7, "created", "", ""),
    ];

    let answer = push(&story, "", &batch).expect(200);

    assert_eq!(counts(&answer), [2, 0, 0, 5]);
    assert_eq!(answer.body["certification_body"], BODY);
    for (outcome, (number, became, pointer, rule)) in answer.body["outcomes"].as_array().unwrap().iter().zip(wanted) {
        assert_eq!((&outcome["line"], &outcome["outcome"]), (&json!(number), &json!(became)), "{outcome}");
        assert_eq!(outcome["number"], batch[number - 1]["number"], "{outcome}");
        if became == "refused" {
            let error = &outcome["errors"][0];
            assert_eq!(outcome["problem"], lvcai_tests::problem("invalid"), "{outcome}");
            assert_eq!((&error["source"]["pointer"], &error["rule"]), (&json!(pointer), &json!(rule)), "{outcome}");
            assert!(!error["fix"].as_str().unwrap().is_empty(), "{outcome}");
            assert!(outcome.get("certificate").is_none() && outcome.get("seq").is_none(), "{outcome}");
        } else {
            let id = outcome["certificate"].as_str().unwrap();
            let versions = story.anybody.get(&format!("/v1/certificates/{id}/versions")).expect(200).body;
            let version = &versions["items"][0];
            assert_eq!((&version["seq"], &version["version"]), (&outcome["seq"], &outcome["version"]), "{outcome}");
            assert_eq!((&version["event"], &outcome["event"]), (&json!("certificate.issued"), &version["event"]));
        }
    }
    let english = story.body.send(
        "POST",
        &format!("{BATCH}?validate_only=true"),
        &[("accept-language", "en")],
        Some(json!([batch[1]]).to_string().as_bytes()),
    );
    assert_eq!(english.body["outcomes"][0]["errors"][0]["source"]["pointer"], "/star");
    assert!(english.text.is_ascii(), "{}", english.text);
    assert_eq!(answer.seq(), head(&story));
}

#[test]
fn only_the_line_that_changed_is_changed() {
    let story = Story::begin();
    let mut batch = lines(250);
    assert_eq!(counts(&push(&story, "", &batch).expect(200)), [250, 0, 0, 0]);
    assert_eq!(counts(&push(&story, "", &batch).expect(200)), [0, 0, 250, 0]);
    let before = head(&story);
    batch[170]["product_name"] = json!("内平开窗");

    let answer = push(&story, "", &batch).expect(200);

    assert_eq!(counts(&answer), [0, 1, 249, 0]);
    let changed = &answer.body["outcomes"][170];
    assert_eq!((&changed["outcome"], &changed["event"]), (&json!("changed"), &json!("certificate.corrected")));
    assert_eq!((&changed["version"], &changed["seq"]), (&json!(2), &json!(before + 1)));
    assert_eq!(head(&story), before + 1);
    assert_eq!(story.anybody.get(&address(BODY, "B-170")).expect(200).body["product_name"], "内平开窗");
}

#[test]
fn a_number_stands_in_a_batch_once() {
    let story = Story::begin();
    let batch = [
        line("A-1", &json!({})),
        line("B-1", &json!({})),
        line("ａ-1", &json!({})),
        line("A-1", &json!({ "star": 2 })),
    ];

    let answer = push(&story, "", &batch).expect(200);

    assert_eq!(counts(&answer), [2, 0, 0, 2]);
    for place in [2, 3] {
        let outcome = &answer.body["outcomes"][place];
        assert_eq!(
            (&outcome["problem"], &outcome["number"]),
            (&json!(lvcai_tests::problem("conflict")), &batch[place]["number"])
        );
        assert!(outcome["detail"].as_str().unwrap().contains("第 1 行"), "{outcome}");
    }
    assert_eq!(story.anybody.get(&address(BODY, "A-1")).expect(200).body["star"], 3);
}

#[test]
fn a_broken_line_is_refused_alone_and_a_broken_array_whole() {
    let story = Story::begin();
    let good = |number: &str| line(number, &json!({})).to_string();
    let broken = [good("A-1"), "{ \"number\": \"A-2\", ".to_owned(), String::new(), good("A-3"), "[1]".to_owned()];

    let answer = send(&story.body, "", ("lines", LINES), broken.join("\n").as_bytes()).expect(200);

    assert_eq!(counts(&answer), [2, 0, 0, 2]);
    let told: Vec<_> = answer.body["outcomes"].as_array().unwrap().iter().map(|it| (it["line"].clone(), it)).collect();
    assert_eq!(told.iter().map(|it| it.0.as_i64().unwrap()).collect::<Vec<_>>(), [1, 2, 4, 5], "the empty line counts");
    assert_eq!(told[1].1["errors"][0]["rule"], "malformed-json");
    assert_eq!(told[3].1["errors"][0]["rule"], "wrong-type");
    let before = head(&story);
    let many: Vec<String> = (0..300).map(|number| good(&format!("C-{number}"))).collect();
    for end in ["", ", {\"number\":]", ", { \"number\": 1 }", "] []", "}"] {
        let body = format!("[{}{end}", many.join(","));
        let answer = send(&story.body, "", ("array", JSON), body.as_bytes()).problem(400, "malformed");
        assert_eq!(answer.body["errors"][0]["rule"], "malformed-json", "{end}");
    }
    send(&story.body, "", ("array", JSON), b"{}").problem(400, "malformed");
    send(&story.body, "", ("table", CSV), "证书编号,甲,乙\nA-9,1,2".as_bytes()).problem(422, "invalid");
    send(&story.body, "", ("table", XLSX), b"PK\x03\x04 no workbook").problem(422, "invalid");
    assert_eq!((head(&story), known(&story)), (before, 2), "nothing was written");
}

#[test]
fn a_batch_has_its_bounds() {
    let story = Story::begin();
    let reader = story.server.client(story.body.organisation.unwrap(), "reader", "evidence:write");
    let before = head(&story);
    let good = line("A-1", &json!({})).to_string();
    let too_many = format!("{good}\n{}", "{}\n".repeat(10_000));
    let too_large = format!("[{good}{}]", " ".repeat(64 << 20));

    let many = send(&story.body, "", ("many", LINES), too_many.as_bytes()).problem(422, "invalid");
    assert_eq!(many.body["errors"][0]["rule"], "too-many-items");
    send(&story.body, "", ("large", JSON), too_large.as_bytes()).problem(413, "too-large");
    for content_type in
        ["text/plain", "application/vnd.oasis.opendocument.spreadsheet", "application/merge-patch+json", ""]
    {
        send(&story.body, "", ("form", content_type), good.as_bytes()).problem(415, "unsupported-media-type");
    }
    let keyless = story.body.send("POST", BATCH, &[], Some(format!("[{good}]").as_bytes()));
    keyless.problem(428, "idempotency-key-required");
    let unknown = push(&story, "?modus=atomic", &lines(1)).problem(400, "unknown-parameter");
    assert_eq!(unknown.body["errors"][0]["source"]["parameter"], "modus");
    let of = |body: &str| BATCH.replace(BODY, body);
    story.body.post(&of("CNCA-R-2099-999"), &json!(lines(1))).problem(404, "not-found");
    story.body.post(&of("nobody"), &json!(lines(1))).problem(404, "not-found");
    story.body.post(&of(OTHER_BODY), &json!(lines(1))).problem(403, "forbidden");
    story.authority.post(BATCH, &json!(lines(1))).problem(403, "forbidden");
    reader.post(BATCH, &json!(lines(1))).problem(403, "forbidden");

    assert_eq!((head(&story), known(&story)), (before, 0), "nothing was written");
    assert_eq!(counts(&push(&story, "", &[]).expect(200)), [0, 0, 0, 0]);
    assert_eq!(counts(&push(&story, "", &lines(1)).expect(200)), [1, 0, 0, 0]);
}

#[test]
fn a_repeated_batch_gets_the_same_report() {
    let story = Story::begin();
    let mut batch = lines(230);
    batch[120]["star"] = json!(9);
    let body = json!(batch).to_string();
    let first = send(&story.body, "", ("key", JSON), body.as_bytes()).expect(200);
    assert_eq!((counts(&first), first.header("idempotency-replayed")), ([229, 0, 0, 1], ""));
    story.step(
        first.body["outcomes"][0]["certificate"].as_str().unwrap(),
        &json!({ "step": "suspend", "reason": "0203" }),
    );
    let before = head(&story);

    let again = send(&story.body, "", ("key", JSON), body.as_bytes()).expect(200);

    assert_eq!((&again.text, again.header("idempotency-replayed")), (&first.text, "true"));
    assert_eq!((again.header("registry-seq"), head(&story)), (first.header("registry-seq"), before));
    let reused = |query: &str, content_type: &str, body: &[u8]| {
        send(&story.body, query, ("key", content_type), body).problem(422, "idempotency-key-reused");
    };
    reused("", JSON, json!(batch[..229]).to_string().as_bytes());
    reused("?mode=atomic", JSON, body.as_bytes());
    reused("?kind=gbm-09", JSON, body.as_bytes());
    let step = json!({ "step": "restore" }).to_string();
    let id = first.body["outcomes"][0]["certificate"].as_str().unwrap();
    let steps = format!("/v1/certificates/{id}/transitions");
    let reuse = |key: &str| story.body.send("POST", &steps, &[("idempotency-key", key)], Some(step.as_bytes()));
    reuse("key").problem(422, "idempotency-key-reused");
    reuse("other").expect(200);
    send(&story.body, "", ("other", JSON), body.as_bytes()).problem(422, "idempotency-key-reused");
    let twin = story.server.client(story.body.organisation.unwrap(), "body-2", ALL_SCOPES);
    let own = send(&twin, "", ("key", JSON), body.as_bytes()).expect(200);
    assert_eq!(own.header("idempotency-replayed"), "", "a key is its client's own");
}

#[test]
fn a_dry_run_of_a_batch_says_what_would_become_of_it() {
    let story = Story::begin();
    story.certificate("B-0");
    story.certificate("B-1");
    let mut batch = lines(4);
    batch[1]["product_name"] = json!("内平开窗");
    batch[3]["star"] = Value::Null;
    let before = head(&story);

    let body = json!(batch).to_string();
    let dry = story.body.send("POST", &format!("{BATCH}?validate_only=true"), &[], Some(body.as_bytes())).expect(200);

    assert_eq!((counts(&dry), dry.header("registry-validated-only")), ([1, 1, 1, 1], "true"));
    assert!(dry.body["outcomes"][2].get("seq").is_none(), "{}", dry.text);
    assert_eq!((head(&story), known(&story)), (before, 2));
    let done = send(&story.body, "", ("key", JSON), body.as_bytes()).expect(200);
    let became = |answer: &Answer| -> Vec<Value> {
        answer.body["outcomes"].as_array().unwrap().iter().map(|it| it["outcome"].clone()).collect()
    };
    assert_eq!((became(&done), done.header("registry-validated-only")), (became(&dry), ""));
    let atomic = format!("{BATCH}?validate_only=true&mode=atomic");
    assert_eq!(counts(&story.body.post(&atomic, &json!(batch)).expect(200)), [0, 0, 3, 1]);
}
