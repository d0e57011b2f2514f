//! How often each client calls each operation, counted here until it is written down, once a minute.
//!
//! A process that ends without warning loses the counts of a minute and nothing else. Who calls without a token is not
//! counted: nobody could be told of.

use actix_web::http::Method;
use lvcai_store::Registry;
use lvcai_store::calls::Call;
use std::collections::HashMap;
use std::mem::take;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use utoipa::openapi::OpenApi;

/// How often counts are written down.
const EVERY: Duration = Duration::from_secs(60);

/// The operations that are mounted: their names in the document, by address and method.
#[derive(Debug, Clone, Default)]
pub(crate) struct Operations(HashMap<String, HashMap<Method, Arc<str>>>);

impl Operations {
    /// Those of a document.
    pub(crate) fn of(document: &OpenApi) -> Self {
        let mut mounted = Self::default();
        for (address, item) in &document.paths.paths {
            let methods = [
                (Method::GET, &item.get),
                (Method::POST, &item.post),
                (Method::PUT, &item.put),
                (Method::PATCH, &item.patch),
            ];
            let named = methods.into_iter().filter_map(|(method, operation)| {
                Some((method, Arc::from(operation.as_ref()?.operation_id.as_deref()?)))
            });
            mounted.0.insert(address.clone(), named.collect());
        }
        mounted
    }

    /// The one of an address, by its pattern, and a method.
    pub(crate) fn named(&self, pattern: &str, method: &Method) -> Option<&Arc<str>> {
        self.0.get(pattern)?.get(method)
    }

    /// Their names.
    pub(crate) fn names(&self) -> Vec<String> {
        self.0.values().flat_map(HashMap::values).map(ToString::to_string).collect()
    }
}

/// The calls of this process that are not written down yet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Calls(Arc<Mutex<HashMap<Call, i64>>>);

impl Calls {
    /// Counts a call.
    pub(crate) fn add(&self, call: Call) {
        *self.counts().entry(call).or_default() += 1;
    }

    /// Writes down what was counted. What cannot be written stays counted.
    pub(crate) async fn write(&self, registry: &Registry) {
        let counted = take(&mut *self.counts());
        if counted.is_empty() {
            return;
        }
        let written = counted.iter().map(|(call, calls)| (call.clone(), *calls)).collect();
        if let Err(error) = registry.count_calls(written).await {
            log::warn!("calls were not written down yet: error={error}");
            let mut counts = self.counts();
            counted.into_iter().for_each(|(call, calls)| *counts.entry(call).or_default() += calls);
        }
    }

    /// Writes down every minute what was counted.
    pub(crate) async fn write_forever(self, registry: Registry) {
        loop {
            tokio::time::sleep(EVERY).await;
            self.write(&registry).await;
        }
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<Call, i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
