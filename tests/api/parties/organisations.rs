//! Organisations: registered once, amended by themselves, doubles reported.

use lvcai_domain::Role;
use lvcai_tests::{BODY, Story, address, record};
use serde_json::{Value, json};

fn firm(name: &str) -> Value {
    json!({ "name": name, "roles": ["enterprise"] })
}

#[test]
fn an_organisation_is_read_at_the_address_it_was_given() {
    let story = Story::begin();
    let new = json!({
        "name": "大庆新型建材有限公司", "uscc": "91230607716675409l", "roles": ["laboratory", "enterprise", "enterprise"],
        "aliases": ["新型建材厂"], "division": "230600"
    });

    let registered = story.authority.post("/v1/organisations", &new).expect(201);

    let read = story.anybody.get(registered.header("location")).expect(200);
    assert_eq!(registered.header("location"), format!("/v1/organisations/{}", registered.id()));
    assert_eq!(read.text, registered.text, "what was answered is what is kept");
    assert_eq!(read.header("etag"), registered.header("etag"));
    assert_eq!((read.header("registry-version"), read.body["uscc"].as_str()), ("1", Some("91230607716675409L")));
    assert_eq!(read.body["roles"], json!(["enterprise", "laboratory"]));
}

#[test]
fn an_organisation_with_the_same_name_or_code_is_reported_and_not_merged() {
    let story = Story::begin();
    let mut first = firm("大庆（龙南）建材有限公司");
    first["uscc"] = json!("91230607716675409L");
    let first = story.authority.post("/v1/organisations", &first).expect(201).id();
    let mut same_code = firm("另一名称有限公司");
    same_code["uscc"] = json!("91230607716675409L");

    for double in [firm("大庆（龙南）建材有限公司"), firm("大庆(龙南)建材有限公司"), same_code] {
        let answer = story.authority.post("/v1/organisations", &double).problem(409, "likely-double");
        assert_eq!(answer.body["errors"][0]["allowed"], json!([first]), "{}", answer.text);
    }

    let mut distinct = firm("大庆(龙南)建材有限公司");
    distinct["distinct_from"] = json!([first]);
    let second = story.authority.post("/v1/organisations", &distinct).expect(201);
    assert_ne!(second.id(), first);
    assert!(second.body.get("distinct_from").is_none(), "what was said to get in is no part of the record");
}

#[test]
fn a_middle_dot_is_one_dot_however_it_is_typed() {
    let story = Story::begin();
    let first = story.authority.post("/v1/organisations", &firm("大庆·示例建材厂")).expect(201).id();

    for name in ["大庆•示例建材厂", "大庆・示例建材厂", "大庆‧示例建材厂", "大慶·示例建材廠", "大庆 ･ 示例建材厂"]
    {
        let answer = story.authority.post("/v1/organisations", &firm(name)).problem(409, "likely-double");
        assert_eq!(answer.body["errors"][0]["allowed"], json!([first]), "{}", answer.text);
    }
}

#[test]
fn neither_zeros_nor_the_number_of_a_citizen_are_the_code_of_an_organisation() {
    let story = Story::begin();
    for (code, rule) in [
        ("000000000000000000", "uscc-form"),
        ("91230600000000000C", "uscc-form"),
        ("230699198009150034", "uscc-citizen-number"),
    ] {
        let mut new = firm("某公司");
        new["uscc"] = json!(code);
        let answer = story.authority.post("/v1/organisations", &new).problem(422, "invalid");
        let fault = &answer.body["errors"][0];
        assert_eq!((&fault["source"]["pointer"], &fault["rule"]), (&json!("/uscc"), &json!(rule)), "{}", answer.text);

        let mut new = record();
        new["holder"]["uscc"] = json!(code);
        let answer = story.body.put(&address(BODY, "CABR-1"), &new).problem(422, "invalid");
        let fault = &answer.body["errors"][0];
        assert_eq!(
            (&fault["source"]["pointer"], &fault["rule"]),
            (&json!("/holder/uscc"), &json!(rule)),
            "{}",
            answer.text
        );
    }
}

