//! A clock that is wrong stops all writing, and loses nothing.

use crate::process::certifier;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use jiff::ToSpan as _;
use lvcai_database::on_conn;
use lvcai_domain::OrganisationId;
use lvcai_store::Clock;
use lvcai_tests::{
    Answer, BODY, Client, CommandOutput, Database, Serving, Starting, Story, WorkingFolder, address, record,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const DAY: i64 = 24 * 3600;

/// Asks whether a server is ready until it says so, or that it is not.
fn ready(serving: &Serving, wanted: u16) -> Value {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let answer = Client::anonymous(&serving.admin_url).get("/ready");
        if answer.status == wanted {
            return answer.body;
        }
        assert!(Instant::now() < deadline, "{} {}", answer.text, serving.said());
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn count(database: &Database, table: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let statement = format!("SELECT count(*) AS count FROM {table}");
    let counted: Count = on_conn!(&mut database.conn(), c => sql_query(statement).get_result(c)).unwrap();
    counted.count
}

/// A record whose last day is so many days from today.
fn ending_in(days: i64) -> Value {
    let mut record = record();
    record["issued_on"] = json!("2024-01-05");
    record["valid_until"] = json!((Clock::Wall.today() + days.days()).to_string());
    record
}

/// Asks for a token at a time that is wrong by so many seconds.
fn token(client: &Client, off: i64) -> Answer {
    let now = Clock::Wall.now() + jiff::SignedDuration::from_secs(off);
    client.ask_for_token(&client.sign(&client.claims(now)), None)
}

/// The same client at another server.
fn at(url: &str, client: &Client) -> Client {
    Client::known(url, client.id.unwrap(), OrganisationId::mint(), client.pem.clone())
}

fn served_off_by(folder: &WorkingFolder, seconds: i64) -> Serving {
    Starting::of(folder.command_off_by(seconds, &["serve"])).ready()
}

#[test]
fn a_server_whose_clock_is_wrong_serves_and_writes_nothing() {
    let folder = WorkingFolder::new();
    folder.keys();
    let mut serving = folder.serve();
    let client = certifier(&folder, &serving);
    for days in [30, 200, 395, 900] {
        client.put(&address(BODY, &format!("D-{days}")), &ending_in(days)).expect(201);
    }
    serving.kill();
    let before = count(&folder.database, "ledger");

    for off in [400 * DAY, 20 * DAY, 3600, -3600, -400 * DAY] {
        let mut serving = served_off_by(&folder, off);
        let told = ready(&serving, 503);
        let alarm = told["alarms"][0]["id"].as_str().unwrap_or_default().to_owned();
        assert!(alarm.starts_with("clock-"), "{off}: {told}");
        let there = at(&serving.url, &client);
        token(&there, off).problem(503, "writes-halted");
        // Whoever only reads is served.
        Client::anonymous(&serving.url).get("/v1/certificates").expect(200);
        serving.kill();
        assert_eq!(count(&folder.database, "ledger"), before, "{off}: something was written");
    }

    let serving = folder.serve();
    ready(&serving, 200);
    let all = Client::anonymous(&serving.url).get("/v1/certificates").expect(200).body;
    assert!(all["items"].as_array().unwrap().iter().all(|it| it["reported_status"] == "01"), "{all}");
}

#[test]
fn a_clock_that_creeps_from_start_to_start_is_held_against_where_it_was() {
    let folder = WorkingFolder::new();
    folder.keys();
    drop(folder.serve());
    // Each start is less than five minutes ahead of the one before.
    let mut third = Vec::new();
    for minutes in [0, 4, 8] {
        let mut serving = served_off_by(&folder, minutes * 60);
        let wanted = if minutes > 5 { 503 } else { 200 };
        third = ready(&serving, wanted)["alarms"].as_array().cloned().unwrap_or_default();
        serving.kill();
    }

    assert!(third[0]["id"].as_str().unwrap().starts_with("clock-"), "{third:?}");
    drop(folder.serve());
    folder.run(&["clock"]).expect(0);
}

#[test]
fn what_is_written_at_the_command_line_under_a_wrong_clock_is_refused_with_the_way_out() {
    let folder = WorkingFolder::new();
    folder.keys();
    drop(folder.serve());

    let mut add = folder.command_off_by(3 * DAY, &["client", "revoke", "clnt_01900000-0000-7000-8000-000000000007"]);
    let said = CommandOutput::from(add.output().unwrap()).expect(1);

    assert!(said.err.contains("lvcai resume") || said.err.contains("takes no writes"), "{}", said.err);
}

#[test]
fn the_operator_accepts_a_clock_and_takes_it_back() {
    let folder = WorkingFolder::new();
    folder.keys();
    let mut serving = folder.serve();
    let client = certifier(&folder, &serving);
    let id = client.put(&address(BODY, "A-1"), &ending_in(900)).expect(201).id();
    serving.kill();

    let mut resume = folder.command_off_by(20 * DAY, &["resume", "--reason", "tried on purpose"]);
    let said = CommandOutput::from(resume.output().unwrap()).expect(0);
    assert!(said.out.contains("clock-"), "{}", said.out);
    let mut wrong = served_off_by(&folder, 20 * DAY);
    ready(&wrong, 200);
    let there = at(&wrong.url, &client);
    let answer = token(&there, 20 * DAY).expect(200);
    *there.token.borrow_mut() = Some(answer.body["access_token"].as_str().unwrap().to_owned());
    there.put(&address(BODY, "A-2"), &ending_in(900)).expect(201);
    wrong.kill();

    // The right clock is behind what was written now.
    let mut right = folder.serve();
    ready(&right, 503);
    right.kill();
    folder.run(&["resume", "--reason", "the clock was set right"]).expect(0);
    let right = folder.serve();
    ready(&right, 200);
    let back = at(&right.url, &client).authenticated(&Clock::Wall);
    let step = json!({ "step": "suspend", "reason": "0203" });
    let answer = back.post(&format!("/v1/certificates/{id}/transitions"), &step).expect(200).body;
    assert_eq!(answer["status_on"], Clock::Wall.today().to_string(), "{answer}");
    assert_eq!(folder.run(&["resume", "--reason", "again"]).expect(0).out.lines().next(), Some("nothing was halted"));
}

#[test]
fn an_assertion_works_once_though_another_process_is_ahead() {
    let folder = WorkingFolder::new();
    folder.keys();
    let honest = folder.serve();
    let client = certifier(&folder, &honest);
    // As far ahead as it is let.
    let ahead = served_off_by(&folder, 240);
    ready(&ahead, 200);
    let there = at(&ahead.url, &client);
    let assertion = client.sign(&client.claims(Clock::Wall.now()));
    let mut got = vec![client.ask_for_token(&assertion, None).status];

    for _ in 0..3 {
        token(&there, 240).expect(200);
        got.push(client.ask_for_token(&assertion, None).status);
    }

    assert_eq!(got, [200, 401, 401, 401]);
}

#[test]
fn today_is_the_days_of_the_clock_though_an_entry_lies_ahead() {
    let story = Story::begin();
    story.server.at("2027-05-01T02:00:00Z");
    story.product("未来产品");
    story.server.at("2026-03-05T02:00:00Z");
    let certificate = story.certificate("A-1");

    let suspended = story.step(&certificate, &json!({ "step": "suspend", "reason": "0203" })).expect(200).body;

    assert_eq!(suspended["status_on"], "2026-03-05", "{suspended}");
    let versions = story.anybody.get(&format!("/v1/certificates/{certificate}/versions")).expect(200).body;
    let at = versions["items"][0]["recorded_at"].as_str().unwrap_or_default();
    assert!(at.starts_with("2027-05-01"), "recorded time never runs backwards: {versions}");
    let question = json!({ "items": [{ "certificate_number": "A-1" }] });
    let verdict = story.anybody.post("/v1/verifications", &question).expect(200).body;
    assert_eq!(verdict["verdicts"][0]["eligibility"], "not_eligible", "{verdict}");
}
