//! What clients may hold and who may change them, tested without a registry.

use super::*;
use jiff::SignedDuration;

fn key(kid: &str, x: &str) -> ClientKey {
    let text = |it: &str| Some(it.to_owned());
    ClientKey {
        kid: kid.to_owned(),
        kty: "OKP".to_owned(),
        alg: "EdDSA".to_owned(),
        usage: "sig".to_owned(),
        crv: text("Ed25519"),
        x: text(x),
        y: None,
        n: None,
        e: None,
        retires_at: None,
    }
}

fn client(holder: &str, scopes: &[&str], keys: Vec<ClientKey>) -> Client {
    let scopes = scopes.iter().map(ToString::to_string).collect();
    Client::new(OrganisationId::mint(), holder.to_owned(), scopes, ClientKeySet { keys })
}

fn now() -> Timestamp {
    "2026-11-22T08:30:00Z".parse().unwrap()
}

fn hours(count: i64) -> Timestamp {
    now() + SignedDuration::from_hours(count)
}

fn officer(organisation: OrganisationId, holder: &str, authority: bool) -> KeyOfficer {
    KeyOfficer::Client { organisation, holder: holder.to_owned(), authority }
}

fn kind(result: Result<(), Problem>) -> Option<ProblemKind> {
    result.err().map(|it| it.kind)
}

#[test]
fn a_holder_is_somebody() {
    for holder in ["h", "bureau-1", "审批科 2"] {
        assert!(client(holder, &[], Vec::new()).check_holder().is_ok(), "{holder}");
    }
    for nobody in ["", "  ", "\u{3000}\n", "\u{200b}", "-", "／", "无"] {
        assert_eq!(client(nobody, &[], Vec::new()).check_holder().unwrap_err().pointer, "/holder", "{nobody:?}");
    }
}

#[test]
fn a_client_holds_no_scope_that_no_role_of_its_organisation_permits() {
    let it = client("h", &["organisations:write", "products:admit"], Vec::new());

    let fault = it.check_scopes(&[Role::Enterprise]).unwrap_err();

    assert_eq!((fault.pointer.as_str(), fault.rule), ("/scopes/1", Rule::ScopeNotPermitted));
    assert!(fault.allowed.contains(&"products:write".to_owned()), "{:?}", fault.allowed);
    assert_eq!(it.check_scopes(&[Role::Authority, Role::Enterprise]), Ok(()));
    assert_eq!(
        client("h", &["products:fly"], Vec::new()).check_scopes(&[Role::Authority]).unwrap_err().pointer,
        "/scopes/0"
    );
    assert_eq!(it.scopes_by(&[Role::Enterprise]), [Scope::OrganisationsWrite], "a role that is taken takes its scopes");
}

#[test]
fn an_organisation_registers_its_own_clients_and_the_authority_those_of_others() {
    let it = client("h", &[], Vec::new());
    let by = |officer| kind(it.check_registered_by(&officer, &[Role::Enterprise]));

    assert_eq!(by(KeyOfficer::Operator), None);
    assert_eq!(by(officer(it.organisation, "h", false)), None);
    assert_eq!(by(officer(OrganisationId::mint(), "b", true)), None);
    assert_eq!(by(officer(OrganisationId::mint(), "h", false)), Some(ProblemKind::Forbidden));
}

#[test]
fn nobody_makes_a_second_holder_of_an_authority_over_the_network() {
    let it = client("bureau-2", &[], Vec::new());
    let own = officer(it.organisation, "bureau-1", true);

    assert_eq!(kind(it.check_registered_by(&own, &[Role::Authority])), Some(ProblemKind::Forbidden));
    assert_eq!(kind(it.check_registered_by(&KeyOfficer::Operator, &[Role::Authority])), None);
    assert_eq!(kind(it.check_keys_changed_by(&own, &[Role::Authority])), Some(ProblemKind::Forbidden));
    let same = officer(it.organisation, "bureau-2", true);
    assert_eq!(kind(it.check_keys_changed_by(&same, &[Role::Authority])), None);
    assert_eq!(kind(it.check_revoked_by(&own, &[Role::Authority])), None, "to revoke makes nobody a second holder");
    let other = officer(OrganisationId::mint(), "bureau-2", true);
    assert_eq!(kind(it.check_revoked_by(&other, &[Role::Authority])), Some(ProblemKind::Forbidden));
}

