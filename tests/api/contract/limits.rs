//! Every limit that the document states is enforced, and names the field that breaks it.

use crate::contract::{Operation, World, document, operations, resolve, sample, type_of};
use lvcai_tests::Answer;
use serde_json::{Value, json};

/// A body with one thing broken.
struct Broken {
    /// The body.
    body: Value,
    /// The field that the answer must point at.
    pointer: String,
    /// What is broken about it.
    limit: String,
}

/// Walks a schema and breaks one thing at a time.
struct Breaker<'a> {
    document: &'a Value,
    broken: Vec<Broken>,
}

impl Breaker<'_> {
    /// Puts `value` where `at` points in `whole`, and notes what that breaks.
    fn put(&mut self, whole: &Value, at: &str, value: Value, limit: &str) {
        let mut body = whole.clone();
        *body.pointer_mut(at).unwrap() = value;
        self.broken.push(Broken { body, pointer: at.to_owned(), limit: limit.to_owned() });
    }

    /// Breaks what stands at `at`, which must be there.
    fn walk(&mut self, schema: &Value, whole: &Value, at: &str) {
        let schema = resolve(self.document, schema);
        match type_of(schema) {
            "object" => self.object(schema, whole, at),
            "array" => self.array(schema, whole, at),
            "string" => self.string(schema, whole, at),
            "integer" => {
                self.put(whole, at, json!("x"), "type");
                self.put(whole, at, json!(1.5), "type");
                for (word, step) in [("minimum", -1), ("maximum", 1)] {
                    if let Some(bound) = schema[word].as_i64() {
                        self.put(whole, at, json!(bound + step), word);
                    }
                }
            }
            "boolean" => self.put(whole, at, json!("x"), "type"),
            other => panic!("the walk does not know the type `{other}` of {at}"),
        }
    }

    fn object(&mut self, schema: &Value, whole: &Value, at: &str) {
        assert_eq!(schema["additionalProperties"], false, "{at} takes fields that the document does not know");
        self.put(whole, at, json!("x"), "type");
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let mut body = whole.clone();
            body.pointer_mut(at).unwrap().as_object_mut().unwrap().remove(name);
            self.broken.push(Broken { body, pointer: format!("{at}/{name}"), limit: "required".to_owned() });
        }
        let mut body = whole.clone();
        body.pointer_mut(at).unwrap()["no_such_field"] = json!(1);
        self.broken.push(Broken { body, pointer: format!("{at}/no_such_field"), limit: "unknown-field".to_owned() });
        // What may only be repeated is compared with the record that stands, whatever its form (`put_back`).
        let own = |(_, it): &(&String, &Value)| it["readOnly"] != true;
        for (name, property) in schema["properties"].as_object().into_iter().flatten().filter(own) {
            let mut present = whole.clone();
            let object = present.pointer_mut(at).unwrap();
            if object.get(name).is_none() {
                object[name] = sample(self.document, property);
            }
            self.walk(property, &present, &format!("{at}/{name}"));
        }
    }

    fn array(&mut self, schema: &Value, whole: &Value, at: &str) {
        self.put(whole, at, json!("x"), "type");
        let item =
            whole.pointer(at).unwrap().get(0).cloned().unwrap_or_else(|| sample(self.document, &schema["items"]));
        if let Some(bound) = schema["maxItems"].as_u64() {
            self.put(whole, at, vec![item.clone(); usize::try_from(bound).unwrap() + 1].into(), "maxItems");
        }
        if let Some(bound @ 1..) = schema["minItems"].as_u64() {
            self.put(whole, at, vec![item.clone(); usize::try_from(bound).unwrap() - 1].into(), "minItems");
        }
        let mut present = whole.clone();
        *present.pointer_mut(at).unwrap() = json!([item]);
        self.walk(&schema["items"], &present, &format!("{at}/0"));
    }

    fn string(&mut self, schema: &Value, whole: &Value, at: &str) {
        self.put(whole, at, json!(12345), "type");
        for (value, limit) in strings_out_of_form(schema) {
            self.put(whole, at, json!(value), limit);
        }
    }
}

