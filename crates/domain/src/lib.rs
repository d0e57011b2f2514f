//! The registry's nouns, values and rules: what a fact looks like and when it is refused.
//!
//! Nothing here reads a clock, a file or a database; that belongs to `store` and `api`.

pub mod accreditation;
pub mod calendar;
pub mod catalogue;
pub mod certificate;
mod client;
pub mod course;
pub mod deadline;
mod event;
pub mod evidence;
mod ids;
pub mod impact;
mod invisible;
mod laboratory;
pub mod ledger;
mod organisation;
mod problem;
mod product;
mod publication;
pub mod quality;
pub mod reference;
pub mod rule;
pub mod search;
pub mod standing;
pub mod test_report;
pub mod values;
pub mod verdict;
mod wire_names;

pub use accreditation::{Accreditation, AccreditedScope};
pub use certificate::{
    Attachment, AttachmentRole, CancelledModel, Certificate, ClimateZone, FactorySite, Party, Predecessor, Relation,
    ReportedStatus, Scheme, Unit,
};
pub use client::{Client, ClientStatus};
pub use course::Course;
pub use event::Event;
pub use evidence::{Evidence, EvidenceStatus};
pub use ids::*;
pub use invisible::is_invisible;
pub use laboratory::Laboratory;
pub use ledger::Envelope;
pub use organisation::{CertificationBody, Organisation, Role};
pub use problem::{Fault, Problem, ProblemKind, Said};
pub use product::{Indicator, Product, ProductStatus, RecordSource};
pub use publication::*;
pub use rule::Rule;
pub use test_report::{Inspection, ItemVerdict, ReportItem, ReportVerdict, TestReport, TestReportStatus};
pub use values::*;
