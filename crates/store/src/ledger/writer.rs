//! The one writer of a process, with group commit.
//!
//! A bounded queue feeds one thread. It takes what waits, runs it in one
//! transaction, commits once and then answers each: one fsync pays for many
//! commands, and check-then-act rules need no lock of their own. Replicas are
//! kept apart by the head of the ledger, which every group locks first.

use super::clock::Clock;
use super::command::View;
use super::guard::{Guard, Observed};
use super::head::{self, Head};
use crate::error::{Error, Result};
use jiff::Timestamp;
use lvcai_database::Conn;
use lvcai_domain::Problem;
use lvcai_domain::calendar::shanghai_day;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use uuid::Uuid;

/// How many commands may wait. A full queue answers "busy" at once.
const QUEUE: usize = 4096;

/// How many commands commit together: enough that the fsync is a small part
/// of the whole, few enough that the first of them does not wait long.
const GROUP: usize = 256;

/// How long a command waits for a lock that another process holds.
const LOCKED: Duration = Duration::from_secs(10);

/// What a piece of work may use: the connection inside the transaction, the
/// head it moves, the identifier under which it is known, and the time it is.
pub(crate) struct Tx<'a> {
    pub(crate) conn: &'a mut Conn,
    pub(crate) head: &'a mut Head,
    pub(crate) command: Uuid,
    pub(crate) now: Timestamp,
}

impl Tx<'_> {
    /// What a decision may see.
    pub(crate) fn view(&mut self) -> View<'_> {
        View { conn: self.conn, cut: self.head.seq, now: self.now, ids: Vec::new() }
    }
}

/// Hands work to the writer; cheap to clone.
#[derive(Debug, Clone)]
pub struct Writer {
    queue: SyncSender<Box<dyn Job>>,
}

impl Writer {
    /// Starts the writer of the database at `url`. Its thread ends when the
    /// last clone of the writer is gone and everything waiting was answered.
    ///
    /// # Errors
    ///
    /// Fails when the database cannot be opened or the thread not started.
    pub fn start(url: &str, clock: Clock, guard: Arc<dyn Guard>) -> Result<(Self, JoinHandle<()>)> {
        let (queue, waiting) = sync_channel(QUEUE);
        let conn = Conn::open_to_write(url)?;
        let mut writer = WriterLoop { url: url.to_owned(), clock, guard, conn: Some(conn) };
        let thread = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || writer.serve(&waiting))
            .map_err(|error| Error::Database(Box::new(error)))?;
        Ok((Self { queue }, thread))
    }

    /// Queues work and answers once it is committed, or refused.
    ///
    /// `work` runs again when its group has to; it must not remember the run before.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let task = Task { command: Uuid::now_v7(), since: Instant::now(), work: Box::new(work), result: None, reply };
        self.queue.try_send(Box::new(task)).map_err(|error| match error {
            TrySendError::Full(_) => Error::Busy,
            TrySendError::Disconnected(_) => Error::Database("the writer has stopped".into()),
        })?;
        answer.await.unwrap_or_else(|_| Err(Error::Database("the writer dropped the work".into())))
    }
}

/// A piece of work that waits, whatever it answers.
trait Job: Send {
    fn command(&self) -> Uuid;
    /// How long it has waited.
    fn waited(&self) -> Duration;
    /// Runs the work. A refusal is a result like any other and kept for the
    /// answer; only a failing database is an error.
    fn run(&mut self, conn: &mut Conn, head: &mut Head, now: Timestamp) -> Result<()>;
    /// Takes a refusal for its result instead of running.
    fn refuse(&mut self, problem: Problem);
    fn answer(self: Box<Self>, failure: Option<Error>);
}

