//! When two records of a certificate say the same.

use super::Certificate;
use crate::difference::{self, Difference};

/// What two certificates say differently, leaving aside what only the registry says.
///
/// # Errors
///
/// When a certificate cannot be written as JSON, which is a defect.
pub fn differences(ours: &Certificate, theirs: &Certificate) -> Result<Vec<Difference>, serde_json::Error> {
    let bare = |it: &Certificate| Certificate { id: ours.id, correction: None, sample: false, ..it.clone() };
    difference::differences(&bare(ours), &bare(theirs))
}
