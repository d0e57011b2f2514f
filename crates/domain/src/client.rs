//! Clients: the programs that act for an organisation, what they may hold, and who may change them.

use crate::ids::{ClientId, OrganisationId};
use crate::ledger::instant;
use crate::parties::organisation::Role;
use crate::problem::{Fault, Problem, ProblemKind};
use crate::rule::Rule;
use crate::scope::{Scope, permitted};
use crate::spelling::says_nothing;
use crate::wire_names::wire_names;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

wire_names! {
    /// Whether a client may still get tokens.
    pub enum ClientStatus named by name {
        /// It may.
        Active "active",
        /// It may not, nor do the tokens it holds count any longer.
        Revoked "revoked",
    }
}

/// A public key of a client
///
/// A JWK (RFC 7517) with the instant at which it retires, where that is settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientKey {
    /// Names the key within the client.
    #[schema(example = "2026-11")]
    pub kid: String,
    /// The type: `EC`, `OKP` or `RSA`.
    #[schema(example = "EC")]
    pub kty: String,
    /// The one algorithm that it signs with: `ES256`, `EdDSA` or `RS256`.
    #[schema(example = "ES256")]
    pub alg: String,
    /// What it is for: `sig`.
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    pub usage: String,
    /// The curve of an EC or OKP key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "P-256")]
    pub crv: Option<String>,
    /// The x coordinate, or the Ed25519 key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")]
    pub x: Option<String>,
    /// The y coordinate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")]
    pub y: Option<String>,
    /// The modulus of an RSA key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// The exponent of an RSA key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
    /// From when on it signs no longer; absent while that is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime, example = "2026-12-01T00:00:00.000000Z")]
    pub retires_at: Option<String>,
}

impl ClientKey {
    /// Whether it may sign at an instant.
    pub fn signs_at(&self, now: Timestamp) -> bool {
        // Instants of the registry have one form, and sort as text.
        self.retires_at.as_deref().is_none_or(|it| instant(now).as_str() < it)
    }

    /// Whether it is the same key, whatever its name.
    fn is_same(&self, other: &Self) -> bool {
        let material = |it: &Self| (it.kty.clone(), it.x.clone(), it.y.clone(), it.n.clone(), it.e.clone());
        material(self) == material(other)
    }
}

/// The public keys of a client
///
/// A JWKS (RFC 7517).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientKeySet {
    /// The keys, in the order in which they were registered.
    pub keys: Vec<ClientKey>,
}

impl ClientKeySet {
    /// Those that may sign at an instant.
    #[must_use]
    pub fn signing_at(&self, now: Timestamp) -> Self {
        Self { keys: self.keys.iter().filter(|it| it.signs_at(now)).cloned().collect() }
    }
}

/// A client
///
/// A program that acts for an organisation. Clients are private: an organisation sees its own, the authority and the
/// auditor all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Client {
    /// Names the client; the `client_id` of OAuth.
    pub id: ClientId,
    /// For whom it acts.
    pub organisation: OrganisationId,
    /// The person or office that holds its keys, as an opaque name.
    #[schema(example = "key-officer-1")]
    pub holder: String,
    /// What its tokens may do, as far as the roles of its organisation permit it.
    #[schema(example = json!(["certificates:push"]))]
    pub scopes: Vec<String>,
    /// Its public keys, a JWKS (RFC 7517).
    pub keys: ClientKeySet,
    /// Whether its tokens are always bound to a key that it proves to have (DPoP, RFC 9449 §5.2); no when absent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(example = false)]
    pub dpop_bound_access_tokens: bool,
    /// Whether it may still get tokens.
    pub status: ClientStatus,
}

/// Who registers clients, changes their keys and revokes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyOfficer {
    /// The operator, at the command line.
    Operator,
    /// A client with the scope for it.
    Client {
        /// The organisation it acts for.
        organisation: OrganisationId,
        /// Who holds its keys.
        holder: String,
        /// Whether the organisation is an authority.
        authority: bool,
    },
}

impl Client {
    /// How many keys a client has at most: more than any change of keys needs.
    pub const MAX_KEYS: usize = 10;

