//! Evidence: what makes a product green, claimed by one and confirmed by another.

use lvcai_domain::Role;
use lvcai_tests::{ALL_SCOPES, Answer, BODY, Client, OTHER_BODY, Story, address, record};
use serde_json::{Value, json};

const NUMBER: &str = "CABR-01(02)-(2025)-CGP-035";

fn claim(client: &Client, product: &str, certificate: &str) -> Answer {
    client.post("/v1/evidence", &json!({ "product": product, "certificate": certificate }))
}

fn step(client: &Client, evidence: &str, step: &str) -> Answer {
    client.post(&format!("/v1/evidence/{evidence}/transitions"), &json!({ "step": step }))
}

fn verdict(story: &Story, product: &str) -> Value {
    let verdict = story.verdict(&json!({ "items": [{ "product": product }] }));
    json!([verdict["eligibility"], verdict["reasons"][0]["code"]])
}

#[test]
fn a_claim_of_the_body_or_the_authority_is_confirmed_at_once() {
    let story = Story::begin();
    let (product, certificate) = (story.product("窗"), story.certificate(NUMBER));
    assert_eq!(verdict(&story, &product), json!(["not_eligible", "no_confirmed_evidence"]));

    let claimed = claim(&story.body, &product, &certificate).expect(201);

    assert_eq!(claimed.header("location"), format!("/v1/evidence/{}", claimed.id()));
    let read = story.anybody.get(claimed.header("location")).expect(200);
    assert_eq!(
        (read.body["status"].as_str(), read.body["effective_on"].as_str()),
        (Some("confirmed"), Some("2026-03-02"))
    );
    let body = story.body.organisation.unwrap().to_string();
    assert_eq!((&read.body["claimed_by"], &read.body["decided_by"]), (&json!(body), &json!(body)));
    assert_eq!(verdict(&story, &product), json!(["eligible", "certificate_valid"]));
    let other = story.product("另一扇窗");
    assert_eq!(claim(&story.authority, &other, &certificate).expect(201).body["status"], "confirmed");
}

#[test]
fn a_proposal_of_the_enterprise_counts_once_the_body_confirms_it() {
    let story = Story::begin();
    let (product, certificate) = (story.product("窗"), story.certificate(NUMBER));

    let proposed = claim(&story.enterprise, &product, &certificate).expect(201);

    let (id, before) = (proposed.id(), proposed.seq());
    assert_eq!((proposed.body["status"].as_str(), proposed.body.get("decided_by")), (Some("proposed"), None));
    assert_eq!(verdict(&story, &product), json!(["not_eligible", "no_confirmed_evidence"]));
    step(&story.enterprise, &id, "confirm").problem(403, "forbidden");
    story.server.at("2026-03-05T02:00:00Z");
    let confirmed = step(&story.body, &id, "confirm").expect(200);
    assert_eq!(
        (confirmed.body["status"].as_str(), confirmed.body["effective_on"].as_str()),
        (Some("confirmed"), Some("2026-03-05"))
    );
    assert_eq!(verdict(&story, &product), json!(["eligible", "certificate_valid"]));
    let mut then = json!({ "items": [{ "product": product }] });
    then["as_of"] = json!(before.to_string());
    assert_eq!(story.verdict(&then)["eligibility"], "not_eligible");
}

#[test]
fn a_proposal_is_seen_by_its_parties_and_the_authority_alone() {
    let story = Story::begin();
    let server = &story.server;
    let rival = server.client(server.organisation("另一门窗有限公司", Role::Enterprise), "rival", ALL_SCOPES);
    let other = server.client(server.certification_body(OTHER_BODY), "other", ALL_SCOPES);
    let (product, certificate) = (story.product("窗"), story.certificate(NUMBER));

    let proposed = claim(&story.enterprise, &product, &certificate).expect(201);

    let address = format!("/v1/evidence/{}", proposed.id());
    for insider in [&story.enterprise, &story.body, &story.authority] {
        assert_eq!(insider.get(&address).expect(200).text, proposed.text);
        assert_eq!(insider.get("/v1/evidence?status=proposed").expect(200).body["items"][0]["id"], proposed.body["id"]);
    }
    for outsider in [&story.anybody, &rival, &other] {
        outsider.get(&address).problem(404, "not-found");
        outsider.get(&format!("{address}/versions")).problem(404, "not-found");
        assert_eq!(outsider.get(&format!("/v1/evidence?product={product}")).expect(200).body["items"], json!([]));
    }
    step(&other, &proposed.id(), "confirm").problem(404, "not-found");
    step(&story.body, &proposed.id(), "confirm").expect(200);
    let versions = |client: &Client| {
        client.get(&format!("{address}/versions")).expect(200).body["items"].as_array().unwrap().len()
    };
    assert_eq!((versions(&story.anybody), versions(&story.enterprise)), (1, 2), "what was private stays private");
    story.anybody.get(&format!("{address}?as_of={}", proposed.header("registry-seq"))).problem(404, "not-found");
}

