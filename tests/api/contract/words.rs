//! One name for one idea: the words of the document are those of the glossary's table, and no other word says the same.

use super::document;
use lvcai_tests::workspace;
use serde_json::Value;
use std::collections::BTreeSet;

/// The heading of the table of the words that clients meet.
const TABLE: &str = "## On the wire";

/// A word that clients meet, and those that it is never called by.
struct Word {
    names: Vec<String>,
    never: Vec<String>,
}

/// What is written as code in a cell.
fn codes(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn words() -> Vec<Word> {
    let glossary = std::fs::read_to_string(workspace().join("api/docs/glossary.md")).unwrap();
    let section = glossary.split(TABLE).nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let word = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        Word { names: codes(cells[0]), never: codes(cells[2]) }
    };
    rows.map(word).collect()
}

/// The names of all members and parameters, and the parts of all addresses, in the words that they are made of.
fn names(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let properties = members.get("properties").and_then(Value::as_object);
            found.extend(properties.into_iter().flat_map(|it| it.keys().cloned()));
            if let (Some(Value::String(name)), Some(Value::String(place))) = (members.get("name"), members.get("in"))
                && place != "header"
            {
                found.insert(name.clone());
            }
            members.values().for_each(|value| names(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        _ => {}
    }
}

fn all_names() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let document = document();
    names(&document, &mut found);
    let paths = document["paths"].as_object().unwrap().keys();
    found.extend(paths.flat_map(|path| path.split(['/', ':', '{', '}']).map(|it| it.replace('-', "_"))));
    found
}

#[test]
fn every_word_of_the_glossary_is_on_the_wire_and_has_no_second_name() {
    let (names, words) = (all_names(), words());
    assert!(words.len() > 20, "the table `{TABLE}` of the glossary has {} words", words.len());

    for Word { names: own, never } in &words {
        for name in own {
            assert!(names.contains(name), "`{name}` of the glossary is nowhere in the document");
        }
        for other in never {
            let meets = names.iter().find(|it| *it == other);
            assert!(meets.is_none(), "`{other}` is called `{}` here", own.join("`, `"));
        }
    }
}
