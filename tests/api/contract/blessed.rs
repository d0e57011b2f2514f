//! No client of the blessed document breaks. `make bless` blesses another.

use super::compatibility::breaks;
use super::{document, inlined};
use lvcai_tests::workspace;
use serde_json::Value;

/// The document that clients of `/v1` were written against.
const BLESSED: &str = "tests/golden/v1.openapi.yaml";

#[test]
fn the_document_breaks_no_client_of_the_blessed_one() {
    let path = workspace().join(BLESSED);
    let blessed: Value = yaml_serde::from_str(&std::fs::read_to_string(&path).unwrap_or_default()).unwrap();

    let broken = breaks(&inlined(&blessed, &blessed), &document());

    if std::env::vars().any(|(name, _)| name == "LVCAI_BLESS") {
        std::fs::write(&path, lvcai_api::yaml(&lvcai_api::document())).unwrap();
        println!("{BLESSED} is blessed anew, which breaks {}:\n{}", broken.len(), broken.join("\n"));
        return;
    }
    assert!(broken.is_empty(), "clients of {BLESSED} break; if that is meant, `make bless`:\n{}", broken.join("\n"));
}
