//! A registry that has one of everything, so that every address of the document names something.

use super::Operation;
use lvcai_tests::{Answer, BODY, Client, LABORATORY, NUMBER, REPORT, Story};
use serde_json::Value;

/// What stands in a path for a parameter of a schema, where it is no identifier of ours.
const NUMBERS: [(&str, &str); 4] =
    [("ApprovalNumber", BODY), ("CertificateNumber", NUMBER), ("CmaNumber", LABORATORY), ("ReportNumber", REPORT)];

/// Headers of the message and of browsers, which no client of the interface asks about.
const OF_TRANSPORT: [&str; 12] = [
    "access-control-allow-credentials",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "connection",
    "content-length",
    "content-security-policy",
    "content-type",
    "date",
    "referrer-policy",
    "strict-transport-security",
    "transfer-encoding",
    "x-content-type-options",
];

/// A registry that has one of everything.
pub(crate) struct World {
    /// The story.
    pub(crate) story: Story,
    /// A client of the laboratory.
    laboratory: Client,
    /// One identifier of each noun.
    ids: Vec<String>,
    /// The document, whose schemas say which identifier is of what.
    document: Value,
}

impl World {
    /// A product with its evidence, a published list, and a draft of a second publication. The day is that of the
    /// document's examples.
    pub(crate) fn begin() -> Self {
        let story = Story::begin();
        story.server.at("2026-11-22T09:00:00Z");
        let (laboratory, mut ids) = story.one_of_everything();
        ids.push(story.registered_client());
        Self { story, laboratory, ids, document: super::document() }
    }

    /// The address of an operation, with everything in it that its path names.
    pub(crate) fn address(&self, operation: &Operation) -> String {
        operation.parameters("path").iter().fold(operation.path.clone(), |address, parameter| {
            let name = parameter["name"].as_str().unwrap();
            let value = self.known(parameter).unwrap_or_else(|| panic!("the world has no {name} for {address}"));
            let value: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
            address.replace(&format!("{{{name}}}"), &value)
        })
    }

    /// What stands for a parameter of a path: by its schema, or the document's own example.
    fn known<'a>(&'a self, parameter: &'a Value) -> Option<&'a str> {
        let Some(schema) = parameter.pointer("/schema/$ref").and_then(Value::as_str) else {
            return parameter["example"].as_str();
        };
        let schema = schema.rsplit('/').next()?;
        if let Some((_, number)) = NUMBERS.iter().find(|(name, _)| *name == schema) {
            return Some(number);
        }
        let pattern = self.document["components"]["schemas"][schema]["pattern"].as_str()?;
        let prefix = pattern.strip_prefix('^')?.split_once('_')?.0;
        self.ids.iter().find(|it| it.split_once('_').is_some_and(|(noun, _)| noun == prefix)).map(String::as_str)
    }

    /// The client that an operation is for: by the scope that it asks for first.
    pub(crate) fn caller(&self, operation: &Operation) -> &Client {
        let security = operation.security();
        match security.first().and_then(|way| way["bearer"][0].as_str()) {
            Some("certificates:push") => &self.story.body,
            Some("clients:manage") => &self.story.enterprise,
            Some("reports:push") => &self.laboratory,
            Some("publications:approve") => &self.story.second,
            _ => &self.story.authority,
        }
    }

    /// Calls an operation with everything in order but what the test is about.
    pub(crate) fn call(&self, client: &Client, operation: &Operation, query: &str, body: Option<&Value>) -> Answer {
        let address = format!("{}{query}", self.address(operation));
        let key = uuid::Uuid::new_v4().to_string();
        let content_type = operation.body().map(|(content_type, _)| content_type).unwrap_or_default();
        let headers: &[(&str, &str)] = match operation.method.as_str() {
            "GET" => &[],
            "PATCH" => &[("idempotency-key", &key), ("if-match", "*"), ("content-type", &content_type)],
            _ => &[("idempotency-key", &key), ("content-type", &content_type)],
        };
        let text = body.map(Value::to_string);
        client.send(&operation.method, &address, headers, text.as_deref().map(str::as_bytes))
    }

    /// Requires that the document tells of an answer: status, content type, and for a failure its problem.
    #[track_caller]
    pub(crate) fn keeps_to(&self, operation: &Operation, answer: &Answer) {
        let name = operation.name();
        assert!(operation.documents(answer.status), "{name} does not document {}: {}", answer.status, answer.text);
        let says = &operation.says["responses"][answer.status.to_string()];
        for header in answer.headers.keys().map(|it| it.as_str()).filter(|it| !OF_TRANSPORT.contains(it)) {
            let mut told = says["headers"].as_object().into_iter().flat_map(|it| it.keys());
            let named = told.any(|it| it.eq_ignore_ascii_case(header));
            assert!(named, "{name} does not tell of the header {header} of {}", answer.status);
        }
        if answer.status == 304 {
            return;
        }
        let content_type = answer.header("content-type").split(';').next().unwrap_or_default();
        assert!(says["content"].get(content_type).is_some(), "{name} answers {} as {content_type}", answer.status);
        if content_type == "application/problem+json" {
            let address = answer.body["type"].as_str().unwrap();
            let named = says["content"][content_type]["examples"].get(answer.slug().unwrap());
            assert!(named.is_some(), "{name} does not name {address} among its failures");
            let served = self.story.anybody.get(address.trim_start_matches(lvcai_tests::ISSUER)).expect(200);
            assert_eq!(served.body["status"], answer.status, "{name}: {address}");
            assert!(!answer.body["request_id"].as_str().unwrap().is_empty(), "{name}: {}", answer.text);
        }
    }
}
