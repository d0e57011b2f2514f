//! Test reports pushed by the thousand, and a laboratory's full list beside the registry's.
//!
//! What is not about reports (chunks, interrupted batches, the forms of lines) is tested with certificates: it is the
//! same code.

use super::test_reports::{NUMBER, void};
use crate::ledger::ledger_rows::ledger;
use crate::ledger::{check_order, check_versions};
use lvcai_domain::Role;
use lvcai_tests::{ALL_SCOPES, Answer, Client, LABORATORY, Story, laboratory, problem, report, report_address};
use serde_json::{Value, json};

const BATCH: &str = "/v1/laboratories/230800020001/test-reports:batch";
const RECONCILE: &str = "/v1/laboratories/230800020001/test-reports:reconcile";

/// A line of a batch.
fn line(number: &str, fields: &Value) -> Value {
    let mut line = report();
    line["number"] = json!(number);
    line.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    line
}

fn lines(count: usize) -> Vec<Value> {
    (0..count).map(|it| line(&format!("WT-{it}"), &json!({}))).collect()
}

fn send(client: &Client, query: &str, (key, content_type): (&str, &str), body: &str) -> Answer {
    let headers = [("idempotency-key", key), ("content-type", content_type)];
    client.send("POST", &format!("{BATCH}{query}"), &headers, Some(body.as_bytes()))
}

fn push(client: &Client, query: &str, lines: &[Value]) -> Answer {
    client.post(&format!("{BATCH}{query}"), &json!(lines))
}

/// How many lines were created, changed, unchanged and refused.
#[track_caller]
fn counts(answer: &Answer) -> [i64; 4] {
    let count = |name: &str| answer.body[name].as_i64().unwrap_or_else(|| panic!("no {name} in {}", answer.text));
    let counts = ["created", "changed", "unchanged", "refused"].map(count);
    assert_eq!(count("lines"), counts.iter().sum::<i64>(), "{}", answer.text);
    counts
}

fn head(story: &Story) -> i64 {
    story.anybody.get("/v1/lists").expect(200).seq()
}

#[test]
fn an_array_and_json_lines_give_the_same_reports() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let batch =
        [line(NUMBER, &json!({})), line("WT/2026-1", &json!({ "laboratory": LABORATORY })), line("WT-2", &json!({}))];
    let json_lines: String = batch.iter().map(|it| format!("{it}\n")).collect();

    let made = send(&laboratory, "", ("array", "application/json"), &json!(batch).to_string()).expect(200);
    let again = send(&laboratory, "", ("lines", "application/x-ndjson"), &json_lines).expect(200);

    assert_eq!(made.body["laboratory"], LABORATORY);
    assert_eq!((counts(&made), made.body["events"].clone()), ([3, 0, 0, 0], json!({ "test_report.issued": 3 })));
    assert_eq!((counts(&again), again.body["events"].clone()), ([0, 0, 3, 0], json!({})));
    for (place, line) in batch.iter().enumerate() {
        let (outcome, told) = (&made.body["outcomes"][place], &again.body["outcomes"][place]);
        let held = story.anybody.get(&report_address(line["number"].as_str().unwrap())).expect(200);
        assert_eq!(outcome["test_report"], held.body["id"], "{outcome}");
        assert_eq!(outcome["event"], "test_report.issued");
        let facts = |it: &Value| [it["line"].clone(), it["number"].clone(), it["version"].clone(), it["seq"].clone()];
        assert_eq!(facts(told), facts(outcome));
        assert_eq!(outcome["line"], json!(place + 1));
        assert_eq!(held.body["items"], line["items"]);
    }
    check_order(&ledger(&story.server));
    check_versions(&story.server);
}

