//! Certification bodies: who certifies, under which approval number, and by which names they are and were known.

use crate::event::Event;
use crate::ids::OrganisationId;
use crate::parties::accreditation::Accreditation;
use crate::parties::organisation::name_key;
use crate::problem::Fault;
use crate::rule::Rule;
use crate::values::ApprovalNumber;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A certification body
///
/// An organisation approved by CNCA to certify (认证机构). The approval number names it, whatever it is called; names
/// carry a source and whether they were verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CertificationBody {
    /// The approval number (批准号), which names it.
    pub approval_number: ApprovalNumber,
    /// Its name, as the source has it.
    pub name: String,
    /// Names that it had before (曾用名), the latest last: older certificates bear them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_names: Vec<FormerName>,
    /// Other names by which it is known (简称, 印章名称).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<BodyAlias>,
    /// The organisation that it is.
    pub organisation: OrganisationId,
    /// What else is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where the record comes from.
    pub source: String,
    /// Whether number and name were checked against the approving authority's publication.
    pub verified: bool,
    /// What it may certify, as the city's authority has recorded it. A body without one pushes nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accreditation: Option<Accreditation>,
}

/// A name that a certification body had before
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FormerName {
    /// The name.
    #[schema(min_length = 1, max_length = 200, example = "中国示例认证中心")]
    pub name: String,
    /// The last day on which it was the name, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// Where this is from.
    #[schema(min_length = 1, max_length = 300)]
    pub source: String,
    /// Whether it was checked against the approving authority's publication.
    pub verified: bool,
}

/// Another name by which a certification body is known
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BodyAlias {
    /// The name: a short one, that of a seal, one that others write.
    #[schema(min_length = 1, max_length = 200, example = "CQM")]
    pub name: String,
    /// Where this is from.
    #[schema(min_length = 1, max_length = 300)]
    pub source: String,
    /// Whether it was checked that this body is meant. A list that names a body so is told of it where it was not.
    pub verified: bool,
}

/// What an authority states of a certification body, but for what it is accredited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyStatement {
    /// Its name.
    pub name: String,
    /// All its former names; those on record where absent.
    pub former_names: Option<Vec<FormerName>>,
    /// All its aliases; those on record where absent.
    pub aliases: Option<Vec<BodyAlias>>,
    /// What else is known.
    pub note: Option<String>,
    /// Where this is from.
    pub source: String,
    /// Whether number and name were checked.
    pub verified: bool,
    /// The first day of the name, where it is another than before; today when absent.
    pub renamed_on: Option<Date>,
}

impl BodyStatement {
    /// What it says against itself.
    pub fn faults(&self, today: Date) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.renamed_on.is_some_and(|day| day > today) {
            faults.push(Fault::new("/renamed_on", Rule::OutOfRange).detail(
                "更名日期不能晚于今天；届时再登记",
                "a change of name cannot lie ahead; record it when it has come",
            ));
        }
        let aliases = self.aliases.iter().flatten().map(|it| &it.name);
        faults.extend(repeated(aliases).map(|at| Fault::new(format!("/aliases/{at}/name"), Rule::Duplicate)));
        faults
    }

    /// The statement with what is on record beside it: further former names and aliases take nothing away.
    #[must_use]
    pub fn added_to(self, before: &CertificationBody) -> Self {
        let former = |it: &FormerName| it.name.clone();
        let alias = |it: &BodyAlias| it.name.clone();
        Self {
            former_names: self.former_names.map(|more| joined(&before.former_names, more, former)),
            aliases: self.aliases.map(|more| joined(&before.aliases, more, alias)),
            note: self.note.or_else(|| before.note.clone()),
            ..self
        }
    }
}

fn repeated<'a>(names: impl Iterator<Item = &'a String>) -> impl Iterator<Item = usize> {
    let mut seen = std::collections::BTreeSet::new();
    names.map(|it| name_key(it)).enumerate().filter(move |(_, key)| !seen.insert(key.clone())).map(|(at, _)| at)
}

fn joined<T: Clone>(known: &[T], more: Vec<T>, name: impl Fn(&T) -> String) -> Vec<T> {
    let mut all = known.to_vec();
    for it in more {
        match all.iter_mut().find(|known| name_key(&name(known)) == name_key(&name(&it))) {
            Some(known) => *known = it,
            None => all.push(it),
        }
    }
    all
}

impl CertificationBody {
    /// A body of which nothing was known before.
    pub fn registered(approval_number: ApprovalNumber, organisation: OrganisationId, stated: BodyStatement) -> Self {
        let BodyStatement { name, former_names, aliases, note, source, verified, renamed_on: _ } = stated;
        let (former_names, aliases) = (former_names.unwrap_or_default(), aliases.unwrap_or_default());
        Self { approval_number, name, former_names, aliases, organisation, note, source, verified, accreditation: None }
    }

