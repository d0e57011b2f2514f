//! Products.

use crate::dated::in_effect;
use crate::registry::{Decision, View};
use crate::schema::{certificates, evidence, later_listings, listings as listed, products};
use crate::versions::{Author, Change, Kept, OPEN, Place, Stored, Version, Viewer, versioned};
use crate::{Error, Page, Result, listings, organisations, texts};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use jiff::civil::Date;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::search::Term;
use lvcai_domain::{
    Event, Fault, Gtin, OrganisationId, Problem, ProblemKind, Product, ProductId, ProductStatus, Rule, reference,
    search,
};
use lvcai_trust::canonical;

versioned!(products, Id);

#[derive(Insertable)]
#[diesel(table_name = products, treat_none_as_default_value = false)]
pub(crate) struct Row {
    id: Id,
    version: i32,
    seq_from: i64,
    seq_to: i64,
    public: bool,
    owner: Id,
    status: &'static str,
    kind: String,
    gtin: String,
    body: String,
}

impl Kept for Product {
    type Row = Row;

    fn subject(&self) -> String {
        self.id.to_string()
    }

    fn body(&self) -> Result<String> {
        Ok(canonical(self)?)
    }

    fn public(&self) -> bool {
        self.status == ProductStatus::Admitted
    }

    fn row(&self, at: Place) -> Row {
        Row {
            id: Id(self.id.uuid()),
            version: 0,
            seq_from: at.seq,
            seq_to: OPEN,
            public: self.public(),
            owner: Id(self.enterprise.uuid()),
            status: self.status.name(),
            kind: self.kind.clone(),
            gtin: self.gtin.as_ref().map(ToString::to_string).unwrap_or_default(),
            body: at.body,
        }
    }

    fn follow(&self, conn: &mut Conn, _version: i32, seq: i64) -> QueryResult<()> {
        texts::follow_product(conn, self, seq)
    }
}

/// Reads a product at a cut, as far as the viewer may see it.
///
/// # Errors
///
/// Fails when the database does.
pub fn read(conn: &mut Conn, id: ProductId, cut: i64, viewer: Viewer) -> Result<Option<Stored>> {
    let owner = viewer.organisation();
    let found: Option<(Stored, bool, Id)> = on_conn!(conn, c => products::table
        .filter(products::id.eq(Id(id.uuid())).and(products::seq_from.le(cut)).and(products::seq_to.gt(cut)))
        .select(((products::version, products::seq_from, products::body), products::public, products::owner))
        .get_result(c)
        .optional())?;
    Ok(found.filter(|(_, public, of)| *public || *of == owner || viewer.sees_everything()).map(|(stored, ..)| stored))
}

/// Reads the versions of a product known at a cut, as far as the viewer may see them.
///
/// # Errors
///
/// Fails when the database does.
pub fn versions(conn: &mut Conn, id: ProductId, cut: i64, viewer: Viewer) -> Result<Vec<Version>> {
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
    pub terms: Vec<Term>,
    /// The kind.
    pub kind: Option<String>,
    /// The enterprise that owns it.
    pub enterprise: Option<OrganisationId>,
    /// How far it has come.
    pub status: Option<ProductStatus>,
    /// The GTIN.
    pub gtin: Option<Gtin>,
    /// The least star among the certificates of its confirmed evidence.
    pub star_min: Option<i32>,
    /// A list in which it stands, and the day on which its listing must not have ended.
    pub listed_in: Option<(String, Date)>,
}

