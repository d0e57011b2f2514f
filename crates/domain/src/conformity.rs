//! By what proof: certificates, test reports, and the evidence that links them to a product.

pub mod accredited;
pub mod certificate;
pub mod claim;
pub mod deadline;
pub mod evidence;
pub mod holder;
pub mod quality;
pub mod test_report;

pub use certificate::{
    Attachment, AttachmentRole, CancelledModel, Certificate, ClimateZone, FactorySite, Party, Predecessor, Relation,
    ReportedStatus, Unit,
};
pub use evidence::{Evidence, EvidenceStatus, Qualification};
pub use holder::Holder;
pub use test_report::{Inspection, ItemConclusion, ReportConclusion, ReportItem, TestReport, TestReportStatus};
