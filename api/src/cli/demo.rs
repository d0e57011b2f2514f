//! `lvcai demo`: serves a registry with something in it.
//!
//! Real kinds and bodies, the one real certificate whose number is established,
//! real manufacturers; every record that states no official fact is marked as a
//! sample. Started again on the same data it changes nothing.

mod records;

use super::error::CliError;
use super::language::Language;
use super::open::{open_or_make, read_now};
use super::{client, out, serve};
use crate::docs::DemoClients;
use crate::keys::Keys;
use lvcai_auth::ClientKeys;
use lvcai_config::Config;
use lvcai_domain::evidence::Source;
use lvcai_domain::{
    ApprovalNumber, CertificateId, CertificationBody, Client, ClientId, Event, ListPurpose, Organisation,
    OrganisationId, Product, ProductId, RegistryList, Role, Signatory, Uscc,
};
use lvcai_store::certificates::CertificateKey;
use lvcai_store::clients::Officer;
use lvcai_store::publications::{self, DraftFields, PublisherAction, Selection, Signer};
use lvcai_store::{
    AsOf, Change, CommandContext, Decision, Page, Registry, View, Viewer, certificates, certification_bodies, clients,
    evidence, lists, organisations, products,
};
use records::BODY;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// The list of the demo.
const LIST: &str = "green-building-materials";

/// The authority of the demo.
const AUTHORITY: &str = "大庆市工业和信息化局（演示）";

/// The first page of all there is at a cut.
const fn first_page(cut: i64) -> Page {
    Page { cut, after: None, limit: 500 }
}

/// The clients of the demo: name, and what their tokens may do.
const CLIENTS: [(&str, &str); 4] = [
    ("certification-body", "certificates:push evidence:write evidence:confirm"),
    ("enterprise", "organisations:write products:write evidence:write"),
    (
        "drafter",
        "organisations:write products:write products:admit evidence:write evidence:confirm lists:open publications:draft publications:publish",
    ),
    ("approver", "publications:approve publications:publish"),
];

pub(super) fn run(config: &Config) -> Result<ExitCode, CliError> {
    actix_web::rt::System::new().block_on(async {
        Keys::create(&config.keys)?;
        let opened = open_or_make(config).await?;
        // Nothing that a demo holds has to be right: a clock that was set, or data that were thrown away, do not stop it.
        let watch = Arc::clone(&opened.watch);
        opened.registry.read(move |conn| watch.resume(conn, "demo")).await?;
        let folder = config.keys.parent().unwrap_or(Path::new(".")).join("demo");
        let clients = Demo { registry: &opened.registry, config, folder: folder.clone() }.make().await?;
        let greeting = greeting(config, &folder, &clients);
        let clients = DemoClients::read(config, &folder, &clients)?;
        serve::serve(config, opened, clients, || out::line(greeting)).await
    })
}

/// Makes what is missing of the demo.
struct Demo<'a> {
    registry: &'a Registry,
    config: &'a Config,
    folder: PathBuf,
}

