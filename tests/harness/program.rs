//! The binary as a user meets it: its commands, and servers that are processes.

use crate::{Client, Database, ISSUER};
use lvcai_domain::{ClientId, OrganisationId};
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant, SystemTime};

/// A folder with a registry of its own, which `lvcai` is run in.
pub struct WorkingFolder {
    folder: tempfile::TempDir,
    /// The database: empty at first.
    pub database: Database,
    /// The program that is run.
    pub program: PathBuf,
    environment: Vec<(String, OsString)>,
}

/// A running `lvcai serve`; it is killed with its owner, if it still runs.
pub struct Serving {
    child: Child,
    /// Where the API is.
    pub url: String,
    /// Where health and readiness are.
    pub admin_url: String,
    said: Arc<Mutex<String>>,
}

/// What a command said.
#[derive(Debug)]
pub struct CommandOutput {
    /// Its exit code, if it was not killed.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl CommandOutput {
    /// Requires an exit code, and shows what was said when it is another.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        self
    }
}

impl From<Output> for CommandOutput {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

impl WorkingFolder {
    /// An empty folder on the database under test.
    pub fn new() -> Self {
        Self::on(Database::fresh(), Vec::new())
    }

    /// An empty folder on another database, whose programs are run with an environment.
    pub fn on(database: Database, environment: Vec<(String, OsString)>) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), database, program: program().to_owned(), environment }
    }

    /// A file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `lvcai` with the settings of the folder and nothing else from outside.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        let inherited = std::env::vars().filter(|(name, _)| name.starts_with("LVCAI_"));
        for (name, _) in inherited {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("LVCAI_DATABASE_URL", &self.database.url)
            .env("LVCAI_KEYS", self.path("keys"))
            .env("LVCAI_ADDRESS", "127.0.0.1:0")
            .env("LVCAI_ADMIN_ADDRESS", "127.0.0.1:0")
            .env("LVCAI_ISSUER", ISSUER)
            .env("LVCAI_WORKERS", "2")
            .env("LVCAI_SHUTDOWN_SECONDS", "10")
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null());
        command
    }

    /// The same with a clock that is wrong by so many seconds.
    pub fn command_off_by(&self, seconds: i64, arguments: &[&str]) -> Command {
        let mut command = self.command(arguments);
        command.env("LD_PRELOAD", preload("clock.c")).env("CLOCK_SHIM_SECONDS", seconds.to_string());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> CommandOutput {
        self.command(arguments).output().unwrap().into()
    }

    /// Makes the private keys that replicas share.
    pub fn keys(&self) {
        self.run(&["keys"]).expect(0);
    }

    /// Starts `serve` or `demo` at the address that it is known by, unless it is known by another.
    pub fn serving(&self, command: &str, issuer: Option<&str>) -> Serving {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = format!("http://127.0.0.1:{port}");
        let mut serve = self.command(&[command]);
        serve.env("LVCAI_ADDRESS", format!("127.0.0.1:{port}")).env("LVCAI_ISSUER", issuer.unwrap_or(&url));
        Starting::of(serve).ready()
    }

    /// Starts a server and does not wait for it.
    pub fn start(&self) -> Starting {
        Starting::of(self.command(&["serve"]))
    }

    /// Starts a server and waits until it serves.
    pub fn serve(&self) -> Serving {
        self.start().ready()
    }

    /// Accredits a body for star certification of every kind.
    pub fn accredit(&self, body: &str) {
        let when = ["--from", "2010-01-01", "--until", "2199-12-31", "--source", "test"];
        self.run(&[&["accredit", body, "--scope", "star_certification"], &when[..]].concat()).expect(0);
    }

    /// A new client, made at the command line, for the server at `url`.
    pub fn client(&self, whose: &[&str], holder: &str, scopes: &str, url: &str) -> Client {
        let folder = self.path("clients");
        let folder = folder.to_str().unwrap();
        let arguments =
            [&["client", "add"], whose, &["--holder", holder, "--scopes", scopes, "--generate", folder]].concat();
        let id: ClientId = self.run(&arguments).expect(0).out.trim().parse().unwrap();
        let pem = std::fs::read_to_string(Path::new(folder).join(format!("{id}.pem"))).unwrap();
        let mut client = Client::known(url, id, OrganisationId::mint(), pem);
        client.organisation = None;
        client
    }
}

