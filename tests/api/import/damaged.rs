//! Lists with damage at random, imported for good: what is then on record is true, or its row said that it may not be.

use super::{AUTHORITY, anybody, folder, report};
use crate::dice::Dice;
use lvcai_tests::{Client, rounds};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How many lists are imported.
const LISTS: u64 = 25;

const HEADER: [&str; 8] =
    ["企业名称", "产品名称", "规格型号", "产品类别", "认证等级", "证书编号", "有效期至", "认证机构"];
const KINDS: [(&str, &str); 2] = [("建筑门窗及配件", "gbm-09"), ("预拌混凝土", "gbm-06")];

/// A row as it was before it was damaged, column by column, and the code of its kind.
struct Truth {
    cells: [String; 8],
    kind: &'static str,
}

fn truth(dice: &mut Dice, list: u64, row: usize) -> Truth {
    let (kind, code) = dice.of(&KINDS);
    let cells = [
        format!("大庆第{}建材有限公司", dice.below(5)),
        format!("产品{list}-{row}甲"),
        dice.of(&["65系列", "C30", "DN100"]).to_owned(),
        kind.to_owned(),
        dice.of(&["一星", "二星", "三星"]).to_owned(),
        format!("CABR-{list:05}-{row:02}"),
        format!("20{}-{:02}-{:02}", 27 + dice.below(4), 1 + dice.below(12), 1 + dice.below(28)),
        "中国建筑科学研究院".to_owned(),
    ];
    Truth { cells, kind: code }
}

/// What has become of a cell.
fn damaged(dice: &mut Dice, column: usize, value: &str) -> String {
    // Another model or number cannot be told from the one that it was.
    let number = if matches!(column, 2 | 5) { "#REF!" } else { "45813" };
    let lost = ["#N/A", "NULL", "同上", "", "2.02501E+15", "=A1", "/", "详见附件", "〃", number, "￥#", "无"];
    match dice.below(19) {
        at @ 0..12 => lost[usize::try_from(at).unwrap()].to_owned(),
        12 => format!("\"{value}"),
        13 => format!("  {value}\u{3000}"),
        14 => format!("{value}\u{200b}"),
        15 => format!("\"{value}\u{3000}\""),
        16 if column == 6 => value.replace('-', "."),
        17 if column == 4 => value.replace('星', "星级"),
        _ => format!("{value},{value}"),
    }
}

/// A list of some rows with some cells damaged, and what they were, by row.
fn list(dice: &mut Dice, number: u64) -> (String, BTreeMap<u32, Truth>) {
    let end = dice.of(&["\r\n", "\n", "\r"]);
    let (mut lines, mut truths) = (vec![HEADER.join(",")], BTreeMap::new());
    for row in 0..6 {
        let truth = truth(dice, number, row);
        let cells = truth.cells.iter().enumerate();
        let cells: Vec<String> = cells
            .map(|(column, cell)| if dice.once_in(12) { damaged(dice, column, cell) } else { cell.clone() })
            .collect();
        lines.push(cells.join(","));
        truths.insert(u32::try_from(row + 2).unwrap(), truth);
    }
    if dice.once_in(3) {
        lines.push(dice.of(&["合计,6", "共 6 条", "制表人：某,,,,,,2026-01-02"]).to_owned());
    }
    (lines.join(end) + end, truths)
}

/// In what a certificate on record differs from the truth.
fn differences(certificate: &Value, truth: &Truth) -> Vec<String> {
    let [enterprise, product, model, _, star, number, valid_until, _] = &truth.cells;
    let stars = ["一星", "二星", "三星"].iter().position(|it| it == star).unwrap() + 1;
    let facts = [
        ("/number", Value::from(number.as_str())),
        ("/holder/name", Value::from(enterprise.as_str())),
        ("/product_name", Value::from(product.as_str())),
        ("/units/0/models/0", Value::from(model.as_str())),
        ("/kind", Value::from(truth.kind)),
        ("/star", Value::from(stars)),
        ("/valid_until", Value::from(valid_until.as_str())),
    ];
    // A certificate without models says nothing false: `/` and a blank cell are none.
    let nothing = certificate.pointer("/units/0/models/0").is_none();
    let differs =
        |(at, truth): &(&str, Value)| certificate.pointer(at) != Some(truth) && !(nothing && at.starts_with("/units"));
    let told = |(at, truth): (&str, Value)| format!("{at} is {:?} and was {truth}", certificate.pointer(at));
    facts.into_iter().filter(differs).map(told).collect()
}

/// How many rows of a list were taken without a word, each of which must be true.
fn check(told: &BTreeMap<u32, Vec<String>>, truths: &BTreeMap<u32, Truth>, client: &Client, csv: &str) -> usize {
    let mut silent = 0;
    for (row, told) in told.iter().filter(|(_, told)| told[0] != "refused" && told[6].is_empty()) {
        let certificate = client.get(&format!("/v1/certificates/{}", told[2])).expect(200).body;
        let truth = truths.get(row).unwrap_or_else(|| panic!("row {row} was none\n{csv}"));
        assert_eq!(differences(&certificate, truth), Vec::<String>::new(), "row {row}: {told:?}\n{csv}");
        silent += 1;
    }
    silent
}

#[test]
fn no_import_puts_a_wrong_fact_on_record_without_a_word() {
    let folder = folder();
    let serving = folder.serve();
    let client = anybody(&serving);
    let (mut silent, mut known) = (0, BTreeSet::new());
    for number in 0..rounds(LISTS) {
        let mut dice = Dice(number);
        let (csv, truths) = list(&mut dice, number);
        std::fs::write(folder.path("list.csv"), &csv).unwrap();
        let said = folder.run(&["import", "list.csv", "--authority", AUTHORITY, "--report", "out.csv"]);
        let told = if said.code == Some(0) { report(&folder, "out.csv") } else { BTreeMap::new() };
        silent += check(&told, &truths, &client, &csv);
        known.extend(told.values().filter(|it| it[0] != "refused").map(|it| it[2].clone()));
    }

    let kept: BTreeSet<String> =
        super::all(&client, "/v1/certificates").iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kept, known, "a certificate is on record that no report tells of");
    // To refuse everything would be right as well, and of no use.
    assert!(silent > usize::try_from(rounds(LISTS)).unwrap(), "{silent} rows were taken without a word");
}
