//! What others refer to: code lists, the catalogue of problems, the OpenAPI document.

mod code_lists;
pub(crate) mod document;
mod problems;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts what stands below `/v1`.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.configure(code_lists::routes);
}

/// Mounts what stands beside `/v1`.
pub(crate) fn root_routes(config: &mut ServiceConfig<'_>) {
    config.configure(problems::routes).configure(document::routes);
}
