//! Values that are right once they exist: each parses from text, or names the [`Rule`](crate::rule::Rule) it breaks.
//!
//! On the wire a value is the string that [`Display`](std::fmt::Display) writes; its serde error is exactly a rule's id.
//! Whether the thing a value names exists is not asked here.

/// Declares a value kept as text; the type itself only has to bring `FromStr<Err = Rule>`.
///
/// What is written today may be held to more than what was kept before a rule was made, which must stay readable:
/// `kept` names the function that reads it where that is not `FromStr`.
///
/// The schema is written out because the derive takes no `pattern` on a tuple struct.
macro_rules! text_value {
    (@kept $text:ident) => {
        $text.parse()
    };
    (@kept $text:ident, $kept:path) => {
        $kept(&$text).map(Self)
    };
    ($(#[doc = $doc:literal])+ $name:ident, pattern = $pattern:literal, example = $example:literal $(, kept = $kept:path)?) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text as it is kept and written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = crate::rule::Rule;

            fn try_from(text: String) -> Result<Self, crate::rule::Rule> {
                text_value!(@kept text $(, $kept)?)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some([$($doc.trim()),+].join("\n")))
                    .pattern(Some($pattern))
                    .examples([serde_json::json!($example)])
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(stringify!($name))
            }
        }
    };
}

mod approval_number;
mod certificate_number;
mod cma_number;
mod cnas_number;
pub mod day;
mod decimal;
mod gtin;
pub mod models;
pub mod organisation_code;
mod record_source;
mod report_number;
mod scheme;
mod standard_number;
mod star;
mod uscc;

pub use approval_number::ApprovalNumber;
pub use certificate_number::CertificateNumber;
pub use cma_number::CmaNumber;
pub use cnas_number::CnasNumber;
pub use decimal::Decimal;
pub use gtin::Gtin;
pub use record_source::RecordSource;
pub use report_number::ReportNumber;
pub use scheme::Scheme;
pub use standard_number::StandardNumber;
pub use star::Star;
pub use uscc::{Uscc, may_hold_citizen_number};

#[cfg(test)]
mod tests;
