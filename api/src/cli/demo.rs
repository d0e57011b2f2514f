//! `lvcai demo`: serves a registry with something in it.
//!
//! Real kinds and bodies, the one real certificate whose number is established,
//! real manufacturers; every record that states no official fact is marked as a
//! sample. Started again on the same data it changes nothing.

mod data;
mod records;

use super::error::CliError;
use super::language::Language;
use super::open::open_or_make;
use super::{out, serve};
use crate::docs::DemoClients;
use crate::keys::Keys;
use data::Demo;
use lvcai_config::Config;
use lvcai_domain::ClientId;
use records::{BODY, LIST};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

pub(super) fn run(config: &Config) -> Result<ExitCode, CliError> {
    actix_web::rt::System::new().block_on(async {
        Keys::create(&config.keys)?;
        let opened = open_or_make(config).await?;
        // Nothing that a demo holds has to be right: a clock that was set, or data that were thrown away, do not stop it.
        let watch = Arc::clone(&opened.watch);
        opened.registry.read(move |conn| watch.resume(conn, "demo")).await?;
        let folder = config.keys.parent().unwrap_or(Path::new(".")).join("demo");
        let clients = Demo { registry: &opened.registry, config, folder: folder.clone() }.make().await?;
        let greeting = greeting(config, &folder, &clients);
        let clients = DemoClients::read(config, &folder, &clients)?;
        serve::serve(config, opened, clients, || out::line(greeting)).await
    })
}

/// What the terminal shows once the registry serves.
fn greeting(config: &Config, folder: &Path, clients: &BTreeMap<String, ClientId>) -> String {
    let url = format!("http://{}", config.address);
    let program = std::env::current_exe().map_or_else(|_| "lvcai".to_owned(), |it| it.display().to_string());
    let body = clients.get("certification-body").map(ToString::to_string).unwrap_or_default();
    let key = folder.join("certification-body.pem");
    if Language::of_terminal().chinese {
        return greeting_in_chinese(config, folder, &body);
    }
    format!(
        "\n绿材 Lvcai serves {url}   document and try-out page: {url}/docs/\n\n\
         Search, verify, and read the signed list:\n\n\
         \x20 curl '{url}/v1/products?q=%E5%86%85%E5%B9%B3%E5%BC%80'\n\
         \x20 curl '{url}/v1/verifications' -H 'content-type: application/json' -d '{{\"items\":[{{\"certificate_number\":\"CABR-01(02)-(2025)-CGP-035\"}}]}}'\n\
         \x20 curl '{url}/v1/lists/{LIST}/publications/1/document'\n\n\
         A token for the certification body of the demo (keys and ids of all demo clients are in {folder}):\n\n\
         \x20 curl '{url}/oauth/token' -d grant_type=client_credentials \\\n\
         \x20   -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \\\n\
         \x20   -d client_assertion=\"$({program} client assertion {body} --key {key} --audience {issuer})\"\n\n\
         That is {BODY}; the keys are P-256 (ES256). First steps in TypeScript, Python, Java, Go and Rust:\n\n\
         \x20 {url}/docs/guides/first-steps?lang=en\n\n\
         Ctrl-C stops it.\n",
        issuer = config.issuer,
        folder = folder.display(),
        key = key.display(),
    )
}

fn greeting_in_chinese(config: &Config, folder: &Path, body: &str) -> String {
    let url = format!("http://{}", config.address);
    let program = std::env::current_exe().map_or_else(|_| "lvcai".to_owned(), |it| it.display().to_string());
    format!(
        "\n绿材 Lvcai 已启动：{url}   接口文档与试用页：{url}/docs/\n\n\
         检索、核验、读取已签名的名单：\n\n\
         \x20 curl '{url}/v1/products?q=%E5%86%85%E5%B9%B3%E5%BC%80'\n\
         \x20 curl '{url}/v1/verifications' -H 'content-type: application/json' -d '{{\"items\":[{{\"certificate_number\":\"CABR-01(02)-(2025)-CGP-035\"}}]}}'\n\
         \x20 curl '{url}/v1/lists/{LIST}/publications/1/document'\n\n\
         演示认证机构的令牌（各演示客户端的密钥和标识在 {folder}）：\n\n\
         \x20 curl '{url}/oauth/token' -d grant_type=client_credentials \\\n\
         \x20   -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \\\n\
         \x20   -d client_assertion=\"$({program} client assertion {body} --key {key} --audience {issuer})\"\n\n\
         该机构是 {BODY}；密钥均为 P-256（ES256）。TypeScript、Python、Java、Go 和 Rust 的第一步：\n\n\
         \x20 {url}/docs/guides/first-steps?lang=zh-CN\n\n\
         按 Ctrl-C 停止。\n",
        issuer = config.issuer,
        folder = folder.display(),
        key = folder.join("certification-body.pem").display(),
    )
}