impl Demo<'_> {
    async fn make(&self) -> Result<BTreeMap<String, ClientId>, CliError> {
        let authority = self.organisation(AUTHORITY, None, Role::Authority, true).await?;
        let window_maker = self.organisation("F1 Composite", None, Role::Enterprise, true).await?;
        let board_maker = self.organisation("示例企业", None, Role::Enterprise, true).await?;
        for (name, uscc) in [
            ("北新集团建材股份有限公司", "91110000633797400C"),
            ("北京东方雨虹防水技术股份有限公司", "91110000102551540H"),
        ] {
            self.organisation(name, Some(uscc), Role::Enterprise, false).await?;
        }
        let certifier = self.certifier().await?;
        let owners = [certifier, window_maker, authority, authority];
        let clients = self.clients(owners).await?;
        let client = |name: &str| clients.get(name).copied().ok_or_else(|| format!("the client {name} is missing"));
        let acts = [client("drafter")?, client("approver")?].map(|client| PublisherAction {
            list: LIST.to_owned(),
            by: Signatory { organisation: authority, client },
            authority: true,
        });
        if !self.has_list().await? {
            self.records([authority, window_maker, board_maker, certifier]).await?;
            self.publish(&acts).await?;
        }
        Ok(clients)
    }

    async fn execute(
        &self,
        decide: impl FnMut(&mut View<'_>) -> lvcai_store::Result<Decision> + Send + 'static,
    ) -> Result<String, CliError> {
        Ok(self.registry.execute(CommandContext::operator(), decide).await?.subject)
    }

    async fn organisation(
        &self,
        name: &str,
        uscc: Option<&str>,
        role: Role,
        sample: bool,
    ) -> Result<OrganisationId, CliError> {
        let uscc: Option<Uscc> = uscc.map(str::parse).transpose()?;
        let wanted = name.to_owned();
        let code = uscc.clone();
        let doubles = move |conn: &mut _, cut| organisations::likely_duplicates(conn, &wanted, code.as_ref(), cut);
        let known = read_now(self.registry, doubles).await?;
        if let Some(id) = known.first() {
            return Ok(*id);
        }
        let source = Some("演示数据".to_owned());
        let organisation = Organisation { uscc, source, sample, ..Organisation::named(name, role) };
        let id = organisation.id;
        self.execute(move |_| {
            Ok(Decision::change(Change::create(Event::OrganisationRegistered, organisation.clone())))
        })
        .await?;
        Ok(id)
    }

    async fn certifier(&self) -> Result<OrganisationId, CliError> {
        let number: ApprovalNumber = BODY.parse()?;
        let body = read_now(self.registry, move |conn, cut| certification_bodies::read(conn, &number, cut)).await?;
        let body: CertificationBody = body.ok_or("the reference data lacks the body of the demo")?.parse()?;
        Ok(body.organisation)
    }

    /// The clients whose ids the folder remembers, and new ones for the rest.
    async fn clients(&self, owners: [OrganisationId; 4]) -> Result<BTreeMap<String, ClientId>, CliError> {
        std::fs::create_dir_all(&self.folder)?;
        let file = self.folder.join("clients.json");
        let mut ids: BTreeMap<String, ClientId> = match std::fs::read_to_string(&file) {
            Ok(json) => serde_json::from_str(&json)?,
            Err(_) => BTreeMap::new(),
        };
        for ((name, scopes), organisation) in CLIENTS.into_iter().zip(owners) {
            if let Some(id) = ids.get(name).copied()
                && self.registry.read_at(AsOf::Now, move |conn, cut| clients::read(conn, id, cut)).await?.1.is_some()
            {
                continue;
            }
            let keys = ClientKeys::parse(&self.key(name)?)?.registered()?;
            let scopes = scopes.split(' ').map(str::to_owned).collect();
            let client = Client::new(organisation, name.to_owned(), scopes, keys);
            let id = client.id;
            self.execute(move |view| clients::add(view, &client, Officer::Operator)).await?;
            ids.insert(name.to_owned(), id);
        }
        std::fs::write(&file, serde_json::to_string_pretty(&ids)?)?;
        Ok(ids)
    }

    /// The public key of a demo client; the pair is made when there is none.
    fn key(&self, name: &str) -> Result<String, CliError> {
        match std::fs::read_to_string(self.folder.join(format!("{name}.jwks.json"))) {
            Ok(jwks) if self.folder.join(format!("{name}.pem")).exists() => Ok(jwks),
            _ => client::generate(&self.folder, name),
        }
    }

    async fn has_list(&self) -> Result<bool, CliError> {
        let latest = read_now(self.registry, |conn, cut| publications::latest(conn, LIST, cut)).await?;
        Ok(latest > 0)
    }

    /// Two products with their certificates and the evidence between them.
    async fn records(
        &self,
        [authority, window_maker, board_maker, certifier]: [OrganisationId; 4],
    ) -> Result<(), CliError> {
        let body: ApprovalNumber = records::BODY.parse()?;
        self.execute(move |view| certification_bodies::accredit(view, &body, &records::accreditation())).await?;
        let records = [
            (records::window(window_maker), records::real_certificate()?),
            (records::board(board_maker), records::sample_certificate()?),
        ];
        for (product, certificate) in records {
            let id = self.product(product).await?;
            let put = move |view: &mut View<'_>| {
                let body = certification_bodies::own(view, &certificate.certification_body, certifier)?;
                let key = CertificateKey { body: &body.approval_number, number: &certificate.number };
                let held = certificates::find(view.conn, key, view.moment())?;
                certificates::put(view, &body, held, &certificate.clone().into())
            };
            let pushed = self.execute(put).await?;
            let certificate: CertificateId = pushed.parse()?;
            let claim = evidence::Claim {
                product: id,
                source: Source::Certificate(certificate),
                models: Vec::new(),
                terms: evidence::Terms::default(),
                by: authority,
                authority: true,
            };
            let filter = evidence::Filter { product: Some(id), certificate: Some(certificate), ..Default::default() };
            let list = move |conn: &mut _, cut| evidence::list(conn, &filter, &first_page(cut), Viewer::Public);
            let known = read_now(self.registry, list).await?;
            if known.is_empty() {
                self.execute(move |view| evidence::claim(view, &claim)).await?;
            }
        }
        Ok(())
    }

    /// The enterprise's product, made where it has none yet.
    async fn product(&self, product: Product) -> Result<ProductId, CliError> {
        let filter = products::Filter { enterprise: Some(product.enterprise), ..Default::default() };
        let list = move |conn: &mut _, cut| products::list(conn, &filter, &first_page(cut), Viewer::Public);
        let known = read_now(self.registry, list).await?;
        if let Some((id, _)) = known.first() {
            return Ok(id.0.into());
        }
        let id = product.id;
        self.execute(move |_| Ok(Decision::change(Change::create(Event::ProductAdmitted, product.clone())))).await?;
        Ok(id)
    }

    async fn publish(&self, [drafter, approver]: &[PublisherAction; 2]) -> Result<(), CliError> {
        let publisher = drafter.by.organisation;
        let title = "大庆市绿色建材产品信息（演示）".to_owned();
        let list =
            RegistryList { id: LIST.to_owned(), title, purpose: ListPurpose::ProductList, publisher, sample: true };
        let open = move |view: &mut View<'_>| match lists::read(view.conn, LIST, view.cut)? {
            Some(stored) => Ok(Decision::unchanged(LIST, stored)),
            None => lists::open(view, &list),
        };
        self.execute(open).await?;
        let issue = DraftFields {
            title: "大庆市绿色建材产品信息（第一批，演示）".to_owned(),
            authority_document: None,
            sample: true,
        };
        let by = drafter.clone();
        let approver = approver.clone();
        let drafted = self.execute(move |view| publications::draft(view, &by, &issue, &Selection::default())).await?;
        let id = drafted.parse()?;
        self.execute(move |view| publications::approve(view, &approver, id)).await?;
        let by = drafter.clone();
        let keys = Keys::read(&self.config.keys, &self.config.issuer)?;
        let publish = move |view: &mut View<'_>| {
            publications::publish(view, &by, id, Signer { issuer: &keys.tokens.issuer, key: &keys.publication })
        };
        self.execute(publish).await?;
        Ok(())
    }
}

