//! `/docs/guides`: the guides of `api/docs`, as pages in both languages.

use crate::http::asset::Asset;
use crate::http::html::{self, HTML, Page, escape};
use crate::http::{Answer, Language};
use actix_web::web::{Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get};
use lvcai_domain::ProblemKind;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// A guide in Chinese and in English; one text where it is for both.
struct Guide {
    name: &'static str,
    zh: &'static str,
    en: &'static str,
}

const FIELDS: &str = include_str!("../../docs/guides/certificate-fields.md");
const DESIGN: &str = include_str!("../../docs/api-design.md");

const GUIDES: [Guide; 4] = [
    Guide {
        name: "first-steps",
        zh: include_str!("../../docs/guides/first-steps.zh-CN.md"),
        en: include_str!("../../docs/guides/first-steps.md"),
    },
    Guide {
        name: "certification-body",
        zh: include_str!("../../docs/guides/certification-body.zh-CN.md"),
        en: include_str!("../../docs/guides/certification-body.md"),
    },
    Guide { name: "certificate-fields", zh: FIELDS, en: FIELDS },
    Guide { name: "api-design", zh: DESIGN, en: DESIGN },
];

/// The guides by their names, with their titles.
pub(super) fn titles(language: Language) -> impl Iterator<Item = (&'static str, String)> {
    GUIDES.iter().map(move |it| (it.name, title(language.of_two(it.zh, it.en))))
}

/// The first heading.
fn title(text: &str) -> String {
    text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default().to_owned()
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list_guides).service(read_guide);
}

#[get("/docs/guides")]
async fn list_guides(request: HttpRequest) -> HttpResponse {
    let language = html::language(&request);
    let title = language.of_two("指南", "Guides");
    let content = format!("<h1>{title}</h1>\n{}", as_list(language));
    let other = language.of_two("/docs/guides?lang=en", "/docs/guides?lang=zh-CN");
    let page = Page { language, title, other, content: &content }.write();
    Asset::new(HTML, page).in_language(language.tag()).answer(&request)
}

/// Links to the guides, as HTML.
pub(super) fn as_list(language: Language) -> String {
    let tag = language.tag();
    let item = |(name, title): (&str, String)| {
        format!("<li><a href=\"/docs/guides/{name}?lang={tag}\">{}</a></li>\n", escape(&title))
    };
    format!("<ul>\n{}</ul>\n", titles(language).map(item).collect::<String>())
}

#[get("/docs/guides/{name}")]
async fn read_guide(request: HttpRequest, name: Path<String>) -> Answer {
    let guide = GUIDES.iter().find(|it| it.name == *name).ok_or(ProblemKind::NotFound)?;
    let language = html::language(&request);
    let text = language.of_two(guide.zh, guide.en);
    let other = format!("/docs/guides/{}?lang={}", guide.name, language.of_two("en", "zh-CN"));
    let page = Page { language, title: &title(text), other: &other, content: &render(text) }.write();
    Ok(Asset::new(HTML, page).in_language(language.tag()).answer(&request))
}

/// Markdown as HTML, with anchors at the headings and a list of its chapters after the title.
fn render(text: &str) -> String {
    let mut events: Vec<Event<'_>> = Parser::new_ext(text, Options::ENABLE_TABLES).collect();
    let mut chapters = String::new();
    for at in 0..events.len() {
        let Some(Event::Start(Tag::Heading { level, .. })) = events.get(at) else { continue };
        let level = *level;
        let words = heading(events.iter().skip(at));
        let anchor = anchor(&words);
        if level == HeadingLevel::H2 {
            chapters.push_str(&format!("<li><a href=\"#{}\">{}</a></li>\n", escape(&anchor), escape(&words)));
        }
        if let Some(Event::Start(Tag::Heading { id, .. })) = events.get_mut(at) {
            *id = Some(anchor.into());
        }
    }
    lead(&mut events);
    let after_title = events.iter().position(|it| matches!(it, Event::End(TagEnd::Heading(HeadingLevel::H1))));
    let list = format!("<ul class=\"chapters\">\n{chapters}</ul>\n");
    events.insert(after_title.map_or(0, |it| it.saturating_add(1)), Event::Html(list.into()));
    let mut page = String::new();
    pulldown_cmark::html::push_html(&mut page, events.into_iter());
    // A wide table scrolls by itself, and not the page with it.
    page.replace("<table>", "<div class=\"table\"><table>").replace("</table>", "</table></div>")
}

/// The words of the heading that begins here.
fn heading<'a>(events: impl Iterator<Item = &'a Event<'a>>) -> String {
    let inside = events.take_while(|it| !matches!(it, Event::End(TagEnd::Heading(_))));
    inside.filter_map(|it| if let Event::Text(text) | Event::Code(text) = it { Some(&**text) } else { None }).collect()
}

/// The anchor of a heading, as GitHub makes it: the guides are read there too.
fn anchor(words: &str) -> String {
    let kept = words.chars().filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_'));
    kept.map(|it| if it == ' ' { '-' } else { it }).collect::<String>().to_lowercase()
}

/// Leads the links between files to the pages; one to a file that is no page stays as its words.
fn lead(events: &mut Vec<Event<'_>>) {
    let mut dropped = false;
    events.retain_mut(|event| match event {
        Event::Start(Tag::Link { dest_url, .. }) => {
            match led(dest_url) {
                Some(led) => *dest_url = CowStr::from(led),
                None => dropped = true,
            }
            !dropped
        }
        Event::End(TagEnd::Link) => !std::mem::take(&mut dropped),
        _ => true,
    });
}

fn led(link: &str) -> Option<String> {
    if link.starts_with('#') || link.contains("://") {
        return Some(link.to_owned());
    }
    let (path, anchor) = link.split_once('#').map_or((link, String::new()), |(path, it)| (path, format!("#{it}")));
    let file = path.rsplit('/').next()?.strip_suffix(".md")?;
    let (name, language) = file.strip_suffix(".zh-CN").map_or((file, "en"), |name| (name, "zh-CN"));
    let guide = GUIDES.iter().find(|it| it.name == name)?;
    let chosen = if guide.zh == guide.en { String::new() } else { format!("?lang={language}") };
    Some(format!("/docs/guides/{name}{chosen}{anchor}"))
}

#[cfg(test)]
mod tests {
    use super::{GUIDES, led, render};

    #[test]
    fn links_lead_to_pages_and_to_headings_that_exist() {
        for (link, to) in [
            ("certificate-fields.md", Some("/docs/guides/certificate-fields")),
            ("certification-body.zh-CN.md#x", Some("/docs/guides/certification-body?lang=zh-CN#x")),
            ("guides/certification-body.md", Some("/docs/guides/certification-body?lang=en")),
            ("../api-design.md", Some("/docs/guides/api-design")),
            ("decisions/0004-problem-documents.md", None),
            ("https://www.rfc-editor.org/rfc/rfc9457", Some("https://www.rfc-editor.org/rfc/rfc9457")),
        ] {
            assert_eq!(led(link).as_deref(), to);
        }
        for page in GUIDES.iter().flat_map(|it| [render(it.zh), render(it.en)]) {
            for anchor in page.split("href=\"#").skip(1).filter_map(|it| it.split('"').next()) {
                assert!(page.contains(&format!("id=\"{anchor}\"")) || anchor.contains('%'), "{anchor}");
            }
            assert!(!page.contains(".md\""), "a link to a file");
        }
    }

    #[test]
    fn every_guide_of_the_folder_is_a_page() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guides");
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            assert!(GUIDES.iter().any(|it| it.zh == text || it.en == text), "{}", text.lines().next().unwrap());
        }
    }
}
