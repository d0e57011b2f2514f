//! Lists.

use crate::error::Result;
use crate::ledger::{Change, Decision, NewVersion, OPEN, Page, Versioned, View, known_at, versioned};
use crate::schema::lists;
use diesel::prelude::*;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::{Event, List, Problem, ProblemKind};

versioned!(lists: String, read by id: &str => id.to_owned());

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

impl Versioned for List {
    type Row = Row;

    fn subject(&self) -> String {
        format!("list:{}", self.id)
    }

    fn row(&self, new: NewVersion) -> Row {
        Row {
            id: self.id.clone(),
            version: 0,
            seq_from: new.seq,
            seq_to: OPEN,
            publisher: Id(self.publisher.uuid()),
            body: new.body,
        }
    }
}

/// Lists the lists at a cut, in the order of their slugs.
pub fn list(conn: &mut Conn, page: &Page) -> Result<Vec<(String, String)>> {
    Ok(on_conn!(conn, c => {
        let mut query = lists::table
            .filter(known_at!(lists, page.cut))
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
    Ok(Decision::change(Change::create(Event::ListOpened, list.clone())))
}
