//! Organisations.

use crate::error::Result;
use crate::ledger::{NewVersion, OPEN, Page, Versioned, known_at, versioned};
use crate::schema::organisations;
use crate::search_index;
use diesel::prelude::*;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::{Organisation, OrganisationId, Uscc, search};

versioned!(organisations: Id, read by id: OrganisationId => Id(id.uuid()));

#[derive(Insertable)]
#[diesel(table_name = organisations, treat_none_as_default_value = false)]
pub(crate) struct Row {
    id: Id,
    version: i32,
    seq_from: i64,
    seq_to: i64,
    name_key: String,
    uscc: String,
    body: String,
}

impl Versioned for Organisation {
    type Row = Row;

    fn subject(&self) -> String {
        self.id.to_string()
    }

    fn row(&self, new: NewVersion) -> Row {
        Row {
            id: Id(self.id.uuid()),
            version: 0,
            seq_from: new.seq,
            seq_to: OPEN,
            name_key: name_key(&self.name),
            uscc: self.uscc.as_ref().map(ToString::to_string).unwrap_or_default(),
            body: new.body,
        }
    }

    fn write_dependents(&self, conn: &mut Conn, version: i32, seq: i64) -> QueryResult<()> {
        // Products are found by their enterprise's name too.
        if version > 1 { search_index::index_products_of(conn, self, seq) } else { Ok(()) }
    }
}

/// The form in which two spellings of one name are equal.
pub(crate) fn name_key(name: &str) -> String {
    search::normalise(name).replace(' ', "")
}

/// What a list of organisations is narrowed by.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The exact name, whatever its spelling.
    pub name: Option<String>,
    /// The unified social credit code.
    pub uscc: Option<Uscc>,
}

/// Lists organisations at a cut, the newest first.
pub fn list(conn: &mut Conn, filter: &Filter, page: &Page) -> Result<Vec<(Id, String)>> {
    Ok(on_conn!(conn, c => {
        let mut query = organisations::table
            .filter(known_at!(organisations, page.cut))
            .into_boxed();
        if let Some(name) = &filter.name {
            query = query.filter(organisations::name_key.eq(name_key(name)));
        }
        if let Some(uscc) = &filter.uscc {
            query = query.filter(organisations::uscc.eq(uscc.to_string()));
        }
        if let Some(after) = page.after_id() {
            query = query.filter(organisations::id.lt(after));
        }
        query
            .order(organisations::id.desc())
            .limit(page.limit)
            .select((organisations::id, organisations::body))
            .load(c)
    })?)
}

/// Finds organisations with the same code or the same name: likely doubles.
pub fn likely_duplicates(conn: &mut Conn, name: &str, uscc: Option<&Uscc>, cut: i64) -> Result<Vec<OrganisationId>> {
    let code = uscc.map(ToString::to_string).unwrap_or_default();
    let same_code = organisations::uscc.eq(code).and(organisations::uscc.ne(""));
    let ids: Vec<Id> = on_conn!(conn, c => organisations::table
        .filter(known_at!(organisations, cut))
        .filter(organisations::name_key.eq(name_key(name)).or(same_code))
        .order(organisations::id.asc())
        .select(organisations::id)
        .load(c))?;
    Ok(ids.into_iter().map(|id| id.0.into()).collect())
}
