//! Readers: what many questions at once leave to others, and connections that are lost.

use crate::ledger::organisation;
use diesel::sql_types::Integer;
use diesel::{QueryableByName, RunQueryDsl as _};
use lvcai_domain::Event;
use lvcai_store::{AsOf, Change, CommandContext, Conn, Decision, Registry, View, ledger};
use lvcai_tests::{Client, Server};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;

/// Runs something asynchronous on a thread of its own.
fn beside<F: Future<Output = ()>>(start: impl FnOnce() -> F + Send + 'static) -> JoinHandle<()> {
    std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(start());
    })
}

/// Reads that hold their connection until `go` is dropped; `begun` hears of each that has one.
fn hold(registry: &Registry, long: bool, begun: &mpsc::Sender<()>, go: &Arc<Mutex<()>>) -> JoinHandle<()> {
    let (registry, begun, go) = (registry.clone(), begun.clone(), Arc::clone(go));
    let work = move |_: &mut Conn| {
        begun.send(()).unwrap();
        drop(go.lock().unwrap());
        Ok(())
    };
    beside(move || async move {
        if long {
            registry.read_long_on(AsOf::Now.into(), move |conn, _| work(conn)).await.unwrap();
        } else {
            registry.read(work).await.unwrap();
        }
    })
}

#[test]
fn a_registry_is_ready_though_no_reader_is_free() {
    let server = Server::start_with(&[("LVCAI_READERS", "1")]);
    let (go, (tell, begun)) = (Arc::new(Mutex::new(())), mpsc::channel());
    let wait = go.lock().unwrap();
    let held = hold(&server.registry, false, &tell, &go);
    begun.recv().unwrap();

    server.anybody().get("/v1/lists").problem(503, "busy");
    let admin = Client::anonymous(&server.admin_url);
    admin.get("/ready").expect(200);
    admin.get("/health").expect(200);

    drop(wait);
    held.join().unwrap();
}

#[test]
fn many_long_reads_leave_a_reader_to_the_quick_ones() {
    let server = Server::start_with(&[("LVCAI_READERS", "3")]);
    let (go, (tell, begun)) = (Arc::new(Mutex::new(())), mpsc::channel());
    let wait = go.lock().unwrap();
    let held: Vec<_> = (0..8).map(|_| hold(&server.registry, true, &tell, &go)).collect();
    begun.recv().unwrap();
    begun.recv().unwrap();

    server.anybody().get("/v1/lists").expect(200);

    assert!(begun.try_recv().is_err(), "a third long read has a connection");
    drop(wait);
    for held in held {
        held.join().unwrap();
    }
}

#[test]
fn searches_and_large_pages_wait_for_their_turn_and_point_reads_do_not() {
    let server = Server::start_with(&[("LVCAI_READERS", "3")]);
    let (go, (tell, begun)) = (Arc::new(Mutex::new(())), mpsc::channel());
    let wait = go.lock().unwrap();
    let held: Vec<_> = (0..2).map(|_| hold(&server.registry, true, &tell, &go)).collect();
    begun.recv().unwrap();
    begun.recv().unwrap();

    let (told, answered) = mpsc::channel();
    let paths = ["/v1/products?q=%E6%B0%B4%E6%B3%A5", "/v1/products?star_min=2", "/v1/certificates?limit=500"];
    let asking = paths.map(|path| {
        let (anybody, told) = (server.anybody(), told.clone());
        std::thread::spawn(move || told.send((path, anybody.get(path).status)).unwrap())
    });
    for _ in 0..20 {
        server.anybody().get("/v1/lists").expect(200);
        server.anybody().get("/v1/products?limit=10").expect(200);
    }

    assert_eq!(answered.try_recv().ok(), None);
    drop(wait);
    for thread in asking {
        thread.join().unwrap();
    }
    assert!(answered.try_iter().all(|(_, status)| status == 200));
    for held in held {
        held.join().unwrap();
    }
}

/// Ends the session behind a connection, as a restart of PostgreSQL does.
fn cut_off(conn: &mut Conn, url: &str) {
    #[derive(QueryableByName)]
    struct Session {
        #[diesel(sql_type = Integer)]
        pid: i32,
    }
    let Conn::Postgres(conn) = conn else { panic!("SQLite has no sessions") };
    let session: Session = diesel::sql_query("SELECT pg_backend_pid() AS pid").get_result(conn).unwrap();
    let end = format!("DO $$ BEGIN PERFORM pg_terminate_backend({}, 5000); END $$", session.pid);
    Conn::open(url).unwrap().batch_execute(&end).unwrap();
}

#[test]
fn a_read_whose_connection_is_lost_is_read_on_another() {
    let server = Server::start();
    if !server.database.is_postgres() {
        return;
    }
    let runs = Arc::new(AtomicUsize::new(0));
    let cut_each = |times: usize| {
        let (url, runs) = (server.database.url.clone(), Arc::clone(&runs));
        move |conn: &mut Conn| {
            if runs.fetch_add(1, Ordering::SeqCst) < times {
                cut_off(conn, &url);
            }
            Ok(ledger::head(conn)?.seq)
        }
    };

    let head = server.wait(server.registry.read(cut_each(1))).unwrap();

    assert_eq!((head > 0, runs.load(Ordering::SeqCst)), (true, 2));
    let lost = server.wait(server.registry.read(cut_each(9)));
    assert!(matches!(lost, Err(lvcai_store::Error::Busy)), "{lost:?}");
}

#[test]
fn a_write_whose_connection_is_lost_is_written_on_another() {
    let server = Server::start();
    if !server.database.is_postgres() {
        return;
    }
    let cut_each = |times: usize, name: &str| {
        let (url, mut runs) = (server.database.url.clone(), 0);
        let organisation = organisation(name.to_owned());
        move |view: &mut View<'_>| {
            runs += 1;
            if runs <= times {
                cut_off(view.conn, &url);
            }
            ledger::head(view.conn)?;
            Ok(Decision::change(Change::create(Event::OrganisationRegistered, organisation.clone())))
        }
    };

    let written = server.wait(server.registry.execute(CommandContext::operator(), cut_each(1, "甲企业")));
    let lost = server.wait(server.registry.execute(CommandContext::operator(), cut_each(9, "乙企业")));

    assert!(written.unwrap().created);
    assert!(matches!(lost, Err(lvcai_store::Error::Busy)), "{lost:?}");
    let named = |name: &str| server.anybody().get(&format!("/v1/organisations?name={name}")).expect(200).body;
    assert_eq!(named("%E7%94%B2%E4%BC%81%E4%B8%9A")["items"].as_array().unwrap().len(), 1);
    assert_eq!(named("%E4%B9%99%E4%BC%81%E4%B8%9A")["items"].as_array().unwrap().len(), 0);
}
