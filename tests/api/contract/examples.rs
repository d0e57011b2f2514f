//! What the document gives as an example is so: every request, sent as it stands to a fresh demo, succeeds, and every
//! answer is one that the demo gave.

use super::{Operation, differences, document, example, operations, resolve};
use lvcai_tests::{Answer, Client, Serving, WorkingFolder, workspace};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The answers that the document shows, by operation.
const ANSWERS: &str = "api/src/openapi/answers.json";

/// The longest answer that is shown.
const SHOWN: usize = 4_000;

/// The clients of the demo, those that may do most first.
const CLIENTS: [&str; 6] = ["drafter", "approver", "certification-body", "laboratory", "enterprise", "auditor"];

/// Needs what only the owner of a key can make: an assertion.
const SIGNED: [&str; 1] = ["issue_token"];

/// A demo with its clients.
struct Demo {
    document: Value,
    nobody: Client,
    clients: Vec<(Client, BTreeSet<String>)>,
    _serving: Serving,
}

impl Demo {
    fn start(folder: &WorkingFolder) -> Self {
        let serving = folder.serving("demo", None);
        let nobody = Client::anonymous(&serving.url);
        let client = |name: &str| {
            let signed = nobody.send("POST", &format!("/docs/demo/assertions/{name}"), &[], None).expect(200);
            let issued = nobody.ask_for_token(signed.body["client_assertion"].as_str().unwrap(), None).expect(200);
            let client = Client::anonymous(&serving.url);
            *client.token.borrow_mut() = issued.body["access_token"].as_str().map(str::to_owned);
            let scopes = issued.body["scope"].as_str().unwrap().split(' ').map(str::to_owned).collect();
            (client, scopes)
        };
        let clients = CLIENTS.into_iter().map(client).collect();
        Self { document: document(), nobody, clients, _serving: serving }
    }

    /// The first client that has the scopes which the operation asks for first; nobody where it asks for none.
    fn caller(&self, operation: &Operation) -> &Client {
        let asked = operation.security().into_iter().next().unwrap_or_default();
        let Some(scopes) = asked["bearer"].as_array() else { return &self.nobody };
        let wanted: BTreeSet<String> = scopes.iter().map(|it| it.as_str().unwrap().to_owned()).collect();
        let able = self.clients.iter().find(|(_, scopes)| wanted.is_subset(scopes));
        &able.unwrap_or_else(|| panic!("no client of the demo may {}", operation.name())).0
    }

    /// Sends an operation with the examples of its parameters, and one of its bodies.
    fn send(&self, operation: &Operation, body: Option<(&str, &[u8])>) -> Answer {
        let address = format!("{}{}", self.path(operation), self.query(operation));
        self.send_to(&address, operation, body)
    }

    /// Sends a read that is narrowed by nothing, for two items of what it lists.
    fn read(&self, operation: &Operation) -> Answer {
        let first = if operation.documents_parameter("limit") { "?limit=2" } else { "" };
        self.send_to(&format!("{}{first}", self.path(operation)), operation, None)
    }

    fn send_to(&self, address: &str, operation: &Operation, body: Option<(&str, &[u8])>) -> Answer {
        let key = uuid::Uuid::new_v4().to_string();
        let mut headers: Vec<(String, String)> = Vec::new();
        for parameter in operation.parameters("header") {
            let name = parameter["name"].as_str().unwrap().to_lowercase();
            match self.example(&parameter) {
                // A key is new for each action, so that none can be an example.
                _ if name == "idempotency-key" => headers.push((name, key.clone())),
                Some(value) => headers.push((name, value)),
                None => assert_ne!(parameter["required"], true, "{}: {name} has no example", operation.name()),
            }
        }
        headers.extend(body.map(|(content_type, _)| ("content-type".to_owned(), content_type.to_owned())));
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let sent = body.map(|(_, bytes)| bytes);
        self.caller(operation).send(&operation.method, address, &headers, sent)
    }

    fn path(&self, operation: &Operation) -> String {
        let mut address = operation.path.clone();
        for parameter in operation.parameters("path") {
            let name = parameter["name"].as_str().unwrap();
            let value = self.example(&parameter);
            let value = value.unwrap_or_else(|| panic!("{}: {name} has no example", operation.name()));
            address = address.replace(&format!("{{{name}}}"), &encoded(&value));
        }
        address
    }

