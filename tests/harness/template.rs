//! What servers of tests begin with, made once for a build of the tests: keys, and a database that is migrated and has
//! its reference data.
//!
//! It lies in the build folder under the name of the build, since tests are processes of their own. Those that find
//! none make one each; the first to be ready is taken by all.

use crate::{BEGINNING, ISSUER};
use lvcai_api::Keys;
use lvcai_database::Conn;
use lvcai_store::{Clock, reference};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, UNIX_EPOCH};

/// The name of the file of an SQLite database.
const FILE: &str = "lvcai.db";

/// Copies the keys that servers share into a folder.
pub(crate) fn copy_keys(to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for key in std::fs::read_dir(folder().join("keys")).unwrap().map(Result::unwrap) {
        std::fs::copy(key.path(), to.join(key.file_name())).unwrap();
    }
}

/// Copies the SQLite database into a folder; its path.
pub(crate) fn copy_file(to: &Path) -> PathBuf {
    let path = to.join(FILE);
    std::fs::copy(folder().join(FILE), &path).unwrap();
    path
}

/// The database on a PostgreSQL server that others are made from; made when it is not there.
pub(crate) fn database(server: &str) -> String {
    let name = format!("lvcai_template_{}", build());
    let mut conn = Conn::open(server).unwrap();
    // PostgreSQL releases the lock when this connection is closed.
    conn.batch_execute("SELECT pg_advisory_lock(20260302)").unwrap();
    let there = format!("DO $$ BEGIN ASSERT EXISTS (SELECT FROM pg_database WHERE datname = '{name}'); END $$");
    if conn.batch_execute(&there).is_err() {
        conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name}_made WITH (FORCE)")).unwrap();
        conn.batch_execute(&format!("CREATE DATABASE {name}_made")).unwrap();
        fill(&with_database(server, &format!("{name}_made")));
        conn.batch_execute(&format!("ALTER DATABASE {name}_made RENAME TO {name}")).unwrap();
    }
    name
}

/// The address of another database on a server.
pub(crate) fn with_database(server: &str, name: &str) -> String {
    let (address, settings) =
        server.split_once('?').map_or((server, String::new()), |(it, rest)| (it, format!("?{rest}")));
    format!("{}/{name}{settings}", address.rsplit_once('/').unwrap().0)
}

/// The folder of this build, made when it is not there.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let all = executable().ancestors().nth(2).unwrap().join("templates");
        let folder = all.join(build());
        if !folder.exists() {
            std::fs::create_dir_all(&all).unwrap();
            forget_old(&all);
            let made = tempfile::tempdir_in(&all).unwrap();
            Keys::create(&made.path().join("keys")).unwrap();
            Keys::read(&made.path().join("keys"), ISSUER).unwrap();
            fill(&format!("sqlite:{}", made.path().join(FILE).display()));
            // Another test may have been quicker.
            if std::fs::rename(made.path(), &folder).is_ok() {
                drop(made.keep());
            }
        }
        folder
    })
}

/// Removes what was made for builds before this one.
fn forget_old(all: &Path) {
    for entry in std::fs::read_dir(all).unwrap().map(Result::unwrap) {
        let age = entry.metadata().and_then(|it| it.modified()).ok().and_then(|it| it.elapsed().ok());
        if age.is_some_and(|it| it > Duration::from_secs(3600)) {
            drop(std::fs::remove_dir_all(entry.path()));
        }
    }
}

/// Migrates a database and loads its reference data on the day on which stories begin.
fn fill(url: &str) {
    lvcai_database::migrate(url).unwrap();
    let clock = Clock::standing(BEGINNING.parse().unwrap());
    let (registry, writer) = lvcai_store::open(url, 1, clock).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(reference::load(&registry)).unwrap();
    drop(registry);
    writer.join().unwrap();
    if let Conn::Sqlite(_) = Conn::open(url).unwrap() {
        // The file is copied without what SQLite keeps beside it.
        Conn::open(url).unwrap().batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    }
}

/// What tells this build of the tests from others.
fn build() -> String {
    let modified = executable().metadata().and_then(|it| it.modified()).unwrap();
    format!("{:x}", modified.duration_since(UNIX_EPOCH).unwrap().as_nanos())
}

fn executable() -> PathBuf {
    std::env::current_exe().unwrap()
}
