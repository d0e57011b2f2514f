//! Clients. They are private, and the command line alone changes them.

use crate::error::{Error, Result};
use crate::ledger::{Change, Decision, OPEN, Versioned, View, row, versioned};
use crate::parties::organisations;
use crate::schema::clients;
use diesel::prelude::*;
use jiff::Timestamp;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::{Client, ClientId, ClientStatus, Event, Fault, Organisation, Problem, ProblemKind, Role, Rule};

versioned!(clients: Id, read by id: ClientId => Id(id.uuid()));

row! {
    clients: Id = Id(it.id.uuid()), of |it: &Client, new| {
        organisation: Id = Id(it.organisation.uuid()),
        status: &'static str = it.status.name(),
    }
}

impl Versioned for Client {
    fn subject(&self) -> String {
        self.id.to_string()
    }

    fn public(&self) -> bool {
        false
    }
}

/// Lists every client as it is now, in the order of their making.
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
/// Refuses an organisation that does not exist, and a holder that is nobody.
pub fn add(view: &mut View<'_>, client: &Client) -> Result<Decision> {
    client.check_holder()?;
    if organisations::read(view.conn, client.organisation, view.cut)?.is_none() {
        return Err(Fault::new("/organisation", Rule::UnknownReference).into());
    }
    Ok(Decision::change(Change::create(Event::ClientAdded, client.clone())))
}

/// Decides to give a client other keys.
///
/// # Errors
///
/// Refuses a client that does not exist or is revoked.
pub fn rotate(view: &mut View<'_>, id: ClientId, keys: &serde_json::Value) -> Result<Decision> {
    let client = Client { keys: keys.clone(), ..active(view, id)? };
    Ok(Decision::change(Change::amend(Event::ClientRotated, client)))
}

/// Decides to revoke a client.
///
/// # Errors
///
/// Refuses a client that does not exist or is revoked already.
pub fn revoke(view: &mut View<'_>, id: ClientId) -> Result<Decision> {
    let client = Client { status: ClientStatus::Revoked, ..active(view, id)? };
    Ok(Decision::change(Change::amend(Event::ClientRevoked, client)))
}

/// What a request was admitted on. It may be long before something is decided on it: a body arrives, others write first.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The client.
    pub client: ClientId,
    /// The roles of its organisation.
    pub roles: Vec<Role>,
    /// From when on its token is worth nothing.
    pub expires_at: Timestamp,
}

/// Requires that a client still stands as it did when its request was admitted.
///
/// # Errors
///
/// Refuses as unauthenticated: the client was revoked, its token has expired, or its organisation has other roles.
pub fn must_stand(view: &mut View<'_>, standing: &Standing) -> Result<()> {
    let refused = |zh: &str, en: &str| Error::Refused(Problem::from(ProblemKind::Unauthenticated).detail(zh, en));
    if view.now >= standing.expires_at {
        return Err(refused("令牌已在请求处理期间过期", "the token expired while the request was under way"));
    }
    let Some(client) = is_active(view, standing.client)? else {
        return Err(refused("客户端已被吊销", "the client has been revoked"));
    };
    let organisation = organisations::read(view.conn, client.organisation, view.cut)?;
    let roles = organisation.map(|it| it.parse::<Organisation>()).transpose()?.map(|it| it.roles).unwrap_or_default();
    if roles == standing.roles {
        return Ok(());
    }
    Err(refused(
        "机构的角色已在请求处理期间变更",
        "the roles of the organisation changed while the request was under way",
    ))
}

/// A client that has not been revoked; none where it was, or where there is none.
pub(crate) fn is_active(view: &mut View<'_>, id: ClientId) -> Result<Option<Client>> {
    let client = read(view.conn, id, view.cut)?.map(|it| it.parse::<Client>()).transpose()?;
    Ok(client.filter(|it| it.status == ClientStatus::Active))
}

fn active(view: &mut View<'_>, id: ClientId) -> Result<Client> {
    let client: Client = read(view.conn, id, view.cut)?.ok_or(ProblemKind::NotFound)?.parse()?;
    if client.status == ClientStatus::Revoked {
        return Err(Problem::from(ProblemKind::IllegalStep).detail("该客户端已被吊销", "the client is revoked").into());
    }
    Ok(client)
}
