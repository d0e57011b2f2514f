//! Crowds that hold on: of readers that never read, of bodies and heads that never end. What the registry keeps for them
//! is bounded, they are sent away in time, and everybody else is answered meanwhile.

use crate::conformity::batch::{BATCH, line};
use crate::process::certifier;
use lvcai_tests::{Client, Serving, WorkingFolder};
use serde_json::{Value, json};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What the process may take, in kB.
const MEMORY: u64 = 256 * 1024;

/// How many there are of each, and how many seconds a request has.
struct Crowd {
    readers: usize,
    bodies: usize,
    heads: usize,
    seconds: u64,
}

/// A tenth and five seconds, unless `LVCAI_TEST_CROWDS` asks for all; for that 10,000 files may have to be allowed
/// (`ulimit -n`).
fn crowd() -> Crowd {
    if std::env::vars().any(|(name, _)| name == "LVCAI_TEST_CROWDS") {
        return Crowd { readers: 400, bodies: 600, heads: 8_000, seconds: 30 };
    }
    Crowd { readers: 60, bodies: 60, heads: 800, seconds: 5 }
}

/// The largest memory that the process has taken, in kB.
fn memory(serving: &Serving) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", serving.id())).unwrap();
    let line = status.lines().find(|it| it.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// How many connections the process has open.
fn connections(serving: &Serving) -> usize {
    let files = std::fs::read_dir(format!("/proc/{}/fd", serving.id())).unwrap();
    let is_socket = |it: &std::path::PathBuf| it.to_string_lossy().starts_with("socket:");
    files.filter_map(|it| std::fs::read_link(it.ok()?.path()).ok()).filter(is_socket).count()
}

/// What is asked, and answered, before half a head.
const ASKED: &[u8] = b"GET /problems/busy HTTP/1.1\r\nhost: x\r\n\r\n";

/// Somebody who sends these bytes and then does nothing any more.
fn holding(serving: &Serving, bytes: &[u8]) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(serving.url.trim_start_matches("http://")).ok()?;
    stream.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    if let Some(half) = bytes.strip_prefix(ASKED) {
        stream.write_all(ASKED).ok()?;
        stream.read(&mut [0; 4096]).ok().filter(|it| *it > 0)?;
        return stream.write_all(half).ok().map(|()| stream);
    }
    match stream.write_all(bytes) {
        // Who is sent away before it has sent everything holds nothing.
        Err(error) if error.kind() != ErrorKind::WouldBlock => None,
        _ => Some(stream),
    }
}

/// 500 public certificates, which are a page of 2.9 MB.
fn fill(folder: &WorkingFolder, serving: &Serving) {
    let models: Vec<String> = (0..190).map(|it| format!("65系列内平开窗-{it:06}")).collect();
    let client = certifier(folder, serving);
    let lines: Vec<Value> = (0..500)
        .map(|it| line(&format!("C-{it}"), &json!({ "units": [{ "name": "65系列内平开窗", "models": models }] })))
        .collect();
    for some in lines.chunks(50) {
        client.post(BATCH, &json!(some)).expect(200);
    }
}

/// Asks as long as a crowd is there: small questions are answered each time, large pages at the latest after a while.
fn honest(serving: &Serving, until: &AtomicBool) -> usize {
    let anybody = Client::anonymous(&serving.url);
    let mut asked = 0;
    while !until.load(Ordering::Relaxed) {
        let begun = Instant::now();
        anybody.get("/v1/kinds").expect(200);
        let items = json!({ "items": [{ "certificate_number": "C-1" }] });
        assert_eq!(anybody.post("/v1/verifications", &items).expect(200).body["verdicts"].as_array().unwrap().len(), 1);
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        while anybody.get("/v1/certificates?limit=500").status != 200 {
            assert!(begun.elapsed() < Duration::from_secs(15), "a large page was refused for 15 s");
            std::thread::sleep(Duration::from_millis(250));
        }
        asked += 1;
    }
    asked
}

/// Lets a crowd come to a server of its own, and waits until the last of it is gone; what there is to tell of it.
fn endure(folder: &WorkingFolder, seconds: u64, (size, what): (usize, &str), bytes: &[u8]) -> String {
    let serving = serve(folder, seconds);
    let (before, start, over) = (connections(&serving), memory(&serving), AtomicBool::new(false));
    let told = std::thread::scope(|threads| {
        let asking = threads.spawn(|| honest(&serving, &over));
        let crowd: Vec<_> = (0..size).filter_map(|_| holding(&serving, bytes)).collect();
        let begun = Instant::now();
        let allowed = Duration::from_secs(seconds + 10);
        while connections(&serving) > before + 4 && begun.elapsed() < allowed {
            std::thread::sleep(Duration::from_millis(100));
        }
        let (left, took) = (connections(&serving), begun.elapsed());
        over.store(true, Ordering::Relaxed);
        let (asked, held, most) = (asking.join().unwrap(), crowd.len(), memory(&serving));
        assert!(left <= before + 4, "{what}: {left} of {size} connections are still open after {took:?}");
        format!("{what}: {held} of {size}, gone after {took:?}, {asked} others answered, {start} to {most} kB")
    });
    assert!(memory(&serving) < MEMORY, "{told}");
    told
}

fn serve(folder: &WorkingFolder, seconds: u64) -> Serving {
    let mut command = folder.command(&["serve"]);
    command.env("LVCAI_REQUEST_SECONDS", seconds.to_string());
    lvcai_tests::Starting::of(command).ready()
}

#[test]
fn a_crowd_that_holds_on_takes_neither_the_memory_nor_the_place_of_others() {
    let (folder, Crowd { readers, bodies, heads, seconds }) = (WorkingFolder::new(), crowd());
    folder.keys();
    let serving = serve(&folder, seconds);
    fill(&folder, &serving);
    let page = Client::anonymous(&serving.url).get("/v1/certificates?limit=500").expect(200).text;
    assert!(page.len() > 2_800_000, "{}", page.len());
    drop(serving);

    let reader = b"GET /v1/certificates?limit=500 HTTP/1.1\r\nhost: x\r\n\r\n";
    println!("{}", endure(&folder, seconds, (readers, "readers"), reader));

    let head = "POST /v1/verifications HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1048576\r\n\r\n";
    let body = [head.as_bytes(), &vec![b' '; (1 << 20) - 10]].concat();
    println!("{}", endure(&folder, seconds, (bodies, "bodies"), &body));

    let half = [ASKED, b"GET /v1/kinds HTTP/1.1\r\nhost: "].concat();
    println!("{}", endure(&folder, seconds, (heads, "heads"), &half));
}
