//! Completes the operations: what all of them take and answer is said here once, so that the handlers stay short.
//!
//! What is special about one stands beside it, in the `extensions` of its attribute, and is taken away again:
//!
//! | marker | what it says of the operation |
//! |---|---|
//! | `x-read-only` | it is posted and changes nothing |
//! | `x-merge-patch` | its body is the first of two schemas, a merge patch of the second |
//! | `x-problems` | it can fail so as well: slugs of the catalogue |

use super::{headers, problems};
use lvcai_domain::ProblemKind;
use serde_json::Value;
use std::collections::BTreeSet;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::response::Response;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Components, Ref, RefOr, Required, ResponseBuilder};

/// What every operation can fail by.
const ALWAYS: [ProblemKind; 4] =
    [ProblemKind::Malformed, ProblemKind::TooManyRequests, ProblemKind::Internal, ProblemKind::Busy];

/// What an operation can fail by that takes a body.
const WITH_BODY: [ProblemKind; 4] =
    [ProblemKind::TooSlow, ProblemKind::TooLarge, ProblemKind::UnsupportedMediaType, ProblemKind::Invalid];

/// What an operation can fail by that changes the registry.
const OF_CHANGES: [ProblemKind; 6] = [
    ProblemKind::Unauthenticated,
    ProblemKind::Forbidden,
    ProblemKind::Conflict,
    ProblemKind::IdempotencyReuse,
    ProblemKind::OutcomeUnknown,
    ProblemKind::WritesHalted,
];

/// Completes the operations of an address. `has_versions` says whether its record has a history, and so a version;
/// `negotiates`, whether `Accept` is asked there.
pub(super) fn complete(
    path: &str,
    item: &mut PathItem,
    (has_versions, negotiates): (bool, bool),
    components: &mut Components,
) {
    let registry = path.starts_with("/v1/");
    let steps = path.ends_with("/transitions");
    let mut done: Vec<(&mut Operation, BTreeSet<ProblemKind>)> = Vec::new();
    if let Some(get) = &mut item.get {
        let kinds = read(get, registry, has_versions);
        done.push((get, kinds));
    }
    if let Some(post) = &mut item.post {
        let mut kinds = write(post, registry, Required::True);
        if steps {
            kinds.extend([ProblemKind::IllegalStep, ProblemKind::PreconditionFailed]);
            depends_on(post, "If-Match", "The ETag that the record must have");
        }
        done.push((post, kinds));
    }
    if let Some(put) = &mut item.put {
        let mut kinds = write(put, registry, Required::False);
        kinds.insert(ProblemKind::PreconditionFailed);
        if path.ends_with("/certificates/{number}") {
            answers(put, "201", &["Registry-Look-Alikes"]);
        }
        depends_on(put, "If-Match", "The ETag to go out from, where one does");
        depends_on(put, "If-None-Match", "`*` to make a new record and change none that is there");
        for status in ["200", "201"] {
            answers(put, status, &["Content-Location"]);
        }
        done.push((put, kinds));
    }
    if let Some(patch) = &mut item.patch {
        let mut kinds = write(patch, registry, Required::False);
        kinds.extend([ProblemKind::PreconditionFailed, ProblemKind::PreconditionRequired]);
        merge_patch(patch, components);
        done.push((patch, kinds));
    }
    for (operation, mut kinds) in done {
        kinds.extend(negotiates.then_some(ProblemKind::NotAcceptable));
        common(operation, &mut kinds);
        problems::add(operation, &kinds, components);
    }
}

/// Says that an operation can be made to depend on the record that stands.
fn depends_on(operation: &mut Operation, header: &str, description: &str) {
    operation.parameters.get_or_insert_default().push(header_parameter(header, description, Required::False));
}

/// Takes a marker away that stands beside an operation.
fn take_marker(operation: &mut Operation, marker: &str) -> Option<Value> {
    operation.extensions.as_mut()?.remove(marker)
}

/// Completes an operation that reads; those of the registry have an ETag.
fn read(operation: &mut Operation, registry: bool, has_versions: bool) -> BTreeSet<ProblemKind> {
    let mut kinds = BTreeSet::new();
    if !registry {
        answers(operation, "200", &["ETag", "Cache-Control", "Vary", "Content-Language"]);
        return kinds;
    }
    kinds.insert(ProblemKind::UnknownParameter);
    kinds.extend(has_parameter(operation, "cursor").then_some(ProblemKind::BadCursor));
    let always = ["ETag", "Registry-Seq", "Cache-Control", "Vary", "Content-Language"];
    let mut told: Vec<&str> = always.to_vec();
    told.extend(has_versions.then_some("Registry-Version"));
    told.extend(has_parameter(operation, "cursor").then_some("Link"));
    told.extend(has_parameter(operation, "valid_on").then_some("Registry-Valid-On"));
    answers(operation, "200", &told);
    let unchanged = ResponseBuilder::new().description("Unchanged since `If-None-Match`").build();
    operation.responses.responses.entry("304".to_owned()).or_insert(RefOr::T(unchanged));
    answers(operation, "304", &told);
    let if_none_match = header_parameter("If-None-Match", "ETags that the client has", Required::False);
    operation.parameters.get_or_insert_default().push(if_none_match);
    kinds
}

