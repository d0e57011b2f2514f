//! Health and readiness, on a port of their own that is not public.

use crate::service::AppState;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpResponse, Responder};
use lvcai_domain::watch::Doubt;
use serde_json::json;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config.route("/health", web::get().to(health)).route("/ready", web::get().to(ready));
}

/// The process runs.
async fn health() -> impl Responder {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// The database answers, and nothing speaks against writing.
async fn ready(state: Data<AppState>) -> impl Responder {
    let Ok(seq) = state.registry.head().await else {
        return HttpResponse::ServiceUnavailable().json(json!({ "status": "not ready" }));
    };
    let doubts = state.watch.as_ref().map(|watch| watch.doubts()).unwrap_or_default();
    if doubts.is_empty() {
        return HttpResponse::Ok().json(json!({ "status": "ready", "seq": seq }));
    }
    let told = |Doubt { alarm, seen }: &Doubt| json!({ "id": alarm, "zh": seen.zh, "en": seen.en });
    let alarms: Vec<_> = doubts.iter().map(told).collect();
    HttpResponse::ServiceUnavailable().json(json!({ "status": "not ready", "seq": seq, "alarms": alarms }))
}
