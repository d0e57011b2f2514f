//! Which certification body a text names: by its name of now or before, an alias, or its approval number.
//!
//! Spelling and brackets make no difference. What names two bodies, or nearly one, is nobody's: the candidates are
//! offered, and which is meant is not for the program to guess.

use crate::parties::certification_body::CertificationBody;
use crate::parties::organisation::name_key;
use crate::reference::alike;
use crate::spelling;
use crate::values::ApprovalNumber;
use std::collections::BTreeMap;

/// The form in which two spellings of a body's name are equal: no brackets, no punctuation.
pub fn body_key(name: &str) -> String {
    name_key(name).chars().filter(|c| c.is_alphanumeric()).collect()
}

impl CertificationBody {
    /// The texts by which it is found: each on a line of its own, between line ends.
    pub fn search_keys(&self) -> String {
        let names = [self.name.as_str(), self.approval_number.as_str()].into_iter();
        let names = names.chain(self.former_names.iter().map(|it| it.name.as_str()));
        let names = names.chain(self.aliases.iter().map(|it| it.name.as_str()));
        let mut keys: Vec<String> = names.map(body_key).collect();
        let mut seen = std::collections::BTreeSet::new();
        keys.retain(|it| !it.is_empty() && seen.insert(it.clone()));
        format!("\n{}\n", keys.join("\n"))
    }
}

/// The body that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedBody {
    /// Its approval number.
    pub number: ApprovalNumber,
    /// Its name.
    pub name: String,
    /// The alias by which it was found, where nobody has verified that it is this body's.
    pub unverified_alias: Option<String>,
}

/// How good a reason a text is to take a body for the one that is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ground {
    Name,
    Alias { verified: bool },
}

/// All certification bodies, by what they are called.
#[derive(Debug, Clone, Default)]
pub struct BodyNames {
    names: BTreeMap<ApprovalNumber, String>,
    /// The bodies of each key.
    keys: BTreeMap<String, BTreeMap<ApprovalNumber, Ground>>,
    /// Each name as it is written, with whose it is.
    written: Vec<(String, ApprovalNumber)>,
}

impl FromIterator<CertificationBody> for BodyNames {
    fn from_iter<I: IntoIterator<Item = CertificationBody>>(bodies: I) -> Self {
        let mut all = Self::default();
        bodies.into_iter().for_each(|it| all.add(it));
        all
    }
}

impl BodyNames {
    fn add(&mut self, body: CertificationBody) {
        let CertificationBody { approval_number: number, name, former_names, aliases, .. } = body;
        let former = former_names.into_iter().map(|it| (it.name, Ground::Name));
        let aliases = aliases.into_iter().map(|it| (it.name, Ground::Alias { verified: it.verified }));
        for (text, ground) in [(name.clone(), Ground::Name)].into_iter().chain(former).chain(aliases) {
            let known = self.keys.entry(body_key(&text)).or_default().entry(number.clone()).or_insert(ground);
            *known = ground.min(*known);
            self.written.push((text, number.clone()));
        }
        self.names.insert(number, name);
    }

    /// The body that a text names.
    ///
    /// # Errors
    ///
    /// Answers those that may be meant, each as `number name`, where it names none or more than one.
    pub fn find(&self, text: &str) -> Result<NamedBody, Vec<String>> {
        if let Some((number, rest)) = numbered(text) {
            return self.by_number(&number, &rest);
        }
        let found = self.called(&body_key(text));
        if found.is_empty()
            && let Some((front, inside)) = bracketed(text)
        {
            // A seal or a list writes the short name behind the name. Both must be the same body's: a branch is not.
            let (front, inside) = (self.called(&body_key(&front)), self.called(&body_key(&inside)));
            let both = front.iter().find(|(number, _)| inside.iter().any(|(it, _)| it == number));
            return match (both, front.as_slice(), inside.as_slice()) {
                (Some((number, ground)), [_], [_]) => Ok(self.named(number, *ground, text)),
                _ => Err(self.offer(text, front.into_iter().chain(inside).map(|it| it.0))),
            };
        }
        match found.as_slice() {
            [(number, ground)] => Ok(self.named(number, *ground, text)),
            _ => Err(self.offer(text, found.into_iter().map(|it| it.0))),
        }
    }

    /// The body of a number; a name beside it must be its own, for wrong pairs go round.
    fn by_number(&self, number: &ApprovalNumber, rest: &str) -> Result<NamedBody, Vec<String>> {
        let known = self.names.contains_key(number);
        let named = if body_key(rest).is_empty() { None } else { Some(self.find(rest)) };
        match named {
            None if known => Ok(self.named(number, Ground::Name, "")),
            Some(Ok(body)) if body.number == *number => Ok(body),
            Some(Ok(body)) => Err(self.offer("", [number.clone(), body.number].into_iter())),
            None | Some(Err(_)) => Err(self.offer(rest, std::iter::once(number.clone()))),
        }
    }

    /// The bodies of a key, each with the reason: a name goes before an alias of others.
    fn called(&self, key: &str) -> Vec<(ApprovalNumber, Ground)> {
        let all: Vec<_> = self.keys.get(key).into_iter().flatten().map(|(it, ground)| (it.clone(), *ground)).collect();
        let by_name: Vec<_> = all.iter().filter(|it| it.1 == Ground::Name).cloned().collect();
        if by_name.is_empty() { all } else { by_name }
    }

    fn named(&self, number: &ApprovalNumber, ground: Ground, text: &str) -> NamedBody {
        let unverified = ground == Ground::Alias { verified: false };
        let name = self.names.get(number).cloned().unwrap_or_default();
        NamedBody { number: number.clone(), name, unverified_alias: unverified.then(|| text.to_owned()) }
    }

