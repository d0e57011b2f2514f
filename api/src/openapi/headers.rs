//! The headers of requests and answers: each is described once, and operations refer to it.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::openapi::header::Header;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{HeaderBuilder, Ref, RefOr};

/// A header of answers: its name, its type, an example, and what it says.
struct OfAnswers(&'static str, Type, Example, &'static str);

/// How an example is written in the document.
enum Example {
    Text(&'static str),
    Number(i64),
}

const OF_ANSWERS: &[OfAnswers] = &[
    OfAnswers(
        "X-Request-Id",
        Type::String,
        Example::Text("01900000-0000-7000-8000-000000000000"),
        "The id of the request: the client's own, or a new one. Name it when you ask about the request",
    ),
    OfAnswers(
        "Registry-Seq",
        Type::Integer,
        Example::Number(412),
        "The ledger position (cut) that the answer shows, or that the write made",
    ),
    OfAnswers("Registry-Version", Type::Integer, Example::Number(3), "The version of the record, from 1"),
    OfAnswers(
        "Registry-Valid-On",
        Type::String,
        Example::Text("2026-11-22"),
        "The day on which what is answered holds, in Asia/Shanghai; absent with `latest`",
    ),
    OfAnswers(
        "Registry-Look-Alikes",
        Type::String,
        Example::Text("cert_01900000-0000-7000-8000-000000000003"),
        "Certificates whose numbers are easily taken for the new one's, separated by commas; absent where there are none",
    ),
    OfAnswers(
        "Registry-Validated-Only",
        Type::String,
        Example::Text("true"),
        "`true` when only validation was asked for and nothing was changed",
    ),
    OfAnswers(
        "Idempotency-Replayed",
        Type::String,
        Example::Text("true"),
        "`true` when this is the answer to an earlier request with the same key",
    ),
    OfAnswers(
        "ETag",
        Type::String,
        Example::Text("\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\""),
        "The SHA-256 of the body, in quotes, to be sent as `If-Match` or `If-None-Match`; of a list a weak one, of its items",
    ),
    OfAnswers(
        "Location",
        Type::String,
        Example::Text("/v1/products/prod_01900000-0000-7000-8000-000000000002"),
        "The address of what was made",
    ),
    OfAnswers(
        "Content-Location",
        Type::String,
        Example::Text("/v1/laboratories/230800020001"),
        "Where a GET answers the same: the address that was put to",
    ),
    OfAnswers(
        "Link",
        Type::String,
        Example::Text("</v1/products?cursor=c1&limit=50>; rel=\"next\""),
        "The next page (RFC 8288), as `page.next`; absent on the last",
    ),
    OfAnswers("Cache-Control", Type::String, Example::Text("no-cache"), "How long a cache may keep the answer"),
    OfAnswers(
        "Content-Language",
        Type::String,
        Example::Text("zh-CN"),
        "The language of the texts: zh-CN or en, by `Accept-Language`",
    ),
    OfAnswers("Vary", Type::String, Example::Text("authorization"), "The request headers by which the answer differs"),
    OfAnswers("Retry-After", Type::Integer, Example::Number(1), "Seconds to wait before the request is sent again"),
    OfAnswers(
        "RateLimit",
        Type::String,
        Example::Text("\"default\";r=598;t=1"),
        "What is left of the quota: `r` units, all of which are there again in `t` seconds; absent where there is no limit",
    ),
    OfAnswers(
        "RateLimit-Policy",
        Type::String,
        Example::Text("\"default\";q=600;w=60"),
        "The quota: `q` units within `w` seconds; absent where there is no limit",
    ),
    OfAnswers(
        "WWW-Authenticate",
        Type::String,
        Example::Text("Bearer error=\"invalid_token\""),
        "Why the token does not do (RFC 6750)",
    ),
    OfAnswers("Allow", Type::String, Example::Text("GET, HEAD, OPTIONS"), "The methods of the address"),
];

/// Every header of answers, as the document's components have it.
pub(super) fn components() -> BTreeMap<String, RefOr<Header>> {
    OF_ANSWERS.iter().map(|it| (it.0.to_owned(), RefOr::T(it.header()))).collect()
}

/// A reference to a header of answers.
pub(super) fn named(name: &str) -> RefOr<Header> {
    RefOr::Ref(Ref::new(format!("#/components/headers/{name}")))
}

impl OfAnswers {
    fn header(&self) -> Header {
        let example: Value = match self.2 {
            Example::Text(text) => json!(text),
            Example::Number(number) => json!(number),
        };
        let whole = matches!(self.1, Type::Integer).then(|| SchemaFormat::Custom("int64".to_owned()));
        let schema =
            ObjectBuilder::new().schema_type(SchemaType::new(self.1.clone())).format(whole).examples([example]);
        HeaderBuilder::new().schema(Some(Schema::Object(schema.build()))).description(Some(self.3)).build()
    }
}
