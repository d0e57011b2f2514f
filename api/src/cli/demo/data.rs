//! Makes what is missing of the demo. Each record is made once, so that a demo that was interrupted goes on.

use super::super::client;
use super::super::error::CliError;
use super::super::open::read_now;
use super::records::{self, AUTHORITY, BODY, CLIENTS, LIST, id};
use crate::keys::Keys;
use lvcai_auth::ClientKeys;
use lvcai_config::Config;
use lvcai_domain::evidence::Source;
use lvcai_domain::{
    ApprovalNumber, Certificate, CertificationBody, Client, ClientId, Event, EvidenceId, ListImportId, ListPurpose,
    ListingId, Organisation, OrganisationId, Product, ProductStatus, Publication, PublicationId, PublicationStatus,
    RegistryList, Role, Signatory, TestReport,
};
use lvcai_store::certificates::CertificateKey;
use lvcai_store::clients::Officer;
use lvcai_store::imports::{self, ListSource};
use lvcai_store::publications::{self, DraftFields, PublisherAction, Reference, Selection, Signer};
use lvcai_store::{
    AsOf, Change, CommandContext, Decision, Registry, View, Viewer, Visible, certificates, certification_bodies,
    clients, evidence, laboratories, ledger, lists, organisations, test_reports,
};
use lvcai_trust::Digest;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Makes what is missing of the demo.
pub(super) struct Demo<'a> {
    pub(super) registry: &'a Registry,
    pub(super) config: &'a Config,
    pub(super) folder: PathBuf,
}

/// Who takes part.
struct Parties {
    authority: OrganisationId,
    firm: OrganisationId,
    window_maker: OrganisationId,
    board_maker: OrganisationId,
    laboratory: OrganisationId,
    auditor: OrganisationId,
    certifier: OrganisationId,
}

impl Parties {
    /// Whose client it is that has this name.
    fn owner(&self, client: &str) -> OrganisationId {
        match client {
            "certification-body" => self.certifier,
            "enterprise" => self.firm,
            "laboratory" => self.laboratory,
            "auditor" => self.auditor,
            _ => self.authority,
        }
    }
}

