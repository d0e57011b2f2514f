//! Names that are nearly the one that was meant.
//!
//! They are offered, never taken: which is meant is not for the program to guess.

use std::collections::BTreeSet;

use super::kinds;
use crate::problem::Fault;
use crate::rule::Rule;
use crate::spelling::normalise;

/// How many names are offered.
const OFFERED: usize = 5;
/// How many codes are told whole. Of more, the nearest are told alone.
const TOLD: usize = 100;
/// How alike two names must be, of 1,000.
const ENOUGH: usize = 400;

/// The names that are most like a wanted one, the nearest first.
pub fn alike<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = letters(wanted);
    let mut scored: Vec<(usize, &str)> = names
        .into_iter()
        .map(|name| (likeness(&wanted, &letters(name)), name))
        .filter(|(likeness, _)| *likeness >= ENOUGH)
        .collect();
    scored.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(other.1)));
    scored.dedup_by(|one, other| one.1 == other.1);
    scored.into_iter().take(OFFERED).map(|(_, name)| name).collect()
}

/// The kinds whose names are most like a wanted one, each as `code name`.
pub fn kinds_like(wanted: &str) -> Vec<String> {
    let names = alike(wanted, kinds().iter().map(|it| it.name_zh.as_str()));
    let kinds = names.iter().flat_map(|name| kinds().iter().filter(move |it| it.name_zh == **name));
    kinds.map(|it| format!("{} {}", it.code, it.name_zh)).collect()
}

/// The fault of a parameter whose code is not known, with the codes that are, or those that are most like it where they
/// are many.
pub fn code_unknown(parameter: &str, wanted: &str, mut known: Vec<String>) -> Fault {
    known.sort();
    if known.len() > TOLD {
        let likeness = |it: &String| strsim::jaro_winkler(wanted, it);
        known.sort_by(|one, other| likeness(other).total_cmp(&likeness(one)));
        known.truncate(OFFERED);
    }
    Fault::new(parameter, Rule::CodeUnknown).allowed(known)
}

fn letters(name: &str) -> Vec<char> {
    normalise(name).chars().filter(|c| c.is_alphabetic()).collect()
}

/// How alike two names are, of 1,000: the pairs of letters that they share, and more where one holds the other.
fn likeness(one: &[char], other: &[char]) -> usize {
    let pairs = |it: &[char]| it.windows(2).map(<[char]>::to_vec).collect::<BTreeSet<_>>();
    let (mine, theirs) = (pairs(one), pairs(other));
    let all = mine.len() + theirs.len();
    if all == 0 {
        return 0;
    }
    let shared = mine.intersection(&theirs).count();
    let holds = shared > 0 && (shared == mine.len() || shared == theirs.len());
    2 * shared * 1_000 / all + if holds { ENOUGH } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::kind_by_name;

    #[test]
    fn a_kind_that_is_nearly_named_is_offered() {
        for (wanted, name) in
            [("24 纸面石膏板", "纸面石膏板"), ("建筑门窗", "建筑门窗及配件"), ("预拌砼 预拌混凝土", "预拌混凝土")]
        {
            let kinds = kinds_like(wanted);
            assert!(kinds.iter().any(|it| it.contains(name)) && kinds.len() <= 2 * OFFERED, "{wanted}: {kinds:?}");
            assert!(kind_by_name(wanted).is_none(), "{wanted}");
        }
        assert_eq!(kinds_like("电冰箱"), Vec::<String>::new());
    }

    #[test]
    fn of_few_codes_all_are_told_and_of_many_the_nearest() {
        let codes = |count: u32| (0..count).map(|it| format!("CNCA-R-2006-{it:03}")).collect::<Vec<_>>();

        assert_eq!(code_unknown("list", "x", vec!["b".to_owned(), "a".to_owned()]).allowed, ["a", "b"]);
        assert_eq!(code_unknown("body", "CNCA-R-2006-148", codes(100)).allowed.len(), 100);
        let near = code_unknown("body", "CNCA-R-2006-0122", codes(185)).allowed;
        assert_eq!((near.len(), near[0].as_str()), (OFFERED, "CNCA-R-2006-012"));
    }

    #[test]
    fn a_body_that_is_nearly_named_is_offered() {
        let bodies = ["中国建筑科学研究院", "中国质量认证中心", "方圆标志认证集团有限公司"];
        assert_eq!(alike("中国建筑科学研究院有限公司", bodies)[0], bodies[0]);
        assert_eq!(alike("方圆标志认证集团有限公司（CQM）", bodies)[0], bodies[2]);
        assert_eq!(alike("某某", bodies), Vec::<&str>::new());
    }
}
