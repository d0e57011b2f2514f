//! Who states what a record says.

use crate::wire_names::wire_names;

wire_names! {
    /// Who says that the product is so.
    pub enum RecordSource named by name {
        /// The certification body pushed it.
        CertificationBody "certification_body",
        /// The enterprise declared it.
        Enterprise "enterprise",
        /// The authority recorded it.
        Authority "authority",
        /// It was read from a list that a city published.
        CityList "city_list",
    }
}
