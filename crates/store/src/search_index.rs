//! The search for products: what they are found by, how that is indexed, and how a question is put to the index.
//!
//! The text is a chain of versions of its own, written only when it changes, so that most amendments of a product do
//! not touch the index. How text becomes terms is `lvcai_domain::search`; why it is so, `api/docs/architecture.md`.

use crate::error::Result;
use crate::ledger::OPEN;
use crate::schema::{organisations, product_texts, products};
use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Bool, Text};
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::search::{self, Term};
use lvcai_domain::{Fault, Organisation, Problem, ProblemKind, Product, Rule};

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

/// From so many texts on, a page of the newest products that hold a term is found sooner by looking at products one by
/// one than by gathering and sorting all that the index finds.
const FREQUENT: i64 = 2000;

/// The statements of a database. Its index finds candidates by whole tokens; the text itself, in which the term must
/// stand, decides, so that both databases find the same.
struct Statements {
    /// Counts texts that hold a term, up to [`FREQUENT`].
    count: &'static str,
    /// Whether a product holds a rare term: the candidates of the index, rechecked.
    rare: &'static str,
    /// Whether a product holds a frequent term: its own text.
    frequent: &'static str,
    /// The term as the index understands it, `{words}` of the statements.
    words: fn(&Term) -> String,
}

const SQLITE: Statements = Statements {
    count: "SELECT count(*) AS count FROM \
        (SELECT 1 FROM product_index WHERE product_index MATCH ? LIMIT 2000) found",
    rare: "products.id IN (SELECT t.product FROM product_texts t \
        WHERE t.seq_from <= {cut} AND t.seq_to > {cut} \
        AND t.id IN (SELECT rowid FROM product_index WHERE product_index MATCH {words}) \
        AND instr(t.content, {text}) > 0)",
    frequent: "(SELECT count(*) FROM product_texts t \
        WHERE t.product = products.id AND t.seq_from <= {cut} AND t.seq_to > {cut} \
        AND instr(t.content, {text}) > 0) > 0",
    words: fts5,
};

const POSTGRES: Statements = Statements {
    count: "SELECT count(*) AS count FROM (SELECT 1 FROM product_texts \
        WHERE array_to_tsvector(string_to_array(tokens, ' ')) @@ $1::tsquery LIMIT 2000) found",
    rare: "products.id IN (SELECT t.product FROM product_texts t \
        WHERE t.seq_from <= {cut} AND t.seq_to > {cut} \
        AND array_to_tsvector(string_to_array(t.tokens, ' ')) @@ ({words}::tsquery) \
        AND strpos(t.content, {text}) > 0)",
    frequent: "(SELECT count(*) FROM product_texts t \
        WHERE t.product = products.id AND t.seq_from <= {cut} AND t.seq_to > {cut} \
        AND strpos(t.content, {text}) > 0) > 0",
    words: tsquery,
};

/// The predicates of a question's terms at a cut: those of rare ones first, which leave little to look at.
pub(crate) fn filters(conn: &mut Conn, terms: &[Term], cut: i64) -> Result<Vec<HoldsTerm>> {
    let statements = match conn {
        Conn::Postgres(_) => POSTGRES,
        Conn::Sqlite(_) => SQLITE,
    };
    let (mut rare, mut frequent) = (Vec::new(), Vec::new());
    for term in terms {
        let words = (statements.words)(term);
        let holds = |statement| HoldsTerm { statement, cut, words: words.clone(), text: term.text.clone() };
        if count(conn, &statements, &words)? < FREQUENT {
            rare.push(holds(statements.rare));
        } else {
            frequent.push(holds(statements.frequent));
        }
    }
    rare.extend(frequent);
    Ok(rare)
}

fn count(conn: &mut Conn, statements: &Statements, words: &str) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let statement = diesel::sql_query(statements.count).bind::<Text, _>(words);
    let counted: Count = on_conn!(conn, c => statement.get_result(c))?;
    Ok(counted.count)
}

/// The predicate that a product holds a term: a statement in whose text `{cut}`, `{words}` and `{text}` are bound.
#[derive(Debug, Clone)]
pub(crate) struct HoldsTerm {
    statement: &'static str,
    cut: i64,
    words: String,
    text: String,
}

