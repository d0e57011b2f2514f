//! By what proof: certificates, test reports and the evidence that rests on them.
//!
//! The word is that of ISO/IEC 17000 for testing, certification and inspection together.

mod calendars;
mod certificates;
mod evidence;
mod quality;
mod test_reports;

use utoipa_actix_web::service_config::ServiceConfig;

/// What the document says of these nouns.
pub(crate) const TAGS: &[(&str, &str)] = &[
    ("certificates", "Certificates, the mirror of their bodies' records"),
    ("test reports", "Test reports, the mirror of their laboratories' records"),
    ("evidence", "What makes a product green"),
];

/// Mounts what stands below `/v1`.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .configure(certificates::routes)
        .configure(test_reports::routes)
        .configure(evidence::routes)
        .configure(calendars::routes)
        .configure(quality::routes);
}
