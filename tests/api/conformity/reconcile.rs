//! A body's full list beside the registry's.

use crate::conformity::batch::line;
use lvcai_tests::{BODY, Story, address, record};
use serde_json::{Value, json};

#[test]
fn a_list_is_compared_field_by_field_with_both_values_and_nothing_is_changed() {
    let story = Story::begin();
    for number in ["A-1", "A-2", "A-EXTRA"] {
        story.body.put(&address(BODY, number), &record()).expect(201);
    }
    let before = story.anybody.get("/v1/certificates").expect(200);
    let otherwise = json!({ "product_name": "门", "valid_until": "2031-01-04", "factory": { "name": "大庆另一工厂" } });
    let list =
        json!([line("A-1", &json!({})), line("A-2", &otherwise), line("A-NEW", &json!({})), { "number": "A-EXTRA?" }]);

    let told =
        story.body.post("/v1/certification-bodies/CNCA-R-2006-148/certificates:reconcile", &list).expect(200).body;

    assert_eq!((&told["lines"], &told["same"]), (&json!(4), &json!(1)), "{told}");
    assert_eq!(told["missing"], json!([{ "line": 3, "number": "A-NEW" }]));
    let different = &told["different"][0];
    assert_eq!((&different["line"], &different["number"]), (&json!(2), &json!("A-2")));
    let values = different["values"].as_array().unwrap();
    let fields: Vec<&Value> = values.iter().map(|it| &it["field"]).collect();
    assert_eq!(json!(fields), different["fields"]);
    let of = |field: &str| values.iter().find(|it| it["field"] == field).unwrap();
    let ours = record();
    assert_eq!(*of("/product_name"), json!({ "field": "/product_name", "ours": ours["product_name"], "theirs": "门" }));
    assert_eq!(
        *of("/valid_until"),
        json!({ "field": "/valid_until", "ours": ours["valid_until"], "theirs": "2031-01-04" })
    );
    assert_eq!(of("/factory")["ours"], Value::Null, "{different}");
    assert_eq!(of("/factory")["theirs"]["name"], "大庆另一工厂");
    assert_eq!(told["extra"][0]["number"], "A-EXTRA");
    assert_eq!(told["unreadable"][0]["line"], 4);
    assert_eq!(story.anybody.get("/v1/certificates").expect(200).text, before.text);
}
