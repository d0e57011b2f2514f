//! Scopes: what a client's token may do, as verb on noun. A scope alone never suffices; ownership
//! is part of the query.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, str::FromStr};
use utoipa::ToSchema;

macro_rules! scopes {
    // `$wire` is a `tt`: utoipa does not see a `literal` fragment in `rename`.
    ($($name:ident $wire:tt $en:literal $zh:literal;)*) => {
        /// What a client's token may do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        pub enum Scope {
            $(#[doc = $en] #[serde(rename = $wire)] $name,)*
        }

        impl Scope {
            /// Every scope, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Gives the name in requests and tokens.
            pub const fn wire(self) -> &'static str {
                match self { $(Self::$name => $wire),* }
            }

            /// Describes it in English.
            pub const fn en(self) -> &'static str {
                match self { $(Self::$name => $en),* }
            }

            /// Describes it in Chinese.
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$name => $zh),* }
            }
        }
    };
}

scopes! {
    OrganisationsWrite "organisations:write" "Register and amend organisations" "登记和修改机构、企业信息";
    ProductsWrite "products:write" "Add and amend products" "提交和修改产品信息";
    ProductsAdmit "products:admit" "Admit reviewed products to the database" "审核产品入库";
    CertificatesPush "certificates:push" "Push certificates and their status" "推送认证证书及其状态";
    ReportsPush "reports:push" "Push test reports and void them" "推送和作废检验检测报告";
    EvidenceWrite "evidence:write" "Create or propose evidence for a product" "建立或提出产品的证明关系";
    EvidenceConfirm "evidence:confirm" "Confirm proposed evidence" "确认产品的证明关系";
    ListsOpen "lists:open" "Open lists and catalogues" "设立名单和目录";
    ImportsUndo "imports:undo" "Take list imports back" "撤回名单导入";
    PublicationsDraft "publications:draft" "Draft publications and put them to public notice" "编制并公示名单批次";
    PublicationsApprove "publications:approve" "Approve publications" "审批名单批次";
    PublicationsPublish "publications:publish" "Publish approved publications" "发布已审批的名单批次";
    ReadPrivate "read:private" "Read what is not public, as an auditor" "审计查阅非公开记录";
}

/// A text that is no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown scope `{0}`; scopes are separated by spaces, and these are known: {known}", known = known_names())]
pub struct UnknownScope(pub String);

fn known_names() -> String {
    Scope::ALL.iter().map(|it| it.wire()).collect::<Vec<_>>().join(" ")
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.wire())
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::ALL.iter().copied().find(|it| it.wire() == text).ok_or_else(|| UnknownScope(text.to_owned()))
    }
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
        text.split_ascii_whitespace().map(str::parse).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use utoipa::PartialSchema;

    #[test]
    fn every_scope_has_one_name_in_text_and_json() {
        for scope in Scope::ALL {
            assert_eq!(scope.to_string().parse(), Ok(*scope));
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.wire());
            assert!(!scope.en().is_empty() && !scope.zh().is_ascii());
        }
        assert_eq!(Scope::ALL.len(), 13);
    }

    #[test]
    fn the_api_description_names_them_as_the_wire_does() {
        let schema = serde_json::to_value(Scope::schema()).unwrap();

        assert_eq!(schema["enum"], serde_json::to_value(Scope::ALL).unwrap());
    }

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
