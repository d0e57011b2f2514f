//! The ledger as an auditor reads it: the entries that somebody looks for, the newest first.

use super::entries::Entry;
use super::reading::{Page, narrow};
use crate::error::Result;
use crate::schema::ledger;
use diesel::prelude::*;
use jiff::Timestamp;
use lvcai_database::{Conn, Id, Instant, on_conn};
use lvcai_domain::{ClientId, Event};

/// What the entries are narrowed by.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The organisation that acted, `operator`, or `clock`.
    pub actor: Option<String>,
    /// The client that acted.
    pub client: Option<ClientId>,
    /// What happened.
    pub event: Option<Event>,
    /// What it happened to.
    pub subject: Option<String>,
    /// The first instant of recording.
    pub from: Option<Timestamp>,
    /// The instant before which it was recorded.
    pub before: Option<Timestamp>,
}

/// Reads entries at a cut, the newest first. Private ones are among them, as they are.
pub fn journal(conn: &mut Conn, filter: &Filter, page: &Page) -> Result<Vec<Entry>> {
    let after: Option<i64> = page.after.as_deref().and_then(|it| it.parse().ok());
    Ok(on_conn!(conn, c => {
        let mut query = ledger::table.filter(ledger::seq.le(page.cut)).into_boxed();
        narrow!(query, &filter.actor, |actor| ledger::actor.eq(actor));
        narrow!(query, filter.client, |client| ledger::client.eq(Id(client.uuid())));
        narrow!(query, filter.event, |event| ledger::event.eq(event.name()));
        narrow!(query, &filter.subject, |subject| ledger::subject.eq(subject));
        narrow!(query, filter.from, |from| ledger::at.ge(Instant::from(from)));
        narrow!(query, filter.before, |before| ledger::at.lt(Instant::from(before)));
        narrow!(query, after, |after| ledger::seq.lt(after));
        query.order(ledger::seq.desc()).limit(page.limit).load(c)
    })?)
}
