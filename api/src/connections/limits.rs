//! The bounds of a served registry, and what they mean for one connection.

use super::answer::{Asked, Pieces};
use super::budget::{Budget, Charge};
use super::connection::Connection;
use super::stream::Stream;
use actix_web::body::{BoxBody, MessageBody as _};
use actix_web::rt::net::TcpStream;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many connections are kept open. Each takes some 20 kB while a head is on its way.
const CONNECTIONS: usize = 2_048;

/// How many bytes of bodies are held: of those that arrive, and of those that are worked on.
const BODIES: usize = 16 << 20;

/// How many bytes of answers are held that their peers have not taken.
const ANSWERS: usize = 24 << 20;

/// What counts for nothing: as much of a body, or a whole answer. Small questions are answered whatever others hold.
const FREE: usize = 16 * 1024;

/// How often connections are looked at that may be overdue.
const EVERY: Duration = Duration::from_secs(1);

/// The bounds of all connections.
#[derive(Debug)]
pub(crate) struct Limits {
    /// How long a head may take to arrive, and how long a peer may take nothing of its answer.
    time: Duration,
    connections: Arc<Budget>,
    bodies: Arc<Budget>,
    answers: Arc<Budget>,
}

impl Limits {
    /// Bounds with so much time for each head and between two pieces of an answer.
    pub(crate) fn new(time: Duration) -> Self {
        let (connections, bodies, answers) =
            (Budget::of_connections(CONNECTIONS), Budget::of_bytes(BODIES), Budget::of_bytes(ANSWERS));
        Self { time, connections: connections.into(), bodies: bodies.into(), answers: answers.into() }
    }

    /// Gives a connection its place, or refuses it.
    pub(crate) fn accept(&self, stream: TcpStream) -> io::Result<Stream> {
        let now = Instant::now();
        let connection = Arc::new(Connection::new(stream.peer_addr()?.ip(), now));
        let Some(place) = self.connections.take(&connection, 1, now) else {
            stream.set_zero_linger()?;
            return Err(io::ErrorKind::QuotaExceeded.into());
        };
        stream.set_nodelay(true)?;
        Ok(Stream::new(stream, connection, place))
    }

    /// Ends what is overdue, for ever.
    pub(crate) async fn watch(self: Arc<Self>) {
        loop {
            tokio::time::sleep(EVERY.min(self.time)).await;
            let now = Instant::now();
            self.connections.for_each(|connection| {
                if connection.is_overdue(now, self.time) {
                    connection.end();
                }
            });
        }
    }
}

/// Whoever is at the other end of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    limits: Arc<Limits>,
    connection: Arc<Connection>,
}

impl Peer {
    /// The peer of an accepted stream.
    pub(crate) fn of(stream: &Stream, limits: &Arc<Limits>) -> Self {
        Self { limits: Arc::clone(limits), connection: Arc::clone(&stream.connection) }
    }

    /// Notes that a request has arrived.
    pub(crate) fn asks(&self) -> Asked {
        Asked::on(&self.connection)
    }

    /// Begins to count a body that arrives.
    pub(crate) fn body(&self) -> BodyShare {
        BodyShare { peer: self.clone(), arrived: 0, size: 0, charge: None }
    }

    /// The body of an answer as it goes out. Where `anyhow` is not set it may be refused, when too much is on its way.
    pub(crate) fn answer(&self, body: BoxBody, asked: Asked, anyhow: bool) -> Result<BoxBody, Asked> {
        let body = body.try_into_bytes();
        let size = body.as_ref().map_or(0, |bytes| bytes.len());
        let now = Instant::now();
        let mut charge = None;
        if size > FREE {
            charge = self.limits.answers.take(&self.connection, size, now);
            if charge.is_none() && !anyhow {
                return Err(asked);
            }
            if charge.is_none() {
                charge = self.limits.answers.take(&self.connection, 0, now);
                charge.iter().for_each(|it| it.grow_beyond(size));
            }
        }
        self.connection.answers(size, now, self.limits.time);
        Ok(BoxBody::new(Pieces { body, _charge: charge, _asked: asked }))
    }
}

/// What a body holds of what all bodies may hold.
#[derive(Debug)]
pub(crate) struct BodyShare {
    peer: Peer,
    /// How much there is of it.
    arrived: usize,
    /// How much is taken for it.
    size: usize,
    charge: Option<Charge>,
}

impl BodyShare {
    /// Counts a piece that was not expected; whether there is room for it.
    #[must_use]
    pub(crate) fn add(&mut self, piece: usize) -> bool {
        self.arrived += piece;
        self.expect(self.arrived)
    }

    /// Takes as much as a body of this size needs; whether there is as much.
    #[must_use]
    pub(crate) fn expect(&mut self, size: usize) -> bool {
        let before = self.size;
        self.size = self.size.max(size);
        if self.size <= before.max(FREE) {
            return true;
        }
        let (more, now) = (self.size - before.max(FREE), Instant::now());
        let Peer { limits, connection } = &self.peer;
        if let Some(charge) = &self.charge {
            return charge.grow(connection, more, now);
        }
        self.charge = limits.bodies.take(connection, more, now);
        self.charge.is_some()
    }

    /// The body has arrived whole; what it holds is given back when this is dropped.
    pub(crate) fn has_arrived(self) -> Option<Charge> {
        self.charge.iter().for_each(Charge::has_arrived);
        self.charge
    }
}
