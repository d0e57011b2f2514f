//! The import of a list is a record of its own, and what it recorded can be taken back as far as nothing rests on it.

use lvcai_tests::{ALL_SCOPES, Answer, BODY, Story, address, city_row, record};
use serde_json::{Value, json};

fn undo(story: &Story, import: &str, query: &str) -> Answer {
    let body = json!({ "step": "undo", "note": "导入了错误的文件", "authority_document": "庆工信发〔2026〕3号" });
    story.authority.post(&format!("/v1/list-imports/{import}/transitions{query}"), &body)
}

/// The items of a list.
fn items(story: &Story, list: &str) -> Vec<Value> {
    story.anybody.get(list).expect(200).body["items"].as_array().unwrap().clone()
}

/// The identifier of the product with a name.
fn product(story: &Story, name: &str) -> Value {
    items(story, "/v1/products?limit=500").into_iter().find(|it| it["name"] == name).unwrap()
}

fn id(item: &Value) -> &str {
    item["id"].as_str().unwrap()
}

fn verdict(story: &Story, question: &Value) -> String {
    story.verdict(&json!({ "items": [question] }))["eligibility"].as_str().unwrap().to_owned()
}

fn left(import: &Value) -> Vec<(String, String)> {
    let left = import["undone"]["left"].as_array().cloned().unwrap_or_default();
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    left.iter().map(|it| (text(&it["subject"]), text(&it["reason"]))).collect()
}

#[test]
fn what_an_import_recorded_is_taken_back_as_one_and_past_cuts_still_show_it() {
    let story = Story::begin();
    let import =
        story.import(&[city_row("大庆甲建材厂", "外开窗甲", "A-1"), city_row("大庆乙建材厂", "外开窗乙", "A-2")]);
    let told = story.anybody.get(&format!("/v1/list-imports/{import}")).expect(200);
    assert_eq!(told.body["made"], json!({ "organisations": 2, "products": 2, "certificates": 2, "evidence": 2 }));
    assert_eq!(
        [&told.body["authority_document"], &told.body["rows"]["imported"]],
        [&json!("庆工信发〔2026〕1号"), &json!(2)]
    );
    let (window, seq) = (product(&story, "外开窗甲"), told.header("registry-seq").to_owned());
    let certificate = items(&story, "/v1/certificates?number=A-1")[0].clone();
    assert_eq!(verdict(&story, &json!({ "certificate_number": "A-1" })), "eligible");

    let foreseen = undo(&story, &import, "?validate_only=true").expect(200).body;
    assert_eq!(verdict(&story, &json!({ "certificate_number": "A-1" })), "eligible", "a dry run has changed something");
    let done = undo(&story, &import, "").expect(200);

    assert_eq!(foreseen["undone"], done.body["undone"]);
    assert_eq!(done.body["undone"]["withdrawn"], told.body["made"]);
    assert_eq!(left(&done.body), []);
    for (list, count) in [
        ("/v1/products?q=%E5%A4%96%E5%BC%80%E7%AA%97", 0),
        ("/v1/products", 0),
        ("/v1/certificates", 0),
        ("/v1/evidence?status=confirmed", 0),
        ("/v1/organisations?name=%E5%A4%A7%E5%BA%86%E7%94%B2%E5%BB%BA%E6%9D%90%E5%8E%82", 0),
        ("/v1/products?status=retired", 2),
        (&format!("/v1/products?as_of={seq}"), 2),
        (&format!("/v1/certificates?as_of={seq}"), 2),
    ] {
        assert_eq!(items(&story, list).len(), count, "{list}");
    }
    assert_eq!(verdict(&story, &json!({ "certificate_number": "A-1" })), "unknown");
    assert_eq!(verdict(&story, &json!({ "product": id(&window) })), "not_eligible");
    let then = json!({ "as_of": seq, "items": [{ "certificate_number": "A-1" }] });
    assert_eq!(story.verdict(&then)["eligibility"], "eligible");
    let versions = story.anybody.get(&format!("/v1/certificates/{}/versions", id(&certificate))).expect(200).body;
    assert_eq!(versions["items"][0]["event"], "certificate.retracted");
    assert_eq!(versions["items"][0]["authority_document"], "庆工信发〔2026〕3号");
    assert_eq!(versions["items"][0]["body"]["retracted_on"], "2026-03-02");
    story.anybody.get(&address(BODY, "A-1")).problem(404, "not-found");
    let again = undo(&story, &import, "").expect(200);
    assert_eq!(again.text, done.text, "there is nothing left, and nothing is written");
}

