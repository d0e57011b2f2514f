//! A link with a token: got when it is first needed, renewed before it ends, and once where the registry refuses it.

use crate::address::pairs;
use crate::credentials::Credentials;
use crate::error::Error;
use crate::link::{Link, Outgoing};
use crate::proof::ProvedRequest;
use crate::record::Record;
use crate::retry::Tries;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use ureq::http::Method;

const METADATA: &str = "/.well-known/oauth-authorization-server";

/// A registry, called by somebody or by nobody in particular.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) link: Link,
    tokens: Option<Arc<Tokens>>,
}

#[derive(Debug)]
struct Tokens {
    credentials: Credentials,
    server: OnceLock<AuthorizationServer>,
    held: Mutex<Option<Held>>,
}

#[derive(Debug)]
struct Held {
    token: Token,
    renew_at: Timestamp,
}

/// A token, and whether it is bound to the client's key.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    text: String,
    bound: bool,
}

/// What of RFC 8414 is needed.
#[derive(Debug, Deserialize)]
struct AuthorizationServer {
    issuer: String,
    token_endpoint: String,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    token_type: String,
    expires_in: i64,
}

impl Session {
    pub(crate) fn anonymous(link: Link) -> Self {
        Self { link, tokens: None }
    }

    pub(crate) fn identify(&mut self, credentials: Credentials) {
        let (server, held) = (OnceLock::new(), Mutex::new(None));
        self.tokens = Some(Arc::new(Tokens { credentials, server, held }));
    }

    /// Sends a request with the token, and once more with another where the registry no longer takes it.
    pub(crate) fn send(&self, request: &Outgoing) -> Result<Record, Error> {
        let mut tries = self.link.tries();
        let Some(tokens) = &self.tokens else {
            return succeeded(self.link.persist(&mut tries, |left| Ok(self.link.call(request, &[], left)))?);
        };
        let mut token = tokens.get(&self.link, &mut tries, None)?;
        let mut answer = self.send_with(request, (tokens, &token), &mut tries)?;
        if refuses_token(&answer) {
            token = tokens.get(&self.link, &mut tries, Some(&token))?;
            answer = self.send_with(request, (tokens, &token), &mut tries)?;
        }
        succeeded(answer)
    }

    fn send_with(
        &self,
        request: &Outgoing,
        (tokens, token): (&Tokens, &Token),
        tries: &mut Tries,
    ) -> Result<Record, Error> {
        // A proof is used once, so each try signs another.
        self.link
            .persist(tries, |left| Ok(self.link.call(request, &tokens.proving(request, token, self.link.now())?, left)))
    }

    /// The token to send now; none for who has no credentials.
    pub(crate) fn token(&self) -> Result<Option<String>, Error> {
        let token = |tokens: &Arc<Tokens>| tokens.get(&self.link, &mut self.link.tries(), None);
        Ok(self.tokens.as_ref().map(token).transpose()?.map(|it| it.text))
    }
}

impl Tokens {
    /// The token that is held, unless it is about to end or is the one that was refused; else a new one. Who comes
    /// meanwhile waits for it and asks for none.
    fn get(&self, link: &Link, tries: &mut Tries, refused: Option<&Token>) -> Result<Token, Error> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Held { token, renew_at }) = &*held
            && link.now() < *renew_at
            && refused != Some(token)
        {
            return Ok(token.clone());
        }
        let fresh = self.ask(link, tries)?;
        let token = fresh.token.clone();
        *held = Some(fresh);
        Ok(token)
    }

    fn ask(&self, link: &Link, tries: &mut Tries) -> Result<Held, Error> {
        let server = self.server(link, tries)?;
        // Through the address by which the registry was called, which an inner network may know by another name.
        let path = server.token_endpoint.strip_prefix(&server.issuer).unwrap_or("/oauth/token");
        let begun = link.now();
        let answer = link.persist(tries, |left| {
            // An assertion is used once, so each try signs another.
            let form = pairs(&self.credentials.form(&server.issuer, link.now())?);
            let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
            let request = Outgoing { method: Method::POST, target: path.to_owned(), headers, body: Some(form.into()) };
            let proof = self.credentials.bound.then(|| self.proof(&request, None, link.now())).transpose()?;
            Ok(link.call(&request, proof.as_slice(), left))
        })?;
        let Granted { access_token: text, token_type, expires_in } = succeeded(answer)?.parse()?;
        let token = Token { text, bound: token_type.eq_ignore_ascii_case("DPoP") };
        if self.credentials.bound && !token.bound {
            let description =
                format!("a token that is bound to the key was asked for, and one of the type {token_type} given");
            return Err(Error::Token { error: "not_bound".to_owned(), description });
        }
        // Before its end by a tenth of its life, since a request is on its way for a while.
        Ok(Held { token, renew_at: begun + SignedDuration::from_secs(expires_in - expires_in / 10) })
    }

    /// The headers that prove who sends a request: its token, and that the client has the key to which it is bound.
    fn proving(
        &self,
        request: &Outgoing,
        Token { text, bound }: &Token,
        now: Timestamp,
    ) -> Result<Vec<(&'static str, String)>, Error> {
        let scheme = if *bound { "DPoP" } else { "Bearer" };
        let mut headers = vec![("authorization", format!("{scheme} {text}"))];
        if *bound {
            headers.push(self.proof(request, Some(text), now)?);
        }
        Ok(headers)
    }

    fn proof(&self, request: &Outgoing, token: Option<&str>, now: Timestamp) -> Result<(&'static str, String), Error> {
        let path = request.target.split('?').next().unwrap_or_default();
        let issuer = self.server.get().map(|it| it.issuer.as_str()).unwrap_or_default();
        let proved = ProvedRequest { method: request.method.as_str(), url: &format!("{issuer}{path}"), token };
        Ok(("dpop", self.credentials.proof(proved, now)?))
    }

    /// The metadata of the registry. An assertion for another issuer than the one that is called could be used there by
    /// whoever gets it, so it is signed for the expected one alone.
    fn server(&self, link: &Link, tries: &mut Tries) -> Result<&AuthorizationServer, Error> {
        if let Some(server) = self.server.get() {
            return Ok(server);
        }
        let request = Outgoing { target: METADATA.to_owned(), ..Outgoing::default() };
        let answer = succeeded(link.persist(tries, |left| Ok(link.call(&request, &[], left)))?)?;
        let server: AuthorizationServer = answer.parse()?;
        let expected = link.settings.issuer.as_ref().unwrap_or(&link.settings.url);
        if server.issuer != *expected {
            return Err(Error::Issuer { expected: expected.clone(), told: server.issuer });
        }
        Ok(self.server.get_or_init(|| server))
    }
}

fn refuses_token(answer: &Record) -> bool {
    answer.status() == 401 && answer.header("www-authenticate").is_some_and(|it| it.contains("invalid_token"))
}

/// An answer that is a success or says that nothing has changed.
fn succeeded(answer: Record) -> Result<Record, Error> {
    match answer.status() {
        200..=299 | 304 => Ok(answer),
        _ => Err(Error::of(&answer)),
    }
}
