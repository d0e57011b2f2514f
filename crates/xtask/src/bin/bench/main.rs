//! What the benchmark needs beside the registry, a program of its own so that `make test` builds none of it.
//!
//! `lvcai-bench hello PORT SIZE` answers every request with as many bytes: the least that actix-web can do, which the
//! registry's rates are compared with. `lvcai-bench assertion CLIENT AUDIENCE PEM` prints a client assertion. `lvcai-bench bulk FROM INTO PREFIX` copies
//! the certificates of a batch as fast as the database takes them.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it speaks to xtask")]

mod bulk;

use actix_web::{App, HttpResponse, HttpServer, web};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use std::error::Error;
use std::process::ExitCode;

// The registry's allocator, so that only the work differs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match *words.as_slice() {
        ["hello", port, size] => hello(port, size),
        ["assertion", client, audience, pem] => assertion(client, audience, pem),
        ["bulk", from, into, prefix] => bulk::copy(from, into, prefix),
        _ => Err("hello PORT SIZE, assertion CLIENT AUDIENCE PEM, or bulk FROM INTO PREFIX".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lvcai-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn hello(port: &str, size: &str) -> Result<(), Box<dyn Error>> {
    let body = web::Bytes::from(vec![b'x'; size.parse()?]);
    let answer = move || {
        let body = body.clone();
        let answer = move || {
            let body = body.clone();
            async move { HttpResponse::Ok().content_type("application/json").body(body) }
        };
        App::new().default_service(web::to(answer))
    };
    let server = HttpServer::new(answer).bind(("127.0.0.1", port.parse()?))?.run();
    Ok(actix_web::rt::System::new().block_on(server)?)
}

fn assertion(client: &str, audience: &str, pem: &str) -> Result<(), Box<dyn Error>> {
    let key = EncodingKey::from_ec_pem(&std::fs::read(pem)?)?;
    let now = jsonwebtoken::get_current_timestamp();
    let claims = serde_json::json!({
        "iss": client, "sub": client, "aud": audience,
        "iat": now, "exp": now.saturating_add(120), "jti": format!("bench-{now}-{}", std::process::id()),
    });
    println!("{}", jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &key)?);
    Ok(())
}
