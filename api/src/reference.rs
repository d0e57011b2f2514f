//! What others refer to: code lists, the catalogue of problems, the OpenAPI document.

mod code_lists;
pub(crate) mod document;
mod problems;

use utoipa_actix_web::service_config::ServiceConfig;

/// What the document says of these nouns.
pub(crate) const TAGS: &[(&str, &str)] = &[
    ("kinds", "Kinds of building materials (建材种类) and other code lists"),
    ("problems", "The catalogue of failures"),
];

/// Mounts what stands below `/v1`.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.configure(code_lists::routes);
}

/// Mounts what stands beside `/v1`.
pub(crate) fn root_routes(config: &mut ServiceConfig<'_>) {
    config.configure(problems::routes).configure(document::routes);
}