    /// A new client.
    pub fn new(organisation: OrganisationId, holder: String, scopes: Vec<String>, keys: ClientKeySet) -> Self {
        let (id, status) = (ClientId::mint(), ClientStatus::Active);
        Self { id, organisation, holder, scopes, keys, dpop_bound_access_tokens: false, status }
    }

    /// Requires a holder that is named: two approvals need two of them, and nobody is not another.
    ///
    /// # Errors
    ///
    /// Refuses a name that is blank or says nothing.
    pub fn check_holder(&self) -> Result<(), Fault> {
        if says_nothing(&self.holder) { Err(Fault::new("/holder", Rule::Required)) } else { Ok(()) }
    }

    /// Requires that the roles of its organisation permit every scope.
    ///
    /// # Errors
    ///
    /// [`Rule::ScopeNotPermitted`] for the first that they do not, with those that they do.
    pub fn check_scopes(&self, roles: &[Role]) -> Result<(), Fault> {
        let permitted = permitted(roles);
        let lacking = |name: &String| !name.parse::<Scope>().is_ok_and(|it| permitted.contains(&it));
        match self.scopes.iter().position(lacking) {
            Some(index) => Err(Fault::new(format!("/scopes/{index}"), Rule::ScopeNotPermitted)
                .allowed(permitted.iter().map(|it| it.wire()))),
            None => Ok(()),
        }
    }

    /// The scopes that it has, as far as the roles of its organisation permit them today.
    pub fn scopes_by(&self, roles: &[Role]) -> Vec<Scope> {
        let permitted = permitted(roles);
        self.scopes.iter().filter_map(|it| it.parse().ok()).filter(|it| permitted.contains(it)).collect()
    }

    /// Requires that an officer may register this client of an organisation with these roles.
    ///
    /// # Errors
    ///
    /// Refuses a client of another organisation, unless the officer is an authority's, and over the network any client
    /// of an authority: what two holders must do, one officer could do by naming a second.
    pub fn check_registered_by(&self, officer: &KeyOfficer, roles: &[Role]) -> Result<(), Problem> {
        match officer {
            KeyOfficer::Operator => Ok(()),
            KeyOfficer::Client { .. } if roles.contains(&Role::Authority) => Err(forbidden(
                "主管部门的客户端只能由运维人员用 lvcai client add 命令登记",
                "clients of an authority are registered by the operator alone, with `lvcai client add`",
            )),
            KeyOfficer::Client { organisation, authority, .. } if *authority || *organisation == self.organisation => {
                Ok(())
            }
            KeyOfficer::Client { .. } => Err(forbidden(
                "只能登记本组织的客户端；其他组织的客户端由其自己或主管部门登记",
                "a client is registered by its own organisation or by the authority",
            )),
        }
    }

    /// Requires that an officer may change the keys of this client, of an organisation with these roles.
    ///
    /// # Errors
    ///
    /// Refuses whoever sees the client and may not change it: of an authority's client its own holder alone changes the
    /// keys, for with the keys of a second holder one person could approve what they drafted.
    pub fn check_keys_changed_by(&self, officer: &KeyOfficer, roles: &[Role]) -> Result<(), Problem> {
        self.check_revoked_by(officer, roles)?;
        match officer {
            KeyOfficer::Client { holder, .. } if roles.contains(&Role::Authority) && *holder != self.holder => {
                Err(Problem::from(ProblemKind::Forbidden).detail(
                    "主管部门客户端的密钥只能由同一持有人的客户端或运维人员更换",
                    "the keys of an authority's client are changed by a client of the same holder, or by the operator",
                ))
            }
            _ => Ok(()),
        }
    }

    /// Requires that an officer may revoke this client, of an organisation with these roles.
    ///
    /// # Errors
    ///
    /// [`ProblemKind::NotFound`] for whoever does not see the client; refuses another authority, which is an equal.
    pub fn check_revoked_by(&self, officer: &KeyOfficer, roles: &[Role]) -> Result<(), Problem> {
        let KeyOfficer::Client { organisation, authority, .. } = officer else { return Ok(()) };
        if *organisation == self.organisation {
            return Ok(());
        }
        if !authority {
            return Err(ProblemKind::NotFound.into());
        }
        if roles.contains(&Role::Authority) {
            return Err(forbidden("不能更改其他主管部门的客户端", "no authority changes the clients of another"));
        }
        Ok(())
    }

