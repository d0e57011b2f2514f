//! Operations that will go: since when that is known, until when they answer, and what takes their place.
//!
//! Whoever calls one is told in the headers of each answer (`Deprecation`, RFC 9745; `Sunset`, RFC 8594), the document
//! says so, and `/v1/calls?deprecated=true` who still does.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, HttpDate};
use jiff::civil::Date;
use lvcai_domain::calendar::shanghai_midnight;
use serde_json::{Value, json};
use std::time::SystemTime;

/// Those of this release.
pub(crate) const DEPRECATED: &[Deprecation] = &[];

/// An operation that will go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deprecation {
    /// Its name in the document.
    pub operation: &'static str,
    /// Since which day (Asia/Shanghai) it is deprecated.
    pub since: Date,
    /// The day from which on it may be gone.
    pub sunset: Date,
    /// Where what takes its place is described, below the registry's address.
    pub successor: &'static str,
}

impl Deprecation {
    /// What a table says of an operation.
    pub(crate) fn of<'a>(table: &'a [Self], operation: &str) -> Option<&'a Self> {
        table.iter().find(|it| it.operation == operation)
    }

    /// Says in an answer that its operation will go.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        let Ok(since) = shanghai_midnight(self.since) else { return };
        let Ok(sunset) = shanghai_midnight(self.sunset) else { return };
        let told = [
            ("deprecation", format!("@{}", since.as_second())),
            ("sunset", HttpDate::from(SystemTime::from(sunset)).to_string()),
            ("link", format!("<{}>; rel=\"successor-version\"", self.successor)),
        ];
        for (name, value) in told {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.append(HeaderName::from_static(name), value);
            }
        }
    }

    /// Says in the document that operations will go.
    pub(crate) fn write(table: &[Self], document: &mut Value) {
        let paths = document.get_mut("paths").and_then(Value::as_object_mut);
        for operation in paths.into_iter().flatten().filter_map(|(_, item)| item.as_object_mut()).flatten() {
            let Some(operation) = operation.1.as_object_mut() else { continue };
            let name = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
            let Some(Self { since, sunset, successor, .. }) = Self::of(table, name) else { continue };
            let before = operation.get("description").and_then(Value::as_str).unwrap_or_default();
            let told =
                format!("{before}\n\nDeprecated since {since}; it may be gone from {sunset}. Instead: {successor}.");
            operation.insert("description".to_owned(), told.trim_start().into());
            operation.insert("deprecated".to_owned(), true.into());
            let answers = operation.get_mut("responses").and_then(Value::as_object_mut);
            let answers = answers.into_iter().flatten().filter_map(|(_, it)| it.as_object_mut());
            for answer in answers.filter(|it| !it.contains_key("$ref")) {
                let headers = answer.entry("headers").or_insert_with(|| json!({})).as_object_mut();
                headers.into_iter().for_each(|it| it.extend(described()));
            }
        }
    }
}

/// The headers that tell of it, as the document describes them.
fn described() -> [(String, Value); 2] {
    let header = |name: &str, description: &str, example: &str| {
        let schema = json!({ "type": "string", "example": example });
        (name.to_owned(), json!({ "description": description, "schema": schema }))
    };
    [
        header("Deprecation", "Since when the operation is deprecated (RFC 9745)", "@1798732800"),
        header("Sunset", "From when on it may be gone (RFC 8594)", "Thu, 01 Jul 2027 16:00:00 GMT"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TABLE: &[Deprecation] = &[Deprecation {
        operation: "list_things",
        since: date(2027, 1, 1),
        sunset: date(2027, 7, 2),
        successor: "/docs/#tag/others",
    }];

    #[test]
    fn an_answer_says_since_when_until_when_and_what_instead() {
        let mut headers = HeaderMap::new();
        Deprecation::of(TABLE, "list_things").unwrap().tell(&mut headers);

        let told = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(told("deprecation"), "@1798732800", "2027-01-01 in Shanghai");
        assert_eq!(told("sunset"), "Thu, 01 Jul 2027 16:00:00 GMT");
        assert_eq!(told("link"), "</docs/#tag/others>; rel=\"successor-version\"");
        assert_eq!(Deprecation::of(TABLE, "list_others"), None);
    }

    #[test]
    fn the_document_says_it_of_that_operation_alone() {
        let operation = |name: &str| {
            json!({ "operationId": name, "description": "Lists.", "responses": {
                "200": { "description": "A page" }, "default": { "$ref": "#/components/responses/AnyProblem" } } })
        };
        let paths = json!({ "/v1/things": { "parameters": [], "get": operation("list_things") },
            "/v1/others": { "get": operation("list_others") } });
        let mut document = json!({ "paths": paths });

        Deprecation::write(TABLE, &mut document);

        let marked = &document["paths"]["/v1/things"]["get"];
        assert_eq!(marked["deprecated"], true);
        assert_eq!(
            marked["description"],
            "Lists.\n\nDeprecated since 2027-01-01; it may be gone from 2027-07-02. Instead: /docs/#tag/others."
        );
        assert!(marked["responses"]["200"]["headers"]["Sunset"].is_object());
        assert_eq!(marked["responses"]["default"], json!({ "$ref": "#/components/responses/AnyProblem" }));
        assert_eq!(document["paths"]["/v1/others"]["get"], operation("list_others"));
    }
}
