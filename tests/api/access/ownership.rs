//! Ownership: a scope never suffices, the record must be one's own.

use lvcai_domain::Role;
use lvcai_tests::{ALL_SCOPES, BODY, OTHER_BODY, Story, address, record};
use serde_json::json;

#[test]
fn what_is_anothers_is_not_changed() {
    let story = Story::begin();
    let (server, number) = (&story.server, "CABR-01(02)-(2025)-CGP-035");
    let rival = server.client(server.organisation("另一门窗有限公司", Role::Enterprise), "rival", ALL_SCOPES);
    let other_body = server.client(server.certification_body(OTHER_BODY), "other", ALL_SCOPES);
    let (product, certificate) = (story.product("65系列内平开塑料窗"), story.certificate(number));
    let draft = story.enterprise.post("/v1/products", &json!({ "name": "草案", "kind": "gbm-09" })).expect(201).id();
    let evidence = story.evidence(&product, &certificate);
    story.open_list();
    let before = story.anybody.get("/v1/products").expect(200).seq();

    let suspend = json!({ "step": "suspend", "reason": "0203" });
    other_body.put(&address(BODY, number), &record()).problem(403, "forbidden");
    other_body.post(&format!("/v1/certificates/{certificate}/transitions"), &suspend).problem(403, "forbidden");
    story.authority.post(&format!("/v1/certificates/{certificate}/transitions"), &suspend).problem(403, "forbidden");
    other_body
        .post(&format!("/v1/evidence/{evidence}/transitions"), &json!({ "step": "end" }))
        .problem(403, "forbidden");
    rival
        .post("/v1/evidence", &json!({ "product": product, "certificate": certificate, "models": ["65系列"] }))
        .problem(403, "forbidden");
    rival.patch(&format!("/v1/products/{product}"), "*", &json!({ "name": "夺来" })).problem(403, "forbidden");
    rival.patch(&format!("/v1/products/{draft}"), "*", &json!({ "name": "夺来" })).problem(404, "not-found");
    let enterprise = story.enterprise.organisation.unwrap();
    rival.patch(&format!("/v1/organisations/{enterprise}"), "*", &json!({ "name": "夺来" })).problem(403, "forbidden");
    rival
        .post("/v1/products", &json!({ "enterprise": enterprise, "name": "冒名", "kind": "gbm-09" }))
        .problem(403, "forbidden");
    rival.post(&format!("/v1/products/{draft}/transitions"), &json!({ "step": "admit" })).problem(403, "forbidden");
    rival.post("/v1/organisations", &json!({ "name": "新企业", "roles": ["enterprise"] })).problem(403, "forbidden");
    rival
        .post("/v1/lists", &json!({ "id": "their-list", "title": "x", "purpose": "catalogue" }))
        .problem(403, "forbidden");
    let publication = json!({ "title": "x", "products": [product] });
    rival.post(&format!("/v1/lists/{}/publications", lvcai_tests::LIST), &publication).problem(403, "forbidden");

    assert_eq!(story.anybody.get("/v1/products").expect(200).seq(), before, "nothing was recorded");
}

#[test]
fn the_right_to_read_gives_no_right_to_write() {
    let story = Story::begin();
    let scopes = format!("{ALL_SCOPES} read:private");
    let organisation = story.server.organisation_of("审计有限公司", &[Role::Enterprise, Role::Auditor]);
    let auditor = story.server.client(organisation, "auditor", &scopes);
    let (certificate, admitted) =
        (story.certificate("CABR-01(02)-(2025)-CGP-035"), story.product("65系列内平开塑料窗"));
    let draft = story.enterprise.post("/v1/products", &json!({ "name": "草案", "kind": "gbm-09" })).expect(201).id();
    let claim = json!({ "product": admitted, "certificate": certificate });
    let evidence = story.enterprise.post("/v1/evidence", &claim).expect(201).id();
    story.open_list();
    let address = format!("/v1/lists/{}/publications", lvcai_tests::LIST);
    let confirmed = story.evidence(&admitted, &story.certificate("CABR-01(02)-(2025)-CGP-036"));
    let publication = story.authority.post(&address, &json!({ "title": "x", "products": [admitted] })).expect(201).id();
    let before = story.anybody.get("/v1/products").expect(200).seq();

    for seen in
        [format!("/v1/products/{draft}"), format!("/v1/evidence/{evidence}"), format!("{address}/{publication}")]
    {
        auditor.get(&seen).expect(200);
    }
    for product in [&draft, &admitted] {
        auditor.patch(&format!("/v1/products/{product}"), "*", &json!({ "name": "改名" })).problem(403, "forbidden");
        let dry = format!("/v1/products/{product}?validate_only=true");
        auditor.patch(&dry, "*", &json!({ "name": "改名" })).problem(403, "forbidden");
        auditor
            .post(&format!("/v1/products/{product}/transitions"), &json!({ "step": "admit" }))
            .problem(403, "forbidden");
    }
    for (id, step) in [(&evidence, "confirm"), (&evidence, "reject"), (&confirmed, "end")] {
        auditor.post(&format!("/v1/evidence/{id}/transitions"), &json!({ "step": step })).problem(403, "forbidden");
    }
    auditor
        .post("/v1/evidence", &json!({ "product": admitted, "certificate": certificate, "models": ["65系列"] }))
        .problem(403, "forbidden");
    for step in ["approve", "publish", "cancel"] {
        auditor
            .post(&format!("{address}/{publication}/transitions"), &json!({ "step": step }))
            .problem(403, "forbidden");
    }
    auditor.post(&address, &json!({ "title": "x", "products": [admitted] })).problem(403, "forbidden");
    let enterprise = story.enterprise.organisation.unwrap();
    auditor
        .patch(&format!("/v1/organisations/{enterprise}"), "*", &json!({ "name": "改名" }))
        .problem(403, "forbidden");
    auditor
        .post(&format!("/v1/certificates/{certificate}/transitions"), &json!({ "step": "suspend", "reason": "0203" }))
        .problem(403, "forbidden");

    assert_eq!(story.anybody.get("/v1/products").expect(200).seq(), before, "nothing was recorded");
}

#[test]
fn a_token_without_the_scope_is_told_which_it_lacks() {
    let story = Story::begin();
    let reader = story.server.client(story.enterprise.organisation.unwrap(), "reader", "organisations:write");

    let refused = reader.post("/v1/products", &json!({ "name": "窗", "kind": "gbm-09" })).problem(403, "forbidden");

    assert_eq!(refused.header("www-authenticate"), "Bearer error=\"insufficient_scope\", scope=\"products:write\"");
}
