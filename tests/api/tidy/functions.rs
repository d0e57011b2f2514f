//! How long functions are.

use super::source::{Token, after_block, code, tokens};

/// A function and the lines from its `fn` to its closing brace.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    /// Its name.
    pub(super) name: String,
    /// How many lines it has.
    pub(super) lines: usize,
}

/// The functions of a source that have a body, tests within it aside.
pub(super) fn functions(source: &str) -> Vec<Function> {
    let code = code(source);
    let tokens = tokens(&code);
    let (mut found, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        if begins(&tokens, at, &["mod", "tests", "{"]) {
            at = after_block(&tokens, at + 2);
            continue;
        }
        found.extend(function(&tokens, at));
        at += 1;
    }
    found
}

fn begins(tokens: &[Token<'_>], at: usize, words: &[&str]) -> bool {
    tokens.iter().skip(at).map(|it| it.text).take(words.len()).eq(words.iter().copied())
}

/// The function whose `fn` stands at a place; a type `fn(…)` has no name, a method without a body no length.
fn function(tokens: &[Token<'_>], at: usize) -> Option<Function> {
    let name = tokens.get(at + 1).filter(|it| it.text.starts_with(|it: char| it.is_alphabetic() || it == '_'))?;
    if tokens[at].text != "fn" {
        return None;
    }
    let mut depth = 0;
    for (open, token) in tokens.iter().enumerate().skip(at + 2) {
        match token.text {
            "(" | "[" => depth += 1,
            ")" | "]" => depth -= 1,
            ";" if depth == 0 => return None,
            "{" if depth == 0 => {
                let last = tokens.get(after_block(tokens, open) - 1)?;
                return Some(Function { name: name.text.to_owned(), lines: last.line - tokens[at].line + 1 });
            }
            _ => {}
        }
    }
    None
}

/// The value that so many of a hundred do not exceed, of values in order.
pub(super) fn percentile(sorted: &[usize], percent: usize) -> usize {
    let place = (sorted.len() * percent).div_ceil(100);
    sorted.get(place.saturating_sub(1)).copied().unwrap_or_default()
}

#[test]
fn functions_are_as_long_as_from_their_word_to_their_brace() {
    let source = "impl A {\n    fn one(&self) -> [u8; 2] { [1, 2] }\n\n    pub fn two<T>(\n        t: T,\n    ) where\n        T: B,\n    {\n        let c = '}';\n        fn inner() {\n        }\n    }\n    fn no_body();\n}\ntype F = fn(u8) -> u8;\nmod tests {\n    fn of_a_test() {}\n}\n";

    let found: Vec<(String, usize)> = functions(source).into_iter().map(|it| (it.name, it.lines)).collect();

    assert_eq!(found, [("one".to_owned(), 1), ("two".to_owned(), 9), ("inner".to_owned(), 2)]);
}

#[test]
fn a_percentile_is_one_of_the_values() {
    assert_eq!(percentile(&[1, 2, 3, 4], 50), 2);
    assert_eq!(percentile(&[1, 2, 3, 4], 95), 4);
    assert_eq!(percentile(&[7], 50), 7);
}
