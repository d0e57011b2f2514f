//! The clock: certificates end at midnight in Asia/Shanghai and come to be renewable, once each.

use lvcai_store::expiry::{self, Outcome};
use lvcai_store::ledger;
use lvcai_tests::{BODY, LIST, Starting, Story, WorkingFolder, address, record};
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// The last day of the certificates that end within these stories.
const LAST_DAY: &str = "2026-03-09";

/// The last second of it, and the first of the next day.
const LAST_SECOND: &str = "2026-03-09T15:59:59Z";
const MIDNIGHT: &str = "2026-03-09T16:00:00Z";

/// A certificate that ends on a day.
fn ending(story: &Story, number: &str, valid_until: &str) -> String {
    story.body.put(&address(BODY, number), &record_until(valid_until)).expect(201).id()
}

fn record_until(day: &str) -> Value {
    let mut record = record();
    record["valid_until"] = json!(day);
    record
}

fn tick(story: &Story) -> Outcome {
    story.server.wait(expiry::tick(&story.server.registry)).unwrap()
}

fn outcome(expired: usize, renewals_opened: usize) -> Outcome {
    Outcome { expired, renewals_opened }
}

/// Event, effective day and actor of each version of a certificate, the newest first.
fn history(story: &Story, certificate: &str) -> Vec<(String, String, String)> {
    let versions = story.anybody.get(&format!("/v1/certificates/{certificate}/versions")).expect(200).body;
    let text = |it: &Value, name: &str| it[name].as_str().unwrap_or_default().to_owned();
    let versions = versions["items"].as_array().unwrap();
    versions.iter().map(|it| (text(it, "event"), text(it, "effective_on"), text(it, "actor"))).collect()
}

/// How often an event of a certificate stands in its history.
fn times(story: &Story, certificate: &str, event: &str) -> usize {
    history(story, certificate).iter().filter(|(it, ..)| it == event).count()
}

fn verdict(story: &Story, number: &str, on: &str) -> String {
    let question = json!({ "valid_on": on, "items": [{ "certificate_number": number }] });
    story.verdict(&question)["eligibility"].as_str().unwrap().to_owned()
}

fn head(story: &Story) -> i64 {
    story.anybody.get("/v1/lists").expect(200).seq()
}

#[test]
fn a_certificate_holds_on_its_whole_last_day() {
    let story = Story::begin();
    let certificate = ending(&story, "CABR-1", LAST_DAY);

    story.server.at(LAST_SECOND);
    assert_eq!(tick(&story), outcome(0, 1));
    assert_eq!(verdict(&story, "CABR-1", LAST_DAY), "eligible");
    story.server.at(MIDNIGHT);
    assert_eq!(tick(&story), outcome(1, 0));

    let now = story.anybody.get(&format!("/v1/certificates/{certificate}")).expect(200).body;
    assert_eq!((&now["reported_status"], &now["status_on"]), (&json!("05"), &json!("2026-03-10")));
    assert_eq!(now["record_source"], "certification_body");
    let entry = ("certificate.expired".to_owned(), "2026-03-10".to_owned(), "clock".to_owned());
    assert_eq!(history(&story, &certificate).first(), Some(&entry));
    assert_eq!(verdict(&story, "CABR-1", LAST_DAY), "eligible", "the day it was asked for is past, and stays so");
    assert_eq!(verdict(&story, "CABR-1", "2026-03-10"), "not_eligible");
}

#[test]
fn a_verdict_is_right_between_midnight_and_the_clock() {
    let story = Story::begin();
    let (product, certificate) = (story.product("窗"), ending(&story, "CABR-1", LAST_DAY));
    story.evidence(&product, &certificate);
    story.open_list();
    story.publish(&[&product]);
    let verdicts = || {
        let certificate = json!({ "items": [{ "certificate_number": "CABR-1" }] });
        let product_of = json!({ "items": [{ "product": product }] });
        let listing = json!({ "basis": "listing", "list": LIST, "items": [{ "product": product }] });
        [certificate, product_of, listing].map(|it| story.verdict(&it)["eligibility"].clone())
    };

    story.server.at(LAST_SECOND);
    assert_eq!(verdicts(), ["eligible", "eligible", "eligible"]);
    story.server.at(MIDNIGHT);
    let before = verdicts();
    tick(&story);

    assert_eq!(before, ["not_eligible", "not_eligible", "not_eligible"]);
    assert_eq!(verdicts(), before);
}

