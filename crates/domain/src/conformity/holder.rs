//! Whose certificate it is: the parties of a certificate or of a test report beside those of a product.
//!
//! A firm is told by its code, and by its name where one side has none: of a certificate that is another firm's, a
//! product does not become green.

use super::certificate::Party;
use crate::parties::{Organisation, name_key};
use crate::problem::Fault;
use crate::rule::Rule;
use crate::values::Uscc;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who holds a certificate, or had a product tested
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Holder {
    /// The name (认证委托人；检验检测报告的委托单位).
    #[schema(example = "大庆示例门窗有限公司")]
    pub name: String,
    /// The unified social credit code, where the certificate or the report tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uscc: Option<Uscc>,
}

impl From<&Party> for Holder {
    fn from(party: &Party) -> Self {
        Self { name: party.name.clone(), uscc: party.uscc.clone() }
    }
}

impl Holder {
    /// Whether a party is this firm.
    pub fn is(&self, party: &Party) -> bool {
        let names = [Some(&party.name), party.other_name.as_ref()];
        same_firm(self.uscc.as_ref(), code(party), || named_alike(&self.name, names.into_iter().flatten()))
    }
}

/// The parties that a certificate or a test report names.
#[derive(Debug, Clone, Copy)]
pub struct NamedParties<'a> {
    /// Who holds the certificate, or had the sample tested.
    pub holder: &'a Party,
    /// Who has the product made, where named.
    pub manufacturer: Option<&'a Party>,
    /// Where it is made, where named.
    pub factory: Option<&'a Party>,
}

/// The organisations that a product names.
#[derive(Debug, Clone)]
pub struct ProductParties {
    /// The enterprise that offers it.
    pub enterprise: Organisation,
    /// Who has it made, where that is another.
    pub manufacturer: Option<Organisation>,
    /// Where it is made, where that is another.
    pub factory: Option<Organisation>,
}

/// A party of a certificate or a test report that is not the product's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stranger {
    /// What it is there: holder, manufacturer or factory, in both languages.
    pub as_what: (&'static str, &'static str),
    /// Its name.
    pub name: String,
    /// The firm that the product names instead.
    pub instead_of: String,
}

/// In which parties a certificate or a test report differs from a product.
///
/// The product's enterprise must be one of its parties: whoever holds it, has the product made, or makes it. A
/// manufacturer and a factory that both name must be the same.
pub fn strangers(named: NamedParties<'_>, of: &ProductParties) -> Vec<Stranger> {
    let NamedParties { holder, manufacturer, factory } = named;
    let mut strangers = Vec::new();
    let parties = [Some(holder), manufacturer, factory];
    if !parties.into_iter().flatten().any(|it| is(&of.enterprise, it)) {
        strangers.push(stranger(("持有人", "holder"), holder, &of.enterprise));
    }
    let pairs = [
        (("生产者", "manufacturer"), manufacturer, of.manufacturer.as_ref()),
        (("生产企业", "factory"), factory, of.factory.as_ref()),
    ];
    for (as_what, theirs, ours) in pairs {
        if let (Some(theirs), Some(ours)) = (theirs, ours)
            && !is(ours, theirs)
        {
            strangers.push(stranger(as_what, theirs, ours));
        }
    }
    strangers
}

fn stranger(as_what: (&'static str, &'static str), theirs: &Party, ours: &Organisation) -> Stranger {
    Stranger { as_what, name: theirs.name.clone(), instead_of: ours.name.clone() }
}

/// Refuses a certificate or a test report of others, unless who confirms it says why it proves the product.
///
/// # Errors
///
/// Names who differs: `at` the certificate or report where no reason could be given, else at `/distinct_holder`.
pub fn check_holder(
    strangers: &[Stranger],
    distinct_holder: Option<&str>,
    confirms: bool,
    at: &str,
) -> Result<(), Fault> {
    let (fault, zh, en) = match (strangers.is_empty(), distinct_holder) {
        (true, None) => return Ok(()),
        (false, Some(_)) if confirms => return Ok(()),
        (true, Some(_)) => {
            let fault = Fault::new("/distinct_holder", Rule::NotAllowed);
            return Err(fault.detail("持有人就是该产品的企业，不必说明", "it is the enterprise's own; leave this out"));
        }
        (false, Some(_)) => (
            Fault::new("/distinct_holder", Rule::NotAllowed),
            "仅可由确认者说明；",
            "only who confirms it may say so; ",
        ),
        (false, None) if confirms => (Fault::new("/distinct_holder", Rule::Required), "", ""),
        (false, None) => (Fault::new(at, Rule::HolderDiffers), "", ""),
    };
    Err(fault.detail(format!("{zh}{}", told_zh(strangers)), format!("{en}{}", told_en(strangers))))
}

/// Who differs, in Chinese.
pub fn told_zh(strangers: &[Stranger]) -> String {
    let told = |it: &Stranger| format!("{}为“{}”，不是该产品的“{}”", it.as_what.0, it.name, it.instead_of);
    strangers.iter().map(told).collect::<Vec<_>>().join("；")
}

