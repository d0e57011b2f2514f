//! What lists have in common: filters that name something, order, count, and what caches may keep.

use lvcai_tests::{Answer, BODY, LABORATORY, LIST, NUMBER, OTHER_BODY, Story, address, record};
use serde_json::{Value, json};

/// The values of a member of the items of a list.
fn members(answer: &Answer, name: &str) -> Vec<Value> {
    answer.body["items"].as_array().unwrap().iter().map(|it| it[name].clone()).collect()
}

/// A certificate that ends on a day.
fn ending(story: &Story, number: &str, day: &str) -> String {
    let mut record = record();
    record["valid_until"] = json!(day);
    story.body.put(&address(BODY, number), &record).expect(201).id()
}

/// Every page of a list, one item at a time.
fn one_by_one(story: &Story, path: &str, name: &str) -> Vec<Value> {
    let (mut found, mut next) = (Vec::new(), path.to_owned());
    loop {
        let answer = story.anybody.get(&next).expect(200);
        found.extend(members(&answer, name));
        match answer.body["page"]["next"].as_str() {
            Some(cursor) => next = format!("{path}&cursor={cursor}"),
            None => return found,
        }
    }
}

#[test]
fn a_filter_that_names_nothing_known_is_refused_with_what_it_may_name() {
    let story = Story::begin();
    story.open_list();
    story.laboratory();
    let refused = |path: &str| {
        let answer = story.anybody.get(path).problem(400, "unknown-parameter");
        let fault = answer.body["errors"][0].clone();
        assert_eq!(fault["rule"], "code-unknown", "{path}: {}", answer.text);
        (fault["source"]["parameter"].clone(), fault["allowed"].as_array().unwrap().clone())
    };

    assert_eq!(refused("/v1/listings?list=typo"), (json!("list"), vec![json!(LIST)]));
    assert_eq!(refused("/v1/products?listed_in=typo"), (json!("listed_in"), vec![json!(LIST)]));
    assert_eq!(refused("/v1/test-reports?laboratory=999999999999"), (json!("laboratory"), vec![json!(LABORATORY)]));
    for path in ["/v1/certificates?certification_body", "/v1/organisations?approval_number"] {
        let (_, near) = refused(&format!("{path}=CNCA-R-2006-1480"));
        assert!(near.len() < 10 && near.contains(&json!(BODY)), "the nearest of many: {near:?}");
    }
    for path in ["/v1/products?kind=gmb-09", "/v1/certificates?kind=gmb-09", "/v1/listings?kind=gmb-09"] {
        let answer = story.anybody.get(path).problem(400, "unknown-parameter");
        assert!(answer.body["errors"][0]["allowed"].as_array().unwrap().contains(&json!("gbm-09")), "{path}");
    }
    for path in ["/v1/listings?list", "/v1/products?listed_in"] {
        let then = story.anybody.get(&format!("{path}={LIST}&as_of=0")).expect(200);
        assert_eq!(then.body["items"], json!([]), "what was not known then is no fault of the question");
    }
}

#[test]
fn a_kind_and_a_division_have_addresses_of_their_own() {
    let story = Story::begin();
    for (list, code) in [("kinds", "gbm-09"), ("divisions", "230600")] {
        let all = story.anybody.get(&format!("/v1/{list}")).expect(200).body["items"].clone();
        let one = story.anybody.get(&format!("/v1/{list}/{code}")).expect(200);

        assert!(all.as_array().unwrap().contains(&one.body), "{}", one.text);
        assert_eq!(one.body["code"], code);
        let again = [("if-none-match", one.header("etag"))];
        assert_eq!(story.anybody.send("GET", &format!("/v1/{list}/{code}"), &again, None).status, 304);
        story.anybody.get(&format!("/v1/{list}/none")).problem(404, "not-found");
        story.anybody.get(&format!("/v1/{list}/{code}?as_of=0")).problem(404, "not-found");
    }
}

