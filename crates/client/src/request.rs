//! A request: what it says, and how it is sent.

use crate::address::pairs;
use crate::error::Error;
use crate::link::Outgoing;
use crate::record::Record;
use crate::session::Session;
use serde::Serialize;
use ureq::http::Method;

/// A request that has not been sent yet.
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    session: Session,
    outgoing: Outgoing,
    query: Vec<(String, String)>,
    fault: Option<serde_json::Error>,
}

impl Request {
    pub(crate) fn new(session: Session, method: Method, path: &str) -> Self {
        let outgoing = Outgoing { method, target: path.to_owned(), ..Outgoing::default() };
        Self { session, outgoing, query: Vec::new(), fault: None }
    }

    /// Adds a parameter, or gives it another value.
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set_query(name, value.into());
        self
    }

    pub(crate) fn set_query(&mut self, name: &str, value: String) {
        self.query.retain(|(known, _)| known != name);
        self.query.push((name.to_owned(), value));
    }

    /// Sends a body of JSON: a record, a merge patch, or the array of a batch.
    pub fn body(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => self.content("application/json", bytes),
            Err(error) => {
                self.fault = Some(error);
                self
            }
        }
    }

    /// Sends JSON Lines: a batch, one line after the other.
    pub fn json_lines<T: Serialize>(mut self, lines: impl IntoIterator<Item = T>) -> Self {
        let mut bytes = Vec::new();
        for line in lines {
            if let Err(error) = serde_json::to_writer(&mut bytes, &line) {
                self.fault = Some(error);
            }
            bytes.push(b'\n');
        }
        self.content("application/jsonl", bytes)
    }

    /// Sends a body of another kind as it stands: a table of `text/csv` or a workbook.
    pub fn content(self, media_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let mut request = self.header("content-type", media_type);
        request.outgoing.body = Some(bytes.into());
        request
    }

    /// Writes only where the record still has this ETag.
    pub fn if_match(self, etag: &str) -> Self {
        self.header("if-match", etag)
    }

    /// Names the idempotency key instead of taking a new one: for a write that is to be one with those of an earlier run
    /// of the program.
    pub fn idempotency_key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// Asks what would come of a write, and changes nothing.
    pub fn validate_only(self) -> Self {
        self.query("validate_only", "true")
    }

    /// Sends a header that has no function of its own.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.outgoing.headers.retain(|(known, _)| *known != name);
        self.outgoing.headers.push((name, value.to_owned()));
        self
    }

    /// Sends it and waits for the answer.
    ///
    /// # Errors
    ///
    /// [`Error::Problem`] where the registry refuses it, [`Error::Transport`] where no answer came in time,
    /// [`Error::Token`], [`Error::Issuer`] or [`Error::Key`] where there is no token for it, [`Error::Unreadable`] where
    /// something else than the registry answered, [`Error::Json`] where the body could not be written.
    pub fn send(mut self) -> Result<Record, Error> {
        if let Some(fault) = self.fault.take() {
            return Err(fault.into());
        }
        self.answer()
    }

    /// Reads, unless the record still has this ETag: nothing then.
    ///
    /// # Errors
    ///
    /// Those of [`Self::send`].
    pub fn send_unless(self, etag: &str) -> Result<Option<Record>, Error> {
        let record = self.header("if-none-match", etag).send()?;
        Ok(Some(record).filter(|it| it.status() != 304))
    }

    /// Sends it as it is now; it can be changed and sent again.
    pub(crate) fn answer(&self) -> Result<Record, Error> {
        let mut outgoing = self.outgoing.clone();
        if !self.query.is_empty() {
            let joint = if outgoing.target.contains('?') { '&' } else { '?' };
            outgoing.target = format!("{}{joint}{}", outgoing.target, pairs(&self.query));
        }
        if !matches!(outgoing.method, Method::GET | Method::HEAD)
            && !outgoing.headers.iter().any(|(name, _)| *name == "idempotency-key")
        {
            outgoing.headers.push(("idempotency-key", uuid::Uuid::new_v4().to_string()));
        }
        self.session.send(&outgoing)
    }
}
