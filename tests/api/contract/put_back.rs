//! What a GET answers can be put back at its address, and what depends on the record that stands there.

use crate::contract::{Operation, World, document, operations};
use lvcai_tests::{
    Answer, BODY, Client, LABORATORY, NUMBER, REPORT, Story, address, laboratory, record, report, report_address,
};
use serde_json::{Value, json};

/// Puts what was read, and a new member or none.
fn put_with(client: &Client, address: &str, read: &Value, name: &str, value: Option<Value>) -> Answer {
    let mut body = read.clone();
    match value {
        Some(value) => drop(body.as_object_mut().unwrap().insert(name.to_owned(), value)),
        None => drop(body.as_object_mut().unwrap().remove(name)),
    }
    client.put(address, &body)
}

/// The members that may be repeated, by the document.
fn read_only(document: &Value, operation: &Operation) -> Vec<String> {
    let schema = operation.body().unwrap().1;
    let schema = crate::contract::resolve(document, &schema);
    let members = schema["properties"].as_object().unwrap();
    members.iter().filter(|(_, it)| it["readOnly"] == true).map(|(name, _)| name.clone()).collect()
}

#[test]
fn what_a_get_answers_can_be_put_back_at_every_address() {
    let (world, document) = (World::begin(), document());
    let puts: Vec<_> = operations(&document).into_iter().filter(|it| it.method == "PUT").collect();
    assert!(puts.len() >= 5);

    for put in puts {
        let (client, address) = (world.caller(&put), world.address(&put));
        let read = client.get(&address).expect(200);
        let head = || world.story.anybody.get("/v1/lists").expect(200).seq();
        let before = head();

        let again = client.put(&address, &read.body).expect(200);

        assert_eq!((again.header("etag"), &again.text), (read.header("etag"), &read.text), "{}", put.name());
        assert_eq!(again.header("content-location"), address, "{}", put.name());
        for name in read_only(&document, &put) {
            let changed = put_with(client, &address, &read.body, &name, Some(json!("another"))).problem(422, "invalid");
            let fault = &changed.body["errors"][0];
            assert_eq!(
                (&fault["source"]["pointer"], &fault["rule"]),
                (&json!(format!("/{name}")), &json!("read-only"))
            );
            let without = put_with(client, &address, &read.body, &name, None).expect(200);
            let tag = if read.body.get(&name).is_some() { "" } else { read.header("etag") };
            assert_eq!((without.header("etag"), &without.text), (tag, &read.text), "{}: {name}", put.name());
            if read.body.get(&name).is_none() {
                put_with(client, &address, &read.body, &name, Some(Value::Null)).expect(200);
            }
        }
        let unknown = put_with(client, &address, &read.body, "no_such_field", Some(json!(1))).problem(422, "invalid");
        assert_eq!(unknown.body["errors"][0]["rule"], "unknown-field");
        assert_eq!(head(), before, "{}: nothing has changed", put.name());
    }
}

#[test]
fn what_was_read_can_be_edited_and_put_back() {
    let story = Story::begin();
    story.certificate(NUMBER);
    let at = address(BODY, NUMBER);
    let mut read = story.anybody.get(&at).expect(200);
    read.body["product_name"] = json!("内平开窗");

    let etag = read.header("etag").to_owned();
    let body = read.body.to_string();
    let put = |etag: &str| story.body.send("PUT", &at, &[("if-match", etag)], Some(body.as_bytes()));
    let changed = put(&etag).expect(200);

    assert_eq!((&changed.body, changed.header("registry-version")), (&read.body, "2"));
    put(&etag).problem(412, "precondition-failed");
    assert_eq!(story.anybody.get(&at).expect(200).header("etag"), changed.tag());
}

