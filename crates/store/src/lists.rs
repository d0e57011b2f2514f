//! Lists.

use crate::registry::{Decision, View};
use crate::schema::lists;
use crate::versions::{Change, Kept, OPEN, Place, Stored, Version, versioned};
use crate::{Page, Result};
use diesel::prelude::*;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::{Event, List, Problem, ProblemKind};
use lvcai_trust::canonical;

versioned!(lists, String, public);

#[derive(Insertable)]
#[diesel(table_name = lists, treat_none_as_default_value = false)]
pub(crate) struct Row {
    id: String,
    version: i32,
    seq_from: i64,
    seq_to: i64,
    publisher: Id,
    body: String,
}

impl Kept for List {
    type Row = Row;

    fn subject(&self) -> String {
        format!("list:{}", self.id)
    }

    fn body(&self) -> Result<String> {
        Ok(canonical(self)?)
    }

    fn row(&self, at: Place) -> Row {
        Row {
            id: self.id.clone(),
            version: 0,
            seq_from: at.seq,
            seq_to: OPEN,
            publisher: Id(self.publisher.uuid()),
            body: at.body,
        }
    }
}

/// Reads a list at a cut.
///
/// # Errors
///
/// Fails when the database does.
pub fn read(conn: &mut Conn, id: &str, cut: i64) -> Result<Option<Stored>> {
    Ok(at(conn, id, cut)?)
}

/// Reads the versions of a list known at a cut.
///
/// # Errors
///
/// Fails when the database does.
pub fn versions(conn: &mut Conn, id: &str, cut: i64) -> Result<Vec<Version>> {
    Ok(history(conn, id, cut)?)
}

/// Lists the lists at a cut, in the order of their slugs.
///
/// # Errors
///
/// Fails when the database does.
pub fn list(conn: &mut Conn, page: &Page) -> Result<Vec<(String, String)>> {
    Ok(on_conn!(conn, c => {
        let mut query = lists::table
            .filter(lists::seq_from.le(page.cut).and(lists::seq_to.gt(page.cut)))
            .into_boxed();
        if let Some(after) = &page.after {
            query = query.filter(lists::id.gt(after));
        }
        query.order(lists::id.asc()).limit(page.limit).select((lists::id, lists::body)).load(c)
    })?)
}

/// Decides to open a list.
///
/// # Errors
///
/// Refuses a slug that is taken.
pub fn open(view: &mut View<'_>, list: &List) -> Result<Decision> {
    if read(view.conn, &list.id, view.cut)?.is_some() {
        let detail = Problem::from(ProblemKind::Conflict)
            .detail(format!("清单 {} 已存在", list.id), format!("the list {} exists already", list.id));
        return Err(detail.into());
    }
    Ok(Decision::Create(vec![Change::new(Event::ListOpened, list.clone())]))
}