#[test]
fn the_former_code_of_a_firm_is_one_in_a_record_and_in_a_table() {
    let story = Story::begin();
    let push = |holder: &Value| {
        let mut new = record();
        new["holder"] = holder.clone();
        story.body.put(&address(BODY, "CABR-1"), &new)
    };
    let holder = |code: &str| json!({ "name": "甲", "organisation_code": code });

    let kept = push(&holder("71667540-9")).expect(201).body["holder"].clone();
    assert_eq!(kept, json!({ "name": "甲", "organisation_code": "716675409" }));
    push(&holder("７１６６７５４０９")).expect(200);
    assert_eq!(push(&holder("000000000")).expect(200).body["holder"], json!({ "name": "甲" }));
    for (holder, rule) in [
        (holder("716675408"), "organisation-code-form"),
        (holder("230699198009150034"), "organisation-code-form"),
        (holder("无"), "organisation-code-form"),
        (
            json!({ "name": "甲", "uscc": "91230607716675409L", "organisation_code": "D2143569X" }),
            "organisation-code-mismatch",
        ),
    ] {
        let answer = push(&holder).problem(422, "invalid");
        let fault = &answer.body["errors"][0];
        let expected = (json!("/holder/organisation_code"), json!(rule));
        assert_eq!((&fault["source"]["pointer"], &fault["rule"]), (&expected.0, &expected.1), "{}", answer.text);
    }
}

#[test]
fn organisations_are_found_by_name_and_by_code() {
    let story = Story::begin();
    let mut new = firm("大庆（龙南）建材有限公司");
    new["uscc"] = json!("91230607716675409L");
    let id = story.authority.post("/v1/organisations", &new).expect(201).id();
    let found =
        |query: &str| story.anybody.get(&format!("/v1/organisations?{query}")).expect(200).body["items"].clone();

    for query in [
        "name=%E5%A4%A7%E5%BA%86(%E9%BE%99%E5%8D%97)%E5%BB%BA%E6%9D%90%E6%9C%89%E9%99%90%E5%85%AC%E5%8F%B8",
        "uscc=91230607716675409L",
    ] {
        let items = found(query);
        assert_eq!((items.as_array().unwrap().len(), &items[0]["id"]), (1, &json!(id)), "{query}");
    }
    assert_eq!(found("name=nobody"), json!([]));
}

#[test]
fn a_division_that_is_not_in_the_code_list_is_refused_with_those_that_are() {
    let story = Story::begin();
    let mut new = firm("某公司");
    new["division"] = json!("110000");

    let answer = story.authority.post("/v1/organisations", &new).problem(422, "invalid");

    let fault = &answer.body["errors"][0];
    assert_eq!(
        (fault["source"]["pointer"].as_str(), fault["rule"].as_str()),
        (Some("/division"), Some("code-unknown"))
    );
    assert!(fault["allowed"].as_array().unwrap().contains(&json!("230600")));
}

#[test]
fn an_amendment_needs_the_etag_that_was_read() {
    let story = Story::begin();
    let address = format!("/v1/organisations/{}", story.enterprise.organisation.unwrap());
    let read = story.enterprise.get(&address).expect(200);
    let rename = |name: &str| json!({ "name": name }).to_string();
    let without = story.enterprise.send("PATCH", &address, &[], Some(rename("新名").as_bytes()));

    let amended = story
        .authority
        .patch(&address, read.header("etag"), &json!({ "name": "新名", "aliases": ["旧名"] }))
        .expect(200);
    let stale = story.authority.patch(&address, read.header("etag"), &json!({ "name": "又一名" }));

    without.problem(428, "precondition-required");
    let stale = stale.problem(412, "precondition-failed");
    assert!(stale.body["detail"].as_str().unwrap().contains(amended.header("etag")), "{}", stale.text);
    assert_eq!(story.anybody.get(&address).expect(200).text, amended.text);
    assert_eq!(amended.header("registry-version"), "2");
}

#[test]
fn a_merge_patch_sets_what_it_names_and_null_takes_away() {
    let story = Story::begin();
    let mut new = firm("某公司");
    (new["uscc"], new["aliases"], new["division"]) =
        (json!("91230607716675409L"), json!(["甲", "乙"]), json!("230600"));
    let registered = story.authority.post("/v1/organisations", &new).expect(201);
    let address = registered.header("location").to_owned();
    let patch = |body: Value| story.authority.patch(&address, "*", &body);

    let amended = patch(json!({ "division": null, "aliases": ["丙"] })).expect(200).body;

    assert!(amended.get("division").is_none());
    assert_eq!((&amended["aliases"], &amended["uscc"]), (&json!(["丙"]), &json!("91230607716675409L")));
    assert_eq!(patch(json!({ "name": null })).problem(422, "invalid").body["errors"][0]["rule"], "required");
    assert_eq!(patch(json!({ "id": "x" })).problem(422, "invalid").body["errors"][0]["rule"], "unknown-field");
    assert_eq!(patch(json!([1])).problem(422, "invalid").body["errors"][0]["rule"], "wrong-type");
    let unchanged = patch(json!({ "aliases": ["丙"] })).expect(200);
    assert_eq!((unchanged.header("registry-version"), &unchanged.body), ("2", &amended));
}

