//! Verdicts: green or not, on which evidence, on which day, as of which cut.

mod questions;

use lvcai_domain::{Certificate, CertificateId, Event, Product, ProductId};
use lvcai_store::{Change, CommandContext, Decision, View, Viewer, certificates, products};
use lvcai_tests::{ALL_SCOPES, BODY, LIST, OTHER_BODY, Story, address, record};
use serde_json::{Value, json};

const NUMBER: &str = "CABR-01(02)-(2025)-CGP-035";

fn by_number(number: &str) -> Value {
    json!({ "items": [{ "certificate_number": number }] })
}

/// The verdict with the code of its first reason.
fn told(verdict: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&verdict["eligibility"]), text(&verdict["reasons"][0]["code"]))
}

#[track_caller]
fn tells(verdict: &Value, answer: &str, reason: &str) {
    assert_eq!(told(verdict), (answer.to_owned(), reason.to_owned()), "{verdict}");
}

/// A question with some members set.
fn with(question: &Value, members: &Value) -> Value {
    let mut question = question.clone();
    question.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    question
}

#[test]
fn a_verdict_names_what_it_rests_on() {
    let story = Story::begin();
    let certificate = story.certificate(NUMBER);

    let answer = story.anybody.post("/v1/verifications", &by_number(NUMBER)).expect(200);

    let (body, verdict) = (&answer.body, &answer.body["verdicts"][0]);
    tells(verdict, "eligible", "certificate_valid");
    assert_eq!((body["valid_on"].as_str(), body["as_of"].as_i64()), (Some("2026-03-02"), Some(answer.seq())));
    assert_eq!(
        (&verdict["valid_on"], &verdict["as_of"], &verdict["basis"]),
        (&body["valid_on"], &body["as_of"], &json!("certificate"))
    );
    assert_eq!((verdict["comparison"].as_str(), verdict["star"].as_i64()), (Some("not_asked"), Some(3)));
    assert_eq!((&verdict["certificate"], verdict["valid_until"].as_str()), (&json!(certificate), Some("2030-06-04")));
    let versions = story.anybody.get(&format!("/v1/certificates/{certificate}/versions")).expect(200).body;
    assert_eq!(verdict["reasons"][0]["seq"], versions["items"][0]["seq"]);
}

#[test]
fn a_number_is_found_in_any_spelling_of_it() {
    let story = Story::begin();
    let certificate = story.certificate(NUMBER);

    for spelling in [
        "cabr-01(02)-(2025)-cgp-035",
        "ＣＡＢＲ－０１（０２）－（２０２５）－ＣＧＰ－０３５",
        " CABR – 01 (02) - (2025) - CGP - 035 ",
    ] {
        let verdict = story.verdict(&by_number(spelling));
        tells(&verdict, "eligible", "certificate_valid");
        assert_eq!((&verdict["certificate"], &verdict["certificate_number"]), (&json!(certificate), &json!(NUMBER)));
    }
}

#[test]
fn a_look_alike_is_a_candidate_and_never_the_answer() {
    let story = Story::begin();
    let certificate = story.certificate(NUMBER);

    for mistaken in [
        "CABR-O1(02)-(2025)-CGP-035",
        "CABR-0l(02)-(2025)-CGP-035",
        "CABR010220250CGP035".replace("0CGP", "CGP").as_str(),
    ] {
        let verdict = story.verdict(&by_number(mistaken));
        tells(&verdict, "unknown", "certificate_unknown");
        assert_eq!(
            (&verdict["candidates"], &verdict["reasons"][1]["code"]),
            (&json!([certificate]), &json!("look_alike"))
        );
        assert!(verdict.get("certificate").is_none());
    }
    let unknown = story.verdict(&by_number("CABR-99"));
    tells(&unknown, "unknown", "certificate_unknown");
    assert!(unknown.get("candidates").is_none());
}

#[test]
fn a_number_of_two_bodies_is_ambiguous_until_the_body_is_named() {
    let story = Story::begin();
    let other = story.server.client(story.server.certification_body(OTHER_BODY), "other", ALL_SCOPES);
    let first = story.certificate(NUMBER);
    let second = other.put(&address(OTHER_BODY, NUMBER), &record()).expect(201).id();

    let verdict = story.verdict(&by_number(NUMBER));

    tells(&verdict, "ambiguous", "certificate_ambiguous");
    assert_eq!(verdict["candidates"], json!([first, second]));
    for (body, id) in [(BODY, first), (OTHER_BODY, second)] {
        let named = json!({ "items": [{ "certificate_number": NUMBER, "certification_body": body }] });
        assert_eq!(story.verdict(&named)["certificate"], id);
    }
    let nobody = json!({ "items": [{ "certificate_number": NUMBER, "certification_body": "CNCA-R-2099-999" }] });
    assert_eq!(story.verdict(&nobody)["eligibility"], "unknown");
}

