//! Backups, and old copies that come back.

use crate::process::certifier;
use lvcai_tests::{BODY, Client, CommandOutput, Serving, Starting, WorkingFolder, address, record};
use serde_json::Value;

fn ready(serving: &Serving) -> (u16, Value) {
    let answer = Client::anonymous(&serving.admin_url).get("/ready");
    (answer.status, answer.body)
}

/// Takes the database away, as a broken disk would.
fn lose(folder: &WorkingFolder) {
    match folder.database.url.strip_prefix("sqlite:") {
        Some(path) => {
            for ending in ["", "-wal", "-shm"] {
                drop(std::fs::remove_file(format!("{path}{ending}")));
            }
        }
        None => {
            let schema = folder.database.url.rsplit_once("%3D").unwrap().1;
            folder.database.conn().batch_execute(&format!("DROP SCHEMA {schema} CASCADE")).unwrap();
        }
    }
}

#[test]
fn a_backup_is_made_while_others_write_and_a_registry_behind_what_was_signed_waits_for_the_operator() {
    let folder = WorkingFolder::new();
    folder.keys();
    let mut serving = folder.serve();
    let client = certifier(&folder, &serving);
    client.put(&address(BODY, "A-1"), &record()).expect(201);

    folder.run(&["backup", "registry.backup"]).expect(0);
    folder.run(&["backup", "registry.backup"]).expect(1);
    client.put(&address(BODY, "A-2"), &record()).expect(201);
    folder.run(&["audit"]).expect(0);
    let there = folder.run(&["restore", "registry.backup"]).expect(1);
    assert!(there.err.contains("there"), "what is there is not written over: {}", there.err);
    serving.kill();
    lose(&folder);
    let restored = folder.run(&["restore", "registry.backup", "--verify"]).expect(0);
    assert!(restored.out.contains("lvcai resume"), "{}", restored.out);

    let audited = folder.run(&["audit"]).expect(1);
    assert!(audited.out.contains("signed-head"), "{}", audited.out);
    let mut serving = folder.serve();
    let (status, told) = ready(&serving);
    assert_eq!((status, told["alarms"][0]["id"].as_str()), (503, Some("positions-lost")), "{told}");
    let again = client.at(&serving.url);
    let now = lvcai_store::Clock::Wall.now();
    again.ask_for_token(&again.sign(&again.claims(now)), None).problem(503, "writes-halted");
    Client::anonymous(&serving.url).get(&address(BODY, "A-1")).expect(200);
    assert_eq!(Client::anonymous(&serving.url).get(&address(BODY, "A-2")).status, 404);

    let resumed = folder.run(&["resume", "--reason", "disk lost, restored the backup of noon"]).expect(0);
    assert!(resumed.out.contains("positions-lost"), "{}", resumed.out);
    let back = again.authenticated(&lvcai_store::Clock::Wall);
    back.put(&address(BODY, "A-2"), &record()).expect(201);
    serving.kill();
    folder.run(&["audit"]).expect(0);
}

#[test]
fn a_signed_head_that_a_power_cut_has_torn_has_a_copy() {
    let folder = WorkingFolder::new();
    folder.keys();
    let mut serving = folder.serve();
    certifier(&folder, &serving).put(&address(BODY, "A-1"), &record()).expect(201);
    serving.kill();
    let (newest, copy) = (folder.path("keys/signed-head.json"), folder.path("keys/signed-head.lasting.json"));
    assert!(copy.exists());

    std::fs::write(&newest, &std::fs::read(&newest).unwrap()[..100]).unwrap();
    let mut serving = folder.serve();
    assert_eq!(ready(&serving).0, 200);
    serving.kill();

    std::fs::write(&newest, "torn").unwrap();
    std::fs::write(&copy, "torn").unwrap();
    let (status, told) = ready(&folder.serve());
    assert_eq!((status, told["alarms"][0]["id"].as_str()), (503, Some("signed-head-broken")), "{told}");
}

#[test]
fn a_removed_journal_is_noticed() {
    let folder = WorkingFolder::new();
    let Some(path) = folder.database.url.strip_prefix("sqlite:") else { return };
    folder.keys();
    let mut serving = folder.serve();
    let client = certifier(&folder, &serving);
    client.put(&address(BODY, "A-1"), &record()).expect(201);
    serving.kill();

    std::fs::remove_file(format!("{path}-wal")).unwrap();

    // Nothing is left of it, or less than was signed.
    let mut command = folder.command(&["client", "revoke", "clnt_01900000-0000-7000-8000-000000000007"]);
    let said = CommandOutput::from(command.output().unwrap()).expect(1);
    assert!(said.err.contains("no registry") || said.err.contains("behind the last signed position"), "{}", said.err);
}

#[test]
fn a_backup_that_was_tampered_with_is_not_put_in_place() {
    let folder = WorkingFolder::new();
    let Some(path) = folder.database.url.strip_prefix("sqlite:") else { return };
    folder.keys();
    drop(folder.serve());
    folder.run(&["backup", "b.db"]).expect(0);
    let url = format!("sqlite:{}", folder.path("b.db").display());
    let mut conn = lvcai_database::Conn::open(&url).unwrap();
    conn.batch_execute("UPDATE organisations SET body = replace(body, 'name', 'mane'); PRAGMA journal_mode = DELETE")
        .unwrap();
    drop(conn);
    lose(&folder);

    let said = folder.run(&["restore", "b.db", "--verify"]).expect(1);

    assert!(said.out.contains("body  organisations org_"), "{}", said.out);
    assert!(!std::path::Path::new(path).exists());
}

#[test]
fn the_keys_of_another_registry_are_not_served_with() {
    let folder = WorkingFolder::new();
    drop(Starting::of(folder.command(&["demo"])).ready());
    let other = folder.path("other-keys");
    let with = |arguments: &[&str]| {
        let mut command = folder.command(arguments);
        CommandOutput::from(command.env("LVCAI_KEYS", &other).output().unwrap())
    };
    with(&["keys"]).expect(0);

    let said = with(&["serve"]).expect(1);

    assert!(said.err.contains("keys folder") && said.err.contains("LVCAI_KEYS"), "{}", said.err);
    let wrong = with(&["audit"]).expect(1);
    assert!(wrong.out.contains("document  publications publ_"), "{}", wrong.out);
    drop(folder.serve());
}

#[test]
fn a_database_of_a_newer_release_is_not_opened() {
    let folder = WorkingFolder::new();
    folder.keys();
    drop(folder.serve());
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')";
    folder.database.conn().batch_execute(newer).unwrap();

    for arguments in [&["serve"][..], &["client", "list"]] {
        let said = folder.run(arguments).expect(1);
        assert!(said.err.contains("newer release") && said.err.contains("9999"), "{}", said.err);
    }
}

#[test]
fn a_registry_in_the_words_of_a_development_version_is_not_opened() {
    let folder = WorkingFolder::new();
    drop(Starting::of(folder.command(&["demo"])).ready());
    folder.database.conn().batch_execute("UPDATE certificates SET record_source = 'body'").unwrap();

    for arguments in [&["serve"][..], &["demo"], &["client", "list"]] {
        let said = folder.run(arguments).expect(1);
        assert!(said.err.contains("development version"), "{}", said.err);
    }
}
