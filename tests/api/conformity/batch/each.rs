//! Batches whose lines stand for themselves, though they are decided and written together.

use super::{counts, head, line, lines, push};
use crate::ledger::ledger_rows::ledger;
use crate::ledger::{check_order, check_versions};
use lvcai_tests::{BODY, Story, address};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Lines of which one after the other is unchanged, changed, new and refused.
fn mixed(count: usize) -> Vec<Value> {
    let fields = |place: usize| match place % 4 {
        1 => json!({ "product_name": "外平开塑料窗" }),
        3 => json!({ "star": null }),
        _ => json!({}),
    };
    (0..count).map(|place| line(&format!("B-{place}"), &fields(place))).collect()
}

#[test]
fn lines_are_recorded_in_their_order_whatever_becomes_of_each() {
    let story = Story::begin();
    let known: Vec<Value> = (0..250).filter(|it| it % 4 < 2).map(|it| line(&format!("B-{it}"), &json!({}))).collect();
    assert_eq!(counts(&push(&story, "", &known).expect(200)), [126, 0, 0, 0]);
    let before = head(&story);

    let answer = push(&story, "", &mixed(250)).expect(200);

    assert_eq!(counts(&answer), [62, 63, 63, 62]);
    let (mut next, entries) = (before, ledger(&story.server));
    let mut commands = BTreeSet::new();
    for (place, outcome) in answer.body["outcomes"].as_array().unwrap().iter().enumerate() {
        let wanted = [("unchanged", Some(1)), ("changed", Some(2)), ("created", Some(1)), ("refused", None)][place % 4];
        assert_eq!((&outcome["outcome"], outcome["version"].as_i64()), (&json!(wanted.0), wanted.1), "{outcome}");
        if [1, 2].contains(&(place % 4)) {
            next += 1;
            assert_eq!(outcome["seq"], json!(next), "{outcome}");
            let entry = &entries[usize::try_from(next).unwrap() - 1];
            assert_eq!((&json!(entry.subject), &json!(entry.event)), (&outcome["certificate"], &outcome["event"]));
            assert!(entry.cut && commands.insert(entry.command), "a line is a command of its own: {entry:?}");
        }
    }
    assert_eq!((head(&story), answer.seq()), (next, next));
    check_order(&entries);
    check_versions(&story.server);
}

#[test]
fn a_line_follows_the_lines_before_it_where_a_listing_rests_on_both() {
    let story = Story::begin();
    let products = [story.product("窗"), story.product("门")];
    for (number, product) in [("A-0", 0), ("B-0", 1), ("A-1", 0), ("B-1", 1)] {
        let certificate = story.certificate(number);
        story.evidence(&products[product], &certificate);
    }
    story.open_list();
    story.publish(&[&products[0], &products[1]]);
    let before = head(&story);
    let suspended = json!({ "reported_status": "02", "status_reason": "0203" });
    let mut batch = ["A-0", "B-0", "A-1", "B-1"].map(|number| line(number, &suspended)).to_vec();
    batch.insert(2, line("C-0", &json!({})));

    let answer = push(&story, "", &batch).expect(200);

    assert_eq!(counts(&answer), [1, 4, 0, 0]);
    let entries = ledger(&story.server);
    let told: Vec<_> =
        entries[usize::try_from(before).unwrap()..].iter().map(|it| (it.event.as_str(), it.cut)).collect();
    let suspended = "certificate.suspended";
    let wanted = [
        (suspended, true),
        (suspended, true),
        ("certificate.issued", true),
        (suspended, false),
        ("listing.suspended", true),
        (suspended, false),
        ("listing.suspended", true),
    ];
    assert_eq!(told, wanted);
    check_order(&entries);
    check_versions(&story.server);
}

#[test]
fn an_old_export_that_restores_what_was_suspended_is_seen_in_the_counts_and_can_be_kept_out() {
    let story = Story::begin();
    let export = lines(3);
    push(&story, "", &export).expect(200);
    let exported = head(&story);
    for number in ["B-0", "B-1"] {
        let certificate = story.anybody.get(&address(BODY, number)).expect(200).id();
        story.step(&certificate, &json!({ "step": "suspend", "reason": "0203" })).expect(200);
    }

    let guarded = push(&story, &format!("?unchanged_since={exported}"), &export).expect(200);
    let plain = push(&story, "", &export).expect(200);

    assert_eq!((counts(&guarded), guarded.body["restored"].as_i64()), ([0, 0, 1, 2], Some(0)));
    assert_eq!(guarded.body["outcomes"][0]["problem"], lvcai_tests::problem("precondition-failed"));
    assert_eq!((counts(&plain), plain.body["restored"].as_i64()), ([0, 2, 1, 0], Some(2)));
    assert_eq!(plain.body["events"], json!({ "certificate.restored": 2 }));
    let fresh = push(&story, &format!("?unchanged_since={}", head(&story)), &[line("B-0", &json!({ "star": 2 }))]);
    assert_eq!(counts(&fresh.expect(200)), [0, 1, 0, 0]);
    push(&story, "?unchanged_since=-1", &export).expect(400);
    // A position that is not reached yet would guard nothing.
    let ahead = push(&story, "?unchanged_since=99999999", &export).problem(400, "unknown-parameter");
    assert_eq!(ahead.body["errors"][0]["source"]["parameter"], "unchanged_since");
}
