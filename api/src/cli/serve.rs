//! `lvcai serve`: migrate, load reference data, serve, stop cleanly.

use super::{Trouble, clock};
use crate::{Keys, Service, server};
use actix_web::web::Data;
use lvcai_config::Config;
use lvcai_store::{Clock, Registry, reference};
use std::process::ExitCode;
use std::thread::JoinHandle;

pub(super) fn run(config: &Config) -> Result<ExitCode, Trouble> {
    actix_web::rt::System::new().block_on(async {
        let (registry, writer) = open(config).await?;
        serve(config, registry, writer, || println!("http://{}", config.address)).await
    })
}

/// Brings the database up to date and opens it, with the reference data that the program carries.
pub(super) async fn open(config: &Config) -> Result<(Registry, JoinHandle<()>), Trouble> {
    let applied = lvcai_database::migrate(&config.database_url)?;
    log::info!("the database is up to date: migrations_applied={applied}");
    let (registry, writer) = lvcai_store::open(&config.database_url, config.readers, Clock::Wall)?;
    let loaded = reference::load(&registry).await?;
    log::info!("the reference data is up to date: changed={loaded}");
    Ok((registry, writer))
}

/// Serves until a signal, then waits for what is in flight and for the writer.
pub(super) async fn serve(
    config: &Config,
    registry: Registry,
    writer: JoinHandle<()>,
    ready: impl FnOnce(),
) -> Result<ExitCode, Trouble> {
    if config.embedded() {
        // One machine, one folder: nobody else has to share the keys.
        Keys::create(&config.keys)?;
    }
    let keys = Keys::read(&config.keys, &config.issuer)?;
    let clock = registry.clone();
    let running = server::serve(config, Data::new(Service::new(registry, keys, config.request_time)))?;
    log::info!("serving: address={} admin_address={}", running.address, running.admin_address);
    let clock = tokio::task::spawn(clock::keep(clock));
    ready();
    let ended = running.wait().await;
    // It holds the registry. What it has handed to the writer is finished there.
    clock.abort();
    drop(clock.await);
    ended?;
    // The last handle on the registry is gone with the servers, so the writer finishes and ends.
    tokio::task::spawn_blocking(move || writer.join()).await?.map_err(|_| "the writer panicked")?;
    log::info!("stopped");
    Ok(ExitCode::SUCCESS)
}
