//! Who may upload at the same time, and who is worked on.

use lvcai_domain::ClientId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many uploads are worked on at a time; each may hold a table in memory.
const WORKED_ON: usize = 4;

/// How many uploads there are, those that still arrive among them; each may be a file of 64 MiB.
const ALL: usize = 16;

/// How many of one client: fewer than are worked on, so that it never has all places.
const EACH: usize = 3;

/// The uploads under way.
#[derive(Debug)]
pub(crate) struct Uploads {
    places: Arc<Semaphore>,
    under_way: Arc<Mutex<HashMap<ClientId, usize>>>,
}

/// An upload under way, until it is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay {
    of: Arc<Mutex<HashMap<ClientId, usize>>>,
    client: ClientId,
}

impl Uploads {
    /// No uploads yet.
    pub(crate) fn new() -> Self {
        Self { places: Arc::new(Semaphore::new(WORKED_ON)), under_way: Arc::default() }
    }

    /// Admits an upload of a client; none where it has enough, or where there are enough in all.
    pub(crate) fn begin(&self, client: ClientId) -> Option<UnderWay> {
        let mut under_way = lock(&self.under_way);
        let own = under_way.get(&client).copied().unwrap_or_default();
        if own >= EACH || under_way.values().sum::<usize>() >= ALL {
            return None;
        }
        under_way.insert(client, own + 1);
        Some(UnderWay { of: Arc::clone(&self.under_way), client })
    }

    /// A place among those that are worked on, for what has arrived; none where it takes too long.
    pub(crate) async fn place(&self, time: Duration) -> Option<OwnedSemaphorePermit> {
        tokio::time::timeout(time, Arc::clone(&self.places).acquire_owned()).await.ok()?.ok()
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut under_way = lock(&self.of);
        let left = under_way.get(&self.client).copied().unwrap_or_default().saturating_sub(1);
        if left == 0 {
            under_way.remove(&self.client);
        } else {
            under_way.insert(self.client, left);
        }
    }
}

fn lock(under_way: &Mutex<HashMap<ClientId, usize>>) -> MutexGuard<'_, HashMap<ClientId, usize>> {
    under_way.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{ALL, EACH, Uploads};
    use lvcai_domain::ClientId;

    #[test]
    fn a_client_has_its_share_and_all_have_a_bound() {
        let (uploads, one) = (Uploads::new(), ClientId::mint());
        let own: Vec<_> = (0..EACH).map(|_| uploads.begin(one).unwrap()).collect();
        assert!(uploads.begin(one).is_none());

        let others: Vec<_> = (EACH..ALL).map(|_| uploads.begin(ClientId::mint()).unwrap()).collect();
        assert!(uploads.begin(ClientId::mint()).is_none());

        drop(own);
        assert!(uploads.begin(one).is_some());
        drop(others);
        assert!(uploads.under_way.lock().unwrap().is_empty());
    }
}
