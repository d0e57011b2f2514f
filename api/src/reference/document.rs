//! `/openapi.yaml`, `/openapi.json` and `/openapi-3.0.json`: the document that describes this registry.
//!
//! The text is given to the handlers; it is assembled from the operations that are mounted, of which these are three.

use crate::http::asset::Asset;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use std::sync::LazyLock;
use utoipa_actix_web::service_config::ServiceConfig;

/// The OpenAPI document as it is served.
#[derive(Debug)]
pub(crate) struct DocumentText {
    pub(crate) yaml: LazyLock<Asset>,
    pub(crate) json: LazyLock<Asset>,
    /// In the words of OpenAPI 3.0.3.
    pub(crate) older: LazyLock<Asset>,
}

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(read_openapi_yaml).service(read_openapi_json).service(read_openapi_3_0);
}

/// Read this document as YAML (读取 YAML 接口文档)
#[utoipa::path(
    tag = "problems",
    operation_id = "read_openapi_yaml",
    responses(
        (status = 200, description = "The OpenAPI document", body = Object, content_type = "application/yaml"),
        (status = 304, description = "Unchanged since `If-None-Match`"),
    ),
)]
#[get("/openapi.yaml")]
async fn read_openapi_yaml(request: HttpRequest, text: Data<DocumentText>) -> HttpResponse {
    text.yaml.answer(&request)
}

/// Read this document as JSON (读取 JSON 接口文档)
#[utoipa::path(
    tag = "problems",
    operation_id = "read_openapi_json",
    responses(
        (status = 200, description = "The OpenAPI document", body = Object, content_type = "application/json"),
        (status = 304, description = "Unchanged since `If-None-Match`"),
    ),
)]
#[get("/openapi.json")]
async fn read_openapi_json(request: HttpRequest, text: Data<DocumentText>) -> HttpResponse {
    text.json.answer(&request)
}

/// Read this document as OpenAPI 3.0.3 (读取 OpenAPI 3.0.3 接口文档)
///
/// For generators that read no newer one.
#[utoipa::path(
    tag = "problems",
    operation_id = "read_openapi_3_0",
    responses(
        (status = 200, description = "The OpenAPI document", body = Object, content_type = "application/json"),
        (status = 304, description = "Unchanged since `If-None-Match`"),
    ),
)]
#[get("/openapi-3.0.json")]
async fn read_openapi_3_0(request: HttpRequest, text: Data<DocumentText>) -> HttpResponse {
    text.older.answer(&request)
}
