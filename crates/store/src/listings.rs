//! Listings: the standing of products in lists between publications.
//!
//! A listing follows the certificates and test reports it rests on: the decision
//! about one of them, or about an evidence, asks here which listings change with
//! it, and all of it is one command. No cut shows one without the other.

use crate::dated::{course, in_effect};
use crate::registry::View;
use crate::schema::{later_listings, listings};
use crate::versions::{Change, Kept, OPEN, Place, Stored, Version, Viewer, versioned};
use crate::{Page, Result, evidence, products};
use diesel::prelude::*;
use jiff::civil::Date;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::evidence::{Proof, Source};
use lvcai_domain::standing::{Followed, Support, follow};
use lvcai_domain::verdict::Known;
use lvcai_domain::{
    Certificate, CertificateId, Course, Event, Evidence, EvidenceId, Listing, ListingId, ListingStatus, Product,
    ProductId, TestReport,
};
use lvcai_trust::canonical;
use std::collections::BTreeMap;

versioned!(listings, Id, public);

#[derive(Insertable)]
#[diesel(table_name = listings, treat_none_as_default_value = false)]
pub(crate) struct Row {
    id: Id,
    version: i32,
    seq_from: i64,
    seq_to: i64,
    effective_on: String,
    list: String,
    product: Id,
    status: &'static str,
    valid_until: String,
    body: String,
}

impl Kept for Listing {
    type Row = Row;

    fn subject(&self) -> String {
        self.id.to_string()
    }

    fn body(&self) -> Result<String> {
        Ok(canonical(self)?)
    }

    fn row(&self, at: Place) -> Row {
        Row {
            id: Id(self.id.uuid()),
            version: 0,
            seq_from: at.seq,
            seq_to: OPEN,
            effective_on: at.effective_on.to_string(),
            list: self.list.clone(),
            product: Id(self.product.uuid()),
            status: self.status.name(),
            valid_until: self.valid_until.to_string(),
            body: at.body,
        }
    }
}

/// Reads a listing at a cut.
///
/// # Errors
///
/// Fails when the database does.
pub fn read(conn: &mut Conn, id: ListingId, cut: i64) -> Result<Option<Stored>> {
    Ok(at(conn, Id(id.uuid()), cut)?)
}

/// Reads the versions of a listing known at a cut.
///
/// # Errors
///
/// Fails when the database does.
pub fn versions(conn: &mut Conn, id: ListingId, cut: i64) -> Result<Vec<Version>> {
    Ok(history(conn, Id(id.uuid()), cut)?)
}

/// What a list of listings is narrowed by.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The list.
    pub list: Option<String>,
    /// The product.
    pub product: Option<ProductId>,
    /// The standing.
    pub status: Option<ListingStatus>,
}

/// Lists listings at a cut, the newest first.
///
/// # Errors
///
/// Fails when the database does.
pub fn list(conn: &mut Conn, filter: &Filter, page: &Page) -> Result<Vec<(Id, String)>> {
    Ok(on_conn!(conn, c => {
        let mut query = listings::table
            .filter(listings::seq_from.le(page.cut).and(listings::seq_to.gt(page.cut)))
            .into_boxed();
        if let Some(list) = &filter.list {
            query = query.filter(listings::list.eq(list));
        }
        if let Some(product) = filter.product {
            query = query.filter(listings::product.eq(Id(product.uuid())));
        }
        if let Some(status) = filter.status {
            query = query.filter(listings::status.eq(status.name()));
        }
        if let Some(after) = page.after_id() {
            query = query.filter(listings::id.lt(after));
        }
        query.order(listings::id.desc()).limit(page.limit).select((listings::id, listings::body)).load(c)
    })?)
}

/// Lists what stands in a list on a day, as known at a cut, the newest first.
///
/// # Errors
///
/// Fails when the database does.
pub fn standing(conn: &mut Conn, list: &str, on: Date, page: &Page) -> Result<Vec<(Id, String)>> {
    let on = on.to_string();
    Ok(on_conn!(conn, c => {
        let mut query = listings::table
            .filter(in_effect!(listings, later_listings, page.cut, &on))
            .filter(listings::list.eq(list).and(listings::status.eq(ListingStatus::Listed.name())))
            .filter(listings::valid_until.ge(&on))
            .into_boxed();
        if let Some(after) = page.after_id() {
            query = query.filter(listings::id.lt(after));
        }
        query.order(listings::id.desc()).limit(page.limit).select((listings::id, listings::body)).load(c)
    })?)
}

/// Reads every listing of a product at a cut with its course, oldest first.
pub(crate) fn of_product(conn: &mut Conn, product: ProductId, cut: i64) -> Result<Vec<Course<Listing>>> {
    let rows: Vec<(Id, String, String)> = on_conn!(conn, c => listings::table
        .filter(listings::product.eq(Id(product.uuid())).and(listings::seq_from.le(cut)))
        .order((listings::id.asc(), listings::version.asc()))
        .select((listings::id, listings::effective_on, listings::body))
        .load(c))?;
    let of_one = rows.chunk_by(|one, other| one.0 == other.0);
    of_one.map(|rows| course(rows.iter().map(|(_, from, body)| (from.clone(), body.clone())))).collect()
}

