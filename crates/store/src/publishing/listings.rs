//! Listings: the standing of products in lists between publications.
//!
//! How they follow the certificates and test reports that they rest on is in `following`.

use crate::conformity::evidence;
use crate::error::Result;
use crate::ledger::{
    Moment, Page, Versioned, Viewer, effective_dated, in_effect, known_at, load_page, narrow, row, timeline, versioned,
};
use crate::schema::{later_listings, listings, products};
use diesel::prelude::*;
use jiff::civil::Date;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::verdict::Sourced;
use lvcai_domain::{CertificateId, Evidence, Listing, ListingId, ListingStatus, OrganisationId, ProductId, Timeline};

versioned!(listings: Id, read by id: ListingId => Id(id.uuid()));
effective_dated!(listings, ListingId);

row! {
    listings: Id = Id(it.id.uuid()), of |it: &Listing, new| {
        effective_on: String = new.effective_on.to_string(),
        list: String = it.list.clone(),
        product: Id = Id(it.product.uuid()),
        status: &'static str = it.status.name(),
        valid_until: String = it.valid_until.to_string(),
    }
}

impl Versioned for Listing {
    fn subject(&self) -> String {
        self.id.to_string()
    }
}

/// What a list of listings is narrowed by.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The list.
    pub list: Option<String>,
    /// The product.
    pub product: Option<ProductId>,
    /// The kind of the product.
    pub kind: Option<String>,
    /// The enterprise of the product.
    pub enterprise: Option<OrganisationId>,
    /// The standing.
    pub status: Option<ListingStatus>,
    /// A day before which it ends.
    pub expires_before: Option<Date>,
}

/// Lists the listings in effect on a day, as known at a cut, the newest first.
pub fn list(conn: &mut Conn, filter: &Filter, page: &Page) -> Result<Vec<(Id, String)>> {
    let day = page.day.to_string();
    Ok(on_conn!(conn, c => {
        let mut query = listings::table
            .filter(in_effect!(listings, later_listings, page.cut, &day))
            .into_boxed();
        narrow!(query, &filter.list, |list| listings::list.eq(list));
        narrow!(query, filter.product, |product| listings::product.eq(Id(product.uuid())));
        narrow!(query, &filter.kind, |kind| listings::product.eq_any(
            products::table.filter(known_at!(products, page.cut).and(products::kind.eq(kind))).select(products::id)
        ));
        narrow!(query, filter.enterprise, |owner| listings::product.eq_any(
            products::table
                .filter(known_at!(products, page.cut).and(products::owner.eq(Id(owner.uuid()))))
                .select(products::id)
        ));
        narrow!(query, filter.expires_before, |end| listings::valid_until.lt(end.to_string()));
        narrow!(query, filter.status, |status| listings::status.eq(status.name()));
        narrow!(query, page.after_id(), |after| listings::id.lt(after));
        load_page!(c, query.order(listings::id.desc()), page, (listings::id, listings::body))
    })?)
}

/// Lists what stands in a list on a day, as known at a cut, the newest first.
pub fn standing(conn: &mut Conn, list: &str, page: &Page) -> Result<Vec<(Id, String)>> {
    let on = page.day.to_string();
    Ok(on_conn!(conn, c => {
        let mut query = listings::table
            .filter(in_effect!(listings, later_listings, page.cut, &on))
            .filter(listings::list.eq(list).and(listings::status.eq(ListingStatus::Listed.name())))
            .filter(listings::valid_until.ge(&on))
            .into_boxed();
        narrow!(query, page.after_id(), |after| listings::id.lt(after));
        load_page!(c, query.order(listings::id.desc()), page, (listings::id, listings::body))
    })?)
}

/// Reads every listing of a product at a cut with its timeline, oldest first.
pub(crate) fn of_product(conn: &mut Conn, product: ProductId, cut: i64) -> Result<Vec<Timeline<Listing>>> {
    let rows: Vec<(Id, String, String)> = on_conn!(conn, c => listings::table
        .filter(listings::product.eq(Id(product.uuid())).and(listings::seq_from.le(cut)))
        .order((listings::id.asc(), listings::version.asc()))
        .select((listings::id, listings::effective_on, listings::body))
        .load(c))?;
    let of_one = rows.chunk_by(|one, other| one.0 == other.0);
    of_one.map(|rows| timeline(rows.iter().map(|(_, from, body)| (from.clone(), body.clone())))).collect()
}

/// Reads the listing of a product in a list that was in effect on a day, as known at a cut.
pub fn in_effect(
    conn: &mut Conn,
    list: &str,
    product: ProductId,
    Moment { cut, day }: Moment,
) -> Result<Option<Sourced<Listing>>> {
    let row: Option<(i64, String)> = on_conn!(conn, c => listings::table
        .filter(listings::product.eq(Id(product.uuid())).and(listings::list.eq(list)))
        .filter(listings::seq_from.le(cut).and(listings::effective_on.le(day.to_string())))
        .order((listings::id.desc(), listings::version.desc()))
        .limit(1)
        .select((listings::seq_from, listings::body))
        .get_result(c)
        .optional())?;
    row.map(|(seq, body)| Ok(Sourced { fact: serde_json::from_str(&body)?, seq })).transpose()
}

/// Whether a listing rests on a certificate, at a cut.
pub(crate) fn rests_on(conn: &mut Conn, listing: &Listing, certificate: CertificateId, cut: i64) -> Result<bool> {
    for id in &listing.evidence {
        if let Some(stored) = evidence::read(conn, *id, cut, Viewer::Everything)?
            && stored.parse::<Evidence>()?.certificate == Some(certificate)
        {
            return Ok(true);
        }
    }
    Ok(false)
}
