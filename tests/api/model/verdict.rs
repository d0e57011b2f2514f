//! What the law and the contract say of a day: the verdict on a certificate as the model knows it.

use super::life::{Life, UNITS};
use jiff::civil::Date;

impl Life {
    /// Verdict and deciding reason for a day and a cut, of the certificate or of one model.
    pub(super) fn verdict(&self, on: Date, as_of: i64, model: Option<&str>) -> (&'static str, &'static str) {
        let Some(known) = self.versions.iter().rev().find(|it| it.seq <= as_of) else {
            return ("unknown", "certificate_unknown");
        };
        if on < known.record.issued_on {
            return ("not_eligible", "certificate_not_yet_issued");
        }
        let Some(version) = self.in_effect(on, as_of) else {
            return ("undetermined", "status_unknown_on_day");
        };
        let record = &version.record;
        match record.status {
            "03" => return ("not_eligible", "certificate_withdrawn"),
            "04" => return ("not_eligible", "certificate_cancelled"),
            "02" => return ("not_eligible", "certificate_suspended"),
            _ if on > record.valid_until => return ("not_eligible", "certificate_expired"),
            _ => {}
        }
        let counts = |name: &str| record.cancelled.get(name).is_none_or(|it| on < *it);
        let covers =
            |model: &str| UNITS.iter().any(|(unit, models)| models.contains(&model) && counts(unit)) && counts(model);
        // A certificate of which all units are cancelled covers no model, named or not.
        let left = UNITS.iter().any(|it| it.1.into_iter().any(covers));
        if model.map_or(left, covers) {
            ("eligible", "certificate_valid")
        } else {
            ("not_eligible", "model_not_covered")
        }
    }
}
