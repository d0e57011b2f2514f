//! What a client repeats of a record and may not change: `id`, `record_source` and the like.
//!
//! A client that reads a record, edits it and puts it back sends these members too. They are compared with the record
//! that stands; whoever thought that they could be changed is told, and whoever leaves them out is understood.

use crate::problem::{Fault, Problem};
use crate::rule::Rule;
use serde::Serialize;
use serde_json::{Map, Value};

/// The members that were repeated, by their names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Restated(Map<String, Value>);

impl Restated {
    /// These members of a body.
    pub fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// Whether a member is repeated with this value.
    pub fn says(&self, name: &str, value: &str) -> bool {
        self.0.get(name).is_some_and(|it| it == value)
    }

    /// Compares them with the record that stands, or with the one that is about to come to be.
    ///
    /// # Errors
    ///
    /// [`Rule::ReadOnly`] at each member that says something else.
    pub fn agrees_with(&self, record: &impl Serialize) -> Result<(), Problem> {
        if self.0.is_empty() {
            return Ok(());
        }
        let record = serde_json::to_value(record).unwrap_or_default();
        let differs = |(name, told): &(&String, &Value)| !is_same(told, record.get(*name));
        let faults: Vec<Fault> =
            self.0.iter().filter(differs).map(|(name, _)| read_only(name, record.get(name))).collect();
        if faults.is_empty() { Ok(()) } else { Err(faults.into()) }
    }
}

/// An absent member is what many serialisers write as `null`, `false` or an empty list.
fn is_same(told: &Value, stands: Option<&Value>) -> bool {
    match stands {
        Some(stands) => told == stands,
        None => told.is_null() || *told == Value::Bool(false) || told.as_array().is_some_and(Vec::is_empty),
    }
}

fn read_only(name: &str, stands: Option<&Value>) -> Fault {
    let fault = Fault::new(format!("/{}", name.replace('~', "~0").replace('/', "~1")), Rule::ReadOnly);
    match stands {
        // An object would fill the sentence, and the client has read it.
        Some(stands) if !stands.is_object() && !stands.is_array() => fault
            .detail(format!("该字段由登记系统给出，现为 {stands}"), format!("the registry gives it: it is {stands}")),
        Some(_) => fault,
        None => fault.detail("该字段由登记系统给出，现无此值", "the registry gives it: it has none now"),
    }
}

#[cfg(test)]
mod tests {
    use super::Restated;
    use crate::rule::Rule;
    use serde_json::{Value, json};

    fn refused(told: Value, record: &Value) -> Vec<String> {
        let Value::Object(told) = told else { panic!("no object: {told}") };
        let faults = Restated::new(told).agrees_with(record).err().map(|it| it.faults).unwrap_or_default();
        assert!(faults.iter().all(|it| it.rule == Rule::ReadOnly));
        faults.into_iter().map(|it| it.pointer).collect()
    }

    #[test]
    fn what_is_repeated_as_it_stands_is_taken() {
        let record = json!({ "id": "a", "scopes": [{ "scheme": "b" }], "name": "c" });

        assert_eq!(refused(json!({}), &record), Vec::<String>::new());
        assert_eq!(refused(json!({ "id": "a", "scopes": [{ "scheme": "b" }] }), &record), Vec::<String>::new());
        assert_eq!(refused(json!({ "sample": false, "left": null, "more": [] }), &record), Vec::<String>::new());
    }

    #[test]
    fn each_member_that_differs_is_named() {
        let record = json!({ "id": "a", "sample": true, "scopes": [] });

        let told = json!({ "id": "b", "sample": false, "scopes": [1], "status": "void" });

        assert_eq!(refused(told, &record), ["/id", "/sample", "/scopes", "/status"]);
    }
}
