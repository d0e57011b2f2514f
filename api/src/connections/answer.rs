//! The body of an answer on its way out, piece by piece.

use super::budget::Charge;
use super::connection::Connection;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

/// How much of an answer is handed to actix at a time, which copies it, keeps the copy until the peer has taken it, and
/// the buffer for as long as the connection is open.
pub(crate) const PIECE: usize = 8 * 1024;

/// A request that is being answered, until this is dropped.
#[derive(Debug)]
pub(crate) struct Asked(Arc<Connection>);

impl Asked {
    /// Notes that a request has arrived.
    pub(super) fn on(connection: &Arc<Connection>) -> Self {
        connection.asked();
        Self(Arc::clone(connection))
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.answered(Instant::now());
    }
}

/// A body in pieces, with what it holds until the last of them is gone.
#[derive(Debug)]
pub(super) struct Pieces {
    pub(super) body: Result<Bytes, BoxBody>,
    pub(super) _charge: Option<Charge>,
    pub(super) _asked: Asked,
}

impl MessageBody for Pieces {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        match &self.body {
            Ok(bytes) => bytes.size(),
            Err(other) => other.size(),
        }
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        match &mut self.body {
            Ok(bytes) if bytes.is_empty() => Poll::Ready(None),
            Ok(bytes) => Poll::Ready(Some(Ok(bytes.split_to(bytes.len().min(PIECE))))),
            Err(other) => Pin::new(other).poll_next(cx),
        }
    }
}
