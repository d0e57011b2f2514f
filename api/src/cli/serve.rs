//! `lvcai serve`: open, serve, stop cleanly.

use super::clock;
use super::error::CliError;
use super::open::open;
use crate::keys::Keys;
use crate::server;
use crate::service::AppState;
use actix_web::web::Data;
use lvcai_config::Config;
use lvcai_store::Registry;
use std::process::ExitCode;
use std::thread::JoinHandle;

pub(super) fn run(config: &Config) -> Result<ExitCode, CliError> {
    actix_web::rt::System::new().block_on(async {
        let (registry, writer) = open(config).await?;
        serve(config, registry, writer, || println!("http://{}", config.address)).await
    })
}

/// Serves until a signal, then waits for what is in flight and for the writer.
pub(super) async fn serve(
    config: &Config,
    registry: Registry,
    writer: JoinHandle<()>,
    ready: impl FnOnce(),
) -> Result<ExitCode, CliError> {
    if config.embedded() {
        // An embedded database has one server, so no other one has to have the same keys, and they may be made here.
        Keys::create(&config.keys)?;
    }
    let keys = Keys::read(&config.keys, &config.issuer)?;
    let clock = registry.clone();
    let running = server::serve(config, Data::new(AppState::new(registry, keys, config.request_time)))?;
    log::info!("serving: address={} admin_address={}", running.address, running.admin_address);
    let clock = tokio::task::spawn(clock::run_forever(clock));
    ready();
    let ended = running.wait().await;
    // The clock holds a handle on the registry and has to let go of it. The writer finishes what it was handed.
    clock.abort();
    drop(clock.await);
    ended?;
    // The last handle on the registry is gone with the servers, so the writer finishes and ends.
    tokio::task::spawn_blocking(move || writer.join()).await?.map_err(|_| "the writer panicked")?;
    log::info!("stopped");
    Ok(ExitCode::SUCCESS)
}