impl<DB: Backend> QueryFragment<DB> for HoldsTerm
where
    i64: ToSql<BigInt, DB>,
    String: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        // A prepared statement may keep one plan for all words, but which plan is quicker depends on them.
        out.unsafe_to_cache_prepared();
        for piece in self.statement.split_inclusive('}') {
            let (sql, name) = piece.split_once('{').unwrap_or((piece, ""));
            out.push_sql(sql);
            match name {
                "cut}" => out.push_bind_param::<BigInt, _>(&self.cut)?,
                "words}" => out.push_bind_param::<Text, _>(&self.words)?,
                "text}" => out.push_bind_param::<Text, _>(&self.text)?,
                _ => {}
            }
        }
        Ok(())
    }
}

impl Expression for HoldsTerm {
    type SqlType = Bool;
}

impl AppearsOnTable<products::table> for HoldsTerm {}

impl ValidGrouping<()> for HoldsTerm {
    type IsAggregate = is_aggregate::No;
}

impl QueryId for HoldsTerm {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

/// Indexes a product whose version was made by the entry `seq`.
pub(crate) fn index_product(conn: &mut Conn, product: &Product, seq: i64) -> QueryResult<()> {
    let owner: Option<String> = on_conn!(conn, c => organisations::table
        .filter(organisations::id.eq(Id(product.enterprise.uuid())).and(organisations::seq_to.eq(OPEN)))
        .select(organisations::body)
        .get_result(c)
        .optional())?;
    let owner: Option<Organisation> = owner.and_then(|body| serde_json::from_str(&body).ok());
    index(conn, Id(product.id.uuid()), &content(product, owner.as_ref()), seq)
}

/// Indexes the products of an enterprise whose version was made by the entry `seq`.
pub(crate) fn index_products_of(conn: &mut Conn, owner: &Organisation, seq: i64) -> QueryResult<()> {
    let bodies: Vec<String> = on_conn!(conn, c => products::table
        .filter(products::owner.eq(Id(owner.id.uuid())).and(products::seq_to.eq(OPEN)))
        .select(products::body)
        .load(c))?;
    for product in bodies.iter().filter_map(|body| serde_json::from_str::<Product>(body).ok()) {
        index(conn, Id(product.id.uuid()), &content(&product, Some(owner)), seq)?;
    }
    Ok(())
}

/// Every word by which a product may be asked for, as questions are rechecked against it.
pub(crate) fn content(product: &Product, owner: Option<&Organisation>) -> String {
    let mut parts = vec![product.name.as_str()];
    parts.extend(product.trademark.as_deref());
    parts.extend(product.models.iter().map(String::as_str));
    if let Some(owner) = owner {
        parts.push(&owner.name);
        parts.extend(owner.aliases.iter().map(String::as_str));
    }
    search::content(&parts.join(" \u{b7} "))
}

fn index(conn: &mut Conn, product: Id, content: &str, seq: i64) -> QueryResult<()> {
    let current = product_texts::product.eq(product).and(product_texts::seq_to.eq(OPEN));
    let same: i64 = on_conn!(conn, c => product_texts::table
        .filter(current)
        .filter(product_texts::content.eq(content))
        .count()
        .get_result(c))?;
    if same > 0 {
        return Ok(());
    }
    let tokens = search::tokens(content).join(" ");
    on_conn!(conn, c => {
        diesel::update(product_texts::table.filter(current)).set(product_texts::seq_to.eq(seq)).execute(c)?;
        diesel::insert_into(product_texts::table)
            .values((
                product_texts::product.eq(product),
                product_texts::seq_from.eq(seq),
                product_texts::seq_to.eq(OPEN),
                product_texts::content.eq(content),
                product_texts::tokens.eq(tokens),
            ))
            .execute(c)
    })?;
    Ok(())
}

/// The term as FTS5 understands it: one phrase, its last token a prefix where
/// the term has one. Tokens are letters and digits, so nothing needs escaping;
/// the quotes keep a token from being read as an operator.
fn fts5(term: &Term) -> String {
    let words: Vec<&str> = term.phrase.iter().chain(&term.prefix).map(String::as_str).collect();
    format!("\"{}\"{}", words.join(" "), if term.prefix.is_some() { " *" } else { "" })
}

/// The term as `tsquery` understands it; order is left to the recheck.
fn tsquery(term: &Term) -> String {
    let whole = term.phrase.iter().map(|word| format!("'{word}'"));
    let prefix = term.prefix.iter().map(|word| format!("'{word}':*"));
    whole.chain(prefix).collect::<Vec<_>>().join(" & ")
}
