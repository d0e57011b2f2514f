//! The way to a registry: requests go out, answers come back, and what was lost on the way is sent again.

use crate::error::Error;
use crate::record::Record;
use crate::retry::{Bounds, Tries, asked, chance};
use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use ureq::http;

/// The largest answer that is held, in bytes: a page of 500 certificates has some 2 MB, a document of a large city 50.
const LARGEST_ANSWER: u64 = 256 << 20;

/// How to call a registry.
#[derive(Clone)]
pub(crate) struct Settings {
    /// Its address, without a slash at the end.
    pub(crate) url: String,
    /// How it calls itself, where that is not its address.
    pub(crate) issuer: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) connect: Duration,
    pub(crate) read: Duration,
    pub(crate) bounds: Bounds,
    pub(crate) clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

/// A request that can be sent any number of times.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outgoing {
    pub(crate) method: http::Method,
    /// The path with the query.
    pub(crate) target: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<Vec<u8>>,
}

/// What became of a request that was sent once.
pub(crate) type Sent = Result<Record, ureq::Error>;

/// A registry and the connections to it.
#[derive(Clone)]
pub(crate) struct Link {
    agent: ureq::Agent,
    pub(crate) settings: Settings,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("url", &self.settings.url).finish_non_exhaustive()
    }
}

impl Link {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { agent: agent(None), settings }
    }

    /// Trusts other authorities than those of the public.
    #[cfg(feature = "tls")]
    pub(crate) fn trust(&mut self, pem: &str) -> Result<(), Error> {
        let certificates = ureq::tls::parse_pem(pem.as_bytes()).filter_map(|item| match item {
            Ok(ureq::tls::PemItem::Certificate(certificate)) => Some(Ok(certificate)),
            Ok(_) => None,
            Err(error) => Some(Err(transport(error))),
        });
        self.agent = agent(Some(ureq::tls::RootCerts::Specific(Arc::new(certificates.collect::<Result<_, _>>()?))));
        Ok(())
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.settings.clock)()
    }

    pub(crate) fn tries(&self) -> Tries {
        Tries::begin(self.settings.bounds)
    }

    /// Goes on trying until there is an answer with which one can go on, or no time left. `attempt` is told how much is.
    pub(crate) fn persist(
        &self,
        tries: &mut Tries,
        mut attempt: impl FnMut(Duration) -> Result<Sent, Error>,
    ) -> Result<Record, Error> {
        loop {
            let outcome = attempt(tries.left())?;
            let pause = match &outcome {
                Ok(answer) if [429, 503].contains(&answer.status()) => tries.pause(asked(answer, self.now()), chance()),
                Err(error) if is_lost(error) => tries.pause(None, chance()),
                Ok(_) | Err(_) => None,
            };
            let Some(pause) = pause else { return outcome.map_err(transport) };
            std::thread::sleep(pause);
        }
    }

    /// Sends a request once, with the headers that prove who sends it.
    pub(crate) fn call(&self, outgoing: &Outgoing, proving: &[(&'static str, String)], left: Duration) -> Sent {
        let Outgoing { method, target, headers, body } = outgoing;
        let mut request = http::Request::builder().method(method).uri(format!("{}{target}", self.settings.url));
        for (name, value) in headers.iter().chain(proving) {
            request = request.header(*name, value);
        }
        if let Some(language) = &self.settings.language {
            request = request.header("accept-language", language);
        }
        let mut response = match body {
            Some(body) => self.send(request.body(body.as_slice())?, left)?,
            None => self.send(request.body(())?, left)?,
        };
        let body = response.body_mut().with_config().limit(LARGEST_ANSWER).read_to_vec()?;
        Ok(Record::new(response.status().as_u16(), response.headers().clone(), body))
    }

    fn send<B: ureq::AsSendBody>(
        &self,
        request: http::Request<B>,
        left: Duration,
    ) -> Result<http::Response<ureq::Body>, ureq::Error> {
        let Settings { connect, read, .. } = &self.settings;
        let within = self.agent.configure_request(request).timeout_global(Some(left)).timeout_connect(Some(*connect));
        self.agent.run(within.timeout_per_read(Some(*read)).timeout_per_write(Some(*read)).build())
    }
}

/// An agent that hands on what it gets: a redirect would take the token to another address.
#[cfg(feature = "tls")]
fn agent(roots: Option<ureq::tls::RootCerts>) -> ureq::Agent {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut tls = ureq::tls::TlsConfig::builder().unversioned_rustls_crypto_provider(provider);
    if let Some(roots) = roots {
        tls = tls.root_certs(roots);
    }
    config().tls_config(tls.build()).build().into()
}

#[cfg(not(feature = "tls"))]
fn agent(_: Option<std::convert::Infallible>) -> ureq::Agent {
    config().build().into()
}

fn config() -> ureq::config::ConfigBuilder<ureq::typestate::AgentScope> {
    let config =
        ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).max_redirects_will_error(false);
    config.user_agent(concat!("lvcai-client/", env!("CARGO_PKG_VERSION")))
}

/// Whether the next try may fare better: the registry was not reached, or the answer was lost on its way.
fn is_lost(error: &ureq::Error) -> bool {
    match error {
        // A certificate that is not trusted stays so.
        ureq::Error::Io(error) => error.kind() != std::io::ErrorKind::InvalidData,
        ureq::Error::Timeout(_)
        | ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::Protocol(_) => true,
        _ => false,
    }
}

pub(crate) fn transport(error: ureq::Error) -> Error {
    Error::Transport(Box::new(error))
}
