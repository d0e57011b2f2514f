//! The ledger: every change numbered, committed to, and enough to make the registry again.

mod as_of;
mod concurrency;
pub(crate) mod ledger_rows;
mod lost_commit;
mod readers;
mod schema;
mod silence;

use ledger_rows::{envelope, every_version, ledger, snapshot};
use lvcai_domain::{Event, Organisation, OrganisationId, Role};
use lvcai_store::ledger::Entry;
use lvcai_store::{Change, CommandContext, Decision, View};
use lvcai_tests::{Server, Story};
use lvcai_trust::Digest;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const DOCUMENT: &str = "庆工信发〔2026〕1号";

/// Something of everything: drafts and what became of them, steps forth and
/// back, listings that follow, a publication given up, a client revoked.
/// `after` hears when each command is done.
pub(crate) fn busy(story: &Story, mut after: impl FnMut()) {
    let lists = format!("/v1/lists/{LIST}/publications");
    let (first, second) = (story.product("65系列内平开塑料窗"), story.product("70系列外平开铝窗"));
    after();
    let certificate = story.certificate("CABR-01(02)-(2025)-CGP-035");
    after();
    story.evidence(&first, &certificate);
    story.evidence(&second, &certificate);
    after();
    story.open_list();
    after();
    story.publish(&[&first, &second]);
    after();
    let draft = story.enterprise.post("/v1/products", &json!({ "name": "未入库的窗", "kind": "gbm-09" })).expect(201);
    after();
    let etag = draft.header("etag").to_owned();
    story.enterprise.patch(&format!("/v1/products/{}", draft.id()), &etag, &json!({ "trademark": "大庆" })).expect(200);
    after();
    let etag = story.anybody.get(&format!("/v1/products/{first}")).header("etag").to_owned();
    story.enterprise.patch(&format!("/v1/products/{first}"), &etag, &json!({ "name": "65系列内平开窗" })).expect(200);
    after();
    story.step(&certificate, &json!({ "step": "suspend", "reason": "0203" })).expect(200);
    after();
    let cancelled = json!({ "title": "第二批", "authority_document": DOCUMENT, "products": [first] });
    story.authority.post(&lists, &cancelled).problem(409, "not-eligible");
    story.step(&certificate, &json!({ "step": "restore" })).expect(200);
    after();
    let id = story.authority.post(&lists, &cancelled).expect(201).id();
    after();
    story.second.post(&format!("{lists}/{id}/transitions"), &json!({ "step": "approve" })).expect(200);
    after();
    story.authority.post(&format!("{lists}/{id}/transitions"), &json!({ "step": "cancel" })).expect(200);
    after();
    let other = story.certificate("CABR-01(02)-(2025)-CGP-036");
    after();
    let claim = json!({ "product": first, "certificate": other });
    let claim = story.enterprise.post("/v1/evidence", &claim).expect(201).id();
    after();
    story.body.post(&format!("/v1/evidence/{claim}/transitions"), &json!({ "step": "reject" })).expect(200);
    after();
    let maker = format!("/v1/organisations/{}", story.enterprise.organisation.unwrap());
    let etag = story.anybody.get(&maker).header("etag").to_owned();
    story.authority.patch(&maker, &etag, &json!({ "name": "大庆更名门窗有限公司" })).expect(200);
    after();
    story.step(&other, &json!({ "step": "withdraw", "reason": "0201" })).expect(200);
    after();
    story.step(&certificate, &json!({ "step": "cancel", "reason": "0201" })).expect(200);
    after();
}

const LIST: &str = "green-building-materials";

/// Moves the clock on by a minute with every call.
fn ticking(story: &Story) -> impl FnMut() {
    let clock = story.server.clock.clone();
    move || clock.set(clock.now() + jiff::SignedDuration::from_mins(1))
}

#[test]
fn positions_have_no_gap_and_no_command_is_split() {
    let story = Story::begin();

    busy(&story, ticking(&story));

    check_order(&ledger(&story.server));
}

