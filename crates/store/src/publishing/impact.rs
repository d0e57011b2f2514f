//! What a step of a certificate would touch, by the changes that it would make.

use super::listings;
use crate::conformity::evidence;
use crate::error::Result;
use crate::ledger::{Change, known_at};
use crate::schema::{publication_entries, publications};
use diesel::prelude::*;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::evidence::Source;
use lvcai_domain::impact::{Impact, TouchedListing, TouchedPublication};
use lvcai_domain::{Certificate, CertificateId, Listing, ListingId, ProductId, Publication, PublicationEntry};
use std::collections::{BTreeMap, BTreeSet};

/// Tells which products, listings and publications changes of a certificate would touch, as known at a cut.
pub fn impact(conn: &mut Conn, id: CertificateId, changes: &[Change], cut: i64) -> Result<Impact> {
    let resting = evidence::products_of(conn, &[Source::Certificate(id)], cut)?;
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
    let publications = publications(conn, id, &products, cut)?;
    Ok(Impact { products: products.into_iter().collect(), listings, publications })
}

/// The same for certificates that are changed each by itself; what touches nothing is left out. Answers their places.
pub fn impacts(conn: &mut Conn, changed: &[Vec<Change>], cut: i64) -> Result<Vec<(usize, Impact)>> {
    let ids = changed.iter().enumerate();
    let ids: Vec<_> = ids.filter_map(|(at, it)| Some((at, it.first()?.of::<Certificate>()?.id))).collect();
    let sources: Vec<_> = ids.iter().map(|(_, id)| Source::Certificate(*id)).collect();
    let resting = evidence::products_of(conn, &sources, cut)?;
    let touching = ids.into_iter().filter(|(_, id)| resting.contains_key(&Source::Certificate(*id)));
    let mut impacts = Vec::new();
    for (at, id) in touching {
        let changes = changed.get(at).map(Vec::as_slice).unwrap_or_default();
        impacts.push((at, impact(conn, id, changes, cut)?));
    }
    Ok(impacts)
}

/// The publications of which an entry rests on the certificate.
fn publications(
    conn: &mut Conn,
    id: CertificateId,
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
        if let (true, Some(number)) = (entry.certificate == Some(id), publication.number) {
            found.insert(TouchedPublication { list: publication.list, number });
        }
    }
    Ok(found.into_iter().collect())
}
