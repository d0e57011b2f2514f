//! Rules that the whole repository keeps, and that no compiler knows.

mod functions;
mod imports;
mod plan;
mod plan_tests;
mod recipe;
mod rooms;
mod source;

use lvcai_domain::Event;
use lvcai_tests::{files, workspace};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What each floor may stand on. `xtask` and `tests` may use anything.
const ARROWS: &[(&str, &[&str])] = &[
    ("api", &["auth", "client", "config", "database", "domain", "exchange", "store", "trust"]),
    ("auth", &["domain"]),
    ("client", &["trust"]),
    ("config", &[]),
    ("database", &[]),
    ("domain", &[]),
    ("exchange", &["domain"]),
    ("store", &["database", "domain", "trust"]),
    ("trust", &[]),
];

#[test]
fn crates_depend_only_downwards() {
    let metadata = cargo_metadata::MetadataCommand::new()
        .manifest_path(workspace().join("Cargo.toml"))
        .no_deps()
        .other_options(vec!["--offline".to_owned()])
        .exec()
        .unwrap();
    let short = |name: &str| name.strip_prefix("lvcai-").map(str::to_owned);
    let found: BTreeMap<String, BTreeSet<String>> = metadata
        .packages
        .iter()
        .map(|package| {
            let ours = package.dependencies.iter().filter_map(|it| short(&it.name)).collect();
            (short(&package.name).unwrap(), ours)
        })
        .filter(|(name, _)| name != "xtask" && name != "tests")
        .collect();

    let wanted: BTreeMap<String, BTreeSet<String>> =
        ARROWS.iter().map(|(name, on)| ((*name).to_owned(), on.iter().map(|it| (*it).to_owned()).collect())).collect();
    assert_eq!(found, wanted);
}

#[test]
fn no_merge_has_left_its_marks() {
    let marks = ["<<<<<<<", ">>>>>>>"].map(|it| format!("\n{it} "));
    let texts = files(workspace(), &[".rs", ".md", ".toml", ".sql", ".csv", ".yaml", ".c", "Makefile"]);

    let marked: Vec<_> = texts
        .into_iter()
        .filter(|path| std::fs::read_to_string(path).is_ok_and(|text| marks.iter().any(|it| text.contains(it))))
        .collect();

    assert!(marked.is_empty(), "{marked:?}");
}

#[test]
fn no_two_migrations_have_one_number() {
    for database in ["sqlite", "postgres"] {
        let scripts = files(&workspace().join("migrations").join(database), &["up.sql"]);
        let number = |path: &PathBuf| path.parent()?.file_name()?.to_str()?.split_once('_').map(|it| it.0.to_owned());
        let numbers: Vec<String> = scripts.iter().filter_map(number).collect();

        // diesel would take one of two in silence.
        assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), scripts.len(), "{database}: {numbers:?}");
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent = of_rust(|text| !text.starts_with("//!"));

    assert!(silent.is_empty(), "no `//!` at the head of {silent:#?}");
}

#[test]
fn no_file_is_longer_than_a_person_reads_at_once() {
    let long: Vec<String> = sources()
        .into_iter()
        .filter(|path| !path.ends_with("store/src/schema.rs"))
        .map(|path| (read(&path).lines().count(), path))
        .filter(|(lines, _)| *lines > 400)
        .map(|(lines, path)| format!("{lines} lines: {}", shown(&path)))
        .collect();

    assert!(long.is_empty(), "more than 400 lines: {long:#?}");
}

#[test]
fn nothing_is_left_to_be_done_later_without_saying_where() {
    let marks =
        [["TO", "DO"], ["FIX", "ME"], ["XX", "X:"], ["to", "do!("], ["unimpl", "emented!("]].map(|it| it.concat());
    let found = mentions(&marks);

    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |database: &str| -> Vec<String> {
        let folder = workspace().join("migrations").join(database);
        let mut names: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };

    assert_eq!(names("sqlite"), names("postgres"));
    for script in files(&workspace().join("migrations"), &[".sql"]) {
        let down = script.with_file_name("down.sql");
        assert!(script.with_file_name("up.sql").exists() && down.exists(), "{} has no twin", shown(&script));
    }
}

#[test]
fn an_event_is_named_in_its_catalogue_alone() {
    let names: Vec<String> = Event::ALL.iter().map(|it| format!("\"{it}\"")).collect();
    let named = |line: &&str| names.iter().any(|it| line.contains(it));
    let mut found = Vec::new();
    for path in sources().iter().filter(|path| !path.starts_with(workspace().join("tests"))) {
        // An example in the document is text that a client reads.
        let lines = read(path).lines().filter(|it| !it.contains("example =")).filter(named).count();
        if lines > 0 && !path.ends_with("domain/src/event.rs") {
            found.push(shown(path));
        }
    }

    assert!(found.is_empty(), "a literal instead of an `Event` in {found:#?}");
}

#[test]
fn the_repository_names_neither_the_machine_it_was_written_on_nor_who_wrote_it() {
    let words = [
        ["/wo", "rk/"],
        ["/ro", "ot/"],
        ["crates", ".io"],
        ["sub", "agent"],
        ["this sess", "ion"],
        ["earlier sess", "ion"],
        ["another sess", "ion"],
        ["another hel", "per"],
        ["other hel", "per"],
        ["Clau", "de"],
        ["../sha", "red"],
    ]
    .map(|it| it.concat());
    let found = mentions(&words);

    assert!(found.is_empty(), "{found:#?}");
}

/// Lines of the repository's own text that hold one of some words.
fn mentions(words: &[String]) -> Vec<String> {
    let endings = [".rs", ".toml", ".md", ".sql", ".yaml", ".yml", ".csv", ".lua", ".sh", "Makefile", "run"];
    let mut found = Vec::new();
    for path in files(workspace(), &endings).into_iter().filter(|path| !path.ends_with("Cargo.lock")) {
        for (number, line) in (1..).zip(read(&path).lines()) {
            if words.iter().any(|word| line.contains(word.as_str())) {
                found.push(format!("{}:{number}: {}", shown(&path), line.trim()));
            }
        }
    }
    found
}

fn of_rust(wrong: fn(&str) -> bool) -> Vec<String> {
    sources().iter().filter(|path| wrong(&read(path))).map(|path| shown(path)).collect()
}

fn sources() -> Vec<PathBuf> {
    files(workspace(), &[".rs"])
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()
}

fn shown(path: &Path) -> String {
    path.strip_prefix(workspace()).unwrap().display().to_string()
}
