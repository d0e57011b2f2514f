//! What the rows of a list come to: not written until all are taken, so a row is compared with those before it too.

use super::outcome::{Import, Outcome, RowOutcome};
use crate::conformity::holders::Firms;
use crate::conformity::{certificates, evidence};
use crate::error::{Error, Result};
use crate::ledger::{Change, View};
use crate::parties::{certification_bodies, organisations};
use crate::products;
use lvcai_domain::city_list::{CityListRow, restated};
use lvcai_domain::evidence::{Proof, covers};
use lvcai_domain::holder::{strangers, told_en, told_zh};
use lvcai_domain::reference::Kind;
use lvcai_domain::{
    ApprovalNumber, BodyNames, Certificate, CertificateId, CertificationBody, Event, Evidence, EvidenceStatus, Fault,
    NamedBody, Organisation, OrganisationId, ProblemKind, Product, RecordSource, Rule, name_key,
};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// How many certificates that look like a row's are told of it.
const LOOK_ALIKES: usize = 10;

/// What the rows so far come to: not yet written, so looked up here first.
#[derive(Default)]
pub(super) struct ImportPlan {
    /// New enterprises by code and by name.
    enterprises: BTreeMap<String, Organisation>,
    firms: Firms,
    /// What all bodies are called, once a row names one.
    names: Option<BodyNames>,
    bodies: BTreeMap<String, Result<NamedBody, Vec<String>>>,
    /// By enterprise, name and kind.
    products: BTreeMap<ProductKey, Upsert<Product>>,
    /// What the registry holds of the enterprises so far: read once, however many rows name one.
    held: BTreeMap<OrganisationId, BTreeMap<ProductKey, Product>>,
    certificates: BTreeMap<(ApprovalNumber, String), Upsert<Certificate>>,
    evidence: Vec<(Evidence, OrganisationId, ApprovalNumber)>,
    new_organisations: Vec<Organisation>,
}

/// Enterprise, name and kind.
type ProductKey = (OrganisationId, String, String);

/// A record as it was, if it was, and as the rows so far make it.
#[derive(Clone)]
struct Upsert<T> {
    before: Option<T>,
    after: T,
}

impl<T: PartialEq> Upsert<T> {
    fn changed(&self) -> bool {
        self.before.as_ref() != Some(&self.after)
    }
}

/// The enterprise of a row.
struct Owner {
    organisation: Organisation,
    is_new: bool,
}

impl ImportPlan {
    pub(super) fn take(
        &mut self,
        view: &mut View<'_>,
        row: &CityListRow,
        authority: OrganisationId,
    ) -> Result<RowOutcome> {
        let refused = |faults| RowOutcome::refused(row.row, faults);
        let named = self.body(view, &row.body)?.map_err(|like| row.unknown_body(like));
        let (named, kind) = match (named, row.kind()) {
            (Ok(named), Ok(kind)) => (named, kind),
            (named, kind) => return Ok(refused(named.err().into_iter().chain(kind.err()).collect())),
        };
        let notes = row.doubtful_body(&named).into_iter().collect();
        let body = named.number;
        let certificate = match self.certificate(view, row, &body, kind)? {
            Ok(certificate) => certificate,
            Err(faults) => return Ok(refused(faults)),
        };
        let owner = match self.owner(view, row)? {
            Ok(owner) => owner,
            Err(fault) => return Ok(refused(vec![fault])),
        };
        let product = self.product(view, row, owner.organisation.id, kind)?;
        if covers(&certificate.after, &product.after, &row.models, view.today()).is_err() {
            return Ok(refused(vec![Fault::new("证书编号", Rule::NotAllowed).detail(
                "认证机构自己的证书记录不覆盖该产品的种类或型号",
                "the body's own record does not cover the kind or the models",
            )]));
        }
        let linked = self.is_linked(view, (&product.after, &certificate.after), &row.models)?;
        if !linked {
            self.firms.know(owner.organisation.clone());
            let proof = Proof::from(certificate.after.clone());
            let strangers = strangers(proof.parties(), &self.firms.of(view.conn, &product.after, view.cut)?);
            if !strangers.is_empty() {
                let fault = Fault::new("企业名称", Rule::HolderDiffers);
                return Ok(refused(vec![fault.detail(told_zh(&strangers), told_en(&strangers))]));
            }
            self.link(view, (&product.after, &certificate.after), &row.models, (authority, &body));
        }
        let kept = certificate.after.record_source == RecordSource::CertificationBody;
        let contradicts = if kept { row.contradictions(&certificate.after) } else { Vec::new() };
        let outcome = match () {
            () if kept => Outcome::KeptBodysRecord,
            () if !linked || product.changed() || certificate.changed() => Outcome::Imported,
            () => Outcome::Unchanged,
        };
        let (id, number) = (product.after.id, certificate.after.id);
        self.certificates.insert((body, row.number.normalised()), certificate);
        self.products.insert((owner.organisation.id, name_key(&row.product), kind.code.clone()), product);
        // Only now that the row is taken: a refused one leaves nothing.
        if let Owner { organisation, is_new: true } = owner {
            let code = organisation.uscc.as_ref().map(ToString::to_string);
            let keys = code.into_iter().chain([name_key(&organisation.name)]);
            self.enterprises.extend(keys.map(|key| (key, organisation.clone())));
            self.new_organisations.push(organisation);
        }
        let (product, certificate) = (Some(id), Some(number));
        Ok(RowOutcome { row: row.row, outcome, notes, contradicts, look_alikes: None, product, certificate })
    }

