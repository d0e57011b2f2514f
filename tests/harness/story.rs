//! What stories begin with: organisations, clients, products, certificates.

use crate::{Client, Proxy, Server};
use lvcai_api::Deprecation;
use lvcai_auth::{ClientKeys, generate_client_key};
use lvcai_domain::city_list::CityListRow;
use lvcai_domain::{
    Accreditation, AccreditedScope, ApprovalNumber, CertificationBody, Event, ListImportId, Organisation,
    OrganisationId, Role, Scheme,
};
use lvcai_store::clients::Officer;
use lvcai_store::imports::{self, ListSource};
use lvcai_store::{Change, CommandContext, Decision, View, certification_bodies, clients, organisations};
use serde_json::{Value, json};

/// The number of a certificate, as its body writes it.
pub const NUMBER: &str = "CABR-01(02)-(2025)-CGP-035";

/// The number of a test report.
pub const REPORT: &str = "WT/2026-0117";

/// The body of the stories: 中国建筑科学研究院 CABR.
pub const BODY: &str = "CNCA-R-2006-148";

/// Another body, which must not touch what is CABR's.
pub const OTHER_BODY: &str = "CNCA-R-2002-001";

/// The laboratory of the stories, by its CMA number.
pub const LABORATORY: &str = "230800020001";

/// The list of the stories.
pub const LIST: &str = "green-building-materials";

/// Every scope by which one writes, for clients whose scope is not what the story is about: each gets those that the
/// roles of its organisation permit.
pub const ALL_SCOPES: &str = "clients:manage organisations:write products:write products:admit certificates:push reports:push \
    evidence:write evidence:confirm imports:undo lists:open publications:draft publications:approve publications:publish";

/// Every scope by which clients of organisations of a role may write, for the command line.
pub fn scopes_of(role: Role) -> String {
    let permitted = lvcai_domain::scope::permitted(&[role]);
    permitted.iter().map(|it| it.wire()).collect::<Vec<_>>().join(" ")
}

/// A registry with the people of a story: the certification body, an enterprise,
/// and two holders at the authority.
pub struct Story {
    /// The registry.
    pub server: Server,
    /// A client of the certification body.
    pub body: Client,
    /// A client of an enterprise.
    pub enterprise: Client,
    /// A client of the authority.
    pub authority: Client,
    /// A client of the authority with another holder.
    pub second: Client,
    /// Nobody in particular.
    pub anybody: Client,
}

impl Story {
    /// One of everything: a product with its evidence, a published list and the draft of a second publication, a test
    /// report. Answers a client of its laboratory, and an identifier of each noun.
    pub fn one_of_everything(&self) -> (Client, Vec<String>) {
        let (product, certificate) = (self.product("65系列内平开塑料窗"), self.certificate(NUMBER));
        let evidence = self.evidence(&product, &certificate);
        self.open_list();
        self.publish(&[&product]);
        let publications = format!("/v1/lists/{LIST}/publications");
        let draft =
            self.authority.post(&publications, &json!({ "title": "第二批", "products": [product] })).expect(201).id();
        let listings = self.anybody.get("/v1/listings").expect(200).body;
        let listing = listings["items"][0]["id"].as_str().unwrap().to_owned();
        let organisation = self.enterprise.organisation.unwrap().to_string();
        let laboratory = self.laboratory();
        let test_report = laboratory.put(&report_address(REPORT), &report()).expect(201).id();
        self.report_evidence(&product, &test_report, "2027-01-14");
        let import = self.import(&[city_row("大庆名录建材厂", "外开窗", "LIST-1")]);
        (laboratory, vec![product, certificate, evidence, draft, listing, organisation, test_report, import])
    }

    /// A client that the enterprise registers for itself, with one key. (`clients/`)
    pub fn registered_client(&self) -> String {
        self.enterprise.post("/v1/clients", &client_record()).expect(201).id()
    }

    /// An import of a list on behalf of the authority; answers what names it. (`list-imports/`)
    pub fn import(&self, rows: &[CityListRow]) -> String {
        let source = ListSource {
            id: ListImportId::mint(),
            authority: self.authority.organisation.unwrap(),
            authority_document: Some("庆工信发〔2026〕1号".to_owned()),
            file_sha256: "0".repeat(64),
            unreadable: 0,
        };
        let import = imports::import(&self.server.registry, rows.to_vec(), source, false);
        self.server.wait(import).unwrap().id.unwrap().to_string()
    }

    /// Begins a story.
    pub fn begin() -> Self {
        Self::on(Server::start())
    }

    /// Begins a story at a registry with settings of its own.
    pub fn begin_with(settings: &[(&str, &str)]) -> Self {
        Self::on(Server::start_with(settings))
    }

    /// Begins a story at a registry that shares no keys with the others.
    pub fn begin_elsewhere() -> Self {
        Self::on(Server::start_elsewhere())
    }

    /// Begins a story at a registry behind a proxy; nothing on SQLite.
    pub fn begin_behind_proxy() -> Option<(Self, Proxy)> {
        Server::start_behind_proxy().map(|(server, proxy)| (Self::on(server), proxy))
    }

