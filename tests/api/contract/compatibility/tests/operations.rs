//! Operations, parameters, kinds of bodies and answers, tokens.

use super::{after, document, without};
use crate::contract::compatibility::breaks;
use serde_json::{Value, json};

const ADD: &str = "/paths/~1v1~1things/post";
const READ: &str = "/paths/~1v1~1things~1{id}/get";

#[test]
fn an_operation_that_is_gone_is_missed() {
    assert_eq!(without(READ), ["GET /v1/things/{id}: the operation is gone: clients that call it get 404 or 405"]);
}

#[test]
fn a_new_operation_breaks_nobody() {
    let list = json!({ "operationId": "list_things", "responses": {}, "security": [{ "bearer": ["things:write"] }] });

    assert_eq!(after("/paths/~1v1~1things/get", list), Vec::<String>::new());
}

#[test]
fn a_renamed_operation_loses_its_method() {
    assert_eq!(
        after(&format!("{ADD}/operationId"), json!("make_thing")),
        ["POST /v1/things: its operationId is `make_thing` now: generated clients lose the method `add_thing`"]
    );
}

/// The document with the parameter of the path renamed and of another schema.
fn with_path_parameter(name: &str, schema: &Value) -> Value {
    let mut current = document();
    let mut item = current["paths"].as_object_mut().unwrap().remove("/v1/things/{id}").unwrap();
    item["get"]["parameters"][0]["name"] = json!(name);
    item["get"]["parameters"][0]["schema"] = schema.clone();
    current["paths"][format!("/v1/things/{{{name}}}")] = item;
    current
}

#[test]
fn a_renamed_parameter_of_the_path_loses_its_argument_and_no_address() {
    assert_eq!(
        breaks(&document(), &with_path_parameter("thing", &json!({ "type": "string" }))),
        ["GET /v1/things/{id}: the path's `id` is called `thing` now: generated clients lose the argument"]
    );
}

#[test]
fn a_parameter_of_the_path_keeps_to_the_rules_of_what_is_sent() {
    assert_eq!(
        breaks(&document(), &with_path_parameter("id", &json!({ "type": "string", "maxLength": 3 }))),
        ["GET /v1/things/{id}: `maxLength` of the path's `id` is 3 now, it was without a limit: \
          clients that keep to the old limit are refused with 400"]
    );
}

#[test]
fn a_parameter_that_is_gone_is_refused_in_the_query_and_unheard_in_the_head() {
    assert_eq!(
        without(&format!("{ADD}/parameters/0")),
        ["POST /v1/things: the parameter `dry` is gone: clients that send it are refused with 400"]
    );
    assert_eq!(
        without(&format!("{ADD}/parameters/1")),
        ["POST /v1/things: the parameter `Key` is gone: clients that send it are not heard"]
    );
}

#[test]
fn a_header_is_the_same_in_any_case() {
    assert_eq!(after(&format!("{ADD}/parameters/1/name"), json!("KEY")), Vec::<String>::new());
}

#[test]
fn a_parameter_that_became_required_refuses_those_who_leave_it_out() {
    assert_eq!(
        after(&format!("{ADD}/parameters/0/required"), json!(true)),
        ["POST /v1/things: the parameter `dry` is required now: clients that do not send it are refused with 400"]
    );
}

#[test]
fn a_new_parameter_breaks_only_when_it_is_required() {
    let parameter = |required: bool| {
        let new = json!({ "name": "new", "in": "query", "required": required, "schema": { "type": "string" } });
        after(&format!("{ADD}/parameters/0"), new)
    };

    assert_eq!(parameter(false), Vec::<String>::new());
    assert_eq!(
        parameter(true),
        ["POST /v1/things: it requires the new parameter `new`: clients that do not send it are refused with 400"]
    );
}

#[test]
fn a_parameter_keeps_to_the_rules_of_what_is_sent() {
    assert_eq!(
        after(&format!("{ADD}/parameters/0/schema/type"), json!("integer")),
        [
            "POST /v1/things: the parameter `dry` is integer now, not boolean: clients that send boolean are refused with 400"
        ]
    );
}

