//! The catalogue of problems as pages for people.

use crate::http::html::{Page, escape, sentence};
use crate::http::{Language, ProblemDocument, Telling};
use lvcai_domain::{ProblemKind, Rule};

/// The id of the request in examples.
const REQUEST: &str = "01900000-0000-7000-8000-000000000000";

/// The page of all problems and rules.
pub(super) fn catalogue(language: Language) -> String {
    let [title, problems, rules] = match language {
        Language::Chinese => ["问题与规则", "问题", "规则"],
        Language::English => ["Problems and rules", "Problems", "Rules"],
    };
    let head = |words: [&str; 3]| words.map(|it| format!("<th>{it}</th>")).concat();
    let tag = language.tag();
    let problem = |kind: &ProblemKind| {
        let (slug, said) = (kind.slug(), sentence(language.of_two(kind.zh(), kind.en())));
        format!(
            "<tr><td>{}</td><td><a href=\"/problems/{slug}?lang={tag}\"><code>{slug}</code></a></td><td>{said}</td></tr>\n",
            kind.status()
        )
    };
    let rule = |rule: &Rule| {
        let (said, fix) = (language.of_two(rule.zh(), rule.en()), language.of_two(rule.fix_zh(), rule.fix_en()));
        format!(
            "<tr id=\"{id}\"><td><code>{id}</code></td><td>{}</td><td>{}</td></tr>\n",
            sentence(said),
            sentence(fix),
            id = rule.id()
        )
    };
    let about = sentence(language.of_two(
        "失败的请求以 `application/problem+json`（RFC 9457）答复：`type` 是问题，`errors` 中的 `rule` 是被违反的规则。",
        "A request that fails is answered by `application/problem+json` (RFC 9457): its `type` is a problem, and the `rule` \
         of each of `errors` is the rule that is broken.",
    ));
    let columns = match language {
        Language::Chinese => [head(["状态", "问题", "含义"]), head(["规则", "含义", "改法"])],
        Language::English => [head(["Status", "Problem", "Meaning"]), head(["Rule", "Meaning", "Fix"])],
    };
    let table = |[head, rows]: [&str; 2]| {
        format!(
            "<div class=\"table\"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n"
        )
    };
    let rows =
        [ProblemKind::ALL.iter().map(problem).collect::<String>(), Rule::ALL.iter().map(rule).collect::<String>()];
    let [of_problems, of_rules] = [[&*columns[0], &*rows[0]], [&*columns[1], &*rows[1]]].map(table);
    let content =
        format!("<h1>{title}</h1>\n<p>{about}</p>\n<h2>{problems}</h2>\n{of_problems}<h2>{rules}</h2>\n{of_rules}");
    let other = language.of_two("/problems?lang=en", "/problems?lang=zh-CN");
    Page { language, title, other, content: &content }.write()
}

/// The page of one kind of problem: what it means, what to do, and one as it is answered.
pub(super) fn kind(kind: ProblemKind, telling: &Telling) -> String {
    let language = telling.language;
    let [means, fix, example, all] = match language {
        Language::Chinese => ["含义", "处理", "示例", "全部问题与规则"],
        Language::English => ["What it means", "What to do", "Example", "All problems and rules"],
    };
    let (slug, status, tag) = (kind.slug(), kind.status(), language.tag());
    let title = language.of_two(kind.zh(), kind.en());
    let one = kind.example();
    let written = serde_json::to_string_pretty(&ProblemDocument::new(&one, telling, REQUEST)).unwrap_or_default();
    let rule = |rule: Rule| format!("<a href=\"/problems?lang={tag}#{rule}\"><code>{rule}</code></a>");
    let rules: Vec<_> = one.faults.iter().map(|it| rule(it.rule)).collect();
    let broken = match (rules.is_empty(), language) {
        (true, _) => String::new(),
        (false, Language::Chinese) => format!("<p>示例中的规则：{}</p>\n", rules.join("、")),
        (false, Language::English) => format!("<p>Rules of the example: {}</p>\n", rules.join(", ")),
    };
    let content = format!(
        "<h1>{}</h1>\n<p class=\"slug\"><code>/problems/{slug}</code> <code>{status}</code></p>\n\
         <h2>{means}</h2>\n<p>{}</p>\n<h2>{fix}</h2>\n<p>{}</p>\n<h2>{example}</h2>\n\
         <pre><code>HTTP/1.1 {status}\ncontent-type: application/problem+json\n\n{}</code></pre>\n{broken}\
         <p><a href=\"/problems?lang={tag}\">{all}</a></p>\n",
        sentence(title),
        sentence(language.of_two(kind.meaning_zh(), kind.meaning_en())),
        sentence(language.of_two(kind.fix_zh(), kind.fix_en())),
        escape(&written),
    );
    let other = format!("/problems/{slug}?lang={}", language.of_two("en", "zh-CN"));
    Page { language, title: &title.replace('`', ""), other: &other, content: &content }.write()
}
