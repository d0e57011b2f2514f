//! What a step of a certificate or of a test report would touch, by the changes that it would make.

use super::listings;
use crate::conformity::evidence;
use crate::error::Result;
use crate::ledger::{Change, known_at};
use crate::schema::{publication_entries, publications};
use diesel::prelude::*;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::evidence::Source;
use lvcai_domain::impact::{Impact, TouchedListing, TouchedPublication};
use lvcai_domain::{Certificate, Listing, ListingId, ProductId, Publication, PublicationEntry, TestReport};
use std::collections::{BTreeMap, BTreeSet};

/// Tells which products, listings and publications changes of what they rest on would touch, as known at a cut.
pub fn impact(conn: &mut Conn, source: Source, changes: &[Change], cut: i64) -> Result<Impact> {
    let resting = evidence::products_of(conn, &[source], cut)?;
    let products: BTreeSet<ProductId> = resting.into_values().flatten().collect();
    let mut standing = BTreeMap::new();
    for product in &products {
        let timelines = listings::of_product(conn, *product, cut)?;
        standing.extend(timelines.into_iter().filter_map(|it| Some((it.newest()?.id, it))));
    }
    let touched = |after: &Listing| {
        let (_, before) = standing.get::<ListingId>(&after.id)?.on(after.effective_on)?;
        Some(TouchedListing {
            listing: after.id,
            list: after.list.clone(),
            product: after.product,
            before: before.status,
            after: after.status,
            effective_on: after.effective_on,
        })
    };
    let listings = changes.iter().filter_map(|it| touched(it.of::<Listing>()?)).collect();
    let publications = publications(conn, source, &products, cut)?;
    Ok(Impact { products: products.into_iter().collect(), listings, publications })
}

/// The same for records that are changed each by itself; what touches nothing is left out. Answers their places.
pub fn impacts(conn: &mut Conn, changed: &[Vec<Change>], cut: i64) -> Result<Vec<(usize, Impact)>> {
    let changed_first = changed.iter().enumerate();
    let sources: Vec<_> = changed_first.filter_map(|(at, it)| Some((at, source(it.first()?)?))).collect();
    let resting = evidence::products_of(conn, &sources.iter().map(|(_, it)| *it).collect::<Vec<_>>(), cut)?;
    let mut impacts = Vec::new();
    for (at, source) in sources.into_iter().filter(|(_, it)| resting.contains_key(it)) {
        let changes = changed.get(at).map(Vec::as_slice).unwrap_or_default();
        impacts.push((at, impact(conn, source, changes, cut)?));
    }
    Ok(impacts)
}

/// What is changed, where evidence may rest on it.
fn source(change: &Change) -> Option<Source> {
    let certificate = change.of::<Certificate>().map(|it| Source::Certificate(it.id));
    certificate.or_else(|| change.of::<TestReport>().map(|it| Source::TestReport(it.id)))
}

/// The publications of which an entry rests on a record.
fn publications(
    conn: &mut Conn,
    source: Source,
    products: &BTreeSet<ProductId>,
    cut: i64,
) -> Result<Vec<TouchedPublication>> {
    let products: Vec<Id> = products.iter().map(|it| Id(it.uuid())).collect();
    let rows: Vec<(String, String)> = on_conn!(conn, c => publication_entries::table
        .inner_join(publications::table.on(publications::id.eq(publication_entries::publication)))
        .filter(publication_entries::product.eq_any(&products))
        .filter(known_at!(publications, cut))
        .select((publication_entries::body, publications::body))
        .load(c))?;
    let mut found = BTreeSet::new();
    for (entry, publication) in rows {
        let entry: PublicationEntry = serde_json::from_str(&entry)?;
        let publication: Publication = serde_json::from_str(&publication)?;
        let rests = match source {
            Source::Certificate(id) => entry.certificate == Some(id),
            Source::TestReport(id) => entry.test_report == Some(id),
        };
        if let (true, Some(number)) = (rests, publication.number) {
            found.insert(TouchedPublication { list: publication.list, number });
        }
    }
    Ok(found.into_iter().collect())
}
