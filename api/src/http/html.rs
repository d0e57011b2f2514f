//! Pages for people: who wants one, in which language, and the frame around each.

use crate::http::Language;
use actix_web::http::header::{Accept, Quality};
use actix_web::{HttpMessage as _, HttpRequest};

/// The type of a page.
pub(crate) const HTML: &str = "text/html; charset=utf-8";

/// Whether a page is wanted and not the document for programs: browsers name `text/html`, and nothing else does.
pub(crate) fn is_wanted(request: &HttpRequest) -> bool {
    let Some(accepted) = request.get_header::<Accept>() else { return false };
    let weight = |wanted: &str| {
        accepted.iter().filter(|it| it.item.essence_str() == wanted).map(|it| it.quality).max().unwrap_or(Quality::ZERO)
    };
    weight("text/html") > weight("application/json")
}

/// The language of a page: as its reader chose by `lang`, else as the browser says.
pub(crate) fn language(request: &HttpRequest) -> Language {
    let chosen = form_urlencoded::parse(request.query_string().as_bytes()).find(|(name, _)| name == "lang");
    match chosen.as_ref().map(|(_, value)| &**value) {
        Some("en") => Language::English,
        Some("zh-CN" | "zh") => Language::Chinese,
        _ => Language::of(request),
    }
}

/// A page in its frame.
pub(crate) struct Page<'a> {
    /// In which language it is.
    pub(crate) language: Language,
    /// What the tab of the browser shows.
    pub(crate) title: &'a str,
    /// Where the same is in the other language.
    pub(crate) other: &'a str,
    /// Its content, as HTML.
    pub(crate) content: &'a str,
}

impl Page<'_> {
    /// Writes it.
    pub(crate) fn write(&self) -> String {
        let bar = bar(self.language, self.other, "");
        let (title, content) = (escape(self.title), self.content);
        format!("{}{bar}<main class=\"text\">\n{content}\n</main>\n</body>\n</html>\n", head(self.language, &title))
    }
}

/// The beginning of every page, as far as the body.
pub(crate) fn head(language: Language, title: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"/docs/icon.svg\" type=\"image/svg+xml\">\n\
         <link rel=\"stylesheet\" href=\"/docs/page.css\">\n</head>\n<body>\n",
        language.tag()
    )
}

/// The bar above every page; `more` stands in it before the language.
pub(crate) fn bar(language: Language, other: &str, more: &str) -> String {
    let tag = language.tag();
    let [reference, guides, problems] = language_words(language);
    let (other_tag, other_name) = match language {
        Language::Chinese => ("en", "English"),
        Language::English => ("zh-CN", "中文"),
    };
    format!(
        "<header class=\"bar\">\n<a class=\"home\" href=\"/?lang={tag}\">绿材<span> Lvcai</span></a>\n<nav>\n\
         <a href=\"/docs/?lang={tag}\">{reference}</a>\n<a href=\"/docs/guides?lang={tag}\">{guides}</a>\n\
         <a href=\"/problems?lang={tag}\">{problems}</a>\n</nav>\n{more}\
         <a class=\"language\" href=\"{}\" hreflang=\"{other_tag}\" lang=\"{other_tag}\">{other_name}</a>\n</header>\n",
        escape(other)
    )
}

const fn language_words(language: Language) -> [&'static str; 3] {
    match language {
        Language::Chinese => ["接口", "指南", "问题"],
        Language::English => ["API", "Guides", "Problems"],
    }
}

/// A text as HTML shows it.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A sentence whose `code` stands in backticks.
pub(crate) fn sentence(text: &str) -> String {
    let parts = text.split('`').map(escape).enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { format!("<code>{part}</code>") } else { part }).collect()
}

#[cfg(test)]
mod tests {
    use super::{is_wanted, sentence};
    use actix_web::test::TestRequest;

    #[test]
    fn browsers_want_a_page_and_programs_do_not() {
        let wanted =
            |accept: &str| is_wanted(&TestRequest::default().insert_header(("accept", accept)).to_http_request());
        assert!(wanted("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        for accept in ["*/*", "application/json", "application/json, text/html", "text/html;q=0", "text/*", "", "x"] {
            assert!(!wanted(accept), "{accept}");
        }
        assert!(!is_wanted(&TestRequest::default().to_http_request()));
    }

    #[test]
    fn what_stands_in_backticks_is_code_and_nothing_is_markup() {
        assert_eq!(sentence("Send `If-Match` <now>."), "Send <code>If-Match</code> &lt;now&gt;.");
    }
}
