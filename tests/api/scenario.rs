//! The main job end to end: a certificate, a product, a signed list, a verdict.

use lvcai_tests::Story;
use serde_json::json;

#[test]
fn a_suspension_is_known_from_its_day_and_not_before() {
    let story = Story::begin();
    let (product, certificate) = (story.product("65系列内平开塑料窗"), story.certificate("CABR-01(02)-(2025)-CGP-035"));
    story.evidence(&product, &certificate);
    story.open_list();
    story.publish(&[&product]);
    let question = json!({ "items": [{ "certificate_number": "CABR-01(02)-(2025)-CGP-035" }] });
    let before = story.verdict(&question);
    assert_eq!(before["verdict"], "eligible", "{before}");

    story.server.at("2026-04-01T02:00:00Z");
    story.step(&certificate, &json!({ "step": "suspend", "reason": "0203" })).expect(200);

    let after = story.verdict(&question);
    assert_eq!(after["verdict"], "not_eligible", "{after}");
    assert_eq!(after["reasons"][0]["code"], "certificate_suspended");
    assert_eq!(after["reasons"][0]["on"], "2026-04-01");
    assert_eq!(after["reasons"][0]["status_reason"], "0203");
    let mut then = question.clone();
    then["as_of"] = before["as_of"].to_string().into();
    assert_eq!(story.verdict(&then)["verdict"], "eligible");
}
