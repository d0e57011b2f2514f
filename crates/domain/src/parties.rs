//! Who: organisations, certification bodies and laboratories, and what the approvals say that they hold.

pub mod accreditation;
pub mod laboratory;
pub mod organisation;

pub use accreditation::{Accreditation, AccreditedScope};
pub use laboratory::Laboratory;
pub use organisation::{CertificationBody, Organisation, Role, name_key};
