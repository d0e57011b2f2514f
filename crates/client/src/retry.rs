//! When a request is tried again, and when it is given up.

use crate::record::Record;
use jiff::Timestamp;
use std::time::{Duration, Instant};

/// The first pause where the registry names none; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How often and for how long all tries of a request together may go on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) tries: u32,
    pub(crate) deadline: Duration,
}

/// The tries of a request.
pub(crate) struct Tries {
    bounds: Bounds,
    begun: Instant,
    made: u32,
}

impl Tries {
    pub(crate) fn begin(bounds: Bounds) -> Self {
        Self { bounds, begun: Instant::now(), made: 0 }
    }

    /// How long the request may still take.
    pub(crate) fn left(&self) -> Duration {
        self.bounds.deadline.saturating_sub(self.begun.elapsed())
    }

    /// How long to wait before the next try; none where there is no other, or no time for the pause. `chance` is between
    /// 0 and 1, so that those who were turned away together do not come back together.
    pub(crate) fn pause(&mut self, asked: Option<Duration>, chance: f64) -> Option<Duration> {
        self.made += 1;
        let grown = FIRST_PAUSE.saturating_mul(1 << (self.made - 1).min(16)).min(LONGEST_PAUSE);
        let pause = match asked {
            Some(asked) => asked + FIRST_PAUSE.mul_f64(chance),
            None => grown.mul_f64(0.5 + chance / 2.0),
        };
        (self.made < self.bounds.tries && pause < self.left()).then_some(pause)
    }
}

/// A number between 0 and 1 by chance.
pub(crate) fn chance() -> f64 {
    let [first, ..] = uuid::Uuid::new_v4().into_bytes();
    f64::from(first) / 255.0
}

/// How long an answer asks to wait: `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), else the `t` of
/// `RateLimit`.
pub(crate) fn asked(answer: &Record, now: Timestamp) -> Option<Duration> {
    let named = answer.header("retry-after").map(str::trim);
    let seconds = named.and_then(|it| it.parse().ok()).map(Duration::from_secs);
    let until = || {
        let date = jiff::fmt::rfc2822::parse(named?).ok()?;
        Some(Duration::try_from(date.timestamp().duration_since(now)).unwrap_or_default())
    };
    let limit = || {
        let reset = answer.header("ratelimit")?.split(';').find_map(|it| it.trim().strip_prefix("t="))?;
        reset.trim().parse().ok().map(Duration::from_secs)
    };
    seconds.or_else(until).or_else(limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ureq::http::{HeaderMap, HeaderName};

    fn tries(tries: u32, seconds: u64) -> Tries {
        Tries::begin(Bounds { tries, deadline: Duration::from_secs(seconds) })
    }

    fn wait(headers: &[(&'static str, &str)]) -> Option<Duration> {
        let pair = |(name, value): &(&'static str, &str)| (HeaderName::from_static(name), value.parse().unwrap());
        let headers: HeaderMap = headers.iter().map(pair).collect();
        asked(&Record::new(503, headers, Vec::new()), "2026-03-02T02:00:00Z".parse().unwrap())
    }

    #[test]
    fn pauses_grow_and_end_with_the_tries() {
        let mut tries = tries(4, 60);

        let pauses: Vec<_> = (0..4).map(|_| tries.pause(None, 1.0)).collect();

        assert_eq!(pauses, [Some(200), Some(400), Some(800), None].map(|it| it.map(Duration::from_millis)));
    }

    #[test]
    fn chance_halves_a_pause_at_most_and_never_shortens_the_one_that_is_asked_for() {
        assert_eq!(tries(2, 60).pause(None, 0.0), Some(Duration::from_millis(100)));
        assert_eq!(tries(2, 60).pause(Some(Duration::from_secs(3)), 0.0), Some(Duration::from_secs(3)));
        assert_eq!(tries(2, 60).pause(Some(Duration::from_secs(3)), 1.0), Some(Duration::from_millis(3200)));
    }

    #[test]
    fn nobody_waits_for_a_pause_that_ends_after_the_deadline() {
        assert_eq!(tries(5, 10).pause(Some(Duration::from_secs(11)), 0.0), None);
        assert!(tries(u32::MAX, 60).pause(None, 1.0).is_some());
    }

    #[test]
    fn the_wait_is_told_in_seconds_as_a_date_or_by_the_rate_limit() {
        let seconds = |it| Some(Duration::from_secs(it));

        assert_eq!(wait(&[("retry-after", "7"), ("ratelimit", "\"default\";r=0;t=3")]), seconds(7));
        assert_eq!(wait(&[("retry-after", "Mon, 02 Mar 2026 02:00:05 GMT")]), seconds(5));
        assert_eq!(wait(&[("retry-after", "Mon, 02 Mar 2026 01:00:00 GMT")]), seconds(0));
        assert_eq!(wait(&[("ratelimit", "\"default\";r=0;t=3")]), seconds(3));
        assert_eq!(wait(&[("retry-after", "soon")]), None);
    }
}
