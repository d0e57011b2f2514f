//! What the files of a crate import from each other, read as text.
//!
//! It follows `use` and paths within code that begin with `crate`, `super`, `self` or a module that the file declares.
//! It does not expand macros, and sees no import that is written otherwise.

use super::source::{Token, after_block, code, tokens};
use std::collections::{BTreeMap, BTreeSet};

/// A crate as text: its modules by their paths (`ledger::writer`; `lib` and `main` are the roots), with their sources.
pub(super) type Sources = BTreeMap<String, String>;

/// One file uses something of another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Import {
    /// The module whose file it is in.
    pub(super) from: String,
    /// The module whose file it is of.
    pub(super) to: String,
    /// What it takes out of it; nothing when it takes the module.
    pub(super) item: Option<String>,
    /// Whether a `use` says so; a path within the code otherwise.
    pub(super) by_use: bool,
    /// Where.
    pub(super) line: usize,
}

/// The imports between the files of a crate. A parent that declares or re-exports its children imports nothing.
pub(super) fn imports(sources: &Sources) -> Vec<Import> {
    let mut found: BTreeSet<Import> = BTreeSet::new();
    for (module, source) in sources {
        let code = code(source);
        let tokens = tokens(&code);
        let mut reader = Reader { sources, module, tokens: &tokens, children: children(&tokens), found: Vec::new() };
        reader.block(0, tokens.len(), &path_of(module));
        found.extend(reader.found);
    }
    found.into_iter().collect()
}

/// The modules that a file declares and does not hold itself.
fn children(tokens: &[Token<'_>]) -> BTreeSet<String> {
    let declared = tokens.windows(3).filter(|it| it[0].text == "mod" && it[2].text == ";");
    declared.map(|it| it[1].text.to_owned()).collect()
}

/// The path of a module: that of a root is empty.
fn path_of(module: &str) -> Vec<String> {
    if is_root(module) { Vec::new() } else { module.split("::").map(str::to_owned).collect() }
}

fn is_root(module: &str) -> bool {
    module == "lib" || module == "main"
}

/// Reads the file of one module.
struct Reader<'a> {
    sources: &'a Sources,
    module: &'a str,
    tokens: &'a [Token<'a>],
    children: BTreeSet<String>,
    found: Vec<Import>,
}

impl Reader<'_> {
    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |it| it.text)
    }

    /// Reads a part of the file that is the inside of a module.
    fn block(&mut self, begin: usize, end: usize, inside: &[String]) {
        let mut at = begin;
        while at < end {
            at = match self.text(at) {
                "mod" if self.text(at + 2) == "{" => {
                    let (inner, after) = (self.text(at + 1).to_owned(), after_block(self.tokens, at + 2));
                    self.block(at + 3, after, &[inside, &[inner]].concat());
                    after
                }
                "use" => self.declaration(at, inside),
                _ => self.path(at, inside),
            };
        }
    }

    /// Reads a `use` to its end.
    fn declaration(&mut self, begin: usize, inside: &[String]) -> usize {
        let after = (begin..self.tokens.len()).find(|it| self.text(*it) == ";").unwrap_or(self.tokens.len());
        let public = begin > 0 && ["pub", ")"].contains(&self.text(begin - 1));
        let mut paths = Vec::new();
        tree(&self.tokens[begin + 1..after], &[], &mut paths);
        for path in paths {
            if let Some(path) = self.absolute(&path, inside) {
                self.note(&path, begin, true, public);
            }
        }
        after + 1
    }

    /// Reads a path that begins here, if one does; the place after it.
    fn path(&mut self, begin: usize, inside: &[String]) -> usize {
        let follows = begin > 0 && ["::", ".", "in"].contains(&self.text(begin - 1));
        if follows || self.text(begin + 1) != "::" {
            return begin + 1;
        }
        let (mut path, mut at) = (vec![self.text(begin).to_owned()], begin + 1);
        while self.text(at) == "::" && self.text(at + 1).starts_with(|it: char| it.is_alphabetic() || it == '_') {
            path.push(self.text(at + 1).to_owned());
            at += 2;
        }
        if let Some(path) = self.absolute(&path, inside) {
            self.note(&path, begin, false, false);
        }
        at
    }

    /// A path from the root of the crate; nothing for one that leads out of it or begins with a local name.
    fn absolute(&self, path: &[String], inside: &[String]) -> Option<Vec<String>> {
        let first = path.first()?.as_str();
        let up = path.iter().take_while(|it| *it == "super").count();
        let own = inside.len() == path_of(self.module).len();
        match first {
            "crate" => Some(path[1..].to_vec()),
            "super" => Some([inside.get(..inside.len().checked_sub(up)?)?, &path[up..]].concat()),
            "self" => Some([inside, &path[1..]].concat()),
            child if own && self.children.contains(child) => Some([inside, path].concat()),
            _ => None,
        }
    }

    /// Notes what a path leads to: the longest beginning of it that is a file.
    fn note(&mut self, path: &[String], at: usize, by_use: bool, public: bool) {
        let files = (0..=path.len()).rev().map(|it| (it, path[..it].join("::")));
        let root = if self.sources.contains_key("lib") { "lib" } else { "main" };
        let mut known = files.map(|(length, file)| (length, if length == 0 { root.to_owned() } else { file }));
        let Some((length, to)) = known.find(|(_, file)| self.sources.contains_key(file)) else { return };
        let below = is_root(self.module) || to.starts_with(&format!("{}::", self.module));
        if to == self.module || (public && below) {
            return;
        }
        let item = path.get(length).cloned();
        let line = self.tokens.get(at).map_or(0, |it| it.line);
        self.found.push(Import { from: self.module.to_owned(), to, item, by_use, line });
    }
}

/// The paths of a `use` without its braces.
fn tree(tokens: &[Token<'_>], before: &[String], paths: &mut Vec<Vec<String>>) {
    let mut path = before.to_vec();
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "::" => {}
            "as" => break,
            "{" => return branches(&tokens[at + 1..], &path, paths),
            "self" if !path.is_empty() => {}
            word => path.push(word.to_owned()),
        }
    }
    if path.len() > before.len() || !before.is_empty() {
        paths.push(path);
    }
}

/// The branches of a brace, parted by the commas that stand in no other brace.
fn branches(tokens: &[Token<'_>], before: &[String], paths: &mut Vec<Vec<String>>) {
    let (mut depth, mut begin) = (0, 0);
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "{" => depth += 1,
            "}" if depth == 0 => {
                if at > begin {
                    tree(&tokens[begin..at], before, paths);
                }
                return;
            }
            "}" => depth -= 1,
            "," if depth == 0 => {
                tree(&tokens[begin..at], before, paths);
                begin = at + 1;
            }
            _ => {}
        }
    }
}
