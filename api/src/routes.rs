//! Every operation, mounted once. Mounting an operation documents it.

use crate::{access, conformity, parties, products, publishing, reference, verifications};
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// What the document says of the nouns, room by room.
pub(crate) const TAGS: [&[(&str, &str)]; 7] = [
    reference::TAGS,
    parties::TAGS,
    products::TAGS,
    conformity::TAGS,
    publishing::TAGS,
    verifications::TAGS,
    access::TAGS,
];

/// Mounts every operation.
pub(crate) fn mount(config: &mut ServiceConfig<'_>) {
    config.configure(access::root_routes).configure(reference::root_routes).service(
        scope("/v1")
            .configure(reference::routes)
            .configure(parties::routes)
            .configure(products::routes)
            .configure(conformity::routes)
            .configure(publishing::routes)
            .configure(verifications::routes)
            .configure(access::routes),
    );
}
