//! By what proof: certificates and test reports, the evidence that rests on them, and what their days bring.
//!
//! Conformity assessment is the word of ISO/IEC 17000 for testing, certification and inspection together.

pub mod calendars;
pub mod certificates;
pub mod evidence;
pub mod expiry;
pub(crate) mod holders;
pub mod quality;
pub mod test_reports;
