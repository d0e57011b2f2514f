//! Databases that are locked by others, that have gone silent, or whose disk is full.

use crate::ledger::organisation;
use diesel::RunQueryDsl as _;
use lvcai_domain::Event;
use lvcai_store::{Change, CommandContext, Conn, Decision, Error, Registry, View};
use lvcai_tests::{Client, Server};
use std::time::{Duration, Instant};

/// Registers an enterprise; what became of it, and how long it took.
fn register(registry: &Registry, name: String) -> (Result<(), Error>, Duration) {
    let begun = Instant::now();
    let organisation = organisation(name);
    let decide = move |_: &mut View<'_>| {
        Ok(Decision::change(Change::create(Event::OrganisationRegistered, organisation.clone())))
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let done = runtime.block_on(registry.execute(CommandContext::operator(), decide));
    (done.map(drop), begun.elapsed())
}

#[test]
fn a_lock_of_another_process_is_waited_for_ten_seconds_by_each_and_no_longer() {
    let server = Server::start();
    let mut other = server.database.conn();
    other.begin().unwrap();
    if server.database.is_postgres() {
        other.batch_execute("SELECT seq FROM ledger_head FOR UPDATE").unwrap();
    }

    let ended: Vec<_> = std::thread::scope(|threads| {
        let waiting: Vec<_> = (0..8)
            .map(|place| {
                let registry = server.registry.clone();
                threads.spawn(move || {
                    std::thread::sleep(Duration::from_millis(400) * place);
                    register(&registry, format!("第{place}企业"))
                })
            })
            .collect();
        waiting.into_iter().map(|it| it.join().unwrap()).collect()
    });

    for (done, waited) in ended {
        assert!(matches!(done, Err(Error::Busy)), "{done:?}");
        assert!(waited > Duration::from_secs(9) && waited < Duration::from_secs(13), "{waited:?}");
    }
    other.rollback().unwrap();
    assert!(register(&server.registry, "后来企业".to_owned()).0.is_ok());
}

#[test]
fn a_database_that_has_gone_silent_is_told_within_two_seconds() {
    let Some((server, proxy)) = Server::start_behind_proxy() else { return };
    let admin = Client::anonymous(&server.admin_url);
    admin.get("/ready").expect(200);

    proxy.swallow();

    for _ in 0..3 {
        let begun = Instant::now();
        admin.get("/ready").expect(503);
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    }
    proxy.cut();
    proxy.pass();
    let begun = Instant::now();
    while admin.get("/ready").status != 200 {
        assert!(begun.elapsed() < Duration::from_secs(10), "it is not ready again");
    }
    server.anybody().get("/v1/lists").expect(200);
}

#[test]
fn a_full_disk_of_postgres_is_busy_and_not_a_defect() {
    let server = Server::start();
    if !server.database.is_postgres() {
        return;
    }
    let full = |raise: &'static str| {
        move |view: &mut View<'_>| -> Result<Decision, Error> {
            let Conn::Postgres(conn) = view.conn else { panic!("not PostgreSQL") };
            diesel::sql_query(format!("DO $$ BEGIN RAISE {raise}; END $$")).execute(conn)?;
            panic!("it was not raised")
        }
    };
    let raised = [
        "'could not extend file \"base/1/2\": No space left on device' USING ERRCODE = 'disk_full'",
        "disk_full",
        "SQLSTATE '53100'",
    ];
    for raise in raised {
        let told = server.wait(server.registry.execute(CommandContext::operator(), full(raise)));
        assert!(matches!(told, Err(Error::Busy)), "{raise}: {told:?}");
    }
    assert!(register(&server.registry, "后来企业".to_owned()).0.is_ok());
}
