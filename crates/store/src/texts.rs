//! What products are searched by, and how (DESIGN of search: `api/docs/architecture.md`).
//!
//! The text is a chain of versions of its own, written only when it changes,
//! so that most amendments of a product do not touch the index.

use crate::schema::{organisations, product_texts, products};
use crate::versions::OPEN;
use diesel::prelude::*;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::search::{self, Term};
use lvcai_domain::{Organisation, Product};

/// Indexes a product whose version was made by the entry `seq`.
pub(crate) fn follow_product(conn: &mut Conn, product: &Product, seq: i64) -> QueryResult<()> {
    let owner: Option<String> = on_conn!(conn, c => organisations::table
        .filter(organisations::id.eq(Id(product.enterprise.uuid())).and(organisations::seq_to.eq(OPEN)))
        .select(organisations::body)
        .get_result(c)
        .optional())?;
    let owner: Option<Organisation> = owner.and_then(|body| serde_json::from_str(&body).ok());
    index(conn, Id(product.id.uuid()), &content(product, owner.as_ref()), seq)
}

/// Indexes the products of an enterprise whose version was made by the entry `seq`.
pub(crate) fn follow_owner(conn: &mut Conn, owner: &Organisation, seq: i64) -> QueryResult<()> {
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
fn content(product: &Product, owner: Option<&Organisation>) -> String {
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
pub(crate) fn fts5(term: &Term) -> String {
    let words: Vec<&str> = term.phrase.iter().chain(&term.prefix).map(String::as_str).collect();
    format!("\"{}\"{}", words.join(" "), if term.prefix.is_some() { " *" } else { "" })
}

/// The term as `tsquery` understands it; order is left to the recheck.
pub(crate) fn tsquery(term: &Term) -> String {
    let whole = term.phrase.iter().map(|word| format!("'{word}'"));
    let prefix = term.prefix.iter().map(|word| format!("'{word}':*"));
    whole.chain(prefix).collect::<Vec<_>>().join(" & ")
}
