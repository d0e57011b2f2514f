//! Batches into servers that are processes: killed in the midst of them, and busy with one while others push.

use crate::conformity::batch::{BATCH, line};
use crate::dice::Dice;
use crate::ledger::check_order;
use crate::ledger::ledger_rows::entries;
use lvcai_store::Clock;
use lvcai_tests::{BODY, Client, Database, OTHER_BODY, Serving, WorkingFolder, address, record, rounds};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How many batches are pushed into a server that is killed.
const BATCHES: u64 = 20;

/// How many lines the long batch has: as many as a program without optimisation writes in the time of a test.
const LONG: usize = 2_000;

fn certifier(folder: &WorkingFolder, serving: &Serving, body: &str) -> Client {
    folder.accredit(body);
    let client = folder.client(&["--organisation", body], body, "certificates:push", &serving.url);
    client.authenticated(&Clock::Wall)
}

/// Pushes a batch; nothing when there was no answer.
fn push(url: &str, token: &str, key: &str, body: &str) -> Option<(u16, bool, Value)> {
    let agent = ureq::Agent::new_with_config(ureq::Agent::config_builder().http_status_as_error(false).build());
    let request = agent.post(format!("{url}{BATCH}")).header("authorization", format!("Bearer {token}"));
    let request = request.header("content-type", "application/json").header("idempotency-key", key);
    let mut answer = request.send(body.as_bytes()).ok()?;
    let replayed = answer.headers().contains_key("idempotency-replayed");
    let text = answer.body_mut().with_config().limit(64 << 20).read_to_string().ok()?;
    Some((answer.status().as_u16(), replayed, serde_json::from_str(&text).unwrap_or(Value::Null)))
}

/// How many entries the ledger has.
fn head(database: &Database) -> usize {
    lvcai_store::ledger::head(&mut database.conn()).unwrap().seq.try_into().unwrap()
}

/// The events of each certificate.
fn certificates(database: &Database) -> BTreeMap<String, Vec<String>> {
    let mut events: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for entry in entries(database).into_iter().filter(|it| it.event.starts_with("certificate.")) {
        events.entry(entry.subject).or_default().push(entry.event);
    }
    events
}

#[test]
fn a_batch_that_was_cut_off_is_completed_under_its_key() {
    let (folder, mut dice) = (WorkingFolder::new(), Dice(20_260_302));
    folder.keys();
    let mut serving = folder.serve();
    let token = certifier(&folder, &serving, BODY).token.borrow().clone().unwrap();
    let (mut pushed, mut cut_off, mut gone_on, mut replayed) = (0, 0, 0, 0);
    let mut answered: BTreeMap<String, (Value, Value)> = BTreeMap::new();

    // What a line takes here and now, so that the power goes while it is being written.
    let warm: Vec<Value> = (0..100).map(|place| line(&format!("W-{place}"), &json!({}))).collect();
    let begun = Instant::now();
    push(&serving.url, &token, "warm", &json!(warm).to_string()).unwrap();
    let pace = u64::try_from(begun.elapsed().as_micros()).unwrap() / 100;

    for batch in 0..rounds(BATCHES) {
        let count = 50 + dice.below(251);
        let lines: Vec<Value> = (0..count).map(|place| line(&format!("K-{batch}-{place}"), &json!({}))).collect();
        let (body, key) = (json!(lines).to_string(), format!("batch-{batch}"));
        let before = head(&folder.database);
        let url = serving.url.clone();
        let first = std::thread::scope(|threads| {
            let pushing = threads.spawn(|| push(&url, &token, &key, &body));
            std::thread::sleep(Duration::from_micros(dice.below(pace * count)));
            serving.kill();
            pushing.join().unwrap()
        });
        serving = folder.serve();
        let kept = head(&folder.database) - before;
        let (status, was_kept, report) = push(&serving.url, &token, &key, &body).unwrap();

        assert_eq!((status, &report["lines"]), (200, &json!(lines.len())), "{report}");
        assert_eq!((&report["created"], &report["refused"]), (&json!(lines.len()), &json!(0)), "batch {batch}");
        match first {
            Some((_, _, told)) => {
                assert_eq!((&told, was_kept, kept), (&report, true, lines.len()), "what was answered is not lost");
                replayed += 1;
            }
            None => cut_off += 1,
        }
        gone_on += usize::from(kept > 0 && kept < lines.len());
        pushed += lines.len();
        for outcome in report["outcomes"].as_array().unwrap() {
            let id = outcome["certificate"].as_str().unwrap().to_owned();
            assert!(answered.insert(id, (outcome["seq"].clone(), outcome["number"].clone())).is_none());
        }
    }

    eprintln!("{pushed} lines; {cut_off} batches cut off, {gone_on} of them half written, {replayed} answered before");
    assert!(gone_on > 0, "no batch was cut off in its midst");
    let ledger = entries(&folder.database);
    check_order(&ledger);
    let kept = certificates(&folder.database);
    assert_eq!((kept.len(), answered.len()), (pushed + warm.len(), pushed));
    assert!(kept.values().all(|events| *events == ["certificate.issued"]), "a certificate is there twice");
    let positions: BTreeMap<&str, i64> = ledger.iter().map(|it| (it.subject.as_str(), it.seq)).collect();
    for (id, (seq, _)) in &answered {
        assert_eq!(*seq, positions[id.as_str()], "{id} was told otherwise");
    }
    let numbers: BTreeSet<String> = answered.values().map(|it| it.1.to_string()).collect();
    assert_eq!(numbers.len(), pushed);
}

#[test]
fn others_go_on_pushing_while_a_long_batch_runs() {
    let folder = WorkingFolder::new();
    folder.keys();
    let serving = folder.serve();
    let token = certifier(&folder, &serving, BODY).token.borrow().clone().unwrap();
    let other = certifier(&folder, &serving, OTHER_BODY);
    let batch: Vec<Value> = (0..LONG).map(|number| line(&format!("L-{number}"), &json!({}))).collect();
    let (body, done) = (json!(batch).to_string(), AtomicBool::new(false));

    let (report, took, waited) = std::thread::scope(|threads| {
        let pushing = threads.spawn(|| {
            let begun = Instant::now();
            let answer = push(&serving.url, &token, "long", &body);
            done.store(true, Ordering::SeqCst);
            (answer, begun.elapsed())
        });
        let mut waited = Vec::new();
        while !done.load(Ordering::SeqCst) {
            let begun = Instant::now();
            other.put(&address(OTHER_BODY, &format!("S-{}", waited.len())), &record()).expect(201);
            waited.push(begun.elapsed());
        }
        let (answer, took) = pushing.join().unwrap();
        (answer.unwrap().2, took, waited)
    });

    let slowest = waited.iter().max().unwrap();
    eprintln!("{LONG} lines in {took:?}; {} single pushes meanwhile, the slowest in {slowest:?}", waited.len());
    assert_eq!((&report["created"], &report["refused"]), (&json!(LONG), &json!(0)));
    assert!(waited.len() > 3, "the others waited until the batch was over");
    assert_eq!(certificates(&folder.database).len(), LONG + waited.len());
    check_order(&entries(&folder.database));
}
