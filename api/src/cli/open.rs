//! The registry of a command: migrated, and with the reference data that the program carries.

use super::error::CliError;
use lvcai_config::Config;
use lvcai_domain::OrganisationId;
use lvcai_store::{AsOf, Clock, Conn, Registry, organisations, reference};
use std::thread::JoinHandle;

/// Brings the database up to date and opens it, with the reference data that the program carries.
pub(super) async fn open(config: &Config) -> Result<(Registry, JoinHandle<()>), CliError> {
    let applied = lvcai_database::migrate(&config.database_url)?;
    log::info!("the database is up to date: migrations_applied={applied}");
    let (registry, writer) = lvcai_store::open(&config.database_url, config.readers, Clock::Wall)?;
    let loaded = reference::load(&registry).await?;
    log::info!("the reference data is up to date: changed={loaded}");
    Ok((registry, writer))
}

/// Opens the registry for one piece of work, and ends when what was written is kept.
pub(super) fn with_registry<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Registry) -> Result<T, CliError>,
) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (registry, writer) = open(config).await?;
        let done = work(&registry).await?;
        drop(registry);
        writer.join().map_err(|_| "the writer panicked")?;
        Ok(done)
    })
}

/// Reads what is recorded now.
pub(super) async fn read_now<T: Send + 'static>(
    registry: &Registry,
    work: impl FnMut(&mut Conn, i64) -> lvcai_store::Result<T> + Send + 'static,
) -> lvcai_store::Result<T> {
    Ok(registry.read_at(AsOf::Now, work).await?.1)
}

/// The one organisation of an exact name, where there is one; of several, `option` has to name the id.
pub(super) async fn organisation_named(
    registry: &Registry,
    name: &str,
    option: &str,
) -> Result<Option<OrganisationId>, CliError> {
    let wanted = name.to_owned();
    let found = read_now(registry, move |conn, cut| organisations::likely_duplicates(conn, &wanted, None, cut)).await?;
    match found.as_slice() {
        [] => Ok(None),
        [id] => Ok(Some(*id)),
        _ => Err(format!("several organisations are named {name}; give the id with {option}").into()),
    }
}
