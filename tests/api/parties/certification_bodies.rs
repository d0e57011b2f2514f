//! Certification bodies are data: the authority registers, renames and gives them aliases, and they are found by these.

use lvcai_domain::Role;
use lvcai_tests::{
    ALL_SCOPES, Answer, BODY, Client, NUMBER, OTHER_BODY, Story, WorkingFolder, address, record, scopes_of,
};
use serde_json::{Value, json};

const NEW: &str = "CNCA-R-2021-999";

fn at(number: &str) -> String {
    format!("/v1/certification-bodies/{number}")
}

fn stated(name: &str, more: &Value) -> Value {
    let mut body = json!({ "name": name, "source": "认证机构批准书", "verified": true });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn put(story: &Story, number: &str, name: &str, more: &Value) -> Answer {
    story.authority.put(&at(number), &stated(name, more))
}

/// The numbers of the bodies that a question finds.
fn found(client: &Client, parameter: &str, text: &str) -> Vec<String> {
    let text: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let page = client.get(&format!("/v1/certification-bodies?{parameter}={text}&limit=500")).expect(200).body;
    page["items"].as_array().unwrap().iter().map(|it| it["approval_number"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_body_that_the_reference_data_do_not_know_is_registered_accredited_and_pushes() {
    let story = Story::begin();

    let registered = put(&story, NEW, "示例认证有限公司", &json!({ "uscc": "91230607716675409L" })).expect(201);

    assert_eq!(registered.header("location"), at(NEW));
    let organisation = registered.body["organisation"].as_str().unwrap().to_owned();
    let of = story.anybody.get(&format!("/v1/organisations/{organisation}")).expect(200).body;
    assert_eq!([&of["name"], &of["approval_number"], &of["uscc"]], ["示例认证有限公司", NEW, "91230607716675409L"]);
    assert_eq!(of["roles"], json!(["certification_body"]));
    let accreditation = json!({
        "valid_from": "2022-03-01", "valid_until": "2028-02-29", "scopes": [{ "scheme": "star_certification" }],
        "source": "批准书", "verified": true
    });
    story.authority.put(&format!("{}/accreditation", at(NEW)), &accreditation).expect(200);
    let client = story.server.client(organisation.parse().unwrap(), "new-1", ALL_SCOPES);
    client.put(&address(NEW, NUMBER), &record()).expect(201);
    let again = put(&story, NEW, "示例认证有限公司", &json!({})).expect(200).body;
    assert_eq!(again["accreditation"]["source"], "批准书", "what it is accredited for stays");
    put(&story, NEW, "示例认证有限公司", &json!({ "organisation": story.enterprise.organisation }))
        .problem(422, "invalid");
}

#[test]
fn the_record_of_a_body_is_the_authoritys_and_guarded() {
    let story = Story::begin();
    let new = stated("示例认证有限公司", &json!({}));

    story.body.put(&at(BODY), &new).problem(403, "forbidden");
    story.anybody.put(&at(NEW), &new).problem(401, "unauthenticated");
    put(&story, "CNCA-X", "示例", &json!({})).expect(404);
    put(&story, NEW, "示例", &json!({ "renamed_on": "2199-01-01" })).problem(422, "invalid");
    let alias = json!({ "name": "SL", "source": "印章", "verified": true });
    put(&story, NEW, "示例", &json!({ "aliases": [alias, alias] })).problem(422, "invalid");
    put(&story, NEW, "示例", &json!({ "source": " " })).problem(422, "invalid");
    put(&story, NEW, "大庆示例门窗有限公司", &json!({})).problem(409, "likely-double");
    put(&story, NEW, "示例", &json!({ "organisation": story.body.organisation })).problem(422, "invalid");
    let stale = [("if-match", "\"0\""), ("content-type", "application/json")];
    let stale = story.authority.send("PUT", &at(BODY), &stale, Some(new.to_string().as_bytes()));
    stale.problem(412, "precondition-failed");
    story.anybody.get(&at(NEW)).problem(404, "not-found");
}

#[test]
fn a_past_name_stays_known_with_its_last_day_and_finds_the_body() {
    let story = Story::begin();
    let before = story.anybody.get(&at(BODY)).expect(200);
    let alias = json!({ "name": "中国建研院（CABR）", "source": "机构印章", "verified": true });

    let renamed =
        put(&story, BODY, "中国建筑科学研究院有限公司", &json!({ "renamed_on": "2020-05-01", "aliases": [alias] }))
            .expect(200);

    assert_eq!(renamed.body["former_names"][0]["name"], before.body["name"]);
    assert_eq!(renamed.body["former_names"][0]["valid_until"], "2020-04-30");
    for name in [
        "中国建筑科学研究院",
        "中国建筑科学研究院有限公司",
        "中国建研院(cabr)",
        "中国建研院【ＣＡＢＲ】",
        "cnca-r-2006-148",
    ] {
        assert_eq!(found(&story.anybody, "name", name), [BODY], "{name}");
    }
    assert!(found(&story.anybody, "q", "建筑科学").contains(&BODY.to_owned()));
    assert_eq!(found(&story.anybody, "name", "建筑科学"), Vec::<String>::new());
    story.anybody.get("/v1/certification-bodies?q=%E3%80%82").expect(400);
    let versions = story.anybody.get(&format!("{}/versions", at(BODY))).expect(200).body;
    assert_eq!(versions["items"][0]["event"], "certification_body.renamed");
    let seq = before.header("registry-seq");
    assert_eq!(story.anybody.get(&format!("{}?as_of={seq}", at(BODY))).expect(200).text, before.text);
    let again = put(&story, BODY, "中国建筑科学研究院有限公司", &json!({})).expect(200);
    assert_eq!(again.text, renamed.text, "the same again changes nothing");
}

#[test]
fn a_body_and_the_organisation_that_it_is_have_one_name() {
    let story = Story::begin();
    let organisation = format!("/v1/organisations/{}", story.body.organisation.unwrap());
    let etag = |client: &Client| client.get(&organisation).expect(200).header("etag").to_owned();
    let named = |name: &str| json!({ "name": name });

    story.body.patch(&organisation, &etag(&story.body), &named("自称研究院")).problem(422, "invalid");
    story.authority.patch(&organisation, &etag(&story.authority), &named("中国建筑科学研究院有限公司")).expect(200);

    let body = story.anybody.get(&at(BODY)).expect(200).body;
    assert_eq!([&body["name"], &body["former_names"][0]["name"]], ["中国建筑科学研究院有限公司", "中国建筑科学研究院"]);
    assert_eq!(body["verified"], false, "a change of the organisation is no publication of the approving authority");
    put(&story, BODY, "建研认证有限公司", &json!({})).expect(200);
    assert_eq!(story.anybody.get(&organisation).expect(200).body["name"], "建研认证有限公司");
}

#[test]
fn the_role_of_a_certification_body_comes_with_its_record() {
    let story = Story::begin();

    let refused = story
        .authority
        .post("/v1/organisations", &json!({ "name": "示例认证", "roles": ["certification_body"] }))
        .problem(422, "invalid");
    assert!(refused.text.contains("/v1/certification-bodies/"), "{}", refused.text);
    let lab = json!({ "name": "示例检测认证集团", "roles": ["laboratory"] });
    let lab = story.authority.post("/v1/organisations", &lab).expect(201).id();
    put(&story, NEW, "示例检测认证集团", &json!({ "organisation": lab })).expect(201);

    let both = story.anybody.get(&format!("/v1/organisations/{lab}")).expect(200).body;
    assert_eq!(both["roles"], json!(["certification_body", "laboratory"]));
}

fn folder() -> WorkingFolder {
    let folder = WorkingFolder::new();
    folder.keys();
    folder.run(&["organisation", "add", "--name", "示例局", "--role", "authority"]).expect(0);
    folder
}

#[test]
fn bodies_come_from_a_file_each_row_with_its_outcome() {
    let folder = folder();
    let table = "来源,批准号,机构名称,曾用名,简称,更名日期,已核实\n\
                 公告,CNCA-R-2021-999,示例认证有限公司,示例认证中心,SLRZ、示例认证,,是\n\
                 公告,CNCA-R-2002-001,中国质量认证中心有限公司,,,2024-01-01,是\n\
                 公告,CNCA-2021,某某,,,,\n\
                 ,CNCA-R-2021-998,无来源认证,,,,\n";
    std::fs::write(folder.path("bodies.csv"), table).unwrap();
    let import = |more: &[&str]| {
        folder.run(&[&["certification-body", "import", "bodies.csv", "--authority", "示例局"], more].concat())
    };

    let dry = import(&["--dry-run"]).expect(0);
    assert!(dry.out.contains("1 registered, 1 amended, 0 unchanged, 2 refused"), "{}", dry.out);
    let first = import(&["--report", "report.csv"]).expect(0);
    assert!(first.out.contains("1 registered, 1 amended, 0 unchanged, 2 refused"), "{}", first.out);
    let again = import(&[]).expect(0);
    assert!(again.out.contains("0 registered, 0 amended, 2 unchanged, 2 refused"), "{}", again.out);

    let report = std::fs::read_to_string(folder.path("report.csv")).unwrap();
    assert!(report.contains("批准号") && report.contains("--source"), "{report}");
    folder.accredit(NEW);
    let serving = folder.serve();
    let client = folder.client(&["--organisation", NEW], "new-1", &scopes_of(Role::CertificationBody), &serving.url);
    client.authenticated(&lvcai_store::Clock::Wall).put(&address(NEW, NUMBER), &record()).expect(201);
    let anybody = Client::anonymous(&serving.url);
    for name in ["示例认证中心", "slrz", "示例认证"] {
        assert_eq!(found(&anybody, "name", name), [NEW], "{name}");
    }
    let cqc = anybody.get(&at(OTHER_BODY)).expect(200).body;
    assert_eq!([&cqc["name"], &cqc["former_names"][0]["name"]], ["中国质量认证中心有限公司", "中国质量认证中心"]);
}

#[test]
fn what_the_authority_stated_is_not_overwritten_by_the_reference_data_at_the_next_start() {
    let folder = folder();
    let shipped = {
        let serving = folder.serve();
        Client::anonymous(&serving.url).get(&at(BODY)).expect(200).body
    };
    assert!(shipped["aliases"].as_array().unwrap().iter().any(|it| it["name"] == "中国建筑科学研究院有限公司"));
    assert!(shipped["aliases"].as_array().unwrap().iter().all(|it| it["verified"] == false && it["source"] != ""));
    let bureau = |url: &str| {
        folder
            .client(&["--organisation-name", "示例局"], "bureau-1", &scopes_of(Role::Authority), url)
            .authenticated(&lvcai_store::Clock::Wall)
    };
    let stated = {
        let serving = folder.serve();
        let without = json!({ "name": shipped["name"], "source": shipped["source"], "verified": false, "aliases": [] });
        bureau(&serving.url).put(&at(BODY), &without).expect(200).text
    };

    let serving = folder.serve();

    assert_eq!(Client::anonymous(&serving.url).get(&at(BODY)).expect(200).text, stated);
}

#[test]
fn names_that_were_folded_by_another_release_are_folded_anew() {
    let folder = folder();
    let mut conn = folder.database.conn();
    conn.batch_execute("UPDATE certification_bodies SET names = ''; UPDATE text_form SET form = 0;").unwrap();

    let serving = folder.serve();

    assert_eq!(found(&Client::anonymous(&serving.url), "name", "中国建筑科学研究院"), [BODY]);
}
