//! Who may: tokens and keys, and what was refused to whom.

mod calls;
mod clients;
mod ledger;
mod metadata;
mod oauth;
mod refusals;

use utoipa_actix_web::service_config::ServiceConfig;

/// What the document says of these nouns.
pub(crate) const TAGS: &[(&str, &str)] = &[
    ("clients", "The programs that act for an organisation, and their keys"),
    ("ledger", "What was recorded, by whom and by which request"),
    ("refusals", "What was refused to whom"),
    ("tokens", "Access tokens and keys"),
];

/// Mounts what stands below `/v1`.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.configure(calls::routes).configure(clients::routes).configure(ledger::routes).configure(refusals::routes);
}

/// Mounts what stands beside `/v1`.
pub(crate) fn root_routes(config: &mut ServiceConfig<'_>) {
    config.configure(oauth::routes).configure(metadata::routes);
}