    fn query(&self, operation: &Operation) -> String {
        let query = operation.parameters("query").into_iter().filter_map(|parameter| {
            Some(format!("{}={}", parameter["name"].as_str().unwrap(), encoded(&self.example(&parameter)?)))
        });
        let query: Vec<String> = query.collect();
        if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) }
    }

    /// The example of a parameter, its own or that of its form.
    fn example(&self, parameter: &Value) -> Option<String> {
        let own = parameter.get("example").cloned();
        own.or_else(|| example(resolve(&self.document, &parameter["schema"]))).map(|value| text(&value))
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A value as an address writes it.
fn encoded(value: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    value.bytes().map(byte).collect()
}

/// The bodies that the document gives for an operation, by content type.
fn bodies(document: &Value, operation: &Operation) -> Vec<(String, Vec<u8>)> {
    let Some(content) = operation.says["requestBody"]["content"].as_object() else { return Vec::new() };
    let body = |(content_type, media): (&String, &Value)| {
        let own = media.get("example").cloned();
        let shown = own.or_else(|| resolve(document, &media["schema"]).get("example").cloned())?;
        Some((content_type.clone(), text(&shown).into_bytes()))
    };
    content.iter().filter_map(body).collect()
}

/// A value with what another day or another demo makes otherwise taken out of it: all that has digits.
fn form(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), form(value))).collect(),
        Value::Array(items) => items.iter().map(form).collect(),
        Value::String(text) if text.contains(|it: char| it.is_ascii_digit()) => Value::from("…"),
        Value::Number(_) => Value::from(0),
        plain => plain.clone(),
    }
}

/// Sends what the document gives for an operation, and answers what it shows of the answers.
fn sent(demo: &Demo, operation: &Operation) -> Option<Answer> {
    let bodies = bodies(&demo.document, operation);
    let takes_body = operation.says.get("requestBody").is_some();
    assert_eq!(takes_body, !bodies.is_empty(), "{} has no example of a body", operation.name());
    let mut answers: Vec<Answer> = if takes_body {
        bodies.into_iter().map(|(kind, body)| demo.send(operation, Some((&kind, &body)))).collect()
    } else {
        vec![demo.read(operation), demo.send(operation, None)]
    };
    for answer in &answers {
        assert!(matches!(answer.status, 200 | 201), "{}: {} {}", operation.name(), answer.status, answer.text);
        let content = &operation.says["responses"][answer.status.to_string()]["content"];
        let found = differences(&demo.document, &content["application/json"]["schema"], &answer.body, "");
        assert!(content["application/json"].is_null() || found.is_empty(), "{}: {found:#?}", operation.name());
    }
    let first = answers.swap_remove(0);
    (operation.is_v1() && first.body.is_object() && first.text.len() <= SHOWN).then_some(first)
}

#[test]
fn every_example_of_a_request_succeeds_as_it_stands_and_every_answer_is_real() {
    let folder = WorkingFolder::new();
    let demo = Demo::start(&folder);
    // What is read is read before anything is changed.
    let (reads, writes): (Vec<_>, Vec<_>) = operations(&demo.document).into_iter().partition(|it| it.method == "GET");

    let mut answers = Map::new();
    for operation in reads.iter().chain(&writes) {
        let name = operation.says["operationId"].as_str().unwrap();
        if let Some(answer) = (!SIGNED.contains(&name)).then(|| sent(&demo, operation)).flatten() {
            answers.insert(format!("{name} {}", answer.status), answer.body);
        }
    }

    let path = workspace().join(ANSWERS);
    if std::env::vars().any(|(name, _)| name == "LVCAI_EXAMPLES") {
        std::fs::write(&path, format!("{:#}\n", Value::Object(answers.clone()))).unwrap();
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_default()).unwrap_or_default();
    for (name, answer) in &answers {
        assert_eq!(kept.get(name).map(form), Some(form(answer)), "{name} is answered otherwise: `make examples`");
    }
    assert_eq!(kept.as_object().map(Map::len), Some(answers.len()), "{ANSWERS} has more: `make examples`");
}
