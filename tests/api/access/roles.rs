//! Roles: what an organisation's role permits its clients, when they are registered and whenever they ask.

use lvcai_domain::{Organisation, OrganisationId, Role};
use lvcai_store::clients::{self, Officer};
use lvcai_store::{Change, CommandContext, Decision, View, organisations};
use lvcai_tests::{Server, Story};
use serde_json::json;

fn change_roles(server: &Server, id: OrganisationId, roles: &[Role]) {
    let roles = roles.to_vec();
    let decide = move |view: &mut View<'_>| {
        let before: Organisation = organisations::read(view.conn, id, view.cut)?.unwrap().parse()?;
        let after = Organisation { roles: roles.clone(), ..before };
        Ok(Decision::change(Change::amend(lvcai_domain::Event::OrganisationAmended, after)))
    };
    server.wait(server.registry.execute(CommandContext::operator(), decide)).unwrap();
}

#[test]
fn the_operator_gives_no_scope_either_that_no_role_permits() {
    let story = Story::begin();
    let keys = lvcai_domain::ClientKeySet { keys: Vec::new() };
    let scopes = vec!["certificates:push".to_owned()];
    let maker = story.enterprise.organisation.unwrap();
    let client = lvcai_domain::Client::new(maker, "maker-9".to_owned(), scopes, keys);

    let decide = move |view: &mut View<'_>| clients::add(view, &client, Officer::Operator);
    let refused = story.server.wait(story.server.registry.execute(CommandContext::operator(), decide)).unwrap_err();

    assert!(refused.to_string().contains("/scopes/0"), "{refused}");
}

#[test]
fn a_role_that_is_taken_takes_its_scopes_at_once_and_one_that_is_given_back_gives_them() {
    let story = Story::begin();
    let auditing = story.server.organisation("审计局", Role::Auditor);
    let auditor = story.server.client(auditing, "auditor", "read:private organisations:write");
    let draft = story.enterprise.post("/v1/products", &json!({ "name": "草案", "kind": "gbm-09" })).expect(201).id();
    let address = format!("/v1/products/{draft}");
    let token = |asked| auditor.ask_for_token(&auditor.sign(&auditor.claims(story.server.clock.now())), asked);
    auditor.get(&address).expect(200);

    change_roles(&story.server, auditing, &[Role::ProcurementPlatform]);

    auditor.get(&address).problem(404, "not-found");
    assert_eq!(token(None).expect(200).body["scope"], "organisations:write");
    let refused = token(Some("read:private")).expect(400);
    assert_eq!(refused.body["error"], "invalid_scope");
    change_roles(&story.server, auditing, &[Role::Auditor]);
    auditor.get(&address).expect(200);
    assert_eq!(token(Some("read:private")).expect(200).body["scope"], "read:private");
}
