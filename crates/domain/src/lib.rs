//! The registry's nouns, values and rules: what a fact looks like and when it is refused.
//!
//! Nothing here reads a clock, a file or a database; that belongs to `store` and `api`.
//! This file is the face for other crates, which find every noun here whatever room it is in; inside the crate an
//! import names where a thing is defined.

mod blanks;
pub mod calendar;
pub mod catalogue;
pub mod city_list;
mod client;
mod conformity;
mod difference;
mod event;
mod ids;
mod invisible;
mod irregularity;
pub mod ledger;
mod parties;
mod problem;
mod product;
mod publishing;
pub mod quota;
pub mod reference;
mod restated;
pub mod rule;
pub mod scope;
pub mod search;
pub mod spelling;
pub mod timeline;
pub mod values;
pub mod verdict;
pub mod watch;
mod wire_names;

pub use blanks::one_line;
pub use client::{Client, ClientKey, ClientKeySet, ClientStatus, KeyOfficer};
pub use conformity::*;
pub use difference::Difference;
pub use event::Event;
pub use ids::*;
pub use invisible::{is_garbled, is_invisible};
pub use irregularity::Irregularity;
pub use ledger::Envelope;
pub use parties::*;
pub use problem::{Bilingual, Fault, Problem, ProblemKind};
pub use product::{Indicator, Product, ProductStatus};
pub use publishing::*;
pub use restated::Restated;
pub use rule::Rule;
pub use scope::Scope;
pub use timeline::Timeline;
pub use values::*;

#[cfg(test)]
mod tests {
    use crate::*;
    use serde_json::{json, to_value};
    use utoipa::PartialSchema;

    fn agree<T: PartialSchema + serde::Serialize + Copy>(all: &[T], name: fn(T) -> &'static str) {
        let names: Vec<_> = all.iter().map(|it| name(*it)).collect();

        assert_eq!(to_value(all).unwrap(), json!(names));
        assert_eq!(to_value(T::schema()).unwrap()["enum"], json!(names));
    }

    #[test]
    fn a_value_has_one_name_in_json_in_the_document_and_in_a_column() {
        agree(ReportedStatus::ALL, ReportedStatus::code);
        agree(PublicationStatus::ALL, PublicationStatus::name);
        agree(RecordSource::ALL, RecordSource::name);

        assert_eq!(to_value(RecordSource::CityList).unwrap(), "city_list");
        assert_eq!(serde_json::from_value::<ReportedStatus>(json!("02")).unwrap(), ReportedStatus::Suspended);
    }
}