    /// Begins a story at a registry of which operations will go.
    pub fn begin_deprecated(deprecated: &'static [Deprecation]) -> Self {
        Self::on(Server::start_deprecated(deprecated))
    }

    fn on(server: Server) -> Self {
        let certifier = server.certification_body(BODY);
        let maker = server.organisation("大庆示例门窗有限公司", Role::Enterprise);
        let bureau = server.organisation("大庆市工业和信息化局", Role::Authority);
        Self {
            body: server.client(certifier, "body-1", ALL_SCOPES),
            enterprise: server.client(maker, "maker-1", ALL_SCOPES),
            authority: server.client(bureau, "bureau-1", ALL_SCOPES),
            second: server.client(bureau, "bureau-2", ALL_SCOPES),
            anybody: server.anybody(),
            server,
        }
    }

    /// An admitted product of the enterprise, of kind gbm-09, with the model 65系列.
    pub fn product(&self, name: &str) -> String {
        let product = json!({ "name": name, "kind": "gbm-09", "models": ["65系列"] });
        let id = self.enterprise.post("/v1/products", &product).expect(201).id();
        self.authority.post(&format!("/v1/products/{id}/transitions"), &json!({ "step": "admit" })).expect(200);
        id
    }

    /// A valid certificate pushed by the body, of kind gbm-09, with the model 65系列.
    pub fn certificate(&self, number: &str) -> String {
        self.body.put(&address(BODY, number), &record()).expect(201).id()
    }

    /// A client of the laboratory, which the authority registers, valid from 2023-06-01 to 2029-05-31.
    pub fn laboratory(&self) -> Client {
        let organisation = self.server.organisation("黑龙江示例建筑材料检测有限公司", Role::Laboratory);
        self.authority.put(&format!("/v1/laboratories/{LABORATORY}"), &laboratory(organisation)).expect(201);
        self.server.client(organisation, "laboratory-1", ALL_SCOPES)
    }

    /// An evidence of a test report, confirmed by the authority until a day.
    pub fn report_evidence(&self, product: &str, report: &str, until: &str) -> String {
        let claim = json!({ "product": product, "test_report": report, "valid_until": until });
        self.authority.post("/v1/evidence", &claim).expect(201).id()
    }

    /// An evidence confirmed by the body.
    pub fn evidence(&self, product: &str, certificate: &str) -> String {
        let claim = json!({ "product": product, "certificate": certificate });
        self.body.post("/v1/evidence", &claim).expect(201).id()
    }

    /// Opens the list of the stories.
    pub fn open_list(&self) {
        let list = json!({ "id": LIST, "title": "大庆市绿色建材产品信息", "purpose": "product_list" });
        self.authority.post("/v1/lists", &list).expect(201);
    }

    /// Drafts, approves and publishes products in the list; answers the publication.
    pub fn publish(&self, products: &[&str]) -> Value {
        let draft = json!({ "title": "大庆市绿色建材产品信息", "products": products });
        let id = self.authority.post(&format!("/v1/lists/{LIST}/publications"), &draft).expect(201).id();
        let steps = format!("/v1/lists/{LIST}/publications/{id}/transitions");
        self.second.post(&steps, &json!({ "step": "approve" })).expect(200);
        self.authority.post(&steps, &json!({ "step": "publish" })).expect(200).body
    }

    /// Takes a step of a certificate.
    pub fn step(&self, certificate: &str, step: &Value) -> crate::Answer {
        self.body.post(&format!("/v1/certificates/{certificate}/transitions"), step)
    }

    /// Asks for the verdict on one item.
    pub fn verdict(&self, question: &Value) -> Value {
        self.anybody.post("/v1/verifications", question).expect(200).body["verdicts"][0].clone()
    }
}

/// A row of a city's list: a window of three stars of the body of the stories.
pub fn city_row(enterprise: &str, product: &str, number: &str) -> CityListRow {
    CityListRow {
        row: 1,
        enterprise: enterprise.to_owned(),
        uscc: None,
        product: product.to_owned(),
        models: vec!["65系列".to_owned()],
        kind: "gbm-09".to_owned(),
        scheme: None,
        star: lvcai_domain::Star::try_from(3).ok(),
        number: number.parse().unwrap(),
        issued_on: Some(jiff::civil::date(2025, 6, 5)),
        valid_until: jiff::civil::date(2030, 6, 4),
        body: BODY.to_owned(),
    }
}

/// The address of a certificate at its body.
pub fn address(body: &str, number: &str) -> String {
    let number: String = number.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("/v1/certification-bodies/{body}/certificates/{number}")
}

/// The address of a test report at the laboratory of the stories.
pub fn report_address(number: &str) -> String {
    let number: String = number.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("/v1/laboratories/{LABORATORY}/test-reports/{number}")
}

/// A valid record of a client of an enterprise.
pub fn client_record() -> Value {
    let (_, jwks) = generate_client_key().unwrap();
    let keys: Value = serde_json::from_str(&jwks).unwrap();
    json!({ "holder": "maker-2", "scopes": ["products:write"], "keys": keys })
}

