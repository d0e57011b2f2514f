//! Every operation, mounted once. Mounting an operation documents it, in the order that stands here.

use crate::{
    calendars, certificates, certification_bodies, code_lists, evidence, laboratories, listings, lists, oauth, openapi,
    organisations, problems, products, publications, quality, refusals, test_reports, verifications,
};
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts every operation.
pub(crate) fn mount(config: &mut ServiceConfig<'_>) {
    config.configure(oauth::routes).configure(problems::routes).configure(openapi::routes).service(
        scope("/v1")
            .configure(code_lists::routes)
            .configure(certification_bodies::routes)
            .configure(calendars::routes)
            .configure(organisations::routes)
            .configure(products::routes)
            .configure(certificates::routes)
            .configure(laboratories::routes)
            .configure(test_reports::routes)
            .configure(evidence::routes)
            .configure(lists::routes)
            .configure(publications::routes)
            .configure(listings::routes)
            .configure(verifications::routes)
            .configure(quality::routes)
            .configure(refusals::routes),
    );
}
