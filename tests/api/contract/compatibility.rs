//! What a document breaks for those who wrote a client against an older one.
//!
//! The rules are those of "Compatibility" in `api-design.md`; each break is one sentence that says where, what, and
//! for whom. What may be added passes: operations, optional parameters and fields, statuses of failures, headers,
//! wider limits. Two decisions are made here:
//!
//! - A new value of an answer's enumeration breaks clients that tell all values apart, but for the enumerations that
//!   are promised to grow ([`GROWING`]).
//! - Lengths and ranges of answers may widen, since those of requests may and both share their schemas; types, formats
//!   and patterns may not.
//!
//! It compares documents as this program writes them: schemas by reference, `allOf` for fields of several, `oneOf` for
//! what may be `null`. Any other word that changes is reported, not passed over.

mod answers;
mod form;
mod operations;
mod place;
mod requests;
mod tests;

use serde_json::Value;

/// Schemas whose values may become more within a version, as `api-design.md` promises.
const GROWING: [&str; 1] = ["ReasonCode"];

/// What a document breaks of an older one, each in a sentence.
pub(crate) fn breaks(blessed: &Value, current: &Value) -> Vec<String> {
    let mut comparison = Comparison { blessed, current, found: Vec::new(), within: Vec::new() };
    comparison.documents();
    grouped(&comparison.found)
}

/// Two documents, and what was found so far.
struct Comparison<'a> {
    blessed: &'a Value,
    current: &'a Value,
    /// The operation, and what it breaks.
    found: Vec<(String, String)>,
    /// The references that are being followed, so that a schema within itself comes to an end.
    within: Vec<(String, String)>,
}

impl Comparison<'_> {
    fn tell(&mut self, operation: &str, sentence: impl Into<String>) {
        self.found.push((operation.to_owned(), sentence.into()));
    }
}

/// The sentences in the order of the document; what several operations have in common is said once.
fn grouped(found: &[(String, String)]) -> Vec<String> {
    let mut sentences: Vec<(&str, Vec<&str>)> = Vec::new();
    for (operation, sentence) in found {
        match sentences.iter_mut().find(|(known, _)| known == sentence) {
            Some((_, operations)) => operations.push(operation),
            None => sentences.push((sentence, vec![operation])),
        }
    }
    let shown = sentences.iter().map(|(sentence, operations)| match operations.as_slice() {
        [one] => format!("{one}: {sentence}"),
        [first, others @ ..] => format!("{first} and {} more: {sentence}", others.len()),
        [] => (*sentence).to_owned(),
    });
    shown.collect()
}
