//! How listings follow what they rest on, and a certification body the organisation that it is: the rule that the
//! ledger is given.
//!
//! A certificate, a test report, an evidence or a product changes; the listings that rest on it change in the same
//! command, so no cut shows one without the other. What a listing then is, `lvcai_domain::standing` says.

use super::listings;
use crate::conformity::evidence::{self, EvidenceRecord};
use crate::error::Result;
use crate::ledger::{Change, Concerned, Consequences, View, Viewer};
use crate::parties::certification_bodies;
use crate::products;
use jiff::civil::Date;
use lvcai_domain::evidence::{Proof, Source};
use lvcai_domain::standing::{Followed, Support, follow as follow_day_by_day};
use lvcai_domain::{
    Certificate, CertificationBody, Event, EvidenceId, Listing, ListingStatus, Organisation, Product, ProductId,
    TestReport, Timeline,
};
use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// The rule by which changes follow.
pub(crate) const CONSEQUENCES: Consequences = Consequences { concerned, follow };

/// What evidence rests on, where a change is of that.
fn source(change: &Change) -> Option<Source> {
    let certificate = change.of::<Certificate>().map(|it| Source::Certificate(it.id));
    certificate.or_else(|| change.of::<TestReport>().map(|it| Source::TestReport(it.id)))
}

/// The organisation of a change, where it is a certification body.
fn certifier(change: &Change) -> Option<&Organisation> {
    change.of::<Organisation>().filter(|it| !change.creates && it.approval_number.is_some())
}

/// The products whose listings may follow from each change, and the organisations that are certification bodies.
/// Nothing rests on what is new.
fn concerned(view: &mut View<'_>, changes: &[&Change]) -> Result<Vec<Concerned>> {
    let sources: Vec<Source> = changes.iter().filter(|it| !it.creates).filter_map(|it| source(it)).collect();
    let resting = match sources.is_empty() {
        true => HashMap::new(),
        false => evidence::products_of(view.conn, &sources, view.cut)?,
    };
    let products = |change: &&Change| -> Vec<ProductId> {
        if let Some(listing) = change.of::<Listing>() {
            return vec![listing.product];
        }
        if change.creates {
            return Vec::new();
        }
        let resting = source(change).map(|it| resting.get(&it).cloned().unwrap_or_default());
        let evidence = || change.of::<EvidenceRecord>().map(|it| vec![it.evidence.product]);
        let product = || change.of::<Product>().map(|it| vec![it.id]);
        resting.or_else(evidence).or_else(product).unwrap_or_default()
    };
    let subjects = |change: &&Change| match certifier(change) {
        Some(organisation) => vec![organisation.id.uuid()],
        None => products(change).into_iter().map(ProductId::uuid).collect(),
    };
    Ok(changes.iter().map(subjects).collect())
}

/// The changes that follow from those of a command.
fn follow(view: &mut View<'_>, changes: &[Change], concerned: &[Concerned]) -> Result<Vec<Change>> {
    let mut following = Vec::new();
    for organisation in changes.iter().filter_map(certifier) {
        let decided = |it: &CertificationBody| it.organisation == organisation.id;
        if !changes.iter().any(|it| it.of().is_some_and(decided)) {
            following.extend(certification_bodies::follow_organisation(view, organisation)?);
        }
    }
    following.extend(follow_listings(view, changes, concerned)?);
    Ok(following)
}

/// The changes of listings that follow from those of a command, each from its day.
fn follow_listings(view: &mut View<'_>, changes: &[Change], concerned: &[Concerned]) -> Result<Vec<Change>> {
    let pending = PendingFacts::of(changes, view.today());
    let mut following = Vec::new();
    let mut products: BTreeMap<ProductId, Date> = BTreeMap::new();
    for (change, concerned) in changes.iter().zip(concerned) {
        if let Some(listing) = change.of::<Listing>() {
            following.extend(follow_published(view, listing, &pending)?);
            continue;
        }
        if certifier(change).is_some() {
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
            let evidence = || change.of::<EvidenceRecord>().map(|it| it.evidence.id.uuid());
            let product = || change.of::<Product>().map(|it| it.id.uuid());
            if let Some(id) = source(change).map(Source::uuid).or_else(evidence).or_else(product) {
                by_subject.entry(id).or_default().push(change);
            }
        }
        Self { by_subject, today }
    }

    /// What becomes of a subject, where this command decides it.
    fn decided<N: Any>(&self, subject: Uuid) -> impl Iterator<Item = (&'a Change, &'a N)> {
        let changes = self.by_subject.get(&subject).map(Vec::as_slice).unwrap_or_default();
        changes.iter().filter_map(|it| Some((*it, it.of()?)))
    }

    /// From which day a change counts for listings: a certificate and a test report from the day their record holds,
    /// what is decided about an evidence or a product from today.
    fn holds_from(&self, change: &Change) -> Date {
        change.effective_on.filter(|_| source(change).is_some()).unwrap_or(self.today)
    }

    /// The product as it will be, or as it is.
    fn product(&self, view: &mut View<'_>, id: ProductId) -> Result<Option<Product>> {
        if let Some((_, product)) = self.decided::<Product>(id.uuid()).next() {
            return Ok(Some(product.clone()));
        }
        products::read(view.conn, id, view.cut, Viewer::Everything)?.map(|it| it.parse()).transpose()
    }

    /// An evidence with its certificate or test report: as recorded, as decided just now, and as known to come.
    fn support(&self, view: &mut View<'_>, id: EvidenceId) -> Result<Option<Support>> {
        let decided = self.decided(id.uuid()).next().map(|(_, record)| record);
        let found = evidence::with_proof(view.conn, id, decided, view.cut)?;
        let Some((evidence, mut proof)) = found else { return Ok(None) };
        match evidence.source() {
            Some(Source::Certificate(id)) => self.tell::<Certificate>(&mut proof, id.uuid()),
            Some(Source::TestReport(id)) => self.tell::<TestReport>(&mut proof, id.uuid()),
            None => {}
        }
        Ok(Some(Support { evidence, proof }))
    }

    /// Adds to what is known of a certificate or a test report what was decided just now.
    fn tell<N: Any + Clone + Into<Proof>>(&self, proof: &mut Timeline<Proof>, subject: Uuid) {
        for (change, told) in self.decided::<N>(subject) {
            proof.push(self.holds_from(change), told.clone().into());
        }
    }
}
