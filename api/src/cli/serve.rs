//! `lvcai serve`: open, serve, stop cleanly.

use super::clock;
use super::error::{CliError, said};
use super::open::{Opened, join, open_or_make};
use super::out;
use crate::docs::DemoClients;
use crate::keys::Keys;
use crate::server;
use crate::service::AppState;
use actix_web::web::Data;
use lvcai_config::Config;
use lvcai_store::Registry;
use lvcai_trust::{DocumentError, verify_document};
use std::process::ExitCode;
use std::sync::Arc;

pub(super) fn run(config: &Config) -> Result<ExitCode, CliError> {
    actix_web::rt::System::new().block_on(async {
        let opened = open_or_make(config).await?;
        serve(config, opened, None, || out::line(format_args!("http://{}", config.address))).await
    })
}

/// Serves until a signal, then waits for what is in flight and for the writer. `lvcai demo` gives its clients.
pub(super) async fn serve(
    config: &Config,
    opened: Opened,
    demo: Option<DemoClients>,
    ready: impl FnOnce() -> Result<(), CliError>,
) -> Result<ExitCode, CliError> {
    if config.embedded() {
        // An embedded database has one server, so no other one has to have the same keys, and they may be made here.
        Keys::create(&config.keys)?;
    }
    let Opened { registry, writer, watch } = opened;
    let keys = Keys::read(&config.keys, &config.issuer)?;
    check_documents(&registry, &keys).await?;
    let looking = Arc::clone(&watch);
    registry.read(move |conn| looking.look(conn)).await?;
    let clock = registry.clone();
    let watching = tokio::task::spawn(Arc::clone(&watch).run_forever(registry.clone()));
    let (calls, kept) = (registry.clone(), registry.clone());
    let state = AppState { watch: Some(watch), ..AppState::new(registry, keys, config.request_time) };
    let counted = state.calls.clone();
    let counting = tokio::task::spawn(counted.clone().write_forever(calls));
    let running = server::serve_with(config, Data::new(state), demo)?;
    log::info!("serving: address={} admin_address={}", running.address, running.admin_address);
    let clock = tokio::task::spawn(clock::run_forever(clock));
    // Nobody has to read it.
    drop(ready());
    let ended = running.wait().await;
    counted.write(&kept).await;
    drop(kept);
    // Each holds a handle on the registry and has to let go of it. The writer finishes what it was handed.
    for task in [clock, watching, counting] {
        task.abort();
        drop(task.await);
    }
    ended?;
    // The last handle on the registry is gone with the servers, so the writer finishes and ends.
    tokio::task::spawn_blocking(move || join(writer)).await??;
    log::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Refuses to serve with the keys of another registry: nobody could verify the documents that this one has published.
async fn check_documents(registry: &Registry, keys: &Keys) -> Result<(), CliError> {
    let newest = registry.read(lvcai_store::audit::newest_document).await?;
    match newest.map(|document| verify_document(&document, &keys.publications)) {
        Some(Err(DocumentError::UnknownKey(kid))) => Err(said(
            format!(
                "最近发布的名单文件由密钥 {kid} 签名，而密钥目录中没有它：请放回本库的密钥目录（LVCAI_KEYS），\
                 或把该密钥的公钥以 publication-NAME.jwk.json 存入目录"
            ),
            format!(
                "the newest published document is signed by the key {kid}, which is not in the keys folder: put the \
                 folder of this registry back (LVCAI_KEYS), or the public half of that key as \
                 publication-NAME.jwk.json into it"
            ),
        )),
        Some(Err(error)) => {
            log::error!("the newest published document does not verify, `lvcai audit` tells more: error={error}");
            Ok(())
        }
        Some(Ok(_)) | None => Ok(()),
    }
}
