//! What goes ahead of a scheduled step: whatever takes validity away earlier.

use super::{NUMBER, eligible, history, listed, listing, on, put, told, with};
use lvcai_tests::Story;
use serde_json::json;

#[test]
fn what_takes_validity_away_goes_ahead_of_a_scheduled_step() {
    let story = Story::begin();
    let suspended = |day: &str| json!({ "step": "suspend", "reason": "0203", "effective_on": day });
    let withdrawn = json!({ "reported_status": "03", "status_reason": "0209" });
    let gone = json!(["not_eligible", "certificate_withdrawn"]);
    // By a named step, by a record, by a line of a batch.
    for (number, way) in [("A-1", 0), ("A-2", 1), ("A-3", 2)] {
        let id = put(&story, number, &json!({})).expect(201).id();
        story.step(&id, &suspended("2026-03-20")).expect(200);
        match way {
            0 => drop(story.step(&id, &json!({ "step": "withdraw", "reason": "0209" })).expect(200)),
            1 => drop(put(&story, number, &withdrawn).expect(200)),
            _ => {
                let mut line = with(&withdrawn);
                line["number"] = json!(number);
                let outcome = story
                    .body
                    .post("/v1/certification-bodies/CNCA-R-2006-148/certificates:batch", &json!([line]))
                    .expect(200)
                    .body;
                assert_eq!(outcome["outcomes"][0]["event"], "certificate.withdrawn", "{outcome}");
            }
        }
        assert_eq!((on(&story, number, "2026-03-01"), on(&story, number, "2026-03-02")), (eligible(), gone.clone()));
        assert_eq!(on(&story, number, "2026-03-25"), gone, "the suspension does not come back");
    }
}

#[test]
fn a_model_is_cancelled_before_a_scheduled_step_has_its_day() {
    let story = Story::begin();
    let units = json!([{ "name": "内平开塑料窗", "models": ["60系列", "65系列"] }]);
    // By a named step, and by a record that tells the present one with the cancellation.
    for (number, by_name) in [("A-1", true), ("A-2", false)] {
        let id = put(&story, number, &json!({ "units": units })).expect(201).id();
        story.step(&id, &json!({ "step": "suspend", "reason": "0203", "effective_on": "2026-03-20" })).expect(200);
        let cancelled = if by_name {
            story.step(&id, &json!({ "step": "cancel", "unit": "内平开塑料窗", "models": ["60系列"] })).expect(200)
        } else {
            let gone = json!([{ "model": "60系列", "cancelled_on": "2026-03-02" }]);
            let mut units = units.clone();
            units[0]["cancelled_models"] = gone;
            put(&story, number, &json!({ "units": units })).expect(200)
        };
        assert_eq!(cancelled.body["reported_status"], "01", "{}", cancelled.text);

        let versions = history(&story, &id);
        assert_eq!(versions[0], ("certificate.suspended".to_owned(), "2026-03-20".to_owned()));
        assert_eq!(versions[1], ("certificate.unit_cancelled".to_owned(), "2026-03-02".to_owned()));
        let asked = |day: &str, model: &str| {
            told(&story, &json!({ "valid_on": day, "items": [{ "certificate_number": number, "model": model }] }))[0]
                .clone()
        };
        assert_eq!(asked("2026-03-05", "60系列"), "not_eligible");
        assert_eq!(asked("2026-03-05", "65系列"), "eligible");
        assert_eq!(asked("2026-03-25", "65系列"), "not_eligible", "the suspension is still to come");
        let later =
            json!({ "step": "cancel", "unit": "内平开塑料窗", "models": ["65系列"], "effective_on": "2026-03-20" });
        story.step(&id, &later).problem(409, "illegal-step");
    }
}

#[test]
fn an_earlier_last_day_goes_ahead_of_a_scheduled_step() {
    let story = Story::begin();
    // A suspension within the last day is still to come; one after it has nothing left to suspend.
    for (number, last, suspended) in [("A-1", "2026-04-30", true), ("A-2", "2026-03-10", false)] {
        let id = put(&story, number, &json!({})).expect(201).id();
        story.step(&id, &json!({ "step": "suspend", "reason": "0203", "effective_on": "2026-03-20" })).expect(200);

        let shorter = put(&story, number, &json!({ "valid_until": last })).expect(200);

        assert_eq!((&shorter.body["reported_status"], &shorter.body["valid_until"]), (&json!("01"), &json!(last)));
        assert_eq!(on(&story, number, "2026-03-10"), eligible());
        let verdict = if suspended { "certificate_suspended" } else { "certificate_expired" };
        assert_eq!(on(&story, number, "2026-03-25"), json!(["not_eligible", verdict]));
        let newest = if suspended { "certificate.suspended" } else { "certificate.corrected" };
        assert_eq!(history(&story, &id)[0].0, newest);
        // Told once more it changes nothing, and a later last day is no matter of urgency.
        put(&story, number, &json!({ "valid_until": last })).expect(200);
        let later = put(&story, number, &json!({ "valid_until": "2027-12-31" }));
        assert_eq!(later.status, if suspended { 409 } else { 200 }, "{}", later.text);
    }
}

#[test]
fn a_withdrawal_that_was_scheduled_comes_behind_a_suspension_of_today() {
    let story = Story::begin();
    let (_, id) = listed(&story);
    story.step(&id, &json!({ "step": "withdraw", "reason": "0209", "effective_on": "2026-03-20" })).expect(200);

    let suspended = story.step(&id, &json!({ "step": "suspend", "reason": "0203" })).expect(200);

    assert_eq!(
        (&suspended.body["reported_status"], &suspended.body["status_on"]),
        (&json!("02"), &json!("2026-03-02"))
    );
    let told = history(&story, &id);
    assert_eq!(told[0], ("certificate.withdrawn".to_owned(), "2026-03-20".to_owned()));
    assert_eq!(told[1], ("certificate.suspended".to_owned(), "2026-03-02".to_owned()));
    assert_eq!(on(&story, NUMBER, "2026-03-19"), json!(["not_eligible", "certificate_suspended"]));
    assert_eq!(on(&story, NUMBER, "2026-03-20"), json!(["not_eligible", "certificate_withdrawn"]));
    let listing = listing(&story)["id"].as_str().unwrap().to_owned();
    let versions = story.anybody.get(&format!("/v1/listings/{listing}/versions")).expect(200).body["items"].clone();
    let told = |nth: usize| (versions[nth]["event"].clone(), versions[nth]["effective_on"].clone());
    assert_eq!(told(0), (json!("listing.removed"), json!("2026-03-20")));
    assert_eq!(told(1), (json!("listing.suspended"), json!("2026-03-02")));
}
