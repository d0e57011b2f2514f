//! The OpenAPI document as tests walk it: operations, schemas, samples, and what an answer must keep to.

mod blessed;
mod compatibility;
mod document;
mod fault_precedence;
mod headers;
mod limits;
mod malformed;
mod slow_bodies;

use lvcai_tests::{Answer, BODY, LABORATORY, LIST, Story, report, report_address};
use serde_json::{Value, json};

/// The document that the program serves.
pub(crate) fn document() -> Value {
    serde_json::from_str(&lvcai_api::document().to_json().unwrap()).unwrap()
}

/// One operation of the document.
pub(crate) struct Operation {
    /// `GET`, `POST`, `PUT` or `PATCH`.
    pub(crate) method: String,
    /// The path as the document writes it.
    pub(crate) path: String,
    /// What the document says of it.
    pub(crate) says: Value,
}

impl Operation {
    /// How a failing test names it.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether it is part of `/v1`.
    pub(crate) fn is_v1(&self) -> bool {
        self.path.starts_with("/v1/")
    }

    /// The ways in which it may be authorised; empty when it asks for nothing.
    pub(crate) fn security(&self) -> Vec<Value> {
        self.says["security"].as_array().cloned().unwrap_or_default()
    }

    /// Whether nobody may call it without a token.
    pub(crate) fn is_closed(&self) -> bool {
        let security = self.security();
        !security.is_empty() && !security.contains(&json!({}))
    }

    /// Its parameters of a place: `query`, `path` or `header`.
    pub(crate) fn parameters(&self, place: &str) -> Vec<Value> {
        let all = self.says["parameters"].as_array().cloned().unwrap_or_default();
        all.into_iter().filter(|it| it["in"] == place).collect()
    }

    /// Whether the document names a parameter of the query string.
    pub(crate) fn documents_parameter(&self, name: &str) -> bool {
        self.parameters("query").iter().any(|it| it["name"] == name)
    }

    /// The content type and the schema of its body.
    pub(crate) fn body(&self) -> Option<(String, Value)> {
        let content = self.says["requestBody"]["content"].as_object()?;
        let (content_type, media) = content.iter().next()?;
        Some((content_type.clone(), media["schema"].clone()))
    }

    /// The example of its body.
    pub(crate) fn example(&self, document: &Value) -> Option<Value> {
        let (content_type, schema) = self.body()?;
        let media = &self.says["requestBody"]["content"][content_type];
        media.get("example").or_else(|| resolve(document, &schema).get("example")).cloned()
    }

    /// Whether the document says that it may answer so.
    pub(crate) fn documents(&self, status: u16) -> bool {
        self.says["responses"].get(status.to_string()).is_some()
    }
}

/// Every operation, in the order of the document.
pub(crate) fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "patch", "delete"] {
            if let Some(says) = item.get(method) {
                operations.push(Operation { method: method.to_uppercase(), path: path.clone(), says: says.clone() });
            }
        }
    }
    operations
}

/// A schema with its reference followed and its `null` left aside.
pub(crate) fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(name) = schema["$ref"].as_str() {
        return resolve(document, document.pointer(name.trim_start_matches('#')).unwrap());
    }
    match schema["oneOf"].as_array() {
        Some(either) => resolve(document, either.iter().find(|it| it["type"] != "null").unwrap()),
        None => schema,
    }
}

/// The one type of a schema, `null` left aside.
pub(crate) fn type_of(schema: &Value) -> &str {
    match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).find(|it| *it != "null").unwrap(),
        single => single.as_str().unwrap_or_default(),
    }
}

/// The example that a schema gives.
pub(crate) fn example(schema: &Value) -> Option<Value> {
    schema.get("example").or_else(|| schema.pointer("/examples/0")).cloned()
}

/// A value of a schema's form.
pub(crate) fn sample(document: &Value, schema: &Value) -> Value {
    let schema = resolve(document, schema);
    if let Some(example) = example(schema) {
        return example;
    }
    if let Some(first) = schema.pointer("/enum/0") {
        return first.clone();
    }
    match type_of(schema) {
        "object" => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let fields = required.iter().filter_map(Value::as_str);
            fields.map(|name| (name.to_owned(), sample(document, &schema["properties"][name]))).collect()
        }
        "array" => json!([sample(document, &schema["items"])]),
        "integer" => schema.get("minimum").cloned().unwrap_or(json!(1)),
        "boolean" => json!(true),
        _ if schema["format"] == "date" => json!("2026-01-15"),
        _ => json!("a".repeat(usize::try_from(schema["minLength"].as_u64().unwrap_or(1)).unwrap().max(3))),
    }
}

/// The number of the world's test report.
const REPORT: &str = "WT/2026-0117";

/// A registry that has one of everything, so that every address of the document names something.
pub(crate) struct World {
    /// The story.
    pub(crate) story: Story,
    /// A client of the laboratory.
    laboratory: lvcai_tests::Client,
    /// What stands for the parameters of a path, by its beginning and the name.
    known: Vec<(&'static str, &'static str, String)>,
}

