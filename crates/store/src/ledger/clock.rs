//! The time, so that tests can set it.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use lvcai_domain::calendar::shanghai_day;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// How much longer than promised working rows are kept: more than a clock may be wrong without being noticed
/// (`lvcai_domain::watch`), so that nothing is swept before its time, and what one process has forgotten is refused by
/// every other.
const GRACE: SignedDuration = SignedDuration::from_hours(24 * 15);

/// Before which instant a working row is swept that is kept for so long.
pub(crate) fn swept_before(now: Timestamp, kept: SignedDuration) -> Timestamp {
    now - kept - GRACE
}

/// Tells the time.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The time it is.
    #[default]
    Wall,
    /// The time that a test says it is, in microseconds since 1970.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `at` until a test moves it.
    pub fn standing(at: Timestamp) -> Self {
        Self::Set(Arc::new(AtomicI64::new(at.as_microsecond())))
    }

    /// Moves a standing clock.
    pub fn set(&self, at: Timestamp) {
        if let Self::Set(micros) = self {
            micros.store(at.as_microsecond(), Ordering::SeqCst);
        }
    }

    /// The present instant, in whole microseconds.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    pub fn now(&self) -> Timestamp {
        let micros = match self {
            Self::Wall => Timestamp::now().as_microsecond(),
            Self::Set(micros) => micros.load(Ordering::SeqCst),
        };
        Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The present day in Asia/Shanghai.
    pub fn today(&self) -> Date {
        shanghai_day(self.now())
    }
}