/// Strings that break a schema of a string, each in one way.
fn strings_out_of_form(schema: &Value) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    if let Some(bound) = schema["maxLength"].as_u64() {
        found.push(("a".repeat(usize::try_from(bound).unwrap() + 1), "maxLength"));
    }
    if let Some(bound @ 1..) = schema["minLength"].as_u64() {
        found.push(("a".repeat(usize::try_from(bound).unwrap() - 1), "minLength"));
    }
    if schema.get("pattern").is_some() {
        found.push(("!!!!".to_owned(), "pattern"));
    }
    if schema.get("enum").is_some() {
        found.push(("no_such_value".to_owned(), "enum"));
    }
    if schema["format"] == "date" {
        found.push(("2026-02-30".to_owned(), "format"));
    }
    found
}

fn broken_bodies(document: &Value, schema: &Value) -> Vec<Broken> {
    let mut breaker = Breaker { document, broken: Vec::new() };
    breaker.walk(schema, &sample(document, schema), "");
    breaker.broken
}

/// The faults that an answer names, with their rules: those of the body, of the one line that was compared, or of the
/// one question that was asked.
fn faults(answer: &Answer) -> Vec<(String, String)> {
    let (at, errors) = match answer.status {
        200 if answer.body.get("verdicts").is_some() => ("", &answer.body["verdicts"][0]["errors"]),
        200 => ("/0", &answer.body["unreadable"][0]["errors"]),
        422 if answer.slug() == Some("invalid") => ("", &answer.body["errors"]),
        _ => return Vec::new(),
    };
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let errors = errors.as_array().into_iter().flatten();
    errors.map(|it| (format!("{at}{}", text(&it["source"]["pointer"])), text(&it["rule"]))).collect()
}

#[test]
fn every_documented_limit_of_a_body_is_enforced() {
    let (world, document) = (World::begin(), document());
    let mut unenforced = Vec::new();

    for operation in operations(&document).into_iter().filter(Operation::is_v1) {
        let Some((_, schema)) = operation.body() else { continue };
        // An atomic batch answers the faults of its lines in `errors`, as a single body does.
        let query = if operation.documents_parameter("mode") { "?mode=atomic" } else { "" };
        for Broken { body, pointer, limit } in broken_bodies(&document, &schema) {
            let answer = world.call(world.caller(&operation), &operation, query, Some(&body));
            world.keeps_to(&operation, &answer);

            let faults = faults(&answer);
            let named = faults.iter().find(|(at, _)| *at == pointer);
            let told = named.is_some_and(|(_, rule)| limit != "unknown-field" || rule == "unknown-field");
            // A text that should be an array and is none is refused as a whole, with 400.
            let whole = pointer.is_empty() && type_of(&schema) == "array" && answer.status == 400;
            if !told && !whole {
                unenforced.push(format!("{} {pointer} {limit}: {} {}", operation.name(), answer.status, answer.text));
            }
        }
    }

    assert!(unenforced.is_empty(), "{} limits:\n{}", unenforced.len(), unenforced.join("\n"));
}

/// Values of a parameter that break its schema.
fn broken_values(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    match type_of(schema) {
        "integer" => {
            found.extend(["x".to_owned(), "1.5".to_owned(), "99999999999999999999".to_owned()]);
            found.extend(schema["minimum"].as_i64().map(|bound| (bound - 1).to_string()));
            found.extend(schema["maximum"].as_i64().map(|bound| (bound + 1).to_string()));
        }
        "boolean" => found.push("perhaps".to_owned()),
        _ => found.extend(strings_out_of_form(schema).into_iter().map(|(value, _)| value)),
    }
    // A parameter without a value is as good as one that is not there, unless its form says otherwise.
    found.retain(|value| !value.is_empty());
    found
}