/// Work as it is handed in: it may run more than once.
type Work<T> = Box<dyn FnMut(&mut Tx<'_>) -> Result<T> + Send>;

struct Task<T> {
    command: Uuid,
    since: Instant,
    work: Work<T>,
    result: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T: Send> Job for Task<T> {
    fn command(&self) -> Uuid {
        self.command
    }

    fn waited(&self) -> Duration {
        self.since.elapsed()
    }

    fn run(&mut self, conn: &mut Conn, head: &mut Head, now: Timestamp) -> Result<()> {
        let before = head.seq;
        let mut tx = Tx { conn, head, command: self.command, now };
        let result = catch_unwind(AssertUnwindSafe(|| (self.work)(&mut tx)))
            .unwrap_or_else(|_| Err(Error::Database("the work panicked".into())));
        match result {
            // What failed in the database has ended the transaction, whatever is answered.
            Err(error @ (Error::Database(_) | Error::Busy)) => return Err(error),
            Err(_) if head.seq != before => return Err(Error::Database("a refusal after a change".into())),
            result => self.result = Some(result),
        }
        Ok(())
    }

    fn refuse(&mut self, problem: Problem) {
        self.result = Some(Err(problem.into()));
    }

    fn answer(self: Box<Self>, failure: Option<Error>) {
        let Self { result, reply, .. } = *self;
        let missing = || Err(Error::Database("the work was not run".into()));
        let result = failure.map_or_else(|| result.unwrap_or_else(missing), Err);
        // There is no receiver any more where the request was dropped; what was committed stays.
        drop(reply.send(result));
    }
}

/// At which point a group failed.
enum Failure {
    /// Before anything ran, or with the connection: nothing was kept, and the work is not to blame.
    Begin(Error),
    /// In the work of one of the group: nothing of it was kept.
    Work(Error),
    /// In the commit: what became of it is unknown.
    Commit(Error),
}

/// The writer's thread.
struct WriterLoop {
    url: String,
    clock: Clock,
    guard: Arc<dyn Guard>,
    conn: Option<Conn>,
}

impl WriterLoop {
    fn serve(&mut self, waiting: &Receiver<Box<dyn Job>>) {
        while let Ok(first) = waiting.recv() {
            let mut group = vec![first];
            while !group.is_empty() {
                group.extend(waiting.try_iter().take(GROUP.saturating_sub(group.len())));
                group = self.commit_group(group);
            }
        }
    }

    /// Runs a group and answers each of it, but for those that still have time to wait for another process's lock.
    fn commit_group(&mut self, mut group: Vec<Box<dyn Job>>) -> Vec<Box<dyn Job>> {
        let failure = match self.attempt(&mut group) {
            Ok(()) => {
                group.into_iter().for_each(|job| job.answer(None));
                return Vec::new();
            }
            Err(failure) => failure,
        };
        if matches!(failure, Failure::Begin(Error::Busy)) {
            let (over, waiting): (Vec<_>, Vec<_>) = group.into_iter().partition(|job| job.waited() >= LOCKED);
            over.into_iter().for_each(|job| job.answer(Some(Error::Busy)));
            return waiting;
        }
        if let (Failure::Work(error), 1) = (&failure, group.len()) {
            group.into_iter().for_each(|job| job.answer(Some(failed(error))));
            return Vec::new();
        }
        let (Failure::Begin(error) | Failure::Work(error) | Failure::Commit(error)) = &failure;
        log::warn!("a group of {} is run again one by one: error={error}", group.len());
        let lost_commit = matches!(failure, Failure::Commit(_));
        if !matches!(failure, Failure::Work(_)) {
            self.conn = None;
        }
        self.retry(group, lost_commit);
        Vec::new()
    }

    /// Runs each of a failed group alone. Once the database cannot be reached, nobody after that waits for it as well.
    fn retry(&mut self, group: Vec<Box<dyn Job>>, lost_commit: bool) {
        let mut reached = true;
        for job in group {
            if reached {
                reached = self.retry_alone(job, lost_commit);
            } else {
                job.answer(Some(if lost_commit { Error::OutcomeUnknown } else { Error::Busy }));
            }
        }
    }

    /// Runs one of a failed group; whether the database was reached. After a lost commit it is not run again unless it
    /// is known not to stand.
    fn retry_alone(&mut self, job: Box<dyn Job>, lost_commit: bool) -> bool {
        if lost_commit {
            match self.stands(job.command()) {
                Ok(false) => {}
                Ok(true) => {
                    job.answer(None);
                    return true;
                }
                Err(error) => {
                    job.answer(Some(unknown(&error)));
                    return false;
                }
            }
        }
        let mut alone = [job];
        let outcome = self.attempt(&mut alone);
        let [job] = alone;
        let reached = !matches!(outcome, Err(Failure::Begin(_)));
        let failure = match outcome {
            Ok(()) => None,
            Err(Failure::Begin(error)) => {
                log::warn!("the database cannot be reached: error={error}");
                self.conn = None;
                Some(Error::Busy)
            }
            Err(Failure::Work(error)) => Some(failed(&error)),
            Err(Failure::Commit(error)) => {
                log::warn!("a commit was lost: error={error}");
                self.conn = None;
                match self.stands(job.command()) {
                    Ok(true) => None,
                    Ok(false) => Some(Error::Busy),
                    Err(error) => Some(unknown(&error)),
                }
            }
        };
        job.answer(failure);
        reached
    }

    /// Whether a command stands in the ledger, asked behind the lock of the head: as long as the transaction whose
    /// COMMIT was lost is under way on the server, it holds that lock.
    fn stands(&mut self, command: Uuid) -> Result<bool> {
        let look = |conn: &mut Conn| {
            conn.begin()?;
            head::lock(conn)?;
            let stands = head::has_command(conn, command)?;
            conn.rollback()?;
            Ok(stands)
        };
        let found = self.open().and_then(look);
        if found.is_err() {
            self.conn = None;
        }
        found
    }

    fn open(&mut self) -> Result<&mut Conn> {
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => Conn::open_to_write(&self.url)?,
        };
        Ok(self.conn.insert(conn))
    }

    fn attempt(&mut self, group: &mut [Box<dyn Job>]) -> Result<(), Failure> {
        let (clock, guard) = (self.clock.clone(), Arc::clone(&self.guard));
        let conn = self.open().map_err(Failure::Begin)?;
        conn.begin().map_err(|error| Failure::Begin(error.into()))?;
        match run_all(conn, &clock, &*guard, group) {
            Ok(moved) => {
                conn.commit().map_err(|error| Failure::Commit(error.into()))?;
                if let Some(head) = moved {
                    guard.committed(conn, head);
                }
                Ok(())
            }
            Err(failure) if conn.rollback().is_ok() => Err(failure),
            Err(failure) => {
                let gone = conn.ping().is_err();
                self.conn = None;
                Err(match failure {
                    Failure::Work(error) if gone => Failure::Begin(error),
                    failure => failure,
                })
            }
        }
    }
}

/// What is answered for work that failed, the cause of which stays in the log.
fn failed(error: &Error) -> Error {
    if let Error::Busy = error {
        return Error::Busy;
    }
    log::error!("the writer's work failed: error={error}");
    Error::Database("the work failed".into())
}

/// What may have been done and may not have been: nobody can be told, and it must not be done again.
fn unknown(error: &Error) -> Error {
    log::error!("a commit was lost, and whether it stands cannot be asked: error={error}");
    Error::OutcomeUnknown
}

/// Runs each of the group inside the transaction that has begun, unless the guard objects; answers where the head has
/// moved to.
fn run_all(
    conn: &mut Conn,
    clock: &Clock,
    guard: &dyn Guard,
    group: &mut [Box<dyn Job>],
) -> Result<Option<Head>, Failure> {
    let (before, database) = head::lock(conn).map_err(Failure::Begin)?;
    match guard.admit(conn, Observed { head: before, now: clock.now(), database }) {
        Ok(()) => {}
        Err(Error::Refused(problem)) => {
            group.iter_mut().for_each(|job| job.refuse(problem.clone()));
            return Ok(None);
        }
        Err(error) => return Err(Failure::Begin(error)),
    }
    let mut head = before;
    for job in group {
        let now = clock.now();
        // The clocks of replicas differ: recorded time never runs backwards. What day it is, the clock alone says.
        head = Head { seq: head.seq, at: head.at.max(now), today: shanghai_day(now) };
        job.run(conn, &mut head, now).map_err(Failure::Work)?;
    }
    if head.seq == before.seq {
        return Ok(None);
    }
    head::advance(conn, head).map_err(Failure::Work)?;
    Ok(Some(head))
}
