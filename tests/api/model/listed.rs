//! A product in a list that rests on a certificate of the walk: the list says of a day what the certificate does.

use super::Walk;
use super::life::{HOLDERS, UNITS};
use lvcai_tests::LIST;
use serde_json::{Value, json};

impl Walk {
    /// Makes a certificate the evidence of a product and publishes it, where it holds today.
    pub(super) fn publish(&mut self, place: usize) {
        let model = UNITS[0].1[0];
        let walked = &self.certificates[place];
        let (known, today) = (*self.cuts.last().unwrap(), self.today());
        if walked.product.is_some() || walked.life.verdict(today, known, Some(model)).0 != "eligible" {
            return;
        }
        let product = json!({ "name": walked.number, "kind": "gbm-09", "models": [model] });
        let product = self.story.enterprise.post("/v1/products", &product).expect(201).id();
        let admit = json!({ "step": "admit" });
        self.story.authority.post(&format!("/v1/products/{product}/transitions"), &admit).expect(200);
        if walked.life.head().unwrap().record.holder != HOLDERS[0] {
            let claim = json!({ "product": product, "certificate": walked.id });
            let refused = self.story.body.post("/v1/evidence", &claim).problem(422, "invalid");
            assert_eq!(refused.body["errors"][0]["source"]["pointer"], "/distinct_holder");
            return;
        }
        if walked.life.in_effect(today, known).unwrap().record.holder != HOLDERS[0] {
            return;
        }
        self.story.evidence(&product, &walked.id);
        self.asked.push(format!("{} on {today}: its product is published", walked.number));
        self.story.publish(&[&product]);
        self.certificates[place].product = Some(product);
    }

    /// Asks what the lists say of days to come. A list may say less, once the certificate had ended: what was removed
    /// is listed again by a publication alone.
    pub(super) fn judge_listings(&mut self, places: &[usize]) {
        let today = self.today();
        for place in places {
            // Either the day of a step that was scheduled at some time, or any other day.
            let life = &self.certificates[*place].life;
            let mut days: Vec<_> = life.versions.iter().map(|it| it.effective).filter(|it| *it > today).collect();
            let far = self.dice.of(&[0, 2, 30, 400]);
            days.push(self.dice.around(today, far).max(today));
            let day = self.dice.of(&days);
            let walked = &self.certificates[*place];
            let Some(product) = &walked.product else { continue };
            let ask = |basis: Value| {
                let mut question = basis;
                (question["valid_on"], question["items"]) = (json!(day), json!([{ "product": product }]));
                let verdict = self.story.verdict(&question);
                (verdict["eligibility"] == "eligible", verdict["reasons"][0]["code"].as_str().unwrap().to_owned())
            };
            let (holds, why) = ask(json!({ "basis": "certificate" }));
            let (stands, ground) = ask(json!({ "basis": "listing", "list": LIST }));
            let ended = walked.life.versions.iter().any(|it| matches!(it.record.status, "03" | "04" | "05"));
            let removed = holds && ended && ground == "listing_removed";
            let said = format!("on {day}: by its certificate {holds} ({why}), by the list {stands} ({ground})");
            self.require(*place, holds == stands || removed, &said);
        }
    }
}