#[test]
fn certificates_are_listed_by_their_last_day_where_that_is_asked() {
    let story = Story::begin();
    let days = ["2029-01-01", "2027-01-01", "2028-01-01", "2027-01-01"];
    let ids: Vec<String> = days.iter().enumerate().map(|(at, day)| ending(&story, &format!("A-{at}"), day)).collect();
    let of = |places: [usize; 4]| places.map(|at| json!(ids[at])).to_vec();

    for (sort, places) in [("", [3, 2, 1, 0]), ("&sort=-id", [3, 2, 1, 0])] {
        assert_eq!(one_by_one(&story, &format!("/v1/certificates?limit=1{sort}"), "id"), of(places), "{sort}");
    }
    for (sort, places) in [("valid_until", [1, 3, 2, 0]), ("-valid_until", [0, 2, 3, 1])] {
        let path = format!("/v1/certificates?limit=1&sort={sort}");
        assert_eq!(one_by_one(&story, &path, "id"), of(places), "{sort}");
        let body = format!("{path}&certification_body={BODY}");
        assert_eq!(one_by_one(&story, &body, "id"), of(places), "{sort}");
    }
    let answer = story.anybody.get("/v1/certificates?sort=number").problem(400, "unknown-parameter");
    assert_eq!(answer.body["errors"][0]["allowed"], json!(["-id", "valid_until", "-valid_until"]));
}

#[test]
fn the_last_publication_is_the_first_of_the_list() {
    let story = Story::begin();
    let product = story.product("窗");
    story.evidence(&product, &story.certificate(NUMBER));
    story.open_list();
    let path = format!("/v1/lists/{LIST}/publications");
    let draft = json!({ "title": "草稿", "products": [product] });
    let first_drafted = story.authority.post(&path, &draft).expect(201).id();
    story.publish(&[&product]);
    let steps = format!("{path}/{first_drafted}/transitions");
    story.second.post(&steps, &json!({ "step": "approve" })).expect(200);
    story.authority.post(&steps, &json!({ "step": "publish" })).expect(200);
    let open = story.authority.post(&path, &draft).expect(201).id();

    assert_eq!(one_by_one(&story, &format!("{path}?limit=1"), "number"), [json!(2), json!(1)]);
    let all = |query: &str| members(&story.authority.get(&format!("{path}?{query}")).expect(200), "id");
    assert_eq!((all("")[2].clone(), all("sort=-id")[0].clone()), (json!(open), json!(open)));
    assert_eq!((all("status=draft"), all("status=published").len()), (vec![json!(open)], 2));
}

#[test]
fn a_list_is_counted_where_that_is_asked() {
    let story = Story::begin();
    for number in ["A-1", "A-2", "B-1"] {
        story.certificate(number);
    }
    let draft = json!({ "name": "窗", "kind": "gbm-09" });
    story.enterprise.post("/v1/products", &draft).expect(201);
    let total = |path: &str| story.anybody.get(path).expect(200).body["page"]["total"].clone();

    assert_eq!(total("/v1/certificates?limit=1&count=exact"), 3);
    assert_eq!(total("/v1/certificates?number=A&count=exact&limit=1"), 2);
    assert_eq!(total("/v1/certificates?limit=1"), Value::Null);
    assert_eq!(total("/v1/products?count=exact"), 0, "a draft is not counted for others");
    assert_eq!(story.enterprise.get("/v1/products?count=exact").expect(200).body["page"]["total"], 1);
    for list in ["test-reports", "evidence", "listings", "lists", "laboratories"] {
        assert_eq!(total(&format!("/v1/{list}?count=exact")), 0, "{list}");
    }
    for list in ["organisations", "certification-bodies"] {
        let counted = total(&format!("/v1/{list}?count=exact&limit=1"));
        let all = story.anybody.get(&format!("/v1/{list}?limit=500")).expect(200);
        assert_eq!(counted, members(&all, "name").len(), "{list}");
    }
    let page = story.anybody.get("/v1/certificates?limit=1&count=exact").expect(200).body["page"].clone();
    let next = format!("/v1/certificates?limit=1&count=exact&cursor={}", page["next"].as_str().unwrap());
    assert_eq!(total(&next), 3, "each page tells it");
    story.anybody.get("/v1/certificates?count=all").problem(400, "unknown-parameter");
}

