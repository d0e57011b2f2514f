//! Models (规格型号): whatever their makers call them, so that only their spellings are compared.
//!
//! Two forms: the key of a spelling (equal keys are one model), and look-alike (equal look-alikes may be one).

use crate::spelling::{key, look_alike, says_nothing};

/// The models among texts: `无`, `/` and `详见附件` are none.
pub fn stated(models: &[String]) -> impl Iterator<Item = &String> {
    models.iter().filter(|it| !says_nothing(it))
}

/// The models of a list that a text means: the one written just so, else all of its spellings.
pub fn spelled<'a>(models: &'a [String], model: &str) -> Vec<&'a String> {
    if let Some(same) = models.iter().find(|it| *it == model) {
        return vec![same];
    }
    if says_nothing(model) {
        return Vec::new();
    }
    let wanted = key(model);
    models.iter().filter(|it| key(it) == wanted).collect()
}

/// Whether a list names a model, in any spelling.
pub fn has(models: &[String], model: &str) -> bool {
    !spelled(models, model).is_empty()
}

/// The models of a list that look like another and are not known to be the same.
pub fn alike<'a>(models: &'a [String], model: &str) -> impl Iterator<Item = &'a String> {
    let wanted = look_alike(model);
    models.iter().filter(move |it| !wanted.is_empty() && look_alike(it) == wanted && !says_nothing(it))
}
