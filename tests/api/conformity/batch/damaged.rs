//! Tables as they are really sent: what was done to a line is told, and a line that is lost is found again.

use super::{CSV, counts, send};
use lvcai_domain::Role;
use lvcai_tests::Story;
use serde_json::json;

const COVERED: &str = "?scheme=star_certification&kind=gbm-09&star=3";
const HEADER: &str = "1、证书编号,证书状态：,颁证日期,到期日期【必填】,产品名称 Product,规格型号,认证委托人名称,暂停原因,暂停开始时间,备注";

fn row(number: &str, status: &str, models: &str, rest: &str) -> String {
    format!("{number},{status},2025-06-05,2030-06-04,内平开塑料窗,{models},大庆示例门窗有限公司,{rest}\n")
}

#[test]
fn a_line_says_what_was_done_to_it_and_keeps_its_number() {
    let story = Story::begin();
    let auditor = story.server.client(story.server.organisation("审计局", Role::Auditor), "auditor", "read:private");
    let table = [
        format!("{HEADER}\n"),
        row("A-1", "有效", "详见附件", ",,"),
        row("A-2", "02暂停", "65系列", "0203；0205,2026-03-01,甲"),
        row("A-3", "不明", "65系列", ",,"),
        row("2.02501E+15", "有效", "65系列", ",,"),
        row("NULL", "有效", "65系列", ",,"),
        "合计,5\n".to_owned(),
    ];

    let answer = send(&story.body, COVERED, ("one", CSV), table.concat().as_bytes()).expect(200);

    assert_eq!(counts(&answer), [2, 0, 0, 3], "{}", answer.text);
    let outcomes = answer.body["outcomes"].as_array().unwrap();
    assert_eq!(outcomes[0]["notes"][0]["note"], "in-attachment");
    assert_eq!(outcomes[1]["notes"][0]["pointer"], "/status_reason");
    assert_eq!([&outcomes[2]["number"], &outcomes[2]["line"]], [&json!("A-3"), &json!(4)]);
    assert!(outcomes[4]["errors"][0]["detail"].as_str().unwrap().contains("NULL"), "{}", answer.text);
    assert_eq!(answer.body["passed_rows"], json!([{ "line": 7, "text": "合计 5" }]));
    let of = |number: &str| {
        let page = story.anybody.get(&format!("/v1/certificates?number={number}")).expect(200);
        page.body["items"][0].clone()
    };
    assert_eq!(
        (of("A-1").get("units").and_then(|it| it.as_array()).map_or(0, Vec::len), &of("A-1")["remark"]),
        (0, &json!("型号规格：详见附件"))
    );
    assert_eq!([&of("A-2")["status_on"], &of("A-2")["remark"]], ["2026-03-01", "甲；暂停原因：0203；0205"]);
    let refusals = auditor.get("/v1/refusals?limit=100").expect(200);
    let subjects: Vec<&str> =
        refusals.body["items"].as_array().unwrap().iter().filter_map(|it| it["subject"].as_str()).collect();
    assert!(subjects.iter().any(|it| it.ends_with("/A-3")), "{subjects:?}");
}

#[test]
fn a_quote_that_takes_rows_in_refuses_the_batch() {
    let story = Story::begin();
    let table = [format!("{HEADER}\n"), row("A-1", "有效", "65系列", ",,\"首批"), row("A-2", "有效", "65系列", ",,")];

    let refused = send(&story.body, COVERED, ("one", CSV), table.concat().as_bytes()).expect(422);

    assert!(refused.body["errors"][0]["detail"].as_str().unwrap().contains("第 2 行"), "{}", refused.text);
    assert_eq!(super::known(&story), 0);
}

#[test]
fn texts_are_as_long_as_the_template_allows() {
    let story = Story::begin();
    let (name, holder) = ("窗".repeat(2000), "厂".repeat(500));
    let models: Vec<String> = (0..700).map(|it| format!("G{it}")).collect();
    let table = format!(
        "证书编号,证书状态,证书发证日期,证书到期日期,产品名称及单元(主),型号规格,认证委托人名称(主)\n\
         A-1,有效,2025-06-05,2030-06-04,{name},{},{holder}\n",
        models.join("、")
    );

    let answer = send(&story.body, COVERED, ("one", CSV), table.as_bytes()).expect(200);

    assert_eq!(counts(&answer), [1, 0, 0, 0], "{}", answer.text);
}
