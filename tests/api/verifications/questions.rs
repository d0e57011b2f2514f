//! What a question compares and whom the answer names; one that cannot be read spoils no other.

use super::{NUMBER, by_number, tells, with};
use lvcai_tests::{BODY, LIST, Story, address, record};
use serde_json::{Value, json};

#[test]
fn where_a_certificate_names_nothing_nothing_is_compared() {
    let story = Story::begin();
    let with_units = |number: &str, units: Value| {
        story.body.put(&address(BODY, number), &with(&record(), &json!({ "units": units }))).expect(201).id()
    };
    let ask = |number: &str, scope: &Value| {
        story.verdict(&json!({ "items": [with(&json!({ "certificate_number": number }), scope)] }))
    };
    let model = json!({ "model": "65系列" });
    let zone = json!({ "climate_zone": "cold" });

    for (number, units) in [
        ("BARE-1", json!([])),
        ("BARE-2", json!([{ "name": "甲" }])),
        ("BARE-3", json!([{ "name": "甲", "models": ["详见附件"] }])),
        ("BARE-4", json!([{ "name": "甲", "models": ["/"] }, { "name": "乙", "models": ["见附件1", "—", "无"] }])),
    ] {
        with_units(number, units);
        for scope in [&model, &zone, &with(&model, &zone)] {
            let verdict = ask(number, scope);
            tells(&verdict, "eligible", "certificate_valid");
            assert_eq!(verdict["comparison"], "not_compared", "{number} {verdict}");
        }
        assert_eq!(ask(number, &json!({}))["comparison"], "not_asked");
        assert_eq!(ask(number, &json!({ "model": "/" }))["comparison"], "not_asked");
    }
    let unknown = ask("CABR-99", &model);
    assert_eq!((&unknown["eligibility"], &unknown["comparison"]), (&json!("unknown"), &json!("not_compared")));
    let (product, certificate) = (story.product("窗"), with_units("BARE-9", json!([{ "name": "甲" }])));
    story.evidence(&product, &certificate);
    let verdict = story.verdict(&json!({ "items": [{ "product": product, "model": "65系列" }] }));
    tells(&verdict, "eligible", "certificate_valid");
    assert_eq!(verdict["comparison"], "not_compared");
    let verdict = story.verdict(&json!({ "items": [{ "product": product, "model": "80系列" }] }));
    tells(&verdict, "not_eligible", "model_not_covered");
    assert_eq!(verdict["comparison"], "compared");
}

#[test]
fn a_model_is_found_in_any_spelling_and_one_that_looks_alike_is_a_candidate() {
    let story = Story::begin();
    let units = json!([{ "name": "甲", "models": ["600×600mm", "SBS Ⅱ", "XPS-150", "GC-65"] }]);
    story.body.put(&address(BODY, NUMBER), &with(&record(), &json!({ "units": units }))).expect(201);
    let ask = |model: &str| story.verdict(&json!({ "items": [{ "certificate_number": NUMBER, "model": model }] }));

    for model in [
        "600x600mm",
        "600X600",
        "600*600mm",
        "６００＊６００",
        "600 × 600 mm",
        "600mm×600㎜",
        "sbs II",
        "SBSⅡ",
        "XPS—150",
        "ｘｐｓ – 150",
    ] {
        let verdict = ask(model);
        tells(&verdict, "eligible", "certificate_valid");
        assert_eq!(verdict["comparison"], "compared", "{model}");
    }
    for (model, candidate) in [("GC65", "GC-65"), ("XPS15O", "XPS-150")] {
        let verdict = ask(model);
        tells(&verdict, "undetermined", "model_not_covered");
        assert_eq!(verdict["reasons"][1]["code"], "look_alike");
        assert_eq!(verdict["model_candidates"], json!([candidate]), "{model}");
    }
    for model in ["600×600cm", "600×601mm", "SBS I", "GC66"] {
        let verdict = ask(model);
        tells(&verdict, "not_eligible", "model_not_covered");
        assert!(verdict.get("model_candidates").is_none(), "{model}");
    }
}

