//! What a step of a certificate would touch, before it is taken.

use super::steps::{Transition, transition};
use crate::registry::{Decision, View};
use crate::schema::{publication_entries, publications};
use crate::{Result, evidence, listings};
use diesel::prelude::*;
use lvcai_database::{Id, on_conn};
use lvcai_domain::impact::{Impact, TouchedListing, TouchedPublication};
use lvcai_domain::{CertificateId, Course, Entry, Listing, ListingId, OrganisationId, ProductId, Publication};
use std::collections::{BTreeMap, BTreeSet};

/// Decides on a named step and tells what it would touch.
///
/// # Errors
///
/// As the step itself.
pub fn impact(view: &mut View<'_>, id: CertificateId, by: OrganisationId, step: &Transition) -> Result<Impact> {
    let filter = evidence::Filter { certificate: Some(id), ..Default::default() };
    let resting = evidence::public_of(view.conn, &filter, view.cut)?;
    let products: BTreeSet<ProductId> = resting.into_iter().map(|(it, _)| it.product).collect();
    let mut before = BTreeMap::new();
    for product in &products {
        let listings = listings::of_product(view.conn, *product, view.cut)?;
        before.extend(listings.into_iter().filter_map(|it| Some((it.newest()?.id, it))));
    }
    let changes = match transition(view, id, by, step)? {
        Decision::Create(changes) | Decision::Amend(changes) => changes,
        Decision::Unchanged(..) => Vec::new(),
    };
    let mut listings = Vec::new();
    for change in changes {
        let Ok(listing) = change.noun.subject().parse::<ListingId>() else { continue };
        let after: Listing = serde_json::from_str(&change.noun.body()?)?;
        let Some((_, before)) = before.get(&listing).and_then(|it: &Course<Listing>| it.on(after.effective_on)) else {
            continue;
        };
        listings.push(TouchedListing {
            listing,
            list: after.list,
            product: after.product,
            before: before.status,
            after: after.status,
            effective_on: after.effective_on,
        });
    }
    let publications = publications(view, id, &products)?;
    Ok(Impact { products: products.into_iter().collect(), listings, publications })
}

/// The publications of which an entry rests on the certificate.
fn publications(
    view: &mut View<'_>,
    id: CertificateId,
    products: &BTreeSet<ProductId>,
) -> Result<Vec<TouchedPublication>> {
    let products: Vec<Id> = products.iter().map(|it| Id(it.uuid())).collect();
    let rows: Vec<(String, String)> = on_conn!(view.conn, c => publication_entries::table
        .inner_join(publications::table.on(publications::id.eq(publication_entries::publication)))
        .filter(publication_entries::product.eq_any(&products))
        .filter(publications::seq_from.le(view.cut).and(publications::seq_to.gt(view.cut)))
        .select((publication_entries::body, publications::body))
        .load(c))?;
    let mut found = BTreeSet::new();
    for (entry, publication) in rows {
        let entry: Entry = serde_json::from_str(&entry)?;
        let publication: Publication = serde_json::from_str(&publication)?;
        if let (true, Some(number)) = (entry.certificate == Some(id), publication.number) {
            found.insert(TouchedPublication { list: publication.list, number });
        }
    }
    Ok(found.into_iter().collect())
}
