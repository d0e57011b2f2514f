//! Power cuts: whatever the disk forgets, nothing that was answered is lost.
//!
//! The servers write to a disk that keeps what is synced (`tests/harness/power.c`). That it finds losses is shown by
//! the same cuts into a registry that syncs less.

use crate::conformity::batch::{BATCH, line};
use crate::dice::Dice;
use crate::ledger::check_order;
use crate::ledger::ledger_rows::entries;
use crate::process::{certifier, numbers, push};
use lvcai_store::Clock;
use lvcai_tests::{Client, Cluster, Database, Disk, Serving, WorkingFolder, rounds};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How often the power is cut.
const CUTS: u64 = 3;

/// How many certificates are answered at least between two cuts.
const ANSWERED_BEFORE_A_CUT: usize = 30;

/// How often it is cut at most until a registry that syncs too little has lost something.
const CUTS_UNTIL_LOSS: u64 = 30;

/// How many of a hundred pages reach the disk in every second cut before they are synced.
const SURVIVING: u64 = 30;

/// Whether what is answered is synced before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Syncing {
    AsInProduction,
    TooLittle,
}

/// A registry whose files are all on one disk.
struct Machine {
    disk: Disk,
    folder: WorkingFolder,
    /// PostgreSQL, or the folder of the SQLite file.
    database: Result<Cluster, tempfile::TempDir>,
}

impl Machine {
    fn new(syncing: Syncing) -> Self {
        let disk = Disk::new();
        let (database, url) = match std::env::vars().any(|(name, _)| name == "LVCAI_TEST_DATABASE_URL") {
            true => {
                let weaker: &[&str] = &["synchronous_commit=off"];
                let cluster = Cluster::on(&disk, if syncing == Syncing::TooLittle { weaker } else { &[] });
                let url = cluster.url();
                (Ok(cluster), url)
            }
            false => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", folder.path().join("lvcai.db").display());
                (Err(folder), url)
            }
        };
        let mut folder = WorkingFolder::on(Database::elsewhere(url), disk.environment());
        if syncing == Syncing::TooLittle && database.is_err() {
            folder.program = weakened(&folder);
        }
        folder.keys();
        Self { disk, folder, database }
    }

    /// Cuts the power of everything.
    fn cut(&mut self, serving: &mut Serving) {
        self.disk.cut();
        serving.kill();
        if let Ok(cluster) = &mut self.database {
            cluster.kill();
        }
    }

    /// Starts again from what the disk has.
    fn restart(&mut self, mut survives: impl FnMut() -> bool) -> Serving {
        let data = match &self.database {
            Ok(cluster) => cluster.folder(),
            Err(folder) => folder.path().to_owned(),
        };
        self.disk.lose(&[&data, &self.folder.path("keys")], &mut survives);
        if let Ok(cluster) = &mut self.database {
            cluster.start(&self.disk);
        }
        self.folder.serve()
    }
}

/// The program with an SQLite that does not sync its log at each commit: its one pragma is written over in a copy.
fn weakened(folder: &WorkingFolder) -> PathBuf {
    let path = folder.path("lvcai-weakened");
    std::fs::copy(&folder.program, &path).unwrap();
    let less = "s/PRAGMA synchronous = FULL/PRAGMA synchronous = 1   /";
    let edit = Command::new("sed").args(["-i", less]).arg(&path).env("LC_ALL", "C").status().unwrap();
    let same = Command::new("cmp").arg("-s").args([&folder.program, &path]).status().unwrap();
    assert!(edit.success() && !same.success(), "the pragma is not where it is looked for");
    path
}

/// What was answered, and the next number to be given.
#[derive(Default)]
struct Answered {
    numbers: Mutex<BTreeSet<String>>,
    next: AtomicUsize,
}

