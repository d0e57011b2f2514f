//! What handlers hold: the registry, the keys, and the tokens verified so far.

use crate::calls::Calls;
use crate::deprecated::{DEPRECATED, Deprecation};
use crate::keys::Keys;
use crate::proofs::Proofs;
use crate::unanswered::Unanswered;
use crate::uploads::Uploads;
use crate::watch::Watch;
use lvcai_auth::Access;
use lvcai_store::Registry;
use lvcai_trust::Digest;
use quick_cache::sync::Cache;
use std::sync::Arc;
use std::time::Duration;

/// How many verified tokens are remembered. Verifying one costs as much as several reads.
const TOKENS: usize = 10_000;

/// Everything a handler needs; one for all workers.
#[derive(Debug)]
pub struct AppState {
    /// The registry.
    pub registry: Registry,
    /// The private keys.
    pub keys: Keys,
    /// How long a request body may take to arrive.
    pub request_time: Duration,
    /// Watches over clock and head; none where nobody does.
    pub watch: Option<Arc<Watch>>,
    /// The operations that will go: those of this release, unless a test says otherwise.
    pub deprecated: &'static [Deprecation],
    /// How often clients call what.
    pub(crate) calls: Calls,
    /// Requests for a token that got no answer.
    pub(crate) unanswered: Unanswered,
    /// Proofs of possession that were used.
    pub(crate) proofs: Proofs,
    /// The uploads under way.
    pub(crate) uploads: Uploads,
    /// Tokens that verified, by their digest; their expiry is looked at each time.
    pub(crate) tokens: Cache<Digest, Access>,
}

impl AppState {
    /// Puts a registry behind HTTP.
    pub fn new(registry: Registry, keys: Keys, request_time: Duration) -> Self {
        Self {
            registry,
            keys,
            request_time,
            watch: None,
            deprecated: DEPRECATED,
            calls: Calls::default(),
            unanswered: Unanswered::default(),
            proofs: Proofs::default(),
            uploads: Uploads::new(),
            tokens: Cache::new(TOKENS),
        }
    }

    /// Writes down who called what since the last time.
    pub async fn write_calls(&self) {
        self.calls.write(&self.registry).await;
    }
}
