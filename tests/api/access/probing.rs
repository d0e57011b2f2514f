//! What an answer gives away to those who may not know.

use lvcai_domain::ClientId;
use lvcai_tests::{Client, Story};

#[test]
fn a_client_id_is_not_told_by_whoever_has_no_key_of_it() {
    let story = Story::begin();
    let (now, known) = (story.server.clock.now(), &story.body);
    let (organisation, pem) = (known.organisation.unwrap(), story.enterprise.pem.clone());
    let stranger = |id| Client::known(&story.server.url, id, organisation, pem.clone());
    let ask = |client: &Client| client.ask_for_token(&client.sign(&client.claims(now)), None);

    let unknown = ask(&stranger(ClientId::mint()));
    let wrong_key = ask(&stranger(known.id.unwrap()));
    let nobody = known.ask_for_token("x", None);

    assert_eq!((unknown.status, &unknown.text), (401, &wrong_key.text));
    // What names nobody says so, which gives nobody away.
    assert_eq!((nobody.status, nobody.text.contains("names the client")), (401, true), "{}", nobody.text);
    // Who has the key is told what is wrong.
    let late = known.ask_for_token(&known.sign(&known.claims(now - jiff::SignedDuration::from_hours(1))), None);
    assert!(late.text.contains("expired"), "{}", late.text);
}
