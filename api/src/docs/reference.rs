//! `/docs/`: every operation, to read and to try. The program that shows it is Scalar, packed into the binary.

use crate::docs::demo::DemoClients;
use crate::docs::view;
use crate::http::Language;
use crate::http::asset::{Asset, FOR_EVER};
use crate::http::html::{self, HTML, bar, head};
use actix_web::web::{Data, ServiceConfig, redirect};
use actix_web::{HttpRequest, HttpResponse, get};
use std::sync::LazyLock;

/// The reader of OpenAPI documents; its address has its version, since browsers keep it for ever.
const READER: &str = "/docs/scalar-1.76.0.js";

static READER_PROGRAM: LazyLock<Asset> = LazyLock::new(|| {
    let packed: &'static [u8] = include_bytes!("../../page/vendor/scalar-1.76.0.js.gz");
    Asset::packed("text/javascript; charset=utf-8", packed).cached(FOR_EVER)
});

static PROGRAM: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("text/javascript; charset=utf-8", include_str!("../../page/page.js").to_owned()));

static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("text/css; charset=utf-8", include_str!("../../page/page.css").to_owned()));

static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("image/svg+xml", include_str!("../../page/icon.svg").to_owned()));

/// The security schemes of the document, for the page to give its token to.
static SCHEMES: LazyLock<String> = LazyLock::new(|| view::schemes().join(" "));

static CHINESE: LazyLock<Asset> = LazyLock::new(|| document(Language::Chinese));
static ENGLISH: LazyLock<Asset> = LazyLock::new(|| document(Language::English));

fn document(language: Language) -> Asset {
    Asset::new("application/json", view::document(language).to_string()).in_language(language.tag())
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(redirect("/docs", "/docs/"));
    config.service(page).service(read_document).service(reader).service(program).service(style).service(icon);
}

#[get("/docs/")]
async fn page(request: HttpRequest, demo: Option<Data<DemoClients>>) -> HttpResponse {
    let language = html::language(&request);
    let choice = demo.map(|it| it.choice(language)).unwrap_or_default();
    let other = language.of_two("/docs/?lang=en", "/docs/?lang=zh-CN");
    let title = language.of_two("绿材 Lvcai · 接口", "Lvcai 绿材 · Reference");
    let without =
        language.of_two("此页面需要 JavaScript；文档本身见", "This page needs JavaScript; the document itself is");
    let text = format!(
        "{}{}<div id=\"reference\" data-tag=\"{}\" data-schemes=\"{}\"></div>\n\
         <noscript>{without} <a href=\"/openapi.yaml\">/openapi.yaml</a></noscript>\n\
         <script src=\"{READER}\"></script>\n<script src=\"/docs/page.js\"></script>\n</body>\n</html>\n",
        head(language, title),
        bar(language, other, &choice),
        language.tag(),
        *SCHEMES
    );
    Asset::new(HTML, text).in_language(language.tag()).answer(&request)
}

#[get("/docs/document.json")]
async fn read_document(request: HttpRequest) -> HttpResponse {
    match html::language(&request) {
        Language::Chinese => CHINESE.answer(&request),
        Language::English => ENGLISH.answer(&request),
    }
}

#[get("/docs/scalar-1.76.0.js")]
async fn reader(request: HttpRequest) -> HttpResponse {
    READER_PROGRAM.answer(&request)
}

#[get("/docs/page.js")]
async fn program(request: HttpRequest) -> HttpResponse {
    PROGRAM.answer(&request)
}

#[get("/docs/page.css")]
async fn style(request: HttpRequest) -> HttpResponse {
    STYLE.answer(&request)
}

#[get("/docs/icon.svg")]
async fn icon(request: HttpRequest) -> HttpResponse {
    ICON.answer(&request)
}
