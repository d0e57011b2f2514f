//! The document, assembled from the operations that are mounted.
//!
//! utoipa describes each operation beside its handler. What all have in common is added to them (`operations`,
//! `problems`, `headers`); what generators of clients need is then written into the document as JSON: names for generic
//! shapes (`shape`), what is read and may be put back (`restated`), what is sent apart from what is answered (`sides`), and what many share once (`shared`).

mod answers;
mod headers;
mod members;
mod older;
mod operations;
mod problems;
mod restated;
mod shape;
mod shared;
mod sides;

use crate::deprecated::{DEPRECATED, Deprecation};
use crate::http::Language;
use crate::http::asset::Asset;
use crate::http::failure::{FaultDocument, ProblemDocument};
use crate::reference::document::DocumentText;
use crate::routes::mount;
use lvcai_domain::PublicationDocument;
use lvcai_domain::reference::Taxonomy;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use utoipa::OpenApi;
use utoipa::openapi::RefOr;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::{Tag, TagBuilder};
use utoipa_actix_web::AppExt as _;

pub(crate) use members::put;
pub(crate) use older::as_3_0;
pub(crate) use problems::examples as problem_examples;

const ABOUT: &str = "\
A registry of green building materials (绿色建材): products, the certification records that accredited bodies push, \
and numbered, signed product lists.\n\n\
Public reads need no token. Every read is at a cut of the ledger: `Registry-Seq` names it, and `as_of` (a sequence \
number or an instant) asks for an earlier one. Failures are problem documents (RFC 9457) from a closed catalogue, in \
zh-CN or en by `Accept-Language`. Unknown parameters and fields are refused by name.";

const ABOUT_TOKENS: &str = "\
An access token (RFC 9068) from `POST /oauth/token`, by the grant `client_credentials` with `private_key_jwt` (RFC 7523): \
the client signs an assertion, a JWT, with its own key (`alg` ES256, EdDSA or RS256; `kid` may name the key) and sends it \
as `client_assertion`, with `client_assertion_type` `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`; there are no \
secrets. Claims: `iss` and `sub` are the client's id, `aud` is the issuer and nothing beside it, `jti` is used once, `exp` is \
at most five minutes ahead, `iat` and `nbf` may be left out. `lvcai client assertion` prints one. `/.well-known/oauth-authorization-server` (RFC 8414) has the addresses. \
A token holds for 600 seconds. With a proof in the header `DPoP` (RFC 9449) it is bound to the key of the proof, and then \
sent as `Authorization: DPoP` with a proof for each request: `htm` is its method, `htu` the issuer and its path, `ath` the \
digest of the token, `iat` of the last minute, and each `jti` is used once.\n\nScopes:";

#[derive(OpenApi)]
#[openapi(
    info(title = "Lvcai 绿材", description = ABOUT,
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact(name = "The registry's operator")),
    servers((url = "/", description = "The registry that serves this document")),
    components(schemas(ProblemDocument, FaultDocument, PublicationDocument, Taxonomy)),
)]
struct Base;

/// The order in which the document has named its tags from the first; those that came later follow.
const FIRST_TAGS: [&str; 13] = [
    "kinds",
    "certification bodies",
    "organisations",
    "products",
    "certificates",
    "laboratories",
    "test reports",
    "evidence",
    "lists",
    "verification",
    "refusals",
    "tokens",
    "problems",
];

/// What the nouns are called in the document, each beside its routes.
fn tags() -> Vec<Tag> {
    let mut tags = crate::routes::TAGS.concat();
    tags.sort_by_key(|(name, _)| FIRST_TAGS.iter().position(|it| it == name).unwrap_or(FIRST_TAGS.len()));
    let tag = |(name, description)| TagBuilder::new().name(name).description(Some(description)).build();
    tags.into_iter().map(tag).collect()
}

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

/// The text of the document for those who serve it, written when it is first asked for.
pub(crate) fn text() -> DocumentText {
    DocumentText {
        yaml: LazyLock::new(|| Asset::new("application/yaml", yaml(&DOCUMENT))),
        json: LazyLock::new(|| Asset::new("application/json", DOCUMENT.to_string())),
        older: LazyLock::new(|| Asset::new("application/json", as_3_0(DOCUMENT.clone()).to_string())),
    }
}

/// The document as YAML that a reader of YAML 1.1 takes for the same: keys and texts that it would take for something
/// else (`on`, a day) are quoted.
pub fn yaml(document: &Value) -> String {
    serde_saphyr::to_string(document).unwrap_or_default()
}

