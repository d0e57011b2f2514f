//! What clients send.

use super::{after, sent, without};
use serde_json::json;

/// The one sentence about the operation that takes things.
fn refused(sentence: &str) -> [String; 1] {
    [format!("POST /v1/things: {sentence}")]
}

#[test]
fn null_goes_on_to_be_taken() {
    assert_eq!(
        after(&sent("note"), json!({ "type": "string" })),
        refused("`note` may not be null now: clients that send null are refused with 422")
    );
    assert_eq!(after(&sent("note"), json!({ "type": ["string", "null"] })), Vec::<String>::new());
}

#[test]
fn a_type_goes_on_to_be_taken() {
    assert_eq!(
        after(&sent("size/type"), json!("integer")),
        refused("`size` is integer now, not number: clients that send number are refused with 422")
    );
    assert_eq!(after(&sent("count"), json!({ "type": "number", "minimum": 0, "maximum": 9 })), Vec::<String>::new());
}

#[test]
fn what_took_anything_goes_on_to() {
    let free = |schema| {
        let (mut blessed, mut current) = (super::document(), super::document());
        blessed["components"]["schemas"]["NewThing"]["properties"]["any"] = json!({});
        current["components"]["schemas"]["NewThing"]["properties"]["any"] = schema;
        super::breaks(&blessed, &current)
    };

    assert_eq!(
        free(json!({ "type": "object" })),
        refused("`any` is object now, not anything: clients that send anything are refused with 422")
    );
    assert_eq!(free(json!({})), Vec::<String>::new());
}

#[test]
fn a_value_goes_on_to_be_taken() {
    assert_eq!(
        after(&sent("kind/enum"), json!(["a", "c"])),
        refused("the value `b` of `kind` is refused now: clients that send it get 422")
    );
    assert_eq!(after(&sent("kind/enum"), json!(["a", "b", "c"])), Vec::<String>::new());
}

#[test]
fn what_took_any_value_goes_on_to() {
    assert_eq!(
        after(&sent("code/enum"), json!(["x"])),
        refused("`code` takes only certain values now: clients that send others are refused with 422")
    );
}

#[test]
fn every_limit_may_only_widen() {
    let limits = [
        ("name", "maxLength", "20", 19, 21),
        ("name", "minLength", "1", 2, 0),
        ("count", "maximum", "9", 8, 10),
        ("count", "minimum", "0", 1, -1),
        ("tags", "maxItems", "5", 4, 6),
        ("tags", "minItems", "0", 1, 0),
    ];

    for (field, word, was, narrower, wider) in limits {
        assert_eq!(
            after(&sent(&format!("{field}/{word}")), json!(narrower)),
            refused(&format!(
                "`{word}` of `{field}` is {narrower} now, it was {was}: \
                 clients that keep to the old limit are refused with 422"
            ))
        );
        assert_eq!(after(&sent(&format!("{field}/{word}")), json!(wider)), Vec::<String>::new());
        assert_eq!(without(&sent(&format!("{field}/{word}"))), Vec::<String>::new());
    }
}

#[test]
fn a_limit_where_there_was_none_is_narrower() {
    for (field, word) in [("code", "maxLength"), ("code", "minLength"), ("size", "minimum")] {
        assert_eq!(
            after(&sent(&format!("{field}/{word}")), json!(1)),
            refused(&format!(
                "`{word}` of `{field}` is 1 now, it was without a limit: \
                 clients that keep to the old limit are refused with 422"
            ))
        );
    }
    assert_eq!(after(&sent("code/minLength"), json!(0)), Vec::<String>::new());
}

#[test]
fn a_pattern_neither_comes_nor_changes_but_may_go() {
    for field in ["code", "name"] {
        assert_eq!(
            after(&sent(&format!("{field}/pattern")), json!("^x")),
            refused(&format!(
                "the pattern of `{field}` is `^x` now: clients whose values were in form may be refused with 422"
            ))
        );
    }
    assert_eq!(without(&sent("code/pattern")), Vec::<String>::new());
}

#[test]
fn a_format_neither_comes_nor_changes_but_for_wider_numbers() {
    assert_eq!(
        after(&sent("name/format"), json!("date")),
        refused("the format of `name` is `date` now: clients whose values were in form may be refused with 422")
    );
    assert_eq!(after(&sent("count/format"), json!("int64")), Vec::<String>::new());
}

#[test]
fn what_is_left_out_goes_on_to_mean_the_same() {
    assert_eq!(
        after("/paths/~1v1~1things/post/parameters/0/schema/default", json!(true)),
        refused("the default of the parameter `dry` is another now: clients that leave it out get something else")
    );
}

#[test]
fn a_field_that_is_gone_is_refused_or_unheard() {
    assert_eq!(without(&sent("code")), refused("`code` is gone: clients that send it are refused with 422"));
    let mut blessed = super::document();
    blessed["components"]["schemas"]["NewThing"]["properties"]["free"]["properties"]["more"] = json!({});
    assert_eq!(
        super::breaks(&blessed, &super::document()),
        refused("`free.more` is gone: clients that send it are not heard")
    );
}

#[test]
fn a_field_becomes_required_for_nobody() {
    assert_eq!(
        after("/components/schemas/NewThing/required", json!(["name", "code"])),
        refused("`code` is required now: clients that do not send it are refused with 422")
    );
}

#[test]
fn a_new_field_breaks_only_when_it_is_required() {
    let text = json!({ "type": "string" });
    assert_eq!(after(&sent("new"), text), Vec::<String>::new());

    let mut current = super::document();
    current["components"]["schemas"]["NewThing"]["properties"]["new"] = json!({ "type": "string" });
    current["components"]["schemas"]["NewThing"]["required"] = json!(["name", "new"]);
    assert_eq!(
        super::breaks(&super::document(), &current),
        refused("`new` is required now: clients that do not send it are refused with 422")
    );
}

#[test]
fn what_took_other_fields_goes_on_to() {
    assert_eq!(
        after(&sent("free/additionalProperties"), json!(false)),
        refused("`free` takes no other fields now: clients that send more are refused with 422")
    );
    assert_eq!(
        after(&sent("free/additionalProperties"), json!({ "type": "string" })),
        refused("`free` takes only certain other fields now: clients that send others are refused with 422")
    );
}

#[test]
fn what_is_within_lists_and_maps_is_looked_at() {
    assert_eq!(
        after(&sent("tags/items/maxLength"), json!(3)),
        refused(
            "`maxLength` of `tags[]` is 3 now, it was without a limit: \
             clients that keep to the old limit are refused with 422"
        )
    );
    let (mut blessed, mut current) = (super::document(), super::document());
    blessed["components"]["schemas"]["NewThing"]["properties"]["free"]["additionalProperties"] =
        json!({ "type": "number" });
    current["components"]["schemas"]["NewThing"]["properties"]["free"]["additionalProperties"] =
        json!({ "type": "integer" });
    assert_eq!(
        super::breaks(&blessed, &current),
        refused("`free[]` is integer now, not number: clients that send number are refused with 422")
    );
}

#[test]
fn a_word_without_a_rule_is_told_and_a_remark_is_not() {
    assert_eq!(
        after(&sent("tags/uniqueItems"), json!(true)),
        refused("`uniqueItems` of `tags` of the body is another now: no rule tells whom that breaks")
    );
    assert_eq!(after(&sent("tags/description"), json!("Words")), Vec::<String>::new());
}
