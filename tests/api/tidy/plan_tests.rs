//! Made-up crates, in each of which one thing is wrong.

use super::imports::{Import, Sources, imports};
use super::plan::{between_nouns, circles, machinery, shown, unplanned, upward};

fn sources(files: &[(&str, &str)]) -> Sources {
    files.iter().map(|(module, source)| ((*module).to_owned(), (*source).to_owned())).collect()
}

/// `from > to::item` of everything that is imported.
fn arrows(files: &[(&str, &str)]) -> Vec<String> {
    imports(&sources(files)).iter().map(arrow).collect()
}

fn arrow(import: &Import) -> String {
    format!("{} > {}", import.from, shown(import))
}

#[test]
fn a_use_is_followed_through_its_braces_to_the_files_that_are_there() {
    let files = [
        ("lib", "mod a; mod b; mod c;"),
        ("a", "use crate::{b::{self, One, d::{Two, three as four}}, c};"),
        ("b", "mod d;"),
        ("b::d", ""),
        ("c", ""),
    ];

    assert_eq!(arrows(&files), ["a > b", "a > b::One", "a > b::d::Two", "a > b::d::three", "a > c"]);
}

#[test]
fn paths_within_code_are_imports_too() {
    let files = [
        ("lib", "mod a; mod b;"),
        ("a", "fn f() -> crate::b::One { super::b::make(x.crate_name) } // crate::c::no"),
        ("b", "const TEXT: &str = \"crate::a::no\";"),
    ];

    assert_eq!(arrows(&files), ["a > b::One", "a > b::make"]);
}

#[test]
fn a_path_to_nothing_deeper_is_one_to_the_root() {
    assert_eq!(arrows(&[("lib", "mod a; pub struct It;"), ("a", "use crate::It;")]), ["a > lib::It"]);
}

#[test]
fn super_is_the_parent_of_the_module_it_stands_in() {
    let files = [
        ("lib", "mod a;"),
        ("a", "mod b; mod inner { use super::super::It; mod deep { use super::super::Own; } }"),
        ("a::b", "use super::One; use self::inner::Two; mod inner { use super::super::Three; }"),
    ];

    assert_eq!(arrows(&files), ["a > lib::It", "a::b > a::One", "a::b > a::Three"]);
}

#[test]
fn a_parent_that_declares_and_re_exports_its_children_imports_nothing() {
    let files = [
        ("lib", "mod a; pub use a::b::{One, Two}; pub(crate) use crate::a::Three;"),
        ("a", "pub mod b; pub(super) use self::b::Four; pub(in crate::a) struct Three;"),
        ("a::b", "use super::Three;"),
    ];

    assert_eq!(arrows(&files), ["a::b > a::Three"]);
    assert_eq!(circles(&imports(&sources(&files))), Vec::<String>::new());
}

#[test]
fn a_parent_that_uses_its_children_imports_them() {
    let files =
        [("lib", "mod a;"), ("a", "mod b; use b::One; fn f() { b::make() } fn g() { x::b::no() }"), ("a::b", "")];

    assert_eq!(arrows(&files), ["a > a::b::One", "a > a::b::make"]);
}

#[test]
fn a_circle_is_found_with_the_way_around_it() {
    let circle = [
        ("lib", "mod a; mod b; mod c; mod d;"),
        ("a", "use crate::b::B;"),
        ("b", "fn f() { crate::c::make() }"),
        ("c", "use super::a;"),
        ("d", "use crate::a;"),
    ];
    let mut line = circle;
    line[3].1 = "";

    assert_eq!(circles(&imports(&sources(&circle))), ["a → b → c → a"]);
    assert_eq!(circles(&imports(&sources(&line))), Vec::<String>::new());
}

#[test]
fn a_parent_and_a_child_that_use_each_other_are_a_circle() {
    let files = [("lib", "mod a;"), ("a", "mod b; use b::One;"), ("a::b", "use super::Two;")];

    assert_eq!(circles(&imports(&sources(&files))), ["a → a::b → a"]);
}

#[test]
fn an_arrow_that_points_up_or_along_is_found() {
    let files = [
        ("lib", "mod top; mod left; mod right; mod base;"),
        ("top", "use crate::left; use crate::base;"),
        ("left", "\nuse crate::right::It;"),
        ("right", "use crate::base;"),
        ("base", "use crate::top::it;"),
    ];
    let floors: [&[&str]; 4] = [&["lib"], &["top"], &["left", "right"], &["base"]];

    let found = upward(&imports(&sources(&files)), &floors);

    assert_eq!(found, ["base:1 imports top::it", "left:2 imports right::It"]);
}

#[test]
fn rooms_and_the_plan_are_the_same() {
    let floors: [&[&str]; 2] = [&["lib"], &["old", "kept"]];

    let found = unplanned(["lib", "kept", "kept::inner", "new"].into_iter(), &floors);

    assert_eq!(found, ["`new` has no floor", "`old` is not there"]);
}

/// Two nouns of one area, one of another, and machinery that is nobody's.
const NOUNS: [(&str, &str); 6] = [
    ("lib", "mod area; mod single; mod http;"),
    ("area", "mod one; mod two; fn routes() { one::routes(); two::routes() }"),
    ("area::one", "mod part; use super::two::{self, read, Two, LIMIT}; use crate::http::body; use crate::single::*;"),
    ("area::one::part", "use super::One; fn f() { crate::area::two::read() }"),
    ("area::two", ""),
    ("single", "use crate::area::one::part;"),
];

#[test]
fn a_noun_that_imports_from_another_is_found() {
    let imports = imports(&sources(&[&NOUNS[..], &[("http", "")]].concat()));

    let found: Vec<String> = between_nouns(&imports, &["area", "single"]).map(arrow).collect();

    assert_eq!(
        found,
        [
            "area::one > area::two",
            "area::one > area::two::LIMIT",
            "area::one > area::two::Two",
            "area::one > area::two::read",
            "area::one > single::*",
            "area::one::part > area::two::read",
            "single > area::one::part",
        ]
    );
}

#[test]
fn machinery_that_is_imported_out_of_another_noun_is_found() {
    let imports = imports(&sources(&[&NOUNS[..], &[("http", "")]].concat()));

    let found: Vec<String> = machinery(&imports, &["area", "single"]).map(arrow).collect();

    assert_eq!(found, ["area::one > area::two::read", "area::one > single::*"]);
}
