//! Health and readiness, on a port of their own that is not public.

use crate::service::AppState;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpResponse, Responder};
use serde_json::json;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config.route("/health", web::get().to(health)).route("/ready", web::get().to(ready));
}

/// The process runs.
async fn health() -> impl Responder {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// The database answers.
async fn ready(state: Data<AppState>) -> impl Responder {
    match state.registry.head().await {
        Ok(seq) => HttpResponse::Ok().json(json!({ "status": "ready", "seq": seq })),
        Err(_) => HttpResponse::ServiceUnavailable().json(json!({ "status": "not ready" })),
    }
}