#[test]
fn one_bad_question_is_one_bad_answer() {
    let story = Story::begin();
    story.certificate(NUMBER);
    let bracketed = "建材〔2025〕1号";
    story.certificate(bracketed);
    let long = "9".repeat(101);
    let bad: Vec<(Value, &str, &str)> = vec![
        (json!({ "certificate_number": "X*Y" }), "/certificate_number", "certificate-number-form"),
        (json!({ "certificate_number": "" }), "/certificate_number", "certificate-number-form"),
        (json!({ "certificate_number": long }), "/certificate_number", "certificate-number-form"),
        (json!({ "certificate_number": "CABR-1、CABR-2" }), "/certificate_number", "certificate-number-form"),
        (json!({ "certificate_number": "无" }), "/certificate_number", "certificate-number-form"),
        (json!({ "certificate_number": "详见附件" }), "/certificate_number", "certificate-number-form"),
        (json!({ "certificate_number": 35 }), "/certificate_number", "wrong-type"),
        (json!({ "certificate_number": NUMBER, "model": "" }), "/model", "too-short"),
        (json!({ "certificate_number": NUMBER, "model": "长".repeat(201) }), "/model", "too-long"),
        (json!({ "certificate_number": NUMBER, "climate_zone": "arctic" }), "/climate_zone", "not-allowed"),
        (json!({ "certificate_number": NUMBER, "modell": "65" }), "/modell", "unknown-field"),
        (json!({ "product": "prod_1" }), "/product", "id-form"),
        (json!({}), "", "required"),
        (json!(null), "", "wrong-type"),
        (json!("CABR-1"), "", "wrong-type"),
        (json!([NUMBER]), "", "wrong-type"),
    ];
    let good =
        [NUMBER, "nichts", bracketed, "建材[2025]1号", "建材【2025】1号", "建材（2025）1号", "建材〔2025〕1号\u{200B}"];
    let mut items: Vec<Value> = bad.iter().map(|(item, ..)| item.clone()).collect();
    items.extend(good.iter().map(|number| json!({ "certificate_number": number })));

    let answer = story.anybody.post("/v1/verifications", &json!({ "items": items })).expect(200);

    let verdicts = answer.body["verdicts"].as_array().unwrap();
    assert_eq!(verdicts.len(), items.len());
    for (at, ((_, pointer, rule), verdict)) in bad.iter().zip(verdicts).enumerate() {
        tells(verdict, "malformed", "question_malformed");
        let fault = &verdict["errors"][0];
        let expected = (json!(format!("/items/{at}{pointer}")), json!(rule));
        assert_eq!((&fault["source"]["pointer"], &fault["rule"]), (&expected.0, &expected.1), "{verdict}");
        assert!(fault["detail"].is_string() && fault["fix"].is_string() && verdict["as_of"].is_i64());
    }
    let told: Vec<&str> = verdicts[bad.len()..].iter().map(|it| it["eligibility"].as_str().unwrap()).collect();
    assert_eq!(told, ["eligible", "unknown", "eligible", "eligible", "eligible", "eligible", "eligible"]);
    assert!(verdicts[bad.len()..].iter().all(|it| it.get("errors").is_none()));
    for no_list in [json!({ "items": [] }), json!({ "items": {} }), json!({}), json!({ "items": null })] {
        story.anybody.post("/v1/verifications", &no_list).problem(422, "invalid");
    }
}

#[test]
fn a_position_is_accepted_as_a_number_and_as_a_text() {
    let story = Story::begin();
    story.certificate(NUMBER);
    let seq = story.anybody.get("/v1/certificates").expect(200).seq();
    let ask =
        |as_of: Value| story.anybody.post("/v1/verifications", &with(&by_number(NUMBER), &json!({ "as_of": as_of })));

    assert_eq!(ask(json!(seq)).expect(200).body, ask(json!(seq.to_string())).expect(200).body);
    assert_eq!(ask(Value::Null).expect(200).body["as_of"], json!(seq));
    for wrong in [json!(-1.5), json!("x"), json!(true), json!([seq]), json!(1e30), json!(seq + 1000)] {
        let refused = ask(wrong).problem(422, "invalid");
        assert_eq!(refused.body["errors"][0]["source"]["pointer"], "/as_of", "{}", refused.text);
    }
}

#[test]
fn a_verdict_names_who_holds_the_certificate() {
    let story = Story::begin();
    let (product, certificate) = (story.product("窗"), story.certificate(NUMBER));
    story.evidence(&product, &certificate);
    story.open_list();
    story.publish(&[&product]);
    let kept = story.anybody.get(&format!("/v1/certificates/{certificate}")).expect(200).body;
    let named = |verdict: &Value| {
        assert_eq!(verdict["holder"]["name"], kept["holder"]["name"], "{verdict}");
        assert_eq!(verdict["holder"].get("uscc"), kept["holder"].get("uscc"));
        assert_eq!(verdict["product_name"], kept["product_name"]);
        assert_eq!(verdict["certificate"], json!(certificate));
    };

    for item in [json!({ "certificate_number": NUMBER }), json!({ "product": product })] {
        named(&story.verdict(&json!({ "items": [item] })));
        named(&story.verdict(&json!({ "basis": "listing", "list": LIST, "items": [item] })));
    }
    assert!(story.verdict(&by_number("CABR-99")).get("holder").is_none());
}

#[test]
fn a_verdict_repeats_what_its_client_calls_the_question() {
    let story = Story::begin();
    let items = json!([{ "reference": "标段一", "certificate_number": "CABR-1" }, { "reference": "lot-2" }, { "product": "x" }]);

    let told = story.anybody.post("/v1/verifications", &json!({ "items": items })).expect(200).body["verdicts"].clone();

    assert_eq!((&told[0]["reference"], &told[0]["eligibility"]), (&json!("标段一"), &json!("unknown")));
    assert_eq!((&told[1]["reference"], &told[1]["eligibility"]), (&json!("lot-2"), &json!("malformed")));
    assert_eq!((told[2].get("reference"), &told[2]["eligibility"]), (None, &json!("malformed")));
}