#[test]
fn a_body_that_became_required_refuses_those_who_send_none() {
    assert_eq!(
        after(&format!("{ADD}/requestBody/required"), json!(true)),
        ["POST /v1/things: a body is required now: clients that send none are refused with 400"]
    );
}

#[test]
fn a_kind_of_body_that_is_gone_is_refused() {
    assert_eq!(
        without(&format!("{ADD}/requestBody/content/text~1csv")),
        ["POST /v1/things: a body of text/csv is not taken any more: clients that send it are refused with 415"]
    );
}

#[test]
fn an_answer_that_is_gone_is_waited_for_in_vain() {
    assert_eq!(
        without(&format!("{READ}/responses/200")),
        ["GET /v1/things/{id}: the answer 200 is gone: clients that wait for it take success for failure"]
    );
}

#[test]
fn a_failure_may_go_and_another_come() {
    assert_eq!(without(&format!("{READ}/responses/404")), Vec::<String>::new());
    assert_eq!(after(&format!("{READ}/responses/503"), json!({ "description": "Busy" })), Vec::<String>::new());
}

#[test]
fn a_header_of_an_answer_that_is_gone_is_missed() {
    assert_eq!(
        without(&format!("{READ}/responses/200/headers/ETag")),
        ["GET /v1/things/{id}: the answer 200 no longer has the header `ETag`: clients that read it break"]
    );
}

#[test]
fn an_answer_keeps_its_content_type() {
    assert_eq!(
        without(&format!("{READ}/responses/200/content/application~1json")),
        ["GET /v1/things/{id}: the answer 200 is no longer of the type application/json: clients that read it break"]
    );
}

#[test]
fn an_open_operation_stays_open() {
    assert_eq!(
        after(&format!("{READ}/security"), json!([{ "bearer": [] }])),
        ["GET /v1/things/{id}: it needs a token now: clients without one are refused with 401"]
    );
}

#[test]
fn a_token_without_a_scope_goes_on_to_suffice() {
    assert_eq!(
        after(&format!("{READ}/security"), json!([{}, { "bearer": ["things:read"] }])),
        Vec::<String>::new(),
        "whoever has a token may leave it out"
    );
    assert_eq!(
        after(&format!("{READ}/security"), json!([{ "bearer": ["things:read"] }])),
        [
            "GET /v1/things/{id}: it needs a token now: clients without one are refused with 401",
            "GET /v1/things/{id}: it needs a scope now: clients whose token has none are refused with 403"
        ]
    );
}

#[test]
fn a_scope_goes_on_to_suffice() {
    assert_eq!(
        after(&format!("{ADD}/security"), json!([{ "bearer": ["things:admit"] }])),
        ["POST /v1/things: the scope `things:write` does not suffice now: clients with it are refused with 403"]
    );
    assert_eq!(
        after(&format!("{ADD}/security"), json!([{ "bearer": ["things:admit"] }, { "bearer": ["things:write"] }])),
        Vec::<String>::new()
    );
}

#[test]
fn a_schema_keeps_its_name() {
    let mut blessed = document();
    blessed["components"]["schemas"]["Unused"] = json!({ "type": "string" });

    let found = breaks(&blessed, &document());

    assert_eq!(found, ["components: the schema `Unused` is gone: generated clients lose the type"]);
}

#[test]
fn a_scope_that_is_gone_gets_no_token() {
    assert_eq!(
        without("/components/securitySchemes/bearer/flows/clientCredentials/scopes/things:write"),
        ["components: the scope `things:write` is gone: clients that ask for it get no token"]
    );
}

#[test]
fn tokens_are_issued_where_they_were() {
    assert_eq!(
        after("/components/securitySchemes/bearer/flows/clientCredentials/tokenUrl", json!("/token")),
        ["components: tokens are issued elsewhere now: clients that ask the old address get none"]
    );
}
