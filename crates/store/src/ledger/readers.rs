//! The readers' connections: which of them a read takes, and what happens when one is lost.
//!
//! Three things must not wait for each other: many questions in one request,
//! a quick read, and the probe that asks whether the database answers.

use super::entries;
use crate::error::{Error, Result};
use lvcai_database::{Conn, Pool, Pooled};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The connections that read; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Readers {
    pool: Pool,
    /// The probe's own connection: a busy registry is ready all the same.
    probe: Pool,
    /// How many long reads may hold a connection: one fewer than there are, so that a quick one finds it.
    long: Arc<Semaphore>,
}

impl Readers {
    /// Keeps up to `size` connections to the database at `url`, and one for the probe.
    pub(crate) fn open(url: &str, size: u32) -> Self {
        let long = usize::try_from(size.saturating_sub(1)).unwrap_or(1).max(1);
        Self { pool: Pool::open(url, size), probe: Pool::single(url), long: Arc::new(Semaphore::new(long)) }
    }

    /// Runs `work` off the async threads.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        on(self.pool.clone(), work).await
    }

    /// Runs `work` that takes long, after those that wait already.
    pub(crate) async fn read_long<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = Arc::clone(&self.long).acquire_owned().await.map_err(|error| Error::Database(Box::new(error)))?;
        on(self.pool.clone(), move |conn| {
            // The permit is moved in here: if the request is dropped, the work still runs and still holds its place.
            let _turn = &turn;
            work(conn)
        })
        .await
    }

    /// Asks the database for the head of the ledger, on the probe's connection.
    pub(crate) async fn head(&self) -> Result<i64> {
        on(self.probe.clone(), |conn| Ok(entries::head(conn)?.seq)).await
    }
}

async fn on<T: Send + 'static>(pool: Pool, mut work: impl FnMut(&mut Conn) -> Result<T> + Send + 'static) -> Result<T> {
    let task = tokio::task::spawn_blocking(move || attempt(&pool, &mut work));
    task.await.map_err(|error| Error::Database(Box::new(error)))?
}

/// Runs `work`, and once more on another connection when its own was lost on the way.
fn attempt<T>(pool: &Pool, work: &mut impl FnMut(&mut Conn) -> Result<T>) -> Result<T> {
    let mut conn = pool.get()?;
    let error = match work(&mut conn) {
        Err(Error::Database(error)) if lost(conn) => error,
        result => return result,
    };
    log::warn!("a connection was lost, the read is run again: error={error}");
    let mut conn = pool.get()?;
    match work(&mut conn) {
        Err(Error::Database(error)) if lost(conn) => {
            log::warn!("a connection was lost again: error={error}");
            Err(Error::Busy)
        }
        result => result,
    }
}

/// Whether a connection no longer answers. It is given back, and the pool looks at it before it gives it out again.
fn lost(mut conn: Pooled) -> bool {
    conn.ping().is_err()
}