#[test]
fn a_rejected_proposal_stays_private_and_may_be_made_again() {
    let story = Story::begin();
    let (product, certificate) = (story.product("窗"), story.certificate(NUMBER));
    let id = claim(&story.enterprise, &product, &certificate).expect(201).id();
    claim(&story.enterprise, &product, &certificate).problem(409, "conflict");

    let rejected = step(&story.body, &id, "reject").expect(200);

    assert_eq!(rejected.body["status"], "rejected");
    story.anybody.get(&format!("/v1/evidence/{id}")).problem(404, "not-found");
    claim(&story.enterprise, &product, &certificate).expect(201);
}

#[test]
fn an_ended_evidence_no_longer_makes_green_and_says_since_when() {
    let story = Story::begin();
    let (product, certificate) = (story.product("窗"), story.certificate(NUMBER));
    let id = story.evidence(&product, &certificate);
    story.server.at("2026-04-01T02:00:00Z");

    let ended = step(&story.body, &id, "end").expect(200);

    assert_eq!((ended.body["status"].as_str(), ended.body["ended_on"].as_str()), (Some("ended"), Some("2026-04-01")));
    assert_eq!(verdict(&story, &product), json!(["not_eligible", "no_confirmed_evidence"]));
    let on = |day: &str| {
        story.verdict(&json!({ "valid_on": day, "items": [{ "product": product }] }))["eligibility"].clone()
    };
    assert_eq!((on("2026-03-31"), on("2026-04-01")), (json!("eligible"), json!("not_eligible")));
}

#[test]
fn a_step_that_is_not_legal_names_those_that_are() {
    let story = Story::begin();
    let (product, certificate) = (story.product("窗"), story.certificate(NUMBER));
    let proposed = claim(&story.enterprise, &product, &certificate).expect(201).id();
    let legal = |answer: Answer| answer.problem(409, "illegal-step").body["errors"][0].get("allowed").cloned();

    assert_eq!(legal(step(&story.body, &proposed, "end")), Some(json!(["confirm", "reject"])));
    step(&story.body, &proposed, "confirm").expect(200);
    assert_eq!(legal(step(&story.body, &proposed, "confirm")), Some(json!(["end"])));
    assert_eq!(legal(step(&story.body, &proposed, "reject")), Some(json!(["end"])));
    step(&story.body, &proposed, "end").expect(200);
    assert_eq!(legal(step(&story.authority, &proposed, "confirm")), None);
}

#[test]
fn a_certificate_covers_only_its_kind_and_its_models() {
    let story = Story::begin();
    let (window, certificate) = (story.product("窗"), story.certificate(NUMBER));
    let other_kind = json!({ "name": "砌块", "kind": "gbm-01", "models": ["65系列"] });
    let other_kind = story.enterprise.post("/v1/products", &other_kind).expect(201).id();
    let more_models = json!({ "name": "大窗", "kind": "gbm-09", "models": ["65系列", "80系列"] });
    let more_models = story.enterprise.post("/v1/products", &more_models).expect(201).id();
    for product in [&other_kind, &more_models] {
        story.authority.post(&format!("/v1/products/{product}/transitions"), &json!({ "step": "admit" })).expect(200);
    }
    let claim_of = |product: &str, models: Value| {
        story.body.post("/v1/evidence", &json!({ "product": product, "certificate": certificate, "models": models }))
    };
    let pointer = |answer: Answer| answer.problem(422, "invalid").body["errors"][0]["source"]["pointer"].clone();

    assert_eq!(pointer(claim_of(&other_kind, json!([]))), "/certificate");
    assert_eq!(pointer(claim_of(&more_models, json!([]))), "/models");
    assert_eq!(pointer(claim_of(&more_models, json!(["80系列"]))), "/models");
    assert_eq!(pointer(claim_of(&window, json!(["70系列"]))), "/models");
    claim_of(&more_models, json!(["６５系列"])).expect(201);
    let whole = json!({ "units": [{ "name": "全部" }] });
    let mut record = record();
    record["units"] = whole["units"].clone();
    let unnamed = story.body.put(&address(BODY, "CABR-2"), &record).expect(201).id();
    claim(&story.body, &more_models, &unnamed).expect(201);
}