#[test]
fn what_was_taken_back_may_be_stated_again_by_whoever_knows() {
    let story = Story::begin();
    let rows = [city_row("大庆甲建材厂", "外开窗甲", "A-1"), city_row("大庆乙建材厂", "外开窗乙", "A-2")];
    let import = story.import(&rows);
    undo(&story, &import, "").expect(200);
    let retracted = items(&story, "/v1/products?status=retired")[0].clone();

    story.body.put(&address(BODY, "A-1"), &record()).expect(200);
    story.import(&[city_row("大庆丙建材厂", "外开窗乙", "A-2")]);

    assert_eq!(verdict(&story, &json!({ "certificate_number": "A-1" })), "eligible");
    assert_eq!(verdict(&story, &json!({ "certificate_number": "A-2" })), "eligible");
    let certificate = items(&story, "/v1/certificates?number=A-2")[0].clone();
    assert_eq!(certificate["holder"]["name"], "大庆丙建材厂", "what was taken back holds nobody to it");
    let (claim, address) = (
        json!({ "product": id(&retracted), "certificate": id(&certificate) }),
        format!("/v1/products/{}", id(&retracted)),
    );
    story.authority.post("/v1/evidence", &claim).problem(409, "illegal-step");
    let etag = story.anybody.get(&address).header("etag").to_owned();
    story.authority.patch(&address, &etag, &json!({ "trademark": "示例" })).problem(409, "illegal-step");
    story.authority.post(&format!("{address}/transitions"), &json!({ "step": "admit" })).problem(409, "illegal-step");
}

#[test]
fn what_others_have_built_on_stays_and_is_told_with_why() {
    let story = Story::begin();
    let names = ["已发布", "已变更", "已报送", "另有证据", "有客户端"];
    let rows: Vec<_> =
        names.iter().map(|it| city_row(&format!("大庆{it}厂"), &format!("{it}窗"), &format!("N-{it}"))).collect();
    let import = story.import(&rows);
    let of = |name: &str| product(&story, &format!("{name}窗"));
    let certificate = |name: &str| {
        let all = items(&story, "/v1/certificates?limit=500");
        id(all.iter().find(|it| it["number"] == format!("N-{name}")).unwrap()).to_owned()
    };
    story.open_list();
    story.publish(&[id(&of("已发布"))]);
    let changed = format!("/v1/products/{}", id(&of("已变更")));
    let etag = story.anybody.get(&changed).header("etag").to_owned();
    story.authority.patch(&changed, &etag, &json!({ "trademark": "示例" })).expect(200);
    let mut own = record();
    own["holder"]["name"] = json!("大庆已报送厂");
    story.body.put(&address(BODY, "N-已报送"), &own).expect(200);
    own["holder"]["name"] = json!("大庆另有证据厂");
    let other = story.body.put(&address(BODY, "B-1"), &own).expect(201).id();
    story.evidence(id(&of("另有证据")), &other);
    let client = of("有客户端")["enterprise"].as_str().unwrap().parse().unwrap();
    story.server.client(client, "maker-2", ALL_SCOPES);
    let enterprise = |name: &str| of(name)["enterprise"].as_str().unwrap().to_owned();
    let mut expected = vec![
        (id(&of("已发布")).to_owned(), "published".to_owned()),
        (certificate("已发布"), "evidence".to_owned()),
        (id(&of("已变更")).to_owned(), "amended".to_owned()),
        (certificate("已报送"), "taken_over".to_owned()),
        (id(&of("另有证据")).to_owned(), "evidence".to_owned()),
    ];
    let referenced = ["已发布", "已变更", "另有证据", "有客户端"].map(|it| (enterprise(it), "referenced".to_owned()));
    expected.extend(referenced);
    let published = items(&story, &format!("/v1/evidence?product={}", id(&of("已发布"))))[0].clone();
    expected.push((id(&published).to_owned(), "published".to_owned()));

    let done = undo(&story, &import, "").expect(200).body;

    let mut told = left(&done);
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
    assert_eq!(done["undone"]["left_count"], 10);
    assert_eq!(
        done["undone"]["withdrawn"],
        json!({ "organisations": 1, "products": 2, "certificates": 3, "evidence": 4 })
    );
    assert_eq!(verdict(&story, &json!({ "certificate_number": "N-已发布" })), "eligible");
    assert_eq!(verdict(&story, &json!({ "product": id(&of("另有证据")) })), "eligible");
    assert_eq!(
        verdict(&story, &json!({ "product": id(&of("已变更")) })),
        "not_eligible",
        "its evidence was the import's"
    );
    assert_eq!(undo(&story, &import, "").expect(200).body, done);
}

