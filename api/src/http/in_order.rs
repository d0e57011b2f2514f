//! The checks of a request, one after the other.
//!
//! actix asks all arguments of a handler at once, and whichever fails first
//! answers; a request with two faults would be answered now by the one and now
//! by the other. Here each waits for those that the handler names before it:
//! who asks, then the query, then the body.

use crate::http::failure::Failure;
use actix_web::{HttpMessage as _, HttpRequest};
use std::future::Future;
use std::pin::Pin;
use tokio::sync::oneshot::{Receiver, channel};

/// A check that is under way.
pub(crate) type Ordered<T> = Pin<Box<dyn Future<Output = Result<T, Failure>>>>;

/// Tells when the check that was named last has passed.
struct Last(Receiver<()>);

/// Runs a check once those before it have passed.
pub(crate) fn after_earlier<T: 'static>(
    request: &HttpRequest,
    check: impl Future<Output = Result<T, Failure>> + 'static,
) -> Ordered<T> {
    let (passed, next) = channel();
    let before = request.extensions_mut().insert(Last(next));
    Box::pin(async move {
        if let Some(Last(before)) = before
            && before.await.is_err()
        {
            // An earlier check failed and dropped its sender. The request is answered with that failure, so this one
            // never ends.
            return std::future::pending().await;
        }
        let value = check.await?;
        // No check waits for the last one, so that its message may have no receiver is no failure.
        _ = passed.send(());
        Ok(value)
    })
}
