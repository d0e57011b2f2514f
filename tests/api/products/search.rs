//! Products are found by the words that people use, alike on both databases.

use lvcai_domain::Role;
use lvcai_tests::{Client, Story};
use serde_json::json;

pub(super) fn asked(question: &str) -> String {
    let question: String = question.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("/v1/products?limit=500&q={question}")
}

/// The identifiers of what a client finds, in the order of the answer.
#[track_caller]
pub(super) fn found(client: &Client, path: &str) -> Vec<String> {
    let items = client.get(path).expect(200).body["items"].as_array().unwrap().clone();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
pub(super) fn finds(client: &Client, question: &str) -> Vec<String> {
    found(client, &asked(question))
}

pub(super) fn admit(story: &Story, product: &serde_json::Value) -> String {
    let id = story.enterprise.post("/v1/products", product).expect(201).id();
    story.authority.post(&format!("/v1/products/{id}/transitions"), &json!({ "step": "admit" })).expect(200);
    id
}

#[test]
fn a_product_is_found_by_the_words_people_use() {
    let story = Story::begin();
    let product = json!({
        "name": "C30混凝土（泵送）", "kind": "gbm-06", "trademark": "ＮＥＡＲ牌", "models": ["P·O 42.5", "ＸＰＳ-150"]
    });
    let (concrete, other) = (admit(&story, &product), story.product("蒸压加气砌块"));

    let questions = [
        "混凝",
        "凝土",
        "混凝土",
        "泵",
        "泵送",
        "C30混凝土",
        "c30",
        "Ｃ３０",
        "C3",
        "混凝土 C30",
        "42.5",
        "42",
        "xps",
        "XPS-15",
        "ｘｐｓ",
        "near",
        "NEAR牌",
        "示例门窗 泵送",
        "泵送（混凝土）",
        "p·o",
        "PO42.5",
        "P•O42.5",
        "O42.5",
        "30",
        "PS",
        "150",
        "混凝土泵送",
    ];
    for question in questions {
        assert_eq!(finds(&story.anybody, question), [concrete.as_str()], "{question}");
    }
    for question in ["凝混", "0混", "0", "2.5", "PSX", "混凝土板", "C30混凝土（泵送）Q", "混凝土 砌块"]
    {
        assert_eq!(finds(&story.anybody, question), Vec::<String>::new(), "{question}");
    }
    assert_eq!(finds(&story.anybody, "大庆示例"), [other, concrete], "the newest first, by the enterprise's name");
}

#[test]
fn what_looks_like_an_operator_is_text() {
    let story = Story::begin();
    let window = admit(&story, &json!({ "name": "NEAR 内平开窗", "kind": "gbm-09" }));

    for text in ["NEAR", "窗*", "\"窗\"", "^窗", "'窗'", "窗 & 开", "(窗", "窗:*", "窗\\", "窗\"*", "near\" 窗", "N'EB"]
    {
        let expected = if text == "N'EB" { vec![] } else { vec![window.clone()] };
        assert_eq!(finds(&story.anybody, text), expected, "{text}");
    }
    for text in [
        "NEAR(窗 砖)",
        "窗 OR 砖",
        "窗 | 砖",
        "窗 AND 开",
        "NOT 砖",
        "content:窗",
        "窗'; DROP TABLE products; --",
        "tokens : 窗",
    ] {
        assert_eq!(finds(&story.anybody, text), Vec::<String>::new(), "{text}");
    }
    for text in [
        "×", "·", "•", "🪟", "。", "\u{200B}", "*", "\"", "'", "&", "|", ":*", "\\", "%", "_", "()", "\"\"", "--", "",
        " ",
    ] {
        let refused = story.anybody.get(&asked(text)).problem(400, "unknown-parameter");
        assert!(refused.text.contains("没有可供检索的文字"), "{}", refused.text);
    }
    assert_eq!(finds(&story.anybody, "内平开窗"), [window]);
}

#[test]
fn a_renamed_enterprise_is_found_by_its_new_name_and_in_the_past_by_its_old() {
    let story = Story::begin();
    let product = story.product("内平开窗");
    let before = story.anybody.get("/v1/products").seq();
    let maker = format!("/v1/organisations/{}", story.enterprise.organisation.unwrap());
    let etag = story.anybody.get(&maker).header("etag").to_owned();

    story.authority.patch(&maker, &etag, &json!({ "name": "安达更名建材厂" })).expect(200);

    assert_eq!(finds(&story.anybody, "安达更名"), [product.as_str()]);
    assert_eq!(finds(&story.anybody, "大庆示例"), Vec::<String>::new());
    assert_eq!(found(&story.anybody, &format!("{}&as_of={before}", asked("大庆示例"))), [product]);
    assert_eq!(found(&story.anybody, &format!("{}&as_of={before}", asked("安达更名"))), Vec::<String>::new());
}

#[test]
fn a_renamed_product_is_found_by_its_new_name_and_in_the_past_by_its_old() {
    let story = Story::begin();
    let product = story.product("内平开窗");
    let read = story.anybody.get(&format!("/v1/products/{product}"));
    let etag = read.header("etag").to_owned();

    story
        .enterprise
        .patch(&format!("/v1/products/{product}"), &etag, &json!({ "name": "外悬木门", "models": ["75系列"] }))
        .expect(200);

    for (now, then) in [("木门", "开窗"), ("75", "65")] {
        assert_eq!(finds(&story.anybody, now), [product.as_str()]);
        assert_eq!(finds(&story.anybody, then), Vec::<String>::new());
        assert_eq!(found(&story.anybody, &format!("{}&as_of={}", asked(then), read.seq())), [product.as_str()]);
        assert_eq!(found(&story.anybody, &format!("{}&as_of={}", asked(now), read.seq())), Vec::<String>::new());
    }
}

#[test]
fn drafts_are_found_by_their_owner_and_the_authority_alone() {
    let story = Story::begin();
    let rival = story.server.organisation("大庆另一门窗有限公司", Role::Enterprise);
    let rival = story.server.client(rival, "rival-1", "products:write");
    let draft =
        story.enterprise.post("/v1/products", &json!({ "name": "未公开窗", "kind": "gbm-09" })).expect(201).id();

    for client in [&story.enterprise, &story.authority] {
        assert_eq!(finds(client, "未公开"), [draft.as_str()]);
    }
    for client in [&story.anybody, &rival, &story.body] {
        assert_eq!(finds(client, "未公开"), Vec::<String>::new());
        assert_eq!(found(client, "/v1/products?status=draft"), Vec::<String>::new());
    }
    story.authority.post(&format!("/v1/products/{draft}/transitions"), &json!({ "step": "admit" })).expect(200);
    assert_eq!(finds(&story.anybody, "未公开"), [draft]);
}

#[test]
fn pages_neither_skip_nor_repeat_while_data_changes() {
    let story = Story::begin();
    let mut expected: Vec<String> = (0..45).map(|number| story.product(&format!("第{number}种塑料窗"))).collect();
    expected.reverse();
    let (mut seen, mut next, mut cut) = (Vec::new(), Some(asked("塑料窗").replace("limit=500", "limit=10")), None);

    while let Some(path) = next {
        let page = story.anybody.get(&path).expect(200);
        assert!(
            *cut.get_or_insert(page.seq()) == page.seq() && page.body["page"]["as_of"] == page.seq(),
            "{}",
            page.text
        );
        seen.extend(page.body["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let link =
            page.header("link").trim_start_matches('<').split_once(">; rel=\"next\"").map(|(path, _)| path.to_owned());
        assert_eq!(link.is_some(), page.body["page"]["next"].is_string());
        next = link;
        // One more that matches, one that no longer does, on either side of the page.
        story.product("新到的塑料窗");
        for id in [&expected[seen.len() % 45], &expected[(seen.len() + 44) % 45]] {
            let etag = story.anybody.get(&format!("/v1/products/{id}")).header("etag").to_owned();
            story.enterprise.patch(&format!("/v1/products/{id}"), &etag, &json!({ "name": "已改名木门" })).expect(200);
        }
    }

    assert_eq!(seen, expected);
}

#[test]
fn both_databases_find_what_a_plain_scan_finds() {
    let story = Story::begin();
    let corpus: Vec<(String, String)> = (0..300)
        .map(|number| {
            let (product, text) = generated(number);
            (admit(&story, &product), format!("{text} · 大庆示例门窗有限公司"))
        })
        .collect();
    let questions = questions();
    assert_eq!(questions.len(), 76);
    let mut hits = 0;

    for question in questions {
        let expected: Vec<&String> =
            corpus.iter().rev().filter(|(_, text)| holds(text, &question)).map(|(id, _)| id).collect();
        let found = finds(&story.anybody, &question);
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{question}");
        hits += found.len();
    }
    assert!(hits > 2000, "the questions find too little to tell: {hits}");
}

#[test]
fn a_number_is_found_by_its_beginning_wherever_else_its_digits_stand() {
    let story = Story::begin();
    let wanted = admit(&story, &json!({ "name": "水泥", "kind": "gbm-06", "models": ["P·O 42.5R"] }));
    admit(&story, &json!({ "name": "水泥", "kind": "gbm-06", "models": ["142.5", "42"] }));
    admit(&story, &json!({ "name": "水泥", "kind": "gbm-06", "models": ["142.5", "42 5"] }));

    assert_eq!(finds(&story.anybody, "42.5"), [wanted]);
}

const PLACES: [&str; 6] = ["内平开", "外平开", "推拉", "自保温", "高性能", "预拌"];
const THINGS: [&str; 10] =
    ["塑料窗", "铝合金窗", "木门", "混凝土", "砂浆", "加气混凝土砌块", "岩棉板", "中空玻璃", "防水卷材", "石膏板"];
const MODELS: [&str; 8] = ["C30", "DN100", "M5", "GC65系列", "P·O 42.5", "ＸＰＳ-150", "SBS Ⅱ", "9.5×1200×3000mm"];
const MARKS: [&str; 5] = ["龙", "北新", "Dragon", "雨虹牌", "ＡＢＣ"];

fn generated(number: usize) -> (serde_json::Value, String) {
    let name = format!(
        "{}{}{}",
        PLACES[number % 6],
        THINGS[number / 6 % 10],
        if number.is_multiple_of(7) { "（节能型）" } else { "" }
    );
    let models = [MODELS[number % 8], MODELS[number / 8 % 8]];
    let mark = MARKS[number / 3 % 5];
    let text = format!("{name}\n{mark}\n{}\n{}", models[0], models[1]);
    (json!({ "name": name, "kind": "gbm-09", "trademark": mark, "models": models }), text)
}

const SINGLE: [&str; 8] = ["窗", "门", "混", "龙", "板", "型", "庆", "砂"];
const WORDS: [&str; 24] = [
    "塑料",
    "料窗",
    "合金",
    "铝合金窗",
    "混凝土",
    "凝土",
    "加气",
    "砌块",
    "岩棉",
    "中空玻璃",
    "防水",
    "卷材",
    "石膏板",
    "节能",
    "节能型",
    "推拉",
    "预拌混凝土",
    "自保温岩棉",
    "系列",
    "雨虹",
    "大庆示例",
    "平开",
    "气混凝",
    "示例门窗有限公司",
];
const LATIN: [&str; 30] = [
    "c30",
    "C3",
    "c",
    "m5",
    "65",
    "42.5",
    "42",
    "xps",
    "xps-150",
    "sbs",
    "ii",
    "dragon",
    "drag",
    "abc",
    "5",
    "po42",
    "p",
    "100",
    "n100",
    "gc65",
    "PO42.5",
    "9.5x1200x3000",
    "1200",
    "x3000",
    "ps",
    "bs",
    "o42.5",
    "2.5",
    "00",
    "150",
];
const MIXED: [&str; 14] = [
    "混凝土 C30",
    "塑料窗 65系列",
    "雨虹 砂浆",
    "龙 窗 M5",
    "Ｄｒａｇｏｎ",
    "65系列",
    "节能 岩棉 C35",
    "DRAGON 木门",
    "不存在",
    "窗门",
    "zzz",
    "塑料窗节能型",
    "鋁合金",
    "窗节能",
];

fn questions() -> Vec<String> {
    [&SINGLE[..], &WORDS, &LATIN, &MIXED].concat().into_iter().map(str::to_owned).collect()
}

/// Half width and lower case.
fn plain(text: &str) -> String {
    let half = |c: char| if ('！'..='～').contains(&c) { char::from_u32(u32::from(c) - 0xFEE0).unwrap() } else { c };
    text.chars().map(half).flat_map(char::to_lowercase).collect()
}

fn is_chinese(c: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&c)
}

/// The letters and digits of a text, with a mark before each number; points between digits belong to it.
fn folded(text: &str) -> String {
    let plain = plain(text).replace("mm", "").replace('×', "x").replace(['Ⅱ', 'ⅱ'], "ii").replace('鋁', "铝");
    let chars: Vec<char> = plain.chars().collect();
    let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let in_number = |at: usize| digit(at) || chars.get(at) == Some(&'.') && at > 0 && digit(at - 1) && digit(at + 1);
    let mut folded = String::new();
    for (at, c) in chars.iter().enumerate() {
        if digit(at) && (at == 0 || !in_number(at - 1)) {
            folded.push('#');
        }
        if c.is_alphanumeric() || in_number(at) {
            folded.push(*c);
        }
    }
    folded
}

/// The parts of a question: words as they are parted, and Chinese by itself.
fn parts(question: &str) -> Vec<String> {
    let folded: Vec<String> = question.split([' ', '-']).map(folded).collect();
    let chinese = |word: &String| {
        let chars: Vec<char> = word.chars().collect();
        let runs: Vec<String> =
            chars.chunk_by(|one, next| is_chinese(*one) == is_chinese(*next)).map(String::from_iter).collect();
        runs
    };
    folded.iter().flat_map(chinese).collect()
}

/// Each part of the question stands in one of the fields.
fn holds(text: &str, question: &str) -> bool {
    let fields: Vec<String> = text.split('\n').map(folded).collect();
    parts(question).iter().all(|part| fields.iter().any(|field| field.contains(part.as_str())))
}