#[test]
fn roles_are_the_authoritys_to_give() {
    let story = Story::begin();
    let address = format!("/v1/organisations/{}", story.enterprise.organisation.unwrap());

    let grab = story.enterprise.patch(&address, "*", &json!({ "roles": ["enterprise", "authority"] }));

    assert_eq!(grab.problem(422, "invalid").body["errors"][0]["source"]["pointer"], "/roles");
    story
        .enterprise
        .post("/v1/lists", &json!({ "id": "mine", "title": "x", "purpose": "catalogue" }))
        .problem(403, "forbidden");
    story.authority.patch(&address, "*", &json!({ "roles": ["enterprise", "laboratory"] })).expect(200);
}

#[test]
fn no_authority_makes_or_unmakes_an_authority_over_the_network() {
    let story = Story::begin();
    let firm_address = format!("/v1/organisations/{}", story.enterprise.organisation.unwrap());
    let own_address = format!("/v1/organisations/{}", story.authority.organisation.unwrap());
    let mut new = firm("另一个局");
    new["roles"] = json!(["authority"]);

    for refused in [
        story.authority.patch(&firm_address, "*", &json!({ "roles": ["enterprise", "authority"] })),
        story.authority.patch(&own_address, "*", &json!({ "roles": ["enterprise"] })),
        story.authority.post("/v1/organisations", &new),
    ] {
        let refused = refused.problem(422, "invalid").body;
        assert_eq!(
            (&refused["errors"][0]["source"]["pointer"], &refused["errors"][0]["rule"]),
            (&json!("/roles"), &json!("not-allowed"))
        );
        assert!(refused["errors"][0]["detail"].as_str().unwrap().contains("lvcai organisation"), "{refused}");
    }
    story.authority.patch(&own_address, "*", &json!({ "roles": ["authority", "auditor"] })).expect(200);
}

#[test]
fn nobody_takes_a_certificate_by_changing_his_own_name_or_code_and_no_authority_changes_another() {
    let story = Story::begin();
    let enterprise = format!("/v1/organisations/{}", story.enterprise.organisation.unwrap());
    for (field, value) in [("name", "别家公司"), ("uscc", "91230607716675409L")] {
        let refused = story.enterprise.patch(&enterprise, "*", &json!({ field: value })).problem(422, "invalid");
        assert_eq!(refused.body["errors"][0]["source"]["pointer"], format!("/{field}"));
    }
    story.enterprise.patch(&enterprise, "*", &json!({ "aliases": ["简称"] })).expect(200);

    let other = story.server.organisation("黑河市住房和城乡建设局", Role::Authority);
    let address = format!("/v1/organisations/{other}");
    story.authority.patch(&address, "*", &json!({ "name": "被改名" })).problem(403, "forbidden");
    let body = json!({ "name": "被改名", "organisation": other, "source": "x", "verified": false });
    let refused = story.authority.put("/v1/certification-bodies/CNCA-R-2021-777", &body).problem(422, "invalid");

    assert_eq!(refused.body["errors"][0]["source"]["pointer"], "/organisation");
    assert_eq!(story.anybody.get(&address).expect(200).body["name"], "黑河市住房和城乡建设局");
}

#[test]
fn renaming_to_anothers_name_is_a_likely_double() {
    let story = Story::begin();
    let address = format!("/v1/organisations/{}", story.enterprise.organisation.unwrap());
    let other = story.authority.post("/v1/organisations", &firm("已有公司")).expect(201).id();

    let answer = story.authority.patch(&address, "*", &json!({ "name": "已有公司" })).problem(409, "likely-double");

    assert_eq!(answer.body["errors"][0]["allowed"], json!([other]));
}

