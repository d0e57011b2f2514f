//! `lvcai client`: who may get tokens.

use super::{Trouble, serve};
use clap::{Args, Subcommand, ValueEnum};
use lvcai_auth::{ClientKeys, Scopes, generate_client_key, sign_assertion};
use lvcai_config::Config;
use lvcai_domain::{Client, ClientId, ClientStatus, Event, Organisation, OrganisationId, Role};
use lvcai_store::{Change, Clock, Decision, Order, Registry, certification_bodies, clients, organisations};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What to do with clients.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a client of an organisation and print its id.
    Add(Add),
    /// Give a client other keys; tokens it holds run out within ten minutes.
    Rotate {
        /// The client.
        client: ClientId,
        #[command(flatten)]
        keys: KeySource,
    },
    /// Revoke a client; its tokens count no longer from this moment.
    Revoke {
        /// The client.
        client: ClientId,
    },
    /// List clients.
    List,
    /// Print a signed assertion, to be exchanged for a token at /oauth/token within a minute.
    Assertion {
        /// The client.
        client: ClientId,
        /// Its private key (PKCS#8 PEM, P-256).
        #[arg(long)]
        key: PathBuf,
        /// The issuer of the registry it is for; that of the settings when absent.
        #[arg(long)]
        audience: Option<String>,
    },
}

/// A client to be added.
#[derive(Debug, Args)]
pub(super) struct Add {
    /// The organisation: its id, or the approval number of a certification body.
    #[arg(long, required_unless_present = "organisation_name")]
    organisation: Option<String>,
    /// The exact name of the organisation; with `--role` it is registered when there is none.
    #[arg(long, conflicts_with = "organisation")]
    organisation_name: Option<String>,
    /// What a newly registered organisation does.
    #[arg(long, value_enum)]
    role: Option<RoleName>,
    /// The person or office that holds the keys, as an opaque name: two approvals need two holders.
    #[arg(long)]
    holder: String,
    /// The scopes, separated by spaces.
    #[arg(long)]
    scopes: Scopes,
    #[command(flatten)]
    keys: KeySource,
}

/// Where the keys of a client come from.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct KeySource {
    /// A file with the client's public keys (JWKS).
    #[arg(long)]
    jwks: Option<PathBuf>,
    /// A folder in which a new key pair is written: `CLIENT.pem` and `CLIENT.jwks.json`.
    #[arg(long)]
    generate: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RoleName {
    Enterprise,
    Authority,
    ProcurementPlatform,
    Auditor,
    Laboratory,
}

pub(super) fn run(config: &Config, command: Command) -> Result<ExitCode, Trouble> {
    if let Command::Assertion { client, key, audience } = &command {
        let pem = std::fs::read_to_string(key).map_err(|error| format!("{}: {error}", key.display()))?;
        println!(
            "{}",
            sign_assertion(&pem, &client.to_string(), audience.as_ref().unwrap_or(&config.issuer), Clock::Wall.now())?
        );
        return Ok(ExitCode::SUCCESS);
    }
    with_registry(config, async |registry| execute(registry, command).await)
}

/// Opens the registry for one piece of work at the command line.
pub(super) fn with_registry(
    config: &Config,
    work: impl AsyncFnOnce(&Registry) -> Result<(), Trouble>,
) -> Result<ExitCode, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (registry, writer) = serve::open(config).await?;
        work(&registry).await?;
        drop(registry);
        writer.join().map_err(|_| "the writer panicked")?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn execute(registry: &Registry, command: Command) -> Result<(), Trouble> {
    match command {
        Command::Add(add) => {
            let organisation = organisation(registry, &add).await?;
            let id = ClientId::mint();
            let keys = add.keys.keys(id)?;
            let client = Client {
                id,
                organisation,
                holder: add.holder,
                scopes: add.scopes.iter().map(|scope| scope.to_string()).collect(),
                keys,
                status: ClientStatus::Active,
            };
            registry.execute(Order::operator(), move |view| clients::add(view, &client)).await?;
            println!("{id}");
        }
        Command::Rotate { client, keys } => {
            let keys = keys.keys(client)?;
            registry.execute(Order::operator(), move |view| clients::rotate(view, client, &keys)).await?;
            println!("{client}");
        }
        Command::Revoke { client } => {
            registry.execute(Order::operator(), move |view| clients::revoke(view, client)).await?;
            println!("{client}");
        }
        Command::Assertion { .. } => {}
        Command::List => {
            for client in registry.read(clients::list).await? {
                let Client { id, organisation, holder, scopes, keys: _, status } = client;
                println!("{id}  {organisation}  {holder}  {status:?}  {}", scopes.join(" "));
            }
        }
    }
    Ok(())
}

impl KeySource {
    /// The public keys; a generated private key is written where its owner alone can read it.
    fn keys(&self, client: ClientId) -> Result<serde_json::Value, Trouble> {
        let jwks = match (&self.jwks, &self.generate) {
            (Some(path), _) => std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?,
            (None, Some(folder)) => generate(folder, &client.to_string())?,
            (None, None) => return Err("name --jwks FILE or --generate FOLDER".into()),
        };
        Ok(serde_json::to_value(ClientKeys::parse(&jwks)?)?)
    }
}

/// Makes a key pair and answers its public half.
pub(super) fn generate(folder: &Path, name: &str) -> Result<String, Trouble> {
    std::fs::create_dir_all(folder)?;
    let (pem, jwks) = generate_client_key()?;
    crate::keys::write_new(&folder.join(format!("{name}.pem")), || Ok(pem))?;
    std::fs::write(folder.join(format!("{name}.jwks.json")), &jwks)?;
    Ok(jwks)
}

async fn organisation(registry: &Registry, add: &Add) -> Result<OrganisationId, Trouble> {
    if let Some(name) = &add.organisation_name {
        return named(registry, name, add.role).await;
    }
    let text = add.organisation.clone().unwrap_or_default();
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let number: lvcai_domain::ApprovalNumber =
        text.parse().map_err(|_| format!("{text} is neither an organisation's id nor an approval number"))?;
    let body = registry.read(move |conn| certification_bodies::read(conn, &number, i64::MAX - 1)).await?;
    let body: lvcai_domain::CertificationBody =
        body.ok_or_else(|| format!("no certification body has the approval number {text}"))?.parse()?;
    Ok(body.organisation)
}

/// The one organisation of a name; with a role, it is registered when there is none.
pub(super) async fn named(
    registry: &Registry,
    name: &str,
    role: Option<impl Into<Role>>,
) -> Result<OrganisationId, Trouble> {
    let wanted = name.to_owned();
    let found = registry.read(move |conn| organisations::doubles(conn, &wanted, None, i64::MAX - 1)).await?;
    match (found.as_slice(), role) {
        ([id], _) => Ok(*id),
        ([], Some(role)) => {
            let organisation = Organisation::named(name, role.into());
            let id = organisation.id;
            let decide = move |_: &mut lvcai_store::View<'_>| {
                Ok(Decision::Create(vec![Change::new(Event::OrganisationRegistered, organisation.clone())]))
            };
            registry.execute(Order::operator(), decide).await?;
            Ok(id)
        }
        ([], None) => Err(format!("no organisation is named {name}; with --role it is registered").into()),
        _ => Err(format!("several organisations are named {name}; give the id with --organisation").into()),
    }
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
