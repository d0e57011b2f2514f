//! Texts that stay the same while the program runs, kept packed, with a validator for each form.

use crate::http::answer::has;
use actix_web::http::header::{self, AcceptEncoding, Encoding, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use lvcai_trust::Digest;
use std::io::{Read as _, Write as _};
use std::sync::OnceLock;

/// Whoever has it asks whether it is still the same.
pub(crate) const REVALIDATE: &str = "no-cache";

/// Its address changes with it.
pub(crate) const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// A text with its packed form.
#[derive(Debug)]
pub(crate) struct Asset {
    content_type: &'static str,
    cache: &'static str,
    language: Option<&'static str>,
    gzip: Bytes,
    /// Unpacked for the first who cannot unpack it himself.
    plain: OnceLock<Bytes>,
    digest: String,
}

impl Asset {
    /// Packs a text.
    pub(crate) fn new(content_type: &'static str, text: String) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        // Writing into memory does not fail.
        let packed = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish()).unwrap_or_default();
        let mut asset = Self::packed(content_type, packed);
        asset.plain = OnceLock::from(Bytes::from(text));
        asset
    }

    /// One that was packed before.
    pub(crate) fn packed(content_type: &'static str, gzip: impl Into<Bytes>) -> Self {
        let gzip = gzip.into();
        let digest = Digest::of(&gzip).to_string();
        Self { content_type, cache: REVALIDATE, language: None, gzip, plain: OnceLock::new(), digest }
    }

    /// Says how long it may be kept without asking.
    #[must_use]
    pub(crate) fn cached(mut self, cache: &'static str) -> Self {
        self.cache = cache;
        self
    }

    /// Says that there is one in each language at its address.
    #[must_use]
    pub(crate) fn in_language(mut self, language: &'static str) -> Self {
        self.language = Some(language);
        self
    }

    fn plain(&self) -> Bytes {
        let unpack = || {
            let mut text = Vec::new();
            if let Err(error) = GzDecoder::new(&*self.gzip).read_to_end(&mut text) {
                log::error!("an asset cannot be unpacked: error={error}");
            }
            text.into()
        };
        self.plain.get_or_init(unpack).clone()
    }

    /// Answers it in the form that the client takes; 304 when the client has it already.
    pub(crate) fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let packed = takes_gzip(request);
        // The two forms are different bytes, so they have different strong validators.
        let etag = if packed { format!("\"{}-gzip\"", self.digest) } else { format!("\"{}\"", self.digest) };
        let known = has(request, &etag);
        let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header((header::ETAG, etag)).insert_header((header::CACHE_CONTROL, self.cache));
        response.append_header((header::VARY, "accept-encoding"));
        if let Some(language) = self.language {
            response.insert_header((header::CONTENT_LANGUAGE, language));
            response.append_header((header::VARY, "accept-language"));
        }
        if known {
            return response.finish();
        }
        response.content_type(self.content_type);
        if packed {
            response.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("gzip")));
            return response.body(self.gzip.clone());
        }
        response.body(self.plain())
    }
}

fn takes_gzip(request: &HttpRequest) -> bool {
    let accepted = request.get_header::<AcceptEncoding>();
    let offered = [Encoding::gzip(), Encoding::identity()];
    accepted.and_then(|it| it.negotiate(offered.iter())).is_some_and(|it| it == Encoding::gzip())
}

#[cfg(test)]
mod tests {
    use super::Asset;
    use actix_web::test::TestRequest;

    #[test]
    fn both_forms_are_the_same_text_and_only_the_same_form_is_known() {
        let asset = Asset::new("text/plain", "绿材".repeat(100));
        let packed = Asset::packed("text/plain", asset.gzip.clone());
        assert_eq!(packed.plain(), "绿材".repeat(100));

        let ask = |headers: &[(&'static str, String)]| {
            let add = |request: TestRequest, (name, value): &(&'static str, String)| {
                request.insert_header((*name, value.as_str()))
            };
            asset.answer(&headers.iter().fold(TestRequest::default(), add).to_http_request())
        };
        let etag = |of: &actix_web::HttpResponse| of.headers().get("etag").unwrap().to_str().unwrap().to_owned();
        let gzip = ("accept-encoding", "gzip, br".to_owned());
        let [small, plain] = [ask(std::slice::from_ref(&gzip)), ask(&[])];
        assert_eq!(small.headers().get("content-encoding").unwrap(), "gzip");
        assert!(plain.headers().get("content-encoding").is_none());
        assert!(ask(&[("accept-encoding", "gzip;q=0".to_owned())]).headers().get("content-encoding").is_none());
        assert_eq!(ask(&[gzip.clone(), ("if-none-match", etag(&small))]).status(), 304);
        assert_eq!(ask(&[gzip, ("if-none-match", etag(&plain))]).status(), 200);
    }
}
