//! The failures that an operation can answer, from the catalogue: one shared response for each status and the problems
//! that stand behind it.

use super::headers;
use crate::http::{Language, ProblemDocument, Telling};
use lvcai_domain::ProblemKind;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Components, ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

/// The registry of examples, as the examples of schemas have it too.
const REGISTRY: &str = "https://registry.example";

/// The id of the request in examples.
const REQUEST: &str = "01900000-0000-7000-8000-000000000000";

/// The statuses that say of a request whether it may do what it asks for.
const OF_ACCESS: [u16; 2] = [401, 403];

/// Says that an operation can fail so. Each status names the problems that it can stand for.
pub(super) fn add(operation: &mut Operation, kinds: &BTreeSet<ProblemKind>, components: &mut Components) {
    let mut by_status: BTreeMap<u16, Vec<ProblemKind>> = BTreeMap::new();
    for kind in kinds {
        by_status.entry(kind.status()).or_default().push(*kind);
    }
    for (status, kinds) in by_status {
        let name = name(&kinds);
        components.responses.entry(name.clone()).or_insert_with(|| RefOr::T(response(status, &kinds)));
        let response = RefOr::Ref(Ref::from_response_name(name));
        operation.responses.responses.entry(status.to_string()).or_insert(response);
    }
}

/// `BusyOrOutcomeUnknown`: what the shared response is called.
fn name(kinds: &[ProblemKind]) -> String {
    kinds.iter().map(|it| in_one_word(it.slug())).collect::<Vec<_>>().join("Or")
}

fn in_one_word(slug: &str) -> String {
    let capital = |word: &str| word.chars().next().map(|it| it.to_ascii_uppercase().to_string() + &word[1..]);
    slug.split('-').filter_map(capital).collect()
}

fn response(status: u16, kinds: &[ProblemKind]) -> Response {
    let said = kinds.iter().map(|it| format!("`{}`: {}", it.slug(), it.en()));
    let mut told = vec!["X-Request-Id", "RateLimit", "RateLimit-Policy", "Content-Language", "Vary"];
    told.extend(OF_ACCESS.contains(&status).then_some("WWW-Authenticate"));
    told.extend([429, 503].contains(&status).then_some("Retry-After"));
    let mut response = problem(&said.collect::<Vec<_>>().join("\n\n"), &told);
    if let Some(RefOr::T(content)) = response.content.get_mut("application/problem+json") {
        let example = |it: &ProblemKind| {
            (it.slug().to_owned(), RefOr::Ref(Ref::new(format!("#/components/examples/{}", it.slug()))))
        };
        content.examples = kinds.iter().map(example).collect();
    }
    response
}

/// An example of each problem of the catalogue, by its slug.
pub(crate) fn examples(language: Language) -> Map<String, Value> {
    let telling = Telling::at(REGISTRY, language);
    let example = |kind: &ProblemKind| {
        let value = ProblemDocument::new(&kind.example(), &telling, REQUEST);
        let title = language.of_two(kind.zh(), kind.en());
        (kind.slug().to_owned(), json!({ "summary": format!("{}: {title}", kind.slug()), "value": value }))
    };
    ProblemKind::ALL.iter().map(example).collect()
}

/// What may come in the place of any answer.
pub(super) fn any() -> Response {
    let about = "Any other failure, such as 405 `method-not-allowed`; `type` says which of `/problems`";
    problem(about, &["X-Request-Id", "RateLimit", "RateLimit-Policy", "Content-Language", "Vary", "Allow"])
}

fn problem(about: &str, told: &[&str]) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let mut response = ResponseBuilder::new().description(about).content("application/problem+json", content).build();
    response.headers = told.iter().map(|name| ((*name).to_owned(), headers::named(name))).collect();
    response
}
