//! The plan of a crate: no circles, arrows that point down, and nouns that keep their machinery to themselves.

use super::imports::Import;
use std::collections::{BTreeMap, BTreeSet};

/// The rooms of a crate from top to bottom; those of one floor do not know each other.
pub(super) type Floors = [&'static [&'static str]];

/// The room that a module is in: its first step from the root.
pub(super) fn room(module: &str) -> &str {
    module.split("::").next().unwrap_or(module)
}

/// The circles among the files of a crate, each with one way around it.
pub(super) fn circles(imports: &[Import]) -> Vec<String> {
    let mut arrows: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for import in imports {
        arrows.entry(&import.from).or_default().insert(&import.to);
    }
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    for start in arrows.keys().copied() {
        if seen.contains(start) {
            continue;
        }
        if let Some(way) = way_back(&arrows, start) {
            seen.extend(way.iter().copied());
            found.push(way.join(" → "));
        }
    }
    found
}

/// The shortest way from a file back to itself.
fn way_back<'a>(arrows: &BTreeMap<&'a str, BTreeSet<&'a str>>, start: &'a str) -> Option<Vec<&'a str>> {
    let mut came: BTreeMap<&str, &str> = BTreeMap::new();
    let mut next = vec![start];
    while !next.is_empty() {
        let mut after = Vec::new();
        for from in next {
            for to in arrows.get(from).into_iter().flatten().copied() {
                if to == start {
                    let mut way = vec![start, from];
                    let mut at = from;
                    while at != start {
                        at = came[at];
                        way.push(at);
                    }
                    way.reverse();
                    return Some(way);
                }
                if !came.contains_key(to) {
                    came.insert(to, from);
                    after.push(to);
                }
            }
        }
        next = after;
    }
    None
}

/// The arrows between rooms that do not point down.
pub(super) fn upward(imports: &[Import], floors: &Floors) -> Vec<String> {
    let floor = |room: &str| floors.iter().position(|it| it.contains(&room));
    let between = imports.iter().filter(|it| room(&it.from) != room(&it.to));
    let wrong = between.filter(|it| match (floor(room(&it.from)), floor(room(&it.to))) {
        (Some(from), Some(to)) => from >= to,
        _ => true,
    });
    wrong.map(|it| format!("{}:{} imports {}", it.from, it.line, shown(it))).collect()
}

/// Rooms without a floor, and floors' rooms that are not there.
pub(super) fn unplanned<'a>(modules: impl Iterator<Item = &'a str>, floors: &Floors) -> Vec<String> {
    let there: BTreeSet<&str> = modules.map(room).collect();
    let planned: BTreeSet<&str> = floors.iter().flat_map(|it| it.iter().copied()).collect();
    let new = there.difference(&planned).map(|it| format!("`{it}` has no floor"));
    new.chain(planned.difference(&there).map(|it| format!("`{it}` is not there"))).collect()
}

/// The noun that a module belongs to, if it does: a room of nouns, or a step within an area.
fn noun<'a>(module: &'a str, areas: &[&str]) -> Option<&'a str> {
    if !areas.contains(&room(module)) {
        return None;
    }
    let end = module.match_indices("::").nth(1).map_or(module.len(), |(at, _)| at);
    module.get(..end)
}

/// Imports of one noun from another. An area's own file may know its nouns.
pub(super) fn between_nouns<'a>(imports: &'a [Import], areas: &'a [&str]) -> impl Iterator<Item = &'a Import> {
    imports.iter().filter(|it| match (noun(&it.from, areas), noun(&it.to, areas)) {
        (Some(from), Some(to)) => from != to && !to.starts_with(&format!("{from}::")),
        _ => false,
    })
}

/// Imports of a single function or macro out of another noun, instead of the noun's module.
pub(super) fn machinery<'a>(imports: &'a [Import], areas: &'a [&str]) -> impl Iterator<Item = &'a Import> {
    let single = |it: &&Import| {
        let item = it.item.as_deref().unwrap_or_default();
        it.by_use && item.starts_with(|it: char| it.is_lowercase() || it == '*')
    };
    between_nouns(imports, areas).filter(single)
}

/// What an import takes.
pub(super) fn shown(import: &Import) -> String {
    import.item.as_ref().map_or_else(|| import.to.clone(), |item| format!("{}::{item}", import.to))
}
