//! Programs that call the registry, with and without a token.
//!
//! They send what no orderly client would: wrong tokens, bodies that are none, headers twice. What is asked of an orderly
//! one is asked of `lvcai-client`, by [`Client::registry`].

use jiff::{SignedDuration, Timestamp};
use lvcai_domain::{ClientId, OrganisationId};
use lvcai_store::Clock;
use serde_json::{Value, json};
use std::cell::RefCell;

/// A program that calls the registry over HTTP.
pub struct Client {
    url: String,
    /// Its id, once it is known to the registry.
    pub id: Option<ClientId>,
    /// For whom it acts.
    pub organisation: Option<OrganisationId>,
    /// Its private key, PKCS#8 PEM, ES256.
    pub pem: String,
    /// The token it holds; set it to send another.
    pub token: RefCell<Option<String>>,
    /// Renews the token once the clock is past this instant.
    renew: RefCell<Option<(Clock, Timestamp)>>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: ureq::http::HeaderMap,
    /// The body as JSON, `null` when it is none.
    pub body: Value,
    /// The body as it was sent.
    pub text: String,
}

impl Answer {
    /// A header, empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|it| it.to_str().unwrap()).unwrap_or_default()
    }

    /// Requires a status, and shows the body when it is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Requires a problem of the catalogue.
    #[track_caller]
    pub fn problem(self, status: u16, slug: &str) -> Self {
        assert_eq!((self.status, self.slug()), (status, Some(slug)), "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        self
    }

    /// The kind of problem that it is, by the last segment of its address, which is an absolute one.
    pub fn slug(&self) -> Option<&str> {
        let (registry, slug) = self.body["type"].as_str()?.split_once("/problems/")?;
        registry.starts_with("http").then_some(slug)
    }

    /// The `id` of the body.
    #[track_caller]
    pub fn id(&self) -> String {
        self.body["id"].as_str().unwrap_or_else(|| panic!("no id in {}", self.text)).to_owned()
    }

    /// The ETag of the record that it shows, which a PUT does not say of what it has transformed.
    pub fn tag(&self) -> String {
        format!("\"{}\"", lvcai_trust::Digest::of(self.text.as_bytes()))
    }

    /// The cut of the answer.
    #[track_caller]
    pub fn seq(&self) -> i64 {
        self.header("registry-seq").parse().unwrap()
    }
}

impl Client {
    /// Somebody without a token.
    pub fn anonymous(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            id: None,
            organisation: None,
            pem: String::new(),
            token: RefCell::new(None),
            renew: RefCell::new(None),
        }
    }

    /// A client of the registry that proves itself by `pem`.
    pub fn known(url: &str, id: ClientId, organisation: OrganisationId, pem: String) -> Self {
        Self {
            url: url.to_owned(),
            id: Some(id),
            organisation: Some(organisation),
            pem,
            token: RefCell::new(None),
            renew: RefCell::new(None),
        }
    }

    /// The same client at another address, without a token.
    pub fn at(&self, url: &str) -> Self {
        let same = Self::known(url, self.id.unwrap(), OrganisationId::mint(), self.pem.clone());
        Self { organisation: self.organisation, ..same }
    }

    /// The registry at an address, as `lvcai-client` shows it to this client.
    pub fn registry(&self, url: &str, clock: &Clock) -> lvcai_client::Registry {
        let clock = clock.clone();
        let registry = lvcai_client::Registry::at(url).issuer(crate::ISSUER).clock(move || clock.now());
        match self.id {
            Some(id) => registry.with(lvcai_client::Credentials::new(&id.to_string(), &self.pem).unwrap()),
            None => registry,
        }
    }

    /// The claims of a client assertion that is in order, at an instant.
    pub fn claims(&self, now: Timestamp) -> Value {
        let id = self.id.unwrap().to_string();
        json!({ "iss": id, "sub": id, "aud": crate::ISSUER, "jti": uuid::Uuid::new_v4().to_string(),
            "iat": now.as_second(), "exp": now.as_second() + 60 })
    }

    /// Signs claims with the client's key.
    pub fn sign(&self, claims: &Value) -> String {
        lvcai_client::sign_claims(&self.pem, claims).unwrap()
    }

    /// Asks for a token with an assertion.
    pub fn ask_for_token(&self, assertion: &str, scope: Option<&str>) -> Answer {
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
        ];
        form.extend(scope.map(|scope| ("scope", scope)));
        let response = agent().post(format!("{}/oauth/token", self.url)).send_form(form).unwrap();
        read(response)
    }

    /// Gets a token, keeps it, and gets another whenever the clock has run past it.
    pub fn authenticated(self, clock: &Clock) -> Self {
        self.renew(clock);
        self
    }

    fn renew(&self, clock: &Clock) {
        let now = clock.now();
        let answer = self.ask_for_token(&self.sign(&self.claims(now)), None).expect(200);
        *self.token.borrow_mut() = Some(answer.body["access_token"].as_str().unwrap().to_owned());
        *self.renew.borrow_mut() = Some((clock.clone(), now + SignedDuration::from_secs(590)));
    }

    /// GET.
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    /// POST of JSON, with a fresh idempotency key.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_text(path, &[], body.to_string().as_bytes())
    }

    /// POST of a text as it stands, with a fresh idempotency key and other headers.
    pub fn post_text(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let key = uuid::Uuid::new_v4().to_string();
        self.send("POST", path, &[&[("idempotency-key", key.as_str())], headers].concat(), Some(body))
    }

    /// PUT of JSON.
    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, &[], Some(body.to_string().as_bytes()))
    }

    /// PATCH of a merge patch.
    pub fn patch(&self, path: &str, if_match: &str, body: &Value) -> Answer {
        self.send("PATCH", path, &[("if-match", if_match)], Some(body.to_string().as_bytes()))
    }

    /// Any request: JSON unless a content type is among the headers.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Answer {
        let stale = self.renew.borrow().clone().filter(|(clock, until)| clock.now() > *until);
        if let Some((clock, _)) = stale {
            self.renew(&clock);
        }
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some(token) = self.token.borrow().as_ref() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if body.is_some() && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match body {
            Some(body) => agent().run(request.body(body).unwrap()),
            None => agent().run(request.body(()).unwrap()),
        };
        read(response.unwrap_or_else(|error| panic!("{method} {path}: {error}")))
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::new_with_config(
        ureq::Agent::config_builder().http_status_as_error(false).allow_non_standard_methods(true).build(),
    )
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> Answer {
    let bytes = response.body_mut().with_config().limit(64 << 20).read_to_vec().unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: serde_json::from_str(&text).unwrap_or(Value::Null),
        text,
    }
}
