//! The rooms of each crate from top to bottom, and the tests that the files keep to them.

use super::functions::{functions, percentile};
use super::imports::{Import, Sources, imports};
use super::plan::{Floors, between_nouns, circles, machinery, shown, unplanned, upward};
use lvcai_tests::{files, workspace};
use std::path::Path;

/// What a room may import stands below it; rooms of one line do not know each other.
const API: &Floors = &[
    &["main"],
    &["lib"],
    &["cli"],
    &["server"],
    &["health"],
    &["docs"],
    &["openapi"],
    &["routes"],
    &["access", "reference", "parties", "products", "conformity", "publishing", "verifications"],
    &["batches"],
    &["http"],
    &["connections", "service"],
    &["calls", "deprecated", "proofs", "quotas", "unanswered", "uploads"],
    &["watch"],
    &["keys"],
];

const STORE: &Floors = &[
    &["lib"],
    &["audit"],
    &["verifications"],
    &["imports"],
    &["publishing"],
    &["conformity"],
    &["batches"],
    &["access", "products", "text_form"],
    &["parties"],
    &["search_index", "code_lists"],
    &["ledger"],
    &["error", "schema"],
];

const DOMAIN: &Floors = &[
    &["lib"],
    &["watch"],
    &["city_list", "verdict"],
    &["publishing"],
    &["conformity"],
    &["client"],
    &["scope"],
    &["parties", "product"],
    &["reference"],
    &["calendar", "search"],
    &["event", "ledger"],
    &["values"],
    &["ids", "spelling"],
    &["difference", "restated"],
    &["problem"],
    &["rule"],
    &["irregularity"],
    &["blanks", "catalogue", "invisible", "quota", "timeline", "wire_names"],
];

const CLIENT: &Floors = &[
    &["lib"],
    &["registry"],
    &["items"],
    &["request"],
    &["session"],
    &["link"],
    &["retry"],
    &["error"],
    &["credentials", "document", "problem", "record"],
    &["proof"],
    &["address", "private_key"],
];

/// The crates that have rooms, by their folders.
const PLANS: [(&str, &Floors); 4] =
    [("api", API), ("crates/store", STORE), ("crates/domain", DOMAIN), ("crates/client", CLIENT)];

/// Where the nouns of `api` and `store` are.
const AREAS: [&str; 7] = ["access", "reference", "parties", "products", "conformity", "publishing", "verifications"];

/// The folders of all product code.
const CRATES: [&str; 10] = [
    "api",
    "crates/auth",
    "crates/client",
    "crates/config",
    "crates/database",
    "crates/domain",
    "crates/exchange",
    "crates/store",
    "crates/trust",
    "crates/xtask",
];

/// The modules of a crate by their paths. Programs beside the main one are crates of their own.
fn sources(folder: &str) -> Sources {
    let root = workspace().join(folder).join("src");
    let module = |path: &Path| {
        let path = path.strip_prefix(&root).unwrap().with_extension("");
        let steps: Vec<_> = path.iter().map(|it| it.to_str().unwrap().to_owned()).collect();
        Some(steps.join("::").trim_end_matches("::mod").to_owned()).filter(|it| !it.starts_with("bin::"))
    };
    let all = files(&root, &[".rs"]).into_iter();
    all.filter_map(|path| Some((module(&path)?, std::fs::read_to_string(&path).unwrap()))).collect()
}

fn told<'a>(folder: &str, found: impl Iterator<Item = &'a Import>) -> Vec<String> {
    found.map(|it| format!("{folder}: {}:{} imports {}", it.from, it.line, shown(it))).collect()
}

#[test]
fn no_files_of_a_crate_go_round_in_circles() {
    let of = |folder: &str| -> Vec<String> {
        circles(&imports(&sources(folder))).iter().map(|it| format!("{folder}: {it}")).collect()
    };
    let found: Vec<String> = CRATES.into_iter().flat_map(of).collect();

    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn rooms_import_only_downwards() {
    let of = |(folder, floors): (&str, &Floors)| {
        let sources = sources(folder);
        let unplanned = unplanned(sources.keys().map(String::as_str), floors);
        let wrong = unplanned.into_iter().chain(upward(&imports(&sources), floors));
        wrong.map(|it| format!("{folder}: {it}")).collect::<Vec<_>>()
    };
    let found: Vec<String> = PLANS.into_iter().flat_map(|(folder, floors)| of((folder, floors))).collect();

    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_noun_takes_no_machinery_from_another() {
    let (api, store) = (imports(&sources("api")), imports(&sources("crates/store")));

    let mut found = told("api", between_nouns(&api, &AREAS));
    found.extend(told("crates/store", machinery(&store, &AREAS)));

    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn functions_are_short() {
    let of_tests = |module: &str| module.split("::").any(|it| it == "tests" || it.ends_with("_tests"));
    let product = CRATES.iter().flat_map(|folder| sources(folder));
    let all: Vec<_> = product
        .filter(|(module, _)| !of_tests(module))
        .flat_map(|(module, source)| functions(&source).into_iter().map(move |it| (it.lines, it.name, module.clone())))
        .collect();

    let mut lines: Vec<usize> = all.iter().map(|(lines, ..)| *lines).collect();
    lines.sort_unstable();
    let long: Vec<_> = all.iter().filter(|(lines, ..)| *lines > 60).collect();
    assert!(long.is_empty(), "more than 60 lines: {long:#?}");
    let (median, most) = (percentile(&lines, 50), percentile(&lines, 95));
    assert!(median <= 8 && most <= 27, "half of {} have at most {median} lines, 95 of 100 {most}", lines.len());
}
