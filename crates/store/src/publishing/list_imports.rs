//! Imports of lists: what came of each. How they are carried out and taken back is in `imports`.

use crate::error::Result;
use crate::ledger::{Page, Versioned, known_at, narrow, row, versioned};
use crate::schema::list_imports;
use diesel::prelude::*;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::{ListImport, ListImportId};

versioned!(list_imports: Id, read by id: ListImportId => Id(id.uuid()));

row! {
    list_imports: Id = Id(it.id.uuid()), of |it: &ListImport, new| {
    }
}

impl Versioned for ListImport {
    fn subject(&self) -> String {
        self.id.to_string()
    }
}

/// Lists imports at a cut, the newest first.
pub fn list(conn: &mut Conn, page: &Page) -> Result<Vec<(Id, String)>> {
    Ok(on_conn!(conn, c => {
        let mut query = list_imports::table
            .filter(known_at!(list_imports, page.cut))
            .into_boxed();
        narrow!(query, page.after_id(), |after| list_imports::id.lt(after));
        query
            .order(list_imports::id.desc())
            .limit(page.limit)
            .select((list_imports::id, list_imports::body))
            .load(c)
    })?)
}
