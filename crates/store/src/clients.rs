//! Clients. They are private, and the command line alone changes them.

use crate::registry::{Decision, View};
use crate::schema::clients;
use crate::versions::{Change, Kept, OPEN, Place, Version, versioned};
use crate::{Result, organisations};
use diesel::prelude::*;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::{Client, ClientId, ClientStatus, Event, Fault, Problem, ProblemKind, Rule};
use lvcai_trust::canonical;

versioned!(clients, Id, public);

#[derive(Insertable)]
#[diesel(table_name = clients, treat_none_as_default_value = false)]
pub(crate) struct Row {
    id: Id,
    version: i32,
    seq_from: i64,
    seq_to: i64,
    organisation: Id,
    status: &'static str,
    body: String,
}

impl Kept for Client {
    type Row = Row;

    fn subject(&self) -> String {
        self.id.to_string()
    }

    fn body(&self) -> Result<String> {
        Ok(canonical(self)?)
    }

    fn public(&self) -> bool {
        false
    }

    fn row(&self, at: Place) -> Row {
        Row {
            id: Id(self.id.uuid()),
            version: 0,
            seq_from: at.seq,
            seq_to: OPEN,
            organisation: Id(self.organisation.uuid()),
            status: self.status.name(),
            body: at.body,
        }
    }
}

/// Reads a client as it is now.
///
/// # Errors
///
/// Fails when the database does.
pub fn read(conn: &mut Conn, id: ClientId) -> Result<Option<Client>> {
    at(conn, Id(id.uuid()), OPEN - 1)?.map(|stored| stored.parse()).transpose()
}

/// Reads the versions of a client, for the auditor.
///
/// # Errors
///
/// Fails when the database does.
pub fn versions(conn: &mut Conn, id: ClientId, cut: i64) -> Result<Vec<Version>> {
    Ok(history(conn, Id(id.uuid()), cut)?)
}

/// Lists every client as it is now, in the order of their making.
///
/// # Errors
///
/// Fails when the database does.
pub fn list(conn: &mut Conn) -> Result<Vec<Client>> {
    let bodies: Vec<String> = on_conn!(conn, c => clients::table
        .filter(clients::seq_to.eq(OPEN))
        .order(clients::id.asc())
        .select(clients::body)
        .load(c))?;
    bodies.iter().map(|body| Ok(serde_json::from_str(body)?)).collect()
}

/// Decides to add a client.
///
/// # Errors
///
/// Refuses an organisation that does not exist.
pub fn add(view: &mut View<'_>, client: &Client) -> Result<Decision> {
    if organisations::read(view.conn, client.organisation, view.cut)?.is_none() {
        return Err(Fault::new("/organisation", Rule::UnknownReference).into());
    }
    Ok(Decision::Create(vec![Change::new(Event::ClientAdded, client.clone())]))
}

/// Decides to give a client other keys.
///
/// # Errors
///
/// Refuses a client that does not exist or is revoked.
pub fn rotate(view: &mut View<'_>, id: ClientId, keys: &serde_json::Value) -> Result<Decision> {
    let client = Client { keys: keys.clone(), ..active(view, id)? };
    Ok(Decision::Amend(vec![Change::new(Event::ClientRotated, client)]))
}

/// Decides to revoke a client.
///
/// # Errors
///
/// Refuses a client that does not exist or is revoked already.
pub fn revoke(view: &mut View<'_>, id: ClientId) -> Result<Decision> {
    let client = Client { status: ClientStatus::Revoked, ..active(view, id)? };
    Ok(Decision::Amend(vec![Change::new(Event::ClientRevoked, client)]))
}

fn active(view: &mut View<'_>, id: ClientId) -> Result<Client> {
    let client = read(view.conn, id)?.ok_or(ProblemKind::NotFound)?;
    if client.status == ClientStatus::Revoked {
        return Err(Problem::from(ProblemKind::IllegalStep).detail("该客户端已被吊销", "the client is revoked").into());
    }
    Ok(client)
}
