//! What the city says: lists, their publications and what stands in them.

mod list_imports;
mod listings;
mod lists;
mod publications;

use utoipa_actix_web::service_config::ServiceConfig;

/// What the document says of these nouns.
pub(crate) const TAGS: &[(&str, &str)] = &[
    ("lists", "Numbered, signed publications, and what stands in them"),
    ("list imports", "Lists that cities published, as they were imported and taken back"),
];

/// Mounts what stands below `/v1`.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .configure(list_imports::routes)
        .configure(lists::routes)
        .configure(publications::routes)
        .configure(listings::routes);
}
