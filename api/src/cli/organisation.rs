//! `lvcai organisation`: organisations, and the role of an authority, which nobody can give over the network.

use super::error::{CliError, parsed, said};
use super::open::{organisation_named, with_registry};
use super::out;
use clap::{Args, Subcommand, ValueEnum};
use lvcai_config::Config;
use lvcai_domain::{Event, Organisation, OrganisationId, ProblemKind, Role, Uscc};
use lvcai_store::{Change, CommandContext, Decision, Registry, View, organisations};
use std::process::ExitCode;

/// What to do with organisations.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Register an organisation and print its id; where one has the name already, print that.
    Add(Add),
    /// Give an organisation roles, or take them.
    Roles(Roles),
}

/// An organisation to be registered.
#[derive(Debug, Args)]
pub(super) struct Add {
    /// Its exact name.
    #[arg(long)]
    name: String,
    /// What it does.
    #[arg(long, value_enum)]
    role: RoleName,
    /// Its unified social credit code.
    #[arg(long, value_parser = parsed::<Uscc>)]
    uscc: Option<Uscc>,
}

/// A change of roles.
#[derive(Debug, Args)]
pub(super) struct Roles {
    /// The organisation.
    #[arg(value_parser = parsed::<OrganisationId>)]
    organisation: OrganisationId,
    /// Roles to give.
    #[arg(long, value_enum)]
    give: Vec<RoleName>,
    /// Roles to take.
    #[arg(long, value_enum)]
    take: Vec<RoleName>,
}

/// A role as the command line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RoleName {
    Enterprise,
    Authority,
    ProcurementPlatform,
    Auditor,
    Laboratory,
}

pub(super) fn run(config: &Config, command: Command) -> Result<ExitCode, CliError> {
    let id = with_registry(config, async |registry| match command {
        Command::Add(Add { name, role, uscc }) => named_or_new(registry, &name, Some(role), uscc).await,
        Command::Roles(roles) => change(registry, roles).await,
    })?;
    out::line(id)?;
    Ok(ExitCode::SUCCESS)
}

/// The one organisation of a name; with a role, it is registered when there is none.
pub(super) async fn named_or_new(
    registry: &Registry,
    name: &str,
    role: Option<RoleName>,
    uscc: Option<Uscc>,
) -> Result<OrganisationId, CliError> {
    if let Some(id) = organisation_named(registry, name, "--organisation").await? {
        return Ok(id);
    }
    let Some(role) = role else {
        return Err(said(
            format!("没有名为 {name} 的组织；加上 --role 可新登记"),
            format!("no organisation is named {name}; with --role it is registered"),
        ));
    };
    let organisation = Organisation { uscc, ..Organisation::named(name, role.into()) };
    let id = organisation.id;
    let decide = move |_: &mut View<'_>| {
        Ok(Decision::change(Change::create(Event::OrganisationRegistered, organisation.clone())))
    };
    registry.execute(CommandContext::operator(), decide).await?;
    Ok(id)
}

async fn change(registry: &Registry, roles: Roles) -> Result<OrganisationId, CliError> {
    let Roles { organisation: id, give, take } = roles;
    let decide = move |view: &mut View<'_>| {
        let stored = organisations::read(view.conn, id, view.cut)?.ok_or(ProblemKind::NotFound)?;
        let before: Organisation = stored.parse()?;
        let given = give.iter().copied().map(Role::from);
        let mut roles: Vec<Role> = before.roles.iter().copied().chain(given).collect();
        roles.retain(|role| !take.iter().any(|it| Role::from(*it) == *role));
        roles.sort();
        roles.dedup();
        if roles == before.roles {
            return Ok(Decision::unchanged(id, stored));
        }
        Ok(Decision::change(Change::amend(Event::OrganisationAmended, Organisation { roles, ..before })))
    };
    registry.execute(CommandContext::operator(), decide).await?;
    Ok(id)
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Enterprise => Self::Enterprise,
            RoleName::Authority => Self::Authority,
            RoleName::ProcurementPlatform => Self::ProcurementPlatform,
            RoleName::Auditor => Self::Auditor,
            RoleName::Laboratory => Self::Laboratory,
        }
    }
}
