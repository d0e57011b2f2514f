//! Scopes as OAuth writes them: a text separated by spaces.

use lvcai_domain::Scope;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, str::FromStr};
use utoipa::ToSchema;

/// A text that is no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown scope `{0}`; scopes are separated by spaces, and these are known: {known}", known = known_names())]
pub struct UnknownScope(pub String);

fn known_names() -> String {
    Scope::NAMES.join(" ")
}

fn known(name: &str) -> Result<Scope, UnknownScope> {
    name.parse().map_err(|_| UnknownScope(name.to_owned()))
}

/// A set of scopes: text separated by single spaces in OAuth (RFC 6749 §3.3), an array in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Says whether the scope is among them.
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Says whether all of these are among the others.
    pub fn is_subset(&self, others: &Self) -> bool {
        self.0.is_subset(&others.0)
    }

    /// Says whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Goes through them in order.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }

    /// Reads the scopes this version knows: a token of a newer replica may hold more, and grants less here.
    pub(crate) fn known(text: &str) -> Self {
        text.split(' ').filter_map(|it| it.parse().ok()).collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Scope::wire).collect();
        f.write_str(&names.join(" "))
    }
}

impl FromStr for Scopes {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        text.split_ascii_whitespace().map(known).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scopes_are_separated_by_spaces_and_an_unknown_one_is_named_with_those_that_are_known() {
        let scopes: Scopes = "products:write certificates:push products:write".parse().unwrap();

        assert_eq!(scopes.to_string(), "products:write certificates:push");
        assert_eq!(serde_json::to_string(&scopes).unwrap(), r#"["products:write","certificates:push"]"#);
        for unknown in ["fly", "products:write,certificates:push"] {
            let told = format!("products:write {unknown}").parse::<Scopes>().unwrap_err().to_string();
            assert!(told.contains(&format!("`{unknown}`")) && told.contains("certificates:push"), "{told}");
        }
        assert_eq!(" products:write  certificates:push ".parse::<Scopes>(), Ok(scopes.clone()));
        assert_eq!("".parse::<Scopes>(), Ok(Scopes::default()));
        assert_eq!(Scopes::known("products:write products:fly certificates:push"), scopes);
    }

    #[test]
    fn sets_compare_as_sets() {
        let all: Scopes = Scope::ALL.iter().copied().collect();
        let one: Scopes = "lists:open".parse().unwrap();

        assert!(one.is_subset(&all) && !all.is_subset(&one) && one.contains(Scope::ListsOpen));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = text.parse::<Scopes>();
        }
    }
}
