//! Many at once: processes, threads, and requests that want the same thing.

use crate::ledger::check_order;
use crate::ledger::ledger_rows::entries;
use lvcai_database::{Conn, migrate};
use lvcai_domain::Role;
use lvcai_store::Clock;
use lvcai_tests::{Answer, BODY, Client, LIST, Serving, Starting, Story, WorkingFolder, address, record, scopes_of};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

const PUSHES: usize = 2000;
const THREADS: usize = 24;

/// A client of its own for a thread, with the token of another.
fn twin(client: &Client, url: &str) -> Client {
    let twin = Client::anonymous(url);
    twin.token.borrow_mut().clone_from(&client.token.borrow());
    twin
}

/// Pushes 2,000 certificates from many threads to the servers in turn, then looks at what became of them.
fn push_all(folder: &WorkingFolder, serving: &[Serving]) {
    folder.accredit(BODY);
    let client = folder.client(&["--organisation", BODY], "holder-1", "certificates:push", &serving[0].url);
    let client = client.authenticated(&Clock::Wall);
    let before = entries(&folder.database).len();
    let next = AtomicUsize::new(0);

    let statuses: Vec<u16> = std::thread::scope(|threads| {
        let pushing: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (client, next) = (twin(&client, &serving[thread % serving.len()].url), &next);
                threads.spawn(move || {
                    let mut statuses = Vec::new();
                    loop {
                        let number = next.fetch_add(1, Ordering::SeqCst);
                        if number >= PUSHES {
                            return statuses;
                        }
                        statuses.push(client.put(&address(BODY, &format!("N-{number}")), &record()).status);
                    }
                })
            })
            .collect();
        pushing.into_iter().flat_map(|it| it.join().unwrap()).collect()
    });

    assert_eq!(statuses.len(), PUSHES);
    let others: Vec<u16> = statuses.into_iter().filter(|status| *status != 201).collect();
    assert!(others.is_empty(), "not 201: {others:?}");
    let ledger = entries(&folder.database);
    check_order(&ledger);
    assert_eq!(ledger.len(), before + PUSHES, "one entry for each push");
    let mut recorded: BTreeMap<&str, usize> = BTreeMap::new();
    ledger
        .iter()
        .filter(|it| it.event == "certificate.issued")
        .for_each(|it| *recorded.entry(&it.subject).or_default() += 1);
    assert_eq!((recorded.len(), recorded.values().max()), (PUSHES, Some(&1)));
    for server in serving {
        assert_eq!(numbers(&twin(&client, &server.url)), PUSHES);
    }
}

/// How many different certificate numbers the list shows, page by page.
fn numbers(client: &Client) -> usize {
    let (mut numbers, mut path) = (Vec::new(), Some("/v1/certificates?limit=500".to_owned()));
    while let Some(page) = path {
        let page = client.get(&page).expect(200);
        numbers.extend(page.body["items"].as_array().unwrap().iter().map(|it| it["number"].to_string()));
        path = page.body["page"]["next"].as_str().map(|next| format!("/v1/certificates?limit=500&cursor={next}"));
    }
    let count = numbers.len();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), count, "a certificate is listed twice");
    count
}

fn started(folder: &WorkingFolder, count: usize) -> Vec<Serving> {
    // On SQLite it would make the registry, which the servers shall do.
    if folder.database.is_postgres() {
        folder.keys();
    }
    let starting: Vec<Starting> = (0..count).map(|_| folder.start()).collect();
    let serving: Vec<Serving> = starting.into_iter().map(Starting::ready).collect();
    let migrated = serving.iter().filter(|it| !it.said().contains("migrations_applied=0")).count();
    assert_eq!(migrated, 1, "the database was migrated {migrated} times");
    serving
}

#[test]
fn of_three_processes_none_loses_or_doubles_a_push() {
    let folder = WorkingFolder::new();
    // Three replicas are what PostgreSQL is for; two processes on one file are a mistake that must do no harm.
    let serving = started(&folder, if folder.database.is_postgres() { 3 } else { 2 });

    push_all(&folder, &serving);

    let loaded = entries(&folder.database).iter().filter(|it| it.event == "certification_body.registered").count();
    assert_eq!(loaded, lvcai_domain::reference::certification_bodies().len(), "reference data was loaded once");
}

#[test]
fn one_process_neither_loses_nor_doubles_a_push() {
    let folder = WorkingFolder::new();
    let serving = started(&folder, 1);

    push_all(&folder, &serving);
}

/// Sends the same from so many threads at the same moment.
fn at_once<T: Send>(clients: Vec<Client>, send: impl Fn(usize, &Client) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(clients.len());
    std::thread::scope(|threads| {
        let sending: Vec<_> = clients
            .into_iter()
            .enumerate()
            .map(|(index, client)| {
                let (barrier, send) = (&barrier, &send);
                threads.spawn(move || {
                    barrier.wait();
                    send(index, &client)
                })
            })
            .collect();
        sending.into_iter().map(|it| it.join().unwrap()).collect()
    })
}

fn keyed(client: &Client, path: &str, key: &str, body: &Value) -> Answer {
    client.send("POST", path, &[("idempotency-key", key)], Some(body.to_string().as_bytes()))
}

