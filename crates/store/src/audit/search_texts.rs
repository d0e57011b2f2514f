//! The texts by which products are searched: each product has one, of its own words.

use super::finding::{Auditor, PAGE, report};
use crate::error::Result;
use crate::ledger::OPEN;
use crate::schema::{organisations, product_texts, products};
use crate::search_index::content;
use diesel::prelude::*;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::{Irregularity, Organisation, Product, search};
use std::collections::HashMap;

/// Checks the text of every product as it is now.
pub(super) fn check(conn: &mut Conn, auditor: &mut dyn Auditor) -> Result<()> {
    let (mut after, mut done) = (Id(uuid::Uuid::nil()), 0);
    loop {
        let page: Vec<(Id, Id, String)> = on_conn!(conn, c => products::table
            .filter(products::seq_to.eq(OPEN).and(products::id.gt(after)))
            .order(products::id.asc())
            .limit(PAGE)
            .select((products::id, products::owner, products::body))
            .load(c))?;
        let Some((last, ..)) = page.last() else { return Ok(()) };
        after = *last;
        // Half a page at a time, so that no statement binds more than SQLite takes.
        for half in page.chunks(500) {
            check_some(conn, half, auditor)?;
        }
        done += i64::try_from(page.len()).unwrap_or_default();
        auditor.progress("product_texts", done, done);
    }
}

fn check_some(conn: &mut Conn, some: &[(Id, Id, String)], auditor: &mut dyn Auditor) -> Result<()> {
    let owners: Vec<Id> = some.iter().map(|(_, owner, _)| *owner).collect();
    let owners: Vec<String> = on_conn!(conn, c => organisations::table
        .filter(organisations::id.eq_any(owners).and(organisations::seq_to.eq(OPEN)))
        .select(organisations::body)
        .load(c))?;
    let owners = owners.iter().filter_map(|body| serde_json::from_str::<Organisation>(body).ok());
    let owners: HashMap<uuid::Uuid, Organisation> = owners.map(|it| (it.id.uuid(), it)).collect();
    let ids: Vec<Id> = some.iter().map(|(id, ..)| *id).collect();
    let rows: Vec<(Id, String, String)> = on_conn!(conn, c => product_texts::table
        .filter(product_texts::product.eq_any(ids).and(product_texts::seq_to.eq(OPEN)))
        .select((product_texts::product, product_texts::content, product_texts::tokens))
        .load(c))?;
    let mut texts: HashMap<uuid::Uuid, Vec<(String, String)>> = HashMap::new();
    for (product, content, tokens) in rows {
        texts.entry(product.0).or_default().push((content, tokens));
    }
    for (id, owner, body) in some {
        // A body that is no product has been reported with its digest.
        let Ok(product) = serde_json::from_str::<Product>(body) else { continue };
        let wanted = content(&product, owners.get(&owner.0));
        let tokens = search::tokens(&wanted).join(" ");
        let held = texts.get(&id.0).map(Vec::as_slice).unwrap_or_default();
        if held != [(wanted, tokens)] {
            report(auditor, Irregularity::SearchText, format!("product_texts of prod_{}", id.0), "");
        }
    }
    Ok(())
}