/// What the terminal shows once the registry serves.
fn greeting(config: &Config, folder: &Path, clients: &BTreeMap<String, ClientId>) -> String {
    let url = format!("http://{}", config.address);
    let program = std::env::current_exe().map_or_else(|_| "lvcai".to_owned(), |it| it.display().to_string());
    let body = clients.get("certification-body").map(ToString::to_string).unwrap_or_default();
    let key = folder.join("certification-body.pem");
    if Language::of_terminal().chinese {
        return greeting_in_chinese(config, folder, &body);
    }
    format!(
        "\n绿材 Lvcai serves {url}   document and try-out page: {url}/docs/\n\n\
         Search, verify, and read the signed list:\n\n\
         \x20 curl '{url}/v1/products?q=%E5%86%85%E5%B9%B3%E5%BC%80'\n\
         \x20 curl '{url}/v1/verifications' -H 'content-type: application/json' -d '{{\"items\":[{{\"certificate_number\":\"CABR-01(02)-(2025)-CGP-035\"}}]}}'\n\
         \x20 curl '{url}/v1/lists/{LIST}/publications/1/document'\n\n\
         A token for the certification body of the demo (keys and ids of all demo clients are in {folder}):\n\n\
         \x20 curl '{url}/oauth/token' -d grant_type=client_credentials \\\n\
         \x20   -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \\\n\
         \x20   -d client_assertion=\"$({program} client assertion {body} --key {key} --audience {issuer})\"\n\n\
         Ctrl-C stops it.\n",
        issuer = config.issuer,
        folder = folder.display(),
        key = key.display(),
    )
}

fn greeting_in_chinese(config: &Config, folder: &Path, body: &str) -> String {
    let url = format!("http://{}", config.address);
    let program = std::env::current_exe().map_or_else(|_| "lvcai".to_owned(), |it| it.display().to_string());
    format!(
        "\n绿材 Lvcai 已启动：{url}   接口文档与试用页：{url}/docs/\n\n\
         检索、核验、读取已签名的名单：\n\n\
         \x20 curl '{url}/v1/products?q=%E5%86%85%E5%B9%B3%E5%BC%80'\n\
         \x20 curl '{url}/v1/verifications' -H 'content-type: application/json' -d '{{\"items\":[{{\"certificate_number\":\"CABR-01(02)-(2025)-CGP-035\"}}]}}'\n\
         \x20 curl '{url}/v1/lists/{LIST}/publications/1/document'\n\n\
         演示认证机构的令牌（各演示客户端的密钥和标识在 {folder}）：\n\n\
         \x20 curl '{url}/oauth/token' -d grant_type=client_credentials \\\n\
         \x20   -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \\\n\
         \x20   -d client_assertion=\"$({program} client assertion {body} --key {key} --audience {issuer})\"\n\n\
         按 Ctrl-C 停止。\n",
        issuer = config.issuer,
        folder = folder.display(),
        key = folder.join("certification-body.pem").display(),
    )
}
