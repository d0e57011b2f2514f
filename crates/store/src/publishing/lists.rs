//! Lists.

use crate::error::Result;
use crate::ledger::{Change, Decision, Page, Versioned, View, known_at, named, narrow, row, versioned};
use crate::schema::lists;
use diesel::prelude::*;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::{Event, OrganisationId, Problem, ProblemKind, RegistryList};

versioned!(lists: String, read by id: &str => id.to_owned());
named!(lists);

row! {
    lists: String = it.id.clone(), of |it: &RegistryList, new| {
        publisher: Id = Id(it.publisher.uuid()),
    }
}

impl Versioned for RegistryList {
    fn subject(&self) -> String {
        subject(&self.id)
    }
}

/// A list as the ledger names it.
pub fn subject(list: &str) -> String {
    format!("list:{list}")
}

/// Lists the lists at a cut, of one publisher or of all, in the order of their slugs.
pub fn list(conn: &mut Conn, publisher: Option<OrganisationId>, page: &Page) -> Result<Vec<(String, String)>> {
    Ok(on_conn!(conn, c => {
        let mut query = lists::table
            .filter(known_at!(lists, page.cut))
            .into_boxed();
        narrow!(query, publisher, |publisher| lists::publisher.eq(Id(publisher.uuid())));
        narrow!(query, &page.after, |after| lists::id.gt(after));
        query.order(lists::id.asc()).limit(page.limit).select((lists::id, lists::body)).load(c)
    })?)
}

/// Decides to open a list.
///
/// # Errors
///
/// Refuses a slug that is taken.
pub fn open(view: &mut View<'_>, list: &RegistryList) -> Result<Decision> {
    if read(view.conn, &list.id, view.cut)?.is_some() {
        let detail = Problem::from(ProblemKind::Conflict)
            .detail(format!("清单 {} 已存在", list.id), format!("the list {} exists already", list.id));
        return Err(detail.into());
    }
    Ok(Decision::change(Change::create(Event::ListOpened, list.clone())))
}
