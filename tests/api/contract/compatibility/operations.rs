//! Operations, their parameters, bodies, answers and tokens.

use super::Comparison;
use super::place::Place;
use crate::contract::{Operation, operations};
use serde_json::{Map, Value, json};

/// A path without the names of its parameters: these are nobody's business but a generated client's.
fn address(path: &str) -> String {
    path.split('{').map(|it| it.split_once('}').map_or(it, |(_, after)| after)).collect::<Vec<_>>().join("{}")
}

impl Comparison<'_> {
    /// Compares all there is.
    pub(super) fn documents(&mut self) {
        let current = operations(self.current);
        for was in operations(self.blessed) {
            let name = was.name();
            let same = |it: &&Operation| (&it.method, address(&it.path)) == (&was.method, address(&was.path));
            match current.iter().find(same) {
                Some(is) => self.operation(&name, &was, is),
                None => self.tell(&name, "the operation is gone: clients that call it get 404 or 405"),
            }
        }
        self.components();
    }

    fn operation(&mut self, name: &str, was: &Operation, is: &Operation) {
        let id = |it: &Operation| it.says["operationId"].as_str().unwrap_or_default().to_owned();
        if id(was) != id(is) {
            let (was, is) = (id(was), id(is));
            self.tell(name, format!("its operationId is `{is}` now: generated clients lose the method `{was}`"));
        }
        self.path_parameters(name, was, is);
        self.parameters(name, was, is);
        self.body(name, &was.says["requestBody"], &is.says["requestBody"]);
        self.answers(name, &was.says["responses"], &is.says["responses"]);
        self.tokens(name, was, is);
    }

    /// Those of the path are told apart by where they stand.
    fn path_parameters(&mut self, name: &str, was: &Operation, is: &Operation) {
        let named = |it: &Operation| -> Vec<String> {
            let inner = it.path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
            inner.map(str::to_owned).collect()
        };
        for (old, new) in named(was).into_iter().zip(named(is)) {
            if old != new {
                self.tell(
                    name,
                    format!("the path's `{old}` is called `{new}` now: generated clients lose the argument"),
                );
            }
            let schema = |it: &Operation, name: &str| {
                it.parameters("path").iter().find(|it| it["name"] == name).map(|it| it["schema"].clone())
            };
            if let (Some(old_schema), Some(new_schema)) = (schema(was, &old), schema(is, &new)) {
                let place = Place::whole(name, format!("the path's `{old}`"), 400);
                self.request(&place, &old_schema, &new_schema);
            }
        }
    }

    fn parameters(&mut self, name: &str, was: &Operation, is: &Operation) {
        for at in ["query", "header"] {
            let (old, new) = (was.parameters(at), is.parameters(at));
            for parameter in &old {
                match named(&new, parameter) {
                    Some(current) => self.parameter(name, parameter, current),
                    None => self.lost_parameter(name, parameter),
                }
            }
            for parameter in new.iter().filter(|it| it["required"] == true && named(&old, it).is_none()) {
                let parameter = shown(&parameter["name"]);
                self.tell(
                    name,
                    format!(
                        "it requires the new parameter `{parameter}`: clients that do not send it are refused with 400"
                    ),
                );
            }
        }
    }

    fn parameter(&mut self, name: &str, was: &Value, is: &Value) {
        let parameter = shown(&was["name"]);
        if was["required"] != true && is["required"] == true {
            self.tell(
                name,
                format!(
                    "the parameter `{parameter}` is required now: clients that do not send it are refused with 400"
                ),
            );
        }
        let place = Place::whole(name, format!("the parameter `{parameter}`"), 400);
        self.request(&place, &was["schema"], &is["schema"]);
    }

    fn lost_parameter(&mut self, name: &str, was: &Value) {
        let parameter = shown(&was["name"]);
        let whom = if was["in"] == "query" {
            "clients that send it are refused with 400"
        } else {
            "clients that send it are not heard"
        };
        self.tell(name, format!("the parameter `{parameter}` is gone: {whom}"));
    }

    fn body(&mut self, name: &str, was: &Value, is: &Value) {
        if was["required"] != true && is["required"] == true {
            self.tell(name, "a body is required now: clients that send none are refused with 400");
        }
        for (content_type, media) in object(&was["content"]) {
            match is["content"].get(&content_type) {
                Some(current) => {
                    let place = Place::whole(name, "the body", 422);
                    self.request(&place, &media["schema"], &current["schema"]);
                }
                None => self.tell(
                    name,
                    format!(
                        "a body of {content_type} is not taken any more: clients that send it are refused with 415"
                    ),
                ),
            }
        }
    }

    /// A failure that no longer happens breaks nobody, and a new one is a refusal like those before.
    fn answers(&mut self, name: &str, was: &Value, is: &Value) {
        for (status, answer) in object(was) {
            let fails = status.starts_with(['4', '5']);
            match is.get(&status) {
                Some(current) => self.one_answer(name, &status, &answer, current),
                None if fails => {}
                None => self.tell(
                    name,
                    format!("the answer {status} is gone: clients that wait for it take success for failure"),
                ),
            }
        }
    }

    fn one_answer(&mut self, name: &str, status: &str, was: &Value, is: &Value) {
        let whole = format!("the answer {status}");
        for header in object(&was["headers"]).keys().filter(|it| is["headers"].get(it.as_str()).is_none()) {
            self.tell(name, format!("{whole} no longer has the header `{header}`: clients that read it break"));
        }
        for (content_type, media) in object(&was["content"]) {
            match is["content"].get(&content_type) {
                Some(current) => {
                    self.answer(&Place::whole(name, whole.clone(), 0), &media["schema"], &current["schema"]);
                }
                None => self
                    .tell(name, format!("{whole} is no longer of the type {content_type}: clients that read it break")),
            }
        }
    }

    /// Whoever was let in by one of the old ways must be let in by one of the new ones.
    fn tokens(&mut self, name: &str, was: &Operation, is: &Operation) {
        let ways = is.security();
        let known = Some(was.security()).filter(|it| !it.is_empty()).unwrap_or_else(|| vec![json!({})]);
        for way in known {
            let lets_in = |new: &Value| {
                object(new).iter().all(|(scheme, scopes)| {
                    let held = way.get(scheme).and_then(Value::as_array);
                    held.is_some_and(|held| scopes.as_array().into_iter().flatten().all(|it| held.contains(it)))
                })
            };
            if ways.is_empty() || ways.iter().any(lets_in) {
                continue;
            }
            let held = way["bearer"].as_array().map(|it| it.iter().map(shown).collect::<Vec<_>>().join(" "));
            self.tell(
                name,
                match held.as_deref() {
                    None => "it needs a token now: clients without one are refused with 401".to_owned(),
                    Some("") => "it needs a scope now: clients whose token has none are refused with 403".to_owned(),
                    Some(held) => {
                        format!("the scope `{held}` does not suffice now: clients with it are refused with 403")
                    }
                },
            );
        }
    }

    /// What generated clients and token requests name.
    fn components(&mut self) {
        for (schema, _) in object(&self.blessed["components"]["schemas"]) {
            if self.current["components"]["schemas"].get(&schema).is_none() {
                self.tell("components", format!("the schema `{schema}` is gone: generated clients lose the type"));
            }
        }
        let flow = "/components/securitySchemes/bearer/flows/clientCredentials";
        let (was, is) = (self.blessed.pointer(flow), self.current.pointer(flow));
        let (was, is) = (was.cloned().unwrap_or_default(), is.cloned().unwrap_or_default());
        for (scope, _) in object(&was["scopes"]) {
            if is["scopes"].get(&scope).is_none() {
                self.tell("components", format!("the scope `{scope}` is gone: clients that ask for it get no token"));
            }
        }
        if was["tokenUrl"] != is["tokenUrl"] {
            self.tell("components", "tokens are issued elsewhere now: clients that ask the old address get none");
        }
    }
}

/// The parameter of the same name; names of headers are the same in any case.
fn named<'a>(parameters: &'a [Value], like: &Value) -> Option<&'a Value> {
    let header = like["in"] == "header";
    let name = |it: &Value| if header { shown(&it["name"]).to_lowercase() } else { shown(&it["name"]) };
    parameters.iter().find(|it| name(it) == name(like))
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn shown(value: &Value) -> String {
    json!(value).as_str().unwrap_or_default().to_owned()
}
