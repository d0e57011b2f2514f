//! The registry behind nginx, with the configuration in `api/deploy`; nothing is tested where there is no nginx.

use crate::process::certifier;
use lvcai_tests::{BODY, Client, Serving, WorkingFolder, address, record, workspace};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A number as bodies write them, with what a proxy likes to decode or to tidy up.
const HARD_NUMBER: &str = "绿/2026（01）【甲】//../X+1";

/// An nginx that runs as the user of the test, and ends with its owner.
struct Nginx {
    child: Child,
    /// `127.0.0.1:PORT`.
    address: String,
}

impl Nginx {
    /// Starts it before a registry; nothing where it is not installed.
    fn before(serving: &Serving, folder: &WorkingFolder) -> Option<Self> {
        let program = program()?;
        let (address, plain) = (free_address(), free_address());
        let home = folder.path("nginx");
        std::fs::create_dir(&home).unwrap();
        let (registry, shown) = (serving.url.trim_start_matches("http://"), home.display().to_string());
        std::fs::write(home.join("site.conf"), site(&address, &plain, registry, &shown)).unwrap();
        std::fs::write(home.join("nginx.conf"), frame(&shown)).unwrap();

        let mut command = Command::new(program);
        command.arg("-p").arg(&home).arg("-c").arg(home.join("nginx.conf")).arg("-e").arg(home.join("error.log"));
        let mut nginx = Self { child: command.stdin(Stdio::null()).spawn().unwrap(), address };
        nginx.wait(&home.join("error.log"));
        Some(nginx)
    }

