//! Answers: the stored bytes with the headers that name their version and cut.

use crate::http::failure::Failure;
use crate::http::language::Language;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use jiff::civil::Date;
use lvcai_domain::ProblemKind;
use lvcai_domain::ledger::instant;
use lvcai_store::{HistoryEntry, Receipt, StoredVersion};
use lvcai_trust::Digest;
use serde::Serialize;
use serde_json::value::RawValue;
use std::fmt;
use utoipa::ToSchema;

/// What a handler answers.
pub(crate) type Answer = Result<HttpResponse, Failure>;

/// Where an answer stands in a list
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageInfo {
    /// The ledger position at which every page of this list is read.
    #[schema(example = 412)]
    pub(crate) as_of: i64,
    /// The day on which the items hold, where they have days; absent with `latest`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-11-22")]
    pub(crate) valid_on: Option<Date>,
    /// How many items the list has on all its pages, where `count` asks for it and they are not too many to count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) total: Option<i64>,
    /// More than so many items, at which counting stops: then there is no `total`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) total_over: Option<i64>,
    /// The cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// A page of a list
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Items<T> {
    /// The items.
    pub(crate) items: Vec<T>,
    /// Where they stand.
    pub(crate) page: PageInfo,
}

/// A version of a record
///
/// What was recorded, when, by whom; the body as it was.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionOf<T> {
    /// The version, from 1.
    pub(crate) version: i32,
    /// The ledger entry that made it.
    pub(crate) seq: i64,
    /// When it was recorded.
    #[schema(format = DateTime, example = "2026-11-22T08:30:00.000000Z")]
    pub(crate) recorded_at: String,
    /// What happened.
    #[schema(example = "certificate.suspended")]
    pub(crate) event: String,
    /// The organisation that did it; `operator`, or `clock` for what the passing of a day does.
    pub(crate) actor: String,
    /// The document that orders it (文号), where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) authority_document: Option<String>,
    /// From which day it holds, where that was stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2026-11-22")]
    pub(crate) effective_on: Option<String>,
    /// The command it belongs to; entries of one command stand together.
    pub(crate) command: String,
    /// SHA-256 of the body in hex; of nonce and body for a version that was private.
    pub(crate) body_sha256: String,
    /// The nonce in hex, for a version that was private.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nonce: Option<String>,
    /// The body.
    pub(crate) body: T,
}

/// The ETag of some bytes: strong, by their digest (RFC 9110 §8.8.3).
pub(crate) fn etag(body: &str) -> String {
    format!("\"{}\"", Digest::of(body.as_bytes()))
}

/// Answers JSON read at a cut; 304 when the client has it already.
pub(crate) fn read(request: &HttpRequest, cut: i64, body: String) -> HttpResponse {
    read_as("application/json", request, cut, body)
}

/// Answers text of a content type read at a cut; 304 when the client has it already.
pub(crate) fn read_as(content_type: &str, request: &HttpRequest, cut: i64, body: String) -> HttpResponse {
    let etag = etag(&body);
    tagged(content_type, request, cut, (etag, body))
}

/// Answers a list: its ETag is of what is listed and not of the cut, which moves with every entry of the ledger. So it
/// is a weak one (RFC 9110 §8.8.1).
fn list(request: &HttpRequest, cut: i64, listed: &[&str], body: String) -> HttpResponse {
    let parts: Vec<&[u8]> = listed.iter().map(|it| it.as_bytes()).collect();
    tagged("application/json", request, cut, (format!("W/\"{}\"", Digest::of_parts(&parts)), body))
}

/// Says that an answer never changes, so that no cache asks again.
pub(crate) fn for_ever(mut response: HttpResponse) -> HttpResponse {
    let always = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(header::CACHE_CONTROL, always);
    response
}

fn tagged(content_type: &str, request: &HttpRequest, cut: i64, (etag, body): (String, String)) -> HttpResponse {
    let known = has(request, &etag);
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::ETAG, etag)).insert_header(("registry-seq", cut.to_string()));
    response.insert_header((header::CACHE_CONTROL, "no-cache")).insert_header((header::VARY, "authorization"));
    if known { response.finish() } else { response.content_type(content_type).body(body) }
}

/// Says in which language the texts of an answer are, and that another may be asked for.
pub(crate) fn in_language(mut response: HttpResponse, language: Language) -> HttpResponse {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    let by = if headers.contains_key(header::VARY) { "authorization, accept-language" } else { "accept-language" };
    headers.insert(header::VARY, HeaderValue::from_static(by));
    response
}

/// Whether `If-None-Match` names this ETag, by the weak comparison (RFC 9110 §13.1.2).
pub(crate) fn has(request: &HttpRequest, etag: &str) -> bool {
    let mut values = request.headers().get_all(header::IF_NONE_MATCH).filter_map(|it| it.to_str().ok());
    values.any(|tags| names(tags, etag))
}

/// Whether a list of tags names this one. RFC 9110 compares `If-Match` strongly; a proxy that compresses weakens the tags
/// that it passes on, though, and a weakened tag names the same bytes as ours, which is their digest.
pub(crate) fn names(tags: &str, etag: &str) -> bool {
    tags.split(',').map(str::trim).any(|it| it == "*" || it.trim_start_matches("W/") == etag.trim_start_matches("W/"))
}

