//! `lvcai client`: who may get tokens.

use super::error::{CliError, parsed, said};
use super::open::{read_now, with_registry};
use super::organisation::{RoleName, named_or_new};
use super::out;
use clap::{Args, Subcommand};
use lvcai_auth::{ClientKeys, Scopes, generate_client_key};
use lvcai_client::sign_assertion;
use lvcai_config::Config;
use lvcai_domain::{Client, ClientId, ClientKeySet, OrganisationId};
use lvcai_store::clients::{Filter, Officer, Sees};
use lvcai_store::{Clock, CommandContext, Conn, Page, Registry, View, certification_bodies, clients};
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
        #[arg(value_parser = parsed::<ClientId>)]
        client: ClientId,
        #[command(flatten)]
        keys: KeySource,
    },
    /// Revoke a client; its tokens count no longer from this moment.
    Revoke {
        /// The client.
        #[arg(value_parser = parsed::<ClientId>)]
        client: ClientId,
    },
    /// List clients.
    List,
    /// Print a signed assertion, to be exchanged for a token at /oauth/token within a minute.
    Assertion {
        /// The client.
        #[arg(value_parser = parsed::<ClientId>)]
        client: ClientId,
        /// Its private key: P-256, Ed25519 or RSA; PEM (PKCS#8, SEC1, PKCS#1) or JWK, not encrypted.
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
    /// Give it no tokens but those that are bound to a key it proves to have (DPoP, RFC 9449).
    #[arg(long)]
    dpop: bool,
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

pub(super) fn run(config: &Config, command: Command) -> Result<ExitCode, CliError> {
    if let Command::Assertion { client, key, audience } = &command {
        let text = std::fs::read_to_string(key).map_err(|error| format!("{}: {error}", key.display()))?;
        let audience = audience.as_ref().unwrap_or(&config.issuer);
        let assertion = sign_assertion(&text, &client.to_string(), audience, Clock::Wall.now());
        out::line(assertion.map_err(|error| {
            said(format!("{}：{}", key.display(), error.zh()), format!("{}: {error}", key.display()))
        })?)?;
        return Ok(ExitCode::SUCCESS);
    }
    with_registry(config, async |registry| execute(registry, command).await)?;
    Ok(ExitCode::SUCCESS)
}

async fn execute(registry: &Registry, command: Command) -> Result<(), CliError> {
    match command {
        Command::Add(add) => {
            let organisation = organisation(registry, &add).await?;
            let scopes = add.scopes.iter().map(|scope| scope.to_string()).collect();
            let bare = Client::new(organisation, add.holder, scopes, ClientKeySet { keys: Vec::new() });
            let mut client = Client { dpop_bound_access_tokens: add.dpop, ..bare };
            // Before a key is written that nobody will use.
            let foreseen = client.clone();
            registry.preview(move |view| clients::add(view, &foreseen, Officer::Operator)).await?;
            let id = client.id;
            client.keys = add.keys.keys(id)?;
            let decide = move |view: &mut View<'_>| clients::add(view, &client, Officer::Operator);
            registry.execute(CommandContext::operator(), decide).await?;
            out::line(id)?;
        }
        Command::Rotate { client, keys } => {
            let keys = keys.keys(client)?;
            registry.execute(CommandContext::operator(), move |view| clients::rotate(view, client, &keys)).await?;
            out::line(client)?;
        }
        Command::Revoke { client } => {
            let decide = move |view: &mut View<'_>| clients::revoke(view, client, Officer::Operator);
            registry.execute(CommandContext::operator(), decide).await?;
            out::line(client)?;
        }
        Command::Assertion { .. } => {}
        Command::List => {
            for body in read_now(registry, all).await? {
                let Client { id, organisation, holder, scopes, status, .. } = serde_json::from_str(&body)?;
                out::line(format_args!("{id}  {organisation}  {holder}  {status:?}  {}", scopes.join(" ")))?;
            }
        }
    }
    Ok(())
}

/// Every client as it is now, in the order of their making.
fn all(conn: &mut Conn, cut: i64) -> lvcai_store::Result<Vec<String>> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = clients::list(conn, &Filter::default(), Sees::All, &Page { after, ..Page::newest(cut, 500) })?;
        let Some((last, _)) = page.last() else { break };
        after = Some(last.0.to_string());
        all.extend(page.into_iter().map(|(_, body)| body));
    }
    all.reverse();
    Ok(all)
}

impl KeySource {
    /// The public keys; a generated private key is written where its owner alone can read it.
    fn keys(&self, client: ClientId) -> Result<ClientKeySet, CliError> {
        let jwks = match (&self.jwks, &self.generate) {
            (Some(path), _) => std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?,
            (None, Some(folder)) => generate(folder, &client.to_string())?,
            (None, None) => {
                return Err(said("须给出 --jwks 文件或 --generate 目录", "name --jwks FILE or --generate FOLDER"));
            }
        };
        let keys = ClientKeys::parse(&jwks).and_then(|it| it.registered());
        keys.map_err(|error| said(error.zh(), error.to_string()))
    }
}

/// Makes a key pair and answers its public half.
pub(super) fn generate(folder: &Path, name: &str) -> Result<String, CliError> {
    std::fs::create_dir_all(folder)?;
    let (pem, jwks) = generate_client_key()?;
    crate::keys::write_new(&folder.join(format!("{name}.pem")), || Ok(pem))?;
    std::fs::write(folder.join(format!("{name}.jwks.json")), &jwks)?;
    Ok(jwks)
}

async fn organisation(registry: &Registry, add: &Add) -> Result<OrganisationId, CliError> {
    if let Some(name) = &add.organisation_name {
        return named_or_new(registry, name, add.role, None).await;
    }
    let text = add.organisation.clone().unwrap_or_default();
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let number: lvcai_domain::ApprovalNumber = text.parse().map_err(|_| {
        said(
            format!("{text} 既不是组织标识，也不是认证机构批准号"),
            format!("{text} is neither an organisation's id nor an approval number"),
        )
    })?;
    let body = read_now(registry, move |conn, cut| certification_bodies::read(conn, &number, cut)).await?;
    let body: lvcai_domain::CertificationBody = body
        .ok_or_else(|| {
            said(
                format!("没有批准号为 {text} 的认证机构"),
                format!("no certification body has the approval number {text}"),
            )
        })?
        .parse()?;
    Ok(body.organisation)
}
