//! Everything a test needs: a database of its own, the real server on a real
//! port, clients with keys and tokens, and builders for what a story starts with.
//!
//! The suite runs on one database at a time: on PostgreSQL when
//! `LVCAI_TEST_DATABASE_URL` names a server, on SQLite otherwise. A test reads
//! the same whichever it is.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on fails")]
#![expect(clippy::disallowed_methods, reason = "tests read their own environment")]

mod client;
mod cluster;
mod database;
mod power;
mod program;
mod proxy;
mod story;
mod template;

pub use client::{Answer, Client};
pub use cluster::Cluster;
pub use database::Database;
pub use power::Disk;
pub use program::{CommandOutput, Serving, Starting, WorkingFolder, files, program, workspace};
pub use proxy::{Proxy, ThenConnections};
pub use story::{
    ALL_SCOPES, BODY, LABORATORY, LIST, NUMBER, OTHER_BODY, REPORT, Story, address, city_row, client_record,
    laboratory, record, report, report_address, scopes_of,
};

use actix_web::web::Data;
use lvcai_api::{AppState, Deprecation, Keys};
use lvcai_config::Config;
use lvcai_store::{Clock, Registry};
use std::collections::HashMap;
use std::path::Path;
use std::sync::mpsc;

/// The day on which stories begin: 2026-03-02 10:00 in Asia/Shanghai.
pub const BEGINNING: &str = "2026-03-02T02:00:00Z";

/// How often a test kills, cuts the power or the like: as often as usual, or as `LVCAI_TEST_ROUNDS` asks.
pub fn rounds(usual: u64) -> u64 {
    std::env::var("LVCAI_TEST_ROUNDS").map_or(usual, |asked| asked.parse().unwrap())
}

/// The registry on a database of its own, behind real HTTP, at a clock that tests move.
pub struct Server {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// Where health and readiness are.
    pub admin_url: String,
    /// The registry itself, for what has no HTTP.
    pub registry: Registry,
    state: Data<AppState>,
    /// The clock, which stands still until it is moved.
    pub clock: Clock,
    /// The database.
    pub database: Database,
    runtime: tokio::runtime::Runtime,
    stop: Option<actix_web::dev::ServerHandle>,
    thread: Option<std::thread::JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

impl Server {
    /// Starts a registry with reference data and nothing else.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts a registry with settings of its own.
    pub fn start_with(settings: &[(&str, &str)]) -> Self {
        Self::launch(settings, template::copy_keys)
    }

    /// Starts a registry of which operations will go.
    pub fn start_deprecated(deprecated: &'static [Deprecation]) -> Self {
        let database = Database::loaded();
        let url = database.url.clone();
        Self::launch_on(database, &url, &[], template::copy_keys, deprecated)
    }

    /// Starts a registry that shares no keys with the others.
    pub fn start_elsewhere() -> Self {
        Self::launch(&[], |_| ())
    }

    /// Starts a registry that reaches its database through a proxy; nothing on SQLite, which is reached by no way.
    pub fn start_behind_proxy() -> Option<(Self, Proxy)> {
        let database = Database::loaded();
        if !database.is_postgres() {
            return None;
        }
        let (proxy, url) = Proxy::before(&database.url);
        Some((Self::launch_on(database, &url, &[], template::copy_keys, &[]), proxy))
    }

    fn launch(settings: &[(&str, &str)], provide_keys: impl FnOnce(&Path)) -> Self {
        let database = Database::loaded();
        let url = database.url.clone();
        Self::launch_on(database, &url, settings, provide_keys, &[])
    }

    fn launch_on(
        database: Database,
        url: &str,
        settings: &[(&str, &str)],
        provide_keys: impl FnOnce(&Path),
        deprecated: &'static [Deprecation],
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::standing(BEGINNING.parse().unwrap());
        let config = Config { database_url: url.to_owned(), ..config(&database, folder.path(), settings) };
        provide_keys(&config.keys);
        Keys::create(&config.keys).unwrap();
        let keys = Keys::read(&config.keys, &config.issuer).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (registry, _writer) = lvcai_store::open(&config.database_url, config.readers, clock.clone()).unwrap();
        let mut state = AppState::new(registry.clone(), keys, config.request_time);
        state.deprecated = deprecated;
        let state = Data::new(state);
        let served = state.clone();
        let (tell, told) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let running = lvcai_api::serve(&config, served).unwrap();
                tell.send((running.address, running.admin_address, running.handle.clone())).unwrap();
                running.wait().await.unwrap();
            });
        });
        let (address, admin, stop) = told.recv().unwrap();
        Self {
            url: format!("http://{address}"),
            admin_url: format!("http://{admin}"),
            registry,
            state,
            clock,
            database,
            runtime,
            stop: Some(stop),
            thread: Some(thread),
            _folder: folder,
        }
    }

    /// Moves the clock to an instant.
    pub fn at(&self, instant: &str) {
        self.clock.set(instant.parse().unwrap());
    }

    /// Runs something asynchronous to its end.
    pub fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Has written down who called what, which a served registry does once a minute.
    pub fn write_calls(&self) {
        self.wait(self.state.write_calls());
    }

    /// Somebody without a token.
    pub fn anybody(&self) -> Client {
        Client::anonymous(&self.url)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            self.runtime.block_on(stop.stop(false));
        }
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Settings for a test: free ports, one worker, tokens for an issuer that is known beforehand.
pub fn config(database: &Database, folder: &Path, settings: &[(&str, &str)]) -> Config {
    let mut variables: HashMap<String, String> = [
        ("LVCAI_ADDRESS", "127.0.0.1:0"),
        ("LVCAI_ADMIN_ADDRESS", "127.0.0.1:0"),
        ("LVCAI_ISSUER", ISSUER),
        ("LVCAI_WORKERS", "1"),
        ("LVCAI_SHUTDOWN_SECONDS", "1"),
    ]
    .into_iter()
    .chain(settings.iter().copied())
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    variables.insert("LVCAI_DATABASE_URL".to_owned(), database.url.clone());
    variables.insert("LVCAI_KEYS".to_owned(), folder.join("keys").display().to_string());
    Config::from_variables(&variables).unwrap()
}

/// The issuer of the servers under test.
pub const ISSUER: &str = "https://registry.test";

/// The address of a kind of problem at the registries of the stories.
pub fn problem(slug: &str) -> String {
    format!("{ISSUER}/problems/{slug}")
}
