//! The registry as `api` and the command line hold it: readers, the writer, the clock, and what follows from a change.

use super::clock::Clock;
use super::command::{Answer, CommandContext, Decision, Preview, Receipt, View};
use super::execution::{Consequences, execute, no_change, write_together};
use super::guard::Guard;
use super::head::{head, moment};
use super::reading::{AsOf, Asked, Moment};
use super::writer::{Tx, Writer};
use crate::error::{Error, Result};
use jiff::Timestamp;
use lvcai_database::{Conn, Pool, Pooled};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long a read may take, its turn included: somewhat more than PostgreSQL gives one of its statements.
const READ: Duration = Duration::from_secs(35);

/// How long a reader's place is waited for before the registry says that it is busy.
const PLACED: Duration = Duration::from_millis(500);

/// How long the answer to a write may take.
const WRITTEN: Duration = Duration::from_secs(60);

/// How long the probe is waited for, so that `/ready` answers within two seconds.
const PROBED: Duration = Duration::from_millis(1_500);

/// Readers, the writer and the clock: cheap to clone, shared by every worker.
#[derive(Debug, Clone)]
pub struct Registry {
    pool: Pool,
    /// The probe's own connection: a busy registry is ready all the same.
    probe: Pool,
    /// A place for each reader's connection. Who waits for one waits here and not in a thread: each thread takes a
    /// megabyte, and there would be as many as there are requests.
    places: Arc<Semaphore>,
    /// How many long reads may hold a connection: half of them, so that a quick one finds another, and the machine has
    /// time for it.
    long: Arc<Semaphore>,
    writer: Writer,
    clock: Clock,
    consequences: Consequences,
}

impl Registry {
    /// Opens the database at `url`, which must have been migrated, with so many readers and somebody who is asked
    /// before each group of writes.
    pub(crate) fn open(
        url: &str,
        readers: u32,
        clock: Clock,
        guard: Arc<dyn Guard>,
        consequences: Consequences,
    ) -> Result<(Self, JoinHandle<()>)> {
        let (writer, thread) = Writer::start(url, clock.clone(), guard)?;
        let long = usize::try_from(readers.div_ceil(2)).unwrap_or(1).max(1);
        let (pool, probe) = (Pool::open(url, readers), Pool::single(url));
        let places = Arc::new(Semaphore::new(usize::try_from(readers).unwrap_or(1).max(1)));
        let long = Arc::new(Semaphore::new(long));
        Ok((Self { pool, probe, places, long, writer, clock, consequences }, thread))
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Runs `work` on a reader's connection, off the async threads; once more when that connection is lost.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when no connection is free in time or two were lost, and what `work` fails with.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        in_time(placed(&self.places, &self.pool, work)).await
    }

    /// Asks the database for the head of the ledger, whether a reader is free or not.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when the database does not answer within a second and a half.
    pub async fn head(&self) -> Result<i64> {
        let asked = on(self.probe.clone(), |conn| Ok(head(conn)?.seq));
        tokio::time::timeout(PROBED, asked).await.unwrap_or(Err(Error::Busy))
    }