    /// The client with one more key; none where it has this key under this name already. Keys that have retired are
    /// left out, since the versions keep them.
    ///
    /// # Errors
    ///
    /// Refuses a name that is another key's or a retired one's, a key that has another name, and more than
    /// [`Client::MAX_KEYS`].
    pub fn with_key(&self, key: ClientKey, now: Timestamp) -> Result<Option<Self>, Problem> {
        if let Some(known) = self.keys.keys.iter().find(|it| it.kid == key.kid) {
            return if known.is_same(&key) && known.retires_at.is_none() { Ok(None) } else { Err(taken(&key.kid)) };
        }
        let ClientKeySet { mut keys } = self.keys.signing_at(now);
        if let Some(same) = keys.iter().find(|it| it.is_same(&key)) {
            let (zh, en) = (
                format!("该公钥已以 {} 之名登记：请生成新的密钥", same.kid),
                format!("this key is registered as {} already: make a new one", same.kid),
            );
            return Err(Problem::from(ProblemKind::Conflict).detail(zh, en));
        }
        keys.push(key);
        if keys.len() > Self::MAX_KEYS {
            let (zh, en) = (
                format!("一个客户端最多 {} 个密钥：先停用旧密钥", Self::MAX_KEYS),
                format!("a client has at most {} keys: retire old ones first", Self::MAX_KEYS),
            );
            return Err(Fault::new("", Rule::TooManyItems).detail(zh, en).into());
        }
        Ok(Some(Self { keys: ClientKeySet { keys }, ..self.clone() }))
    }

    /// The client with a key that retires at an instant; none where it is so already.
    ///
    /// # Errors
    ///
    /// Refuses an instant that is past, a key that the client has not, one that has retired, and the last one that goes
    /// on.
    pub fn with_key_retired(&self, kid: &str, at: Timestamp, now: Timestamp) -> Result<Option<Self>, Problem> {
        let mut after = self.clone();
        let names: Vec<String> = after.keys.keys.iter().map(|it| it.kid.clone()).collect();
        let Some(key) = after.keys.keys.iter_mut().find(|it| it.kid == kid) else {
            return Err(Fault::new("/kid", Rule::UnknownReference).allowed(names).into());
        };
        if !key.signs_at(now) {
            return Err(illegal("该密钥已停用", "the key has retired already"));
        }
        if at < now {
            let fault = Fault::new("/retires_at", Rule::OutOfRange);
            return Err(fault.detail("停用时刻不能早于现在", "the instant is past").into());
        }
        key.retires_at = Some(instant(at));
        if after.keys.keys.iter().all(|it| it.retires_at.is_some()) {
            return Err(illegal(
                "这是最后一个长期有效的密钥：先以步骤 add_key 登记新密钥；不再使用的客户端请吊销",
                "it is the last key that goes on: register a new one first, or revoke the client",
            ));
        }
        Ok(Some(after).filter(|it| it != self))
    }

    /// The client, revoked.
    ///
    /// # Errors
    ///
    /// [`ProblemKind::IllegalStep`] for one that is revoked.
    pub fn revoked(&self) -> Result<Self, Problem> {
        self.check_active()?;
        Ok(Self { status: ClientStatus::Revoked, ..self.clone() })
    }

    /// Requires that it is not revoked.
    ///
    /// # Errors
    ///
    /// [`ProblemKind::IllegalStep`] for one that is.
    pub fn check_active(&self) -> Result<(), Problem> {
        if self.status == ClientStatus::Active {
            return Ok(());
        }
        Err(illegal("该客户端已被吊销", "the client is revoked"))
    }
}

fn forbidden(zh: &str, en: &str) -> Problem {
    Problem::from(ProblemKind::Forbidden).detail(zh, en)
}

fn illegal(zh: &str, en: &str) -> Problem {
    Problem::from(ProblemKind::IllegalStep).detail(zh, en)
}

fn taken(kid: &str) -> Problem {
    Problem::from(ProblemKind::Conflict).detail(
        format!("{kid} 已是另一密钥或已停用密钥的名称：请换一个 kid"),
        format!("{kid} names another key, or one that retires: choose another `kid`"),
    )
}

#[cfg(test)]
mod tests;
