//! Clients. They are private: who sees which of them, and who changes them, is asked here.

use crate::error::{Error, Result};
use crate::ledger::{Author, Change, Decision, Page, StoredVersion, Versioned, View, known_at, narrow, row, versioned};
use crate::parties::organisations;
use crate::schema::clients;
use diesel::prelude::*;
use jiff::Timestamp;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::{
    Client, ClientId, ClientKey, ClientKeySet, ClientStatus, Event, Fault, KeyOfficer, Organisation, OrganisationId,
    Problem, ProblemKind, Role, Rule,
};

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

/// Whose clients somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sees {
    /// All of them: the authority, the auditor, the operator.
    All,
    /// Those of an organisation: its key officer.
    Organisation(OrganisationId),
    /// None but itself.
    Itself(ClientId),
}

impl Sees {
    fn covers(self, client: &Client) -> bool {
        match self {
            Self::All => true,
            Self::Organisation(organisation) => client.organisation == organisation,
            Self::Itself(id) => client.id == id,
        }
    }
}

/// What a list of clients is narrowed by.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// For whom they act.
    pub organisation: Option<OrganisationId>,
    /// Whether they may still get tokens.
    pub status: Option<ClientStatus>,
}

/// Lists the clients that somebody sees at a cut, the newest first.
pub fn list(conn: &mut Conn, filter: &Filter, sees: Sees, page: &Page) -> Result<Vec<(Id, String)>> {
    let (own, itself) = match sees {
        Sees::All => (None, None),
        Sees::Organisation(organisation) => (Some(organisation), None),
        Sees::Itself(id) => (None, Some(id)),
    };
    Ok(on_conn!(conn, c => {
        let mut query = clients::table.filter(known_at!(clients, page.cut)).into_boxed();
        narrow!(query, own, |organisation| clients::organisation.eq(Id(organisation.uuid())));
        narrow!(query, itself, |id| clients::id.eq(Id(id.uuid())));
        narrow!(query, filter.organisation, |organisation| clients::organisation.eq(Id(organisation.uuid())));
        narrow!(query, filter.status, |status| clients::status.eq(status.name()));
        narrow!(query, page.after_id(), |after| clients::id.lt(after));
        query.order(clients::id.desc()).limit(page.limit).select((clients::id, clients::body)).load(c)
    })?)
}

/// Reads a client at a cut, if it is one that somebody sees.
pub fn read_seen(conn: &mut Conn, id: ClientId, sees: Sees, cut: i64) -> Result<Option<StoredVersion>> {
    let Some(stored) = read(conn, id, cut)? else { return Ok(None) };
    Ok(sees.covers(&stored.parse()?).then_some(stored))
}

/// Reads a client at a cut with the roles of its organisation; of one that was taken back none count.
pub fn with_roles(conn: &mut Conn, id: ClientId, cut: i64) -> Result<Option<(Client, Vec<Role>)>> {
    let Some(stored) = read(conn, id, cut)? else { return Ok(None) };
    let client: Client = stored.parse()?;
    let roles = roles(conn, client.organisation, cut)?.unwrap_or_default();
    Ok(Some((client, roles)))
}

/// Who changes clients.
#[derive(Debug, Clone, Copy)]
pub enum Officer {
    /// The operator, at the command line.
    Operator,
    /// A client with the scope for it.
    Client(ClientId, Author),
}

impl Officer {
    /// The officer as the rules see one.
    fn known(self, view: &mut View<'_>) -> Result<KeyOfficer> {
        let Self::Client(id, Author { organisation, authority, .. }) = self else { return Ok(KeyOfficer::Operator) };
        let client: Client = read(view.conn, id, view.cut)?.ok_or(ProblemKind::Unauthenticated)?.parse()?;
        Ok(KeyOfficer::Client { organisation, holder: client.holder, authority })
    }
}