/// Lists products at a cut, the newest first.
///
/// # Errors
///
/// Fails when the database does.
#[expect(clippy::too_many_lines, reason = "one filter after the other, of a query whose type no function can name")]
pub fn list(conn: &mut Conn, filter: &Filter, page: &Page, viewer: Viewer) -> Result<Vec<(Id, String)>> {
    let cut = page.cut;
    let listed_in = filter.listed_in.as_ref().map(|(list, day)| (list, day.to_string()));
    let matching = Matching::of(conn);
    let (mut frequent, mut rare) = (Vec::new(), Vec::new());
    for term in &filter.terms {
        if matching.is_frequent(conn, term)? { frequent.push(term) } else { rare.push(term) }
    }
    Ok(on_conn!(conn, c => {
        let mut query = products::table
            .filter(products::seq_from.le(cut).and(products::seq_to.gt(cut)))
            .into_boxed();
        if !viewer.sees_everything() {
            query = query.filter(products::public.eq(true).or(products::owner.eq(viewer.organisation())));
        }
        if let Some(kind) = &filter.kind {
            query = query.filter(products::kind.eq(kind));
        }
        if let Some(enterprise) = filter.enterprise {
            query = query.filter(products::owner.eq(Id(enterprise.uuid())));
        }
        if let Some(status) = filter.status {
            query = query.filter(products::status.eq(status.name()));
        }
        if let Some(gtin) = &filter.gtin {
            query = query.filter(products::gtin.eq(gtin.to_string()));
        }
        if let Some(star) = filter.star_min {
            // Not `IN`, which would join all evidence with all certificates before the first product is looked at.
            query = query.filter(diesel::dsl::exists(
                evidence::table
                    .inner_join(certificates::table.on(certificates::id.eq(evidence::certificate)))
                    .filter(evidence::product.eq(products::id))
                    .filter(evidence::seq_from.le(cut).and(evidence::seq_to.gt(cut)).and(evidence::status.eq("confirmed")))
                    .filter(certificates::seq_from.le(cut).and(certificates::seq_to.gt(cut)).and(certificates::star_level.ge(star)))
                    .select(evidence::product),
            ));
        }
        if let Some((list, day)) = &listed_in {
            query = query.filter(products::id.eq_any(
                listed::table
                    .filter(in_effect!(listed, later_listings, cut, day))
                    .filter(listed::list.eq(list).and(listed::status.eq("listed")))
                    .filter(listed::valid_until.ge(day))
                    .select(listed::product),
            ));
        }
        for term in rare {
            query = query.filter(
                diesel::dsl::sql::<Bool>("products.id IN (SELECT t.product FROM product_texts t WHERE t.seq_from <= ")
                    .bind::<BigInt, _>(cut)
                    .sql(" AND t.seq_to > ")
                    .bind::<BigInt, _>(cut)
                    .sql(matching.index)
                    .bind::<Text, _>((matching.query)(term))
                    .sql(matching.close)
                    .sql(matching.place)
                    .bind::<Text, _>(&term.text)
                    .sql(") > 0)"),
            );
        }
        for term in frequent {
            query = query.filter(
                diesel::dsl::sql::<Bool>("(SELECT count(*) FROM product_texts t WHERE t.product = products.id AND t.seq_from <= ")
                    .bind::<BigInt, _>(cut)
                    .sql(" AND t.seq_to > ")
                    .bind::<BigInt, _>(cut)
                    .sql(matching.place)
                    .bind::<Text, _>(&term.text)
                    .sql(") > 0) > 0"),
            );
        }
        if let Some(after) = page.after_id() {
            query = query.filter(products::id.lt(after));
        }
        query.order(products::id.desc()).limit(page.limit).select((products::id, products::body)).load(c)
    })?)
}

/// A term of so many texts is frequent: a page of them stands among some thousand products of a large registry.
const FREQUENT: i64 = 2000;

/// How each database finds candidates by its index, and rechecks them exactly.
struct Matching {
    index: &'static str,
    query: fn(&Term) -> String,
    close: &'static str,
    probe: &'static str,
    place: &'static str,
}

impl Matching {
    fn of(conn: &Conn) -> Self {
        match conn {
            Conn::Postgres(_) => Self {
                index: " AND array_to_tsvector(string_to_array(t.tokens, ' ')) @@ (",
                query: texts::tsquery,
                close: "::tsquery)",
                probe: "product_texts WHERE array_to_tsvector(string_to_array(tokens, ' ')) @@ $1::tsquery",
                place: " AND strpos(t.content, ",
            },
            Conn::Sqlite(_) => Self {
                index: " AND t.id IN (SELECT rowid FROM product_index WHERE product_index MATCH ",
                query: texts::fts5,
                close: ")",
                probe: "product_index WHERE product_index MATCH ?",
                place: " AND instr(t.content, ",
            },
        }
    }

