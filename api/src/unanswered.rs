//! Requests for a token that got no answer: the assertion gave no token, though it may be marked as used.
//!
//! That happens where the answer of a COMMIT is lost (503 `outcome-unknown`) and where the caller goes away. The same
//! assertion, sent again to this process, is then taken for the same request, once. Another process does not know, and
//! a new assertion is always right.

use jiff::Timestamp;
use lvcai_domain::ClientId;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

type Key = (ClientId, String);

/// Requests without an answer, by their assertions, each until its assertion has run out.
#[derive(Debug, Default)]
pub(crate) struct Unanswered(Mutex<HashMap<Key, (Uuid, Timestamp)>>);

/// A request that waits for its answer; without one it may come again.
#[derive(Debug)]
pub(crate) struct Waiting<'a> {
    unanswered: &'a Unanswered,
    key: Key,
    expires_at: Timestamp,
    /// Which request it is: the one that got no answer before, or a new one.
    pub(crate) request: Uuid,
    answered: bool,
}

impl Unanswered {
    /// Begins to wait. Of two that come at once, one alone is the request that got no answer.
    pub(crate) fn begin(&self, client: ClientId, jti: &str, expires_at: Timestamp) -> Waiting<'_> {
        let key = (client, jti.to_owned());
        let request = self.known().remove(&key).map_or_else(Uuid::now_v7, |(request, _)| request);
        Waiting { unanswered: self, key, expires_at, request, answered: false }
    }

    /// Forgets those whose assertions nobody would take any more.
    pub(crate) fn forget(&self, expired_at: Timestamp) {
        self.known().retain(|_, (_, expires_at)| *expires_at >= expired_at);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Key, (Uuid, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting<'_> {
    /// Ends the waiting with an answer, after which the assertion is used up.
    pub(crate) fn answered(mut self) {
        self.answered = true;
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.unanswered.known().insert(self.key.clone(), (self.request, self.expires_at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_without_an_answer_may_come_again_once() {
        let (unanswered, client) = (Unanswered::default(), ClientId::mint());
        let expires_at: Timestamp = "2026-03-02T12:00:00Z".parse().unwrap();
        let begin = |jti| unanswered.begin(client, jti, expires_at);

        let lost = begin("a").request;

        let again = begin("a");
        assert_eq!(again.request, lost);
        assert_ne!(begin("b").request, lost, "another assertion");
        let beside = begin("a");
        assert_ne!(beside.request, lost, "while the first waits");
        beside.answered();
        again.answered();
        assert_ne!(begin("a").request, lost, "after its answer");
    }

    #[test]
    fn what_has_run_out_is_forgotten() {
        let (unanswered, client) = (Unanswered::default(), ClientId::mint());
        let expires_at: Timestamp = "2026-03-02T12:00:00Z".parse().unwrap();
        let lost = unanswered.begin(client, "a", expires_at).request;

        unanswered.forget(expires_at + jiff::SignedDuration::from_secs(1));

        assert_ne!(unanswered.begin(client, "a", expires_at).request, lost);
    }
}