    /// The body as it is stated now, and what that amounts to; `None` where all of it was known.
    pub fn restated(&self, stated: BodyStatement, today: Date) -> Option<(Event, Self)> {
        let BodyStatement { name, former_names, aliases, note, source, verified, renamed_on } = stated;
        let named = Self {
            former_names: former_names.unwrap_or_else(|| self.former_names.clone()),
            aliases: aliases.unwrap_or_else(|| self.aliases.clone()),
            note,
            ..self.clone()
        };
        let after = named.renamed(&name, renamed_on.unwrap_or(today));
        let after = Self { source, verified, ..after };
        let event =
            if self.is_called(&name) { Event::CertificationBodyAmended } else { Event::CertificationBodyRenamed };
        (after != *self).then_some((event, after))
    }

    /// The body under another name from a day on: the name before stays known. Another spelling is the same name.
    #[must_use]
    pub fn renamed(&self, name: &str, on: Date) -> Self {
        let mut after = Self { name: name.to_owned(), ..self.clone() };
        if self.is_called(name) {
            return after;
        }
        let known = after.former_names.iter().any(|it| name_key(&it.name) == name_key(&self.name));
        if !known {
            after.former_names.push(FormerName {
                name: self.name.clone(),
                valid_until: on.yesterday().ok(),
                source: self.source.clone(),
                verified: self.verified,
            });
        }
        after
    }

    /// Whether this is its name, whatever the spelling.
    pub fn is_called(&self, name: &str) -> bool {
        name_key(&self.name) == name_key(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 3, 2);

    fn stated(name: &str) -> BodyStatement {
        BodyStatement {
            name: name.to_owned(),
            former_names: None,
            aliases: None,
            note: None,
            source: "认监委公告".to_owned(),
            verified: true,
            renamed_on: None,
        }
    }

    fn alias(name: &str) -> BodyAlias {
        BodyAlias { name: name.to_owned(), source: "印章".to_owned(), verified: false }
    }

    fn body() -> CertificationBody {
        let number = "CNCA-R-2021-999".parse().unwrap();
        CertificationBody::registered(number, OrganisationId::mint(), stated("示例认证中心"))
    }

    #[test]
    fn a_name_that_was_replaced_stays_known_with_its_last_day() {
        let renaming = BodyStatement { renamed_on: Some(date(2025, 7, 1)), ..stated("示例认证有限公司") };

        let (event, after) = body().restated(renaming, TODAY).unwrap();

        assert_eq!(event, Event::CertificationBodyRenamed);
        let former: Vec<_> = after.former_names.iter().map(|it| (it.name.as_str(), it.valid_until)).collect();
        assert_eq!(former, [("示例认证中心", Some(date(2025, 6, 30)))]);
        assert_eq!(after.restated(stated("示例认证有限公司"), TODAY), None, "the same again says nothing new");
    }

    #[test]
    fn another_spelling_is_the_same_name() {
        let before = CertificationBody { name: "中环联合（北京）认证中心".to_owned(), ..body() };

        let (event, after) = before.restated(stated("中环联合(北京)认证中心"), TODAY).unwrap();

        assert_eq!((event, after.former_names.len()), (Event::CertificationBodyAmended, 0));
    }

    #[test]
    fn aliases_stand_until_others_are_stated_and_a_file_adds_to_them() {
        let named = |aliases: &[&str]| BodyStatement {
            aliases: Some(aliases.iter().map(|it| alias(it)).collect()),
            ..stated("示例认证中心")
        };
        let (_, one) = body().restated(named(&["示例"]), TODAY).unwrap();

        assert_eq!(one.restated(stated("示例认证中心"), TODAY), None);
        let added = named(&["SLC", "示例"]).added_to(&one);
        assert_eq!(
            added.aliases.as_ref().unwrap().iter().map(|it| it.name.as_str()).collect::<Vec<_>>(),
            ["示例", "SLC"]
        );
        assert_eq!(one.restated(named(&[]), TODAY).unwrap().1.aliases, []);
    }

    #[test]
    fn a_change_of_name_ahead_and_an_alias_twice_are_refused() {
        let ahead = BodyStatement { renamed_on: Some(date(2026, 3, 3)), ..stated("示例") };
        let twice = BodyStatement { aliases: Some(vec![alias("cqm"), alias("ＣＱＭ")]), ..stated("示例") };

        assert_eq!(ahead.faults(TODAY)[0].pointer, "/renamed_on");
        assert_eq!(twice.faults(TODAY)[0].pointer, "/aliases/1/name");
        assert!(stated("示例").faults(TODAY).is_empty());
    }
}
