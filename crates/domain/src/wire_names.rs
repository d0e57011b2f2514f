//! The macro behind every enum whose values have one name on the wire and in a column.
//!
//! It is the smaller sister of [`catalogue!`](crate::catalogue!): its values are explained in the API's document,
//! where they stand as the values of a field, and have no texts of their own.

/// Makes an enum with one name for each of its values, in JSON, in the document and in a column.
///
/// The head names the function that gives the name:
///
/// ```ignore
/// wire_names! {
///     /// How far a publication has come.
///     pub enum PublicationStatus named by name {
///         /// Private, and nobody has approved it.
///         Draft "draft",
///         /// Numbered, public and immutable.
///         Published "published",
///     }
/// }
///
/// assert_eq!(PublicationStatus::Draft.name(), "draft");
/// assert_eq!(serde_json::to_value(PublicationStatus::Draft).unwrap(), "draft");
/// ```
macro_rules! wire_names {
    (
        $(#[$about:meta])*
        pub enum $Enum:ident named by $name_of:ident {
            // A name is a `tt`: utoipa does not see a `literal` fragment in `rename`.
            $($(#[$value_about:meta])* $Value:ident $name:tt,)+
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        pub enum $Enum {
            $($(#[$value_about])* #[serde(rename = $name)] $Value,)+
        }

        impl $Enum {
            /// Every value, in the order of the document.
            pub const ALL: &[Self] = &[$(Self::$Value,)+];

            /// Its name, on the wire and in a column.
            pub const fn $name_of(self) -> &'static str {
                match self { $(Self::$Value => $name,)+ }
            }
        }
    };
}

pub(crate) use wire_names;
