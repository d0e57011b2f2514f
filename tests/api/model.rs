//! A random walk of certificates beside a model of their life that was written apart.
//!
//! Each step is asked of both, legal or not, and both must say the same: status
//! code, problem, event, record and, every few steps, verdicts of any day at any
//! cut. A walk that fails names its seed, which walks it again.
//!
//! The model does not know the parts of a record that no step depends on.

mod dice;
mod life;
mod listed;
mod verdict;
mod wire;

use crate::dice::Dice;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, tz};
use life::{Ask, Expected, Life, Record, UNITS, Version};
use lvcai_store::expiry;
use lvcai_tests::{Answer, BODY, Story, address};
use serde_json::{Value, json};

/// How many certificates go on at a time.
const AT_A_TIME: usize = 6;

/// A certificate of the walk.
struct Walked {
    number: String,
    id: String,
    life: Life,
    etag: String,
    /// The product in a list that rests on it.
    product: Option<String>,
}

struct Walk {
    story: Story,
    dice: Dice,
    certificates: Vec<Walked>,
    /// The ends of commands, at which anything may be asked as of.
    cuts: Vec<i64>,
    /// What was asked of whom, to be shown when the two part.
    asked: Vec<String>,
    /// How many numbers were given, to first records that were refused as well.
    made: usize,
}

impl Walk {
    fn begin(seed: u64) -> Self {
        let story = Story::begin();
        story.open_list();
        let head = story.anybody.get("/v1/certificates").expect(200).seq();
        Self { story, dice: Dice(seed), certificates: Vec::new(), cuts: vec![head], asked: Vec::new(), made: 0 }
    }

    fn today(&self) -> Date {
        let zone = tz::TimeZone::fixed(tz::offset(8));
        self.story.server.clock.now().to_zoned(zone).date()
    }

    /// The certificates that a step may be asked of: the newest.
    fn some(&mut self) -> usize {
        let count = self.certificates.len();
        let among = u64::try_from(count.min(AT_A_TIME)).unwrap();
        count - 1 - usize::try_from(self.dice.below(among)).unwrap()
    }

    fn step(&mut self) {
        match self.dice.below(20) {
            0..3 => self.time_passes(),
            3 => self.tick(),
            4 => self.begin_another(),
            7 | 8 if !self.certificates.is_empty() => {
                let place = self.some();
                self.publish(place);
            }
            _ if self.certificates.is_empty() => self.begin_another(),
            5..7 => self.push_batch(),
            _ => {
                let place = self.some();
                let (life, today) = (&self.certificates[place].life, self.today());
                let ask = self.dice.ask(life, today);
                self.ask(place, &ask);
            }
        }
        if self.dice.once_in(4) {
            self.judge();
        }
    }

    /// Hours to weeks, so that midnights fall between the ticks of the clock.
    fn time_passes(&mut self) {
        let most = self.dice.of(&[20, 24 * 4, 24 * 20]);
        let hours = i64::try_from(1 + self.dice.below(most)).unwrap();
        let now: Timestamp = self.story.server.clock.now() + SignedDuration::from_hours(hours);
        self.story.server.at(&now.to_string());
        self.asked.push(format!("it is {}", self.today()));
    }

    fn begin_another(&mut self) {
        let place = self.add();
        let ask = self.dice.ask(&self.certificates[place].life, self.today());
        self.ask(place, &ask);
        self.forget_what_was_refused();
    }

    /// Adds a certificate that is yet to be told; answers its place.
    fn add(&mut self) -> usize {
        let number = format!("CABR-{}", self.made);
        self.made += 1;
        let (life, id, etag) = (Life::default(), String::new(), String::new());
        self.certificates.push(Walked { number, id, life, etag, product: None });
        self.certificates.len() - 1
    }

    /// A first record that was refused is no certificate.
    fn forget_what_was_refused(&mut self) {
        if self.certificates.last().is_some_and(|it| it.life.head().is_none()) {
            self.certificates.pop();
        }
    }

    /// Pushes records of several certificates, among them perhaps a new one, in one call.
    fn push_batch(&mut self) {
        let mut places: Vec<_> = (0..3).map(|_| self.some()).collect();
        places.sort_unstable();
        places.dedup();
        if self.dice.once_in(3) {
            places.push(self.add());
        }
        let (atomic, today) = (self.dice.once_in(2), self.today());
        let (mut lines, mut expected) = (Vec::new(), Vec::new());
        for place in &places {
            let walked = &self.certificates[*place];
            let record = self.dice.record(&walked.life, today);
            let mut line = wire::pushed(&record);
            line["number"] = json!(walked.number);
            lines.push(line);
            self.asked.push(format!("{} on {today}: in a batch, atomic {atomic}: {record:?}", walked.number));
            expected.push(walked.life.legal(&Ask::Put(record.into()), today));
        }
        let mode = if atomic { "atomic" } else { "each" };
        let answer = self
            .story
            .body
            .post(&format!("/v1/certification-bodies/CNCA-R-2006-148/certificates:batch?mode={mode}"), &json!(lines));
        if atomic && expected.iter().any(|it| matches!(it, Expected::Refused(_))) {
            self.require(places[0], answer.status == 422, &format!("all are refused, and not {}", answer.text));
        } else {
            self.require(places[0], answer.status == 200, &answer.text);
            for (index, place) in places.iter().enumerate() {
                self.compare_line(*place, &expected[index], &answer.body["outcomes"][index]);
            }
            self.cuts.push(answer.seq());
        }
        self.forget_what_was_refused();
    }

