//! What is known of the records that an import made: as they were before, as they are now, and what rests on them.

use crate::error::{Error, Result};
use crate::ledger::{CHUNK, View, day, known_at};
use crate::schema::{
    certificates, clients, evidence, ledger, listings, organisations, products, publication_entries, publications,
};
use diesel::prelude::*;
use jiff::civil::Date;
use lvcai_database::{Id, on_conn};
use lvcai_domain::ledger::CLOCK;
use lvcai_domain::{
    Certificate, Evidence, EvidenceStatus, ListImportId, Organisation, OrganisationId, Product, ProductStatus,
    PublicationStatus,
};
use serde::de::DeserializeOwned;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// How many products are looked at at a time.
const PAGE: i64 = 500;

/// A version of a record.
pub(super) struct Version<T> {
    /// Its number.
    version: i32,
    /// From which day it holds.
    pub(super) since: Date,
    pub(super) fact: T,
}

/// A record that the import made or changed.
pub(super) struct Made<T> {
    pub(super) subject: String,
    /// The version that the import made.
    version: i32,
    /// Whether it says something else now, and not the clock alone has said so.
    pub(super) changed: bool,
    /// As it was before, where it was known.
    pub(super) before: Option<Version<T>>,
    /// As it is now.
    pub(super) now: Version<T>,
}

/// An evidence with the organisations that may see it.
pub(super) type EvidenceFact = (Evidence, (OrganisationId, OrganisationId));

/// An evidence that stands: the subject that it is of, its own identifier, and the entry that made it as it is.
pub(super) type Resting = HashMap<Uuid, Vec<(Uuid, i64)>>;

/// All that decides.
pub(super) struct Facts {
    pub(super) evidence: Vec<Made<EvidenceFact>>,
    pub(super) products: Vec<Made<Product>>,
    pub(super) certificates: Vec<Made<Certificate>>,
    pub(super) organisations: Vec<Made<Organisation>>,
    /// Products that stand, or stood, in a publication or a draft of one.
    pub(super) published: HashSet<Uuid>,
    pub(super) of_products: Resting,
    pub(super) of_certificates: Resting,
    /// Products that are not retired, by their enterprise.
    owned: HashMap<Uuid, Vec<Uuid>>,
    /// Organisations that clients, or products of others, name.
    referred: HashSet<Uuid>,
    /// The last entry of the import.
    last: i64,
}

/// An entry of the import: its subject, and which version that made.
struct Written {
    id: Uuid,
    subject: String,
    version: i32,
}

/// A version as its table has it.
struct Raw {
    id: Id,
    version: i32,
    since: String,
    body: String,
    seen_by: (Id, Id),
}

/// Reads every version of subjects of a table: since when it holds, and who may see it, are given as columns.
macro_rules! versions {
    ($conn:expr, $table:ident, $written:expr, $cut:expr, $since:expr, $seen_by:expr) => {{
        let mut all: Vec<Raw> = Vec::new();
        for chunk in $written.chunks(CHUNK) {
            let ids: Vec<Id> = chunk.iter().map(|it| Id(it.id)).collect();
            let rows: Vec<(Id, i32, String, String, (Id, Id))> = on_conn!($conn, c => $table::table
                .filter($table::id.eq_any(&ids).and($table::seq_from.le($cut)))
                .order(($table::id.asc(), $table::version.asc()))
                .select(($table::id, $table::version, $since, $table::body, $seen_by))
                .load(c))?;
            all.extend(rows.into_iter().map(|(id, version, since, body, seen_by)| Raw { id, version, since, body, seen_by }));
        }
        all
    }};
}

/// Reads which subjects of a column standing evidence is of.
macro_rules! resting {
    ($conn:expr, $column:ident, $ids:expr, $cut:expr) => {{
        let mut resting = Resting::new();
        let standing = [EvidenceStatus::Proposed.name(), EvidenceStatus::Confirmed.name()];
        for ids in $ids.chunks(CHUNK) {
            let rows: Vec<(Id, Id, i64)> = on_conn!($conn, c => evidence::table
                .filter(evidence::$column.eq_any(ids).and(evidence::status.eq_any(standing)))
                .filter(known_at!(evidence, $cut))
                .select((evidence::$column, evidence::id, evidence::seq_from))
                .load(c))?;
            for (of, id, seq) in rows {
                resting.entry(of.0).or_default().push((id.0, seq));
            }
        }
        resting
    }};
}

