//! The recipe for a new noun, `api/docs/adding-a-noun.md`, against what the newest noun has.

use super::source::{code, tokens};
use super::{read, shown, sources};
use lvcai_tests::{files, workspace};
use std::collections::BTreeSet;

/// The recipe, in whose table each row is a place: its number, its file, what names the noun in it, and the files that
/// mount it.
const RECIPE: &str = "api/docs/adding-a-noun.md";

/// How many places a noun may take: more than there are now is a step back.
const MOST: usize = 12;

/// What stands in the recipe for a noun.
struct Noun {
    /// `<noun>`, its module in `domain`.
    one: &'static str,
    /// `<nouns>`, its table and its module on the other floors.
    many: &'static str,
    /// `<Noun>`, its type.
    of_type: &'static str,
    /// `<room>`, where it is.
    room: &'static str,
}

/// The newest noun that has everything of which the recipe tells.
const NEWEST: Noun = Noun { one: "test_report", many: "test_reports", of_type: "TestReport", room: "conformity" };

const LABORATORIES: Noun = Noun { one: "laboratory", many: "laboratories", of_type: "Laboratory", room: "parties" };

impl Noun {
    /// A cell of the table, told of this noun.
    fn told(&self, cell: &str) -> String {
        let (dashes, spaces) = (self.one.replace('_', "-"), self.one.replace('_', " "));
        let step = migration(self.many);
        let words = [
            ("<noun>", self.one),
            ("<nouns>", self.many),
            ("<Noun>", self.of_type),
            ("<a-noun>", &dashes),
            ("<words>", &spaces),
            ("<room>", self.room),
            ("<step>", &step),
        ];
        words.iter().fold(cell.to_owned(), |cell, (name, word)| cell.replace(name, word))
    }

    /// The files that name the module of the noun and use nothing of it: they name it to register it.
    fn registers(&self) -> BTreeSet<String> {
        let registers = |text: &str| self.is_registered(text) || text.contains(&self.told("(\"<words>s\","));
        let product = sources().into_iter().filter(|path| !path.starts_with(workspace().join("tests")));
        product.filter(|path| registers(&read(path))).map(|path| shown(&path)).collect()
    }

    fn is_registered(&self, text: &str) -> bool {
        let code = code(text);
        let tokens: Vec<&str> = tokens(&code).iter().map(|it| it.text).collect();
        let text = |at: usize| tokens.get(at).copied().unwrap_or_default();
        let places = || (0..tokens.len()).filter(|at| text(*at) == self.many || declares(&tokens, *at, self.one));
        let used = |at: usize| text(at + 1) == "::" && text(at + 2) != "routes" && text(at + 2) != "{";
        places().next().is_some() && !places().any(used)
    }
}

/// Whether a module of this name is declared here. The name alone may be that of a field.
fn declares(tokens: &[&str], at: usize, name: &str) -> bool {
    tokens[at] == name && at > 0 && tokens[at - 1] == "mod"
}

/// The folder of the migration that makes a table.
fn migration(table: &str) -> String {
    let made = format!("CREATE TABLE {table} ");
    let scripts = files(&workspace().join("migrations/sqlite"), &["up.sql"]);
    let script = scripts.iter().find(|path| read(path).contains(&made)).unwrap();
    script.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned()
}

/// A row of the recipe's table.
#[derive(Debug)]
struct Place {
    file: String,
    names: String,
    mounted_in: Vec<String>,
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The places of the recipe, told of a noun.
fn places(noun: &Noun) -> Vec<Place> {
    let recipe = read(&workspace().join(RECIPE));
    let cells = |line: &str| line.trim_matches('|').split('|').map(|it| it.trim().to_owned()).collect::<Vec<_>>();
    let rows = recipe.lines().filter(|line| line.starts_with('|')).map(cells);
    let numbered = rows.filter(|cells| cells.len() == 4 && cells[0].parse::<usize>().is_ok());
    let place = |(number, cells): (usize, Vec<String>)| {
        assert_eq!(cells[0], number.to_string(), "{RECIPE}: the places are numbered");
        let told = |cell: &str| quoted(cell).iter().map(|it| noun.told(it)).collect::<Vec<_>>();
        Place { file: told(&cells[1]).concat(), names: told(&cells[2]).concat(), mounted_in: told(&cells[3]) }
    };
    (1..).zip(numbered).map(place).collect()
}

#[test]
fn every_place_of_the_recipe_is_there_for_the_newest_noun_and_names_it() {
    let (module, of_domain) = (NEWEST.many, NEWEST.one);
    let mut wrong = Vec::new();
    let text = |file: &str| std::fs::read_to_string(workspace().join(file)).unwrap_or_default();
    let places = places(&NEWEST);
    for Place { file, names, mounted_in } in &places {
        if names.is_empty() || !text(file).contains(names) {
            wrong.push(format!("{file} does not name `{names}`"));
        }
        let unmounted = mounted_in.iter().filter(|it| !text(it).contains(module) && !text(it).contains(of_domain));
        wrong.extend(unmounted.map(|it| format!("{it} does not mount {file}")));
    }

    assert!((1..=MOST).contains(&places.len()), "{RECIPE} has {} places", places.len());
    assert!(wrong.is_empty(), "{RECIPE} is not true: {wrong:#?}");
}

#[test]
fn no_file_outside_the_recipe_has_to_know_a_noun_to_register_it() {
    let mut found = Vec::new();
    for noun in [NEWEST, LABORATORIES] {
        let places = places(&noun);
        let known: BTreeSet<String> =
            places.into_iter().flat_map(|it| it.mounted_in.into_iter().chain([it.file])).collect();
        let registers = noun.registers();
        assert!(registers.len() > 3, "{}: the rooms of three floors and the tables register it", noun.many);
        found.extend(registers.difference(&known).map(|file| format!("{file} registers {}", noun.many)));
    }

    assert!(found.is_empty(), "not in the table of {RECIPE}: {found:#?}");
}

#[test]
fn a_file_registers_what_it_names_and_does_not_use() {
    let registers = |text: &str| NEWEST.is_registered(text);

    assert!(registers("mod test_reports; fn f() { test_reports::routes(); }"));
    assert!(registers("pub mod test_report; pub use test_report::TestReport;"));
    assert!(registers("pub use conformity::{evidence, test_reports};"));
    assert!(registers("tables!(evidence, test_reports)"));
    assert!(!registers("use crate::test_reports; fn f() { test_reports::read() }"));
    assert!(!registers("struct Evidence { test_report: Id }"));
    assert!(!registers("// test_reports\nfn f() { \"test_reports\" }"));
}