#[test]
fn of_many_requests_with_one_key_one_acts() {
    let folder = WorkingFolder::new();
    let serving = started(&folder, if folder.database.is_postgres() { 3 } else { 1 });
    let maker = ["--organisation-name", "大庆示例门窗有限公司", "--role", "enterprise"];
    let client =
        folder.client(&maker, "maker-1", &scopes_of(Role::Enterprise), &serving[0].url).authenticated(&Clock::Wall);

    for round in 0..5 {
        let clients = (0..16).map(|thread| twin(&client, &serving[thread % serving.len()].url)).collect();
        let body = json!({ "name": format!("第{round}种窗"), "kind": "gbm-09" });
        let answers = at_once(clients, |_, client| keyed(client, "/v1/products", &format!("round-{round}"), &body));

        let (replayed, acted): (Vec<&Answer>, Vec<_>) =
            answers.iter().partition(|it| it.header("idempotency-replayed") == "true");
        assert_eq!((acted.len(), replayed.len()), (1, 15));
        for answer in &answers {
            assert_eq!((answer.status, &answer.text), (201, &answers[0].text));
            assert_eq!(
                (answer.header("etag"), answer.header("location")),
                (answers[0].header("etag"), answers[0].header("location"))
            );
        }
    }
    let drafted = entries(&folder.database).iter().filter(|it| it.event == "product.drafted").count();
    assert_eq!(drafted, 5);
}

#[test]
fn of_two_publications_at_once_each_has_a_number_of_its_own() {
    let story = Story::begin();
    let (product, certificate) = (story.product("内平开窗"), story.certificate("A-1"));
    story.evidence(&product, &certificate);
    story.open_list();
    let lists = format!("/v1/lists/{LIST}/publications");
    let approved: Vec<String> = (0..8)
        .map(|number| {
            let draft = json!({ "title": format!("第{number}批"), "products": [product] });
            let id = story.authority.post(&lists, &draft).expect(201).id();
            story.second.post(&format!("{lists}/{id}/transitions"), &json!({ "step": "approve" })).expect(200);
            id
        })
        .collect();

    // Two threads for each of them, with keys of their own.
    let clients = (0..16).map(|_| twin(&story.authority, &story.server.url)).collect();
    let publish = |index: usize, client: &Client| {
        client.post(&format!("{lists}/{}/transitions", approved[index / 2]), &json!({ "step": "publish" }))
    };
    let answers = at_once(clients, publish);

    let (done, refused): (Vec<&Answer>, Vec<_>) = answers.iter().partition(|it| it.status == 200);
    assert_eq!((done.len(), refused.len()), (8, 8));
    assert!(
        refused.iter().all(|it| (it.status, &it.body["type"]) == (409, &json!(lvcai_tests::problem("illegal-step")))),
        "{refused:?}"
    );
    let mut numbers: Vec<i64> = done.iter().map(|it| it.body["number"].as_i64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
    let listings = story.anybody.get("/v1/listings").expect(200);
    assert_eq!(listings.body["items"].as_array().unwrap().len(), 1, "the product stands in the list once");
    check_order(&crate::ledger::ledger_rows::ledger(&story.server));
}

#[test]
fn of_many_pushes_of_one_number_one_is_the_first() {
    let story = Story::begin();
    for round in 0..5 {
        let clients = (0..12).map(|_| twin(&story.body, &story.server.url)).collect();
        let path = address(BODY, &format!("CABR-{round}"));

        let answers = at_once(clients, |_, client| client.put(&path, &record()));

        let created = answers.iter().filter(|it| it.status == 201).count();
        let unchanged = answers.iter().filter(|it| it.status == 200).count();
        assert_eq!((created, unchanged), (1, 11), "{answers:?}");
        assert!(answers.iter().all(|it| it.text == answers[0].text));
    }
    assert_eq!(story.anybody.get("/v1/certificates").body["items"].as_array().unwrap().len(), 5);
}

#[test]
fn of_two_amendments_of_one_version_one_is_refused() {
    let story = Story::begin();
    let product = story.product("内平开窗");
    let path = format!("/v1/products/{product}");
    let etag = story.anybody.get(&path).header("etag").to_owned();
    let clients = (0..8).map(|_| twin(&story.enterprise, &story.server.url)).collect();

    let answers =
        at_once(clients, |index, client| client.patch(&path, &etag, &json!({ "trademark": format!("标{index}") })));

    let refused = answers.iter().filter(|it| it.status == 412).count();
    assert_eq!((answers.iter().filter(|it| it.status == 200).count(), refused), (1, 7));
}

#[test]
fn of_many_registrations_of_one_name_one_is_made() {
    let story = Story::begin();
    let clients = (0..8).map(|_| twin(&story.authority, &story.server.url)).collect();
    let new = json!({ "name": "大庆同名建材厂", "roles": ["enterprise"] });

    let answers = at_once(clients, |_, client| client.post("/v1/organisations", &new));

    let doubles = answers.iter().filter(|it| it.slug() == Some("likely-double")).count();
    assert_eq!((answers.iter().filter(|it| it.status == 201).count(), doubles), (1, 7));
}

#[test]
fn of_many_that_open_a_new_file_at_once_one_migrates_and_none_fails() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..20 {
        let url = format!("sqlite:{}", folder.path().join(format!("{round}.db")).display());
        let begin = Barrier::new(6);
        let open = || {
            begin.wait();
            let applied = migrate(&url).unwrap();
            Conn::open(&url).unwrap().ping().unwrap();
            applied
        };

        let applied: Vec<usize> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..6).map(|_| scope.spawn(open)).collect();
            threads.into_iter().map(|it| it.join().unwrap()).collect()
        });

        assert_eq!(applied.iter().filter(|it| **it > 0).count(), 1, "{applied:?}");
    }
}