impl Facts {
    pub(super) fn gather(view: &mut View<'_>, id: ListImportId) -> Result<Self> {
        let (entries, last) = entries(view, id)?;
        let of = |prefix: &str| -> Vec<Written> {
            let named = entries.iter().filter_map(|(subject, version)| {
                let id = Uuid::try_parse(subject.strip_prefix(prefix)?).ok()?;
                Some(Written { id, subject: subject.clone(), version: *version })
            });
            named.collect()
        };
        let (conn, cut) = (&mut *view.conn, view.cut);
        let written = of("evid_");
        let raw =
            versions!(conn, evidence, written, cut, evidence::effective_on, (evidence::owner, evidence::certifier));
        let evidence = made(&written, raw, |it: Evidence, raw| (it, (raw.seen_by.0.0.into(), raw.seen_by.1.0.into())))?;
        let written = of("prod_");
        let raw = versions!(conn, products, written, cut, products::kind, (products::owner, products::owner));
        let products = made(&written, raw, |it: Product, _| it)?;
        let written = of("cert_");
        let raw = versions!(
            conn,
            certificates,
            written,
            cut,
            certificates::effective_on,
            (certificates::id, certificates::id)
        );
        let certificates = made(&written, raw, |it: Certificate, _| it)?;
        let written = of("org_");
        let raw =
            versions!(conn, organisations, written, cut, organisations::uscc, (organisations::id, organisations::id));
        let organisations = made(&written, raw, |it: Organisation, _| it)?;
        let mut facts = Self {
            evidence,
            products,
            certificates,
            organisations,
            published: HashSet::new(),
            of_products: Resting::new(),
            of_certificates: Resting::new(),
            owned: HashMap::new(),
            referred: HashSet::new(),
            last,
        };
        facts.pass_over_the_clock(view)?;
        facts.gather_evidence(view)?;
        facts.gather_published(view)?;
        facts.gather_references(view)?;
        Ok(facts)
    }
}

/// The subjects of the import's command with the versions that it made, and its last entry.
fn entries(view: &mut View<'_>, id: ListImportId) -> Result<(Vec<(String, i32)>, i64)> {
    let rows: Vec<(i64, String, i32)> = on_conn!(view.conn, c => {
        let command: Id = ledger::table
            .filter(ledger::subject.eq(id.to_string()).and(ledger::subject_version.eq(1)))
            .select(ledger::command)
            .get_result(c)?;
        ledger::table
            .filter(ledger::command.eq(command))
            .order(ledger::seq.asc())
            .select((ledger::seq, ledger::subject, ledger::subject_version))
            .load(c)
    })?;
    let last = rows.last().map_or(0, |it| it.0);
    Ok((rows.into_iter().map(|(_, subject, version)| (subject, version)).collect(), last))
}

/// Each record with its version of the import, the one before it and the present one.
fn made<T: DeserializeOwned, F: PartialEq>(
    written: &[Written],
    raw: Vec<Raw>,
    with: impl Fn(T, &Raw) -> F,
) -> Result<Vec<Made<F>>> {
    let mut of: HashMap<Uuid, Vec<Raw>> = HashMap::new();
    for it in raw {
        of.entry(it.id.0).or_default().push(it);
    }
    let version = |raw: &Raw| -> Result<Version<F>> {
        // Only the days of what holds from a day on are asked for.
        let since = day(&raw.since).unwrap_or_default();
        Ok(Version { version: raw.version, since, fact: with(serde_json::from_str(&raw.body)?, raw) })
    };
    let mut all = Vec::with_capacity(written.len());
    for it in written {
        let versions = of.get(&it.id).map(Vec::as_slice).unwrap_or_default();
        let now = versions.last().ok_or_else(|| Error::Database("an entry without its version".into()))?;
        let before = versions.iter().find(|raw| raw.version + 1 == it.version);
        let made = versions.iter().find(|raw| raw.version == it.version).map(version).transpose()?;
        let (now, before) = (version(now)?, before.map(version).transpose()?);
        // What was changed and changed back says what the import said.
        let changed = made.is_none_or(|made| made.fact != now.fact);
        all.push(Made { subject: it.subject.clone(), version: it.version, changed, before, now });
    }
    Ok(all)
}

impl Facts {
    /// That a certificate ran out, or came to be renewable, is no change by anybody.
    fn pass_over_the_clock(&mut self, view: &mut View<'_>) -> Result<()> {
        for made in self.certificates.iter_mut().filter(|it| it.changed && it.now.version != it.version) {
            let by_others: i64 = on_conn!(view.conn, c => ledger::table
                .filter(ledger::subject.eq(&made.subject).and(ledger::subject_version.gt(made.version)))
                .filter(ledger::actor.ne(CLOCK).and(ledger::seq.le(view.cut)))
                .count()
                .get_result(c))?;
            made.changed = by_others > 0;
        }
        Ok(())
    }

