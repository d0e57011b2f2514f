//! What people type is found however a list prints it; what nobody can read is not taken.

use super::search::{admit, asked, finds, found};
use lvcai_domain::Role;
use lvcai_store::Clock;
use lvcai_tests::{BEGINNING, Story};
use serde_json::json;

#[test]
fn what_people_type_is_found_however_a_list_prints_it() {
    let story = Story::begin();
    let cases: [(&str, &[&str], &[&str]); 9] = [
        ("雨虹牌P·O 42.5水泥", &[], &["42.5", "PO42.5", "P•O42.5", "P・O 42.5", "p.o42.5"]),
        ("焊接管", &["DN100"], &["100", "dn100", "DN 100"]),
        (
            "纸面石膏板 9.5mm×1200mm×3000mm",
            &["9.5×1200×3000"],
            &[
                "9.5x1200x3000",
                "9.5*1200*3000",
                "９．５Ｘ１２００Ｘ３０００",
                "9.5mm×1200mm×3000mm",
                "1200×3000",
                "9.5mm",
            ],
        ),
        ("钢质户门 甲级", &[], &["钢质户门甲级", "户门甲", "鋼質戶門"]),
        ("防水涂料（单组分）", &[], &["防水涂料单组分", "防水塗料", "单组分 防水"]),
        ("推拉窗", &["GC65"], &["65", "GC65", "gc 65", "gc-65"]),
        ("臺灣式鋁合金門窗", &[], &["台湾式铝合金门窗", "臺灣式", "門窗", "门窗"]),
        ("大庆·示例砌块", &[], &["大庆•示例砌块", "大庆・示例砌块", "大庆‧示例", "大庆示例砌块"]),
        ("改性SBS卷材 Ⅱ型", &["SBS II PY PE 4"], &["SBS", "改性sbs", "II型", "Ⅱ型"]),
    ];
    let products: Vec<String> = cases
        .iter()
        .map(|(name, models, _)| admit(&story, &json!({ "name": name, "kind": "gbm-09", "models": models })))
        .collect();

    for ((_, _, questions), product) in cases.iter().zip(products) {
        for question in *questions {
            assert!(finds(&story.anybody, question).contains(&product), "{question}");
        }
    }
    for question in ["2.5", "00", "5x12", "甲级钢质"] {
        assert_eq!(finds(&story.anybody, question), Vec::<String>::new(), "{question}");
    }
}

#[test]
fn a_filter_over_a_closed_list_names_what_is_allowed() {
    let story = Story::begin();

    for path in ["/v1/products", "/v1/certificates"] {
        for kind in ["gbm-99", "GBM-09", "gbm-09,gbm-10", "", "%60gbm-09%60"] {
            let refused = story.anybody.get(&format!("{path}?kind={kind}")).problem(400, "unknown-parameter");
            let fault = &refused.body["errors"][0];
            assert_eq!(
                (&fault["source"]["parameter"], &fault["rule"]),
                (&json!("kind"), &json!("not-allowed")),
                "{}",
                refused.text
            );
            let allowed = fault["allowed"].as_array().unwrap();
            assert!(allowed.contains(&json!("gbm-09")) && !allowed.contains(&json!("gbm-99")), "{}", refused.text);
        }
        story.anybody.get(&format!("{path}?kind=gbm-09")).expect(200);
    }
}

#[test]
fn what_nobody_can_read_is_refused_where_it_is_written() {
    let story = Story::begin();

    for (text, rule) in [
        ("大庆\u{FFFD}窗", "unreadable-character"),
        ("大庆\u{E863}窗", "unreadable-character"),
        ("大庆\u{F0001}窗", "unreadable-character"),
        ("大庆\u{0378}窗", "unreadable-character"),
        ("大庆锟斤拷窗", "unreadable-character"),
        ("大庆\u{200B}窗", "invisible-character"),
    ] {
        for (pointer, product) in [
            ("/name", json!({ "name": text, "kind": "gbm-09" })),
            ("/models/1", json!({ "name": "窗", "kind": "gbm-09", "models": ["65", text] })),
            ("/trademark", json!({ "name": "窗", "kind": "gbm-09", "trademark": text })),
        ] {
            let refused = story.enterprise.post("/v1/products", &product).problem(422, "invalid");
            let fault = &refused.body["errors"][0];
            assert_eq!(
                (&fault["source"]["pointer"], &fault["rule"]),
                (&json!(pointer), &json!(rule)),
                "{}",
                refused.text
            );
        }
    }
    let rare = admit(&story, &json!({ "name": "大庆䶮𠮷窗", "kind": "gbm-09" }));
    assert_eq!(finds(&story.anybody, "䶮𠮷"), [rare]);
}

#[test]
fn what_another_release_folded_is_folded_anew_at_start() {
    let story = Story::begin();
    let product = admit(&story, &json!({ "name": "雨虹牌P·O 42.5水泥", "kind": "gbm-09", "models": ["DN100"] }));
    let address = format!("/v1/products/{product}");
    let before = story.anybody.get(&address).seq();
    let etag = story.anybody.get(&address).header("etag").to_owned();
    story.enterprise.patch(&address, &etag, &json!({ "name": "砌块（自保温）" })).expect(200);
    let maker = format!("/v1/organisations/{}", story.enterprise.organisation.unwrap());
    let etag = story.anybody.get(&maker).header("etag").to_owned();
    story.authority.patch(&maker, &etag, &json!({ "name": "安达·更名建材厂" })).expect(200);
    let double = story.server.organisation("大庆•旧厂", Role::Enterprise);
    let ask = |words: &str, as_of: i64| found(&story.anybody, &format!("{}&as_of={as_of}", asked(words)));
    let now = story.anybody.get("/v1/products").seq();

    let mut conn = story.server.database.conn();
    conn.batch_execute(
        "UPDATE product_texts SET content = 'x', seq_from = seq_from + 1;
         UPDATE organisations SET name_key = 'x';
         UPDATE text_form SET form = 0;",
    )
    .unwrap();
    assert_eq!(ask("42.5", before), Vec::<String>::new());
    let (registry, writer) =
        lvcai_store::open(&story.server.database.url, 1, Clock::standing(BEGINNING.parse().unwrap())).unwrap();
    drop(registry);
    writer.join().unwrap();

    for (words, then, later) in [
        ("PO42.5", true, false),
        ("100", true, true),
        ("砌块自保温", false, true),
        ("大庆示例", true, false),
        ("安达更名", false, true),
    ] {
        assert_eq!(!ask(words, before).is_empty(), then, "{words} then");
        assert_eq!(!ask(words, now).is_empty(), later, "{words} now");
    }
    let refused = story.authority.post("/v1/organisations", &json!({ "name": "大庆・旧厂", "roles": ["enterprise"] }));
    assert!(refused.problem(409, "likely-double").text.contains(&double.to_string()));
}