    /// Whether so many texts hold a term that the newest products are found sooner by looking at them
    /// one by one than by gathering and sorting what the index finds.
    fn is_frequent(&self, conn: &mut Conn, term: &Term) -> Result<bool> {
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = BigInt)]
            count: i64,
        }
        let texts = format!("SELECT count(*) AS count FROM (SELECT 1 FROM {} LIMIT {FREQUENT}) found", self.probe);
        let words = (self.query)(term);
        let counted: Count = on_conn!(conn, c => diesel::sql_query(texts).bind::<Text, _>(words).get_result(c))?;
        Ok(counted.count >= FREQUENT)
    }
}

/// Decides to take up a product as a draft.
///
/// # Errors
///
/// Refuses references that do not exist.
pub fn create(view: &mut View<'_>, product: &Product) -> Result<Decision> {
    check(view, product)?;
    Ok(Decision::Create(vec![Change::new(Event::ProductDrafted, product.clone())]))
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
    amend: impl FnOnce(&Stored, &Product) -> Result<Product>,
) -> Result<Decision> {
    let stored = read(view.conn, id, view.cut, by.sees)?.ok_or(ProblemKind::NotFound)?;
    let before: Product = stored.parse()?;
    by.must_answer_for(before.enterprise)?;
    let after = amend(&stored, &before)?;
    if after == before {
        return Ok(Decision::Unchanged(id.to_string(), stored));
    }
    check(view, &after)?;
    let follow = listings::follow_product(view, &after)?;
    let mut changes = vec![Change::new(Event::ProductAmended, after)];
    changes.extend(follow);
    Ok(Decision::Amend(changes))
}

/// Decides to admit a product to the public database.
///
/// # Errors
///
/// Refuses a product that is not a draft.
pub fn admit(view: &mut View<'_>, id: ProductId) -> Result<Decision> {
    let stored = read(view.conn, id, view.cut, Viewer::Everything)?.ok_or(ProblemKind::NotFound)?;
    let before: Product = stored.parse()?;
    if before.status == ProductStatus::Admitted {
        return Err(Error::Refused(
            Problem::from(ProblemKind::IllegalStep)
                .fault(Fault::new("/step", Rule::NotAllowed))
                .detail("该产品已入库", "the product has been admitted already"),
        ));
    }
    let after = Product { status: ProductStatus::Admitted, ..before };
    Ok(Decision::Amend(vec![Change::new(Event::ProductAdmitted, after)]))
}

pub(crate) fn not_owner() -> Problem {
    Problem::from(ProblemKind::Forbidden)
        .detail("只能更改本组织的记录", "only the organisation that owns the record may change it")
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
            && organisations::read(view.conn, party, view.cut)?.is_none()
        {
            faults.push(Fault::new(pointer, Rule::UnknownReference));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Refused(faults.into())) }
}

/// Reads the words of a question into terms.
///
/// # Errors
///
/// Refuses a question without a letter, a digit or a Chinese character, and one with too many words.
pub fn terms(question: &str) -> Result<Vec<Term>> {
    let terms = search::query(question);
    if terms.is_empty() {
        return Err(Problem::from(ProblemKind::UnknownParameter).fault(Fault::new("q", Rule::TextForm)).into());
    }
    if terms.len() >= search::MAX_TERMS {
        return Err(Problem::from(ProblemKind::UnknownParameter).fault(Fault::new("q", Rule::TooManyItems)).into());
    }
    Ok(terms)
}

/// Reads the products of an enterprise at a cut, for imports, oldest first.
///
/// # Errors
///
/// Fails when the database does.
pub(crate) fn of_owner(conn: &mut Conn, owner: OrganisationId, cut: i64) -> Result<Vec<Product>> {
    let bodies: Vec<String> = on_conn!(conn, c => products::table
        .filter(products::owner.eq(Id(owner.uuid())))
        .filter(products::seq_from.le(cut).and(products::seq_to.gt(cut)))
        .order(products::id.asc())
        .select(products::body)
        .load(c))?;
    bodies.iter().map(|body| Ok(serde_json::from_str(body)?)).collect()
}
