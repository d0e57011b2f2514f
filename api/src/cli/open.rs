//! The registry of a command: migrated, and with the reference data that the program carries.

use super::CliError;
use lvcai_config::Config;
use lvcai_store::{Clock, Registry, reference};
use std::thread::JoinHandle;

/// Brings the database up to date and opens it, with the reference data that the program carries.
pub(super) async fn open(config: &Config) -> Result<(Registry, JoinHandle<()>), CliError> {
    let applied = lvcai_database::migrate(&config.database_url)?;
    log::info!("the database is up to date: migrations_applied={applied}");
    let (registry, writer) = Registry::open(&config.database_url, config.readers, Clock::Wall)?;
    let loaded = reference::load(&registry).await?;
    log::info!("the reference data is up to date: changed={loaded}");
    Ok((registry, writer))
}
