//! Connections kept open for readers.

use crate::patience;
use crate::{Conn, OpenError};
use diesel::r2d2::{self, ManageConnection, R2D2Connection as _};
use std::time::Duration;

/// How long a reader waits for a connection before the registry says that it
/// is busy. r2d2's own 30 s would stack up requests that nobody waits for.
const WAIT: Duration = Duration::from_millis(500);

/// Connections to one database: cheap to clone, shared by every worker.
#[derive(Clone)]
pub struct Pool(r2d2::Pool<Opener>);

/// A connection out of a [`Pool`].
pub type Pooled = r2d2::PooledConnection<Opener>;

/// No connection could be had in time.
#[derive(Debug, thiserror::Error)]
#[error("no connection to the database could be had: {0}")]
pub struct PoolError(#[from] r2d2::PoolError);

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Pool").field(&self.0.state()).finish()
    }
}

impl Pool {
    /// Keeps up to `size` connections to the database at `url`, opened as they are needed.
    pub fn open(url: &str, size: u32) -> Self {
        // Opening all of them at once takes longer than a reader waits.
        Self::of(url, size, 1)
    }

    /// Keeps one connection, opened when it is first needed.
    pub fn single(url: &str) -> Self {
        Self::of(url, 1, 0)
    }

    fn of(url: &str, size: u32, idle: u32) -> Self {
        let networked = !url.starts_with("sqlite:");
        let pool = r2d2::Pool::builder()
            .max_size(size)
            .connection_timeout(WAIT)
            .test_on_check_out(networked)
            .min_idle(Some(idle))
            .build_unchecked(Opener(url.to_owned()));
        Self(pool)
    }

    /// Takes a connection, waiting briefly for one.
    ///
    /// # Errors
    ///
    /// [`PoolError`] when none is free in time.
    pub fn get(&self) -> Result<Pooled, PoolError> {
        Ok(self.0.get()?)
    }
}

/// Opens the connections of a [`Pool`].
#[derive(Debug)]
pub struct Opener(String);

impl ManageConnection for Opener {
    type Connection = Conn;
    type Error = OpenError;

    fn connect(&self) -> Result<Conn, OpenError> {
        let mut conn = Conn::open(&self.0)?;
        if let Conn::Postgres(_) = conn {
            conn.batch_execute(&patience::session(&self.0, &patience::READER))
                .map_err(|error| OpenError::Migrate(Box::new(error)))?;
        }
        Ok(conn)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), OpenError> {
        conn.ping().map_err(|error| OpenError::Migrate(Box::new(error)))
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        crate::on_conn!(conn, conn => conn.is_broken())
    }
}
