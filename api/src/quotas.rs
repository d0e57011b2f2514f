//! What each caller has taken of the quota that everybody has, where there is one.
//!
//! It is of this process alone: replicas behind one balancer count each for itself.

use jiff::Timestamp;
use lvcai_domain::ClientId;
use lvcai_domain::quota::{Quota, Taken};
use quick_cache::unsync::Cache;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// How many callers are remembered; whoever is forgotten has all units again.
const CALLERS: usize = 100_000;

/// Whose quota it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Whose {
    /// A client's, wherever it calls from.
    Client(ClientId),
    /// That of all who call from an address without a token.
    Address(IpAddr),
}

/// The quotas of all callers.
pub(crate) struct Quotas {
    /// The quota of each.
    pub(crate) quota: Quota,
    /// From when on each has all units again.
    whole_at: Mutex<Cache<Whose, Timestamp>>,
}

impl Quotas {
    /// So many units a minute for each caller; none where there is no limit.
    pub(crate) fn new(units: u32) -> Option<Self> {
        Quota::new(units).map(|quota| Self { quota, whole_at: Mutex::new(Cache::new(CALLERS)) })
    }

    /// Takes units of a caller.
    pub(crate) fn take(&self, whose: Whose, cost: u32, now: Timestamp) -> Taken {
        let mut callers = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = self.quota.take(callers.get(&whose).copied(), cost, now);
        callers.insert(whose, taken.whole_at);
        taken
    }
}