/// The methods of an address, by its pattern in the document.
pub(crate) fn methods(pattern: &str) -> Option<String> {
    let item = DOCUMENT.get("paths")?.get(pattern)?;
    let methods = [("GET, HEAD", "get"), ("POST", "post"), ("PUT", "put"), ("PATCH", "patch")];
    let methods: Vec<_> =
        methods.into_iter().filter(|(_, operation)| item.get(operation).is_some()).map(|(name, _)| name).collect();
    Some(format!("{}, OPTIONS", methods.join(", ")))
}

/// The types in which an operation of the registry answers, or one of those that serve the document.
pub(crate) fn answers(pattern: &str, method: &str) -> Vec<String> {
    let responses =
        || DOCUMENT.get("paths")?.get(pattern)?.get(method.to_ascii_lowercase())?.get("responses")?.as_object();
    let done =
        responses().filter(|_| negotiates(pattern)).into_iter().flatten().filter(|(status, _)| status.starts_with('2'));
    let types = done.filter_map(|(_, it)| it.get("content")?.as_object()).flat_map(Map::keys);
    types.cloned().collect::<BTreeSet<_>>().into_iter().collect()
}

/// Whether `Accept` is asked at an address. Pages for people and tokens are outside it.
fn negotiates(pattern: &str) -> bool {
    pattern.starts_with("/v1/") || pattern.starts_with("/openapi")
}

/// The OpenAPI document of everything `routes` mounts.
pub fn document() -> Value {
    let (_, mut document) =
        actix_web::App::new().into_utoipa_app().openapi(Base::openapi()).configure(mount).split_for_parts();
    document.tags = Some(tags());
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", bearer());
    components.headers = headers::components();
    components.responses.insert("AnyProblem".to_owned(), RefOr::T(problems::any()));
    let addresses: BTreeSet<String> = document.paths.paths.keys().cloned().collect();
    for (path, item) in &mut document.paths.paths {
        let has_versions = addresses.contains(&format!("{path}/versions")) || path.ends_with("/{number}");
        operations::complete(path, item, (has_versions, negotiates(path)), components);
    }
    let mut document = serde_json::to_value(&document).unwrap_or_default();
    put(&mut document, "/components", "examples", Value::Object(problem_examples(Language::English)));
    shape::name_generics(&mut document);
    restated::write(&mut document);
    sides::separate(&mut document);
    answers::show(&mut document);
    Deprecation::write(DEPRECATED, &mut document);
    shared::gather(&mut document);
    document
}

/// How a client proves itself. The requirement of an operation names the scopes; a scheme of type `oauth2` would say the
/// same, but generators and forms then ask for a secret, which no client here has.
fn bearer() -> SecurityScheme {
    let scopes = lvcai_auth::Scope::ALL.iter();
    let scopes: String = scopes.map(|it| format!("\n- `{}`: {} {}", it.wire(), it.en(), it.zh())).collect();
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
    SecurityScheme::Http(scheme.description(Some(format!("{ABOUT_TOKENS}{scopes}"))).build())
}

#[cfg(test)]
mod tests {
    use super::document;
    use super::older::as_3_0;
    use serde_json::Value;

    /// Words of a schema that the older standard does not know.
    fn unknown(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                let lone = !members.contains_key("$ref") || members.len() == 1;
                let types = members.get("type").is_none_or(|it| !it.is_array() && *it != "null");
                let examples = members.get("examples").is_none_or(Value::is_object);
                if !(lone && types && examples) || members.contains_key("propertyNames") {
                    found.push(at.to_owned());
                }
                members.iter().for_each(|(name, it)| unknown(it, &format!("{at}/{name}"), found));
            }
            Value::Array(items) => items.iter().for_each(|it| unknown(it, at, found)),
            _ => {}
        }
    }

    #[test]
    fn the_older_document_has_the_older_words_and_the_same_operations() {
        let (newer, older) = (document(), as_3_0(document()));
        let mut found = Vec::new();

        unknown(&older, "", &mut found);

        assert_eq!(found, Vec::<String>::new());
        let names = |it: &Value| it["paths"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!((names(&older), &older["openapi"]), (names(&newer), &"3.0.3".into()));
        let patch = &older["components"]["schemas"]["ProductPatch"]["properties"]["gtin"];
        assert_eq!(
            (&patch["nullable"], &patch["allOf"][0]["$ref"]),
            (&true.into(), &"#/components/schemas/Gtin".into())
        );
    }
}