    fn compare_line(&mut self, place: usize, expected: &Expected, outcome: &Value) {
        let became = outcome["outcome"].as_str().unwrap();
        match expected {
            Expected::Refused(faults) => {
                let slug = outcome["problem"].as_str().unwrap_or_default().rsplit('/').next().unwrap();
                let told = became == "refused" && faults.iter().any(|it| it.1 == slug);
                self.require(place, told, &format!("one of {faults:?}, and not {outcome}"));
            }
            Expected::Nothing => self.require(place, became == "unchanged", &format!("nothing, and not {outcome}")),
            Expected::Change { event, effective, record, then } => {
                let first = self.certificates[place].life.head().is_none();
                let told = (became, outcome["event"].as_str());
                let known = (if first { "created" } else { "changed" }, Some(*event));
                self.require(place, told == known, &format!("{known:?}, and not {outcome}"));
                outcome["certificate"].as_str().unwrap().clone_into(&mut self.certificates[place].id);
                self.change(place, event, (*effective, record), then.as_deref());
            }
        }
    }

    fn ask(&mut self, place: usize, ask: &Ask) {
        let (walked, today) = (&self.certificates[place], self.today());
        let expected = walked.life.legal(ask, today);
        let (answer, text) = match ask {
            Ask::Put(record) => {
                let body = wire::pushed(record);
                (self.story.body.put(&address(BODY, &walked.number), &body), format!("PUT {record:?}"))
            }
            Ask::Step(step) => {
                let body = wire::asked(step);
                (self.story.step(&walked.id, &body), format!("POST {body}"))
            }
        };
        let said = answer.body["type"].as_str().or(answer.body["reported_status"].as_str()).unwrap_or_default();
        self.asked.push(format!("{} on {today}: {text} -> {} {said}", walked.number, answer.status));
        self.compare(place, &expected, &answer);
    }

    fn compare(&mut self, place: usize, expected: &Expected, answer: &Answer) {
        let first = self.certificates[place].life.head().is_none();
        match expected {
            Expected::Refused(faults) => {
                let slug = answer.slug().unwrap_or_default();
                let told = faults.contains(&(answer.status, slug));
                self.require(place, told, &format!("one of {faults:?}, and not {}", answer.text));
            }
            Expected::Nothing => {
                let walked = &self.certificates[place];
                let same = answer.status == 200 && answer.tag() == walked.etag;
                self.require(place, same, &format!("nothing changes, and not {}", answer.text));
            }
            Expected::Change { event, effective, record, then } => {
                let done = answer.status == if first { 201 } else { 200 };
                self.require(place, done, &format!("{event} on {effective}, and not {}", answer.text));
                let differences = wire::differences(&answer.body, record);
                self.require(place, differences.is_empty(), &format!("{differences:?}"));
                self.certificates[place].id = answer.id();
                self.change(place, event, (*effective, record), then.as_deref());
                self.cuts.push(answer.seq());
            }
        }
    }

    /// Adds the versions that the registry has added.
    fn change(
        &mut self,
        place: usize,
        event: &'static str,
        (effective, record): (Date, &Record),
        then: Option<&Version>,
    ) {
        let version = Version { seq: 0, event, told: effective, effective, record: record.clone() };
        self.certificates[place].life.add(version);
        then.into_iter().for_each(|it| self.certificates[place].life.add(it.clone()));
        self.compare_versions(place);
        self.judge_listings(&[place]);
    }

    /// The newest version is the model's, and there are as many.
    fn compare_versions(&mut self, place: usize) {
        let walked = &self.certificates[place];
        let versions = self.story.anybody.get(&format!("/v1/certificates/{}/versions", walked.id)).expect(200).body;
        let versions = versions["items"].as_array().unwrap();
        let (newest, head) = (&versions[0], walked.life.head().unwrap());
        let told = (newest["event"].as_str(), &newest["effective_on"], versions.len());
        let known = (Some(head.event), &json!(head.told), walked.life.versions.len());
        let differences = wire::differences(&newest["body"], &head.record);
        self.require(place, told == known, &format!("{known:?}, and not {told:?}"));
        self.require(place, differences.is_empty(), &format!("{differences:?}"));
        let now = self
            .story
            .anybody
            .get(&format!("/v1/certificates/{}?latest=true", self.certificates[place].id))
            .expect(200);
        let walked = &mut self.certificates[place];
        // A command adds two at most.
        for (version, told) in walked.life.versions.iter_mut().rev().zip(versions).take(2) {
            version.seq = told["seq"].as_i64().unwrap();
        }
        walked.etag = now.header("etag").to_owned();
    }

