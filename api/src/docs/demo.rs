//! The clients of a demo, for the page to authorise with; `lvcai demo` alone has them.
//!
//! The page gets an assertion that the client's key has signed and takes it to `/oauth/token` like any client, so that
//! there is one way to a token. The keys stay here.

use crate::http::html::escape;
use crate::http::{Answer, Failure, Language};
use crate::service::AppState;
use actix_web::http::Uri;
use actix_web::http::header::{CACHE_CONTROL, HOST};
use actix_web::web::{Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, post};
use lvcai_client::sign_assertion;
use lvcai_config::Config;
use lvcai_domain::{ClientId, ProblemKind};
use serde_json::json;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path;

/// The clients of a demo with their private keys.
#[derive(Debug)]
pub(crate) struct DemoClients {
    issuer: String,
    clients: BTreeMap<String, (ClientId, String)>,
}

impl DemoClients {
    /// The clients whose keys are in a folder; none where the demo can be reached from another machine.
    ///
    /// # Errors
    ///
    /// A key cannot be read.
    pub(crate) fn read(
        config: &Config,
        folder: &path::Path,
        ids: &BTreeMap<String, ClientId>,
    ) -> std::io::Result<Option<Self>> {
        let issuer = config.issuer.parse::<Uri>().ok();
        let is_private = config.address.ip().is_loopback() && issuer.as_ref().and_then(Uri::host).is_some_and(is_here);
        if !is_private {
            return Ok(None);
        }
        let key = |(name, id): (&String, &ClientId)| {
            Ok((name.clone(), (*id, std::fs::read_to_string(folder.join(format!("{name}.pem")))?)))
        };
        let clients = ids.iter().map(key).collect::<std::io::Result<_>>()?;
        Ok(Some(Self { issuer: config.issuer.clone(), clients }))
    }

    /// The choice that the page offers, as HTML.
    pub(super) fn choice(&self, language: Language) -> String {
        let option = |name: &String| {
            let shown = match name.as_str() {
                "certification-body" => language.of_two("认证机构", "certification body"),
                "enterprise" => language.of_two("企业", "enterprise"),
                "drafter" => language.of_two("起草人", "drafter"),
                "approver" => language.of_two("批准人", "approver"),
                "laboratory" => language.of_two("检验检测机构", "laboratory"),
                "auditor" => language.of_two("审计", "auditor"),
                other => other,
            };
            format!("<option value=\"{}\">{}</option>", escape(name), escape(shown))
        };
        let options: String = self.clients.keys().map(option).collect();
        let label = language.of_two("以演示客户端授权", "Authorise as a demo client");
        let nobody = language.of_two("演示：未授权", "Demo: nobody");
        format!(
            "<select id=\"demo-client\" aria-label=\"{label}\" title=\"{label}\" autocomplete=\"off\">\
             <option value=\"\">{nobody}</option>{options}</select>\n"
        )
    }
}

/// Whether a host is this machine, by the names that only it has.
fn is_here(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}

/// Whether the page of the demo asks, and not a page of elsewhere in the same browser: one that has the demo's address,
/// or gave its own name the address of this machine.
fn is_own_page(request: &HttpRequest) -> bool {
    let text = |name| request.headers().get(name).and_then(|it| it.to_str().ok());
    let host = text(HOST.as_str()).and_then(|it| it.parse::<Uri>().ok());
    host.as_ref().and_then(Uri::host).is_some_and(is_here)
        && text("sec-fetch-site").is_none_or(|it| it == "same-origin")
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(sign);
}

/// Signs an assertion as a client of the demo.
#[post("/docs/demo/assertions/{client}")]
async fn sign(request: HttpRequest, name: Path<String>, state: Data<AppState>, demo: Data<DemoClients>) -> Answer {
    if !is_own_page(&request) {
        return Err(ProblemKind::Forbidden.into());
    }
    let (id, key) = demo.clients.get(name.as_str()).ok_or(ProblemKind::NotFound)?;
    let assertion = sign_assertion(key, &id.to_string(), &demo.issuer, state.registry.clock().now())
        .map_err(|_| Failure::from(ProblemKind::Internal))?;
    let answer = json!({ "client_id": id, "client_assertion": assertion });
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(answer))
}

#[cfg(test)]
mod tests {
    use super::is_here;

    #[test]
    fn this_machine_is_known_by_its_own_names_alone() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "[::1]"] {
            assert!(is_here(host), "{host}");
        }
        for host in ["localhost.example.cn", "127.0.0.1.example.cn", "10.0.0.1", "0.0.0.0", "[::]", "registry.test", ""]
        {
            assert!(!is_here(host), "{host}");
        }
    }
}
