//! A database that lives as long as its test.

use crate::template;
use lvcai_database::Conn;
use std::path::Path;

/// A database on the server under test.
pub struct Database {
    /// Its address, as the registry takes it.
    pub url: String,
    kept: Kept,
}

/// What is removed with a database.
enum Kept {
    /// The folder of an SQLite file, which removes itself.
    Folder { _folder: tempfile::TempDir },
    /// What PostgreSQL has, and the statement that drops it.
    OnServer { server: String, drop: String },
    /// Nothing: it is another's.
    Elsewhere,
}

impl Database {
    /// Makes an empty one: a schema of its own on PostgreSQL, a file of its own on SQLite.
    pub fn fresh() -> Self {
        match server() {
            Some(server) => Self::schema(server),
            None => Self::file(|folder| folder.join("lvcai.db")),
        }
    }

    /// Makes one that is migrated and has its reference data: a copy of what was made once.
    pub fn loaded() -> Self {
        match server() {
            Some(server) => Self::copy(server),
            None => Self::file(template::copy_file),
        }
    }

    /// One that the test keeps by itself.
    pub fn elsewhere(url: String) -> Self {
        Self { url, kept: Kept::Elsewhere }
    }

    /// Whether it is on PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }

    fn file(make: impl FnOnce(&Path) -> std::path::PathBuf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", make(folder.path()).display());
        Self { url, kept: Kept::Folder { _folder: folder } }
    }

    fn schema(server: String) -> Self {
        let schema = format!("test_{}", uuid::Uuid::now_v7().simple());
        Conn::open(&server).unwrap().batch_execute(&format!("CREATE SCHEMA {schema}")).unwrap();
        let joint = if server.contains('?') { '&' } else { '?' };
        Self {
            url: format!("{server}{joint}options=-csearch_path%3D{schema}"),
            // A server that a test started may still hold it for a moment.
            kept: Kept::OnServer {
                server,
                drop: format!("SET lock_timeout = '5s'; DROP SCHEMA IF EXISTS {schema} CASCADE"),
            },
        }
    }

    fn copy(server: String) -> Self {
        let (template, name) = (template::database(&server), format!("test_{}", uuid::Uuid::now_v7().simple()));
        let create = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY");
        Conn::open(&server).unwrap().batch_execute(&create).unwrap();
        Self {
            url: template::with_database(&server, &name),
            kept: Kept::OnServer { server, drop: format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)") },
        }
    }

    /// A connection of the test's own.
    pub fn conn(&self) -> Conn {
        Conn::open(&self.url).unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Kept::OnServer { server, drop: statement } = &self.kept
            && let Ok(mut conn) = Conn::open(server)
        {
            drop(conn.batch_execute(statement));
        }
    }
}

fn server() -> Option<String> {
    std::env::var("LVCAI_TEST_DATABASE_URL").ok()
}