impl World {
    /// A product with its evidence, a published list, and a draft of a second publication. The day is that of the
    /// document's examples.
    pub(crate) fn begin() -> Self {
        let story = Story::begin();
        story.server.at("2026-11-22T09:00:00Z");
        let (product, certificate) =
            (story.product("65系列内平开塑料窗"), story.certificate("CABR-01(02)-(2025)-CGP-035"));
        let evidence = story.evidence(&product, &certificate);
        story.open_list();
        story.publish(&[&product]);
        let publications = format!("/v1/lists/{LIST}/publications");
        let draft =
            story.authority.post(&publications, &json!({ "title": "第二批", "products": [product] })).expect(201).id();
        let listings = story.anybody.get("/v1/listings").expect(200).body;
        let listing = listings["items"][0]["id"].as_str().unwrap().to_owned();
        let organisation = story.enterprise.organisation.unwrap().to_string();
        let laboratory = story.laboratory();
        let test_report = laboratory.put(&report_address(REPORT), &report()).expect(201).id();
        story.report_evidence(&product, &test_report, "2027-01-14");
        let known = vec![
            ("/v1/products/", "id", product),
            ("/v1/test-reports/", "id", test_report),
            ("/v1/laboratories/", "cma_number", LABORATORY.to_owned()),
            ("/v1/laboratories/", "number", REPORT.to_owned()),
            ("/v1/certificates/", "id", certificate),
            ("/v1/evidence/", "id", evidence),
            ("/v1/organisations/", "id", organisation),
            ("/v1/listings/", "id", listing),
            ("/v1/codelists/", "id", "certificate-statuses".to_owned()),
            ("/v1/lists/{list}/publications/{publication}/transitions", "publication", draft),
            ("/v1/lists/", "publication", "1".to_owned()),
            ("/v1/lists/", "list", LIST.to_owned()),
            ("/v1/", "body", BODY.to_owned()),
            ("/v1/", "number", "CABR-01(02)-(2025)-CGP-035".to_owned()),
            ("/problems/", "slug", "invalid".to_owned()),
        ];
        Self { story, laboratory, known }
    }

    /// The address of an operation, with everything in it that its path names.
    pub(crate) fn address(&self, operation: &Operation) -> String {
        let mut address = operation.path.clone();
        for (begins, name, value) in &self.known {
            if operation.path.starts_with(begins) {
                let value: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
                address = address.replace(&format!("{{{name}}}"), &value);
            }
        }
        assert!(!address.contains('{'), "the world has nothing for {address}");
        address
    }

    /// The client that an operation is for.
    pub(crate) fn caller(&self, operation: &Operation) -> &lvcai_tests::Client {
        match operation.says["operationId"].as_str().unwrap() {
            "push_certificate" | "step_certificate" | "push_certificates" | "reconcile_certificates" => {
                &self.story.body
            }
            "push_test_report" | "step_test_report" => &self.laboratory,
            "step_publication" => &self.story.second,
            _ => &self.story.authority,
        }
    }

    /// Calls an operation with everything in order but what the test is about.
    pub(crate) fn call(
        &self,
        client: &lvcai_tests::Client,
        operation: &Operation,
        query: &str,
        body: Option<&Value>,
    ) -> Answer {
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
        if answer.status == 304 {
            return;
        }
        let content_type = answer.header("content-type").split(';').next().unwrap_or_default();
        assert!(says["content"].get(content_type).is_some(), "{name} answers {} as {content_type}", answer.status);
        if content_type == "application/problem+json" {
            let address = answer.body["type"].as_str().unwrap();
            let served = self.story.anybody.get(address).expect(200);
            assert_eq!(served.body["status"], answer.status, "{name}: {address}");
            assert!(!answer.body["request_id"].as_str().unwrap().is_empty(), "{name}: {}", answer.text);
        }
    }
}

/// Says how a value differs from its schema, pointer by pointer. It knows the words that the document uses.
pub(crate) fn differences(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let nullable = schema["oneOf"].as_array().is_some_and(|it| it.iter().any(|it| it["type"] == "null"))
        || schema["type"].as_array().is_some_and(|it| it.contains(&json!("null")));
    if value.is_null() && nullable {
        return Vec::new();
    }
    let schema = resolve(document, schema);
    if let Some(all) = schema["allOf"].as_array() {
        return merged(document, all, value, at);
    }
    let right = match type_of(schema) {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "boolean" => value.is_boolean(),
        _ => true,
    };
    if !right || schema["enum"].as_array().is_some_and(|it| !it.contains(value)) {
        return vec![format!("{at}: {value} is not {schema}")];
    }
    let mut found = Vec::new();
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        found.extend(
            values
                .iter()
                .enumerate()
                .flat_map(|(index, it)| differences(document, items, it, &format!("{at}/{index}"))),
        );
    }
    if let (Some(properties), Some(fields)) = (schema["properties"].as_object(), value.as_object()) {
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        found.extend(required.filter(|name| !fields.contains_key(*name)).map(|name| format!("{at}/{name} is missing")));
        for (name, field) in fields {
            match properties.get(name) {
                Some(schema) => found.extend(differences(document, schema, field, &format!("{at}/{name}"))),
                None => found.push(format!("{at}/{name} is not documented")),
            }
        }
    }
    found
}

/// An object of several schemas has the fields of all of them.
fn merged(document: &Value, all: &[Value], value: &Value, at: &str) -> Vec<String> {
    let (mut properties, mut required) = (serde_json::Map::new(), Vec::new());
    for part in all.iter().map(|part| resolve(document, part)) {
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
        required.extend(part["required"].as_array().cloned().unwrap_or_default());
    }
    differences(document, &json!({ "type": "object", "properties": properties, "required": required }), value, at)
}
