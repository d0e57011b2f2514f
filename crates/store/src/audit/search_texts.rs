//! The texts by which products are searched: each product has them of its own words, at every cut.

use super::finding::{Auditor, PAGE, report};
use crate::error::Result;
use crate::ledger::OPEN;
use crate::schema::{product_texts, products};
use crate::text_form::{self, Text};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text as SqlText};
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::Irregularity;
use std::collections::HashMap;
use uuid::Uuid;

/// Checks the texts of every product.
pub(super) fn check(conn: &mut Conn, auditor: &mut dyn Auditor) -> Result<()> {
    let (mut after, mut done) = (Id(Uuid::nil()), 0);
    loop {
        let page: Vec<Id> = on_conn!(conn, c => products::table
            .filter(products::seq_to.eq(OPEN).and(products::id.gt(after)))
            .order(products::id.asc())
            .limit(PAGE)
            .select(products::id)
            .load(c))?;
        let Some(last) = page.last() else { return Ok(()) };
        after = *last;
        // Half a page at a time, so that no statement binds more than SQLite takes.
        for half in page.chunks(500) {
            check_some(conn, half, auditor)?;
        }
        done += i64::try_from(page.len()).unwrap_or_default();
        auditor.progress("product_texts", done, done);
    }
}

fn check_some(conn: &mut Conn, some: &[Id], auditor: &mut dyn Auditor) -> Result<()> {
    let rows: Vec<(i64, Text)> = on_conn!(conn, c => product_texts::table
        .filter(product_texts::product.eq_any(some))
        .order((product_texts::product.asc(), product_texts::seq_from.asc()))
        .select((product_texts::id, (
            product_texts::product,
            product_texts::seq_from,
            product_texts::seq_to,
            product_texts::content,
            product_texts::tokens,
        )))
        .load(c))?;
    let mut wanted: HashMap<Uuid, Vec<Text>> = HashMap::new();
    // A product whose body cannot be read has been reported with its digest.
    for text in text_form::texts(conn, some).unwrap_or_default() {
        wanted.entry(text.product.0).or_default().push(text);
    }
    let mut held: HashMap<Uuid, Vec<Text>> = HashMap::new();
    for (row, text) in rows {
        if !is_indexed(conn, row, &text)? {
            let seen = format!("the index lacks what it is found by from position {} on", text.seq_from);
            report(auditor, Irregularity::SearchText, format!("product_index of prod_{}", text.product.0), seen);
        }
        held.entry(text.product.0).or_default().push(text);
    }
    for id in some.iter().filter(|it| wanted.get(&it.0) != held.get(&it.0)) {
        report(auditor, Irregularity::SearchText, format!("product_texts of prod_{}", id.0), "");
    }
    Ok(())
}

/// Whether the index of SQLite finds a text by all of its words. PostgreSQL makes its own index of the texts.
fn is_indexed(conn: &mut Conn, row: i64, text: &Text) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = BigInt)]
        found: i64,
    }
    let Conn::Sqlite(c) = conn else { return Ok(true) };
    let words = text.tokens.split_whitespace().map(|it| format!("\"{it}\"")).collect::<Vec<_>>().join(" ");
    let statement = "SELECT count(*) AS found FROM product_index WHERE product_index MATCH ? AND rowid = ?";
    let found: Found = diesel::sql_query(statement).bind::<SqlText, _>(words).bind::<BigInt, _>(row).get_result(c)?;
    Ok(found.found == 1)
}
