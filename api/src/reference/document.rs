//! `/openapi.yaml` and `/openapi.json`: the document that describes this registry.
//!
//! The text is given to the handlers; it is assembled from the operations that are mounted, of which these are two.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use std::sync::LazyLock;
use utoipa_actix_web::service_config::ServiceConfig;

/// The OpenAPI document as it is served.
#[derive(Debug)]
pub(crate) struct DocumentText {
    pub(crate) yaml: LazyLock<String>,
    pub(crate) json: LazyLock<String>,
}

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(read_openapi_yaml).service(read_openapi_json);
}

/// Read this document as YAML
#[utoipa::path(
    tag = "problems",
    operation_id = "read_openapi_yaml",
    responses((status = 200, description = "The OpenAPI document", body = String, content_type = "application/yaml")),
)]
#[get("/openapi.yaml")]
async fn read_openapi_yaml(text: Data<DocumentText>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/yaml").body(text.yaml.clone())
}

/// Read this document as JSON
#[utoipa::path(
    tag = "problems",
    operation_id = "read_openapi_json",
    responses((status = 200, description = "The OpenAPI document", body = Object, content_type = "application/json")),
)]
#[get("/openapi.json")]
async fn read_openapi_json(text: Data<DocumentText>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(text.json.clone())
}