    /// The body that a row names, or those that it may mean.
    fn body(&mut self, view: &mut View<'_>, name: &str) -> Result<Result<NamedBody, Vec<String>>> {
        if let Some(body) = self.bodies.get(name) {
            return Ok(body.clone());
        }
        let names = match self.names.take() {
            Some(names) => names,
            None => certification_bodies::names(view.conn, view.cut)?,
        };
        let body = self.names.insert(names).find(name);
        self.bodies.insert(name.to_owned(), body.clone());
        Ok(body)
    }

    /// The certificate as this row makes it; a body's own record stays as it is.
    fn certificate(
        &self,
        view: &mut View<'_>,
        row: &CityListRow,
        body: &ApprovalNumber,
        kind: &Kind,
    ) -> Result<Result<Upsert<Certificate>, Vec<Fault>>> {
        let key = (body.clone(), row.number.normalised());
        if let Some(told) = self.certificates.get(&key) {
            return Ok(row.joined(&told.after, &kind.code).map(|after| Upsert { before: told.before.clone(), after }));
        }
        let held = certificates::find_by_number(view.conn, &row.number, Some(body), view.cut)?;
        let before = held.into_iter().next().map(|known| known.fact);
        if let Some(before) = &before
            && before.record_source == RecordSource::CertificationBody
        {
            return Ok(Ok(Upsert { before: Some(before.clone()), after: before.clone() }));
        }
        let told = row.certificate(body, kind, view.today());
        if let Some(fault) = before.as_ref().and_then(|before| row.another_holder(before)) {
            return Ok(Err(vec![fault]));
        }
        let after = before.as_ref().map_or(told.clone(), |before| restated(before, told));
        let since = before.as_ref().map(|it| (it, it.status_on));
        Ok(match lvcai_domain::certificate::step(since, &after, view.today()) {
            Ok(_) => Ok(Upsert { before, after }),
            Err(problem) => Err(problem.faults),
        })
    }

    /// The enterprise of a row: the one whose code is the row's, or whose name is where one of them
    /// has no code. Two that would do are nobody: which is meant is not for the program to guess.
    fn owner(&self, view: &mut View<'_>, row: &CityListRow) -> Result<Result<Owner, Fault>> {
        let key = name_key(&row.enterprise);
        let mut candidates = Vec::new();
        for id in organisations::likely_duplicates(view.conn, &row.enterprise, row.uscc.as_ref(), view.cut)? {
            let stored = organisations::read(view.conn, id, view.cut)?.ok_or(ProblemKind::NotFound)?;
            candidates.push(stored.parse::<Organisation>()?);
        }
        let same_code = row.uscc.as_ref().and_then(|code| self.enterprises.get(code.as_str()));
        candidates.extend(same_code.or_else(|| self.enterprises.get(&key)).cloned());
        let coded = |it: &Organisation| row.uscc.is_some() && it.uscc == row.uscc;
        let named = |it: &Organisation| name_key(&it.name) == key && (it.uscc.is_none() || row.uscc.is_none());
        let mut fitting: Vec<_> = candidates.iter().filter(|it| coded(it)).collect();
        if fitting.is_empty() {
            fitting = candidates.iter().filter(|it| named(it)).collect();
        }
        Ok(match fitting.as_slice() {
            [] => Ok(Owner { organisation: row.organisation(), is_new: true }),
            [one] => Ok(Owner { organisation: (**one).clone(), is_new: false }),
            _ => Err(Fault::new("企业名称", Rule::Duplicate).detail(
                "库中有多个同名组织，请在清单中给出统一社会信用代码",
                "several organisations have that name; add the unified social credit code",
            )),
        })
    }

    fn product(
        &mut self,
        view: &mut View<'_>,
        row: &CityListRow,
        owner: OrganisationId,
        kind: &Kind,
    ) -> Result<Upsert<Product>> {
        let key = (owner, name_key(&row.product), kind.code.clone());
        let told = match self.products.get(&key) {
            Some(told) => Some(told.clone()),
            None => {
                let held = self.held(view, owner)?.get(&key);
                held.map(|product| Upsert { before: Some(product.clone()), after: product.clone() })
            }
        };
        let Some(mut told) = told else {
            return Ok(Upsert { before: None, after: row.admitted(owner, &kind.code) });
        };
        // A product that the enterprise recorded itself is left as it is; one from a list gains the models of further
        // rows.
        if told.after.record_source == RecordSource::CityList {
            let missing = row.models.iter().filter(|model| !told.after.models.contains(model));
            let missing: Vec<_> = missing.cloned().collect();
            told.after.models.extend(missing);
        }
        Ok(told)
    }

