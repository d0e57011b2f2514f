//! Code lists: a list is one subject, however many codes it has.

use crate::Result;
use crate::schema::code_lists;
use crate::versions::{Kept, OPEN, Place, Stored, Version, versioned};
use diesel::prelude::*;
use lvcai_database::{Conn, on_conn};
use lvcai_domain::reference::CodeList;
use lvcai_trust::canonical;
use std::collections::HashSet;

versioned!(code_lists, String, public);

#[derive(Insertable)]
#[diesel(table_name = code_lists, treat_none_as_default_value = false)]
pub(crate) struct Row {
    id: String,
    version: i32,
    seq_from: i64,
    seq_to: i64,
    body: String,
}

impl Kept for CodeList {
    type Row = Row;

    fn subject(&self) -> String {
        format!("codelist:{}", self.id)
    }

    fn body(&self) -> Result<String> {
        Ok(canonical(self)?)
    }

    fn row(&self, at: Place) -> Row {
        Row { id: self.id.clone(), version: 0, seq_from: at.seq, seq_to: OPEN, body: at.body }
    }
}

/// Reads a code list at a cut.
///
/// # Errors
///
/// Fails when the database does.
pub fn read(conn: &mut Conn, id: &str, cut: i64) -> Result<Option<Stored>> {
    Ok(at(conn, id, cut)?)
}

/// Reads the versions of a code list known at a cut.
///
/// # Errors
///
/// Fails when the database does.
pub fn versions(conn: &mut Conn, id: &str, cut: i64) -> Result<Vec<Version>> {
    Ok(history(conn, id, cut)?)
}

/// Lists every code list at a cut, in the order of their ids.
///
/// # Errors
///
/// Fails when the database does.
pub fn list(conn: &mut Conn, cut: i64) -> Result<Vec<CodeList>> {
    let bodies: Vec<String> = on_conn!(conn, c => code_lists::table
        .filter(code_lists::seq_from.le(cut).and(code_lists::seq_to.gt(cut)))
        .order(code_lists::id.asc())
        .select(code_lists::body)
        .load(c))?;
    bodies.iter().map(|body| Ok(serde_json::from_str(body)?)).collect()
}

/// The codes that stand in a list at a cut; none when there is no such list.
pub(crate) fn codes(conn: &mut Conn, id: &str, cut: i64) -> Result<HashSet<String>> {
    let Some(stored) = read(conn, id, cut)? else { return Ok(HashSet::new()) };
    Ok(stored.parse::<CodeList>()?.items.into_iter().map(|item| item.code).collect())
}
