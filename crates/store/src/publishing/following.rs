//! How listings follow what they rest on: the rule that the ledger is given.
//!
//! A certificate, a test report, an evidence or a product changes; the listings that rest on it change in the same
//! command, so no cut shows one without the other. What a listing then is, `lvcai_domain::standing` says.

use super::listings;
use crate::conformity::evidence::{self, EvidenceRecord};
use crate::error::Result;
use crate::ledger::{Change, Concerned, Consequences, View, Viewer};
use crate::products;
use jiff::civil::Date;
use lvcai_domain::evidence::{Proof, Source};
use lvcai_domain::standing::{Followed, Support, follow as follow_day_by_day};
use lvcai_domain::{
    Certificate, CertificateId, Event, Evidence, EvidenceId, Listing, ListingStatus, Product, ProductId, TestReport,
    TestReportId, Timeline,
};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// The rule by which listings follow.
pub(crate) const CONSEQUENCES: Consequences = Consequences { concerned, follow };

/// The products whose listings may follow from each change. Nothing rests on what is new.
fn concerned(view: &mut View<'_>, changes: &[&Change]) -> Result<Vec<Concerned>> {
    let known = || changes.iter().filter(|it| !it.creates);
    let certificates: Vec<CertificateId> = known().filter_map(|it| Some(it.of::<Certificate>()?.id)).collect();
    let reports: Vec<TestReportId> = known().filter_map(|it| Some(it.of::<TestReport>()?.id)).collect();
    let by_certificate = evidence::products_of_certificates(view.conn, &certificates, view.cut)?;
    let by_report = evidence::products_of_reports(view.conn, &reports, view.cut)?;
    let products = |change: &&Change| -> Vec<ProductId> {
        if let Some(listing) = change.of::<Listing>() {
            return vec![listing.product];
        }
        if change.creates {
            return Vec::new();
        }
        let certificate = change.of::<Certificate>().and_then(|it| by_certificate.get(&it.id).cloned());
        let report = || change.of::<TestReport>().and_then(|it| by_report.get(&it.id).cloned());
        let evidence = || change.of::<EvidenceRecord>().map(|it| vec![it.evidence.product]);
        let product = || change.of::<Product>().map(|it| vec![it.id]);
        certificate.or_else(report).or_else(evidence).or_else(product).unwrap_or_default()
    };
    Ok(changes.iter().map(|it| products(it).into_iter().map(ProductId::uuid).collect()).collect())
}

/// The changes of listings that follow from those of a command, each from its day.
fn follow(view: &mut View<'_>, changes: &[Change], concerned: &[Concerned]) -> Result<Vec<Change>> {
    let pending = PendingFacts::of(changes, view.today());
    let mut following = Vec::new();
    let mut products: BTreeMap<ProductId, Date> = BTreeMap::new();
    for (change, concerned) in changes.iter().zip(concerned) {
        if let Some(listing) = change.of::<Listing>() {
            following.extend(follow_published(view, listing, &pending)?);
            continue;
        }
        for product in concerned {
            let from = pending.holds_from(change);
            let day = products.entry((*product).into()).or_insert(from);
            *day = (*day).min(from);
        }
    }
    for (id, from) in products {
        let Some(product) = pending.product(view, id)? else { continue };
        for timeline in listings::of_product(view.conn, id, view.cut)? {
            following.extend(follow_one(view, timeline, &product, (&pending, from))?);
        }
    }
    Ok(following)
}

/// A listing that is published today goes on by what is known of the days to come.
fn follow_published(view: &mut View<'_>, listing: &Listing, pending: &PendingFacts<'_>) -> Result<Vec<Change>> {
    let today = view.today();
    let Some(product) = pending.product(view, listing.product)? else { return Ok(Vec::new()) };
    follow_one(view, Timeline::from_iter([(today, listing.clone())]), &product, (pending, today))
}