#[test]
fn every_documented_limit_of_a_parameter_is_enforced() {
    let (world, document) = (World::begin(), document());
    let mut unenforced = Vec::new();

    for operation in operations(&document).into_iter().filter(Operation::is_v1) {
        let body = operation.body().map(|(_, schema)| sample(&document, &schema));
        for parameter in operation.parameters("query") {
            let name = parameter["name"].as_str().unwrap();
            for value in broken_values(resolve(&document, &parameter["schema"])) {
                let answer =
                    world.call(world.caller(&operation), &operation, &format!("?{name}={value}"), body.as_ref());
                world.keeps_to(&operation, &answer);

                // A cursor is refused as such, whatever is wrong with it.
                let bad_cursor = answer.body["type"].as_str().is_some_and(|it| it.ends_with("/bad-cursor"));
                let told = answer.body["errors"][0]["source"]["parameter"] == name || (name == "cursor" && bad_cursor);
                if answer.status != 400 || !told {
                    unenforced.push(format!("{} {name}={value}: {} {}", operation.name(), answer.status, answer.text));
                }
            }
        }
    }

    assert!(unenforced.is_empty(), "{} limits:\n{}", unenforced.len(), unenforced.join("\n"));
}

#[test]
fn a_parameter_that_is_not_documented_is_refused_by_name() {
    let (world, document) = (World::begin(), document());

    for operation in operations(&document).into_iter().filter(Operation::is_v1) {
        let body = operation.body().map(|(_, schema)| sample(&document, &schema));
        let answer = world.call(world.caller(&operation), &operation, "?no_such_parameter=1", body.as_ref());

        let name = operation.name();
        assert_eq!(
            (answer.status, answer.body["type"].as_str()),
            (400, Some(lvcai_tests::problem("unknown-parameter").as_str())),
            "{name}: {}",
            answer.text
        );
        assert_eq!(answer.body["errors"][0]["source"]["parameter"], "no_such_parameter", "{name}: {}", answer.text);
        world.keeps_to(&operation, &answer);
    }
}

#[test]
fn a_parameter_that_is_given_twice_is_refused_by_name() {
    let (world, document) = (World::begin(), document());

    for operation in operations(&document).into_iter().filter(|it| it.is_v1() && it.method == "GET") {
        for parameter in operation.parameters("query") {
            let name = parameter["name"].as_str().unwrap();
            let value = match parameter.get("example") {
                Some(example) => example.as_str().map_or_else(|| example.to_string(), str::to_owned),
                None => sample(&document, &parameter["schema"]).as_str().map_or_else(|| "2".to_owned(), str::to_owned),
            };
            let value: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let answer =
                world.call(&world.story.authority, &operation, &format!("?{name}={value}&{name}={value}"), None);

            assert_eq!(answer.status, 400, "{} {name}: {}", operation.name(), answer.text);
            let fault = &answer.body["errors"][0];
            assert_eq!(fault["source"]["parameter"], name, "{}: {}", operation.name(), answer.text);
        }
    }
}

/// Posts that change nothing.
const ONLY_ASKED: [&str; 2] = ["/v1/verifications", ":reconcile"];

#[test]
fn whatever_is_posted_and_changes_something_asks_for_an_idempotency_key() {
    let (world, document) = (World::begin(), document());

    for operation in operations(&document).into_iter().filter(|it| it.method == "POST" && it.path.starts_with("/v1/")) {
        let (content_type, schema) = operation.body().unwrap();
        let body = sample(&document, &schema).to_string();
        let send = |query: &str| {
            let address = format!("{}{query}", world.address(&operation));
            let headers = [("content-type", content_type.as_str())];
            world.caller(&operation).send("POST", &address, &headers, Some(body.as_bytes()))
        };
        let key = operation.parameters("header").into_iter().find(|it| it["name"] == "Idempotency-Key");

        if ONLY_ASKED.iter().any(|it| operation.path.ends_with(it)) {
            assert!(key.is_none(), "{}", operation.name());
            assert_ne!(send("").status, 428, "{}", operation.name());
            continue;
        }
        assert_eq!(key.unwrap()["required"], true, "{}", operation.name());
        assert_ne!(send("?validate_only=true").status, 428, "{}", operation.name());
        send("").problem(428, "idempotency-key-required");
    }
}