    /// Those that may be meant: the ones found, then those with a name like it.
    fn offer(&self, text: &str, found: impl Iterator<Item = ApprovalNumber>) -> Vec<String> {
        let like = alike(text, self.written.iter().map(|(name, _)| name.as_str()));
        let like = like.into_iter().filter_map(|name| self.written.iter().find(|it| it.0 == name));
        let mut offered: Vec<String> = Vec::new();
        for number in found.chain(like.map(|it| it.1.clone())) {
            let Some(name) = self.names.get(&number) else { continue };
            let it = format!("{number} {name}");
            if !offered.contains(&it) {
                offered.push(it);
            }
        }
        offered
    }
}

/// The approval number in a text, and what else it says.
fn numbered(text: &str) -> Option<(ApprovalNumber, String)> {
    let folded = spelling::fold(text).to_ascii_uppercase();
    let start = folded.find("CNCA-")?;
    let (before, from) = folded.split_at_checked(start)?;
    let end = from.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(from.len());
    let (number, after) = from.split_at_checked(end)?;
    let number = number.trim_end_matches('-').parse().ok()?;
    let rest =
        ["批准号", "机构批准号", "认证机构"].iter().fold(format!("{before}{after}"), |it, word| it.replace(word, ""));
    Some((number, rest.replace("()", "")))
}

/// A text before brackets at its end, and what stands in them.
fn bracketed(text: &str) -> Option<(String, String)> {
    let folded = spelling::fold(text);
    let (front, inside) = folded.strip_suffix(')')?.rsplit_once('(')?;
    Some((front.to_owned(), inside.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::OrganisationId;
    use crate::parties::certification_body::{BodyAlias, BodyStatement, FormerName};

    fn body(number: &str, name: &str, former: &[&str], aliases: &[(&str, bool)]) -> CertificationBody {
        let source = || "来源".to_owned();
        let old =
            |it: &&str| FormerName { name: (*it).to_owned(), valid_until: None, source: source(), verified: true };
        let alias = |it: &(&str, bool)| BodyAlias { name: it.0.to_owned(), source: source(), verified: it.1 };
        let stated = BodyStatement {
            name: name.to_owned(),
            former_names: Some(former.iter().map(old).collect()),
            aliases: Some(aliases.iter().map(alias).collect()),
            note: None,
            source: source(),
            verified: true,
            renamed_on: None,
        };
        CertificationBody::registered(number.parse().unwrap(), OrganisationId::mint(), stated)
    }

    fn names() -> BodyNames {
        BodyNames::from_iter([
            body("CNCA-R-2002-001", "甲认证中心有限公司", &["甲认证中心"], &[("JIA", true)]),
            body("CNCA-R-2002-002", "乙标志认证集团有限公司", &[], &[("YIB", false), ("标志", true)]),
            body("CNCA-R-2002-003", "丙联合（北京）认证中心", &["丁认证"], &[("标志", true)]),
            body("CNCA-R-2002-004", "丁认证", &[], &[("甲认证中心", false)]),
        ])
    }

    fn number(text: &str) -> String {
        names().find(text).map_or_else(|offered| offered.join("/"), |it| it.number.to_string())
    }

    #[test]
    fn a_body_is_found_by_its_names_of_now_and_before_its_aliases_and_its_number() {
        for text in [
            "甲认证中心有限公司",
            "甲认证中心",
            "ＪＩＡ",
            "jia",
            "甲认证中心有限公司（JIA）",
            "CNCA-R-2002-001",
            "cnca－r－2002－001",
            "批准号：CNCA-R-2002-001",
            "甲认证中心（CNCA-R-2002-001）",
        ] {
            assert_eq!(number(text), "CNCA-R-2002-001", "{text}");
        }
        for text in ["丙联合(北京)认证中心", "丙联合 【北京】 认证中心", "丙联合北京认证中心"]
        {
            assert_eq!(number(text), "CNCA-R-2002-003", "{text}");
        }
    }

    #[test]
    fn what_names_two_or_nearly_one_is_nobodys_and_offered() {
        assert_eq!(number("丁认证"), "CNCA-R-2002-003 丙联合（北京）认证中心/CNCA-R-2002-004 丁认证");
        assert_eq!(number("标志").matches("CNCA").count(), 2);
        assert!(number("乙标志认证集团有限公司（北京分公司）").starts_with("CNCA-R-2002-002 乙标志认证集团有限公司"));
        assert!(number("甲认证中心有限公司（YIB）").contains(" ") && number("甲认证有限公司").contains(" "));
        assert!(number("甲认证中心（CNCA-R-2002-002）").starts_with("CNCA-R-2002-002 "), "a wrong pair is not taken");
        assert_eq!(number("CNCA-R-2099-999"), "");
        assert_eq!(number("某某"), "");
    }

    #[test]
    fn an_alias_that_nobody_has_verified_is_told() {
        let by = |text: &str| names().find(text).unwrap().unverified_alias;

        assert_eq!(by("YIB").as_deref(), Some("YIB"));
        assert!(by("乙标志认证集团有限公司（YIB）").is_none(), "the name itself is verified");
        assert!(by("甲认证中心").is_none(), "a name goes before another's alias");
    }

    #[test]
    fn the_texts_by_which_a_body_is_found_stand_on_lines_of_their_own() {
        let it = body("CNCA-R-2002-002", "乙（集团）", &["乙（集团）", "乙"], &[("YI-B", false)]);

        assert_eq!(it.search_keys(), "\n乙集团\ncncar2002002\n乙\nyib\n");
    }
}
