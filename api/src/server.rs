//! The servers: the API, and health on a port of its own.

use crate::calls::Operations;
use crate::connections::{Limits, PIECE, Peer, Stream};
use crate::deprecated::Deprecation;
use crate::docs::{self, DemoClients};
use crate::http::failure::Failure;
use crate::http::request::BodyLimit;
use crate::http::{accept, astray, headers, middleware};
use crate::quotas::Quotas;
use crate::routes::mount;
use crate::service::AppState;
use crate::{health, openapi};
use actix_cors::Cors;
use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol};
use actix_service::{ServiceFactory, ServiceFactoryExt as _, map_config};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{AppConfig, Extensions, Server, ServerHandle, ServiceRequest, ServiceResponse, fn_service};
use actix_web::http::{Method, header};
use actix_web::middleware::{Condition, Next, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::web::Data;
use actix_web::{App, Error, HttpMessage as _, HttpRequest, HttpResponse, HttpServer, web};
use lvcai_config::Config;
use lvcai_domain::{Bilingual, Fault, Problem, ProblemKind, Rule};
use lvcai_store::calls::Call;
use lvcai_store::refusals::Attempt;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use utoipa_actix_web::AppExt as _;

/// Why serving did not begin or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address could not be bound.
    #[error("cannot listen on {address}: {error}; {variable} chooses another address")]
    Bind {
        /// The variable that says where to listen.
        variable: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the system says.
        error: std::io::Error,
    },
    /// A server failed while it ran.
    #[error("the server failed: {0}")]
    Run(#[from] std::io::Error),
}

impl ServeError {
    /// The error in both languages.
    pub(crate) fn said(&self) -> Bilingual {
        let zh = match self {
            Self::Bind { variable, address, error } => {
                format!("无法监听 {address}：{error}；可用 {variable} 改用其他地址")
            }
            Self::Run(error) => format!("服务出错：{error}"),
        };
        Bilingual::new(zh, self.to_string())
    }
}

/// Servers that run until they are stopped.
#[derive(Debug)]
pub struct Running {
    /// Where the API listens.
    pub address: SocketAddr,
    /// Where health and readiness listen.
    pub admin_address: SocketAddr,
    /// Stops the API; requests in flight are answered first.
    pub handle: ServerHandle,
    admin: ServerHandle,
    watching: tokio::task::JoinHandle<()>,
    api_task: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Waits until the API has been stopped, then stops the rest.
    ///
    /// # Errors
    ///
    /// [`ServeError::Run`] when the server failed.
    pub async fn wait(self) -> Result<(), ServeError> {
        let result = self.api_task.await.map_err(std::io::Error::other)?;
        self.watching.abort();
        self.admin.stop(true).await;
        Ok(result?)
    }
}

/// How long a connection that is closed may take to read what was answered.
const DISCONNECT: Duration = Duration::from_secs(5);

/// Binds both servers and starts them. Ctrl-C and SIGTERM stop them gracefully.
///
/// # Errors
///
/// [`ServeError::Bind`] names the address.
pub fn serve(config: &Config, state: Data<AppState>) -> Result<Running, ServeError> {
    serve_with(config, state, None)
}

/// The same, with the clients of a demo for its page.
pub(crate) fn serve_with(
    config: &Config,
    state: Data<AppState>,
    demo: Option<DemoClients>,
) -> Result<Running, ServeError> {
    let listener =
        TcpListener::bind(config.address).map_err(|error| cannot_bind("LVCAI_ADDRESS", config.address, error))?;
    let address = listener.local_addr()?;
    let limits = Arc::new(Limits::new(config.request_time));
    let server = listen(config, listener, &limits, state.clone(), demo.map(Data::new))?;
    let admin = HttpServer::new(move || App::new().app_data(state.clone()).configure(health::routes))
        .workers(1)
        .disable_signals()
        .shutdown_timeout(1)
        .bind(config.admin_address)
        .map_err(|error| cannot_bind("LVCAI_ADMIN_ADDRESS", config.admin_address, error))?;
    let admin_address = admin.addrs().first().copied().unwrap_or(config.admin_address);
    let admin = admin.run();
    let handle = server.handle();
    let admin_handle = admin.handle();
    drop(tokio::task::spawn(admin));
    drop(tokio::task::spawn(stop_on_signal(handle.clone())));
    let watching = tokio::task::spawn(limits.watch());
    Ok(Running { address, admin_address, handle, admin: admin_handle, watching, api_task: tokio::task::spawn(server) })
}

/// The server of the API. It is put together from the parts of actix's own `HttpServer`, which has no place for a
/// stream that is bounded.
fn listen(
    config: &Config,
    listener: TcpListener,
    limits: &Arc<Limits>,
    state: Data<AppState>,
    demo: Option<Data<DemoClients>>,
) -> std::io::Result<Server> {
    let (limits, time) = (Arc::clone(limits), config.request_time);
    let (body_limit, origins) = (BodyLimit(config.body_limit), config.cors_origins.clone());
    let document = Data::new(openapi::text());
    let quotas = Quotas::new(config.rate_limit).map(Data::new);
    let builder = Server::build()
        .workers(config.workers)
        // On Ctrl-C actix would drop the requests in flight. Both signals are waited for below, and let them finish.
        .disable_signals()
        .shutdown_timeout(config.shutdown_time.as_secs());
    let stopping = builder.graceful_shutdown_signal();
    let service = move || {
        let app = App::new().app_data(state.clone()).app_data(document.clone()).app_data(body_limit);
        // Data that is not there says that there is no limit.
        let app = match quotas.clone() {
            Some(quotas) => app.app_data(quotas),
            None => app,
        };
        let (app, mounted) = app.into_utoipa_app().configure(mount).split_for_parts();
        let app = app
            .app_data(Data::new(Operations::of(&mounted)))
            .configure(docs::mount(demo.clone()))
            .default_service(web::to(nowhere))
            .wrap(from_fn(negotiate))
            .wrap(from_fn(count))
            // Without it OPTIONS is answered like any other method, and a browser elsewhere is told nothing.
            .wrap(Condition::new(!origins.is_empty(), cors(&origins)))
            .wrap(from_fn(middleware::wrap));
        let stopping = stopping.clone();
        let stopped = move || {
            let stopping = stopping.clone();
            async move { stopping.notified().await }
        };
        let http = HttpService::build().graceful_shutdown_signal(stopped).client_request_timeout(time);
        let known = Arc::clone(&limits);
        let http = http
            .client_disconnect_timeout(DISCONNECT)
            .h1_write_buffer_size(PIECE)
            .on_connect_ext(move |stream: &Stream, data: &mut Extensions| drop(data.insert(Peer::of(stream, &known))))
            .finish(map_config(app, |()| AppConfig::default()));
        bounded(Arc::clone(&limits), http)
    };
    Ok(builder.listen("api", listener, service)?.run())
}

/// A service whose connections have a place and a time, or are refused.
fn bounded<S>(
    limits: Arc<Limits>,
    http: S,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = DispatchError, InitError = ()>
where
    S: ServiceFactory<
            (Stream, Protocol, Option<SocketAddr>),
            Config = (),
            Response = (),
            Error = DispatchError,
            InitError = (),
        >,
{
    let accept = fn_service(move |stream: TcpStream| {
        let accepted =
            stream.peer_addr().and_then(|address| Ok((limits.accept(stream)?, Protocol::Http1, Some(address))));
        std::future::ready(accepted.map_err(DispatchError::Io))
    });
    accept.and_then(http)
}

fn cannot_bind(variable: &'static str, address: SocketAddr, error: std::io::Error) -> ServeError {
    ServeError::Bind { variable, address, error }
}

/// Stops the API on Ctrl-C or SIGTERM, after what is in flight.
async fn stop_on_signal(handle: ServerHandle) {
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<Option<()>>();
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated => {}
    }
    log::info!("stopping: requests in flight are answered first");
    handle.stop(true).await;
}

/// Refuses who asks for a form in which the operation does not answer, before anything is done.
async fn negotiate<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match acceptable(request.request()) {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(failure) => Ok(request.error_response(failure)),
    }
}