/// Decides to add a client.
///
/// # Errors
///
/// Refuses an organisation that does not exist, who may not register its clients, a holder that is nobody, and scopes
/// that no role of the organisation permits.
pub fn add(view: &mut View<'_>, client: &Client, by: Officer) -> Result<Decision> {
    client.check_holder()?;
    let roles = roles(view.conn, client.organisation, view.cut)?;
    let roles = roles.ok_or(Fault::new("/organisation", Rule::UnknownReference))?;
    client.check_registered_by(&by.known(view)?, &roles)?;
    client.check_scopes(&roles)?;
    Ok(Decision::change(Change::create(Event::ClientAdded, client.clone())))
}

/// Decides to give a client other keys.
///
/// # Errors
///
/// Refuses a client that does not exist or is revoked.
pub fn rotate(view: &mut View<'_>, id: ClientId, keys: &ClientKeySet) -> Result<Decision> {
    let client: Client = read(view.conn, id, view.cut)?.ok_or(ProblemKind::NotFound)?.parse()?;
    client.check_active()?;
    Ok(Decision::change(Change::amend(Event::ClientRotated, Client { keys: keys.clone(), ..client })))
}

/// Decides to add a key to a client.
///
/// # Errors
///
/// Refuses a client that does not exist, that the officer does not see, or that is revoked, and as
/// [`Client::with_key`].
pub fn add_key(view: &mut View<'_>, id: ClientId, key: &ClientKey, by: Officer) -> Result<Decision> {
    let (stored, client) = of_key_officer(view, id, by)?;
    client.check_active()?;
    Ok(decided(Event::ClientKeyAdded, client.with_key(key.clone(), view.now)?, id, stored))
}

/// Decides when a key of a client retires.
///
/// # Errors
///
/// Refuses a client that does not exist, that the officer does not see, or that is revoked, and as
/// [`Client::with_key_retired`].
pub fn retire_key(
    view: &mut View<'_>,
    id: ClientId,
    kid: &str,
    at: Option<Timestamp>,
    by: Officer,
) -> Result<Decision> {
    let (stored, client) = of_key_officer(view, id, by)?;
    client.check_active()?;
    let after = client.with_key_retired(kid, at.unwrap_or(view.now), view.now)?;
    Ok(decided(Event::ClientKeyRetired, after, id, stored))
}

/// Decides to revoke a client.
///
/// # Errors
///
/// Refuses a client that does not exist, that the officer does not see, or that is revoked already.
pub fn revoke(view: &mut View<'_>, id: ClientId, by: Officer) -> Result<Decision> {
    let (_, client, roles) = found(view, id)?;
    client.check_revoked_by(&by.known(view)?, &roles)?;
    Ok(Decision::change(Change::amend(Event::ClientRevoked, client.revoked()?)))
}

/// A client whose keys an officer may change.
fn of_key_officer(view: &mut View<'_>, id: ClientId, by: Officer) -> Result<(StoredVersion, Client)> {
    let (stored, client, roles) = found(view, id)?;
    client.check_keys_changed_by(&by.known(view)?, &roles)?;
    Ok((stored, client))
}

/// A client with the roles of its organisation.
fn found(view: &mut View<'_>, id: ClientId) -> Result<(StoredVersion, Client, Vec<Role>)> {
    let stored = read(view.conn, id, view.cut)?.ok_or(ProblemKind::NotFound)?;
    let client: Client = stored.parse()?;
    let roles = roles(view.conn, client.organisation, view.cut)?.unwrap_or_default();
    Ok((stored, client, roles))
}

/// The roles of an organisation that stands.
fn roles(conn: &mut Conn, id: OrganisationId, cut: i64) -> Result<Option<Vec<Role>>> {
    let organisation = organisations::read(conn, id, cut)?.map(|it| it.parse::<Organisation>()).transpose()?;
    Ok(organisation.filter(|it| it.retracted_on.is_none()).map(|it| it.roles))
}

fn decided(event: Event, after: Option<Client>, id: ClientId, stored: StoredVersion) -> Decision {
    match after {
        Some(after) => Decision::change(Change::amend(event, after)),
        None => Decision::unchanged(id, stored),
    }
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
    let known = with_roles(view.conn, standing.client, view.cut)?;
    let Some((_, roles)) = known.filter(|(it, _)| it.status == ClientStatus::Active) else {
        return Err(refused("客户端已被吊销", "the client has been revoked"));
    };
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
