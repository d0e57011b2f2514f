//! A registry, as a program calls it.

use crate::address::segment;
use crate::credentials::Credentials;
use crate::document::{Publication, verify_document};
use crate::error::Error;
use crate::items::Items;
use crate::link::{Link, Settings};
use crate::request::Request;
use crate::retry::Bounds;
use crate::session::Session;
use jiff::Timestamp;
use lvcai_trust::Jwks;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use ureq::http::Method;

/// A registry at an address. Cheap to clone; clones share connections and the token.
#[derive(Debug, Clone)]
pub struct Registry {
    session: Session,
}

impl Registry {
    /// A registry by its address, as `https://registry.example`, called by nobody in particular.
    pub fn at(url: &str) -> Self {
        let settings = Settings {
            url: url.trim_end_matches('/').to_owned(),
            issuer: None,
            language: None,
            connect: Duration::from_secs(10),
            read: Duration::from_secs(60),
            bounds: Bounds { tries: 6, deadline: Duration::from_secs(120) },
            clock: Arc::new(now),
        };
        Self { session: Session::anonymous(Link::new(settings)) }
    }

    /// Calls as this client from now on.
    #[must_use]
    pub fn with(mut self, credentials: Credentials) -> Self {
        self.session.identify(credentials);
        self
    }

    /// How the registry calls itself (`LVCAI_ISSUER`), where that is not the address by which it is called.
    #[must_use]
    pub fn issuer(self, issuer: &str) -> Self {
        self.set(|it| it.issuer = Some(issuer.to_owned()))
    }

    /// The language of problems: `zh` or `en`.
    #[must_use]
    pub fn language(self, language: &str) -> Self {
        self.set(|it| it.language = Some(language.to_owned()))
    }

    /// How often a request is tried, 6 times unless set; 1 for never again.
    #[must_use]
    pub fn tries(self, tries: u32) -> Self {
        self.set(|it| it.bounds.tries = tries)
    }

    /// How long a request may take with all its tries and pauses, 120 seconds unless set.
    #[must_use]
    pub fn deadline(self, deadline: Duration) -> Self {
        self.set(|it| it.bounds.deadline = deadline)
    }

    /// How long a connection may take to come about, 10 seconds unless set, and how long the registry may be silent on
    /// it, 60 seconds: a batch is answered when it is done.
    #[must_use]
    pub fn timeouts(self, connect: Duration, read: Duration) -> Self {
        self.set(|it| (it.connect, it.read) = (connect, read))
    }

    /// Takes the time from elsewhere than the clock of the machine.
    #[must_use]
    pub fn clock(self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.set(|it| it.clock = Arc::new(clock))
    }

    /// Trusts these certificate authorities (PEM) and no others, for a registry whose certificate is not one of the
    /// public's.
    ///
    /// # Errors
    ///
    /// [`Error::Transport`] where the text is no PEM.
    #[cfg(feature = "tls")]
    pub fn authorities(mut self, pem: &str) -> Result<Self, Error> {
        self.session.link.trust(pem)?;
        Ok(self)
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.session.link.settings);
        self
    }

    /// Reads.
    pub fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    /// Makes something new, takes a step, pushes a batch, or asks for verdicts.
    pub fn post(&self, path: &str) -> Request {
        self.request(Method::POST, path)
    }

    /// States a whole record.
    pub fn put(&self, path: &str) -> Request {
        self.request(Method::PUT, path)
    }

    /// Changes some members of a record, by a merge patch; it needs [`Request::if_match`].
    pub fn patch(&self, path: &str) -> Request {
        self.request(Method::PATCH, path)
    }

    /// The items of a list.
    pub fn list<T: DeserializeOwned>(&self, path: &str) -> Items<T> {
        Items::new(self.get(path))
    }

    fn request(&self, method: Method, path: &str) -> Request {
        Request::new(self.session.clone(), method, path)
    }

    /// The public keys of the registry, to be kept: who takes them together with a document takes the registry's word.
    ///
    /// # Errors
    ///
    /// Those of [`Request::send`].
    pub fn keys(&self) -> Result<Jwks, Error> {
        let keys = self.get("/.well-known/jwks.json").send()?;
        Ok(Jwks::parse(&String::from_utf8_lossy(keys.bytes()))?)
    }

    /// The publication of a list by its number, verified by these keys.
    ///
    /// # Errors
    ///
    /// [`Error::Verification`] where the document is not to be believed, and those of [`Request::send`].
    pub fn publication(&self, list: &str, number: i64, keys: &Jwks) -> Result<Publication, Error> {
        let path = format!("/v1/lists/{}/publications/{number}/document", segment(list));
        let document = self.get(&path).send()?;
        let publication = verify_document(&String::from_utf8_lossy(document.bytes()), keys)?;
        publication.must_be(list, number)?;
        Ok(publication)
    }

    /// The access token, for programs that call the registry by other means beside this; none without credentials.
    ///
    /// # Errors
    ///
    /// Those of [`Request::send`].
    pub fn token(&self) -> Result<Option<String>, Error> {
        self.session.token()
    }
}

#[expect(clippy::disallowed_methods, reason = "a program that calls the registry has the clock of its own machine")]
fn now() -> Timestamp {
    Timestamp::now()
}