/// Reads the listing of a product in a list that was in effect on a day, as known at a cut.
///
/// # Errors
///
/// Fails when the database does.
pub fn in_effect(
    conn: &mut Conn,
    list: &str,
    product: ProductId,
    (cut, on): (i64, Date),
) -> Result<Option<Known<Listing>>> {
    let row: Option<(i64, String)> = on_conn!(conn, c => listings::table
        .filter(listings::product.eq(Id(product.uuid())).and(listings::list.eq(list)))
        .filter(listings::seq_from.le(cut).and(listings::effective_on.le(on.to_string())))
        .order((listings::id.desc(), listings::version.desc()))
        .limit(1)
        .select((listings::seq_from, listings::body))
        .get_result(c)
        .optional())?;
    row.map(|(seq, body)| Ok(Known { fact: serde_json::from_str(&body)?, seq })).transpose()
}

/// The changes of listings that follow certificates' becoming what they are here, each from its day.
pub(crate) fn follow_certificates(view: &mut View<'_>, after: &[(&Certificate, Date)]) -> Result<Vec<Change>> {
    let mut products: BTreeMap<ProductId, Date> = BTreeMap::new();
    for (certificate, from) in after {
        let filter = evidence::Filter { certificate: Some(certificate.id), ..Default::default() };
        for (evidence, _) in evidence::public_of(view.conn, &filter, view.cut)? {
            let day = products.entry(evidence.product).or_insert(*from);
            *day = (*day).min(*from);
        }
    }
    follow_products(view, products, &News { certificates: after, ..News::default() })
}

/// The changes of listings that follow a test report's becoming `after` from a day on.
pub(crate) fn follow_test_report(view: &mut View<'_>, after: &TestReport, on: Date) -> Result<Vec<Change>> {
    let filter = evidence::Filter { test_report: Some(after.id), ..Default::default() };
    let resting = evidence::public_of(view.conn, &filter, view.cut)?;
    let products = resting.into_iter().map(|(evidence, _)| (evidence.product, on)).collect();
    follow_products(view, products, &News { report: Some((after, on)), ..News::default() })
}

fn follow_products(view: &mut View<'_>, products: BTreeMap<ProductId, Date>, news: &News<'_>) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for (product, from) in products {
        if let Some(stored) = products::read(view.conn, product, view.cut, Viewer::Everything)? {
            changes.extend(follow_all(view, &stored.parse()?, news, from)?);
        }
    }
    Ok(changes)
}

/// The changes of listings that follow an evidence's becoming `after`.
pub(crate) fn follow_evidence(view: &mut View<'_>, after: &Evidence) -> Result<Vec<Change>> {
    let today = view.today();
    let Some(stored) = products::read(view.conn, after.product, view.cut, Viewer::Everything)? else {
        return Ok(Vec::new());
    };
    follow_all(view, &stored.parse()?, &News { evidence: Some(after), ..News::default() }, today)
}

/// The changes of listings that follow a product's becoming `after`: it may be
/// of another kind now, or have models that its evidence does not cover.
pub(crate) fn follow_product(view: &mut View<'_>, after: &Product) -> Result<Vec<Change>> {
    let today = view.today();
    follow_all(view, after, &News::default(), today)
}

/// The changes of a listing that is published today, by what is known of the days to come.
pub(crate) fn follow_published(view: &mut View<'_>, listing: &Listing, product: &Product) -> Result<Vec<Change>> {
    let today = view.today();
    let course = Course::from_iter([(today, listing.clone())]);
    follow_one(view, course, product, (&News::default(), today))
}

/// What is decided and not yet written: certificates and a report with the days from which they hold so.
#[derive(Default)]
struct News<'a> {
    certificates: &'a [(&'a Certificate, Date)],
    report: Option<(&'a TestReport, Date)>,
    evidence: Option<&'a Evidence>,
}

fn follow_all(view: &mut View<'_>, product: &Product, news: &News<'_>, from: Date) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for course in of_product(view.conn, product.id, view.cut)? {
        changes.extend(follow_one(view, course, product, (news, from))?);
    }
    Ok(changes)
}

fn follow_one(
    view: &mut View<'_>,
    course: Course<Listing>,
    product: &Product,
    (news, from): (&News<'_>, Date),
) -> Result<Vec<Change>> {
    // Removed is final; what it rested on need not be read.
    if course.on(view.today()).is_none_or(|(_, it)| it.status == ListingStatus::Removed) {
        return Ok(Vec::new());
    }
    let mut supports = Vec::new();
    for id in course.newest().map(|it| it.evidence.clone()).unwrap_or_default() {
        supports.extend(support(view, id, news)?);
    }
    let followed = follow(course, product, &supports, (from, view.today()));
    let change = |Followed { before, after }: Followed| {
        let day = after.effective_on;
        Change::new(event(before, after.status), after).effective_on(day)
    };
    Ok(followed.into_iter().map(change).collect())
}

fn support(view: &mut View<'_>, id: EvidenceId, news: &News<'_>) -> Result<Option<Support>> {
    let evidence: Evidence = match news.evidence {
        Some(evidence) if evidence.id == id => evidence.clone(),
        _ => match evidence::read(view.conn, id, view.cut, Viewer::Everything)? {
            Some(stored) => stored.parse()?,
            None => return Ok(None),
        },
    };
    let mut proof = evidence::proof_course(view.conn, &evidence, view.cut)?;
    match evidence.source() {
        Some(Source::Certificate(id)) => {
            for (certificate, from) in news.certificates.iter().filter(|(it, _)| it.id == id) {
                proof.push(*from, Proof::Certificate(Box::new((*certificate).clone())));
            }
        }
        Some(Source::TestReport(id)) => {
            if let Some((report, from)) = news.report.filter(|(it, _)| it.id == id) {
                proof.push(from, Proof::TestReport(Box::new(report.clone())));
            }
        }
        None => {}
    }
    Ok(Some(Support { evidence, proof }))
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
