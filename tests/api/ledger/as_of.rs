//! Every read can be had again as it was: by the position, or by the instant, at which it was the head.

use crate::ledger::busy;
use crate::ledger::ledger_rows::ledger;
use lvcai_tests::{Answer, Client, LIST, Story};
use serde_json::json;
use std::cell::RefCell;

/// What is read at every cut. `{…}` are lists whose items are read, too.
const LISTS: [&str; 9] = [
    "/v1/products?limit=500",
    "/v1/products?q=%E7%AA%97&limit=500",
    "/v1/products?listed_in=green-building-materials&star_min=3&limit=500",
    "/v1/certificates?limit=500",
    "/v1/listings?limit=500",
    "/v1/lists?limit=500",
    "/v1/kinds",
    "/v1/organisations?limit=500",
    "/v1/lists/green-building-materials/publications?limit=500",
];

/// An answer, with the position and the instant under which it can be had again.
struct Read {
    path: String,
    seq: i64,
    at: String,
    status: u16,
    text: String,
    etag: String,
}

fn paths(client: &Client) -> Vec<String> {
    let mut paths: Vec<String> = LISTS.map(str::to_owned).to_vec();
    for list in ["products", "certificates", "listings", "evidence"] {
        let answer = client.get(&format!("/v1/{list}?limit=500")).expect(200);
        let ids = answer.body["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned());
        paths.extend(ids.flat_map(|id| [format!("/v1/{list}/{id}"), format!("/v1/{list}/{id}/versions")]));
    }
    let list = "/v1/lists/green-building-materials";
    paths.extend([list.to_owned(), format!("{list}/standing?limit=500"), format!("{list}/publications/1")]);
    paths.extend(["entries?limit=500", "document", "versions"].map(|it| format!("{list}/publications/1/{it}")));
    paths
}

fn then(client: &Client, path: &str, as_of: &str) -> Answer {
    client.get(&format!("{path}{}as_of={as_of}", if path.contains('?') { '&' } else { '?' }))
}

/// Everything that a client reads at the head.
fn reads(client: &Client, now: jiff::Timestamp) -> Vec<Read> {
    paths(client)
        .into_iter()
        .map(|path| {
            let Answer { status, headers, text, .. } = client.get(&path);
            let header = |name: &str| headers.get(name).map(|it| it.to_str().unwrap().to_owned()).unwrap_or_default();
            let seq = header("registry-seq").parse().unwrap_or(0);
            Read { path, seq, at: now.to_string(), status, text, etag: header("etag") }
        })
        .collect()
}

fn of_the_same_cut_and_instant(whose: impl Fn(&Story) -> &Client) {
    let story = Story::begin();
    let read: RefCell<Vec<Read>> = RefCell::default();
    let clock = story.server.clock.clone();
    busy(&story, || {
        // Each command has an instant of its own, and a moment after it.
        clock.set(clock.now() + jiff::SignedDuration::from_millis(500));
        read.borrow_mut().extend(reads(whose(&story), clock.now()));
        clock.set(clock.now() + jiff::SignedDuration::from_millis(500));
    });
    let read = read.into_inner();
    assert!(read.iter().filter(|it| it.status == 200).count() > 100);

    for Read { path, seq, at, status, text, etag } in read.iter().filter(|it| it.status == 200) {
        for as_of in [seq.to_string(), at.clone()] {
            let again = then(whose(&story), path, &as_of);
            assert_eq!((again.status, &again.text), (*status, text), "{path} as of {as_of}");
            assert_eq!((again.header("etag"), again.seq()), (etag.as_str(), *seq), "{path} as of {as_of}");
        }
    }
    // What was refused because a list was not known yet is found empty now that it is: 400 is of the question.
    for Read { path, at, status, .. } in read.iter().filter(|it| it.status == 404) {
        assert_eq!(then(whose(&story), path, at).status, *status, "{path} as of {at}");
    }
}

#[test]
fn what_anybody_read_can_be_read_again() {
    of_the_same_cut_and_instant(|story| &story.anybody);
}

#[test]
fn what_the_authority_read_can_be_read_again() {
    of_the_same_cut_and_instant(|story| &story.authority);
}

#[test]
fn a_position_within_a_command_reads_the_cut_before_it() {
    let story = Story::begin();
    let clock = story.server.clock.clone();
    busy(&story, || clock.set(clock.now() + jiff::SignedDuration::from_secs(1)));
    let entries = ledger(&story.server);
    let within: Vec<i64> = entries.iter().filter(|entry| !entry.cut).map(|entry| entry.seq).collect();
    let paths = paths(&story.anybody);
    // Publishing two products and suspending, restoring and cancelling their certificate.
    let of_the_story: Vec<i64> = within.iter().rev().take(8).copied().collect();
    assert!(of_the_story.len() == 8, "{within:?}");

    for seq in of_the_story {
        let cut = entries.iter().filter(|entry| entry.cut && entry.seq < seq).map(|entry| entry.seq).max().unwrap();
        for path in &paths {
            let (inside, before) =
                (then(&story.anybody, path, &seq.to_string()), then(&story.anybody, path, &cut.to_string()));
            assert_eq!(inside.status, before.status, "{path} as of {seq}");
            // A problem names its request.
            assert!(inside.status == 404 || inside.text == before.text, "{path} as of {seq}");
            assert!(inside.status != 200 || inside.seq() == cut, "{path} as of {seq} is read at {}", inside.seq());
        }
    }
}

#[test]
fn before_anything_nothing_was_known() {
    let story = Story::begin();
    let product = story.product("65系列内平开塑料窗");
    story.open_list();

    let lists = LISTS[..4].iter().map(|path| then(&story.anybody, path, "0").expect(200));

    assert!(lists.into_iter().all(|list| list.body["items"] == serde_json::json!([]) && list.seq() == 0));
    then(&story.anybody, &format!("/v1/products/{product}"), "0").problem(404, "not-found");
    then(&story.anybody, &format!("/v1/products/{product}"), "2020-01-01T00:00:00Z").problem(404, "not-found");
}

#[test]
fn what_is_not_yet_known_cannot_be_asked() {
    let story = Story::begin();
    let ahead = (story.anybody.get("/v1/products").seq() + 1).to_string();

    for as_of in [ahead.as_str(), "-1", "2026-03-02T02:00:01Z", "yesterday", "9223372036854775808"] {
        let answer = then(&story.anybody, "/v1/products", as_of);
        assert_eq!(
            (answer.status, answer.body["errors"][0]["source"]["parameter"].as_str()),
            (400, Some("as_of")),
            "{}",
            answer.text
        );
    }
}

#[test]
fn an_instant_is_of_rfc_3339_and_a_number_has_one_spelling() {
    let story = Story::begin();
    let verify = |as_of: &str| {
        story.anybody.post("/v1/verifications", &json!({ "as_of": as_of, "items": [{ "certificate_number": "A" }] }))
    };
    let escaped = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let read = |as_of: &str| story.anybody.get(&format!("/v1/kinds?as_of={}", escaped(as_of)));
    let good = ["0", "412", "2026-03-01T08:30:00Z", "2026-03-01T08:30:00.25z", "2026-03-01t08:30:00.000+08:00"];
    let bad = [
        "+1",
        "01",
        "-0",
        "2026-03-01T08Z",
        "20260301T083000Z",
        "2026-03-01T08:30:00Z[UTC]",
        "2026-02-28T23:59:60Z",
        "2026-03-01 08:30:00Z",
        "2026-03-01T08:30:00",
        "2026-03-01T08:30:00.Z",
        "2026-03-01T08:30:00+08",
        "2026-03-01T24:00:00Z",
    ];

    for as_of in good {
        assert!([200, 400].contains(&read(as_of).status), "{as_of}");
        assert_ne!(read(as_of).body["errors"][0]["rule"], "instant-form", "{as_of}");
    }
    for as_of in bad {
        let fault = read(as_of).problem(400, "unknown-parameter").body["errors"][0].clone();
        assert_eq!(
            (&fault["source"]["parameter"], &fault["rule"]),
            (&json!("as_of"), &json!("instant-form")),
            "{as_of}"
        );
        let fault = verify(as_of).problem(422, "invalid").body["errors"][0].clone();
        assert_eq!(
            (&fault["source"]["pointer"], &fault["rule"]),
            (&json!("/as_of"), &json!("instant-form")),
            "{as_of}"
        );
    }
    for limit in ["%2B5", "05", "5.0", ""] {
        story.anybody.get(&format!("/v1/products?limit={limit}")).problem(400, "unknown-parameter");
    }
    story.anybody.get("/v1/products?star_min=%2B3").problem(400, "unknown-parameter");
}

#[test]
fn a_publication_has_one_number() {
    let story = Story::begin();
    let product = story.product("65系列内平开塑料窗");
    story.evidence(&product, &story.certificate("CABR-01(02)-(2025)-CGP-035"));
    story.open_list();
    story.publish(&[&product]);

    let read = |number: &str| story.anybody.get(&format!("/v1/lists/{LIST}/publications/{number}"));
    read("1").expect(200);
    for number in ["01", "+1", "%2B1", "1.0", "-1", "0"] {
        read(number).problem(404, "not-found");
    }
}
