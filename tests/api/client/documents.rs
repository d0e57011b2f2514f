//! Signed documents, from the registry and without it.

use super::direct;
use lvcai_client::{Error, VerificationError, verify_document};
use lvcai_tests::{ISSUER, LIST, NUMBER, Story};
use serde_json::json;

fn published() -> Story {
    let story = Story::begin();
    let (product, certificate) = (story.product("65系列内平开塑料窗"), story.certificate(NUMBER));
    story.evidence(&product, &certificate);
    story.open_list();
    story.publish(&[&product]);
    story
}

#[test]
fn a_publication_is_downloaded_and_verified() {
    let story = published();
    let registry = direct(&story, &story.anybody);
    let keys = registry.keys().unwrap();

    let publication = registry.publication(LIST, 1, &keys).unwrap();

    assert_eq!((publication.issuer(), publication.list(), publication.number()), (ISSUER, LIST, 1));
    assert_eq!((publication.published_on(), publication.entries().len()), ("2026-03-02", 1));
    assert_eq!(publication.entries()[0]["certificate_number"], NUMBER);
}

#[test]
fn a_document_verifies_without_the_registry_and_a_changed_one_does_not() {
    let story = published();
    let registry = direct(&story, &story.anybody);
    let keys = registry.keys().unwrap();
    let address = format!("/v1/lists/{LIST}/publications/1/document");
    let document = String::from_utf8(registry.get(&address).send().unwrap().bytes().to_vec()).unwrap();
    drop(story);

    assert_eq!(verify_document(&document, &keys).unwrap().number(), 1);
    let mut parts: serde_json::Value = serde_json::from_str(&document).unwrap();
    let payload = parts["payload"].as_str().unwrap().replacen("ey", "eZ", 1);
    parts["payload"] = json!(payload);
    let error = verify_document(&parts.to_string(), &keys).unwrap_err();
    assert!(matches!(error, VerificationError::Document(_)), "{error}");
}

#[test]
fn the_keys_of_another_registry_prove_nothing() {
    let story = published();
    let elsewhere = Story::begin_elsewhere();
    let keys = direct(&elsewhere, &elsewhere.anybody).keys().unwrap();

    let error = direct(&story, &story.anybody).publication(LIST, 1, &keys).unwrap_err();

    assert!(matches!(error, Error::Verification(_)), "{error}");
}
