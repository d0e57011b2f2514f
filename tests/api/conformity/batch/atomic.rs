//! Batches that are one command: all lines or none.

use super::{JSON, LINES, counts, head, json_lines, known, line, lines, push, send};
use lvcai_tests::{LIST, Story};
use serde_json::{Value, json};

#[test]
fn one_refused_line_refuses_the_batch() {
    let story = Story::begin();
    let mut batch = lines(120);
    batch[7]["star"] = Value::Null;
    batch[110]["units"] = json!([{ "name": "" }]);
    batch[119]["number"] = json!("B-0");
    let before = head(&story);

    let answer = send(&story.body, "?mode=atomic", ("key", JSON), json!(batch).to_string().as_bytes());

    let answer = answer.problem(422, "invalid");
    let told: Vec<_> =
        answer.body["errors"].as_array().unwrap().iter().map(|it| (&it["source"]["pointer"], &it["rule"])).collect();
    assert_eq!(told[0], (&json!("/7/star"), &json!("star-required")));
    assert_eq!(told[1], (&json!("/110/units/0/name"), &json!("text-form")));
    assert_eq!((told[2].0, told.len()), (&json!("/119"), 3), "{}", answer.text);
    assert_eq!((head(&story), known(&story)), (before, 0), "nothing was written");
    let again = send(&story.body, "?mode=atomic", ("key", JSON), json!(batch).to_string().as_bytes());
    assert_eq!(again.problem(422, "invalid").header("idempotency-replayed"), "", "a refusal is not kept");
    let mended = lines(120);
    let done = send(&story.body, "?mode=atomic", ("key", JSON), json!(mended).to_string().as_bytes()).expect(200);
    assert_eq!((counts(&done), known(&story)), ([120, 0, 0, 0], 120));
    let replayed = send(&story.body, "?mode=atomic", ("key", JSON), json!(mended).to_string().as_bytes()).expect(200);
    assert_eq!((&replayed.text, replayed.header("idempotency-replayed")), (&done.text, "true"));
}

#[test]
fn a_batch_of_one_command_has_its_own_bound() {
    let story = Story::begin();

    let answer = send(&story.body, "?mode=atomic", ("key", LINES), "{}\n".repeat(1001).as_bytes());

    assert_eq!(answer.problem(422, "invalid").body["errors"][0]["rule"], "too-many-items");
    let refused = send(&story.body, "?mode=atomic", ("key", LINES), "{}\n".repeat(1000).as_bytes());
    let refused = refused.problem(422, "invalid");
    assert_eq!(refused.body["errors"].as_array().unwrap().len(), 100, "the first hundred faults are enough");
    assert!(refused.body["detail"].as_str().unwrap().contains("5000"), "{}", refused.body["detail"]);
}

#[test]
fn no_cut_shows_half_of_a_batch_of_one_command() {
    let story = Story::begin();
    push(&story, "", &lines(10)).expect(200);
    let before = head(&story);
    let mut batch = lines(25);
    batch[3]["product_name"] = json!("改名的窗");

    let answer = send(&story.body, "?mode=atomic", ("key", LINES), json_lines(&batch).as_bytes()).expect(200);

    assert_eq!((counts(&answer), answer.seq()), ([15, 1, 9, 0], before + 16));
    for seq in before..=before + 16 {
        let shown = story.anybody.get(&format!("/v1/certificates?limit=500&as_of={seq}")).expect(200);
        let (count, whole) = (shown.body["items"].as_array().unwrap().len(), seq == before + 16);
        assert_eq!((count, shown.text.contains("改名的窗")), (if whole { 25 } else { 10 }, whole), "as of {seq}");
        assert_eq!(shown.seq(), if whole { seq } else { before });
    }
    let commands: Vec<Value> = [3, 12, 24]
        .map(|place| {
            let id = answer.body["outcomes"][place]["certificate"].as_str().unwrap();
            let versions = story.anybody.get(&format!("/v1/certificates/{id}/versions")).expect(200).body;
            assert_eq!(versions["items"][0]["seq"], answer.body["outcomes"][place]["seq"]);
            versions["items"][0]["command"].clone()
        })
        .into();
    assert!(commands.iter().all(|it| *it == commands[0]), "{commands:?}");
}

#[test]
fn a_listing_follows_the_whole_of_a_batch_once() {
    for (query, versions) in [("?mode=atomic", 2), ("", 2)] {
        let story = Story::begin();
        let product = story.product("窗");
        for number in ["B-0", "B-1", "B-2"] {
            let certificate = story.certificate(number);
            story.evidence(&product, &certificate);
        }
        story.open_list();
        story.publish(&[&product]);
        let before = head(&story);
        let suspended = json!({ "reported_status": "02", "status_reason": "0203" });
        let batch = ["B-0", "B-1", "B-2"].map(|number| line(number, &suspended));

        let answer = push(&story, query, &batch).expect(200);

        assert_eq!(counts(&answer), [0, 3, 0, 0]);
        assert_eq!(head(&story), before + 4, "three certificates and one listing");
        let listing = story.anybody.get("/v1/listings").expect(200).body["items"][0].clone();
        assert_eq!(
            (&listing["status"], &listing["ground"]),
            (&json!("suspended"), &json!("certificate_suspended")),
            "{query}"
        );
        let id = listing["id"].as_str().unwrap();
        let history = story.anybody.get(&format!("/v1/listings/{id}/versions")).expect(200).body["items"].clone();
        assert_eq!(history.as_array().unwrap().len(), versions, "{query}: {history}");
        let current = story.anybody.get(&format!("/v1/lists/{LIST}/standing")).expect(200).body["items"].clone();
        assert_eq!(current, json!([]));
        if query == "?mode=atomic" {
            for seq in before..=before + 4 {
                let listing = story.anybody.get(&format!("/v1/listings?as_of={seq}")).expect(200).body;
                let suspended = story.anybody.get(&format!("/v1/certificates?status=02&as_of={seq}")).expect(200).body;
                let told = (&listing["items"][0]["status"], suspended["items"].as_array().unwrap().len());
                let wanted = if seq == before + 4 { (&json!("suspended"), 3) } else { (&json!("listed"), 0) };
                assert_eq!(told, wanted, "as of {seq}");
            }
        }
    }
}

#[test]
fn certificates_that_change_places_in_one_command_leave_the_listing_alone() {
    let story = Story::begin();
    let product = story.product("窗");
    for number in ["B-0", "B-1"] {
        let certificate = story.certificate(number);
        story.evidence(&product, &certificate);
    }
    story.open_list();
    story.publish(&[&product]);
    let suspended = json!({ "reported_status": "02", "status_reason": "0203" });
    push(&story, "", &[line("B-0", &suspended)]).expect(200);
    let before = head(&story);

    push(&story, "?mode=atomic", &[line("B-1", &suspended), line("B-0", &json!({}))]).expect(200);

    assert_eq!(head(&story), before + 2, "the product was green all the time");
    assert_eq!(story.anybody.get("/v1/listings").expect(200).body["items"][0]["status"], "listed");
}
