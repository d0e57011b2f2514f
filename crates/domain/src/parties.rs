//! Who: organisations, certification bodies and laboratories, and what the approvals say that they hold.

pub mod accreditation;
pub mod body_names;
pub mod certification_body;
pub mod laboratory;
pub mod organisation;

pub use accreditation::{Accreditation, AccreditedScope};
pub use body_names::{BodyNames, NamedBody};
pub use certification_body::{BodyAlias, BodyStatement, CertificationBody, FormerName};
pub use laboratory::Laboratory;
pub use organisation::{Organisation, Role, name_key};