#[test]
fn a_record_in_any_state_can_be_put_back() {
    let story = Story::begin();
    let certificate = story.certificate(NUMBER);
    let at = address(BODY, NUMBER);
    let put_back = |client: &Client, at: &str| {
        let read = story.anybody.get(at).expect(200);
        let again = client.put(at, &read.body).expect(200);
        assert_eq!((again.header("registry-version"), &again.text), (read.header("registry-version"), &read.text));
    };
    story.step(&certificate, &json!({ "step": "suspend", "reason": "0203" })).expect(200);
    put_back(&story.body, &at);
    story.step(&certificate, &json!({ "step": "correct", "status": "01", "note": "误报" })).expect(200);
    put_back(&story.body, &at);
    story.step(&certificate, &json!({ "step": "withdraw", "reason": "0209" })).expect(200);
    put_back(&story.body, &at);

    let laboratory = story.laboratory();
    let report_at = report_address(REPORT);
    let issued = laboratory.put(&report_at, &report()).expect(201).id();
    put_back(&laboratory, &report_at);
    let void = json!({ "step": "void", "note": "样品信息有误" });
    laboratory.post(&format!("/v1/test-reports/{issued}/transitions"), &void).expect(200);
    put_back(&laboratory, &report_at);
    laboratory.put(&report_at, &report()).problem(409, "illegal-step");
    let mut void = story.anybody.get(&report_at).expect(200).body;
    void["sample_name"] = json!("另一样品");
    laboratory.put(&report_at, &void).problem(409, "illegal-step");
}

#[test]
fn where_nothing_stands_only_the_address_can_be_repeated() {
    let story = Story::begin();
    let laboratory = story.laboratory();
    let at = report_address(REPORT);
    let with = |name: &str, value: Value| put_with(&laboratory, &at, &report(), name, Some(value));

    for (name, value) in [
        ("id", json!("rept_01900000-0000-7000-8000-000000000004")),
        ("number", json!("another")),
        ("laboratory", json!("230800020002")),
        ("status", json!("voided")),
        ("voided_on", json!("2026-01-20")),
    ] {
        let refused = with(name, value).problem(422, "invalid");
        assert_eq!(refused.body["errors"][0]["source"]["pointer"], format!("/{name}"));
    }

    let mut new = report();
    new["number"] = json!(REPORT);
    new["laboratory"] = json!(LABORATORY);
    let made = laboratory.put(&at, &new).expect(201);
    assert_eq!((made.header("etag"), made.header("content-location")), ("", at.as_str()));
}

#[test]
fn a_put_can_be_kept_to_what_is_new() {
    let story = Story::begin();
    let organisation = story.body.organisation.unwrap();
    let tester = story.laboratory();
    let (certificate, report_at) = (address(BODY, NUMBER), report_address(REPORT));
    let body = json!({ "name": "示例认证有限公司", "source": "批准书", "verified": true });
    let number = "/v1/certification-bodies/CNCA-R-2099-001";
    let accreditation = json!({ "valid_from": "2022-03-01", "valid_until": "2028-02-29",
        "scopes": [{ "scheme": "star_certification" }], "source": "批准书", "verified": true });
    let lab = story.server.organisation("另一检测有限公司", lvcai_domain::Role::Laboratory);
    assert_ne!(lab, organisation);

    for (client, at, body, made) in [
        (&story.body, certificate.as_str(), record(), 201),
        (&tester, &report_at, report(), 201),
        (&story.authority, number, body, 201),
        (&story.authority, &format!("{number}/accreditation"), accreditation, 200),
        (&story.authority, "/v1/laboratories/230800020009", laboratory(lab), 201),
    ] {
        let send = |tags: &str| client.send("PUT", at, &[("if-none-match", tags)], Some(body.to_string().as_bytes()));
        let first = send("*").expect(made);

        let refused = send("*").problem(412, "precondition-failed");
        assert!(refused.body["detail"].as_str().unwrap().contains(&first.tag()), "{}", refused.text);
        send(&first.tag()).problem(412, "precondition-failed");
        send("\"another\"").expect(200);
    }
}

#[test]
fn an_accreditation_is_read_where_it_is_put() {
    let story = Story::begin();
    let body = format!("/v1/certification-bodies/{BODY}");
    let at = format!("{body}/accreditation");

    let read = story.anybody.get(&at).expect(200);

    let whole = story.anybody.get(&body).expect(200);
    assert_eq!(read.body, whole.body["accreditation"]);
    let send = |etag: &str| story.authority.send("PUT", &at, &[("if-match", etag)], Some(read.text.as_bytes()));
    send(whole.header("etag")).problem(412, "precondition-failed");
    send(read.header("etag")).expect(200);
    let bare = "/v1/certification-bodies/CNCA-R-2099-001";
    let new = json!({ "name": "示例认证有限公司", "source": "批准书", "verified": true });
    story.authority.put(bare, &new).expect(201);
    story.anybody.get(&format!("{bare}/accreditation")).problem(404, "not-found");
    story.anybody.get("/v1/certification-bodies/CNCA-R-2099-002/accreditation").problem(404, "not-found");
}