    fn gather_evidence(&mut self, view: &mut View<'_>) -> Result<()> {
        let products: Vec<Id> = self.products.iter().map(|it| Id(it.now.fact.id.uuid())).collect();
        let certificates: Vec<Id> = self.certificates.iter().map(|it| Id(it.now.fact.id.uuid())).collect();
        self.of_products = resting!(view.conn, product, products, view.cut);
        self.of_certificates = resting!(view.conn, certificate, certificates, view.cut);
        Ok(())
    }

    /// Whether evidence rests on a subject that is not ended with the import; of what was known before, only evidence
    /// that is later than the import.
    pub(super) fn rests_on(&self, of: &Resting, subject: Uuid, was_known: bool, ended: &HashSet<Uuid>) -> bool {
        let resting = of.get(&subject).map(Vec::as_slice).unwrap_or_default();
        resting.iter().any(|(id, seq)| !ended.contains(id) && (!was_known || *seq > self.last))
    }

    fn gather_published(&mut self, view: &mut View<'_>) -> Result<()> {
        let evidence = self.evidence.iter().map(|it| it.now.fact.0.product);
        let products: HashSet<Uuid> =
            evidence.chain(self.products.iter().map(|it| it.now.fact.id)).map(|it| it.uuid()).collect();
        let products: Vec<Id> = products.into_iter().map(Id).collect();
        for ids in products.chunks(CHUNK) {
            let listed: Vec<Id> = on_conn!(view.conn, c => listings::table
                .filter(listings::product.eq_any(ids).and(listings::seq_from.le(view.cut)))
                .select(listings::product)
                .distinct()
                .load(c))?;
            let entered: Vec<Id> = on_conn!(view.conn, c => publication_entries::table
                .inner_join(publications::table.on(publications::id.eq(publication_entries::publication)))
                .filter(publication_entries::product.eq_any(ids))
                .filter(known_at!(publications, view.cut))
                .filter(publications::status.ne(PublicationStatus::Cancelled.name()))
                .select(publication_entries::product)
                .distinct()
                .load(c))?;
            self.published.extend(listed.into_iter().chain(entered).map(|it| it.0));
        }
        Ok(())
    }

    fn gather_references(&mut self, view: &mut View<'_>) -> Result<()> {
        let ids: Vec<Id> = self.organisations.iter().map(|it| Id(it.now.fact.id.uuid())).collect();
        for ids in ids.chunks(CHUNK) {
            let owned: Vec<(Id, Id)> = on_conn!(view.conn, c => products::table
                .filter(products::owner.eq_any(ids).and(products::status.ne(ProductStatus::Retired.name())))
                .filter(known_at!(products, view.cut))
                .select((products::owner, products::id))
                .load(c))?;
            for (owner, product) in owned {
                self.owned.entry(owner.0).or_default().push(product.0);
            }
            let clients: Vec<Id> = on_conn!(view.conn, c => clients::table
                .filter(clients::organisation.eq_any(ids).and(known_at!(clients, view.cut)))
                .select(clients::organisation)
                .load(c))?;
            self.referred.extend(clients.into_iter().map(|it| it.0));
        }
        self.gather_parties(view)
    }

    /// The makers that products recorded since the import name: none before could name what it registered.
    fn gather_parties(&mut self, view: &mut View<'_>) -> Result<()> {
        let mut after = Id(Uuid::nil());
        while !self.organisations.is_empty() {
            let rows: Vec<(Id, String)> = on_conn!(view.conn, c => products::table
                .filter(products::id.gt(after).and(products::seq_from.gt(self.last)))
                .filter(known_at!(products, view.cut).and(products::status.ne(ProductStatus::Retired.name())))
                .order(products::id.asc())
                .limit(PAGE)
                .select((products::id, products::body))
                .load(c))?;
            let Some((last, _)) = rows.last() else { break };
            after = *last;
            for (_, body) in &rows {
                let product: Product = serde_json::from_str(body)?;
                self.referred.extend(product.manufacturer.into_iter().chain(product.factory).map(OrganisationId::uuid));
            }
        }
        Ok(())
    }

    /// Whether anything but products that are retired with the import refers to an organisation.
    pub(super) fn is_referred_to(&self, id: Uuid, retiring: &HashSet<Uuid>) -> bool {
        let owned = self.owned.get(&id).map(Vec::as_slice).unwrap_or_default();
        self.referred.contains(&id) || owned.iter().any(|it| !retiring.contains(it))
    }
}