/// Answers one record, or 404.
pub(crate) fn record(request: &HttpRequest, (cut, stored): (i64, Option<StoredVersion>)) -> Answer {
    let stored = stored.ok_or(ProblemKind::NotFound)?;
    let mut response = read(request, cut, stored.body);
    response
        .headers_mut()
        .insert(header::HeaderName::from_static("registry-version"), HeaderValue::from(stored.version));
    Ok(response)
}

/// How many items a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Total {
    /// So many.
    Of(usize),
    /// More than so many.
    Over(usize),
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(count) => write!(f, "\"total\":{count}"),
            Self::Over(count) => write!(f, "\"total_over\":{count}"),
        }
    }
}

/// Answers a page of a list of stored bodies, which commas separate, with the `Link` to the next (RFC 8288).
///
/// Where the items have days, it tells the day on which they hold.
pub(crate) fn page(
    request: &HttpRequest,
    (cut, day): (i64, Option<Date>),
    (items, total): (&str, Option<Total>),
    next: Option<&str>,
) -> HttpResponse {
    let told = &total.map(|it| format!(",{it}")).unwrap_or_default();
    let and_next = next.map(|next| format!(",\"next\":\"{next}\"")).unwrap_or_default();
    let and_day = day.map(|day| format!(",\"valid_on\":\"{day}\"")).unwrap_or_default();
    let body = format!("{{\"items\":[{items}],\"page\":{{\"as_of\":{cut}{and_day}{told}{and_next}}}}}");
    let mut response = list(request, cut, &[items, if next.is_some() { "more" } else { "" }, told], body);
    if let Some(day) = day {
        tell_day(&mut response, day);
    }
    if let Some(next) = next {
        let pairs = request.query_string().split('&').filter(|it| !it.is_empty() && !it.starts_with("cursor="));
        let query = pairs.chain([format!("cursor={next}").as_str()]).collect::<Vec<_>>().join("&");
        if let Ok(link) = HeaderValue::from_str(&format!("<{}?{query}>; rel=\"next\"", request.path())) {
            response.headers_mut().insert(header::LINK, link);
        }
    }
    response
}

/// Says on which day what is answered holds.
pub(crate) fn tell_day(response: &mut HttpResponse, day: Date) {
    if let Ok(day) = HeaderValue::from_str(&day.to_string()) {
        response.headers_mut().insert(header::HeaderName::from_static("registry-valid-on"), day);
    }
}

/// Answers something that is part of a record and has no version of its own.
pub(crate) fn item<T: Serialize>(request: &HttpRequest, cut: i64, item: &T) -> Answer {
    let body = serde_json::to_string(item).map_err(|_| ProblemKind::Internal)?;
    Ok(read(request, cut, body))
}

/// Answers a whole list that fits on one page.
pub(crate) fn single_page<T: Serialize>(request: &HttpRequest, cut: i64, items: Vec<T>) -> Answer {
    let page =
        Items { items, page: PageInfo { as_of: cut, valid_on: None, total: None, total_over: None, next: None } };
    let listed = serde_json::to_string(&page.items).map_err(|_| ProblemKind::Internal)?;
    let body = serde_json::to_string(&page).map_err(|_| ProblemKind::Internal)?;
    Ok(list(request, cut, &[&listed], body))
}

/// Answers the versions of a record, or 404 when there are none to see.
pub(crate) fn versions(request: &HttpRequest, (cut, versions): (i64, Vec<HistoryEntry>)) -> Answer {
    if versions.is_empty() {
        return Err(ProblemKind::NotFound.into());
    }
    let items: Result<Vec<_>, serde_json::Error> = versions.into_iter().map(version).collect();
    single_page(request, cut, items.map_err(|_| ProblemKind::Internal)?)
}

fn version(version: HistoryEntry) -> Result<VersionOf<Box<RawValue>>, serde_json::Error> {
    Ok(VersionOf {
        version: version.version,
        seq: version.seq,
        recorded_at: instant(version.recorded_at()),
        event: version.event,
        actor: version.actor,
        authority_document: version.authority_document,
        effective_on: version.effective_on,
        command: version.command.0.to_string(),
        body_sha256: hex(&version.body_sha256),
        nonce: version.nonce.as_deref().map(hex),
        body: RawValue::from_string(version.body)?,
    })
}

/// Bytes in lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Answers what became of a write: 201 with its address for something new, 200
/// otherwise and for a dry run.
pub(crate) fn receipt(receipt: Receipt, location: impl FnOnce(&str) -> String) -> HttpResponse {
    let created = receipt.created && !receipt.validated_only;
    let mut response = if created { HttpResponse::Created() } else { HttpResponse::Ok() };
    if created {
        response.insert_header((header::LOCATION, location(&receipt.subject)));
    }
    if receipt.validated_only {
        response.insert_header(("registry-validated-only", "true"));
    } else {
        response.insert_header((header::ETAG, etag(&receipt.body)));
        response.insert_header(("registry-version", receipt.version.to_string()));
    }
    if receipt.replayed {
        response.insert_header(("idempotency-replayed", "true"));
    }
    response
        .insert_header(("registry-seq", receipt.cut.to_string()))
        .content_type("application/json")
        .body(receipt.body)
}
