//! `/` and `/.well-known/api-catalog`: what a visitor without an address finds.

use crate::docs::guides;
use crate::http::Language;
use crate::http::asset::Asset;
use crate::http::html::{self, HTML, Page};
use crate::service::AppState;
use actix_web::http::header::{LINK, VARY};
use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get};
use serde_json::{Value, json};

/// What the answers of both addresses point at (RFC 8288, RFC 8631, RFC 9727).
const LINKS: &str = "</.well-known/api-catalog>; rel=\"api-catalog\", </openapi.json>; rel=\"service-desc\", \
                     </docs/>; rel=\"service-doc\"";

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(root).service(api_catalog);
}

/// Leads a visitor on: a page for people, the same addresses as JSON for programs.
#[get("/")]
async fn root(request: HttpRequest, state: Data<AppState>) -> HttpResponse {
    let mut response = if html::is_wanted(&request) {
        let language = html::language(&request);
        Asset::new(HTML, welcome(language)).in_language(language.tag()).answer(&request)
    } else {
        HttpResponse::Ok().json(addresses(&state.keys.tokens.issuer))
    };
    response.headers_mut().append(VARY, actix_web::http::header::HeaderValue::from_static("accept"));
    with_links(response)
}

fn addresses(base: &str) -> Value {
    let guide = |(name, title): (&str, String)| json!({ "title": title, "href": format!("{base}/docs/guides/{name}") });
    json!({
        "title": "Lvcai 绿材",
        "operations": format!("{base}/v1"),
        "reference": format!("{base}/docs/"),
        "openapi": (["openapi.json", "openapi.yaml", "openapi-3.0.json"].map(|it| format!("{base}/{it}"))),
        "guides": guides::titles(Language::English).map(guide).collect::<Vec<_>>(),
        "problems": format!("{base}/problems"),
        "authorization_server": format!("{base}/.well-known/oauth-authorization-server"),
        "api_catalog": format!("{base}/.well-known/api-catalog"),
    })
}

fn welcome(language: Language) -> String {
    let guides = guides::as_list(language);
    let content = match language {
        Language::Chinese => format!(
            "<h1>绿材 Lvcai</h1>\n<p>绿色建材登记库：产品、认证记录，以及编号并签名的产品名单。接口都在 <code>/v1</code> 之下。</p>\n\
             <ul>\n<li><a href=\"/docs/?lang=zh-CN\">接口文档</a>：查阅并试用全部接口</li>\n\
             <li><a href=\"/openapi.yaml\">openapi.yaml</a>、<a href=\"/openapi.json\">openapi.json</a>：供生成客户端；\
             <a href=\"/openapi-3.0.json\">openapi-3.0.json</a> 供只读旧版的生成器</li>\n\
             <li><a href=\"/problems?lang=zh-CN\">问题与规则目录</a>：每种失败的含义与处理</li>\n</ul>\n\
             <h2>指南</h2>\n{guides}"
        ),
        Language::English => format!(
            "<h1>Lvcai 绿材</h1>\n<p>A registry of green building materials: products, certification records, and numbered, \
             signed product lists. The operations are under <code>/v1</code>.</p>\n\
             <ul>\n<li><a href=\"/docs/?lang=en\">Reference</a>: all operations, to read and to try</li>\n\
             <li><a href=\"/openapi.yaml\">openapi.yaml</a>, <a href=\"/openapi.json\">openapi.json</a>: for client \
             generators; <a href=\"/openapi-3.0.json\">openapi-3.0.json</a> for those that read no newer one</li>\n<li><a href=\"/problems?lang=en\">Problems and rules</a>: what each failure means and what \
             to do</li>\n</ul>\n<h2>Guides</h2>\n{guides}"
        ),
    };
    let other = language.of_two("/?lang=en", "/?lang=zh-CN");
    Page { language, title: language.of_two("绿材 Lvcai", "Lvcai 绿材"), other, content: &content }.write()
}

/// The catalogue of the APIs here, of which there is one (RFC 9727, RFC 9264).
#[get("/.well-known/api-catalog")]
async fn api_catalog(state: Data<AppState>) -> HttpResponse {
    let base = &state.keys.tokens.issuer;
    let page = |path: &str, language: &str| json!({ "href": format!("{base}{path}?lang={language}"), "type": "text/html", "hreflang": [language] });
    let guides = guides::titles(Language::English).map(|(name, _)| format!("/docs/guides/{name}"));
    let pages = std::iter::once("/docs/".to_owned()).chain(guides);
    let linkset = json!({ "linkset": [{
        "anchor": format!("{base}/v1"),
        "service-desc": [
            { "href": format!("{base}/openapi.json"), "type": "application/json" },
            { "href": format!("{base}/openapi.yaml"), "type": "application/yaml" },
        ],
        "service-doc": pages.flat_map(|it| [page(&it, "zh-CN"), page(&it, "en")]).collect::<Vec<_>>(),
        "service-meta": [
            { "href": format!("{base}/.well-known/oauth-authorization-server"), "type": "application/json" },
        ],
    }] });
    let profile = "application/linkset+json; profile=\"https://www.rfc-editor.org/info/rfc9727\"";
    with_links(HttpResponse::Ok().content_type(profile).body(linkset.to_string()))
}

fn with_links(mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(LINK, actix_web::http::header::HeaderValue::from_static(LINKS));
    response
}