    /// Waits until it takes connections.
    fn wait(&mut self, log: &Path) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(&self.address).is_err() {
            let ended = self.child.try_wait().unwrap();
            let said = || std::fs::read_to_string(log).unwrap_or_default();
            assert!(ended.is_none() && Instant::now() < deadline, "nginx does not serve ({ended:?}): {}", said());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The same client, by way of nginx.
    fn client(&self, direct: &Client) -> Client {
        let mut client = Client::anonymous(&format!("http://{}", self.address));
        client.token.clone_from(&direct.token);
        client
    }

    /// Sends bytes, and waits for what comes back until the connection ends.
    fn raw(&self, bytes: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(bytes.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // nginx resets a connection that took too long, which is an end as well.
        drop(stream.read_to_end(&mut answer));
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian keeps it where only the administrator's PATH leads.
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join("nginx")).find(|it| it.is_file())
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// The committed configuration at other addresses, without TLS, and with a second for a head instead of ten.
fn site(address: &str, plain: &str, registry: &str, home: &str) -> String {
    let committed = std::fs::read_to_string(workspace().join("api/deploy/nginx.conf")).unwrap();
    let left_out = ["listen [::]", "ssl_"];
    let kept = committed.lines().filter(|line| !left_out.iter().any(|it| line.trim_start().starts_with(it)));
    let mut site = kept.collect::<Vec<_>>().join("\n");
    for (committed, here) in [
        ("listen 80;", format!("listen {plain};")),
        ("listen 443 ssl http2;", format!("listen {address};")),
        ("server 127.0.0.1:8080;", format!("server {registry};")),
        ("/var/log/nginx/", format!("{home}/")),
        ("client_header_timeout 10s;", "client_header_timeout 1s;".to_owned()),
        ("server_name registry.example;", "server_name registry.example 127.0.0.1;".to_owned()),
    ] {
        assert!(site.contains(committed), "{committed} is not in nginx.conf any more");
        site = site.replace(committed, &here);
    }
    site
}

/// What Debian's nginx.conf is to a site: one process, in the foreground, which writes into a folder of its own.
fn frame(home: &str) -> String {
    let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let folders: String = folders.iter().map(|it| format!("    {it}_temp_path {home}/{it};\n")).collect();
    format!(
        "daemon off;\nmaster_process off;\npid {home}/nginx.pid;\nevents {{ }}\n\
         http {{\n{folders}    include {home}/site.conf;\n}}\n"
    )
}

#[test]
fn a_registry_behind_nginx_answers_as_without_it() {
    let folder = WorkingFolder::new();
    folder.keys();
    let serving = folder.serve();
    let direct = certifier(&folder, &serving);
    let Some(nginx) = Nginx::before(&serving, &folder) else {
        eprintln!("skipped: nginx is not installed, so its configuration in api/deploy is not tried");
        return;
    };
    let client = nginx.client(&direct);

    numbers_and_tags(&client, &direct);
    ids(&client);
    bodies(&client);
    for path in ["/health", "/ready"] {
        client.get(path).problem(404, "not-found");
    }
    slow_heads(&nginx);
}

/// Numbers arrive as they were sent, and an ETag that was weakened on its way out is strong again on its way in.
fn numbers_and_tags(client: &Client, direct: &Client) {
    let path = address(BODY, HARD_NUMBER);
    let units: Vec<Value> =
        (0..60).map(|it| json!({ "name": format!("{it}系列"), "models": [it.to_string()] })).collect();
    let mut body = record();
    body["units"] = json!(units);
    assert_eq!(client.put(&path, &body).expect(201).body["number"], HARD_NUMBER);
    let strong = direct.get(&path).expect(200).header("etag").to_owned();

    let packed = client.send("GET", &path, &[("accept-encoding", "gzip")], None).expect(200);
    let weak = packed.header("etag").to_owned();
    assert_eq!((packed.header("content-encoding"), weak.as_str()), ("gzip", format!("W/{strong}").as_str()));
    let known = client.send("GET", &path, &[("accept-encoding", "gzip"), ("if-none-match", &weak)], None);
    known.expect(304);

    for (etag, status) in [(&weak, 200), (&weak, 412), (&strong, 412)] {
        body["product_name"] = json!(format!("{}改", body["product_name"].as_str().unwrap()));
        let answer = client.send("PUT", &path, &[("if-match", etag)], Some(body.to_string().as_bytes()));
        answer.expect(status);
    }
    let strong = direct.get(&path).expect(200).header("etag").to_owned();
    client.send("PUT", &path, &[("if-match", &strong)], Some(body.to_string().as_bytes())).expect(200);
}

/// An id passes both ways; one that the registry would not take is replaced, and one that is missing is made.
fn ids(client: &Client) {
    let answer = client.send("GET", "/v1/nothing", &[("x-request-id", "caller-1")], None).expect(404);
    assert_eq!((answer.header("x-request-id"), answer.body["request_id"].as_str()), ("caller-1", Some("caller-1")));
    for headers in [&[("x-request-id", "not a plain one")][..], &[]] {
        let answer = client.send("GET", "/v1/nothing", headers, None).expect(404);
        let id = answer.header("x-request-id");
        assert_eq!((id.len(), answer.body["request_id"].as_str()), (32, Some(id)), "made by nginx");
        assert_eq!(answer.headers.get_all("x-request-id").iter().count(), 1);
    }
}

/// A large batch passes; of other bodies a megabyte does, and one byte more does not.
fn bodies(client: &Client) {
    let mut batch = record();
    batch["number"] = json!("A/1");
    // Blank lines are none: so it is 5 MB that arrive, and little that is written.
    let batch = format!("{batch}{}", "\n".repeat(5_000_000));
    let headers = [("content-type", "application/x-ndjson"), ("idempotency-key", "proxy-1")];
    let answer = client
        .send("POST", "/v1/certification-bodies/CNCA-R-2006-148/certificates:batch", &headers, Some(batch.as_bytes()))
        .expect(200);
    assert_eq!(answer.body["created"], 1, "{}", answer.text);

    let mut question = json!({ "items": [{ "certificate_number": HARD_NUMBER }] }).to_string().into_bytes();
    question.resize(1 << 20, b' ');
    client.send("POST", "/v1/verifications", &[], Some(&question)).expect(200);
    question.push(b' ');
    let refused = client.send("POST", "/v1/verifications", &[], Some(&question)).problem(413, "too-large");
    assert_eq!(refused.body["request_id"], refused.header("x-request-id"));
}

/// A head that does not end is cut off, the first of a connection and the second.
fn slow_heads(nginx: &Nginx) {
    let begun = Instant::now();
    let first = nginx.raw("GET /v1/kinds HTTP/1.1\r\nhost: registry.example\r\n");
    let second = nginx.raw("GET /health HTTP/1.1\r\nhost: registry.example\r\n\r\nGET /v1/kinds HTTP/1.1\r\nhost");

    assert!(first.is_empty() || first.starts_with("HTTP/1.1 408"), "{first}");
    assert!(second.starts_with("HTTP/1.1 404") && !second.contains("HTTP/1.1 200"), "{second}");
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}
