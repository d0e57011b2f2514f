//! The form of a token request, and faults of an assertion that only its client is told.

use lvcai_tests::{Answer, Client, Story};
use serde_json::{Value, json};

/// Asks with a form of its own.
fn ask(client: &Client, more: &str, change: impl FnOnce(&mut Value), story: &Story) -> Answer {
    let mut claims = client.claims(story.server.clock.now());
    change(&mut claims);
    present(client, &client.sign(&claims), more)
}

/// Sends an assertion, whatever it is.
fn present(client: &Client, assertion: &str, more: &str) -> Answer {
    let form = format!(
        "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={assertion}{more}"
    );
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    client.send("POST", "/oauth/token", &headers, Some(form.as_bytes()))
}

fn newcomer(story: &Story) -> Client {
    story.server.client_without_token(
        story.enterprise.organisation.unwrap(),
        "maker-2",
        "products:write evidence:write",
    )
}

#[test]
fn what_is_not_known_is_ignored_and_nothing_is_as_good_as_left_out() {
    let story = Story::begin();
    let client = newcomer(&story);

    for more in ["&audience=x", "&scope=", "&client_id=&scope=", "&resource=a&resource=b", "&scope=+"] {
        let answer = ask(&client, more, |_| (), &story).expect(200).body;
        assert_eq!(answer["scope"], "products:write evidence:write", "{more}");
    }
    let two = ask(&client, "&scope=evidence:write++products:write", |_| (), &story).expect(200).body;
    assert_eq!(two["scope"], "products:write evidence:write");
    let comma = ask(&client, "&scope=evidence:write,products:write", |_| (), &story);
    assert_eq!((comma.status, comma.body["error"].as_str()), (400, Some("invalid_scope")));
    assert!(comma.body["error_description"].as_str().unwrap().contains("separated by spaces"), "{}", comma.text);
}

#[test]
fn the_issuer_alone_in_a_list_is_as_good_as_by_itself() {
    let story = Story::begin();
    let client = newcomer(&story);

    ask(&client, "", |claims| claims["aud"] = json!([lvcai_tests::ISSUER]), &story).expect(200);
}

#[test]
fn a_form_that_says_two_things_is_refused_and_no_refusal_is_kept_by_a_cache() {
    let story = Story::begin();
    let client = newcomer(&story);
    let other = story.body.id.unwrap();

    let refused = |more: &str| {
        let answer = ask(&client, more, |_| (), &story);
        assert_eq!(answer.header("cache-control"), "no-store", "{more}");
        (answer.status, answer.body["error"].as_str().unwrap().to_owned())
    };

    let invalid = (400, "invalid_request".to_owned());
    assert_eq!(refused("&scope=products:write&scope=evidence:write"), invalid);
    assert_eq!(refused("&grant_type=client_credentials"), invalid);
    assert_eq!(refused("&client_secret=x"), invalid);
    assert_eq!(refused(&format!("&client_id={other}")), (401, "invalid_client".to_owned()));
    assert_eq!(refused("&scope=products:admit"), (400, "invalid_scope".to_owned()));
}

#[test]
fn a_client_is_told_what_is_wrong_with_its_claims() {
    let story = Story::begin();
    let client = newcomer(&story);
    let issuer = lvcai_tests::ISSUER;
    let now = story.server.clock.now();
    let wrong = [
        ("aud", json!([issuer, format!("{issuer}/oauth/token")]), "`aud`"),
        ("aud", json!(format!("{issuer}/oauth/token")), "`aud`"),
        ("iat", json!(now.as_millisecond()), "milliseconds"),
        ("exp", json!(now.as_millisecond() + 60_000), "milliseconds"),
        ("exp", json!("soon"), "`exp` must be a number"),
        ("iat", json!(now.as_second() + 3600), "in the future"),
        ("sub", Value::Null, "`sub`"),
        ("exp", Value::Null, "`exp` is required"),
        ("jti", Value::Null, "`jti` is required"),
    ];
    for (claim, value, why) in wrong {
        let answer = ask(&client, "", |claims| claims[claim] = value.clone(), &story);
        assert_eq!((answer.status, answer.body["error"].as_str()), (401, Some("invalid_client")), "{}", answer.text);
        let told = answer.body["error_description"].as_str().unwrap();
        assert!(told.contains(why), "{claim} {value}: {told}");
    }
}

#[test]
fn what_is_no_assertion_is_called_so_and_tells_nothing_of_clients() {
    let story = Story::begin();
    let client = newcomer(&story);
    let told = |assertion: &str, more: &str| {
        let answer = present(&client, assertion, more);
        assert_eq!((answer.status, answer.body["error"].as_str()), (401, Some("invalid_client")), "{}", answer.text);
        answer.body["error_description"].as_str().unwrap().to_owned()
    };

    // Empty, as an example that nobody has filled in; a text; and a JWT that names nobody.
    for nothing in ["", "secret", "eyJhbGciOiJFUzI1NiJ9.e30.x"] {
        let told = told(nothing, "&client_id=");
        assert!(told.contains("no signed JWT that names the client in `iss`"), "{nothing}: {told}");
    }
    // Once a client is named, the answer is the same whether it is known or not.
    let known = told("", &format!("&client_id={}", client.id.unwrap()));
    assert_eq!(known, told("", "&client_id=clnt_01900000-0000-7000-8000-0000000fffff"));
    assert!(known.contains("is not known, or"), "{known}");
}