#[test]
fn outcomes_come_in_the_order_of_the_lines_and_a_bad_one_is_one() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let known = [line("WT-0", &json!({})), line("WT-1", &json!({})), line("WT-9", &json!({}))];
    let known = push(&laboratory, "", &known).expect(200);
    void(&laboratory, known.body["outcomes"][2]["test_report"].as_str().unwrap()).expect(200);
    let before = head(&story);
    let mut nameless = line("", &json!({}));
    nameless.as_object_mut().unwrap().remove("number");
    let batch = [
        line("WT-0", &json!({})),
        line("WT-1", &json!({ "sample_name": "外平开塑料窗" })),
        line("WT-2", &json!({})),
        line("WT-3", &json!({ "issued_on": "2023-05-31", "sampled_on": null })),
        line("WT-4", &json!({ "items": [] })),
        line("WT-5", &json!({ "laboratory": "230800020002" })),
        line("WT-6", &json!({ "colour": "white" })),
        nameless,
        line("wt-1", &json!({})),
        line("WT-9", &json!({})),
        json!([1]),
    ];
    let wanted = [
        ("unchanged", "", "", ""),
        ("changed", "", "", ""),
        ("created", "", "", ""),
        ("refused", "invalid", "/issued_on", "cma-not-valid"),
        ("refused", "invalid", "/items", "too-few-items"),
        ("refused", "invalid", "/laboratory", "not-allowed"),
        ("refused", "invalid", "/colour", "unknown-field"),
        ("refused", "invalid", "/number", "required"),
        ("refused", "conflict", "", ""),
        ("refused", "illegal-step", "/status", "not-allowed"),
        ("refused", "invalid", "", "wrong-type"),
    ];

    let answer = push(&laboratory, "", &batch).expect(200);

    assert_eq!(counts(&answer), [1, 1, 1, 8], "{}", answer.text);
    for (place, (became, slug, pointer, rule)) in wanted.into_iter().enumerate() {
        let outcome = &answer.body["outcomes"][place];
        assert_eq!((&outcome["line"], &outcome["outcome"]), (&json!(place + 1), &json!(became)), "{outcome}");
        if became == "refused" {
            assert_eq!(outcome["problem"], problem(slug), "{outcome}");
            assert!(outcome.get("test_report").is_none() && outcome.get("seq").is_none(), "{outcome}");
        }
        if !rule.is_empty() {
            let error = &outcome["errors"][0];
            assert_eq!((&error["source"]["pointer"], &error["rule"]), (&json!(pointer), &json!(rule)), "{outcome}");
        }
    }
    assert!(answer.body["outcomes"][8]["detail"].as_str().unwrap().contains("第 2 行"), "{}", answer.text);
    assert_eq!((head(&story), answer.seq()), (before + 2, before + 2));
    let auditor = story.server.client(story.server.organisation("审计局", Role::Auditor), "auditor", "read:private");
    let refusals = auditor.get("/v1/refusals?limit=50").expect(200).text;
    assert!(refusals.contains("230800020001/WT-3") && refusals.contains("230800020001/line 8"), "{refusals}");
    check_order(&ledger(&story.server));
    check_versions(&story.server);
}

#[test]
fn a_repeated_key_gets_the_same_report_and_stands_for_nothing_else() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let mut batch = lines(130);
    batch[110]["conclusion"] = json!("perhaps");
    let (body, json) = (json!(batch).to_string(), "application/json");
    let first = send(&laboratory, "", ("key", json), &body).expect(200);
    assert_eq!(counts(&first), [129, 0, 0, 1]);
    let before = head(&story);

    let again = send(&laboratory, "", ("key", json), &body).expect(200);

    assert_eq!((&again.text, again.header("idempotency-replayed")), (&first.text, "true"));
    assert_eq!(head(&story), before);
    let other = json!(batch[..2]).to_string();
    send(&laboratory, "", ("key", json), &other).problem(422, "idempotency-key-reused");
    send(&laboratory, "?mode=atomic", ("key", json), &body).problem(422, "idempotency-key-reused");
    laboratory.send("POST", BATCH, &[], Some(body.as_bytes())).problem(428, "idempotency-key-required");
}

#[test]
fn an_atomic_batch_is_all_or_nothing() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let mut batch = lines(120);
    batch[7]["conclusion"] = json!("perhaps");
    batch[119]["number"] = json!("WT-0");
    let before = head(&story);

    let refused = push(&laboratory, "?mode=atomic", &batch).problem(422, "invalid");

    let pointers: Vec<_> =
        refused.body["errors"].as_array().unwrap().iter().map(|it| &it["source"]["pointer"]).collect();
    assert_eq!(pointers, ["/7/conclusion", "/119"]);
    assert_eq!(head(&story), before);
    let done = push(&laboratory, "?mode=atomic", &lines(120)).expect(200);
    assert_eq!((counts(&done), head(&story)), ([120, 0, 0, 0], before + 120));
    let commands: std::collections::BTreeSet<_> =
        ledger(&story.server).into_iter().skip(usize::try_from(before).unwrap()).map(|it| it.command).collect();
    assert_eq!(commands.len(), 1);
    let many = "{}\n".repeat(1001);
    let many = send(&laboratory, "?mode=atomic", ("many", "application/jsonl"), &many).problem(422, "invalid");
    assert_eq!(many.body["errors"][0]["rule"], "too-many-items");
}