impl Answered {
    /// Pushes from many sides until the power goes: once some were answered, and a moment later, so that it goes in
    /// the midst of writing on a slow machine too.
    fn push_until(&self, url: &str, token: &str, moment: Duration, cut: impl FnOnce()) {
        let dead = AtomicBool::new(false);
        let goal = self.count() + ANSWERED_BEFORE_A_CUT;
        std::thread::scope(|threads| {
            for pusher in 0..6 {
                let dead = &dead;
                threads.spawn(move || {
                    while !dead.load(Ordering::SeqCst) {
                        let number = self.next.fetch_add(1, Ordering::SeqCst);
                        let new = match pusher {
                            0 => self.batch(url, token, number),
                            _ => self.single(url, token, number),
                        };
                        self.numbers.lock().unwrap().extend(new);
                    }
                });
            }
            let patience = Instant::now() + Duration::from_secs(120);
            while self.count() < goal && Instant::now() < patience {
                std::thread::sleep(Duration::from_millis(5));
            }
            std::thread::sleep(moment);
            cut();
            dead.store(true, Ordering::SeqCst);
        });
    }

    fn count(&self) -> usize {
        self.numbers.lock().unwrap().len()
    }

    fn single(&self, url: &str, token: &str, number: usize) -> Vec<String> {
        let number = format!("P-{number}");
        if push(url, token, &number) == Some(201) { vec![number] } else { Vec::new() }
    }

    fn batch(&self, url: &str, token: &str, number: usize) -> Vec<String> {
        let names: Vec<String> = (0..40).map(|place| format!("P-{number}-{place}")).collect();
        let lines: Vec<Value> = names.iter().map(|it| line(it, &json!({}))).collect();
        let request = ureq::post(format!("{url}{BATCH}"))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .header("idempotency-key", format!("power-{number}"));
        let answer = request.send(json!(lines).to_string().as_bytes()).ok();
        let answer = answer.and_then(|mut it| it.body_mut().read_to_string().ok());
        let created = answer.is_some_and(|it| serde_json::from_str::<Value>(&it).unwrap()["created"] == 40);
        if created { names } else { Vec::new() }
    }

    /// What was answered and is not there.
    fn lost(&self, serving: &Serving) -> BTreeSet<String> {
        let kept: BTreeSet<String> = numbers(&Client::anonymous(&serving.url)).into_iter().collect();
        self.numbers.lock().unwrap().difference(&kept).cloned().collect()
    }
}

/// A token for the next while: one lives for ten minutes, and many cuts take longer.
fn token(client: &Client, serving: &Serving) -> String {
    client.at(&serving.url).authenticated(&Clock::Wall).token.borrow().clone().unwrap()
}

#[test]
fn a_power_cut_loses_nothing_that_was_answered() {
    let (mut machine, answered) = (Machine::new(Syncing::AsInProduction), Answered::default());
    let mut dice = Dice(20_261_126);
    let mut serving = machine.folder.serve();
    let client = certifier(&machine.folder, &serving);

    for cut in 0..rounds(CUTS) {
        let (url, token) = (serving.url.clone(), token(&client, &serving));
        let (moment, surviving) = (Duration::from_millis(dice.below(300)), if cut % 2 == 0 { 0 } else { SURVIVING });
        answered.push_until(&url, &token, moment, || machine.cut(&mut serving));
        serving = machine.restart(|| dice.below(100) < surviving);
        let lost = answered.lost(&serving);
        assert!(lost.is_empty(), "cut {cut}: answered and lost: {lost:?}");
    }

    let (cuts, count) = (rounds(CUTS), answered.count());
    eprintln!("{cuts} cuts into {count} certificates that were answered");
    assert!(count >= usize::try_from(cuts).unwrap() * ANSWERED_BEFORE_A_CUT, "only {count} certificates were answered");
    check_order(&entries(&machine.folder.database));
    machine.folder.run(&["audit"]).expect(0);
    let token = token(&client, &serving);
    assert_eq!(push(&serving.url, &token, "P-LAST"), Some(201), "it is not written to any more: {}", serving.said());
}

#[test]
fn less_syncing_loses_what_was_answered() {
    let (mut machine, answered) = (Machine::new(Syncing::TooLittle), Answered::default());
    let mut dice = Dice(20_261_126);
    let mut serving = machine.folder.serve();
    let client = certifier(&machine.folder, &serving);

    let found = (0..CUTS_UNTIL_LOSS).any(|_| {
        let (url, token) = (serving.url.clone(), token(&client, &serving));
        let moment = Duration::from_millis(dice.below(300));
        answered.push_until(&url, &token, moment, || machine.cut(&mut serving));
        serving = machine.restart(|| false);
        !answered.lost(&serving).is_empty()
    });

    assert!(found, "the disk forgot nothing, so it proves nothing either");
}
