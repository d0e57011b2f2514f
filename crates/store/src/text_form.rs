//! Folded texts made anew, where they are kept in the form of another release: the texts by which products are found,
//! at every cut, and the names by which organisations are compared and certification bodies found.
//!
//! They follow from the versions of products, organisations and bodies. How a text is folded is `lvcai_domain`'s.

use crate::error::Result;
use crate::ledger::{CHUNK, OPEN, lock};
use crate::schema::{certification_bodies, organisations, product_texts, products, text_form};
use crate::search_index::content;
use diesel::prelude::*;
use lvcai_database::{Conn, Id, insert_all, on_conn};
use lvcai_domain::{CertificationBody, Organisation, Product, name_key, search};
use std::collections::{BTreeMap, BTreeSet};

/// Makes what is kept anew, unless it has the program's form; processes that start together do so once.
pub(crate) fn renew(url: &str) -> Result<()> {
    let mut conn = Conn::open(url)?;
    if form(&mut conn)? == search::FORM {
        return Ok(());
    }
    conn.begin()?;
    // Nobody writes meanwhile.
    lock(&mut conn)?;
    if form(&mut conn)? != search::FORM {
        renew_names(&mut conn)?;
        renew_bodies(&mut conn)?;
        renew_texts(&mut conn)?;
        on_conn!(&mut conn, c => diesel::update(text_form::table).set(text_form::form.eq(search::FORM)).execute(c))?;
    }
    Ok(conn.commit()?)
}

fn form(conn: &mut Conn) -> Result<i32> {
    Ok(on_conn!(conn, c => text_form::table.select(text_form::form).get_result(c))?)
}

fn renew_names(conn: &mut Conn) -> Result<()> {
    let rows: Vec<(Id, i32, String, String)> = on_conn!(conn, c => organisations::table
        .select((organisations::id, organisations::version, organisations::name_key, organisations::body))
        .load(c))?;
    for (id, version, kept, body) in rows {
        let key = name_key(&serde_json::from_str::<Organisation>(&body)?.name);
        if key != kept {
            on_conn!(conn, c => diesel::update(organisations::table)
                .filter(organisations::id.eq(id).and(organisations::version.eq(version)))
                .set(organisations::name_key.eq(key))
                .execute(c))?;
        }
    }
    Ok(())
}

fn renew_bodies(conn: &mut Conn) -> Result<()> {
    let rows: Vec<(String, i32, String, String)> = on_conn!(conn, c => certification_bodies::table
        .select((
            certification_bodies::id,
            certification_bodies::version,
            certification_bodies::names,
            certification_bodies::body,
        ))
        .load(c))?;
    for (id, version, kept, body) in rows {
        let names = serde_json::from_str::<CertificationBody>(&body)?.search_keys();
        if names != kept {
            on_conn!(conn, c => diesel::update(certification_bodies::table)
                .filter(certification_bodies::id.eq(id).and(certification_bodies::version.eq(version)))
                .set(certification_bodies::names.eq(names))
                .execute(c))?;
        }
    }
    Ok(())
}

fn renew_texts(conn: &mut Conn) -> Result<()> {
    let ids: Vec<Id> = on_conn!(conn, c => products::table
        .filter(products::seq_to.eq(OPEN))
        .order(products::id.asc())
        .select(products::id)
        .load(c))?;
    on_conn!(conn, c => diesel::delete(product_texts::table).execute(c))?;
    if let Conn::Sqlite(c) = conn {
        diesel::sql_query("INSERT INTO product_index (product_index) VALUES ('delete-all')").execute(c)?;
    }
    for ids in ids.chunks(CHUNK) {
        let texts: Vec<Text> = texts(conn, ids)?;
        insert_all!(&mut *conn, product_texts::table, &texts)?;
    }
    Ok(())
}

/// What a product is found by, from the entry that made it so until the next.
#[derive(Debug, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = product_texts, treat_none_as_default_value = false)]
pub(crate) struct Text {
    pub(crate) product: Id,
    pub(crate) seq_from: i64,
    pub(crate) seq_to: i64,
    pub(crate) content: String,
    pub(crate) tokens: String,
}

/// The versions of a subject by the entries that made them.
type Versions<T> = BTreeMap<i64, T>;

/// The texts of some products at every cut: each is made of the product and its enterprise as they were.
pub(crate) fn texts(conn: &mut Conn, ids: &[Id]) -> Result<Vec<Text>> {
    let rows: Vec<(Id, Id, i64, String)> = on_conn!(conn, c => products::table
        .filter(products::id.eq_any(ids))
        .select((products::id, products::owner, products::seq_from, products::body))
        .load(c))?;
    let mut histories: BTreeMap<Id, (Id, Versions<Product>)> = BTreeMap::new();
    for (id, owner, seq, body) in rows {
        let (_, versions) = histories.entry(id).or_insert_with(|| (owner, Versions::new()));
        versions.insert(seq, serde_json::from_str(&body)?);
    }
    let owners: BTreeSet<Id> = histories.values().map(|(owner, _)| *owner).collect();
    let rows: Vec<(Id, i64, String)> = on_conn!(conn, c => organisations::table
        .filter(organisations::id.eq_any(&owners))
        .select((organisations::id, organisations::seq_from, organisations::body))
        .load(c))?;
    let mut of_owners: BTreeMap<Id, Versions<Organisation>> = BTreeMap::new();
    for (id, seq, body) in rows {
        of_owners.entry(id).or_default().insert(seq, serde_json::from_str(&body)?);
    }
    let unknown = Versions::new();
    let of_product = |(id, (owner, versions)): (Id, (Id, Versions<Product>))| {
        chain(id, &versions, of_owners.get(&owner).unwrap_or(&unknown))
    };
    Ok(histories.into_iter().flat_map(of_product).collect())
}

/// The texts of one product, each until the next.
fn chain(id: Id, product: &Versions<Product>, owner: &Versions<Organisation>) -> Vec<Text> {
    let first = product.keys().next().copied().unwrap_or(OPEN);
    let seqs: BTreeSet<i64> = product.keys().chain(owner.range(first..).map(|(seq, _)| seq)).copied().collect();
    let mut texts: Vec<Text> = Vec::new();
    for seq in seqs {
        let Some((_, product)) = product.range(..=seq).next_back() else { continue };
        let content = content(product, owner.range(..=seq).next_back().map(|(_, it)| it));
        if texts.last().is_some_and(|last| last.content == content) {
            continue;
        }
        if let Some(last) = texts.last_mut() {
            last.seq_to = seq;
        }
        let tokens = search::tokens(&content).join(" ");
        texts.push(Text { product: id, seq_from: seq, seq_to: OPEN, content, tokens });
    }
    texts
}
