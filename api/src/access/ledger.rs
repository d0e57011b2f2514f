//! `/v1/ledger`: what was recorded, by whom and by which request, for those who audit.

use crate::http::answer::hex;
use crate::http::{Answer, Caller, Items, List, PageParams, params};
use actix_web::get;
use jiff::Timestamp;
use lvcai_domain::ledger::instant;
use lvcai_domain::{ClientId, Event, Problem, ProblemKind};
use lvcai_store::ledger::{Entry, Filter, journal};
use lvcai_store::{Error, Viewer};
use lvcai_trust::canonical;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_ledger_entries);
}

#[derive(Debug, Clone, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// Who did it: an organisation, `operator`, or `clock`.
    #[serde(default, deserialize_with = "params::actor")]
    #[param(value_type = Option<String>, pattern = "^(org_[0-9a-f-]{36}|operator|clock)$", example = "operator")]
    actor: Option<String>,
    /// The client that did it.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<ClientId>)]
    client_id: Option<ClientId>,
    /// What happened.
    #[param(value_type = Option<String>, example = "certificate.suspended")]
    event: Option<Event>,
    /// What it happened to: an identifier as the API writes it; `list:` and `codelist:` stand before those of lists and
    /// code lists.
    #[serde(default, deserialize_with = "params::short")]
    #[param(value_type = Option<String>, max_length = 200, example = "list:green-building-materials")]
    subject: Option<String>,
    /// The first day (Asia/Shanghai) or instant (RFC 3339) of recording.
    #[serde(default, deserialize_with = "params::since")]
    #[param(value_type = Option<String>, example = "2026-11-01")]
    from: Option<Timestamp>,
    /// The last day (Asia/Shanghai) of recording, or the instant before which it was recorded.
    #[serde(default, deserialize_with = "params::until")]
    #[param(value_type = Option<String>, example = "2026-11-30")]
    until: Option<Timestamp>,
}

/// An entry of the ledger
///
/// With who acted by which client and request. Of a private subject too everything is told as it is; its envelope, to
/// which the log commits, hides it.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerEntry {
    /// The position.
    #[schema(example = 412)]
    seq: i64,
    /// When it was recorded.
    #[schema(format = DateTime, example = "2026-11-22T08:30:00.000000Z")]
    at: String,
    /// What happened.
    #[schema(example = "certificate.suspended")]
    event: String,
    /// What it happened to.
    #[schema(example = "cert_01900000-0000-7000-8000-000000000003")]
    subject: String,
    /// Which version of the subject this made.
    subject_version: i32,
    /// The organisation that did it; `operator`, or `clock` for what the passing of a day does.
    actor: String,
    /// The client that did it; absent at the command line, for the clock, and before this was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<ClientId>,
    /// The id of the request; absent where there is no client.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// The document that orders it (文号), where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    authority_document: Option<String>,
    /// From which day it holds, where that was stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2026-11-22")]
    effective_on: Option<String>,
    /// The command it belongs to; entries of one command stand together.
    command: String,
    /// The nonce in hex, for a private subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    /// The canonical JSON (RFC 8785) of the envelope.
    envelope: String,
    /// The leaf of the log in hex: SHA-256 of a zero byte and the envelope's bytes.
    leaf_sha256: String,
}

impl LedgerEntry {
    fn new(it: Entry) -> lvcai_store::Result<Self> {
        let envelope = canonical(&it.envelope()?).map_err(Error::from)?;
        Ok(Self {
            seq: it.seq,
            at: instant(it.at.into()),
            event: it.event,
            subject: it.subject,
            subject_version: it.subject_version,
            actor: it.actor,
            client: it.client.map(|it| it.0.into()),
            request_id: it.request_id,
            authority_document: it.authority_document,
            effective_on: it.effective_on,
            command: it.command.0.to_string(),
            nonce: it.nonce.as_deref().map(hex),
            envelope,
            leaf_sha256: hex(&it.leaf_sha256),
        })
    }
}

/// List ledger entries (查询账本)
///
/// For the authority and the auditor: every change with who made it, by which client and request.
#[utoipa::path(
    tag = "ledger",
    operation_id = "list_ledger_entries",
    params(ListParams, PageParams),
    security(("bearer" = [])),
    responses((status = 200, description = "A page, the newest first", body = Items<LedgerEntry>)),
    extensions(("x-problems" = json!(["forbidden"]))),
)]
#[get("/ledger")]
async fn list_ledger_entries(list: List<ListParams, Caller>) -> Answer {
    if list.by.viewer() != Viewer::Everything {
        let problem = Problem::from(ProblemKind::Forbidden);
        return Err(problem
            .detail("仅主管部门和审计可以查阅账本", "only the authority and the auditor read the ledger")
            .into());
    }
    let ListParams { actor, client_id, event, subject, from, until } = list.params.clone();
    let filter = Filter { actor, client: client_id, event, subject, from, before: until };
    list.long_page(move |conn, page| {
        let entries = journal(conn, &filter, page)?.into_iter();
        entries.map(|it| Ok((it.seq, serde_json::to_string(&LedgerEntry::new(it)?)?))).collect()
    })
    .await
}