#[test]
fn a_step_is_taken_only_from_the_record_that_it_names() {
    let story = Story::begin();
    let (tester, ids) = story.one_of_everything();
    let id = |prefix: &str| ids.iter().find(|it| it.starts_with(prefix)).unwrap().clone();
    let drafted = story
        .enterprise
        .post("/v1/products", &json!({ "name": "窗", "kind": "gbm-09", "models": [] }))
        .expect(201)
        .id();

    let own = format!("/v1/clients/{}", story.enterprise.id.unwrap());
    for (client, at, step) in [
        (&story.enterprise, own, json!({ "step": "add_key", "key": a_key("2027-01") })),
        (&story.authority, format!("/v1/products/{drafted}"), json!({ "step": "admit" })),
        (&story.body, format!("/v1/certificates/{}", id("cert_")), json!({ "step": "suspend", "reason": "0203" })),
        (&tester, format!("/v1/test-reports/{}", id("rept_")), json!({ "step": "void", "note": "样品信息有误" })),
        (&story.body, format!("/v1/evidence/{}", id("evid_")), json!({ "step": "end" })),
        (
            &story.authority,
            format!("/v1/lists/{}/publications/{}", lvcai_tests::LIST, id("publ_")),
            json!({ "step": "cancel" }),
        ),
        (
            &story.authority,
            format!("/v1/list-imports/{}", id("impt_")),
            json!({ "step": "undo", "note": "误导入", "authority_document": "庆工信发〔2026〕3号" }),
        ),
    ] {
        let read = client.get(&at).expect(200);
        let send = |query: &str, etag: &str| {
            let headers = [("if-match", etag)];
            client.post_text(&format!("{at}/transitions{query}"), &headers, step.to_string().as_bytes())
        };

        let refused = send("", "\"another\"").problem(412, "precondition-failed");
        assert!(refused.body["detail"].as_str().unwrap().contains(read.header("etag")), "{}", refused.text);
        send("?validate_only=true", "\"another\"").problem(412, "precondition-failed");
        assert_eq!(client.get(&at).expect(200).header("etag"), read.header("etag"), "{at}");
        let done = send("", read.header("etag")).expect(200);
        assert_ne!(done.header("etag"), read.header("etag"), "{at}");
    }
}

/// The public half of a new key, under a name.
fn a_key(kid: &str) -> Value {
    let (_, jwks) = lvcai_auth::generate_client_key().unwrap();
    let mut key = serde_json::from_str::<Value>(&jwks).unwrap()["keys"][0].clone();
    key["kid"] = kid.into();
    key
}

#[test]
fn a_condition_is_compared_or_refused_and_never_passed_over() {
    let (world, document) = (World::begin(), document());
    let writes = operations(&document).into_iter().filter(|it| it.is_v1() && it.method == "POST");

    for post in writes.filter(|it| it.documents(428)) {
        let (client, address) = (world.caller(&post), world.address(&post));
        let takes = post.parameters("header").iter().any(|it| it["name"] == "If-Match");
        let body = post.example(&document).unwrap().to_string();
        let key = uuid::Uuid::new_v4().to_string();
        for condition in ["if-match", "if-none-match"] {
            let headers = [("idempotency-key", key.as_str()), (condition, "\"another\"")];
            let answer = client.send("POST", &address, &headers, Some(body.as_bytes()));

            let told = &answer.body["errors"][0]["source"]["header"];
            let refused = answer.status == 400 && told.as_str().is_some_and(|it| it.eq_ignore_ascii_case(condition));
            assert!(takes || refused, "{}: {condition} {}", post.name(), answer.text);
            assert!(answer.status >= 400 || condition != "if-match", "{}: {}", post.name(), answer.text);
        }
    }
}