/// Positions 1..n; the entries of a command stand together; the last alone is a cut; time never runs back.
#[track_caller]
pub(crate) fn check_order(entries: &[Entry]) {
    let positions: Vec<i64> = entries.iter().map(|entry| entry.seq).collect();
    assert_eq!(positions, (1..=i64::try_from(entries.len()).unwrap()).collect::<Vec<_>>());
    let commands: Vec<&[Entry]> = entries.chunk_by(|left, right| left.command == right.command).collect();
    let distinct: BTreeSet<_> = commands.iter().map(|it| it[0].command).collect();
    assert_eq!(distinct.len(), commands.len(), "a command is split");
    for command in commands {
        let (last, before) = command.split_last().unwrap();
        assert!(last.cut && before.iter().all(|entry| !entry.cut), "{command:#?}");
        assert!(command.iter().all(|entry| (entry.at, &entry.actor) == (last.at, &last.actor)), "{command:#?}");
    }
    let at = |entry: &Entry| jiff::Timestamp::from(entry.at);
    assert!(entries.iter().zip(&entries[1..]).all(|(left, right)| at(left) <= at(right)), "time runs back");
}

#[test]
fn time_never_runs_back_though_the_clock_does() {
    let story = Story::begin();
    story.certificate("A-1");
    story.server.at("2026-03-02T01:00:00Z");

    story.certificate("A-2");

    let entries = ledger(&story.server);
    check_order(&entries);
    assert_eq!(lvcai_domain::ledger::instant(entries.last().unwrap().at.into()), "2026-03-02T02:00:00.000000Z");
}

#[test]
fn every_leaf_is_the_hash_of_its_envelope() {
    let story = Story::begin();
    busy(&story, ticking(&story));
    assert_eq!(
        Digest::of(b"abc").to_string(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "the digest is SHA-256"
    );

    for entry in ledger(&story.server) {
        let json = envelope(&entry);
        let leaf = Digest::of(&[b"\0", json.as_bytes()].concat());
        assert_eq!(entry.leaf_sha256, leaf.bytes(), "{json}");
    }
}

#[test]
fn every_entry_has_one_version_and_commits_to_its_body() {
    let story = Story::begin();

    busy(&story, ticking(&story));

    check_versions(&story.server);
}

/// Each entry has one version, says what it is, and commits to its body; a version ends where the next begins.
#[track_caller]
pub(crate) fn check_versions(server: &Server) {
    let (entries, versions) = (ledger(server), every_version(server));
    let positions: Vec<i64> = versions.iter().map(|version| version.seq_from).collect();
    assert_eq!(positions, entries.iter().map(|entry| entry.seq).collect::<Vec<_>>());
    for (version, entry) in versions.iter().zip(&entries) {
        let digest = Digest::of(&[entry.nonce.as_deref().unwrap_or_default(), version.body.as_bytes()].concat());
        assert_eq!(entry.body_sha256, digest.bytes(), "{} {}", entry.event, version.body);
        assert_eq!(entry.subject_version, version.version, "{}", entry.event);
        let body: serde_json::Value = serde_json::from_str(&version.body).unwrap();
        let name = body["id"].as_str().or(body["approval_number"].as_str()).or(body["cma_number"].as_str()).unwrap();
        assert_eq!(entry.subject.rsplit(':').next(), Some(name), "{}", entry.event);
    }
    let mut next = BTreeMap::new();
    for version in versions.iter().rev() {
        let after = next.insert((&version.table, &version.id), (version.version, version.seq_from));
        assert_eq!(version.seq_to, after.map_or(i64::MAX, |(_, seq)| seq), "{}", version.row);
        assert!(after.is_none_or(|(number, _)| number == version.version + 1), "{}", version.row);
    }
    assert!(next.values().all(|(number, _)| *number == 1), "a first version is missing");
}

/// An enterprise of which nothing is known but its name.
pub(crate) fn organisation(name: String) -> Organisation {
    Organisation {
        id: OrganisationId::mint(),
        name,
        uscc: None,
        approval_number: None,
        roles: vec![Role::Enterprise],
        aliases: Vec::new(),
        division: None,
        source: None,
        retracted_on: None,
        sample: false,
    }
}

#[test]
fn changes_that_are_written_together_are_kept_as_if_one_by_one() {
    let story = Story::begin();
    let before = ledger(&story.server).len();
    // More than are written at once; then each again, most of them twice beside itself, and the first once more.
    let first: Vec<_> = (0..700).map(|place| organisation(format!("企业{place}"))).collect();
    let renamed = |it: &Organisation, to: &str| Organisation { name: format!("{}{to}", it.name), ..it.clone() };
    let again = first.iter().flat_map(|it| [renamed(it, "甲"), renamed(it, "乙")]);
    let all: Vec<_> = first.iter().cloned().chain(again).chain([renamed(&first[0], "丙")]).collect();
    let (changes, count) = (all.clone(), first.len());
    let decide = move |_: &mut View<'_>| {
        let created = changes[..count].iter().map(|it| Change::create(Event::OrganisationRegistered, it.clone()));
        let amended = changes[count..].iter().map(|it| Change::amend(Event::OrganisationAmended, it.clone()));
        Ok(Decision::with_outcome((), created.chain(amended).collect()))
    };

    story.server.wait(story.server.registry.carry_out(CommandContext::operator(), decide)).unwrap();

    let entries = ledger(&story.server);
    check_order(&entries);
    check_versions(&story.server);
    let told: Vec<_> = entries[before..].iter().map(|it| (it.subject.clone(), it.subject_version)).collect();
    let mut versions = BTreeMap::new();
    let wanted = all.iter().map(|it| {
        let version = versions.entry(it.id.to_string()).or_insert(0);
        *version += 1;
        (it.id.to_string(), *version)
    });
    assert_eq!(told, wanted.collect::<Vec<_>>());
}