#[test]
fn a_dry_run_tells_what_would_be_touched_and_changes_nothing() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let product = story.product("窗");
    let rests = push(&laboratory, "", &lines(2)).expect(200).body["outcomes"][0]["test_report"].clone();
    story.report_evidence(&product, rests.as_str().unwrap(), "2027-01-15");
    let before = head(&story);
    let failed = json!({ "conclusion": "fail" });
    let batch = [line("WT-0", &failed), line("WT-1", &failed), line("WT-2", &failed)];

    let dry = push(&laboratory, "?validate_only=true", &batch).expect(200);

    assert_eq!((counts(&dry), dry.header("registry-validated-only")), ([1, 2, 0, 0], "true"));
    assert_eq!(dry.body["outcomes"][0]["impact"]["products"], json!([product]), "{}", dry.text);
    assert!(dry.body["outcomes"][1].get("impact").is_none(), "{}", dry.text);
    assert_eq!(head(&story), before);
    let keyless = laboratory.send("POST", &format!("{BATCH}?validate_only=true"), &[], Some(b"[]"));
    assert_eq!(counts(&keyless.expect(200)), [0; 4]);
}

#[test]
fn an_old_export_takes_back_no_amendment() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let export = lines(3);
    let exported = push(&laboratory, "", &export).expect(200).seq();
    push(&laboratory, "", &[line("WT-1", &json!({ "sample_name": "改名的窗" }))]).expect(200);

    let guarded = push(&laboratory, &format!("?unchanged_since={exported}"), &export).expect(200);

    assert_eq!(counts(&guarded), [0, 0, 2, 1]);
    assert_eq!(guarded.body["outcomes"][1]["problem"], problem("precondition-failed"));
    let ahead = push(&laboratory, "?unchanged_since=99999999", &export).problem(400, "unknown-parameter");
    assert_eq!(ahead.body["errors"][0]["source"]["parameter"], "unchanged_since");
    let plain = push(&laboratory, "", &export).expect(200);
    assert_eq!((counts(&plain), plain.body["events"].clone()), ([0, 1, 2, 0], json!({ "test_report.amended": 1 })));
}

#[test]
fn a_batch_is_the_laboratorys_own_and_has_its_bounds() {
    let story = Story::begin();
    let own = story.laboratory();
    let stranger = story.server.organisation("另一检测有限公司", Role::Laboratory);
    story.authority.put("/v1/laboratories/230800020002", &laboratory(stranger)).expect(201);
    let stranger = story.server.client(stranger, "laboratory-2", ALL_SCOPES);
    let before = head(&story);
    let batch = lines(1);

    for path in [BATCH, RECONCILE] {
        stranger.post(path, &json!(batch)).problem(403, "forbidden");
        story.body.post(path, &json!(batch)).problem(403, "forbidden");
        story.authority.post(path, &json!(batch)).problem(403, "forbidden");
        story.anybody.post(path, &json!(batch)).problem(401, "unauthenticated");
        own.post(&path.replace(LABORATORY, "999999999999"), &json!(batch)).problem(404, "not-found");
        own.post(&path.replace(LABORATORY, "nobody"), &json!(batch)).problem(404, "not-found");
        own.post(&format!("{path}?kind=gbm-09"), &json!(batch)).problem(400, "unknown-parameter");
        for content_type in ["text/csv", "text/plain", "application/vnd.ms-excel"] {
            let headers = [("idempotency-key", "form"), ("content-type", content_type)];
            own.send("POST", path, &headers, Some(b"[]")).problem(415, "unsupported-media-type");
        }
    }
    let too_many = "{}\n".repeat(10_001);
    let many = send(&own, "", ("many", "application/jsonl"), &too_many).problem(422, "invalid");
    assert_eq!(many.body["errors"][0]["rule"], "too-many-items");
    send(&own, "", ("broken", "application/json"), &format!("[{}, ", batch[0])).problem(400, "malformed");

    assert_eq!(head(&story), before, "nothing was written");
    assert_eq!(counts(&push(&own, "", &batch).expect(200)), [1, 0, 0, 0]);
}

