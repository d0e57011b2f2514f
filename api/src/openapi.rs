//! The document, assembled from the operations that are mounted.

mod shape;

use crate::http::asset::Asset;
use crate::http::failure::{FaultDocument, ProblemDocument};
use crate::reference::document::DocumentText;
use crate::routes::mount;
use lvcai_domain::reference::Taxonomy;
use serde_json::Value;
use std::sync::LazyLock;
use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::Response;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::security::{ClientCredentials, Flow, OAuth2, Scopes, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::{Tag, TagBuilder};
use utoipa::openapi::{Components, ContentBuilder, HeaderBuilder, Ref, RefOr, Required, ResponseBuilder};
use utoipa_actix_web::AppExt as _;

const ABOUT: &str = "\
A registry of green building materials (绿色建材): products, the certification records that accredited bodies push, \
and numbered, signed product lists.\n\n\
Public reads need no token. Every read is at a cut of the ledger: `Registry-Seq` names it, and `as_of` (a sequence \
number or an instant) asks for an earlier one. Failures are problem documents (RFC 9457) from a closed catalogue, in \
zh-CN or en by `Accept-Language`. Unknown parameters and fields are refused by name.";

#[derive(OpenApi)]
#[openapi(
    info(title = "Lvcai 绿材", version = "1.0.0", description = ABOUT,
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact(name = "The registry's operator")),
    servers((url = "/", description = "The registry that serves this document")),
    external_docs(url = "/docs/", description = "This document to read and to try, with the guides (接口文档与指南)"),
    components(schemas(ProblemDocument, FaultDocument, Taxonomy)),
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

static DOCUMENT: LazyLock<utoipa::openapi::OpenApi> = LazyLock::new(document);

/// The text of the document for those who serve it, written when it is first asked for.
pub(crate) fn text() -> DocumentText {
    DocumentText {
        yaml: LazyLock::new(|| Asset::new("application/yaml", DOCUMENT.to_yaml().unwrap_or_default())),
        json: LazyLock::new(|| Asset::new("application/json", DOCUMENT.to_json().unwrap_or_default())),
    }
}

/// The methods of an address, by its pattern in the document.
pub(crate) fn methods(pattern: &str) -> Option<String> {
    let item = DOCUMENT.paths.paths.get(pattern)?;
    let methods = [("GET, HEAD", &item.get), ("POST", &item.post), ("PUT", &item.put), ("PATCH", &item.patch)];
    let methods: Vec<_> =
        methods.into_iter().filter(|(_, operation)| operation.is_some()).map(|(name, _)| name).collect();
    Some(format!("{}, OPTIONS", methods.join(", ")))
}

/// The OpenAPI document of everything `routes` mounts.
pub fn document() -> utoipa::openapi::OpenApi {
    let (_, mut document) =
        actix_web::App::new().into_utoipa_app().openapi(Base::openapi()).configure(mount).split_for_parts();
    document.tags = Some(tags());
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", SecurityScheme::OAuth2(OAuth2::new([client_credentials()])));
    for (path, item) in &mut document.paths.paths {
        let registry = path.starts_with("/v1/");
        if let Some(get) = &mut item.get {
            complete_read(get, registry);
        }
        if let Some(put) = &mut item.put {
            problem(put, "412", "The record is another one than `If-Match` says, or there is none yet");
        }
        for write in [&mut item.post, &mut item.put, &mut item.patch].into_iter().flatten() {
            complete_write(write, registry);
        }
        if let Some(put) = &mut item.put {
            let if_match = header_parameter("If-Match", "The ETag to go out from, where one does", Required::False);
            put.parameters.get_or_insert_default().push(if_match);
        }
        if let Some(patch) = &mut item.patch {
            complete_patch(patch, components);
        }
    }
    shape::named(document)
}

fn client_credentials() -> Flow {
    let scopes =
        lvcai_auth::Scope::ALL.iter().map(|scope| (scope.wire().to_owned(), format!("{} {}", scope.zh(), scope.en())));
    Flow::ClientCredentials(ClientCredentials::new("/oauth/token", Scopes::from_iter(scopes)))
}

/// Takes a marker away that stands beside an operation, in the `extensions` of its attribute.
///
/// | marker | what it says of the operation |
/// |---|---|
/// | `x-read-only` | it is posted and changes nothing |
/// | `x-key-required` | it requires an idempotency key |
/// | `x-merge-patch` | its body is the first of two schemas, a merge patch of the second |
fn take_marker(operation: &mut Operation, marker: &str) -> Option<Value> {
    operation.extensions.as_mut()?.remove(marker)
}

/// Completes an operation that amends by a merge patch, and describes the patch.
fn complete_patch(patch: &mut Operation, components: &mut Components) {
    problem(patch, "412", "The record has changed since");
    problem(patch, "428", "`If-Match` is missing");
    let if_match = header_parameter("If-Match", "The ETag that was read", Required::True);
    patch.parameters.get_or_insert_default().push(if_match);
    for (name, of) in take_marker(patch, "x-merge-patch").as_ref().and_then(Value::as_object).into_iter().flatten() {
        let schema = of.as_str().and_then(|of| components.schemas.get(of)).cloned();
        components.schemas.extend(schema.map(|schema| (name.clone(), as_patch(schema))));
    }
}

/// The schema of a merge patch: no field is required, and `null` takes one away.
fn as_patch(schema: RefOr<Schema>) -> RefOr<Schema> {
    let RefOr::T(Schema::Object(mut object)) = schema else { return schema };
    object.required.clear();
    object.description = Some("A merge patch (RFC 7396): the fields to change; `null` takes one away".to_owned());
    object.title = None;
    RefOr::T(Schema::Object(object))
}

/// What every operation can answer; saying so once keeps the handlers short.
fn complete(operation: &mut Operation) {
    let named = operation
        .parameters
        .as_ref()
        .is_some_and(|it| it.iter().any(|it| matches!(it, RefOr::T(it) if it.parameter_in == ParameterIn::Path)));
    if named {
        problem(operation, "404", "No such resource, or none that you may see");
    }
    // An empty requirement says that no token is needed; an absent one would say nothing.
    operation.security.get_or_insert_with(|| vec![SecurityRequirement::default()]);
    problem(operation, "500", "A defect of ours");
    problem(operation, "503", "Busy, or whether a write was kept is not known yet; see `Retry-After`");
    headers(operation);
}

/// Completes an operation that reads; those of the registry have an ETag.
fn complete_read(operation: &mut Operation, registry: bool) {
    if registry {
        problem(operation, "400", "A parameter is unknown or invalid, or the cursor is not valid");
        problem(operation, "401", "A token was sent and is not valid");
        let unchanged = ResponseBuilder::new().description("Unchanged since `If-None-Match`").build();
        operation.responses.responses.entry("304".to_owned()).or_insert(RefOr::T(unchanged));
        let if_none_match = header_parameter("If-None-Match", "An ETag that the client has", Required::False);
        operation.parameters.get_or_insert_default().push(if_none_match);
    }
    complete(operation);
}

/// Completes an operation that takes a body; those that change the registry can be repeated and only decided.
fn complete_write(operation: &mut Operation, registry: bool) {
    let read_only = take_marker(operation, "x-read-only").is_some();
    let key_required = take_marker(operation, "x-key-required").is_some();
    for (status, description) in [
        ("400", "The request cannot be parsed"),
        ("408", "The body took too long to arrive"),
        ("413", "The body is too large"),
        ("415", "The content type is not supported"),
        ("422", "The request breaks a rule"),
    ] {
        problem(operation, status, description);
    }
    if registry && !read_only {
        complete_change(operation, key_required);
    }
    complete(operation);
}

/// What every operation that changes the registry can answer and takes.
fn complete_change(operation: &mut Operation, key_required: bool) {
    for (status, description) in [
        ("401", "No valid token"),
        ("403", "The token does not allow this, or the record is another's"),
        ("409", "It conflicts with what is recorded, or the step is not legal"),
    ] {
        problem(operation, status, description);
    }
    dry_run(operation);
    if key_required {
        problem(operation, "428", "`Idempotency-Key` is missing");
    }
    let parameters = operation.parameters.get_or_insert_default();
    parameters.push(header_parameter(
        "Idempotency-Key",
        "Makes a repeat of the request answer and not act again; kept for 14 days. A dry run does without",
        if key_required { Required::True } else { Required::False },
    ));
    let boolean = ObjectBuilder::new().schema_type(SchemaType::new(Type::Boolean)).build();
    let validate = ParameterBuilder::new()
        .name("validate_only")
        .parameter_in(ParameterIn::Query)
        .description(Some("Decide and answer, and change nothing"))
        .schema(Some(boolean));
    parameters.push(RefOr::T(validate.build()));
}

/// What creates answers 200 when it only decides.
fn dry_run(operation: &mut Operation) {
    let Some(RefOr::T(mut decided)) = operation.responses.responses.get("201").cloned() else { return };
    "Decided and not done, for `validate_only`".clone_into(&mut decided.description);
    decided.headers.clear();
    operation.responses.responses.entry("200".to_owned()).or_insert(RefOr::T(decided));
}

fn header_parameter(name: &str, description: &str, required: Required) -> RefOr<Parameter> {
    let text = ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
    // A key has 1 to 255 characters; `If-Match` and `If-None-Match` are lists of tags, as long as a head may be.
    let text = if name == "Idempotency-Key" { text.min_length(Some(1)).max_length(Some(255)) } else { text }.build();
    let parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .description(Some(description))
        .required(required)
        .schema(Some(text))
        .build();
    RefOr::T(parameter)
}

fn problem(operation: &mut Operation, status: &str, description: &str) {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let response = ResponseBuilder::new().description(description).content("application/problem+json", content).build();
    operation.responses.responses.entry(status.to_owned()).or_insert(RefOr::T(response));
}

/// The headers that every answer carries.
fn headers(operation: &mut Operation) {
    let text = |description: &str| {
        let schema = ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).build();
        HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build()
    };
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(Response { headers, .. }) = response {
            headers.insert("X-Request-Id".to_owned(), RefOr::T(text("The id of the request")));
        }
    }
}
