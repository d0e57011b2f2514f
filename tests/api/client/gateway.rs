//! A gateway before the registry that does to the next requests what it is told, and remembers all of them.

use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What becomes of a request.
pub(super) enum Fate {
    /// It never reaches the registry: the connection ends.
    Lost,
    /// The registry carries it out, and the answer is lost.
    Unanswered,
    /// The gateway answers this itself.
    Answered(String),
}

/// A gateway that takes one request of each connection. Its thread ends with the program.
pub(super) struct Gateway {
    /// Its address.
    pub(super) url: String,
    fates: Arc<Mutex<VecDeque<Fate>>>,
    heads: Arc<Mutex<Vec<String>>>,
}

/// An answer of a gateway: its status, its headers and a body of JSON.
pub(super) fn answer(status: &str, headers: &str, body: &str) -> Fate {
    let length = body.len();
    Fate::Answered(format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"))
}

impl Gateway {
    pub(super) fn before(url: &str) -> Self {
        let server = url.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let gateway = Self { url, fates: Arc::default(), heads: Arc::default() };
        let (fates, heads) = (Arc::clone(&gateway.fates), Arc::clone(&gateway.heads));
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (fates, heads, server) = (Arc::clone(&fates), Arc::clone(&heads), server.clone());
                std::thread::spawn(move || serve(client, &server, &fates, &heads));
            }
        });
        gateway
    }

    /// What becomes of the next requests; all others pass. Those for tokens always do.
    pub(super) fn next(&self, fates: impl IntoIterator<Item = Fate>) {
        self.fates.lock().unwrap().extend(fates);
    }

    /// The heads of the requests that began so, as `POST /v1/products`, in lower case.
    pub(super) fn seen(&self, begin: &str) -> Vec<String> {
        let heads = self.heads.lock().unwrap();
        heads.iter().filter(|it| it.starts_with(begin)).map(|it| it.to_lowercase()).collect()
    }
}

/// The value of a header in a head.
pub(super) fn value<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn serve(mut client: TcpStream, server: &str, fates: &Mutex<VecDeque<Fate>>, heads: &Mutex<Vec<String>>) {
    let Some((head, body)) = request(&mut client) else { return };
    let aside = ["/oauth/token", "/.well-known/"].iter().any(|it| head.contains(it));
    heads.lock().unwrap().push(head.clone());
    let fate = if aside { None } else { fates.lock().unwrap().pop_front() };
    let answer = match fate {
        Some(Fate::Lost) => return,
        Some(Fate::Answered(answer)) => answer.into_bytes(),
        Some(Fate::Unanswered) => {
            pass(&head, &body, server);
            return;
        }
        None => pass(&head, &body, server),
    };
    drop(client.write_all(&answer));
}

/// Reads a request with its body.
fn request(client: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let (mut read, mut buffer) = (Vec::new(), [0; 8192]);
    loop {
        if let Some(end) = read.windows(4).position(|it| it == b"\r\n\r\n") {
            let body = read.split_off(end + 4);
            let head = String::from_utf8(read).unwrap();
            let length = value(&head.to_lowercase(), "content-length").map_or(0, |it| it.parse().unwrap());
            let mut rest = vec![0; length - body.len()];
            client.read_exact(&mut rest).ok()?;
            return Some((head, [body, rest].concat()));
        }
        match client.read(&mut buffer) {
            Ok(length @ 1..) => read.extend_from_slice(&buffer[..length]),
            _ => return None,
        }
    }
}

/// Hands a request on, and waits for the whole answer.
fn pass(head: &str, body: &[u8], server: &str) -> Vec<u8> {
    let mut registry = TcpStream::connect(server).unwrap();
    let head = head.replacen("\r\n", "\r\nconnection: close\r\n", 1);
    registry.write_all(&[head.as_bytes(), body].concat()).unwrap();
    let mut answer = Vec::new();
    registry.read_to_end(&mut answer).unwrap();
    answer
}