#[test]
fn the_last_day_counts_and_the_next_does_not() {
    let story = Story::begin();
    story.certificate(NUMBER);
    let on = |day: &str| story.verdict(&with(&by_number(NUMBER), &json!({ "valid_on": day })));

    tells(&on("2025-06-04"), "not_eligible", "certificate_not_yet_issued");
    tells(&on("2025-06-05"), "eligible", "certificate_valid");
    tells(&on("2030-06-04"), "eligible", "certificate_valid");
    tells(&on("2030-06-05"), "not_eligible", "certificate_expired");
    assert_eq!(on("2030-06-05")["reasons"][0]["effective_on"], "2030-06-04");
    // Today is Shanghai's day, which begins at 16:00 UTC.
    story.server.at("2030-06-04T15:59:59Z");
    tells(&story.verdict(&by_number(NUMBER)), "eligible", "certificate_valid");
    story.server.at("2030-06-04T16:00:00Z");
    tells(&story.verdict(&by_number(NUMBER)), "not_eligible", "certificate_expired");
}

#[test]
fn each_state_of_a_certificate_has_its_reason() {
    let story = Story::begin();
    for (step, code) in [
        ("suspend", "certificate_suspended"),
        ("withdraw", "certificate_withdrawn"),
        ("cancel", "certificate_cancelled"),
    ] {
        let number = format!("CABR-{step}");
        let id = story.certificate(&number);
        story.step(&id, &json!({ "step": step, "reason": "0202", "effective_on": "2026-02-10" })).expect(200);
        let on = |day: &str| story.verdict(&with(&by_number(&number), &json!({ "valid_on": day })));

        let verdict = story.verdict(&by_number(&number));
        tells(&verdict, "not_eligible", code);
        assert_eq!(
            (&verdict["reasons"][0]["effective_on"], &verdict["reasons"][0]["status_reason"]),
            (&json!("2026-02-10"), &json!("0202"))
        );
        tells(&on("2026-02-09"), "eligible", "certificate_valid");
        tells(&on("2026-02-10"), "not_eligible", code);
    }
}

#[test]
fn what_held_before_the_first_sight_of_a_suspension_is_not_known() {
    let story = Story::begin();
    let mut suspended = record();
    suspended["reported_status"] = json!("02");
    suspended["status_reason"] = json!("0203");
    suspended["status_on"] = json!("2026-01-15");
    story.body.put(&address(BODY, NUMBER), &suspended).expect(201);
    let on = |day: &str| story.verdict(&with(&by_number(NUMBER), &json!({ "valid_on": day })));

    tells(&on("2026-01-15"), "not_eligible", "certificate_suspended");
    tells(&on("2026-01-14"), "undetermined", "status_unknown_on_day");
    tells(&on("2025-06-04"), "not_eligible", "certificate_not_yet_issued");
}

#[test]
fn what_the_registry_did_not_know_then_does_not_count_as_of_then() {
    let story = Story::begin();
    let before = story.anybody.get("/v1/certificates").expect(200).seq();
    let certificate = story.certificate(NUMBER);
    story.server.at("2026-04-01T02:00:00Z");
    story.step(&certificate, &json!({ "step": "suspend", "reason": "0203", "effective_on": "2026-03-20" })).expect(200);
    let ask =
        |as_of: &str, on: &str| story.verdict(&with(&by_number(NUMBER), &json!({ "as_of": as_of, "valid_on": on })));

    tells(&ask(&before.to_string(), "2026-03-25"), "unknown", "certificate_unknown");
    tells(&ask("2026-03-31T16:00:00Z", "2026-03-25"), "eligible", "certificate_valid");
    tells(&ask("2026-04-01T02:00:00Z", "2026-03-25"), "not_eligible", "certificate_suspended");
    tells(&ask("2026-04-01T02:00:00Z", "2026-03-19"), "eligible", "certificate_valid");
    let asked = ask("2026-03-31T16:00:00Z", "2026-03-25");
    story.step(&certificate, &json!({ "step": "withdraw", "reason": "0209" })).expect(200);
    assert_eq!(ask(&asked["as_of"].to_string(), "2026-03-25"), asked, "asked again it is the same");
}

