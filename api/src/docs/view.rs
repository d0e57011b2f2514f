//! The OpenAPI document as the page shows it: the same operations, with what a reader needs beside them.

use crate::docs::guides;
use crate::http::Language;
use crate::openapi;
use lvcai_domain::ProblemKind;
use serde_json::{Map, Value, json};

/// The idempotency key of examples.
const EACH_TIME: &str = "another-for-each-request";

const INTRODUCTION: &str = "\
绿色建材登记库：产品、认证机构报送的认证记录，以及编号并签名的产品名单。\n\n\
公开的查询不需要令牌。每次查询都对应账本的一个截面：答复的 `Registry-Seq` 指出它，`as_of`（账本序号或时刻）可指定较早的截面。\
失败以 RFC 9457 问题文档答复，按 `Accept-Language` 使用中文或英文。未知的参数和字段一律指名拒绝。\n\n\
各接口的说明为英文；指南与问题说明有中文。";

/// The document for readers of a language.
pub(super) fn document(language: Language) -> Value {
    let mut document = openapi::document();
    let described = document.pointer("/info/description").and_then(Value::as_str).unwrap_or_default();
    let introduction = match language {
        Language::Chinese => INTRODUCTION,
        Language::English => described,
    };
    let description = format!("{introduction}\n\n{}", links(language));
    if let Some(text) = document.pointer_mut("/info/description") {
        *text = Value::String(description);
    }
    for scheme in members(&mut document, "/components/securitySchemes") {
        *scheme = bearer(language);
    }
    openapi::put(&mut document, "/components", "examples", Value::Object(openapi::problem_examples(language)));
    let components = document.get("components").cloned().unwrap_or_default();
    for operation in members(&mut document, "/paths").filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        refer_to_problems(operation, &components);
        if language == Language::Chinese {
            name_in_chinese(operation);
        }
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            inline(parameter, &components);
            prefill(parameter, &components);
        }
    }
    for tag in document.pointer_mut("/tags").and_then(Value::as_array_mut).into_iter().flatten() {
        name_tag(tag, language);
    }
    document
}

/// The names of the security schemes, for each of which the page takes a token.
pub(super) fn schemes() -> Vec<String> {
    let document = openapi::document();
    let schemes = document.pointer("/components/securitySchemes").and_then(Value::as_object);
    schemes.into_iter().flat_map(Map::keys).cloned().collect()
}

/// Shows the Chinese name of an operation alone, which its summary has in brackets.
fn name_in_chinese(operation: &mut Value) {
    let Some(Value::String(summary)) = operation.get_mut("summary") else { return };
    let chinese = summary.rsplit_once(" (").and_then(|(_, it)| it.strip_suffix(')')).filter(|it| !it.is_ascii());
    if let Some(chinese) = chinese.map(str::to_owned) {
        *summary = chinese;
    }
}

fn members<'a>(document: &'a mut Value, pointer: &str) -> impl Iterator<Item = &'a mut Value> {
    document.pointer_mut(pointer).and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
}

/// The guides and what else there is to read, as Markdown.
fn links(language: Language) -> String {
    let tag = language.tag();
    let guide = |(name, title): (&str, String)| format!("- [{title}](/docs/guides/{name}?lang={tag})\n");
    let guides: String = guides::titles(language).map(guide).collect();
    match language {
        Language::Chinese => format!(
            "**指南**\n\n{guides}\n**另见** [问题与规则目录](/problems?lang={tag}) · [openapi.yaml](/openapi.yaml) · \
             [openapi.json](/openapi.json) · [openapi-3.0.json](/openapi-3.0.json)"
        ),
        Language::English => format!(
            "**Guides**\n\n{guides}\n**See also** [problems and rules](/problems?lang={tag}) · \
             [openapi.yaml](/openapi.yaml) · [openapi.json](/openapi.json) · [openapi-3.0.json](/openapi-3.0.json)"
        ),
    }
}

/// A page has no key to sign an assertion with, so it takes the token itself.
fn bearer(language: Language) -> Value {
    let description = language.of_two(
        "粘贴 /oauth/token 发放的令牌，有效期 10 分钟；取得方法见指南「五种语言的第一步」。`lvcai demo` 的演示可在页首选择演示客户端。",
        "Paste a token of /oauth/token, which is good for ten minutes; the guide \"First steps in five languages\" \
         shows how to get one. In the demo of `lvcai demo`, choose a client above.",
    );
    json!({ "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": description })
}

/// Puts what is shared between operations in the place that refers to it, where it is then completed.
fn inline(part: &mut Value, components: &Value) {
    let shared = part.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix("#/components"));
    if let Some(shared) = shared.and_then(|it| components.pointer(it)) {
        *part = shared.clone();
    }
}

