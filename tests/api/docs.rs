//! What people read: the page of the operations, the guides, the problems, and what leads to them.

use lvcai_domain::ProblemKind;
use lvcai_tests::{Answer, Client, Server, Serving, WorkingFolder};
use serde_json::json;
use std::collections::BTreeSet;

/// What a browser says that it takes.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

fn page(anybody: &Client, path: &str, language: &str) -> Answer {
    let answer = anybody.send("GET", path, &[("accept", BROWSER), ("accept-language", language)], None).expect(200);
    assert!(answer.header("content-type").starts_with("text/html"), "{path}: {:?}", answer.headers);
    answer
}

/// The addresses of this server that a page names.
fn links(text: &str) -> BTreeSet<String> {
    let named = text.split("href=\"").chain(text.split("src=\"")).skip(1).filter_map(|it| it.split('"').next());
    let here = named.filter(|it| it.starts_with('/')).filter_map(|it| it.split('#').next());
    here.map(|it| it.replace("&amp;", "&")).collect()
}

#[test]
fn every_link_from_the_first_page_on_leads_somewhere_and_nowhere_else() {
    let server = Server::start();
    let anybody = server.anybody();
    let mut seen = BTreeSet::new();
    let mut next = vec!["/".to_owned()];
    while let Some(path) = next.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let answer = anybody.send("GET", &path, &[("accept", BROWSER)], None).expect(200);
        if answer.header("content-type").starts_with("text/html") {
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{path}: {policy}");
            assert!(!answer.text.contains("<script>") && !answer.text.contains("src=\"http"), "{path}");
            next.extend(links(&answer.text));
        }
    }
    for address in ["/docs/?lang=en", "/docs/guides/certification-body?lang=zh-CN", "/problems/busy?lang=en"] {
        assert!(seen.contains(address), "nothing leads to {address}: {seen:?}");
    }
}

#[test]
fn what_a_browser_loads_is_packed_and_loaded_once() {
    let server = Server::start();
    let anybody = server.anybody();
    for path in
        ["/docs/", "/docs/document.json", "/docs/page.js", "/docs/scalar-1.76.0.js", "/openapi.json", "/openapi.yaml"]
    {
        let packed = anybody.send("GET", path, &[("accept-encoding", "gzip, deflate, br")], None).expect(200);
        let plain = anybody.get(path).expect(200);
        assert_eq!((packed.header("content-encoding"), plain.header("content-encoding")), ("gzip", ""), "{path}");
        assert!(packed.header("vary").contains("accept-encoding"), "{path}");
        assert_ne!(packed.header("etag"), plain.header("etag"), "{path}");
        let again = [("accept-encoding", "gzip"), ("if-none-match", packed.header("etag"))];
        assert_eq!(anybody.send("GET", path, &again, None).status, 304, "{path}");
        let kept = if path.contains("scalar") { "public, max-age=31536000, immutable" } else { "no-cache" };
        assert_eq!(packed.header("cache-control"), kept, "{path}");
    }
}

#[test]
fn the_root_leads_people_and_programs_on() {
    let server = Server::start();
    let anybody = server.anybody();

    let [chinese, english] = ["zh-CN", "en"].map(|it| page(&anybody, "/", it));
    let told = anybody.get("/").expect(200);
    let catalog = anybody.get("/.well-known/api-catalog").expect(200);

    assert!(chinese.text.contains("接口文档") && english.text.contains("Reference"), "{}", chinese.text);
    assert_eq!(told.body["reference"], json!("https://registry.test/docs/"));
    assert!(told.header("link").contains("</.well-known/api-catalog>; rel=\"api-catalog\""), "{:?}", told.headers);
    assert!(catalog.header("content-type").starts_with("application/linkset+json"), "{:?}", catalog.headers);
    let described = &catalog.body["linkset"][0]["service-desc"][0]["href"];
    assert_eq!(described, "https://registry.test/openapi.json");
}

#[test]
fn every_problem_has_a_page_in_both_languages_and_a_document_for_programs() {
    let server = Server::start();
    let anybody = server.anybody();
    for kind in ProblemKind::ALL.iter().copied() {
        let path = format!("/problems/{}", kind.slug());
        let [chinese, english] = ["zh-CN", "en"].map(|it| page(&anybody, &path, it).text);

        let code = |text: &str| text.replace("<code>", "`").replace("</code>", "`").replace("&quot;", "\"");
        assert!(code(&chinese).contains(kind.meaning_zh()), "{path}: {chinese}");
        assert!(code(&english).contains(kind.meaning_en()), "{path}: {english}");
        assert!(
            code(&english).contains(&format!("\"type\": \"{}\"", lvcai_tests::problem(kind.slug()))),
            "{path}: {english}"
        );
        assert_eq!(page(&anybody, &format!("{path}?lang=en"), "zh-CN").text, english);
        assert_eq!(anybody.get(&path).expect(200).body["status"], kind.status());
    }
    anybody.send("GET", "/problems/unicorn", &[("accept", BROWSER)], None).problem(404, "not-found");
}

const SIGN: &str = "/docs/demo/assertions/enterprise";

#[test]
fn the_page_of_a_demo_authorises_as_a_client_of_it() {
    let folder = WorkingFolder::new();
    let demo = folder.serving("demo", None);
    let anybody = Client::anonymous(&demo.url);

    assert!(page(&anybody, "/docs/", "en").text.contains("<option value=\"enterprise\">"));
    let signed = anybody.send("POST", SIGN, &[("sec-fetch-site", "same-origin")], None).expect(200);
    assert_eq!(signed.header("cache-control"), "no-store");
    let issued = anybody.ask_for_token(signed.body["client_assertion"].as_str().unwrap(), None).expect(200);
    assert!(issued.body["scope"].as_str().unwrap().contains("products:write"), "{}", issued.text);

    anybody.send("POST", "/docs/demo/assertions/unicorn", &[], None).problem(404, "not-found");
    for elsewhere in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("host", "rebound.example.cn")]
    {
        anybody.send("POST", SIGN, &[elsewhere], None).problem(403, "forbidden");
    }
}

#[test]
fn a_demo_that_is_started_again_changes_nothing() {
    let folder = WorkingFolder::new();
    let mut first = folder.serving("demo", None);
    let head = |serving: &Serving| Client::anonymous(&serving.url).get("/v1/lists").expect(200).seq();
    let made = head(&first);
    first.kill();

    let again = folder.serving("demo", None);

    assert_eq!(head(&again), made);
}

#[test]
fn only_a_demo_that_nobody_else_can_reach_signs_for_its_clients() {
    let folder = WorkingFolder::new();
    let refuses = |serving: &Serving| {
        let anybody = Client::anonymous(&serving.url);
        anybody.send("POST", SIGN, &[], None).problem(404, "not-found");
        assert!(!page(&anybody, "/docs/", "en").text.contains("demo-client"));
    };
    let mut public = folder.serving("demo", Some("https://materials.example.cn"));
    refuses(&public);
    public.kill();

    // The same data and the same clients, whose keys lie in the folder of the demo.
    let served = folder.serving("serve", None);
    assert!(folder.path("demo").join("enterprise.pem").exists());
    refuses(&served);
}