/// Who differs, in English.
pub fn told_en(strangers: &[Stranger]) -> String {
    let told = |it: &Stranger| format!("the {} is {}, not the product's {}", it.as_what.1, it.name, it.instead_of);
    strangers.iter().map(told).collect::<Vec<_>>().join("; ")
}

/// Whether an organisation is a party. Its aliases do not count: it states them itself, and could take any firm's name.
fn is(organisation: &Organisation, party: &Party) -> bool {
    Holder { name: organisation.name.clone(), uscc: organisation.uscc.clone() }.is(party)
}

/// Whether two firms are one: by the nine characters of the organisation code that both have, else by name.
///
/// A USCC holds the organisation code as its characters 9 to 17 (GB 32100-2015 §4.1).
fn same_firm(one: Option<&Uscc>, other: Option<String>, alike: impl FnOnce() -> bool) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.as_str() == other || one.as_str().get(8..17) == Some(other.as_str()),
        _ => alike(),
    }
}

/// The code that a party tells: its USCC, else its organisation code without the hyphen.
fn code(party: &Party) -> Option<String> {
    let uscc = party.uscc.as_ref().map(ToString::to_string);
    let own = || party.organisation_code.as_ref().map(|it| it.replace('-', "").to_uppercase());
    uscc.or_else(|| own().filter(|it| it.len() == 9 && it.chars().any(|it| it != '0')))
}

fn named_alike<'a>(name: &str, mut others: impl Iterator<Item = &'a String>) -> bool {
    let key = name_key(name);
    others.any(|other| name_key(other) == key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformity::certificate::Certificate;
    use crate::conformity::certificate::tests::certificate;
    use crate::parties::Role;

    const CODE: &str = "91230607716675409L";
    const OTHER: &str = "91330100799655058B";

    fn party(name: &str, uscc: Option<&str>) -> Party {
        Party { name: name.to_owned(), uscc: uscc.map(|it| it.parse().unwrap()), ..Party::default() }
    }

    fn firm(name: &str, uscc: Option<&str>) -> Organisation {
        Organisation { uscc: uscc.map(|it| it.parse().unwrap()), ..Organisation::named(name, Role::Enterprise) }
    }

    fn named(it: &Certificate) -> NamedParties<'_> {
        NamedParties { holder: &it.holder, manufacturer: it.manufacturer.as_ref(), factory: it.factory.as_ref() }
    }

    fn strangers_of(certificate: &Certificate, enterprise: Organisation) -> Vec<Stranger> {
        let of = ProductParties { enterprise, manufacturer: None, factory: None };
        strangers(named(certificate), &of)
    }

    #[test]
    fn a_code_that_both_have_decides_and_else_the_name_does() {
        let held = |holder: Party| Certificate { holder, manufacturer: None, factory: None, ..certificate() };
        let own = |holder: Party, enterprise: Organisation| strangers_of(&held(holder), enterprise).is_empty();

        assert!(own(party("旧名", Some(CODE)), firm("新名", Some(CODE))));
        assert!(own(party("示例（大庆）建材", None), firm("示例(大庆) 建材", Some(CODE))));
        assert!(own(
            Party { organisation_code: Some("71667540-9".to_owned()), ..party("旧名", None) },
            firm("新名", Some(CODE))
        ));
        assert!(!own(party("甲", None), firm("乙", None)));
        assert!(!own(
            Party { organisation_code: Some("71667540-9".to_owned()), ..party("甲", None) },
            firm("甲", Some(OTHER))
        ));
    }

    #[test]
    fn an_alias_that_an_enterprise_gives_itself_makes_no_certificate_its_own() {
        let claiming = Organisation { aliases: vec!["别家公司".to_owned()], ..firm("冒名公司", None) };
        let held = Certificate { holder: party("别家公司", None), ..certificate() };

        assert_eq!(strangers_of(&held, claiming).len(), 1);
    }

    #[test]
    fn the_enterprise_may_be_the_factory_but_two_factories_must_be_one() {
        let made =
            Certificate { holder: party("集团", None), factory: Some(party("大庆厂", None)), ..certificate() };
        let of = ProductParties {
            enterprise: firm("大庆厂", None),
            manufacturer: None,
            factory: Some(firm("哈尔滨厂", None)),
        };

        let found = strangers(named(&made), &of);

        assert_eq!(strangers_of(&made, firm("大庆厂", None)), []);
        assert_eq!(found.iter().map(|it| it.as_what.1).collect::<Vec<_>>(), ["factory"]);
    }

    #[test]
    fn only_who_confirms_may_say_why_it_is_anothers() {
        let others = strangers_of(&Certificate { holder: party("甲", None), ..certificate() }, firm("乙", None));
        let at = |distinct, confirms| {
            check_holder(&others, distinct, confirms, "/certificate").map_err(|it| (it.pointer, it.rule))
        };

        assert_eq!(at(None, false), Err(("/certificate".to_owned(), Rule::HolderDiffers)));
        assert_eq!(at(Some("代工"), false), Err(("/distinct_holder".to_owned(), Rule::NotAllowed)));
        assert_eq!(at(None, true), Err(("/distinct_holder".to_owned(), Rule::Required)));
        assert_eq!(at(Some("代工"), true), Ok(()));
        assert!(check_holder(&[], Some("代工"), true, "/certificate").is_err());
    }
}
