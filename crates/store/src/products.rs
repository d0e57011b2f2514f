//! Products.

use crate::error::{Error, Result};
use crate::ledger::{
    Author, Change, Decision, HistoryEntry, Page, StoredVersion, Versioned, View, Viewer, in_effect, known_at,
    load_page, narrow, row, versioned,
};
use crate::parties::organisations;
use crate::schema::{
    certificates, evidence, later_certificates, later_evidence, later_listings, listings as listed, products,
};
use crate::search_index;
use diesel::prelude::*;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::{
    CertificateId, Event, EvidenceStatus, Fault, Gtin, ListingStatus, OrganisationId, Problem, ProblemKind, Product,
    ProductId, ProductStatus, Rule, reference,
};

versioned!(products: Id);

row! {
    products: Id = Id(it.id.uuid()), of |it: &Product, new| {
        public: bool = it.public(),
        owner: Id = Id(it.enterprise.uuid()),
        status: &'static str = it.status.name(),
        kind: String = it.kind.clone(),
        gtin: String = it.gtin.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

impl Versioned for Product {
    fn subject(&self) -> String {
        self.id.to_string()
    }

    fn public(&self) -> bool {
        self.status != ProductStatus::Draft
    }

    fn write_dependents(&self, conn: &mut Conn, _version: i32, seq: i64) -> QueryResult<()> {
        search_index::index_product(conn, self, seq)
    }
}

/// Reads a product at a cut, as far as the viewer may see it.
pub fn read(conn: &mut Conn, id: ProductId, cut: i64, viewer: Viewer) -> Result<Option<StoredVersion>> {
    let owner = viewer.organisation();
    let found: Option<(StoredVersion, bool, Id)> = on_conn!(conn, c => products::table
        .filter(products::id.eq(Id(id.uuid())).and(known_at!(products, cut)))
        .select(((products::version, products::seq_from, products::body), products::public, products::owner))
        .get_result(c)
        .optional())?;
    Ok(found.filter(|(_, public, of)| *public || *of == owner || viewer.sees_everything()).map(|(stored, ..)| stored))
}

/// Reads the versions of a product known at a cut, as far as the viewer may see them.
pub fn versions(conn: &mut Conn, id: ProductId, cut: i64, viewer: Viewer) -> Result<Vec<HistoryEntry>> {
    let mut versions = history(conn, Id(id.uuid()), cut)?;
    let owns = read(conn, id, cut, viewer)?
        .map(|stored| stored.parse::<Product>())
        .transpose()?
        .is_some_and(|product| viewer == Viewer::Organisation(product.enterprise));
    versions.retain(|version| version.nonce.is_none() || owns || viewer.sees_everything());
    Ok(versions)
}

/// What a list of products is narrowed by.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Words that name, model, trade mark or enterprise must hold.
    pub words: Option<String>,
    /// The kind.
    pub kind: Option<String>,
    /// The enterprise that owns it.
    pub enterprise: Option<OrganisationId>,
    /// How far it has come; all but the retired when absent.
    pub status: Option<ProductStatus>,
    /// The GTIN.
    pub gtin: Option<Gtin>,
    /// The least star among the certificates of its evidence that is confirmed on the day.
    pub star_min: Option<i32>,
    /// A certificate on which evidence of it rests that is confirmed on the day.
    pub certificate: Option<CertificateId>,
    /// A list in which it stands on the day.
    pub listed_in: Option<String>,
}

/// Lists products at a cut, the newest first.
///
/// # Errors
///
/// Refuses words in which there is nothing to search for, and too many of them.
pub fn list(conn: &mut Conn, filter: &Filter, page: &Page, viewer: Viewer) -> Result<Vec<(Id, String)>> {
    let cut = page.cut;
    let day = page.day.to_string();
    let terms = filter.words.as_deref().map(|words| search_index::filters(conn, words, cut)).transpose()?;
    Ok(on_conn!(conn, c => {
        let mut query = products::table
            .filter(known_at!(products, cut))
            .into_boxed();
        if !viewer.sees_everything() {
            query = query.filter(products::public.eq(true).or(products::owner.eq(viewer.organisation())));
        }
        narrow!(query, &filter.kind, |kind| products::kind.eq(kind));
        narrow!(query, filter.enterprise, |enterprise| products::owner.eq(Id(enterprise.uuid())));
        query = match filter.status {
            Some(status) => query.filter(products::status.eq(status.name())),
            None => query.filter(products::status.ne(ProductStatus::Retired.name())),
        };
        narrow!(query, &filter.gtin, |gtin| products::gtin.eq(gtin.to_string()));
        if let Some(star) = filter.star_min {
            // Not `IN`, which would join all evidence with all certificates before the first product is looked at.
            query = query.filter(diesel::dsl::exists(
                evidence::table
                    .inner_join(certificates::table.on(certificates::id.eq(evidence::certificate)))
                    .filter(evidence::product.eq(products::id))
                    .filter(in_effect!(evidence, later_evidence, cut, &day))
                    .filter(evidence::status.eq(EvidenceStatus::Confirmed.name()))
                    .filter(in_effect!(certificates, later_certificates, cut, &day))
                    .filter(certificates::star_level.ge(star))
                    .select(evidence::product),
            ));
        }
        narrow!(query, filter.certificate, |certificate| products::id.eq_any(
            evidence::table
                .filter(in_effect!(evidence, later_evidence, cut, &day))
                .filter(evidence::status.eq(EvidenceStatus::Confirmed.name()))
                .filter(evidence::certificate.eq(Id(certificate.uuid())))
                .select(evidence::product)
        ));
        if let Some(list) = &filter.listed_in {
            query = query.filter(products::id.eq_any(
                listed::table
                    .filter(in_effect!(listed, later_listings, cut, &day))
                    .filter(listed::list.eq(list).and(listed::status.eq(ListingStatus::Listed.name())))
                    .filter(listed::valid_until.ge(&day))
                    .select(listed::product),
            ));
        }
        for term in terms.into_iter().flatten() {
            query = query.filter(term);
        }
        narrow!(query, page.after_id(), |after| products::id.lt(after));
        load_page!(c, query.order(products::id.desc()), page, (products::id, products::body))
    })?)
}

/// Decides to take up a product as a draft.
///
/// # Errors
///
/// Refuses references that do not exist.
pub fn create(view: &mut View<'_>, product: &Product) -> Result<Decision> {
    check(view, product)?;
    Ok(Decision::change(Change::create(Event::ProductDrafted, product.clone())))
}

/// Decides to amend a product; `amend` makes the new from the old.
///
/// # Errors
///
/// Refuses a product the author may not see or does not own, an `etag` that no
/// longer matches, and references that do not exist.
pub fn amend(
    view: &mut View<'_>,
    (id, by): (ProductId, Author),
    amend: impl FnOnce(&StoredVersion, &Product) -> Result<Product>,
) -> Result<Decision> {
    let stored = read(view.conn, id, view.cut, by.sees)?.ok_or(ProblemKind::NotFound)?;
    let before: Product = stored.parse()?;
    by.must_answer_for(before.enterprise)?;
    if before.status == ProductStatus::Retired {
        return Err(illegal("/status", "该产品已退库，不能再修改", "the product was taken out of the database"));
    }
    let after = amend(&stored, &before)?;
    if after == before {
        return Ok(Decision::unchanged(id, stored));
    }
    check(view, &after)?;
    Ok(Decision::change(Change::amend(Event::ProductAmended, after)))
}

/// Decides to admit a product to the public database.
///
/// # Errors
///
/// Refuses a product that is not a draft.
pub fn admit(view: &mut View<'_>, id: ProductId) -> Result<Decision> {
    let stored = read(view.conn, id, view.cut, Viewer::Everything)?.ok_or(ProblemKind::NotFound)?;
    let before: Product = stored.parse()?;
    match before.status {
        ProductStatus::Draft => {}
        ProductStatus::Admitted => {
            return Err(illegal("/step", "该产品已入库", "the product has been admitted already"));
        }
        ProductStatus::Retired => {
            return Err(illegal("/step", "该产品已退库", "the product was taken out of the database"));
        }
    }
    let after = Product { status: ProductStatus::Admitted, ..before };
    Ok(Decision::change(Change::amend(Event::ProductAdmitted, after)))
}

fn illegal(at: &str, zh: &str, en: &str) -> Error {
    Problem::from(ProblemKind::IllegalStep).fault(Fault::new(at, Rule::NotAllowed)).detail(zh, en).into()
}

/// Whether everything that the product names exists.
fn check(view: &mut View<'_>, product: &Product) -> Result<()> {
    let mut faults = Vec::new();
    if reference::kind(&product.kind).is_none() {
        faults.push(Fault::new("/kind", Rule::KindUnknown));
    }
    let parties = [
        ("/enterprise", Some(product.enterprise)),
        ("/manufacturer", product.manufacturer),
        ("/factory", product.factory),
    ];
    for (pointer, party) in parties {
        if let Some(party) = party
            && !organisations::stands(view.conn, party, view.cut)?
        {
            faults.push(Fault::new(pointer, Rule::UnknownReference));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Refused(faults.into())) }
}

/// Reads the products of an enterprise at a cut but for the retired, for imports, oldest first.
pub(crate) fn of_owner(conn: &mut Conn, owner: OrganisationId, cut: i64) -> Result<Vec<Product>> {
    let bodies: Vec<String> = on_conn!(conn, c => products::table
        .filter(products::owner.eq(Id(owner.uuid())).and(products::status.ne(ProductStatus::Retired.name())))
        .filter(known_at!(products, cut))
        .order(products::id.asc())
        .select(products::body)
        .load(c))?;
    bodies.iter().map(|body| Ok(serde_json::from_str(body)?)).collect()
}