/// Completes an operation that takes a body; those that change the registry can be repeated, under a key that may be
/// required, and only decided.
fn write(operation: &mut Operation, registry: bool, key: Required) -> BTreeSet<ProblemKind> {
    let read_only = take_marker(operation, "x-read-only").is_some();
    let mut kinds = BTreeSet::from(WITH_BODY);
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.required = Some(Required::True);
    }
    if !registry {
        for status in ["200", "400", "401"] {
            answers(operation, status, &["Cache-Control"]);
        }
        return kinds;
    }
    kinds.insert(ProblemKind::UnknownParameter);
    if read_only {
        answers(operation, "200", &["Registry-Seq", "Content-Language", "Vary"]);
        return kinds;
    }
    kinds.extend(OF_CHANGES);
    kinds.extend((key == Required::True).then_some(ProblemKind::IdempotencyKeyRequired));
    takes_key(operation, key);
    dry_run(operation);
    let told = ["ETag", "Registry-Seq", "Registry-Version", "Idempotency-Replayed", "Content-Language", "Vary"];
    answers(operation, "200", &told);
    answers(operation, "200", &["Registry-Validated-Only"]);
    answers(operation, "201", &told);
    kinds
}

fn takes_key(operation: &mut Operation, required: Required) {
    let parameters = operation.parameters.get_or_insert_default();
    // A dry run does without one. No schema can say that of a header, and a client that has one at hand for the real
    // request loses nothing by it; a client that was not told would meet the refusal in production.
    let key = match required {
        Required::True => {
            "Makes a repeat of the request answer and not act again; kept for 14 days. With `validate_only` it may be left out"
        }
        Required::False => "Makes a repeat of the request answer and not act again; kept for 14 days",
    };
    parameters.push(header_parameter("Idempotency-Key", key, required));
    let boolean =
        ObjectBuilder::new().schema_type(SchemaType::new(Type::Boolean)).default(Some(Value::Bool(false))).build();
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

/// Describes a merge patch: no field is required, and `null` takes one away.
fn merge_patch(patch: &mut Operation, components: &mut Components) {
    let if_match = header_parameter("If-Match", "The ETag that was read", Required::True);
    patch.parameters.get_or_insert_default().push(if_match);
    for (name, of) in take_marker(patch, "x-merge-patch").as_ref().and_then(Value::as_object).into_iter().flatten() {
        let schema = of.as_str().and_then(|of| components.schemas.get(of)).cloned();
        components.schemas.extend(schema.map(|schema| (name.clone(), as_patch(schema))));
    }
}

fn as_patch(schema: RefOr<Schema>) -> RefOr<Schema> {
    let RefOr::T(Schema::Object(mut object)) = schema else { return schema };
    object.required.clear();
    object.description = Some("A merge patch (RFC 7396): the fields to change; `null` takes one away".to_owned());
    object.title = None;
    RefOr::T(Schema::Object(object))
}

/// What every operation takes and answers.
fn common(operation: &mut Operation, kinds: &mut BTreeSet<ProblemKind>) {
    kinds.extend(ALWAYS);
    let in_path = |it: &RefOr<Parameter>| matches!(it, RefOr::T(it) if it.parameter_in == ParameterIn::Path);
    let named = operation.parameters.as_ref().is_some_and(|it| it.iter().any(in_path));
    kinds.extend(named.then_some(ProblemKind::NotFound));
    // An empty requirement says that no token is needed; an absent one would say nothing.
    let security = operation.security.get_or_insert_with(|| vec![SecurityRequirement::default()]);
    kinds.extend((*security != [SecurityRequirement::default()]).then_some(ProblemKind::Unauthenticated));
    for slug in take_marker(operation, "x-problems").as_ref().and_then(Value::as_array).into_iter().flatten() {
        kinds.extend(slug.as_str().and_then(|slug| slug.parse::<ProblemKind>().ok()));
    }
    let parameters = operation.parameters.get_or_insert_default();
    parameters.push(header_parameter(
        "Accept-Language",
        "`zh` or `en` for the texts; zh-CN when absent",
        Required::False,
    ));
    parameters.push(header_parameter(
        "X-Request-Id",
        "Your own id of the request: 1 to 128 of `A-Z a-z 0-9 - _ .`",
        Required::False,
    ));
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            let always = ["X-Request-Id", "RateLimit", "RateLimit-Policy"];
            response.headers.extend(always.map(|name| (name.to_owned(), headers::named(name))));
        }
    }
    let unexpected = RefOr::Ref(Ref::from_response_name("AnyProblem"));
    operation.responses.responses.insert("default".to_owned(), unexpected);
}

/// Says which headers an answer has, beside those that its operation names itself.
fn answers(operation: &mut Operation, status: &str, names: &[&str]) {
    if let Some(RefOr::T(Response { headers, .. })) = operation.responses.responses.get_mut(status) {
        headers.extend(names.iter().map(|name| ((*name).to_owned(), headers::named(name))));
        if let Some(location) = headers.get_mut("Location") {
            *location = headers::named("Location");
        }
    }
}

fn has_parameter(operation: &Operation, name: &str) -> bool {
    let is = |it: &RefOr<Parameter>| matches!(it, RefOr::T(it) if it.name == name);
    operation.parameters.as_ref().is_some_and(|it| it.iter().any(is))
}

fn header_parameter(name: &str, description: &str, required: Required) -> RefOr<Parameter> {
    let text = ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
    // A key has 1 to 255 characters; `If-Match` and `If-None-Match` are lists of tags, as long as a head may be.
    let text = if name == "Idempotency-Key" { text.min_length(Some(1)).max_length(Some(255)) } else { text }.build();
    // `*` is any state: who tries an operation has no ETag at hand.
    let example = (name == "If-Match" && required == Required::True).then(|| Value::from("*"));
    let parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .description(Some(description))
        .required(required)
        .schema(Some(text))
        .example(example)
        .build();
    RefOr::T(parameter)
}
