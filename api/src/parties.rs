//! Who takes part: organisations, the bodies that certify, the laboratories that test.

mod certification_bodies;
mod laboratories;
mod organisations;

use utoipa_actix_web::service_config::ServiceConfig;

/// What the document says of these nouns.
pub(crate) const TAGS: &[(&str, &str)] = &[
    ("certification bodies", "Bodies that certify, and the certificates they push"),
    ("organisations", "Who makes, certifies, buys and decides"),
    ("laboratories", "Laboratories, and the test reports they push"),
];

/// Mounts what stands below `/v1`.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.configure(organisations::routes).configure(certification_bodies::routes).configure(laboratories::routes);
}