/// Counts a call of a client, and says in the answer where the operation will go.
async fn count<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = next.call(request).await?.map_into_boxed_body();
    let sent = response.request();
    let Some(state) = sent.app_data::<Data<AppState>>().cloned() else { return Ok(response) };
    let attempt = sent.extensions().get::<Attempt>().map(|it| (it.client, it.organisation));
    if attempt.is_none() && state.deprecated.is_empty() {
        return Ok(response);
    }
    let pattern = sent.resource_map().match_pattern(sent.path()).unwrap_or_default();
    let mounted = sent.app_data::<Data<Operations>>();
    let Some(operation) = mounted.and_then(|it| it.named(&pattern, sent.method())).cloned() else {
        return Ok(response);
    };
    if let Some((client, organisation)) = attempt {
        state.calls.add(Call { client, organisation, operation: Arc::clone(&operation) });
    }
    if let Some(deprecation) = Deprecation::of(state.deprecated, &operation) {
        deprecation.tell(response.headers_mut());
    }
    Ok(response)
}

fn acceptable(request: &HttpRequest) -> Result<(), Failure> {
    let Some(accept) = headers::all(request, "Accept")?.filter(|it| it != "*/*") else { return Ok(()) };
    let pattern = request.resource_map().match_pattern(request.path());
    let offered = pattern.map(|it| openapi::answers(&it, request.method().as_str())).unwrap_or_default();
    if offered.is_empty() || accept::admits(&accept, &offered) {
        return Ok(());
    }
    let fault = Fault::new("Accept", Rule::NotAllowed).allowed(offered);
    Err(Problem::from(ProblemKind::NotAcceptable).fault(fault).into())
}

/// No operation is mounted here: the methods of the address where it has any, 404 otherwise.
async fn nowhere(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let methods = |path: &str| openapi::methods(&request.resource_map().match_pattern(path)?);
    match methods(request.path()) {
        Some(methods) if request.method() == Method::OPTIONS => {
            Ok(HttpResponse::NoContent().insert_header((header::ALLOW, methods)).finish())
        }
        Some(methods) => Err(Failure::from(ProblemKind::MethodNotAllowed).header(header::ALLOW, methods)),
        None => {
            let hint = astray::hint(request.path(), |path| methods(path).is_some());
            Err(Problem { detail: hint, ..ProblemKind::NotFound.into() }.into())
        }
    }
}

/// Browsers of the origins named may call; with none named, no browser elsewhere.
fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH"])
        .allow_any_header()
        .expose_headers([
            "etag",
            "registry-seq",
            "registry-version",
            "registry-valid-on",
            "registry-look-alikes",
            "link",
            "location",
            "content-location",
            "idempotency-replayed",
            "registry-validated-only",
            "retry-after",
            "ratelimit",
            "ratelimit-policy",
            "allow",
            "x-request-id",
        ])
        .max_age(3600);
    if origins.iter().any(|it| it == "*") {
        return cors.allow_any_origin().send_wildcard();
    }
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
