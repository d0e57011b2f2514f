//! Code lists: a list is one subject, however many codes it has.

use crate::error::Result;
use crate::ledger::{Versioned, known_at, row, versioned};
use crate::schema::code_lists;
use diesel::prelude::*;
use lvcai_database::{Conn, on_conn};
use lvcai_domain::reference::CodeList;

versioned!(code_lists: String, read by id: &str => id.to_owned());

row! {
    code_lists: String = it.id.clone(), of |it: &CodeList, new| {
    }
}

impl Versioned for CodeList {
    fn subject(&self) -> String {
        format!("codelist:{}", self.id)
    }
}

/// Lists every code list at a cut, in the order of their ids.
pub fn list(conn: &mut Conn, cut: i64) -> Result<Vec<CodeList>> {
    let bodies: Vec<String> = on_conn!(conn, c => code_lists::table
        .filter(known_at!(code_lists, cut))
        .order(code_lists::id.asc())
        .select(code_lists::body)
        .load(c))?;
    bodies.iter().map(|body| Ok(serde_json::from_str(body)?)).collect()
}

/// The codes that stand in a list at a cut; none when there is no such list.
pub(crate) fn codes(conn: &mut Conn, id: &str, cut: i64) -> Result<Vec<String>> {
    let Some(stored) = read(conn, id, cut)? else { return Ok(Vec::new()) };
    Ok(stored.parse::<CodeList>()?.items.into_iter().map(|item| item.code).collect())
}
