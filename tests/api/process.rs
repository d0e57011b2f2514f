//! The binary as a user meets it.

use lvcai_tests::{
    BODY, Client, CommandOutput, LIST, Serving, Starting, Story, WorkingFolder, address, record, rounds,
};
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How often a server is killed.
const KILLS: u64 = 4;

const CERTIFIER: [&str; 2] = ["--organisation", BODY];

/// A client of the certification body, with a token.
pub(crate) fn certifier(folder: &WorkingFolder, serving: &Serving) -> Client {
    folder.accredit(BODY);
    folder.client(&CERTIFIER, "holder-1", "certificates:push", &serving.url).authenticated(&lvcai_store::Clock::Wall)
}

pub(crate) fn numbers(client: &Client) -> Vec<String> {
    let (mut numbers, mut path) = (Vec::new(), Some("/v1/certificates?limit=500".to_owned()));
    while let Some(page) = path {
        let page = client.get(&page).expect(200);
        numbers
            .extend(page.body["items"].as_array().unwrap().iter().map(|it| it["number"].as_str().unwrap().to_owned()));
        path = page.body["page"]["next"].as_str().map(|next| format!("/v1/certificates?limit=500&cursor={next}"));
    }
    numbers
}

#[test]
fn two_servers_started_at_once_on_nothing_both_serve() {
    for _ in 0..3 {
        let folder = WorkingFolder::new();
        if folder.database.is_postgres() {
            folder.keys();
        }

        let starting: Vec<Starting> = (0..2).map(|_| folder.start()).collect();
        let serving: Vec<Serving> = starting.into_iter().map(Starting::ready).collect();

        let migrated: usize = serving.iter().filter(|it| !it.said().contains("migrations_applied=0")).count();
        assert_eq!(migrated, 1, "{} {}", serving[0].said(), serving[1].said());
        let client = certifier(&folder, &serving[0]);
        client.put(&address(BODY, "A-1"), &record()).expect(201);
        let mut other = Client::anonymous(&serving[1].url);
        other.token.clone_from(&client.token);
        other.put(&address(BODY, "A-1"), &record()).expect(200);
    }
}

#[test]
fn a_killed_server_has_kept_every_push_it_answered() {
    let folder = WorkingFolder::new();
    folder.keys();
    let mut serving = folder.serve();
    let client = certifier(&folder, &serving);
    let token = client.token.borrow().clone();
    let (answered, next) = (Mutex::new(Vec::new()), AtomicUsize::new(0));

    for round in 0..rounds(KILLS) {
        let (url, dead) = (serving.url.clone(), AtomicBool::new(false));
        std::thread::scope(|threads| {
            for _ in 0..8 {
                threads.spawn(|| {
                    while !dead.load(Ordering::SeqCst) {
                        let number = format!("K-{}", next.fetch_add(1, Ordering::SeqCst));
                        if push(&url, token.as_deref().unwrap(), &number) == Some(201) {
                            answered.lock().unwrap().push(number);
                        }
                    }
                });
            }
            std::thread::sleep(Duration::from_millis(250 + 130 * (round % 4)));
            // On a busy machine the first answers take longer.
            let enough = usize::try_from(12 * (round + 1)).unwrap();
            let late = Instant::now() + Duration::from_secs(10);
            while answered.lock().unwrap().len() < enough && Instant::now() < late {
                std::thread::sleep(Duration::from_millis(20));
            }
            serving.kill();
            dead.store(true, Ordering::SeqCst);
        });
        serving = folder.serve();
    }

    let (answered, kept) = (answered.into_inner().unwrap(), numbers(&Client::anonymous(&serving.url)));
    assert!(answered.len() > 40, "only {} pushes were answered", answered.len());
    let lost: Vec<_> = answered.iter().filter(|number| !kept.contains(number)).collect();
    assert!(lost.is_empty(), "answered and lost: {lost:?}");
    let mut distinct = kept.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), kept.len(), "a certificate is there twice");
    // At most what was in flight when the server died has come without an answer.
    assert!(
        kept.len() <= answered.len() + usize::try_from(8 * rounds(KILLS)).unwrap(),
        "{} kept of {} answered",
        kept.len(),
        answered.len()
    );
    crate::ledger::check_order(&crate::ledger::ledger_rows::entries(&folder.database));
}