#[test]
fn a_model_and_a_climate_zone_are_compared_with_one_unit() {
    let story = Story::begin();
    let mut two_units = record();
    two_units["units"] = json!([
        { "name": "甲", "models": ["65系列"], "climate_zones": ["severe_cold"] },
        { "name": "乙", "models": ["70系列"], "climate_zones": ["mild"] },
    ]);
    story.body.put(&address(BODY, NUMBER), &two_units).expect(201);
    let ask =
        |scope: &Value| story.verdict(&json!({ "items": [with(&json!({ "certificate_number": NUMBER }), scope)] }));

    for (scope, answer, code) in [
        (json!({ "model": "65系列", "climate_zone": "severe_cold" }), "eligible", "certificate_valid"),
        (json!({ "model": "６５系列" }), "eligible", "certificate_valid"),
        (json!({ "climate_zone": "mild" }), "eligible", "certificate_valid"),
        (json!({ "model": "65系列", "climate_zone": "mild" }), "not_eligible", "climate_zone_not_covered"),
        (json!({ "model": "80系列" }), "not_eligible", "model_not_covered"),
        (json!({ "climate_zone": "cold" }), "not_eligible", "climate_zone_not_covered"),
    ] {
        let verdict = ask(&scope);
        tells(&verdict, answer, code);
        assert_eq!(verdict["comparison"], "compared");
    }
}

#[test]
fn a_product_is_green_through_its_evidence() {
    let story = Story::begin();
    let (product, certificate) = (story.product("窗"), story.certificate(NUMBER));
    let (bare, other) = (story.product("门"), story.certificate("CABR-2"));
    let evidence = story.evidence(&product, &certificate);
    let ask = |item: Value| story.verdict(&json!({ "items": [item] }));

    let verdict = ask(json!({ "product": product }));

    tells(&verdict, "eligible", "certificate_valid");
    assert_eq!(
        (&verdict["product"], &verdict["evidence"], &verdict["certificate"]),
        (&json!(product), &json!(evidence), &json!(certificate))
    );
    tells(&ask(json!({ "product": product, "certificate_number": NUMBER })), "eligible", "certificate_valid");
    tells(&ask(json!({ "product": product, "certificate_number": "CABR-2" })), "not_eligible", "no_confirmed_evidence");
    tells(&ask(json!({ "product": bare })), "not_eligible", "no_confirmed_evidence");
    tells(&ask(json!({ "product": product, "model": "65系列" })), "eligible", "certificate_valid");
    tells(&ask(json!({ "product": product, "model": "80系列" })), "not_eligible", "model_not_covered");
    tells(&ask(json!({ "product": product, "climate_zone": "mild" })), "not_eligible", "climate_zone_not_covered");
    tells(&ask(json!({ "product": "prod_01900000-0000-7000-8000-000000000009" })), "unknown", "product_unknown");
    let draft = story.enterprise.post("/v1/products", &json!({ "name": "草案", "kind": "gbm-09" })).expect(201).id();
    tells(&ask(json!({ "product": draft })), "unknown", "product_unknown");
    story.step(&certificate, &json!({ "step": "suspend", "reason": "0203" })).expect(200);
    tells(&ask(json!({ "product": product })), "not_eligible", "certificate_suspended");
    story.evidence(&product, &other);
    let verdict = ask(json!({ "product": product }));
    tells(&verdict, "eligible", "certificate_valid");
    assert_eq!(verdict["certificate"], other, "one evidence that stands is enough");
}

#[test]
fn a_listing_is_the_citys_word_and_not_the_bodys() {
    let story = Story::begin();
    let (product, certificate) = (story.product("窗"), story.certificate(NUMBER));
    story.evidence(&product, &certificate);
    story.open_list();
    let ask = |item: Value, on: &str| {
        story.verdict(&json!({ "basis": "listing", "list": LIST, "valid_on": on, "items": [item] }))
    };
    tells(&ask(json!({ "product": product }), "2026-03-02"), "not_eligible", "not_listed");

    story.publish(&[&product]);

    for item in [
        json!({ "product": product }),
        json!({ "certificate_number": NUMBER }),
        json!({ "product": product, "certificate_number": NUMBER }),
    ] {
        let verdict = ask(item.clone(), "2026-03-02");
        tells(&verdict, "eligible", "listed");
        assert_eq!(
            (verdict["list"].as_str(), verdict["publication_number"].as_i64(), &verdict["product"]),
            (Some(LIST), Some(1), &json!(product))
        );
        tells(&ask(item.clone(), "2026-03-01"), "not_eligible", "not_listed");
        tells(&ask(item.clone(), "2030-06-04"), "eligible", "listed");
        tells(&ask(item, "2030-06-05"), "not_eligible", "listing_expired");
    }
    tells(&ask(json!({ "product": product, "model": "80系列" }), "2026-03-02"), "not_eligible", "model_not_covered");
    tells(&ask(json!({ "certificate_number": "CABR-9" }), "2026-03-02"), "unknown", "certificate_unknown");
    story.server.at("2026-03-10T02:00:00Z");
    story.step(&certificate, &json!({ "step": "suspend", "reason": "0203", "effective_on": "2026-03-08" })).expect(200);
    tells(&ask(json!({ "product": product }), "2026-03-07"), "eligible", "listed");
    tells(&ask(json!({ "product": product }), "2026-03-08"), "not_eligible", "listing_suspended");
    story.step(&certificate, &json!({ "step": "withdraw", "reason": "0209" })).expect(200);
    tells(&ask(json!({ "product": product }), "2026-03-10"), "not_eligible", "listing_removed");
}

