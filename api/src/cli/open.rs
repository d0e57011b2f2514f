//! The registry of a command: migrated, and with the reference data that the program carries.

use super::error::{CliError, said};
use super::language::Language;
use crate::watch::Watch;
use lvcai_config::Config;
use lvcai_domain::{Organisation, OrganisationId, ProblemKind, Role};
use lvcai_store::{AsOf, Clock, Conn, Error, Guard, Registry, certificates, organisations, reference};
use std::sync::Arc;
use std::thread::JoinHandle;

/// A registry that a command works on.
pub(super) struct Opened {
    pub(super) registry: Registry,
    pub(super) writer: JoinHandle<()>,
    pub(super) watch: Arc<Watch>,
}

/// Makes an embedded registry where there is none, and says so.
pub(super) fn make(config: &Config) -> Result<(), CliError> {
    if config.embedded() {
        migrate(config)?;
    }
    Ok(())
}

/// Brings the tables up to date; says so where they were not there at all.
fn migrate(config: &Config) -> Result<(), CliError> {
    let url = &config.database_url;
    let is_new = config.embedded() && !lvcai_database::is_registry(url)?;
    let applied = lvcai_database::migrate(url)?;
    log::info!("the database is up to date: migrations_applied={applied}");
    if is_new && applied > 0 {
        let (zh, en) = (format!("lvcai：已新建登记库：{url}"), format!("lvcai: a new registry was made: {url}"));
        eprintln!("{}", Language::of_terminal().of(&zh, &en));
    }
    Ok(())
}

/// Refuses an address at which there is no registry.
pub(super) fn must_be_there(config: &Config) -> Result<(), CliError> {
    let url = &config.database_url;
    if lvcai_database::is_registry(url)? || !config.embedded() {
        return Ok(());
    }
    Err(said(
        format!("{url} 处没有登记库：请核对 LVCAI_DATABASE_URL 和当前目录；新建登记库用 lvcai serve 或 lvcai keys"),
        format!(
            "there is no registry at {url}: check LVCAI_DATABASE_URL and the folder you are in; `lvcai serve` or \
             `lvcai keys` makes a new one"
        ),
    ))
}

/// Brings the database up to date and opens it, with the reference data that the program carries. A file that is not
/// there is a mistyped address, and [`make`] is asked for by name where a registry is to be made.
pub(super) async fn open(config: &Config) -> Result<Opened, CliError> {
    must_be_there(config)?;
    open_or_make(config).await
}

/// The same where a registry may be made.
pub(super) async fn open_or_make(config: &Config) -> Result<Opened, CliError> {
    migrate(config)?;
    let watch = Arc::new(Watch::open(&config.keys, Clock::Wall)?);
    let guard: Arc<dyn Guard> = watch.clone();
    let (registry, writer) = lvcai_store::open_guarded(&config.database_url, config.readers, Clock::Wall, guard)?;
    if read_now(&registry, |conn, _| certificates::in_earlier_words(conn)).await? {
        return Err(said(
            "登记库由首个正式版本之前的开发版建立，其记录用语已改，无法读取：请另建新库（更改 LVCAI_DATABASE_URL）",
            "the registry was made by a development version before the first release, whose records have other words and \
             are not read any more: begin a new one (set LVCAI_DATABASE_URL)",
        ));
    }
    match reference::load(&registry).await {
        Ok(loaded) => log::info!("the reference data is up to date: changed={loaded}"),
        // What is only read goes on, and what writes is refused by itself.
        Err(Error::Refused(problem)) if problem.kind == ProblemKind::WritesHalted => {
            log::warn!("the reference data was not brought up to date");
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Opened { registry, writer, watch })
}

/// Opens the registry for one piece of work, and ends when what was written is kept.
pub(super) fn with_registry<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Registry) -> Result<T, CliError>,
) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let Opened { registry, writer, watch: _ } = open(config).await?;
        let done = work(&registry).await?;
        drop(registry);
        join(writer)?;
        Ok(done)
    })
}

/// Waits until the writer has done what it was handed.
pub(super) fn join(writer: JoinHandle<()>) -> Result<(), CliError> {
    writer.join().map_err(|_| said("写入线程异常终止", "the writer panicked"))
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
        _ => Err(said(
            format!("有多个组织名为 {name}；请用 {option} 给出标识"),
            format!("several organisations are named {name}; give the id with {option}"),
        )),
    }
}

/// Who vouches for what a file says: an authority and nobody else, by its id or its exact name.
pub(super) async fn authority(registry: &Registry, name: &str) -> Result<OrganisationId, CliError> {
    let named = match name.parse::<OrganisationId>() {
        Ok(id) => Some(id),
        Err(_) => organisation_named(registry, name, "--authority").await?,
    };
    let id = named.ok_or_else(|| {
        said(
            format!("没有名为 {name} 的组织；先登记：lvcai organisation add --name {name} --role authority"),
            format!(
                "no organisation is named {name}; register it: `lvcai organisation add --name {name} --role authority`"
            ),
        )
    })?;
    let found = read_now(registry, move |conn, cut| organisations::read(conn, id, cut)).await?;
    let found: Option<Organisation> = found.map(|it| it.parse()).transpose()?;
    if found.is_some_and(|it| it.roles.contains(&Role::Authority)) {
        return Ok(id);
    }
    Err(said(
        format!("{name} 不是主管部门；授予角色：lvcai organisation roles {id} --give authority"),
        format!("{name} is no authority; give it the role: `lvcai organisation roles {id} --give authority`"),
    ))
}