/// Pushes a certificate; nothing when there was no answer.
pub(crate) fn push(url: &str, token: &str, number: &str) -> Option<u16> {
    let agent = ureq::Agent::new_with_config(ureq::Agent::config_builder().http_status_as_error(false).build());
    let request =
        agent.put(format!("{url}{}", address(BODY, number))).header("authorization", format!("Bearer {token}"));
    let response = request.header("content-type", "application/json").send(record().to_string().as_bytes());
    response.ok().map(|response| response.status().as_u16())
}

#[test]
fn a_stop_answers_what_is_in_flight() {
    let folder = WorkingFolder::new();
    folder.keys();
    let mut serving = folder.serve();
    let token = certifier(&folder, &serving).token.borrow().clone().unwrap();
    let (url, stop, done) = (serving.url.clone(), AtomicBool::new(false), Mutex::new(Vec::new()));
    let refused = std::thread::scope(|threads| {
        let pushing: Vec<_> = (0..8)
            .map(|thread| {
                let (url, token, stop, done) = (&url, &token, &stop, &done);
                threads.spawn(move || {
                    let mut broken = 0;
                    for number in 0.. {
                        let number = format!("S-{thread}-{number}");
                        match push(url, token, &number) {
                            Some(status) => done.lock().unwrap().push((number, status)),
                            None if stop.load(Ordering::SeqCst) => break,
                            None => broken += 1,
                        }
                    }
                    broken
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(400));
        // A request whose body is still on its way when the stop comes.
        let slow = threads.spawn(|| slow_push(&url, &token));
        std::thread::sleep(Duration::from_millis(300));
        stop.store(true, Ordering::SeqCst);
        serving.ask_to_stop();
        assert_eq!(serving.ended(), Some(0), "{}", serving.said());
        assert!(slow.join().unwrap().starts_with("HTTP/1.1 201"), "the request in flight was not answered");
        pushing.into_iter().map(|it| it.join().unwrap()).sum::<i32>()
    });

    assert_eq!(refused, 0, "requests were cut off before the stop");
    assert!(serving.said().contains("stopped"), "{}", serving.said());
    let serving = folder.serve();
    let kept = numbers(&Client::anonymous(&serving.url));
    for (number, status) in done.into_inner().unwrap() {
        assert_eq!((status, kept.contains(&number)), (201, true), "{number}");
    }
    assert!(kept.contains(&"SLOW".to_owned()));
}

/// Sends a push in two halves, a second apart; the head of its answer.
fn slow_push(url: &str, token: &str) -> String {
    use std::io::{Read, Write};

    let host = url.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    let (path, body) = (address(BODY, "SLOW"), record().to_string());
    let head = format!(
        "PUT {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let (first, second) = body.split_at(40);
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(first.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_secs(1));
    stream.write_all(second.as_bytes()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut answer = [0; 512];
    let length = stream.read(&mut answer).unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

#[test]
fn a_mistyped_database_address_is_an_error_and_makes_no_file() {
    let folder = WorkingFolder::new();
    for address in [
        "postgre://127.0.0.1/lvcai",
        "postgres:/127.0.0.1/lvcai",
        "data/lvcai.db",
        "mysql://127.0.0.1/lvcai",
        "",
        "sqlite:",
    ] {
        for arguments in [&["serve"][..], &["client", "list"], &["import", "list.csv", "--authority", "大庆"]] {
            std::fs::write(folder.path("list.csv"), "企业名称,产品名称,证书编号\n甲,乙,丙\n").unwrap();

            let mut command = folder.command(arguments);
            let said = CommandOutput::from(command.env("LVCAI_DATABASE_URL", address).output().unwrap()).expect(1);

            assert!(said.err.contains("lvcai: "), "{address}: {}", said.err);
            assert!(!said.err.contains("panicked"), "{address}: {}", said.err);
            std::fs::remove_file(folder.path("list.csv")).unwrap();
            let made: Vec<_> = std::fs::read_dir(folder.path(".")).unwrap().map(|it| it.unwrap().file_name()).collect();
            assert!(made.iter().all(|name| name == "lvcai.db" || name == "keys"), "{address}: {made:?}");
        }
    }
}

#[test]
fn a_missing_key_is_named() {
    let folder = WorkingFolder::new();
    if !folder.database.is_postgres() {
        // One machine, one folder: the embedded registry makes its own keys.
        drop(folder.serve());
        assert!(folder.path("keys/token.pem").exists());
        return;
    }

    let said = folder.run(&["serve"]).expect(1);

    assert!(said.err.contains("token.pem") && said.err.contains("lvcai keys"), "{}", said.err);
    assert!(!folder.path("keys/token.pem").exists(), "a replica has made keys of its own");
}

#[test]
fn a_published_document_is_verified_offline() {
    let (story, folder) = (Story::begin(), WorkingFolder::new());
    let (product, certificate) = (story.product("65系列内平开塑料窗"), story.certificate("A-1"));
    story.evidence(&product, &certificate);
    story.open_list();
    story.publish(&[&product]);
    let document = story.anybody.get(&format!("/v1/lists/{LIST}/publications/1/document")).expect(200);
    let jwks = story.anybody.get("/.well-known/jwks.json").expect(200);
    std::fs::write(folder.path("jwks.json"), &jwks.text).unwrap();
    // Nothing that it might ask can be reached.
    let verify = |text: &str| {
        std::fs::write(folder.path("document.json"), text).unwrap();
        let mut command = folder.command(&["verify", "document.json", "--jwks", "jwks.json"]);
        let offline =
            command.env("LVCAI_DATABASE_URL", "postgres://127.0.0.1:1/none").env("http_proxy", "http://127.0.0.1:1");
        CommandOutput::from(offline.output().unwrap())
    };

    let said = verify(&document.text).expect(0);

    assert!(said.out.contains("OK") && said.out.contains(LIST) && said.out.contains("no. 1"), "{}", said.out);
    for tampered in tampered(&document.body) {
        let said = verify(&tampered.to_string()).expect(1);
        assert!(said.out.contains("NOT VALID"), "{tampered} {}", said.out);
    }
    verify("not a document").expect(1);
    std::fs::write(folder.path("jwks.json"), "{\"keys\":[]}").unwrap();
    verify(&document.text).expect(1);
}

/// The document with a star more, another header, a cut signature, a foreign payload.
fn tampered(document: &Value) -> Vec<Value> {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;

    let payload = String::from_utf8(BASE64.decode(document["payload"].as_str().unwrap()).unwrap()).unwrap();
    let header = String::from_utf8(BASE64.decode(document["protected"].as_str().unwrap()).unwrap()).unwrap();
    let signature = document["signature"].as_str().unwrap();
    let with = |field: &str, value: String| {
        let mut changed = document.clone();
        changed[field] = value.into();
        changed
    };
    assert!(payload.contains("\"star\":3"));
    let mut all = vec![
        with("payload", BASE64.encode(payload.replace("\"star\":3", "\"star\":2"))),
        with("payload", BASE64.encode(payload.replace("A-1", "A-2"))),
        with("protected", BASE64.encode(header.replace("EdDSA", "none"))),
        with("protected", BASE64.encode(header.replace("publication", "permission"))),
        with("signature", String::new()),
        with("signature", signature[..signature.len() - 4].to_owned()),
        with("signature", BASE64.encode([0; 64])),
        with("payload", BASE64.encode("{}")),
    ];
    let mut unsigned = document.clone();
    unsigned.as_object_mut().unwrap().remove("signature");
    all.push(unsigned);
    all
}

#[test]
fn the_document_of_the_interface_is_printed() {
    let said = WorkingFolder::new().run(&["openapi"]).expect(0);

    assert!(said.out.starts_with("openapi: \"3.1"), "{}", &said.out[..80]);
    assert!(said.out.contains("\"/v1/products/{id}\":"));
}

#[test]
fn the_settings_in_effect_are_printed_without_secrets() {
    let folder = WorkingFolder::new();
    let mut command = folder.command(&["config"]);
    let address = "postgres://lvcai:geheim%21@127.0.0.1:1/lvcai?password=geheim%21";

    let said = CommandOutput::from(command.env("LVCAI_DATABASE_URL", address).output().unwrap()).expect(0);

    assert!(said.out.contains("127.0.0.1:1/lvcai") && said.out.contains("https://registry.test"), "{}", said.out);
    assert!(!said.out.contains("geheim") && !said.err.contains("geheim"), "{}", said.out);
}

#[test]
fn no_command_shows_the_password_of_an_address_that_cannot_be_read() {
    let folder = WorkingFolder::new();
    let addresses = ["postgres://u:S3CRET%zz@127.0.0.1:1/d", "postgres://u:S3CRET/d", "host=h password=S3CRET"];
    for address in addresses {
        for command in ["config", "serve", "clock", "audit"] {
            let mut command = folder.command(&[command]);
            let said = CommandOutput::from(command.env("LVCAI_DATABASE_URL", address).output().unwrap());
            assert!(said.code != Some(0) && said.err.contains("LVCAI_DATABASE_URL"), "{}", said.err);
            assert!(!said.err.contains("S3CRET") && !said.out.contains("S3CRET"), "{}{}", said.out, said.err);
        }
    }
}

#[test]
fn a_setting_that_cannot_be_read_is_named() {
    let folder = WorkingFolder::new();
    for (name, value) in [("LVCAI_ADDRESS", "8080"), ("LVCAI_WORKERS", "many"), ("LVCAI_BODY_LIMIT", "1 MB")] {
        let said = CommandOutput::from(folder.command(&["config"]).env(name, value).output().unwrap()).expect(1);
        assert!(said.err.contains(name) && said.err.contains(value), "{}", said.err);
    }
}

#[test]
fn clients_are_added_rotated_listed_and_revoked_while_the_registry_serves() {
    let folder = WorkingFolder::new();
    folder.keys();
    let serving = folder.serve();
    let clock = lvcai_store::Clock::Wall;
    let client = certifier(&folder, &serving);
    let id = client.id.unwrap().to_string();
    client.put(&address(BODY, "A-1"), &record()).expect(201);
    assert_eq!(client.put("/v1/lists", &json!({})).status / 100, 4);
    let listed = folder.run(&["client", "list"]).expect(0).out;
    assert!(listed.contains(&id) && listed.contains("certificates:push") && listed.contains("Active"), "{listed}");

    let fresh = folder.path("fresh");
    folder.run(&["client", "rotate", &id, "--generate", fresh.to_str().unwrap()]).expect(0);

    assert_eq!(
        client.ask_for_token(&client.sign(&client.claims(clock.now())), None).status,
        401,
        "the old key still counts"
    );
    let pem = std::fs::read_to_string(fresh.join(format!("{id}.pem"))).unwrap();
    let rotated = Client::known(&serving.url, client.id.unwrap(), lvcai_domain::OrganisationId::mint(), pem)
        .authenticated(&clock);
    rotated.put(&address(BODY, "A-2"), &record()).expect(201);

    folder.run(&["client", "revoke", &id]).expect(0);

    rotated.put(&address(BODY, "A-3"), &record()).problem(401, "unauthenticated");
    assert!(folder.run(&["client", "list"]).expect(0).out.contains("Revoked"));
}

#[test]
fn a_client_brings_its_own_key_and_a_wrong_one_is_refused() {
    let folder = WorkingFolder::new();
    folder.keys();
    let own = folder.client(
        &["--organisation-name", "大庆市工业和信息化局", "--role", "authority"],
        "bureau-1",
        "lists:open",
        "",
    );
    let jwks = folder.path("clients").join(format!("{}.jwks.json", own.id.unwrap()));
    let add = |jwks: &str| {
        let fixed = [
            "client",
            "add",
            "--organisation-name",
            "大庆市工业和信息化局",
            "--holder",
            "bureau-2",
            "--scopes",
            "lists:open",
            "--jwks",
        ];
        folder.run(&[&fixed[..], &[jwks]].concat())
    };

    assert!(add(jwks.to_str().unwrap()).expect(0).out.starts_with("clnt_"));

    for wrong in ["{}", "{\"keys\":[]}", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}", "not json"] {
        std::fs::write(folder.path("wrong.json"), wrong).unwrap();
        let said = add(folder.path("wrong.json").to_str().unwrap()).expect(1);
        assert!(said.err.contains("lvcai: ") && !said.err.contains("panicked"), "{wrong}: {}", said.err);
    }
    assert!(add("missing.json").expect(1).err.contains("missing.json"));
    assert_eq!(folder.run(&["client", "list"]).expect(0).out.lines().count(), 2);
    folder
        .run(&["client", "add", "--organisation", BODY, "--holder", "h", "--scopes", "everything", "--generate", "."])
        .expect(2);
}