impl Demo<'_> {
    /// Makes it, and answers the clients by their names.
    pub(super) async fn make(&self) -> Result<BTreeMap<String, ClientId>, CliError> {
        let parties = self.parties().await?;
        let clients = self.clients(&parties).await?;
        self.conformity(&parties).await?;
        self.publish(parties.authority, &clients).await?;
        self.import(parties.authority).await?;
        Ok(clients)
    }

    /// Decides and writes, unless the registry knows the subject, by the name that the ledger gives it.
    async fn once(
        &self,
        subject: impl ToString,
        decide: impl FnMut(&mut View<'_>) -> lvcai_store::Result<Decision> + Send + 'static,
    ) -> Result<(), CliError> {
        let subject = subject.to_string();
        if !read_now(self.registry, move |conn, _| ledger::knows(conn, &subject)).await? {
            self.registry.execute(CommandContext::operator(), decide).await?;
        }
        Ok(())
    }

    async fn parties(&self) -> Result<Parties, CliError> {
        let firm =
            Organisation { uscc: records::FIRM.1.parse().ok(), ..sample(0x01, records::FIRM.0, Role::Enterprise) };
        for (number, name, uscc) in [
            (0x27, "北新集团建材股份有限公司", "91110000633797400C"),
            (0x28, "北京东方雨虹防水技术股份有限公司", "91110000102551540H"),
        ] {
            let firm = Organisation { uscc: uscc.parse().ok(), ..sample(number, name, Role::Enterprise) };
            self.organisation(Organisation { sample: false, ..firm }).await?;
        }
        let number: ApprovalNumber = BODY.parse()?;
        let body = read_now(self.registry, move |conn, cut| certification_bodies::read(conn, &number, cut)).await?;
        let body: CertificationBody = body.ok_or("the reference data lacks the body of the demo")?.parse()?;
        Ok(Parties {
            authority: self.organisation(sample(0x20, AUTHORITY, Role::Authority)).await?,
            firm: self.organisation(firm).await?,
            window_maker: self.organisation(sample(0x25, "F1 Composite", Role::Enterprise)).await?,
            board_maker: self.organisation(sample(0x26, "示例企业", Role::Enterprise)).await?,
            laboratory: self.organisation(sample(0x21, "黑龙江示例建筑材料检测有限公司", Role::Laboratory)).await?,
            auditor: self.organisation(sample(0x22, "大庆市审计局（演示）", Role::Auditor)).await?,
            certifier: body.organisation,
        })
    }

    /// The organisation of this name or code, registered where there is none.
    async fn organisation(&self, new: Organisation) -> Result<OrganisationId, CliError> {
        let (name, code) = (new.name.clone(), new.uscc.clone());
        let doubles = move |conn: &mut _, cut| organisations::likely_duplicates(conn, &name, code.as_ref(), cut);
        if let Some(known) = read_now(self.registry, doubles).await?.first() {
            return Ok(*known);
        }
        let id = new.id;
        self.once(id, move |_| Ok(Decision::change(Change::create(Event::OrganisationRegistered, new.clone()))))
            .await?;
        Ok(id)
    }

    /// The clients whose ids the folder remembers, and new ones for the rest.
    async fn clients(&self, parties: &Parties) -> Result<BTreeMap<String, ClientId>, CliError> {
        std::fs::create_dir_all(&self.folder)?;
        let file = self.folder.join("clients.json");
        let mut ids: BTreeMap<String, ClientId> = match std::fs::read_to_string(&file) {
            Ok(json) => serde_json::from_str(&json)?,
            Err(_) => BTreeMap::new(),
        };
        for (number, name, scopes) in CLIENTS {
            if let Some(id) = ids.get(name).copied()
                && self.registry.read_at(AsOf::Now, move |conn, cut| clients::read(conn, id, cut)).await?.1.is_some()
            {
                continue;
            }
            let keys = ClientKeys::parse(&self.key(name)?)?.registered()?;
            let scopes = scopes.split(' ').map(str::to_owned).collect();
            let (id, organisation) = (id(number), parties.owner(name));
            let client = Client { id, ..Client::new(organisation, name.to_owned(), scopes, keys) };
            self.once(id, move |view| clients::add(view, &client, Officer::Operator)).await?;
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

    /// Products with what makes them green, and what waits for somebody's decision.
    async fn conformity(&self, parties: &Parties) -> Result<(), CliError> {
        let body: ApprovalNumber = BODY.parse()?;
        self.registry
            .execute(CommandContext::operator(), move |view| {
                certification_bodies::accredit(view, &body, &records::accreditation())
            })
            .await?;
        for (product, certificate, evidence) in [
            (records::sample_window(parties.firm), records::sample_certificate(0x03)?, 0x04),
            (records::window(parties.window_maker), records::real_certificate()?, 0x33),
            (records::board(parties.board_maker), records::board_certificate()?, 0x36),
        ] {
            self.product(product.clone()).await?;
            self.certificate(certificate.clone(), parties.certifier).await?;
            self.evidence(evidence, (&product, &certificate), (parties.authority, true)).await?;
        }
        // What the examples of steps and of claims are about.
        for number in [0x13, 0x23, 0x24] {
            self.certificate(records::sample_certificate(number)?, parties.certifier).await?;
        }
        let (product, certificate) = (records::sample_window(parties.firm), records::sample_certificate(0x24)?);
        self.evidence(0x14, (&product, &certificate), (parties.firm, false)).await?;
        self.product(records::draft(parties.firm)).await?;
        let laboratory = records::laboratory(parties.laboratory)?;
        let subject = laboratories::subject(&laboratory.cma_number);
        self.once(subject, move |view| laboratories::put(view, &laboratory)).await?;
        self.report(records::report(0x08, "黑建检〔2026〕第0117号")?, parties.laboratory).await?;
        self.report(records::report(0x18, "黑建检〔2026〕第0118号")?, parties.laboratory).await
    }

    async fn product(&self, product: Product) -> Result<(), CliError> {
        let admitted = product.status == ProductStatus::Admitted;
        let event = if admitted { Event::ProductAdmitted } else { Event::ProductDrafted };
        self.once(product.id, move |_| Ok(Decision::change(Change::create(event, product.clone())))).await
    }

    async fn certificate(&self, certificate: Certificate, certifier: OrganisationId) -> Result<(), CliError> {
        self.once(certificate.id, move |view| {
            let body = certification_bodies::own(view, &certificate.certification_body, certifier)?;
            let key = CertificateKey { body: &body.approval_number, number: &certificate.number };
            let held = certificates::find(view.conn, key, view.moment())?;
            certificates::put(view, &body, held, &certificate.clone().into())
        })
        .await
    }

    /// Evidence between a product and its certificate, by the authority or by an enterprise that proposes it.
    async fn evidence(
        &self,
        number: u128,
        (product, certificate): (&Product, &Certificate),
        (by, authority): (OrganisationId, bool),
    ) -> Result<(), CliError> {
        let claim = evidence::Claim {
            product: product.id,
            source: Source::Certificate(certificate.id),
            models: Vec::new(),
            terms: evidence::Terms::default(),
            by,
            authority,
        };
        self.once(id::<EvidenceId>(number), move |view| {
            view.ids = vec![id(number)];
            evidence::claim(view, &claim)
        })
        .await
    }

    async fn report(&self, report: TestReport, laboratory: OrganisationId) -> Result<(), CliError> {
        self.once(report.id, move |view| test_reports::put(view, &report, laboratory)).await
    }

    /// A list with a publication, and the draft of a second one.
    async fn publish(&self, authority: OrganisationId, clients: &BTreeMap<String, ClientId>) -> Result<(), CliError> {
        let action = |name: &str| -> Result<PublisherAction, CliError> {
            let client = *clients.get(name).ok_or_else(|| format!("the client {name} is missing"))?;
            let by = Signatory { organisation: authority, client };
            Ok(PublisherAction { list: LIST.to_owned(), by, authority: true })
        };
        let (drafter, approver) = (action("drafter")?, action("approver")?);
        let list = RegistryList {
            id: LIST.to_owned(),
            title: "大庆市绿色建材产品信息（演示）".to_owned(),
            purpose: ListPurpose::ProductList,
            publisher: authority,
            sample: true,
        };
        self.once(lists::subject(LIST), move |view| lists::open(view, &list)).await?;
        let first: PublicationId = id(0x39);
        self.draft(0x39, "大庆市绿色建材产品信息（第一批，演示）", &drafter).await?;
        if self.status(first).await? == PublicationStatus::Draft {
            let context = CommandContext::operator();
            self.registry.execute(context, move |view| publications::approve(view, &approver, first)).await?;
        }
        if self.status(first).await? == PublicationStatus::Approved {
            let (keys, by) = (Keys::read(&self.config.keys, &self.config.issuer)?, drafter.clone());
            let publish = move |view: &mut View<'_>| {
                view.ids = vec![id(0x38), id(0x37), id::<ListingId>(0x06).uuid()];
                publications::publish(view, &by, first, Signer { issuer: &keys.tokens.issuer, key: &keys.publication })
            };
            self.registry.execute(CommandContext::operator(), publish).await?;
        }
        self.draft(0x05, "大庆市绿色建材产品信息（第二批，演示）", &drafter).await
    }

    async fn draft(&self, number: u128, title: &str, by: &PublisherAction) -> Result<(), CliError> {
        let fields = DraftFields { title: title.to_owned(), authority_document: None, sample: true };
        let by = by.clone();
        self.once(id::<PublicationId>(number), move |view| {
            view.ids = vec![id(number)];
            publications::draft(view, &by, &fields, &Selection::default())
        })
        .await
    }

    async fn status(&self, publication: PublicationId) -> Result<PublicationStatus, CliError> {
        let stored = read_now(self.registry, move |conn, cut| {
            let visible = Visible { cut, viewer: Viewer::Everything };
            publications::read(conn, LIST, Reference::Id(publication), visible)
        });
        let publication: Publication = stored.await?.ok_or("the publication of the demo is missing")?.parse()?;
        Ok(publication.status)
    }

    async fn import(&self, authority: OrganisationId) -> Result<(), CliError> {
        let import: ListImportId = id(0x09);
        if read_now(self.registry, move |conn, _| ledger::knows(conn, &import.to_string())).await? {
            return Ok(());
        }
        let source = ListSource {
            id: import,
            authority,
            authority_document: Some("庆工信发〔2026〕1号（演示）".to_owned()),
            file_sha256: Digest::of(b"").to_string(),
            unreadable: 0,
        };
        imports::import(self.registry, vec![records::row()?], source, false).await?;
        Ok(())
    }
}

/// A made-up organisation.
fn sample(number: u128, name: &str, role: Role) -> Organisation {
    let source = Some("演示数据".to_owned());
    Organisation { id: id(number), source, sample: true, ..Organisation::named(name, role) }
}