    /// Runs `work` at the cut that `as_of` names and answers that cut beside it.
    ///
    /// # Errors
    ///
    /// As [`Registry::read`] and [`moment`].
    pub async fn read_at<T: Send + 'static>(
        &self,
        as_of: AsOf,
        mut work: impl FnMut(&mut Conn, i64) -> Result<T> + Send + 'static,
    ) -> Result<(i64, T)> {
        let (moment, told) = self.read_on(as_of.into(), move |conn, Moment { cut, .. }| work(conn, cut)).await?;
        Ok((moment.cut, told))
    }

    /// Runs `work` at the cut and for the day that are asked about, and answers both beside it.
    ///
    /// # Errors
    ///
    /// As [`Registry::read_at`].
    pub async fn read_on<T: Send + 'static>(
        &self,
        asked: Asked,
        work: impl FnMut(&mut Conn, Moment) -> Result<T> + Send + 'static,
    ) -> Result<(Moment, T)> {
        in_time(placed(&self.places, &self.pool, self.at(asked, work))).await
    }

    /// The same for what takes long, after those that wait already: half of the readers are left to others.
    ///
    /// # Errors
    ///
    /// As [`Registry::read_at`].
    pub async fn read_long_on<T: Send + 'static>(
        &self,
        asked: Asked,
        work: impl FnMut(&mut Conn, Moment) -> Result<T> + Send + 'static,
    ) -> Result<(Moment, T)> {
        let (long, mut work) = (Arc::clone(&self.long), self.at(asked, work));
        in_time(async {
            let turn = long.acquire_owned().await.map_err(|error| Error::Database(Box::new(error)))?;
            placed(&self.places, &self.pool, move |conn| {
                let _turn = &turn;
                work(conn)
            })
            .await
        })
        .await
    }

    fn at<T>(
        &self,
        asked: Asked,
        mut work: impl FnMut(&mut Conn, Moment) -> Result<T> + Send + 'static,
    ) -> impl FnMut(&mut Conn) -> Result<(Moment, T)> + Send + 'static {
        let now = self.clock.now();
        move |conn| {
            let moment = moment(conn, asked, now)?;
            Ok((moment, work(conn, moment)?))
        }
    }

    /// Runs `work` on what a decision would see at the cut that `as_of` names. Nothing can be written from it.
    ///
    /// # Errors
    ///
    /// As [`Registry::read_at`].
    pub async fn view_at<T: Send + 'static>(
        &self,
        as_of: AsOf,
        mut work: impl FnMut(&mut View<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let now = self.clock.now();
        let (_, told) =
            self.read_at(as_of, move |conn, cut| work(&mut View { conn, cut, now, ids: Vec::new() })).await?;
        Ok(told)
    }

    /// Decides and, unless only validation is asked for, writes; answers the record.
    ///
    /// `decide` reads and refuses; it changes nothing and may run more than once.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the problem, [`Error::Busy`], [`Error::OutcomeUnknown`], or [`Error::Database`].
    pub async fn execute(
        &self,
        context: CommandContext,
        mut decide: impl FnMut(&mut View<'_>) -> Result<Decision> + Send + 'static,
    ) -> Result<Receipt> {
        if context.validate_only {
            return Ok(self.preview(decide).await?.receipt);
        }
        let consequences = self.consequences;
        self.write_in_time(move |tx| execute(tx, &context, consequences, &mut decide)).await
    }

    /// Decides alone: what would be answered, and all that would change.
    ///
    /// # Errors
    ///
    /// As [`Registry::execute`].
    pub async fn preview(
        &self,
        mut decide: impl FnMut(&mut View<'_>) -> Result<Decision> + Send + 'static,
    ) -> Result<Preview> {
        let consequences = self.consequences;
        self.view_at(AsOf::Now, move |view| {
            let Decision { changes, outcome } = decide(view)?;
            let changes = consequences.complete(view, changes)?;
            let receipt = match outcome {
                Answer::Unchanged(subject, stored) => Receipt::unchanged(subject, stored, view.cut),
                Answer::Changed => Receipt::foreseen(changes.first().ok_or_else(no_change)?, view.cut)?,
            };
            Ok(Preview { receipt: Receipt { validated_only: true, ..receipt }, changes })
        })
        .await
    }

    /// Decides on work that answers no record and, unless only validation is asked for, writes what it decides; answers
    /// its outcome.
    ///
    /// # Errors
    ///
    /// As [`Registry::execute`].
    pub async fn carry_out<T: Send + 'static>(
        &self,
        context: CommandContext,
        mut decide: impl FnMut(&mut View<'_>) -> Result<Decision<T>> + Send + 'static,
    ) -> Result<T> {
        if context.validate_only {
            return self.view_at(AsOf::Now, move |view| Ok(decide(view)?.outcome)).await;
        }
        let consequences = self.consequences;
        let work = move |tx: &mut Tx<'_>| {
            let Decision { changes, outcome } = decide(&mut tx.view())?;
            write_together(tx, &context.by, consequences, changes)?;
            Ok(outcome)
        };
        self.writer.run(work).await
    }

    /// Runs `work` on what a decision would see now, with the rules of what would follow. Nothing can be written from it.
    pub(crate) async fn foresee<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut View<'_>, Consequences) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let consequences = self.consequences;
        self.view_at(AsOf::Now, move |view| work(view, consequences)).await
    }

    /// Runs work inside the writer's transaction that decides and writes by itself.
    pub(crate) async fn transact<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Tx<'_>, Consequences) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let consequences = self.consequences;
        self.write_in_time(move |tx| work(tx, consequences)).await
    }

    /// Writes to a working table, which is outside the ledger.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Conn, Timestamp) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.write_in_time(move |tx| work(tx.conn, tx.now)).await
    }

    /// Hands work to the writer and waits for it, though not for ever: a database that swallows what it is sent
    /// answers nothing to the writer either, and what became of the work is then not known.
    async fn write_in_time<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        tokio::time::timeout(WRITTEN, self.writer.run(work)).await.unwrap_or(Err(Error::OutcomeUnknown))
    }
}

/// Gives up a read that takes too long, as where the database has gone silent.
async fn in_time<T>(read: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(READ, read).await.unwrap_or(Err(Error::Busy))
}

/// Runs `work` once a reader's place is free, which is waited for briefly.
async fn placed<T: Send + 'static>(
    places: &Arc<Semaphore>,
    pool: &Pool,
    mut work: impl FnMut(&mut Conn) -> Result<T> + Send + 'static,
) -> Result<T> {
    let place = tokio::time::timeout(PLACED, Arc::clone(places).acquire_owned()).await;
    let Ok(Ok(place)) = place else { return Err(Error::Busy) };
    on(pool.clone(), move |conn| {
        // The permit is moved in here: if the request is dropped, the work still runs and holds its place.
        let _place = &place;
        work(conn)
    })
    .await
}

/// Runs `work` off the async threads.
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