#[test]
fn a_list_is_compared_field_by_field_and_nothing_is_changed() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let made = push(&laboratory, "", &lines(5)).expect(200);
    let id = |place: usize| made.body["outcomes"][place]["test_report"].clone();
    push(&laboratory, "", &[line("WT-0", &json!({ "sample_name": "窗" }))]).expect(200);
    void(&laboratory, id(2).as_str().unwrap()).expect(200);
    let before = head(&story);
    let list = json!([
        line("WT-0", &json!({ "sample_name": "窗" })),
        line("WT-1", &json!({ "sample_name": "门", "valid_until": "2028-01-14" })),
        line("WT-2", &json!({})),
        line("WT-NEW", &json!({})),
        { "number": "WT-4" },
        line("WT-0", &json!({})),
    ]);

    let told = laboratory.post(RECONCILE, &list).expect(200);

    assert_eq!((told.seq(), head(&story)), (before, before));
    let told = &told.body;
    assert_eq!((&told["laboratory"], &told["as_of"]), (&json!(LABORATORY), &json!(before)));
    assert_eq!((&told["lines"], &told["same"]), (&json!(6), &json!(1)), "{told}");
    assert_eq!(told["missing"], json!([{ "line": 4, "number": "WT-NEW" }]));
    let name = json!({ "field": "/sample_name", "ours": report()["sample_name"], "theirs": "门" });
    let until = json!({ "field": "/valid_until", "ours": null, "theirs": "2028-01-14" });
    let status = json!({ "field": "/status", "ours": "voided", "theirs": "issued" });
    let different = json!([
        { "line": 2, "number": "WT-1", "test_report": id(1), "fields": ["/sample_name", "/valid_until"],
          "values": [name, until] },
        { "line": 3, "number": "WT-2", "test_report": id(2), "fields": ["/status"], "values": [status] },
    ]);
    assert_eq!(told["different"], different);
    assert_eq!(told["extra"], json!([{ "number": "WT-3", "test_report": id(3), "status": "issued" }]));
    let unreadable: Vec<_> = told["unreadable"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| json!([it["line"], it["number"], it["problem"]]))
        .collect();
    assert_eq!(unreadable, [json!([5, "WT-4", problem("invalid")]), json!([6, "WT-0", problem("conflict")])]);
}

/// Numbers that are drawn, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    /// A line of which some are out of form, some contradict themselves and some are as before.
    fn line(&mut self, number: u64) -> Value {
        let choices = [
            json!({}),
            json!({}),
            json!({ "sample_name": "外平开塑料窗" }),
            json!({ "models": ["65系列", "70系列"], "valid_until": "2028-01-14" }),
            json!({ "conclusion": "fail" }),
            json!({ "valid_until": "2025-01-14" }),
            json!({ "issued_on": "2023-05-31", "sampled_on": null }),
            json!({ "items": [] }),
        ];
        let choice = usize::try_from(self.below(choices.len().try_into().unwrap())).unwrap();
        line(&format!("WT-{number}"), &choices[choice])
    }
}

#[test]
fn a_batch_does_what_single_pushes_do() {
    let (batched, single) = (Story::begin(), Story::begin());
    let (in_batches, one_by_one) = (batched.laboratory(), single.laboratory());
    let mut dice = Dice(20_260_302);
    for round in 0..6 {
        let numbers: Vec<u64> = (0..20).filter(|_| dice.below(2) == 0).collect();
        let lines: Vec<Value> = numbers.iter().map(|it| dice.line(*it)).collect();

        let answer = push(&in_batches, "", &lines).expect(200);

        for (place, line) in lines.iter().enumerate() {
            let outcome = &answer.body["outcomes"][place];
            let pushed = one_by_one.put(&report_address(line["number"].as_str().unwrap()), line);
            let became = outcome["outcome"].as_str().unwrap();
            let told = match pushed.status {
                201 => "created",
                200 => became,
                _ => "refused",
            };
            assert_eq!(became, told, "round {round}: {outcome} and {}", pushed.text);
            if became == "refused" {
                assert_eq!((&outcome["problem"], &outcome["errors"]), (&pushed.body["type"], &pushed.body["errors"]));
            } else {
                assert_eq!(outcome["version"].to_string(), pushed.header("registry-version"));
            }
        }
    }
    let records = |story: &Story| -> Vec<Value> {
        let page = story.anybody.get("/v1/test-reports?limit=100").expect(200).body["items"].clone();
        let mut records = page.as_array().unwrap().clone();
        records.iter_mut().for_each(|it| drop(it.as_object_mut().unwrap().remove("id")));
        records.sort_by_key(|it| it["number"].to_string());
        records
    };
    assert_eq!(records(&batched), records(&single));
    let events = |story: &Story| -> Vec<String> { ledger(&story.server).into_iter().map(|it| it.event).collect() };
    assert_eq!(events(&batched), events(&single));
}
