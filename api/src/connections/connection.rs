//! What is known of one connection: whether it waits for its peer, and since when.

use futures_util::task::AtomicWaker;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

/// How many bytes of an answer a peer must take in a second, once the time for a request is over.
const LEAST_RATE: u64 = 16 * 1024;

/// actix answers a first head that is late with 408; only where it has not, the connection is ended.
const GRACE: Duration = Duration::from_secs(1);

/// A connection as those who bound it see it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) address: IpAddr,
    activity: Mutex<Activity>,
    ended: AtomicBool,
    task: AtomicWaker,
}

#[derive(Debug, Clone, Copy)]
struct Activity {
    /// How many requests are being answered.
    requests: usize,
    /// Whether bytes wait until the peer takes them.
    writing: bool,
    /// Since when nothing has been asked, or when the peer last took something.
    since: Instant,
    /// When the peer must have taken the whole answer.
    due: Option<Instant>,
}

impl Connection {
    /// A connection that was just accepted.
    pub(crate) fn new(address: IpAddr, now: Instant) -> Self {
        let activity = Mutex::new(Activity { requests: 0, writing: false, since: now, due: None });
        Self { address, activity, ended: AtomicBool::new(false), task: AtomicWaker::new() }
    }

    /// A request has arrived.
    pub(super) fn asked(&self) {
        self.activity().requests += 1;
    }

    /// A request is answered, as far as the registry is concerned.
    pub(super) fn answered(&self, now: Instant) {
        let mut activity = self.activity();
        activity.requests = activity.requests.saturating_sub(1);
        activity.since = now;
    }

    /// An answer of so many bytes begins, which must be taken in the time for a request and at the least rate.
    pub(super) fn answers(&self, bytes: usize, now: Instant, time: Duration) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.activity().due = Some(now + time + Duration::from_secs(bytes / LEAST_RATE));
    }

    /// The peer has taken bytes (`progress`), or has not.
    pub(super) fn wrote(&self, progress: bool, now: Instant) {
        let mut activity = self.activity();
        if progress || !activity.writing {
            activity.since = now;
        }
        activity.writing = true;
    }

    /// Nothing waits to be taken any more.
    pub(super) fn flushed(&self, now: Instant) {
        let mut activity = self.activity();
        if activity.writing {
            activity.writing = false;
            activity.since = now;
        }
    }

    /// Whether nothing is being answered: it is idle, or a head is on its way.
    pub(super) fn is_quiet(&self) -> bool {
        let activity = self.activity();
        activity.requests == 0 && !activity.writing
    }

    /// Whether the peer has had its time: for the head of a request, or to take an answer.
    pub(super) fn is_overdue(&self, now: Instant, time: Duration) -> bool {
        let Activity { requests, writing, since, due } = *self.activity();
        let waited = now.saturating_duration_since(since);
        if writing {
            return waited > time || due.is_some_and(|due| now > due);
        }
        requests == 0 && waited > time + GRACE
    }

    /// Ends the connection: its task is woken and fails at the next byte.
    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.task.wake();
    }

    /// Whether it was ended; if not yet, the task is woken once it is.
    pub(super) fn is_ended(&self, waker: &Waker) -> bool {
        self.task.register(waker);
        self.ended.load(Ordering::Acquire)
    }

    fn activity(&self) -> MutexGuard<'_, Activity> {
        self.activity.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Connection;
    use std::net::IpAddr;
    use std::time::{Duration, Instant};

    const TIME: Duration = Duration::from_secs(30);

    fn connection() -> (Connection, Instant) {
        let now = Instant::now();
        (Connection::new(IpAddr::from([127, 0, 0, 1]), now), now)
    }

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn each_head_has_its_time() {
        let (connection, start) = connection();
        assert!(!connection.is_overdue(after(start, 31), TIME));
        assert!(connection.is_overdue(after(start, 32), TIME));

        connection.asked();
        assert!(!connection.is_overdue(after(start, 100), TIME) && !connection.is_quiet());

        connection.answered(after(start, 100));
        assert!(!connection.is_overdue(after(start, 131), TIME) && connection.is_quiet());
        assert!(connection.is_overdue(after(start, 132), TIME));
    }

    #[test]
    fn bytes_of_a_head_that_is_never_whole_gain_no_time() {
        let (connection, start) = connection();

        connection.flushed(after(start, 20));

        assert!(connection.is_overdue(after(start, 32), TIME));
    }

    #[test]
    fn a_peer_that_takes_nothing_has_the_time_of_a_request() {
        let (connection, start) = connection();
        connection.asked();
        connection.answers(3_000_000, start, TIME);
        connection.wrote(true, start);
        connection.wrote(false, after(start, 1));

        assert!(!connection.is_overdue(after(start, 30), TIME));
        assert!(connection.is_overdue(after(start, 31), TIME));
    }

    #[test]
    fn a_peer_that_takes_a_byte_now_and_then_has_the_time_of_the_least_rate() {
        let (connection, start) = connection();
        connection.asked();
        connection.answers(160 * 1024, start, TIME);
        for second in (0..40).step_by(5) {
            connection.wrote(true, after(start, second));
            assert!(!connection.is_overdue(after(start, second), TIME));
        }

        connection.wrote(true, after(start, 41));

        assert!(connection.is_overdue(after(start, 41), TIME));
    }
}
