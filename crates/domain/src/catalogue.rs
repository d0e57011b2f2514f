//! The macro behind every closed catalogue: problems, rules, events, findings, faults.
//!
//! A catalogue is a table in the source: a row has a name for programs, which never changes, and
//! says in Chinese and in English what it means. A new failure or event is a new row, never a new string.

#[doc(hidden)]
pub use serde;

/// A text that names no row of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the catalogue of {catalogue} has no `{name}`")]
pub struct NotInCatalogue {
    /// The enum of the catalogue.
    pub catalogue: &'static str,
    /// The text.
    pub name: String,
}

/// Makes the enum of a closed catalogue from its table.
///
/// The head names the enum and the function that gives a row's name. A row is the variant, its name, its text in
/// Chinese and in English; the English text is also the variant's documentation. The enum gets `ALL`, that function,
/// `zh` and `en`, and is written and read by the name: `Display`, `FromStr`, `Serialize`, `Deserialize`.
///
/// ```
/// lvcai_domain::catalogue! {
///     /// A colour of the signal.
///     pub enum Colour named by id
///     Red   "red"   "红" "Stop."
///     Green "green" "绿" "Go."
/// }
///
/// assert_eq!((Colour::Red.id(), Colour::Red.zh(), Colour::Red.en()), ("red", "红", "Stop."));
/// assert_eq!("green".parse(), Ok(Colour::Green));
/// assert_eq!(Colour::ALL.len(), 2);
/// ```
///
/// A catalogue whose rows say more names the further columns in its head, and each becomes a function:
///
/// ```
/// lvcai_domain::catalogue! {
///     /// A colour of the signal.
///     pub enum Colour named by id, with {
///         /// For how many seconds it shows.
///         seconds: u16,
///     }
///     Red   "red"   "红" "Stop." 40
///     Green "green" "绿" "Go."   20
/// }
///
/// assert_eq!(Colour::Green.seconds(), 20);
/// ```
#[macro_export]
macro_rules! catalogue {
    (
        $(#[$about:meta])*
        pub enum $Catalogue:ident named by $name_of:ident
        $(, with { $($(#[$column_about:meta])* $column:ident: $type:ty,)+ })?
        $($Row:ident $name:literal $zh:literal $en:literal $($value:literal)*)+
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $Catalogue {
            $(#[doc = $en] $Row,)+
        }

        const _: () = {
            /// What the table says of a row.
            struct Columns {
                name: &'static str,
                zh: &'static str,
                en: &'static str,
                $($($column: $type,)+)?
            }

            impl $Catalogue {
                /// The whole catalogue, in its order.
                pub const ALL: &[Self] = &[$(Self::$Row,)+];

                /// The names of all, in the same order.
                pub const NAMES: &[&'static str] = &[$($name,)+];

                const fn columns(self) -> Columns {
                    let (name, zh, en, $($($column,)+)?) = match self {
                        $(Self::$Row => ($name, $zh, $en, $($value,)*),)+
                    };
                    Columns { name, zh, en, $($($column,)+)? }
                }

                /// The name, by which programs know it.
                pub const fn $name_of(self) -> &'static str {
                    self.columns().name
                }

                /// What it means, in Chinese.
                pub const fn zh(self) -> &'static str {
                    self.columns().zh
                }

                /// What it means, in English.
                pub const fn en(self) -> &'static str {
                    self.columns().en
                }

                $($(
                    $(#[$column_about])*
                    pub const fn $column(self) -> $type {
                        self.columns().$column
                    }
                )+)?
            }
        };

        impl ::std::fmt::Display for $Catalogue {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.$name_of())
            }
        }

        impl ::std::str::FromStr for $Catalogue {
            type Err = $crate::catalogue::NotInCatalogue;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                let unknown = || Self::Err { catalogue: stringify!($Catalogue), name: name.to_owned() };
                Self::ALL.iter().copied().find(|it| it.$name_of() == name).ok_or_else(unknown)
            }
        }

        impl $crate::catalogue::serde::Serialize for $Catalogue {
            fn serialize<S: $crate::catalogue::serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.$name_of())
            }
        }

        impl<'de> $crate::catalogue::serde::Deserialize<'de> for $Catalogue {
            fn deserialize<D: $crate::catalogue::serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let name = <String as $crate::catalogue::serde::Deserialize>::deserialize(from)?;
                let unknown = |_| $crate::catalogue::serde::de::Error::unknown_variant(&name, Self::NAMES);
                name.parse().map_err(unknown)
            }
        }
    };
}
