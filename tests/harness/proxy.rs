//! A way to PostgreSQL on which the answer of a COMMIT can be lost.
//!
//! It reads the protocol as far as that needs: which message of a client is a COMMIT, and where the server's answer to
//! it ends. Connections are not encrypted.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// What becomes of new connections once an answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThenConnections {
    /// They are closed until [`Proxy::pass`].
    AreRefused,
    /// They pass.
    Pass,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Pass,
    Lose(ThenConnections),
    Refuse,
    Swallow,
}

/// A running proxy; it takes no connection any more once it is dropped.
pub struct Proxy {
    address: SocketAddr,
    ways: Arc<Mutex<Vec<TcpStream>>>,
    mode: Arc<Mutex<Mode>>,
    ended: Arc<AtomicBool>,
}

impl Proxy {
    /// Starts one before the server of an address; the address that leads through it.
    pub fn before(url: &str) -> (Self, String) {
        let server = url.split('@').nth(1).unwrap().split('/').next().unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (mode, ways) = (Arc::new(Mutex::new(Mode::Pass)), Arc::<Mutex<Vec<TcpStream>>>::default());
        let proxy = Self { address, ways: Arc::clone(&ways), mode, ended: Arc::default() };
        let (mode, ended, way) = (Arc::clone(&proxy.mode), Arc::clone(&proxy.ended), server.clone());
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                if *mode.lock().unwrap() != Mode::Refuse {
                    ways.lock().unwrap().push(client.try_clone().unwrap());
                    join(client, TcpStream::connect(&way).unwrap(), &mode);
                }
            }
        });
        (proxy, url.replacen(&server, &address.to_string(), 1))
    }

    /// Loses the answer of the next COMMIT: the server carries it out, and the connection ends.
    pub fn lose_next_commit(&self, then: ThenConnections) {
        *self.mode.lock().unwrap() = Mode::Lose(then);
    }

    /// Whether the answer was lost that was to be.
    pub fn has_lost(&self) -> bool {
        !matches!(*self.mode.lock().unwrap(), Mode::Lose(_))
    }

    /// Swallows whatever is sent from now on, either way, and keeps the connections.
    pub fn swallow(&self) {
        *self.mode.lock().unwrap() = Mode::Swallow;
    }

    /// Ends the connections that there are.
    pub fn cut(&self) {
        for way in self.ways.lock().unwrap().drain(..) {
            drop(way.shutdown(Shutdown::Both));
        }
    }

    /// Lets everything pass again.
    pub fn pass(&self) {
        *self.mode.lock().unwrap() = Mode::Pass;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        drop(TcpStream::connect(self.address));
    }
}

/// Joins a client and the server by two threads, which end with their connections.
fn join(client: TcpStream, server: TcpStream, mode: &Arc<Mutex<Mode>>) {
    let lost = Arc::new(AtomicBool::new(false));
    let ends = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let (asked, losing) = (Arc::clone(mode), Arc::clone(&lost));
    std::thread::spawn(move || {
        let swallowing = Arc::clone(&asked);
        forward(client, server, &swallowing, |messages| {
            if messages.iter().any(|it| is_commit(it)) && matches!(*asked.lock().unwrap(), Mode::Lose(_)) {
                losing.store(true, Ordering::SeqCst);
            }
        });
    });
    let mode = Arc::clone(mode);
    std::thread::spawn(move || answer(ends.1, ends.0, &lost, &mode));
}

/// Passes on what the client sends, after `look` has seen the messages that are whole.
fn forward(mut client: TcpStream, mut server: TcpStream, mode: &Mutex<Mode>, mut look: impl FnMut(&[Vec<u8>])) {
    let (mut seen, mut buffer) = (Messages::default(), [0; 8192]);
    while let Ok(length @ 1..) = client.read(&mut buffer) {
        if *mode.lock().unwrap() == Mode::Swallow {
            continue;
        }
        look(&seen.add(&buffer[..length]));
        if server.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    drop((client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both)));
}

/// Passes on what the server answers, but for the answer that is lost: it is awaited, and both connections end.
fn answer(mut server: TcpStream, mut client: TcpStream, lost: &AtomicBool, mode: &Mutex<Mode>) {
    let (mut kept, mut buffer) = (Vec::new(), [0; 8192]);
    while let Ok(length @ 1..) = server.read(&mut buffer) {
        if *mode.lock().unwrap() == Mode::Swallow {
            continue;
        }
        if !lost.load(Ordering::SeqCst) {
            if client.write_all(&buffer[..length]).is_err() {
                break;
            }
            continue;
        }
        kept.extend_from_slice(&buffer[..length]);
        // ReadyForQuery: its letter, its length, and a byte for the transaction.
        if kept.len() >= 6 && kept[kept.len() - 6..].starts_with(&[b'Z', 0, 0, 0, 5]) {
            let mut mode = mode.lock().unwrap();
            *mode = if *mode == Mode::Lose(ThenConnections::AreRefused) { Mode::Refuse } else { Mode::Pass };
            break;
        }
    }
    drop((client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both)));
}

fn is_commit(message: &[u8]) -> bool {
    message.first() == Some(&b'Q') && message.get(5..11) == Some(b"COMMIT")
}

/// The messages of a client, whatever pieces they arrive in.
#[derive(Default)]
struct Messages {
    rest: Vec<u8>,
    started: bool,
}

impl Messages {
    /// The messages that are whole with these bytes. The first of a connection has no letter before its length.
    fn add(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        self.rest.extend_from_slice(bytes);
        let mut whole = Vec::new();
        loop {
            let letter = usize::from(self.started);
            let Some(length) = self.rest.get(letter..letter + 4) else { return whole };
            let length = letter + usize::try_from(u32::from_be_bytes(length.try_into().unwrap())).unwrap();
            if self.rest.len() < length {
                return whole;
            }
            whole.push(self.rest.drain(..length).collect());
            self.started = true;
        }
    }
}