#[test]
fn what_ended_while_nobody_ran_the_clock_ended_on_its_day() {
    let story = Story::begin();
    let first = ending(&story, "CABR-1", LAST_DAY);
    let second = ending(&story, "CABR-2", "2026-03-12");
    let suspend = json!({ "step": "suspend", "reason": "0203", "suspension_planned_end": "2026-06-01" });
    story.step(&second, &suspend).expect(200);

    story.server.at("2026-03-25T04:00:00Z");
    assert_eq!(tick(&story), outcome(2, 0), "what has ended is not to be renewed any more");
    assert_eq!(tick(&story), Outcome::default());

    let days: Vec<_> = [&first, &second].map(|it| history(&story, it)[0].1.clone()).into();
    assert_eq!(days, ["2026-03-10", "2026-03-13"]);
    let second = story.anybody.get(&format!("/v1/certificates/{second}")).expect(200).body;
    assert_eq!(second["reported_status"], "05");
    assert_eq!((second.get("status_reason"), second.get("suspension_planned_end")), (None, None));
}

#[test]
fn a_listing_goes_with_its_certificate_in_the_same_cut() {
    let story = Story::begin();
    let product = story.product("窗");
    for number in ["CABR-1", "CABR-2"] {
        story.evidence(&product, &ending(&story, number, LAST_DAY));
    }
    story.open_list();
    story.publish(&[&product]);
    story.server.at(LAST_SECOND);
    tick(&story);
    let before = head(&story);

    story.server.at(MIDNIGHT);
    tick(&story);

    assert_eq!(head(&story), before + 3, "two certificates and the one listing that rests on both");
    for seq in before..=before + 3 {
        let listing = story.anybody.get(&format!("/v1/listings?as_of={seq}")).expect(200);
        let ended = story.anybody.get(&format!("/v1/certificates?status=05&as_of={seq}")).expect(200);
        let (standing, ended) = (&listing.body["items"][0], ended.body["items"].as_array().unwrap().len());
        let whole = if seq < before + 3 { (json!("listed"), 0) } else { (json!("removed"), 2) };
        assert_eq!((standing["status"].clone(), ended), whole, "as of {seq}");
    }
    let listing = story.anybody.get("/v1/listings").expect(200).body["items"][0].clone();
    assert_eq!((&listing["ground"], &listing["effective_on"]), (&json!("certificate_expired"), &json!("2026-03-10")));
}

#[test]
fn a_renewal_window_opens_once_for_each_last_day() {
    let story = Story::begin();
    let certificate = ending(&story, "CABR-1", "2026-06-01");
    let correct = |day: &str| story.body.put(&address(BODY, "CABR-1"), &record_until(day)).expect(200);
    let opened = || times(&story, &certificate, "certificate.renewal_opened");

    story.server.at("2026-03-02T15:59:59Z");
    assert_eq!(tick(&story), Outcome::default(), "it opens 90 days before the last day");
    story.server.at("2026-03-02T16:00:00Z");
    assert_eq!((tick(&story), tick(&story)), (outcome(0, 1), Outcome::default()));
    assert_eq!(history(&story, &certificate)[0].1, "2026-03-03");
    correct("2026-05-31");
    assert_eq!(tick(&story), outcome(0, 1), "another last day has a window of its own");
    assert_eq!(history(&story, &certificate)[0].1, "2026-03-02");
    correct("2026-06-01");

    assert_eq!((tick(&story), opened()), (Outcome::default(), 2), "the first day's window has been told");
}

#[test]
fn a_window_that_opens_changes_nothing_of_what_a_body_may_say() {
    let story = Story::begin();
    let certificate = ending(&story, "CABR-1", "2026-06-10");
    let before = story.anybody.get(&format!("/v1/certificates/{certificate}")).expect(200);
    story.server.at("2026-03-20T02:00:00Z");

    assert_eq!(tick(&story), outcome(0, 1));

    let after = story.anybody.get(&format!("/v1/certificates/{certificate}")).expect(200);
    assert_eq!((&after.text, after.header("etag")), (&before.text, before.header("etag")));
    let again = story.body.put(&address(BODY, "CABR-1"), &record_until("2026-06-10")).expect(200);
    assert_eq!(again.header("registry-version"), "2", "the same record again changes nothing");
    // The window opened on 12 March; the suspension was decided before.
    story.step(&certificate, &json!({ "step": "suspend", "reason": "0203", "effective_on": "2026-03-05" })).expect(200);
    assert_eq!(verdict(&story, "CABR-1", "2026-03-04"), "eligible");
    assert_eq!(verdict(&story, "CABR-1", "2026-03-06"), "not_eligible");
    assert_eq!(verdict(&story, "CABR-1", "2026-03-15"), "not_eligible");
}

