//! Which of the registry's two languages a request prefers.

use actix_web::HttpRequest;
use actix_web::http::header;
use lvcai_domain::Bilingual;

/// A language of the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// Simplified Chinese, the default.
    Chinese,
    /// English.
    English,
}

impl Language {
    /// Reads `Accept-Language` (RFC 9110 §12.5.4); the heavier of `zh` and `en`, Chinese when neither is named.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let accept = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok()).unwrap_or_default();
        let weight = |wanted: &str| accept.split(',').filter_map(|range| weigh(range, wanted)).max();
        if weight("en") > weight("zh") { Self::English } else { Self::Chinese }
    }

    /// Picks from a sentence in both.
    pub(crate) fn pick(self, said: &Bilingual) -> &str {
        match self {
            Self::Chinese => &said.zh,
            Self::English => &said.en,
        }
    }

    /// Picks from two texts.
    pub(crate) const fn of_two(self, zh: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::Chinese => zh,
            Self::English => en,
        }
    }

    /// The tag of `Content-Language`.
    pub(crate) const fn tag(self) -> &'static str {
        self.of_two("zh-CN", "en")
    }
}

/// The weight in thousandths that a range gives to a language, if it names it.
fn weigh(range: &str, wanted: &str) -> Option<u16> {
    let mut parts = range.split(';').map(str::trim);
    let tag = parts.next()?.to_ascii_lowercase();
    if tag.split('-').next()? != wanted {
        return None;
    }
    let quality = parts.find_map(|part| part.strip_prefix("q="));
    let weight = match quality {
        None => 1000,
        Some(quality) => quality.parse::<f32>().ok().filter(|it| (0.0..=1.0).contains(it)).map_or(0, thousandths),
    };
    (weight > 0).then_some(weight)
}

#[expect(clippy::as_conversions, reason = "a float between 0 and 1000 fits")]
fn thousandths(quality: f32) -> u16 {
    (quality * 1000.0) as u16
}

#[cfg(test)]
mod tests {
    use super::Language;
    use actix_web::test::TestRequest;

    fn of(accept: &str) -> Language {
        Language::of(&TestRequest::default().insert_header(("accept-language", accept)).to_http_request())
    }

    #[test]
    fn the_heavier_language_wins_and_chinese_is_the_default() {
        assert_eq!(of("en"), Language::English);
        assert_eq!(of("en-GB,zh;q=0.8"), Language::English);
        assert_eq!(of("zh-CN,zh;q=0.9,en;q=0.8"), Language::Chinese);
        assert_eq!(of("fr"), Language::Chinese);
        assert_eq!(of("en;q=0"), Language::Chinese);
        assert_eq!(of("en;q=x, ;"), Language::Chinese);
    }
}