/// A valid record of a laboratory.
pub fn laboratory(organisation: OrganisationId) -> Value {
    json!({
        "name": "黑龙江示例建筑材料检测有限公司", "organisation": organisation, "cnas_number": "CNAS L0001",
        "valid_from": "2023-06-01", "valid_until": "2029-05-31"
    })
}

/// A valid record of a test report that passes, of the model 65系列.
pub fn report() -> Value {
    json!({
        "sample_name": "内平开塑料窗", "models": ["65系列"], "client": { "name": "大庆示例门窗有限公司" },
        "inspection": "commissioned", "sampled_on": "2026-01-05", "issued_on": "2026-01-15",
        "standards": ["GB/T 8484-2020"],
        "items": [
            { "name": "传热系数", "method": "GB/T 8484-2020", "unit": "W/(m²·K)", "required": "≤ 1.5",
              "value": "1.30", "number": "1.30", "conclusion": "pass" },
            { "name": "可溶性铅", "method": "GB/T 23991-2009", "unit": "mg/kg", "value": "未检出",
              "conclusion": "not_judged" }
        ],
        "conclusion": "pass"
    })
}

/// A valid record of a three-star certificate of kind gbm-09 with the model 65系列.
pub fn record() -> Value {
    json!({
        "scheme": "star_certification", "kind": "gbm-09", "star": 3,
        "holder": { "name": "大庆示例门窗有限公司" }, "product_name": "内平开塑料窗",
        "units": [{ "name": "65系列内平开窗", "models": ["65系列"], "climate_zones": ["cold", "severe_cold"] }],
        "standards": ["T/CECS 10026-2019"],
        "issued_on": "2025-06-05", "valid_until": "2030-06-04", "reported_status": "01"
    })
}

impl Server {
    /// Registers an organisation.
    pub fn organisation(&self, name: &str, role: Role) -> OrganisationId {
        self.organisation_of(name, &[role])
    }

    /// Registers an organisation of several roles.
    pub fn organisation_of(&self, name: &str, roles: &[Role]) -> OrganisationId {
        let organisation = Organisation { roles: roles.to_vec(), ..Organisation::named(name, Role::Enterprise) };
        let id = organisation.id;
        let decide = move |_: &mut View<'_>| {
            Ok(Decision::change(Change::create(Event::OrganisationRegistered, organisation.clone())))
        };
        self.wait(self.registry.execute(CommandContext::operator(), decide)).unwrap();
        id
    }

    /// The organisation of a certification body, which is accredited for everything.
    pub fn certification_body(&self, number: &str) -> OrganisationId {
        let number: ApprovalNumber = number.parse().unwrap();
        self.accredit(&number);
        let read = move |conn: &mut _| certification_bodies::read(conn, &number, i64::MAX - 1);
        let body: CertificationBody = self.wait(self.registry.read(read)).unwrap().unwrap().parse().unwrap();
        body.organisation
    }

    /// Accredits a body for everything, from 2010 to 2100.
    fn accredit(&self, number: &ApprovalNumber) {
        let scopes = [Scheme::StarCertification, Scheme::GreenProduct, Scheme::LegacyLabel];
        let accreditation = Accreditation {
            valid_from: jiff::civil::date(2010, 1, 1),
            valid_until: jiff::civil::date(2100, 12, 31),
            scopes: scopes.map(|scheme| AccreditedScope { scheme, kinds: Vec::new() }).to_vec(),
            source: "测试".to_owned(),
            verified: false,
        };
        let number = number.clone();
        let decide = move |view: &mut View<'_>| certification_bodies::accredit(view, &number, &accreditation);
        self.wait(self.registry.execute(CommandContext::operator(), decide)).unwrap();
    }

    /// A client of an organisation, with a key of its own and a token.
    pub fn client(&self, organisation: OrganisationId, holder: &str, scopes: &str) -> Client {
        self.client_without_token(organisation, holder, scopes).authenticated(&self.clock)
    }

    /// A client of an organisation, with a key of its own, and with those of the scopes that its roles permit.
    pub fn client_without_token(&self, organisation: OrganisationId, holder: &str, scopes: &str) -> Client {
        let (pem, jwks) = generate_client_key().unwrap();
        let keys = ClientKeys::parse(&jwks).unwrap().registered().unwrap();
        let holder = holder.to_owned();
        let asked: Vec<String> = scopes.split_whitespace().map(str::to_owned).collect();
        let mut client = lvcai_domain::Client::new(organisation, holder, asked, keys);
        let id = client.id;
        let decide = move |view: &mut View<'_>| {
            let stored = organisations::read(view.conn, organisation, view.cut)?.unwrap();
            let roles = stored.parse::<Organisation>()?.roles;
            client.scopes = client.scopes_by(&roles).iter().map(ToString::to_string).collect();
            clients::add(view, &client, Officer::Operator)
        };
        self.wait(self.registry.execute(CommandContext::operator(), decide)).unwrap();
        Client::known(&self.url, id, organisation, pem)
    }
}
