//! The bytes of a connection: noted as they pass, and cut off once the connection was ended.

use super::budget::Charge;
use super::connection::Connection;
use actix_web::rt::net::TcpStream;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How many bytes are read before what they say is looked at. actix would read 128 KiB, and keep a buffer of that size
/// for as long as a body takes to arrive.
const AT_A_TIME: usize = 7 * 1024;

/// A connection's stream as actix reads and writes it.
#[derive(Debug)]
pub(crate) struct Stream {
    inner: TcpStream,
    /// How many bytes were read since it last had to wait.
    read: usize,
    pub(super) connection: Arc<Connection>,
    /// Its place among the connections.
    _place: Charge,
}

impl Stream {
    /// A stream that was accepted, and given its place.
    pub(super) fn new(inner: TcpStream, connection: Arc<Connection>, place: Charge) -> Self {
        Self { inner, read: 0, connection, _place: place }
    }

    /// Fails where the connection was ended. What the peer has not taken is then forgotten by the system as well, which
    /// tells the peer so by a reset.
    fn check(&self, cx: &Context<'_>) -> io::Result<()> {
        if !self.connection.is_ended(cx.waker()) {
            return Ok(());
        }
        if !self.connection.is_quiet() {
            self.inner.set_zero_linger()?;
        }
        Err(io::ErrorKind::TimedOut.into())
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        if self.read >= AT_A_TIME {
            self.read = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = into.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, into);
        self.read = if read.is_pending() { 0 } else { self.read + into.filled().len() - before };
        read
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.connection.wrote(matches!(written, Poll::Ready(Ok(1..))), Instant::now());
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        ready!(Pin::new(&mut self.inner).poll_flush(cx))?;
        self.connection.flushed(Instant::now());
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
