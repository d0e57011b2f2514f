//! Identifiers: one type for each kind of thing, so that a product can never
//! be passed where a certificate is meant.
//!
//! On the wire an identifier is a prefix over a UUIDv7 (RFC 9562), so that a
//! reader sees what it names; in a column it is the UUID alone.

use crate::rule::Rule;
use serde::{Deserialize, Serialize};
use std::fmt::{Display, Formatter};
use std::str::FromStr;
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal, $pattern:literal, $example:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schema(value_type = String, pattern = $pattern, example = $example)]
        pub struct $name(Uuid);

        impl $name {
            /// Mints an identifier; version 7 keeps keys in the order of their making.
            pub fn mint() -> Self {
                Self(Uuid::now_v7())
            }

            /// The UUID without the prefix.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl Display for $name {
            fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = Rule;

            fn from_str(text: &str) -> Result<Self, Rule> {
                text.strip_prefix(concat!($prefix, "_")).and_then(hyphenated).map(Self).ok_or(Rule::IdForm)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Rule;

            fn try_from(text: String) -> Result<Self, Rule> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    )*};
}

/// One spelling only: lower case, with hyphens.
fn hyphenated(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok().filter(|uuid| uuid.hyphenated().to_string() == text)
}

ids! {
    /// Names an organisation.
    OrganisationId = "org", "^org_[0-9a-f-]{36}$", "org_01900000-0000-7000-8000-000000000001";
    /// Names a product.
    ProductId = "prod", "^prod_[0-9a-f-]{36}$", "prod_01900000-0000-7000-8000-000000000002";
    /// Names a certificate.
    CertificateId = "cert", "^cert_[0-9a-f-]{36}$", "cert_01900000-0000-7000-8000-000000000003";
    /// Names a test report.
    TestReportId = "rept", "^rept_[0-9a-f-]{36}$", "rept_01900000-0000-7000-8000-000000000008";
    /// Names an evidence.
    EvidenceId = "evid", "^evid_[0-9a-f-]{36}$", "evid_01900000-0000-7000-8000-000000000004";
    /// Names a publication.
    PublicationId = "publ", "^publ_[0-9a-f-]{36}$", "publ_01900000-0000-7000-8000-000000000005";
    /// Names a listing.
    ListingId = "lstg", "^lstg_[0-9a-f-]{36}$", "lstg_01900000-0000-7000-8000-000000000006";
    /// Names an import of a list.
    ListImportId = "impt", "^impt_[0-9a-f-]{36}$", "impt_01900000-0000-7000-8000-000000000009";
    /// Names a client.
    ClientId = "clnt", "^clnt_[0-9a-f-]{36}$", "clnt_01900000-0000-7000-8000-000000000007";
}

#[cfg(test)]
mod tests {
    use super::{CertificateId, ProductId};

    #[test]
    fn an_identifier_has_one_spelling() {
        let id = ProductId::mint();

        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.to_string().to_uppercase().parse::<ProductId>().is_err());
        assert!(id.to_string().parse::<CertificateId>().is_err());
        assert!(format!("prod_{}", id.uuid().simple()).parse::<ProductId>().is_err());
    }
}