#[test]
fn what_is_private_shows_nothing_in_its_envelope() {
    let story = Story::begin();
    busy(&story, ticking(&story));
    let entries = ledger(&story.server);
    let private_events = [
        "product.drafted",
        "client.added",
        "publication.drafted",
        "publication.approved",
        "publication.cancelled",
        "evidence.proposed",
        "evidence.rejected",
    ];
    let told: BTreeSet<&str> = entries.iter().map(|entry| entry.event.as_str()).collect();
    assert!(private_events.iter().all(|event| told.contains(event)), "{told:?}");
    let mut subjects = BTreeSet::new();

    for entry in entries.iter().filter(|entry| private_events.contains(&entry.event.as_str())) {
        let json = envelope(entry);
        let shown: serde_json::Value = serde_json::from_str(&json).unwrap();

        assert!(entry.nonce.as_ref().is_some_and(|nonce| nonce.len() >= 16), "{} is not hidden", entry.event);
        assert_eq!((&shown["event"], &shown["actor"]), (&json!("private.recorded"), &json!(null)));
        assert_eq!(
            (&shown["authority_document"], &shown["effective_on"]),
            (&json!(null), &json!(null)),
            "{}",
            entry.event
        );
        let (_, uuid) = entry.subject.split_once('_').unwrap();
        for secret in [&entry.event, uuid, &entry.actor, DOCUMENT] {
            assert!(!json.contains(secret), "{} shows {secret}: {json}", entry.event);
        }
        assert!(
            subjects.insert(shown["subject"].to_string()),
            "two versions of a draft are linked by {}",
            shown["subject"]
        );
    }
    for entry in entries.iter().filter(|entry| !private_events.contains(&entry.event.as_str())) {
        let amended_draft = entry.event == "product.amended" && entry.nonce.is_some();
        assert!(
            entry.nonce.is_none() || amended_draft || entry.event.starts_with("client."),
            "{} is hidden",
            entry.event
        );
    }
}

#[test]
fn a_snapshot_and_the_changes_since_are_the_later_snapshot() {
    let story = Story::begin();
    busy(&story, ticking(&story));
    let versions = every_version(&story.server);
    let head = versions.last().unwrap().seq_from;
    // Few enough to be quick, all of the story and some of the reference data among them.
    let mut random = 20_260_302_u64;
    let mut any = |below: i64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(random >> 33).unwrap() % below
    };

    for _ in 0..200 {
        let from = any(head + 1);
        let to = from + any(head - from + 1);
        let mut state: BTreeMap<_, _> = snapshot(&versions, from);
        for version in versions.iter().filter(|version| version.seq_from > from && version.seq_from <= to) {
            state.insert((version.table.clone(), version.id.clone()), version.row.clone());
        }
        assert!(state == snapshot(&versions, to), "snapshot({from}) + changes({from}..{to}) is not snapshot({to})");
    }
}

#[test]
fn versions_of_a_subject_follow_each_other_without_gap_or_overlap() {
    let story = Story::begin();
    busy(&story, ticking(&story));
    let versions = every_version(&story.server);
    let mut chains: BTreeMap<_, Vec<_>> = BTreeMap::new();
    versions.iter().for_each(|version| chains.entry((&version.table, &version.id)).or_default().push(version));

    for ((table, id), chain) in chains {
        let numbers: Vec<i32> = chain.iter().map(|it| it.version).collect();
        assert_eq!(numbers, (1..=i32::try_from(chain.len()).unwrap()).collect::<Vec<_>>(), "{table} {id}");
        assert!(chain.iter().zip(&chain[1..]).all(|(left, right)| left.seq_to == right.seq_from), "{table} {id}");
        assert_eq!(chain.last().unwrap().seq_to, i64::MAX, "{table} {id}");
    }
}
