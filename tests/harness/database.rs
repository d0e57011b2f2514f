//! A database that lives as long as its test.

use lvcai_database::Conn;

/// An empty database on the server under test.
pub struct Database {
    /// Its address, as the registry takes it.
    pub url: String,
    schema: Option<(String, String)>,
    folder: Option<tempfile::TempDir>,
}

impl Database {
    /// Makes one: a schema of its own on PostgreSQL, a file of its own on SQLite.
    pub fn fresh() -> Self {
        match std::env::var("LVCAI_TEST_DATABASE_URL") {
            Ok(server) => Self::schema(server),
            Err(_) => Self::file(),
        }
    }

    /// Whether the suite runs on PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.schema.is_some()
    }

    fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { url: format!("sqlite:{}", folder.path().join("lvcai.db").display()), schema: None, folder: Some(folder) }
    }

    fn schema(server: String) -> Self {
        let schema = format!("test_{}", uuid::Uuid::now_v7().simple());
        Conn::open(&server).unwrap().batch_execute(&format!("CREATE SCHEMA {schema}")).unwrap();
        let joint = if server.contains('?') { '&' } else { '?' };
        Self {
            url: format!("{server}{joint}options=-csearch_path%3D{schema}"),
            schema: Some((server, schema)),
            folder: None,
        }
    }

    /// A connection of the test's own.
    pub fn conn(&self) -> Conn {
        Conn::open(&self.url).unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // The folder of an SQLite file goes with its owner.
        drop(self.folder.take());
        if let Some((server, schema)) = self.schema.take()
            && let Ok(mut conn) = Conn::open(&server)
        {
            // A server that a test started may still hold it for a moment.
            drop(conn.batch_execute(&format!("SET lock_timeout = '5s'; DROP SCHEMA IF EXISTS {schema} CASCADE")));
        }
    }
}
