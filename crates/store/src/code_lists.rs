//! Code lists: a list is one subject, however many codes it has.

use crate::Result;
use crate::schema::code_lists;
use crate::versions::{Kept, OPEN, Place, Stored, Version, versioned};
use diesel::prelude::*;
use lvcai_database::{Conn, on_conn};
use lvcai_domain::reference::CodeList;
use lvcai_trust::canonical;

versioned!(code_lists, &str, public);

#[derive(Insertable)]
#[diesel(table_name = code_lists)]
struct Row {
    id: String,
    version: i32,
    seq_from: i64,
    seq_to: i64,
    body: String,
}

impl Kept for CodeList {
    fn subject(&self) -> String {
        format!("codelist:{}", self.id)
    }

    fn body(&self) -> Result<String> {
        Ok(canonical(self)?)
    }

    fn succeed(&self, conn: &mut Conn, seq: i64) -> QueryResult<i32> {
        succeed(conn, &self.id, seq)
    }

    fn write(&self, conn: &mut Conn, at: Place) -> QueryResult<()> {
        let row = Row { id: self.id.clone(), version: at.version, seq_from: at.seq, seq_to: OPEN, body: at.body };
        on_conn!(conn, c => diesel::insert_into(code_lists::table).values(row).execute(c))?;
        Ok(())
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

/// Whether a code stands in a list at a cut.
///
/// # Errors
///
/// Fails when the database does.
pub fn has(conn: &mut Conn, id: &str, code: &str, cut: i64) -> Result<bool> {
    let Some(stored) = read(conn, id, cut)? else { return Ok(false) };
    Ok(stored.parse::<CodeList>()?.items.iter().any(|item| item.code == code))
}
