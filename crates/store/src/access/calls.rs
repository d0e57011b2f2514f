//! How often each client called each operation: who still calls what, before it changes.
//!
//! Counts are no changes, so they stand outside the ledger, by the day and for 400 days.

use crate::error::Result;
use crate::ledger::{Page, Registry, day as parsed, narrow, swept_before};
use crate::schema::calls;
use diesel::prelude::*;
use jiff::SignedDuration;
use jiff::civil::Date;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::calendar::shanghai_day;
use lvcai_domain::{ClientId, OrganisationId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long counts are kept: a year, and a month to look back on it.
const RETENTION: SignedDuration = SignedDuration::from_hours(24 * 400);

/// A call of a client.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Call {
    /// The client.
    pub client: ClientId,
    /// The organisation it acts for.
    pub organisation: OrganisationId,
    /// Which operation, by its name in the document.
    pub operation: Arc<str>,
}

/// How often an operation was called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// The operation, by its name in the document.
    pub operation: String,
    /// How often.
    pub calls: i64,
    /// The first day on which it was.
    pub first_on: Date,
    /// The last.
    pub last_on: Date,
}

/// What a client called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCalls {
    /// The client.
    pub client: ClientId,
    /// The organisation it acts for.
    pub organisation: OrganisationId,
    /// What, by the names of the operations.
    pub operations: Vec<Called>,
}

/// What a list of calls is narrowed by.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The client.
    pub client: Option<ClientId>,
    /// The organisation it acts for.
    pub organisation: Option<OrganisationId>,
    /// The operation.
    pub operation: Option<String>,
    /// Operations of which it is one.
    pub among: Option<Vec<&'static str>>,
    /// Operations of which it is none.
    pub except: Option<Vec<&'static str>>,
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub until: Option<Date>,
}

#[derive(Queryable)]
struct Row {
    client: Id,
    organisation: Id,
    operation: String,
    day: String,
    called: i64,
}

impl Registry {
    /// Adds calls to the counts of today.
    ///
    /// # Errors
    ///
    /// As [`Registry::execute`].
    pub async fn count_calls(&self, counted: Vec<(Call, i64)>) -> Result<()> {
        self.write(move |conn, now| {
            let stale = calls::day.lt(shanghai_day(swept_before(now, RETENTION)).to_string());
            on_conn!(conn, c => diesel::delete(calls::table.filter(stale)).execute(c))?;
            let day = shanghai_day(now).to_string();
            for (Call { client, organisation, operation }, more) in &counted {
                let row = (
                    calls::client.eq(Id(client.uuid())),
                    calls::operation.eq(&**operation),
                    calls::day.eq(&day),
                    calls::organisation.eq(Id(organisation.uuid())),
                    calls::called.eq(more),
                );
                on_conn!(conn, c => diesel::insert_into(calls::table)
                    .values(row)
                    .on_conflict((calls::client, calls::operation, calls::day))
                    .do_update()
                    .set(calls::called.eq(calls::called + more))
                    .execute(c))?;
            }
            Ok(())
        })
        .await
    }
}

/// Narrows a statement to the operations and days of a filter, whichever columns it selects.
macro_rules! asked {
    ($query:ident, $filter:expr) => {
        narrow!($query, &$filter.operation, |operation| calls::operation.eq(operation));
        narrow!($query, &$filter.among, |among| calls::operation.eq_any(among));
        narrow!($query, &$filter.except, |except| calls::operation.ne_all(except));
        narrow!($query, $filter.from.map(|it| it.to_string()), |from| calls::day.ge(from));
        narrow!($query, $filter.until.map(|it| it.to_string()), |until| calls::day.le(until));
    };
}

/// Lists what clients called, the newest client first.
pub fn list(conn: &mut Conn, filter: &Filter, page: &Page) -> Result<Vec<(Id, ClientCalls)>> {
    let mut found: BTreeMap<Id, ClientCalls> = BTreeMap::new();
    for Row { client, organisation, operation, day, called } in rows(conn, filter, page)? {
        let known = found.entry(client).or_insert_with(|| ClientCalls {
            client: client.0.into(),
            organisation: organisation.0.into(),
            operations: Vec::new(),
        });
        let day = parsed(&day)?;
        // The rows come by operation and day.
        match known.operations.last_mut().filter(|it| it.operation == operation) {
            Some(last) => {
                last.calls += called;
                last.last_on = day;
            }
            None => known.operations.push(Called { operation, calls: called, first_on: day, last_on: day }),
        }
    }
    Ok(found.into_iter().rev().collect())
}

/// What the clients of a page called, by client, operation and day.
fn rows(conn: &mut Conn, filter: &Filter, page: &Page) -> Result<Vec<Row>> {
    let clients = clients(conn, filter, page)?;
    Ok(on_conn!(conn, c => {
        let mut query = calls::table.filter(calls::client.eq_any(&clients)).into_boxed();
        asked!(query, filter);
        let columns = (calls::client, calls::organisation, calls::operation, calls::day, calls::called);
        query.select(columns).order((calls::client, calls::operation, calls::day)).load(c)
    })?)
}

/// The clients of a page.
fn clients(conn: &mut Conn, filter: &Filter, page: &Page) -> Result<Vec<Id>> {
    Ok(on_conn!(conn, c => {
        let mut query = calls::table.select(calls::client).distinct().into_boxed();
        narrow!(query, filter.client, |client| calls::client.eq(Id(client.uuid())));
        narrow!(query, filter.organisation, |organisation| calls::organisation.eq(Id(organisation.uuid())));
        asked!(query, filter);
        narrow!(query, page.after_id(), |after| calls::client.lt(after));
        query.order(calls::client.desc()).limit(page.limit).load(c)
    })?)
}