#[test]
fn what_was_known_before_the_clock_can_still_be_read() {
    let story = Story::begin();
    let certificate = ending(&story, "CABR-1", LAST_DAY);
    let before = head(&story);
    story.server.at("2026-03-11T02:00:00Z");

    tick(&story);

    let then = story.anybody.get(&format!("/v1/certificates/{certificate}?as_of={before}")).expect(200);
    assert_eq!(then.body["reported_status"], "01");
    let question = |on: &str| json!({ "valid_on": on, "as_of": before.to_string(), "items": [{ "certificate_number": "CABR-1" }] });
    assert_eq!(story.verdict(&question("2026-03-10"))["eligibility"], "not_eligible");
    assert_eq!(story.verdict(&question(LAST_DAY))["eligibility"], "eligible");
}

#[test]
fn the_clock_commits_in_bounded_commands() {
    let story = Story::begin();
    for number in 0..130 {
        ending(&story, &format!("CABR-{number}"), LAST_DAY);
    }
    story.server.at(MIDNIGHT);
    let before = head(&story);

    assert_eq!(tick(&story), outcome(130, 0));

    let read = move |conn: &mut _| ledger::entries(conn, before, 500);
    let entries = story.server.wait(story.server.registry.read(read)).unwrap();
    let ends: Vec<_> = (1..).zip(&entries).filter(|(_, it)| it.cut).map(|(place, _)| place).collect();
    assert_eq!(ends, [100, 130]);
}

#[test]
fn registries_that_tick_at_once_write_each_end_once() {
    let story = Story::begin();
    let certificates: Vec<_> = (0..120)
        .map(|number| ending(&story, &format!("CABR-{number}"), if number % 2 == 0 { LAST_DAY } else { "2026-04-01" }))
        .collect();
    story.server.at(MIDNIGHT);
    let url = story.server.database.url.clone();
    let open = || lvcai_store::open(&url, 2, story.server.clock.clone()).unwrap().0;
    let replicas = [open(), open(), open()];

    let done: Vec<Outcome> = std::thread::scope(|scope| {
        let run = |registry| scope.spawn(move || story_less(expiry::tick(registry)).unwrap());
        replicas.iter().map(run).collect::<Vec<_>>().into_iter().map(|it| it.join().unwrap()).collect()
    });

    let total = done.iter().fold((0, 0), |sum, it| (sum.0 + it.expired, sum.1 + it.renewals_opened));
    assert_eq!(total, (60, 60));
    for certificate in &certificates {
        assert_eq!(history(&story, certificate).len(), 2);
    }
}

/// Runs something asynchronous on a thread of its own.
fn story_less<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// States that the clock is right, though the story was written months ago.
fn accept_the_clock(story: &Story, folder: &WorkingFolder) {
    folder.keys();
    let mut resume = folder.command(&["resume", "--reason", "a story of March"]);
    resume.env("LVCAI_DATABASE_URL", &story.server.database.url);
    assert!(resume.output().unwrap().status.success());
}

#[test]
fn two_clocks_run_as_processes_write_each_end_once() {
    let (story, folder) = (Story::begin(), WorkingFolder::new());
    let certificates: Vec<_> = (0..20).map(|number| ending(&story, &format!("CABR-{number}"), LAST_DAY)).collect();
    accept_the_clock(&story, &folder);
    let start = || {
        let mut command = folder.command(&["clock"]);
        command.env("LVCAI_DATABASE_URL", &story.server.database.url).stdout(Stdio::piped());
        command.spawn().unwrap()
    };

    let said: Vec<_> = [start(), start()].map(|it| it.wait_with_output().unwrap()).into();

    let expired = |out: &[u8]| String::from_utf8_lossy(out).split(' ').next().unwrap().parse::<usize>().unwrap();
    assert!(said.iter().all(|it| it.status.success()));
    assert_eq!(said.iter().map(|it| expired(&it.stdout)).sum::<usize>(), 20);
    for certificate in &certificates {
        assert_eq!(times(&story, certificate, "certificate.expired"), 1);
    }
    let again = start().wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&again.stdout), "0 expired, 0 renewal windows opened\n");
}

#[test]
fn a_server_writes_what_was_due_when_it_starts_and_stops_all_the_same() {
    let (story, folder) = (Story::begin(), WorkingFolder::new());
    let certificate = ending(&story, "CABR-1", LAST_DAY);
    accept_the_clock(&story, &folder);
    let mut command = folder.command(&["serve"]);
    command.env("LVCAI_DATABASE_URL", &story.server.database.url);
    let mut serving = Starting::of(command).ready();

    let deadline = Instant::now() + Duration::from_secs(20);
    while times(&story, &certificate, "certificate.expired") == 0 {
        assert!(Instant::now() < deadline, "{}", serving.said());
        std::thread::sleep(Duration::from_millis(20));
    }
    serving.ask_to_stop();

    assert_eq!(serving.ended(), Some(0), "{}", serving.said());
}