#[test]
fn a_client_of_others_is_not_seen() {
    let it = client("h", &[], Vec::new());
    let stranger = officer(OrganisationId::mint(), "h", false);

    assert_eq!(kind(it.check_revoked_by(&stranger, &[Role::Enterprise])), Some(ProblemKind::NotFound));
    assert_eq!(kind(it.check_keys_changed_by(&stranger, &[Role::Enterprise])), Some(ProblemKind::NotFound));
}

#[test]
fn keys_change_with_overlap() {
    let before = client("h", &[], vec![key("a", "AAA")]);

    let both = before.with_key(key("b", "BBB"), now()).unwrap().unwrap();
    let retiring = both.with_key_retired("a", hours(24), now()).unwrap().unwrap();

    let signing = |at: Timestamp| -> Vec<&str> {
        retiring.keys.keys.iter().filter(|it| it.signs_at(at)).map(|it| it.kid.as_str()).collect()
    };
    assert_eq!(signing(hours(23)), ["a", "b"]);
    assert_eq!(signing(hours(24)), ["b"]);
    assert_eq!(both.with_key(key("b", "BBB"), now()).unwrap(), None, "it is so already");
    let third = retiring.with_key(key("c", "CCC"), hours(25)).unwrap().unwrap();
    assert_eq!(third.keys.keys.iter().map(|it| it.kid.as_str()).collect::<Vec<_>>(), ["b", "c"]);
}

#[test]
fn the_last_key_that_goes_on_is_not_retired() {
    let one = client("h", &[], vec![key("a", "AAA")]);
    let two = one.with_key(key("b", "BBB"), now()).unwrap().unwrap();
    let retiring = two.with_key_retired("a", hours(24), now()).unwrap().unwrap();

    let refused = |it: &Client, kid: &str| it.with_key_retired(kid, hours(48), now()).unwrap_err().kind;

    assert_eq!(refused(&one, "a"), ProblemKind::IllegalStep);
    assert_eq!(refused(&retiring, "b"), ProblemKind::IllegalStep, "the other one is about to retire");
    assert!(retiring.with_key_retired("a", hours(48), now()).unwrap().is_some(), "the instant may be moved");
    assert_eq!(retiring.with_key_retired("a", hours(24), now()).unwrap(), None);
    assert_eq!(retiring.with_key_retired("a", hours(48), hours(25)).unwrap_err().kind, ProblemKind::IllegalStep);
    let faults = |kid: &str, at| two.with_key_retired(kid, at, now()).unwrap_err().faults[0].pointer.clone();
    assert_eq!([faults("c", now()), faults("a", hours(-1))], ["/kid", "/retires_at"]);
}

#[test]
fn a_name_stands_for_one_key_and_a_key_has_one_name() {
    let it = client("h", &[], vec![key("a", "AAA"), key("b", "BBB")]);
    let retiring = it.with_key_retired("a", hours(1), now()).unwrap().unwrap();

    let refused = |it: &Client, key| it.with_key(key, now()).unwrap_err().kind;

    assert_eq!(refused(&it, key("a", "CCC")), ProblemKind::Conflict);
    assert_eq!(refused(&it, key("c", "AAA")), ProblemKind::Conflict);
    assert_eq!(
        refused(&retiring, key("a", "AAA")),
        ProblemKind::Conflict,
        "who retires a key does not take it back so"
    );
    let many = (0..Client::MAX_KEYS).map(|it| key(&it.to_string(), &format!("K{it}"))).collect();
    assert_eq!(refused(&client("h", &[], many), key("z", "ZZZ")), ProblemKind::Invalid);
}

#[test]
fn a_client_is_revoked_once() {
    let revoked = client("h", &[], vec![key("a", "AAA")]).revoked().unwrap();

    assert_eq!(revoked.status, ClientStatus::Revoked);
    assert_eq!(revoked.revoked().unwrap_err().kind, ProblemKind::IllegalStep);
}