    /// The products of an enterprise, the oldest where several have the same name and kind.
    fn held(&mut self, view: &mut View<'_>, owner: OrganisationId) -> Result<&BTreeMap<ProductKey, Product>> {
        Ok(match self.held.entry(owner) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let products = products::of_owner(view.conn, owner, view.cut)?.into_iter().rev();
                let keyed = |it: Product| ((owner, name_key(&it.name), it.kind.clone()), it);
                unknown.insert(products.map(keyed).collect())
            }
        })
    }

    /// Whether product and certificate are linked already.
    fn is_linked(
        &self,
        view: &mut View<'_>,
        (product, certificate): (&Product, &Certificate),
        models: &[String],
    ) -> Result<bool> {
        let known = evidence::public_of(view.conn, Some(product.id), Some(certificate.id), view.cut)?;
        let same = |it: &Evidence| {
            let linked = it.product == product.id
                && it.certificate == Some(certificate.id)
                && it.status == EvidenceStatus::Confirmed;
            linked && (it.models.is_empty() || models.iter().all(|model| it.models.contains(model)))
        };
        Ok(known.iter().any(|(it, _)| same(it)) || self.evidence.iter().any(|(it, ..)| same(it)))
    }

    fn link(
        &mut self,
        view: &mut View<'_>,
        (product, certificate): (&Product, &Certificate),
        models: &[String],
        (authority, body): (OrganisationId, &ApprovalNumber),
    ) {
        let evidence = Evidence {
            id: view.mint(),
            product: product.id,
            certificate: Some(certificate.id),
            test_report: None,
            kind: None,
            models: models.to_vec(),
            status: EvidenceStatus::Confirmed,
            holder: Some((&certificate.holder).into()),
            distinct_holder: None,
            claimed_by: authority,
            decided_by: Some(authority),
            effective_on: view.today(),
            valid_until: None,
            ended_on: None,
        };
        self.evidence.push((evidence, product.enterprise, body.clone()));
    }

    /// What the new certificates are easily taken for, among those that are known and those of the list itself.
    pub(super) fn look_alikes(&self, view: &mut View<'_>) -> Result<BTreeMap<CertificateId, Fault>> {
        let is_new = |it: &&Upsert<Certificate>| it.before.as_ref().is_none_or(|it| it.retracted_on.is_some());
        let new: Vec<&Certificate> = self.certificates.values().filter(is_new).map(|it| &it.after).collect();
        let known = certificates::look_alikes(view.conn, new.iter().map(|it| &it.number), view.cut)?;
        let mut like: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for number in new.iter().map(|it| &it.number) {
            let others = known.get(&number.normalised()).into_iter().flatten().map(|it| it.number.clone());
            like.entry(number.look_alike()).or_default().extend(others.chain([number.normalised()]));
        }
        let told = |it: &&Certificate| {
            let own = it.number.normalised();
            let others = like.get(&it.number.look_alike()).into_iter().flatten().filter(|other| **other != own);
            let others: Vec<String> = others.take(LOOK_ALIKES).cloned().collect();
            (!others.is_empty()).then(|| (it.id, CityListRow::looks_alike(&others)))
        };
        Ok(new.iter().filter_map(told).collect())
    }

    /// What comes of the rows, once all are taken.
    pub(super) fn import(&self, rows: Vec<RowOutcome>) -> Import {
        Import {
            rows,
            id: None,
            enterprises: self.new_organisations.len(),
            products: self.products.values().filter(|it| it.before.is_none()).count(),
            certificates: self.certificates.values().filter(|it| it.before.is_none()).count(),
            evidence: self.evidence.len(),
        }
    }

    /// All of it as one command: first what others refer to.
    pub(super) fn changes(self, view: &mut View<'_>) -> Result<Vec<Change>> {
        let mut changes: Vec<Change> = Vec::new();
        changes.extend(self.new_organisations.into_iter().map(|it| Change::create(Event::OrganisationRegistered, it)));
        for Upsert { before, after } in self.products.into_values().filter(Upsert::changed) {
            changes.push(match before {
                None => Change::create(Event::ProductAdmitted, after),
                Some(_) => Change::amend(Event::ProductAmended, after),
            });
        }
        for Upsert { before, after } in self.certificates.into_values().filter(Upsert::changed) {
            let effective_on = after.status_on;
            let change = match before {
                None => Change::create(Event::CertificateRecorded, after),
                Some(_) => Change::amend(Event::CertificateCorrected, after),
            };
            changes.push(change.effective_on(effective_on));
        }
        for (evidence, owner, body) in self.evidence {
            let body = certification_bodies::read(view.conn, &body, view.cut)?;
            let body = body.ok_or_else(|| Error::Database("a certificate without its body".into()))?;
            let certifier = body.parse::<CertificationBody>()?.organisation;
            let record = evidence::EvidenceRecord { evidence, owner, certifier };
            changes.push(Change::create(Event::EvidenceConfirmed, record));
        }
        Ok(changes)
    }
}