#[test]
fn versions_tell_who_did_what_and_when() {
    let story = Story::begin();
    let id = story.authority.post("/v1/organisations", &firm("某公司")).expect(201).id();
    let address = format!("/v1/organisations/{id}");
    story.server.at("2026-03-03T02:00:00Z");
    story.authority.patch(&address, "*", &json!({ "name": "改名公司" })).expect(200);

    let versions = story.anybody.get(&format!("{address}/versions")).expect(200).body["items"].clone();

    let told: Vec<_> =
        versions.as_array().unwrap().iter().map(|it| (&it["version"], &it["event"], &it["body"]["name"])).collect();
    assert_eq!(
        told,
        [
            (&json!(2), &json!("organisation.amended"), &json!("改名公司")),
            (&json!(1), &json!("organisation.registered"), &json!("某公司")),
        ]
    );
    assert_eq!(versions[0]["actor"], story.authority.organisation.unwrap().to_string());
    assert_eq!(versions[0]["recorded_at"], "2026-03-03T02:00:00.000000Z");
    let before = versions[1]["seq"].to_string();
    assert_eq!(story.anybody.get(&format!("{address}?as_of={before}")).expect(200).body["name"], "某公司");
    assert_eq!(story.anybody.get(&format!("{address}?as_of=2026-03-02T20:00:00Z")).expect(200).body["name"], "某公司");
}

#[test]
fn what_a_client_has_already_is_not_sent_again() {
    let story = Story::begin();
    let address = format!("/v1/organisations/{}", story.enterprise.organisation.unwrap());
    let read = story.anybody.get(&address).expect(200);
    let ask = |method: &str, etag: &str| story.anybody.send(method, &address, &[("if-none-match", etag)], None);

    let known = ask("GET", read.header("etag"));

    assert_eq!((known.status, known.text.as_str(), known.header("etag")), (304, "", read.header("etag")));
    assert_eq!(ask("GET", &format!("\"other\", W/{}", read.header("etag"))).status, 304);
    assert_eq!(ask("GET", "*").status, 304);
    assert_eq!(ask("GET", "\"other\"").status, 200);
    let list = story.anybody.get("/v1/organisations?limit=2").expect(200);
    let again = story.anybody.send("GET", "/v1/organisations?limit=2", &[("if-none-match", list.header("etag"))], None);
    assert_eq!(again.status, 304, "a list has its ETag too");
}

#[test]
fn head_answers_like_get_without_the_body() {
    let story = Story::begin();
    let address = format!("/v1/organisations/{}", story.enterprise.organisation.unwrap());
    let get = story.anybody.get(&address).expect(200);

    let head = story.anybody.send("HEAD", &address, &[], None);

    assert_eq!((head.status, head.text.as_str()), (200, ""));
    for name in ["etag", "registry-seq", "registry-version", "content-type", "content-length"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    assert_eq!(story.anybody.send("HEAD", "/v1/organisations/org_x", &[], None).status, 404);
}

#[test]
fn the_id_of_a_request_comes_back() {
    let story = Story::begin();
    let ask = |id: &str| story.anybody.send("GET", "/v1/organisations/x", &[("x-request-id", id)], None);

    let answer = ask("trace-1.2_3").problem(404, "not-found");

    assert_eq!(
        (answer.header("x-request-id"), answer.body["request_id"].as_str()),
        ("trace-1.2_3", Some("trace-1.2_3"))
    );
    for odd in ["a b", "<script>", &"x".repeat(129)] {
        assert_ne!(ask(odd).header("x-request-id"), odd);
    }
    assert_eq!(ask("x").header("x-content-type-options"), "nosniff");
}

#[test]
fn a_text_holds_nothing_that_nobody_sees() {
    let story = Story::begin();
    story.authority.post("/v1/organisations", &firm("大庆示例一厂")).expect(201);
    let hidden = ["\u{200B}", "\u{FEFF}", "\u{202E}", "\u{FFFF}", "\u{3164}", "大庆示例一厂\u{200B}", "大\u{2060}庆"];

    for name in hidden {
        let fault =
            story.authority.post("/v1/organisations", &firm(name)).problem(422, "invalid").body["errors"][0].clone();
        let escaped = name.escape_unicode();
        assert_eq!(
            (&fault["source"]["pointer"], &fault["rule"]),
            (&json!("/name"), &json!("invisible-character")),
            "{escaped}"
        );
    }
    for name in ["大庆\u{E815}厂", "大庆\u{FFFD}厂", "大庆锟斤拷厂"] {
        let answer = story.authority.post("/v1/organisations", &firm(name)).problem(422, "invalid");
        assert_eq!(answer.body["errors"][0]["rule"], "unreadable-character", "{}", answer.text);
    }
    // Ideographs of the extensions are in names.
    story.authority.post("/v1/organisations", &firm("𬭎鑫㐂䶮建材（大庆）有限公司")).expect(201);
}