#[test]
fn what_was_covered_when_proposed_must_be_covered_when_confirmed() {
    let story = Story::begin();
    let (product, certificate) = (story.product("窗"), story.certificate(NUMBER));
    let id = claim(&story.enterprise, &product, &certificate).expect(201).id();
    let mut narrowed = record();
    narrowed["units"][0]["models"] = json!(["70系列"]);
    story.body.put(&address(BODY, NUMBER), &narrowed).expect(200);

    let confirm = step(&story.body, &id, "confirm");

    assert_eq!(confirm.problem(422, "invalid").body["errors"][0]["source"]["pointer"], "/models");
    step(&story.body, &id, "reject").expect(200);
}

#[test]
fn an_evidence_names_what_exists() {
    let story = Story::begin();
    let (product, certificate) = (story.product("窗"), story.certificate(NUMBER));
    let draft = story.enterprise.post("/v1/products", &json!({ "name": "草案", "kind": "gbm-09" })).expect(201).id();
    let server = &story.server;
    let rival = server.client(server.organisation("另一门窗有限公司", Role::Enterprise), "rival", ALL_SCOPES);
    let pointer = |answer: Answer| answer.problem(422, "invalid").body["errors"][0]["source"]["pointer"].clone();

    assert_eq!(pointer(claim(&story.body, "prod_01900000-0000-7000-8000-000000000009", &certificate)), "/product");
    assert_eq!(pointer(claim(&story.body, &product, "cert_01900000-0000-7000-8000-000000000009")), "/certificate");
    assert_eq!(pointer(claim(&rival, &draft, &certificate)), "/product", "another's draft is as good as none");
}

#[test]
fn an_evidence_counts_from_the_day_that_its_confirmer_states() {
    let story = Story::begin();
    let (product, certificate) = (story.product("窗"), story.certificate(NUMBER));
    let other = story.product("另一扇窗");
    let from = |client: &Client, product: &str, day: &str| {
        client.post("/v1/evidence", &json!({ "product": product, "certificate": certificate, "effective_on": day }))
    };
    let pointer = |answer: Answer| answer.problem(422, "invalid").body["errors"][0]["source"]["pointer"].clone();
    let proposed = claim(&story.enterprise, &other, &certificate).expect(201).id();
    let confirm = |day: &str| {
        let step = json!({ "step": "confirm", "effective_on": day });
        story.body.post(&format!("/v1/evidence/{proposed}/transitions"), &step)
    };
    for day in ["2025-06-04", "2026-03-03"] {
        assert_eq!(pointer(from(&story.body, &product, day)), "/effective_on");
        assert_eq!(pointer(confirm(day)), "/effective_on");
    }
    assert_eq!(pointer(from(&story.enterprise, &product, "2026-01-10")), "/effective_on");

    from(&story.body, &product, "2026-01-10").expect(201);
    confirm("2026-01-10").expect(200);

    for product in [product, other] {
        let on = |day: &str| {
            story.verdict(&json!({ "valid_on": day, "items": [{ "product": product }] }))["eligibility"].clone()
        };
        assert_eq!((on("2026-01-09"), on("2026-01-10")), (json!("not_eligible"), json!("eligible")));
    }
}

#[test]
fn a_draft_becomes_green_only_after_it_is_admitted() {
    let story = Story::begin();
    let certificate = story.certificate(NUMBER);
    let new = json!({ "name": "窗", "kind": "gbm-09", "models": ["65系列"] });
    let draft = story.enterprise.post("/v1/products", &new).expect(201).id();

    claim(&story.authority, &draft, &certificate).problem(409, "illegal-step");
    // To the body a draft that is not its own is not there.
    let unseen = claim(&story.body, &draft, &certificate).problem(422, "invalid");
    assert_eq!(
        (unseen.body["errors"][0]["source"]["pointer"].as_str(), unseen.body["errors"][0]["rule"].as_str()),
        (Some("/product"), Some("unknown-reference"))
    );
    let proposed = claim(&story.enterprise, &draft, &certificate).expect(201).id();
    step(&story.body, &proposed, "confirm").problem(409, "illegal-step");
    story.authority.post(&format!("/v1/products/{draft}/transitions"), &json!({ "step": "admit" })).expect(200);

    step(&story.body, &proposed, "confirm").expect(200);
    assert_eq!(verdict(&story, &draft), json!(["eligible", "certificate_valid"]));
}
