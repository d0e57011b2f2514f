//! What clients read.

use super::{after, breaks, document, read, without};
use serde_json::json;

/// The one sentence about the operation that answers things.
fn missed(sentence: &str) -> [String; 1] {
    [format!("GET /v1/things/{{id}}: {sentence}")]
}

#[test]
fn a_field_that_is_gone_is_missed() {
    assert_eq!(without(&read("star")), missed("the answer 200 no longer has `star`: clients that read it break"));
}

#[test]
fn a_new_field_breaks_nobody() {
    assert_eq!(after(&read("new"), json!({ "type": "string" })), Vec::<String>::new());
}

#[test]
fn a_field_that_is_always_there_stays() {
    assert_eq!(
        after("/components/schemas/Thing/required", json!(["id"])),
        missed("the answer 200 may leave out `kind` now: clients that rely on it break")
    );
    assert_eq!(after("/components/schemas/Thing/required", json!(["id", "kind", "star"])), Vec::<String>::new());
}

#[test]
fn a_value_does_not_become_null() {
    assert_eq!(
        after(&read("star/type"), json!(["integer", "null"])),
        missed("`star` of the answer 200 may be null now: clients that read it as a value break")
    );
}

#[test]
fn a_type_stays() {
    assert_eq!(
        after(&read("star/type"), json!("number")),
        missed("`star` of the answer 200 is number now, not integer: clients that read integer break")
    );
}

#[test]
fn what_had_a_type_keeps_one() {
    assert_eq!(
        without(&read("star/type")),
        missed("`star` of the answer 200 is anything now, not integer: clients that read integer break")
    );
}

#[test]
fn values_become_no_more_and_may_become_fewer() {
    assert_eq!(
        after(&read("kind/enum"), json!(["a", "b", "c"])),
        missed("`kind` of the answer 200 may be `c` now: clients that tell the values apart do not know it")
    );
    assert_eq!(after(&read("kind/enum"), json!(["a"])), Vec::<String>::new());
}

#[test]
fn values_that_are_promised_to_grow_may() {
    assert_eq!(after("/components/schemas/ReasonCode/enum", json!(["known", "new"])), Vec::<String>::new());
}

#[test]
fn what_had_certain_values_does_not_have_any() {
    assert_eq!(
        without(&read("kind/enum")),
        missed("`kind` of the answer 200 may have any value now: clients that tell the values apart break")
    );
}

#[test]
fn a_pattern_and_a_format_stay() {
    assert_eq!(
        without(&read("id/pattern")),
        missed("`id` of the answer 200 no longer has the pattern `^thing_`: clients that read it so break")
    );
    assert_eq!(
        after(&read("on/format"), json!("date-time")),
        missed("`on` of the answer 200 no longer has the format `date`: clients that read it so break")
    );
}

#[test]
fn numbers_do_not_become_wider_but_may_become_narrower() {
    let wide = |mut document: serde_json::Value| {
        document["components"]["schemas"]["Thing"]["properties"]["star"]["format"] = json!("int64");
        document
    };

    assert_eq!(
        breaks(&document(), &wide(document())),
        missed("`star` of the answer 200 no longer has the format `int32`: clients that read it so break")
    );
    assert_eq!(breaks(&wide(document()), &document()), Vec::<String>::new());
}

#[test]
fn limits_may_widen_as_those_of_requests_do() {
    assert_eq!(after(&read("star/maximum"), json!(5)), Vec::<String>::new());
}

#[test]
fn what_is_within_lists_and_maps_is_looked_at() {
    assert_eq!(
        after(&read("texts/additionalProperties/type"), json!("integer")),
        missed("`texts[]` of the answer 200 is integer now, not string: clients that read string break")
    );
    assert_eq!(
        after(&read("parts/items"), json!({ "type": "string" })),
        missed("`parts[]` of the answer 200 is string now, not object: clients that read object break")
            .into_iter()
            .chain(missed_fields())
            .collect::<Vec<_>>()
    );
}

/// What a text does not have of a thing.
fn missed_fields() -> Vec<String> {
    let fields = ["id", "kind", "star", "on", "why", "texts", "parts"];
    let all =
        fields.map(|it| missed(&format!("the answer 200 no longer has `parts[].{it}`: clients that read it break")));
    all.into_iter().flatten().collect()
}

#[test]
fn what_is_within_a_list_or_a_map_goes_on_to_be_told() {
    for (field, word) in [("texts", "additionalProperties"), ("parts", "items")] {
        assert_eq!(
            without(&read(&format!("{field}/{word}"))),
            missed(&format!("`{field}[]` of the answer 200 may be anything now: clients that read it break"))
        );
    }
}

#[test]
fn fields_of_several_schemas_count_as_those_of_one() {
    let mut joined = document();
    let thing = joined["components"]["schemas"]["Thing"].clone();
    joined["components"]["schemas"]["Thing"] = json!({ "allOf": [{ "type": "object", "properties": {} }, thing] });

    assert_eq!(breaks(&document(), &joined), Vec::<String>::new());
    let mut less = joined.clone();
    less["components"]["schemas"]["Thing"]["allOf"][1]["properties"].as_object_mut().unwrap().remove("star");
    assert_eq!(breaks(&joined, &less), missed("the answer 200 no longer has `star`: clients that read it break"));
}