#[test]
fn what_an_import_changed_is_again_as_before() {
    let story = Story::begin();
    story.import(&[city_row("大庆甲建材厂", "外开窗甲", "A-1")]);
    let before = (product(&story, "外开窗甲"), items(&story, "/v1/certificates?number=A-1"));
    let mut more = city_row("大庆甲建材厂", "外开窗甲", "A-1");
    more.models = vec!["70系列".to_owned()];
    let import = story.import(&[more]);
    assert_eq!(product(&story, "外开窗甲")["models"], json!(["65系列", "70系列"]));

    let done = undo(&story, &import, "").expect(200).body;

    assert_eq!((done["undone"]["restored"].as_i64(), left(&done)), (Some(2), vec![]));
    assert_eq!((product(&story, "外开窗甲"), items(&story, "/v1/certificates?number=A-1")), before);
    assert_eq!(verdict(&story, &json!({ "product": id(&before.0) })), "eligible");
}

#[test]
fn what_comes_free_when_a_later_import_is_taken_back_is_taken_back_by_a_second_try() {
    let story = Story::begin();
    let first = story.import(&[city_row("大庆甲建材厂", "外开窗甲", "A-1")]);
    let mut more = city_row("大庆甲建材厂", "外开窗甲", "A-1");
    more.models = vec!["70系列".to_owned()];
    let later = story.import(&[more, city_row("大庆甲建材厂", "外开窗甲", "A-2")]);

    let tried = undo(&story, &first, "").expect(200).body;
    let because: Vec<String> = left(&tried).into_iter().map(|it| it.1).collect();
    assert_eq!(because, ["amended", "amended", "referenced"], "{tried}");
    undo(&story, &later, "").expect(200);
    let done = undo(&story, &first, "").expect(200).body;

    assert_eq!(left(&done), []);
    assert_eq!(done["undone"]["withdrawn"], done["made"], "what was taken back before counts too");
    for list in ["/v1/products", "/v1/certificates", "/v1/evidence?status=confirmed"] {
        assert_eq!(items(&story, list), Vec::<Value>::new(), "{list}");
    }
}

#[test]
fn a_certificate_that_only_the_clock_has_ended_is_taken_back_too() {
    let story = Story::begin();
    let mut row = city_row("大庆甲建材厂", "外开窗甲", "A-1");
    row.valid_until = jiff::civil::date(2026, 3, 5);
    let import = story.import(&[row]);
    story.server.at("2026-03-07T02:00:00Z");
    story.server.wait(lvcai_store::expiry::tick(&story.server.registry)).unwrap();

    let done = undo(&story, &import, "").expect(200).body;

    assert_eq!(left(&done), []);
    assert_eq!(items(&story, "/v1/certificates"), Vec::<Value>::new());
}

#[test]
fn an_import_is_the_authoritys_to_take_back_with_a_reason_and_a_document() {
    let story = Story::begin();
    let import = story.import(&[city_row("大庆甲建材厂", "外开窗甲", "A-1")]);
    let steps = format!("/v1/list-imports/{import}/transitions");
    let step = json!({ "step": "undo", "note": "误导入", "authority_document": "庆工信发〔2026〕3号" });

    story.enterprise.post(&steps, &step).problem(403, "forbidden");
    story.anybody.post(&steps, &step).problem(401, "unauthenticated");
    story.authority.post(&steps, &json!({ "step": "undo" })).problem(422, "invalid");
    let unknown = "/v1/list-imports/impt_01900000-0000-7000-8000-000000000009";
    story.authority.post(&format!("{unknown}/transitions"), &step).problem(404, "not-found");
    story.anybody.get(unknown).problem(404, "not-found");

    assert_eq!(items(&story, "/v1/list-imports")[0]["id"], import);
    assert_eq!(verdict(&story, &json!({ "certificate_number": "A-1" })), "eligible");
}
