//! One connection type over both databases.

use crate::patience;
use diesel::backend::Backend;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::migration::{MigrationSource, MigrationVersion};
use diesel::sql_types::{Nullable, Text};
use diesel::{PgConnection, QueryResult, RunQueryDsl, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::path::Path;
use std::time::Duration;

const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// A connection to whichever database the address names.
///
/// A statement is written once inside [`on_conn!`](crate::on_conn) and is
/// type-checked for each database with everything that is native to it. What
/// one of them lacks is an ordinary `match` in the same function, so
/// `grep 'Conn::Postgres'` lists every such place.
pub enum Conn {
    /// The scalable choice: `postgres://…`.
    Postgres(PgConnection),
    /// The embedded default: `sqlite:PATH`.
    Sqlite(SqliteConnection),
}

/// Runs one expression against the concrete connection.
#[macro_export]
macro_rules! on_conn {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn {
            $crate::Conn::Postgres($c) => $body,
            $crate::Conn::Sqlite($c) => $body,
        }
    };
}

/// Inserts rows into a table. PostgreSQL takes several by COPY, which saves a round trip for each; SQLite has none to
/// save, and a short statement that is prepared once is quicker there than a long one.
#[macro_export]
macro_rules! insert_all {
    ($conn:expr, $table:expr, $rows:expr) => {{
        use $crate::diesel::prelude::*;
        match $conn {
            $crate::Conn::Postgres(c) if $rows.len() > 1 => {
                $crate::diesel::copy_from($table).from_insertable($rows).execute(c).map(|_| ())
            }
            conn => $crate::on_conn!(conn, c => $rows.iter().try_for_each(|row| {
                $crate::diesel::insert_into($table).values(row).execute(c).map(|_| ())
            })),
        }
    }};
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address has neither of the two schemes. It is not told, since it may hold a password.
    #[error("the address of the database begins with neither `sqlite:` nor `postgres://`")]
    Scheme,
    /// The file is not there: only [`migrate`] creates one.
    #[error("there is no database file `{0}`")]
    NoFile(String),
    /// The folder of the file could not be made.
    #[error("cannot make the folder of the database file: {0}")]
    Folder(#[from] std::io::Error),
    /// The database refused.
    #[error("cannot connect: {0}")]
    Connect(#[from] diesel::ConnectionError),
    /// A setting or a migration failed.
    #[error("cannot bring the database up to date: {0}")]
    Migrate(Box<dyn std::error::Error + Send + Sync>),
}

/// SQLite forgets these with every connection. The timeout comes first, since
/// changing the journal mode may itself have to wait. `FULL` is what makes an
/// answered write survive a power cut.
const PRAGMAS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536; PRAGMA mmap_size = 1073741824; PRAGMA temp_store = MEMORY;";

impl Conn {
    /// Opens the database at `url`, which must exist.
    ///
    /// The scheme decides and nothing is tried twice, so that a mistyped
    /// PostgreSQL address can never become a new, empty SQLite file.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says which step failed.
    pub fn open(url: &str) -> Result<Self, OpenError> {
        match url.strip_prefix("sqlite:") {
            Some(path) if !Path::new(path).exists() => Err(OpenError::NoFile(path.to_owned())),
            _ => Self::open_or_create(url),
        }
    }

    /// Opens the database at `url` to read it as it is: no setting of the file is changed, nothing can be written.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says which step failed.
    pub fn open_to_read(url: &str) -> Result<Self, OpenError> {
        if let Some(path) = url.strip_prefix("sqlite:").filter(|path| !Path::new(path).is_file()) {
            return Err(OpenError::NoFile(path.to_owned()));
        }
        let mut conn = Self::connect(url)?;
        let settings = match conn {
            Self::Postgres(_) => "SET default_transaction_read_only = on",
            Self::Sqlite(_) => "PRAGMA busy_timeout = 10000; PRAGMA query_only = ON",
        };
        conn.batch_execute(settings).map_err(|error| OpenError::Migrate(Box::new(error)))?;
        Ok(conn)
    }

    /// Opens the database at `url` for the one who writes. Nobody is waited for without end: on PostgreSQL each
    /// statement has a limit, unless the address sets another, and the lock of another process is waited for briefly,
    /// so that whoever asks can look at the time in between.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says which step failed.
    pub fn open_to_write(url: &str) -> Result<Self, OpenError> {
        let mut conn = Self::open(url)?;
        let settings = match conn {
            Self::Postgres(_) => patience::session(url, &patience::WRITER),
            Self::Sqlite(_) => "PRAGMA busy_timeout = 250".to_owned(),
        };
        conn.batch_execute(&settings).map_err(|error| OpenError::Migrate(Box::new(error)))?;
        Ok(conn)
    }

    fn open_or_create(url: &str) -> Result<Self, OpenError> {
        let mut conn = Self::connect(url)?;
        if let Self::Sqlite(conn) = &mut conn {
            set_up(conn).map_err(|error| OpenError::Migrate(Box::new(error)))?;
        }
        Ok(conn)
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that opens connections")]
    fn connect(url: &str) -> Result<Self, OpenError> {
        use diesel::Connection as _;

        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(PgConnection::establish(&patience::address(url))?));
        }
        let path = url.strip_prefix("sqlite:").ok_or(OpenError::Scheme)?;
        Ok(Self::Sqlite(SqliteConnection::establish(path)?))
    }

    /// Copies an SQLite database into a new file, whole and while others write.
    ///
    /// # Errors
    ///
    /// Fails where the file exists, and on PostgreSQL.
    pub fn copy_into(&mut self, path: &str) -> QueryResult<()> {
        match self {
            Self::Sqlite(conn) => conn.batch_execute(&format!("VACUUM INTO '{}'", path.replace('\'', "''"))),
            Self::Postgres(_) => Err(diesel::result::Error::NotFound),
        }
    }

    /// The schema in which PostgreSQL has the tables; none on SQLite.
    pub fn schema(&mut self) -> QueryResult<Option<String>> {
        match self {
            Self::Postgres(conn) => {
                let schema = diesel::select(diesel::dsl::sql::<Nullable<Text>>("current_schema()::text"));
                schema.get_result(conn)
            }
            Self::Sqlite(_) => Ok(None),
        }
    }

    /// Begins a transaction that may write.
    ///
    /// On SQLite it takes the write lock at once: a plain `BEGIN` that reads
    /// and then writes fails with `SQLITE_BUSY` instead of waiting.
    pub fn begin(&mut self) -> QueryResult<()> {
        match self {
            Self::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN"),
            Self::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE"),
        }
    }

    /// Commits what [`Conn::begin`] began.
    ///
    /// # Errors
    ///
    /// After a failure it is unknown whether the database committed.
    pub fn commit(&mut self) -> QueryResult<()> {
        on_conn!(self, conn => AnsiTransactionManager::commit_transaction(conn))
    }

    /// Takes back what [`Conn::begin`] began.
    ///
    /// # Errors
    ///
    /// After a failure the transaction is gone with its connection.
    pub fn rollback(&mut self) -> QueryResult<()> {
        on_conn!(self, conn => AnsiTransactionManager::rollback_transaction(conn))
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    ///
    /// Fails when the connection is gone.
    pub fn ping(&mut self) -> QueryResult<()> {
        use diesel::r2d2::R2D2Connection as _;

        on_conn!(self, conn => conn.ping())
    }

    /// Runs statements that neither bind nor answer anything.
    pub fn batch_execute(&mut self, sql: &str) -> QueryResult<()> {
        on_conn!(self, conn => conn.batch_execute(sql))
    }
}

/// Applies the settings. Where several open a new file, the change of its journal fails at once for all but one,
/// whatever the timeout is: SQLite waits for no lock whose holder may wait for it. So it is tried again as long as
/// the timeout would have been.
fn set_up(conn: &mut SqliteConnection) -> QueryResult<()> {
    const EVERY: Duration = Duration::from_millis(20);
    for _ in 0..500 {
        match conn.batch_execute(PRAGMAS) {
            Err(diesel::result::Error::DatabaseError(_, told)) if told.message() == "database is locked" => {
                std::thread::sleep(EVERY);
            }
            done => return done,
        }
    }
    conn.batch_execute(PRAGMAS)
}

/// Whether there is a registry at `url`: for an embedded one, a file that has its tables.
///
/// # Errors
///
/// [`OpenError`] when what is there is no database.
pub fn is_registry(url: &str) -> Result<bool, OpenError> {
    if url.strip_prefix("sqlite:").is_some_and(|path| !Path::new(path).is_file()) {
        return Ok(false);
    }
    let failed = |error| OpenError::Migrate(Box::new(error));
    let mut conn = Conn::open_to_read(url)?;
    let head = match &mut conn {
        Conn::Postgres(conn) => {
            let head = diesel::dsl::sql::<Nullable<Text>>("to_regclass('ledger_head')::text");
            diesel::select(head).get_result::<Option<String>>(conn).map_err(failed)?.map(|_| ())
        }
        Conn::Sqlite(conn) => {
            let head = "(SELECT name FROM sqlite_schema WHERE name = 'ledger_head')";
            let head = diesel::dsl::sql::<Nullable<Text>>(head);
            diesel::select(head).get_result::<Option<String>>(conn).map_err(failed)?.map(|_| ())
        }
    };
    Ok(head.is_some())
}

/// Creates the database file if need be and applies the migrations that the
/// database lacks, under a lock, so that processes that start together migrate
/// once. Answers how many were applied.
///
/// # Errors
///
/// [`OpenError`] says which step failed.
pub fn migrate(url: &str) -> Result<usize, OpenError> {
    if let Some(folder) = url.strip_prefix("sqlite:").and_then(|path| Path::new(path).parent()) {
        std::fs::create_dir_all(folder)?;
    }
    if let Some(path) = url.strip_prefix("sqlite:") {
        make_private(Path::new(path))?;
    }
    let mut conn = Conn::open_or_create(url)?;
    let applied = match &mut conn {
        Conn::Postgres(conn) => migrate_postgres(conn),
        Conn::Sqlite(conn) => conn
            .immediate_transaction(|conn| {
                refuse_newer(conn, &SQLITE).map_err(Failed)?;
                Ok::<_, Failed>(count(&conn.run_pending_migrations(SQLITE).map_err(Failed)?))
            })
            .map_err(|Failed(error)| error),
    };
    applied.map_err(OpenError::Migrate)
}

/// Makes the file of a new database for its owner alone: it holds drafts. SQLite gives what it keeps beside the file
/// the same mode.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// The database has migrations that this program does not know.
#[derive(Debug, thiserror::Error)]
#[error("it is of a newer release, whose migrations {0} this one does not know; use that release, or restore a backup")]
struct Newer(String);

/// Refuses a database that a newer release has migrated: what its tables mean is not known here.
fn refuse_newer<DB: Backend>(
    conn: &mut impl MigrationHarness<DB>,
    ours: &EmbeddedMigrations,
) -> diesel::migration::Result<()>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let ours: Vec<_> = ours.migrations()?.iter().map(|it| it.name().version().to_string()).collect();
    let applied = conn.applied_migrations()?;
    let unknown: Vec<_> = applied.iter().map(ToString::to_string).filter(|it| !ours.contains(it)).collect();
    if unknown.is_empty() { Ok(()) } else { Err(Box::new(Newer(unknown.join(", ")))) }
}

/// The lock belongs to the session, since migrations run in transactions of
/// their own, and to the schema, since several registries may share a database.
fn migrate_postgres(conn: &mut PgConnection) -> diesel::migration::Result<usize> {
    let lock = "(hashtextextended('lvcai migrations ' || current_schema(), 0))";
    diesel::sql_query(format!("SELECT pg_advisory_lock{lock}")).execute(conn)?;
    refuse_newer(conn, &POSTGRES)?;
    let applied = count(&conn.run_pending_migrations(POSTGRES)?);
    diesel::sql_query(format!("SELECT pg_advisory_unlock{lock}")).execute(conn)?;
    Ok(applied)
}

fn count(applied: &[MigrationVersion<'_>]) -> usize {
    applied.len()
}

struct Failed(Box<dyn std::error::Error + Send + Sync>);

impl From<diesel::result::Error> for Failed {
    fn from(error: diesel::result::Error) -> Self {
        Self(Box::new(error))
    }
}