#[test]
fn lists_are_narrowed_by_what_people_look_for() {
    let story = Story::begin();
    let (product, certificate) = (story.product("窗"), story.certificate(NUMBER));
    story.product("另一个窗");
    story.evidence(&product, &certificate);
    story.open_list();
    story.publish(&[&product]);
    let enterprise = story.enterprise.organisation.unwrap();
    let authority = story.authority.organisation.unwrap();
    let (mine, other) = (format!("enterprise={enterprise}"), format!("enterprise={authority}"));
    let count = |path: &str| story.anybody.get(path).expect(200).body["items"].as_array().unwrap().len();

    for (list, found, not) in [
        ("listings", mine.as_str(), other.as_str()),
        ("listings", "kind=gbm-09", "kind=gbm-10"),
        ("listings", "expires_before=2030-06-05", "expires_before=2030-06-04"),
        ("evidence", &mine, &other),
        ("certificates", "record_source=certification_body", "record_source=city_list"),
        ("lists", &format!("publisher={authority}"), &format!("publisher={enterprise}")),
        ("products", &format!("certificate={certificate}"), "certificate=cert_00000000-0000-7000-8000-000000000000"),
        (
            "products",
            &format!("certificate={certificate}&valid_on=2026-03-02"),
            &format!("certificate={certificate}&valid_on=2026-03-01"),
        ),
    ] {
        assert_eq!(
            (count(&format!("/v1/{list}?{found}")), count(&format!("/v1/{list}?{not}"))),
            (1, 0),
            "{list} {found}"
        );
    }
    let bodies = [BODY, OTHER_BODY].map(|it| {
        members(&story.anybody.get(&format!("/v1/organisations?approval_number={it}")).expect(200), "approval_number")
    });
    assert_eq!(bodies, [vec![json!(BODY)], vec![json!(OTHER_BODY)]]);
}

#[test]
fn a_list_that_is_the_same_is_not_sent_again() {
    let story = Story::begin();
    let certificate = story.certificate(NUMBER);
    story.certificate("A-2");
    let versions = format!("/v1/certificates/{certificate}/versions");
    let paths = ["/v1/certificates?limit=1", "/v1/certificates?limit=1&count=exact", "/v1/kinds", versions.as_str()];
    let tags = paths.map(|path| story.anybody.get(path).expect(200).header("etag").to_owned());
    assert!(tags.iter().all(|tag| tag.starts_with("W/")), "{tags:?}");
    story.product("窗");

    for (path, tag) in paths.iter().zip(&tags) {
        for sent in [tag.clone(), format!("\"x\", {}", tag.trim_start_matches("W/"))] {
            let again = story.anybody.send("GET", path, &[("if-none-match", &sent)], None).expect(304);
            assert_eq!((again.text.as_str(), again.header("etag")), ("", tag.as_str()), "{path}");
        }
    }

    story.certificate("A-3");
    for path in &paths[..2] {
        let tag = story.anybody.get(path).expect(200).header("etag").to_owned();
        assert!(!tags.contains(&tag), "{path} has another item");
    }
}

#[test]
fn what_is_published_is_kept_for_ever() {
    let story = Story::begin();
    let product = story.product("窗");
    story.evidence(&product, &story.certificate(NUMBER));
    story.open_list();
    let id = story.publish(&[&product])["id"].as_str().unwrap().to_owned();
    let base = format!("/v1/lists/{LIST}/publications");
    let kept = |path: &str| story.anybody.get(path).expect(200).header("cache-control").to_owned();

    for path in ["1", "1/document", "1/entries"] {
        assert_eq!(kept(&format!("{base}/{path}")), "public, max-age=31536000, immutable", "{path}");
    }
    for path in [base.clone(), format!("{base}/{id}"), format!("{base}/1/versions"), "/v1/products".to_owned()] {
        assert_eq!(kept(&path), "no-cache", "{path}");
    }
    let missing = story.anybody.get(&format!("{base}/2/document")).problem(404, "not-found");
    assert!(missing.headers.get("cache-control").is_none_or(|it| !it.to_str().unwrap().contains("immutable")));
}