impl Default for WorkingFolder {
    fn default() -> Self {
        Self::new()
    }
}

/// A server that may not serve yet.
pub struct Starting {
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Starting {
    /// Starts a command and listens to its log.
    pub fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let (log, heard) = (child.stderr.take().unwrap(), Arc::clone(&said));
        std::thread::spawn(move || {
            for line in BufReader::new(log).lines().map_while(Result::ok) {
                let mut heard = heard.lock().unwrap();
                heard.push_str(&line);
                heard.push('\n');
            }
        });
        Self { child, said }
    }

    /// Waits until it serves.
    #[track_caller]
    pub fn ready(mut self) -> Serving {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let said = self.said.lock().unwrap().clone();
            let line =
                said.lines().find_map(|line| line.split_once("serving: address=")).map(|(_, rest)| rest.to_owned());
            if let Some((address, admin)) = line.as_deref().and_then(|line| line.split_once(" admin_address=")) {
                let (url, admin_url) = (format!("http://{address}"), format!("http://{}", admin.trim()));
                return Serving { child: self.child, url, admin_url, said: self.said };
            }
            let ended = self.child.try_wait().unwrap();
            if ended.is_some() || Instant::now() > deadline {
                drop(self.child.kill());
                panic!("it does not serve ({ended:?}): {said}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Serving {
    /// What it has logged so far.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Its number, by which Linux tells of it under `/proc`.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it, as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop (SIGTERM) and does not wait.
    pub fn ask_to_stop(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Waits until it has ended; its exit code.
    #[track_caller]
    pub fn ended(&mut self) -> Option<i32> {
        let deadline = Instant::now() + Duration::from_secs(30);
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it does not end: {}", self.said())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The binary, built when it is missing or older than its sources.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let profile = test.parent().and_then(Path::parent).unwrap();
        let program = profile.join("lvcai");
        if modified(&program).is_none_or(|built| built < newest_source()) {
            let mut cargo = Command::new(env!("CARGO"));
            cargo.args(["build", "--quiet", "--package", "lvcai-tests", "--package", "lvcai-api", "--bin", "lvcai"]);
            if profile.ends_with("release") {
                cargo.arg("--release");
            }
            let built =
                cargo.current_dir(workspace()).env("CARGO_TARGET_DIR", profile.parent().unwrap()).status().unwrap();
            assert!(built.success(), "lvcai does not build");
        }
        program
    })
}

/// A library to be put before those of a process, built from its source in this folder.
pub(crate) fn preload(source: &str) -> PathBuf {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    static BUILDING: Mutex<()> = Mutex::new(());
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        // Programs of other users load it too.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        folder
    });
    let library = folder.path().join(source).with_extension("so");
    let _one_at_a_time = BUILDING.lock().unwrap();
    if !library.exists() {
        let source = workspace().join("tests/harness").join(source);
        let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status().unwrap();
        assert!(built.success(), "{} does not build", source.display());
    }
    library
}

/// The folder of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Every file below a folder whose name ends so, build folders excepted.
pub fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let (path, name) = (entry.path(), entry.file_name().into_string().unwrap());
            if entry.file_type().unwrap().is_dir() {
                folders.extend(
                    Some(path).filter(|_| !["target", ".git", "data", "node_modules"].contains(&name.as_str())),
                );
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|it| it.modified()).ok()
}

fn newest_source() -> SystemTime {
    let all = ["api", "crates", "migrations"]
        .into_iter()
        .flat_map(|it| files(&workspace().join(it), &[".rs", ".sql", ".csv", ".toml", ".css", ".js", ".svg", ".gz"]));
    let ours = all.filter(|path| !path.components().any(|it| it.as_os_str() == "xtask" || it.as_os_str() == "tests"));
    ours.chain([workspace().join("Cargo.lock")]).filter_map(|path| modified(&path)).max().unwrap()
}
