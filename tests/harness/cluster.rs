//! A PostgreSQL of a test's own, on a disk whose power can be cut.
//!
//! It runs as the user and with the programs of the server under test.

use crate::power::Disk;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use lvcai_database::{Conn, on_conn};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A cluster; it is killed with its owner.
pub struct Cluster {
    folder: tempfile::TempDir,
    programs: PathBuf,
    owner: (u32, u32),
    port: u16,
    settings: Vec<String>,
    postmaster: Option<Child>,
}

impl Cluster {
    /// Makes and starts one on a disk, with settings beyond the usual (`name=value`).
    pub fn on(disk: &Disk, settings: &[&str]) -> Self {
        let server = std::env::var("LVCAI_TEST_DATABASE_URL").unwrap();
        let mut conn = Conn::open(&server).unwrap();
        let programs = text(&mut conn, "SELECT setting AS value FROM pg_config WHERE name = 'BINDIR'").into();
        let data = text(&mut conn, "SELECT current_setting('data_directory') AS value");
        let is = Path::new(&data).metadata().unwrap();
        let folder = tempfile::Builder::new().tempdir_in("/tmp").unwrap();
        chown(folder.path(), Some(is.uid()), Some(is.gid())).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings = settings.iter().map(|it| (*it).to_owned()).collect();
        let mut cluster = Self { folder, programs, owner: (is.uid(), is.gid()), port, settings, postmaster: None };
        // Short files of the log, because a disk keeps whole files.
        let arguments = ["--auth=trust", "--no-locale", "--encoding=UTF8", "--wal-segsize=1", "-U", "postgres"];
        let made = cluster.command("initdb", disk).args(arguments).stdout(Stdio::null()).status().unwrap();
        assert!(made.success(), "initdb has failed");
        cluster.start(disk);
        cluster
    }

    /// Where it listens, with its superuser and its one database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Its files.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts it and waits until it answers.
    pub fn start(&mut self, disk: &Disk) {
        let mut command = self.command("postgres", disk);
        command.args(["-p", &self.port.to_string(), "-h", "127.0.0.1", "-k", ""]);
        // A small log and little memory, so that it writes to all of its files while a test looks on.
        let usual = ["shared_buffers=16MB", "max_wal_size=8MB", "min_wal_size=2MB", "max_connections=60"];
        for setting in usual.into_iter().chain(self.settings.iter().map(String::as_str)) {
            command.args(["-c", setting]);
        }
        let log = std::fs::File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        self.postmaster = Some(command.stdout(Stdio::null()).stderr(log).spawn().unwrap());
        let deadline = Instant::now() + Duration::from_secs(60);
        while Conn::open(&self.url()).is_err() {
            let log = || std::fs::read_to_string(self.folder.path().join("log")).unwrap();
            assert!(Instant::now() < deadline, "PostgreSQL does not start: {}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Kills all of its processes, as a power cut would.
    pub fn kill(&mut self) {
        let Some(mut postmaster) = self.postmaster.take() else { return };
        let id = postmaster.id().to_string();
        let children = Command::new("ps").args(["-o", "pid=", "--ppid", &id]).output().unwrap().stdout;
        let children = String::from_utf8(children).unwrap();
        postmaster.kill().unwrap();
        postmaster.wait().unwrap();
        for child in children.split_whitespace() {
            Command::new("kill").args(["-9", child]).stderr(Stdio::null()).status().unwrap();
        }
        for child in children.split_whitespace() {
            while Path::new("/proc").join(child).exists() {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }

    fn command(&self, program: &str, disk: &Disk) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.arg("-D").arg(self.folder()).uid(self.owner.0).gid(self.owner.1).current_dir(self.folder.path());
        command.envs(disk.environment());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.kill();
    }
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    value: String,
}

fn text(conn: &mut Conn, statement: &str) -> String {
    let found: Value = on_conn!(conn, c => sql_query(statement).get_result(c)).unwrap();
    found.value
}