/// Leads from each failure of an operation to the pages of the problems that it may be.
fn refer_to_problems(operation: &mut Value, components: &Value) {
    for (_, response) in operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten() {
        inline(response, components);
        if let Some(Value::String(said)) = response.get_mut("description") {
            for slug in ProblemKind::ALL.iter().map(|it| it.slug()) {
                *said = said.replace(&format!("`{slug}`"), &format!("[`{slug}`](/problems/{slug})"));
            }
        }
    }
}

/// Fills a parameter in as the page sends it. A filter that need not be sent is shown with its example and not sent:
/// all filters at once, each with some value, find nothing; and an example with a key works once.
fn prefill(parameter: &mut Value, components: &Value) {
    let required = parameter["required"] == true;
    // The page knows this value, and puts a random one in its place whenever it sends.
    let each_time = (parameter["name"] == "Idempotency-Key").then(|| json!(EACH_TIME));
    let Some(parameter) = parameter.as_object_mut().filter(|_| !required || each_time.is_some()) else { return };
    let own = parameter.remove("example");
    let value =
        each_time.or(own).or_else(|| example(parameter.get("schema")?, components)).unwrap_or_else(|| json!(""));
    parameter.insert("examples".to_owned(), json!({ "default": { "value": value, "x-disabled": !required } }));
}

/// The first example that a schema has, itself or where it refers to.
fn example(schema: &Value, components: &Value) -> Option<Value> {
    if let Some(pointer) = schema["$ref"].as_str().and_then(|it| it.strip_prefix("#/components")) {
        return example(components.pointer(pointer)?, components);
    }
    let own = schema.get("example").or_else(|| schema["examples"].get(0)).or_else(|| schema["enum"].get(0));
    own.cloned().or_else(|| {
        let alternatives = ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|it| schema[it].as_array()).flatten();
        alternatives.into_iter().find_map(|it| example(it, components))
    })
}

/// Calls a tag in Chinese what its description does in brackets; one without keeps its name.
fn name_tag(tag: &mut Value, language: Language) {
    let Some(tag) = tag.as_object_mut().filter(|_| language == Language::Chinese) else { return };
    let said = tag.get("description").and_then(Value::as_str).unwrap_or_default();
    let mut bracketed = said.split('(').skip(1).filter_map(|it| it.split(')').next());
    let chinese = bracketed.find(|it| it.chars().all(|it| ('\u{4e00}'..='\u{9fff}').contains(&it))).map(str::to_owned);
    if let Some(chinese) = chinese {
        tag.insert("x-displayName".to_owned(), Value::String(chinese));
    }
}

#[cfg(test)]
mod tests {
    use super::{Language, document};
    use serde_json::Value;

    #[test]
    fn every_failure_leads_to_the_pages_of_its_problems() {
        let document = document(Language::English);
        let responses = &document["paths"]["/v1/certificates/{id}/transitions"]["post"]["responses"];
        let said = responses["409"]["description"].as_str().unwrap();
        assert!(said.contains("[`illegal-step`](/problems/illegal-step)"), "{said}");
        let reference = "/content/application~1problem+json/examples/conflict/$ref";
        let pointer = responses["409"].pointer(reference).unwrap().as_str().unwrap();
        assert_eq!(
            document.pointer(&pointer[1..]).unwrap()["value"]["type"],
            "https://registry.example/problems/conflict"
        );
    }

    #[test]
    fn what_need_not_be_sent_is_shown_and_not_sent() {
        let document = document(Language::English);
        let of = |path: &str, method: &str, name: &str| -> Value {
            let parameters = document["paths"][path][method]["parameters"].as_array().unwrap();
            parameters.iter().find(|it| it["name"] == name).unwrap()["examples"]["default"].clone()
        };
        assert_eq!(of("/v1/products", "get", "as_of")["x-disabled"], true);
        assert_eq!(of("/v1/certificates", "get", "status")["value"], "01");
        let key = of("/v1/certificates/{id}/transitions", "post", "Idempotency-Key");
        assert_eq!((key["value"].as_str(), key["x-disabled"].as_bool()), (Some(super::EACH_TIME), Some(false)));
        let number = "/v1/certification-bodies/{certification_body}/certificates/{number}";
        assert_eq!(of(number, "put", "Idempotency-Key")["x-disabled"], true);
    }

    #[test]
    fn a_token_can_be_pasted_whatever_the_schemes_are() {
        let document = document(Language::Chinese);
        let schemes = document["components"]["securitySchemes"].as_object().unwrap();
        assert!(!schemes.is_empty() && schemes.values().all(|it| it["scheme"] == "bearer"), "{schemes:?}");
    }

    #[test]
    fn tags_are_called_in_chinese_what_their_descriptions_call_them() {
        let name = |language: Language| document(language)["tags"][0]["x-displayName"].clone();

        assert_eq!(name(Language::Chinese), "建材种类");
        assert_eq!(name(Language::English), Value::Null);
    }
}