fn follow_one(
    view: &mut View<'_>,
    timeline: Timeline<Listing>,
    product: &Product,
    (pending, from): (&PendingFacts<'_>, Date),
) -> Result<Vec<Change>> {
    // A listing that was removed never stands again, so its evidence need not be read.
    if timeline.on(view.today()).is_none_or(|(_, it)| it.status == ListingStatus::Removed) {
        return Ok(Vec::new());
    }
    let mut supports = Vec::new();
    for id in timeline.newest().map(|it| it.evidence.clone()).unwrap_or_default() {
        supports.extend(pending.support(view, id)?);
    }
    let followed = follow_day_by_day(timeline, product, &supports, (from, view.today()));
    let change = |Followed { before, after }: Followed| {
        let day = after.effective_on;
        Change::amend(event(before, after.status), after).effective_on(day)
    };
    Ok(followed.into_iter().map(change).collect())
}

fn event(before: ListingStatus, after: ListingStatus) -> Event {
    match (before, after) {
        (_, ListingStatus::Removed) => Event::ListingRemoved,
        (ListingStatus::Listed, ListingStatus::Suspended) => Event::ListingSuspended,
        (ListingStatus::Suspended, ListingStatus::Listed) => Event::ListingRestored,
        (ListingStatus::Removed, _) | (ListingStatus::Listed, _) | (ListingStatus::Suspended, _) => {
            Event::ListingAmended
        }
    }
}

/// What the command decided and has not written: it counts before what the registry holds.
struct PendingFacts<'a> {
    by_subject: HashMap<Uuid, Vec<&'a Change>>,
    today: Date,
}

impl<'a> PendingFacts<'a> {
    fn of(changes: &'a [Change], today: Date) -> Self {
        let mut by_subject: HashMap<Uuid, Vec<&Change>> = HashMap::new();
        for change in changes {
            let certificate = change.of::<Certificate>().map(|it| it.id.uuid());
            let report = || change.of::<TestReport>().map(|it| it.id.uuid());
            let evidence = || change.of::<EvidenceRecord>().map(|it| it.evidence.id.uuid());
            let product = || change.of::<Product>().map(|it| it.id.uuid());
            if let Some(id) = certificate.or_else(report).or_else(evidence).or_else(product) {
                by_subject.entry(id).or_default().push(change);
            }
        }
        Self { by_subject, today }
    }

    fn changes_of(&self, subject: Uuid) -> &[&'a Change] {
        self.by_subject.get(&subject).map(Vec::as_slice).unwrap_or_default()
    }

    /// From which day a change counts for listings: a certificate and a test report from the day their record holds,
    /// what is decided about an evidence or a product from today.
    fn holds_from(&self, change: &Change) -> Date {
        let dated = change.of::<Certificate>().is_some() || change.of::<TestReport>().is_some();
        change.effective_on.filter(|_| dated).unwrap_or(self.today)
    }

    /// The product as it will be, or as it is.
    fn product(&self, view: &mut View<'_>, id: ProductId) -> Result<Option<Product>> {
        if let Some(product) = self.changes_of(id.uuid()).iter().find_map(|it| it.of::<Product>()) {
            return Ok(Some(product.clone()));
        }
        products::read(view.conn, id, view.cut, Viewer::Everything)?.map(|it| it.parse()).transpose()
    }

    /// The evidence as it will be, or as it is.
    fn evidence(&self, view: &mut View<'_>, id: EvidenceId) -> Result<Option<Evidence>> {
        if let Some(record) = self.changes_of(id.uuid()).iter().find_map(|it| it.of::<EvidenceRecord>()) {
            return Ok(Some(record.evidence.clone()));
        }
        evidence::read(view.conn, id, view.cut, Viewer::Everything)?.map(|it| it.parse()).transpose()
    }

    /// An evidence with its certificate or test report: as recorded, as decided just now, and as known to come.
    fn support(&self, view: &mut View<'_>, id: EvidenceId) -> Result<Option<Support>> {
        let Some(evidence) = self.evidence(view, id)? else { return Ok(None) };
        let mut proof = evidence::proof_timeline(view.conn, &evidence, view.cut)?;
        let source = match evidence.source() {
            Some(Source::Certificate(id)) => id.uuid(),
            Some(Source::TestReport(id)) => id.uuid(),
            None => return Ok(Some(Support { evidence, proof })),
        };
        for change in self.changes_of(source) {
            let certificate = change.of::<Certificate>().map(|it| Proof::from(it.clone()));
            let told = certificate.or_else(|| change.of::<TestReport>().map(|it| Proof::from(it.clone())));
            if let Some(told) = told {
                proof.push(self.holds_from(change), told);
            }
        }
        Ok(Some(Support { evidence, proof }))
    }
}