#[test]
fn a_basis_and_its_list_go_together() {
    let story = Story::begin();
    story.certificate(NUMBER);
    story.open_list();
    let pointer = |members: Value| {
        let answer =
            story.anybody.post("/v1/verifications", &with(&by_number(NUMBER), &members)).problem(422, "invalid");
        answer.body["errors"][0]["source"]["pointer"].as_str().unwrap().to_owned()
    };

    assert_eq!(pointer(json!({ "basis": "listing" })), "/list");
    assert_eq!(pointer(json!({ "list": LIST })), "/list");
    assert_eq!(pointer(json!({ "basis": "listing", "list": "no-such-list" })), "/list");
}

#[test]
fn a_thousand_questions_are_answered_in_their_order_and_one_more_is_refused() {
    let story = Story::begin();
    story.certificate(NUMBER);
    let items: Vec<Value> = (0..1001)
        .map(|it| json!({ "certificate_number": if it % 2 == 0 { NUMBER.to_owned() } else { format!("X-{it}") } }))
        .collect();

    let answer = story.anybody.post("/v1/verifications", &json!({ "items": items[..1000] })).expect(200);

    let verdicts = answer.body["verdicts"].as_array().unwrap();
    assert_eq!(verdicts.len(), 1000);
    for (index, verdict) in verdicts.iter().enumerate() {
        assert_eq!(verdict["eligibility"], if index % 2 == 0 { "eligible" } else { "unknown" }, "{index}");
        assert_eq!(verdict["as_of"], answer.body["as_of"], "all at one cut");
    }
    let refused = story.anybody.post("/v1/verifications", &json!({ "items": items })).problem(422, "invalid");
    assert_eq!(
        (&refused.body["errors"][0]["source"]["pointer"], &refused.body["errors"][0]["rule"]),
        (&json!("/items"), &json!("too-many-items"))
    );
    story.anybody.post("/v1/verifications", &json!({ "items": [] })).problem(422, "invalid");
}

#[test]
fn a_verdict_that_rests_on_a_sample_says_so() {
    let story = Story::begin();
    let (product, sampled) = (story.product("65系列内平开塑料窗"), story.product("70系列内平开塑料窗"));
    let number = "CABR-01(02)-(2025)-CGP-035";
    let certificate = story.certificate(number);
    story.evidence(&product, &certificate);
    story.evidence(&sampled, &certificate);
    let by_product = |id: &str| json!({ "items": [{ "product": id }] });
    let samples = || {
        [by_number(number), by_product(&product), by_product(&sampled)].map(|it| story.verdict(&it)["sample"].clone())
    };
    assert_eq!(samples(), [Value::Null, Value::Null, Value::Null], "facts");

    let id: ProductId = sampled.parse().unwrap();
    let make = move |view: &mut View<'_>| {
        let product: Product = products::read(view.conn, id, view.cut, Viewer::Everything)?.unwrap().parse()?;
        Ok(Decision::change(Change::amend(Event::ProductAmended, Product { sample: true, ..product })))
    };
    story.server.wait(story.server.registry.execute(CommandContext::operator(), make)).unwrap();
    assert_eq!(samples(), [Value::Null, Value::Null, json!(true)], "the product");

    let id: CertificateId = certificate.parse().unwrap();
    let make = move |view: &mut View<'_>| {
        let certificate: Certificate = certificates::read(view.conn, id, view.cut)?.unwrap().parse()?;
        let (day, sample) = (view.today(), Certificate { sample: true, ..certificate });
        Ok(Decision::change(Change::amend(Event::CertificateCorrected, sample).effective_on(day)))
    };
    story.server.wait(story.server.registry.execute(CommandContext::operator(), make)).unwrap();
    assert_eq!(samples(), [json!(true), json!(true), json!(true)], "the certificate");
}