    fn tick(&mut self) {
        let today = self.today();
        let outcome = self.story.server.wait(expiry::tick(&self.story.server.registry)).unwrap();
        let due: Vec<_> =
            (0..self.certificates.len()).filter_map(|it| Some((it, self.certificates[it].life.due(today)?))).collect();
        self.asked.push(format!("the clock ticks on {today}"));
        let count = |event: &str| due.iter().filter(|(_, it)| it.event == event).count();
        let known = (count("certificate.expired"), count("certificate.renewal_opened"));
        let last = self.certificates.len().saturating_sub(1);
        let told = (outcome.expired, outcome.renewals_opened);
        self.require(last, told == known, &format!("{known:?} due, and not {told:?}"));
        for (place, version) in due {
            self.certificates[place].life.add(version);
            self.compare_versions(place);
        }
        self.cuts.push(self.story.anybody.get("/v1/certificates").expect(200).seq());
    }

    /// Asks for verdicts on any day, with what was known at any cut.
    fn judge(&mut self) {
        let Some(last) = self.certificates.len().checked_sub(1) else { return };
        let today = self.today();
        let far = self.dice.of(&[0, 2, 30, 400]);
        let on = self.dice.around(today, far);
        let as_of = if self.dice.once_in(2) { *self.cuts.last().unwrap() } else { self.dice.of(&self.cuts) };
        let model = self.dice.of(&[None, Some(UNITS[0].1[0]), Some(UNITS[0].1[1]), Some(UNITS[1].1[0])]);
        let places: Vec<_> = (last.saturating_sub(AT_A_TIME - 1)..=last).collect();
        self.judge_listings(&places);
        let item = |it: &usize| {
            let mut item = json!({ "certificate_number": self.certificates[*it].number });
            if let Some(model) = model {
                item["model"] = json!(model);
            }
            item
        };
        let items: Vec<Value> = places.iter().map(item).collect();
        let question = json!({ "valid_on": on, "as_of": as_of.to_string(), "items": items });
        let answer = self.story.anybody.post("/v1/verifications", &question).expect(200);
        for (place, told) in places.into_iter().zip(answer.body["verdicts"].as_array().unwrap()) {
            let known = self.certificates[place].life.verdict(on, as_of, model);
            let said = (told["eligibility"].as_str().unwrap(), told["reasons"][0]["code"].as_str().unwrap());
            self.require(
                place,
                said == known,
                &format!("on {on} as of {as_of} {model:?}: {known:?}, and not {said:?}"),
            );
        }
    }

    /// Stops where the two part, and shows what was asked of the certificate.
    #[track_caller]
    fn require(&self, place: usize, holds: bool, otherwise: &str) {
        if holds {
            return;
        }
        let number = self.certificates.get(place).map_or("", |it| it.number.as_str());
        let of_it = |it: &&String| {
            it.starts_with("it is") || it.starts_with("the clock") || it.starts_with(&format!("{number} "))
        };
        let asked: Vec<_> = self.asked.iter().filter(of_it).map(String::as_str).collect();
        let since = asked.iter().position(|it| it.starts_with("CABR")).unwrap_or_default();
        let versions: Vec<_> = self.certificates.get(place).map(|it| it.life.versions.clone()).unwrap_or_default();
        let known: Vec<_> = versions
            .iter()
            .map(|it| format!("{} {} {} since {:?}", it.seq, it.event, it.effective, it.record.since))
            .collect();
        panic!(
            "{number} at step {}\n{}\nknown:\n{}\n{otherwise}",
            self.asked.len(),
            asked[since..].join("\n"),
            known.join("\n")
        );
    }
}

/// Walks so many steps from a seed.
fn walk(seed: u64, steps: usize) {
    let mut walk = Walk::begin(seed);
    for _ in 0..steps {
        walk.step();
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests read their own environment")]
fn a_certificate_lives_as_its_model_says() {
    // A certificate comes into every state within a few hundred steps; 10,000 and a walk that nobody has
    // gone before are for who has the time.
    let long: Option<usize> = std::env::var("LVCAI_MODEL_STEPS").ok().and_then(|it| it.parse().ok());
    let mut seeds = vec![1, 2, 3];
    match std::env::var("LVCAI_MODEL_SEED") {
        Ok(seed) => seeds = vec![seed.parse().unwrap()],
        Err(_) => seeds.extend(long.map(|_| uuid::Uuid::new_v4().as_u64_pair().0)),
    }
    let each = long.unwrap_or(1_200) / seeds.len();
    std::thread::scope(|scope| {
        for seed in seeds {
            // The thread's name tells the seed of a walk that parted from its model.
            let thread = std::thread::Builder::new().name(format!("seed {seed}"));
            thread.spawn_scoped(scope, move || walk(seed, each)).unwrap();
        }
    });
}
