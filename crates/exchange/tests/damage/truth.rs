//! Lists with damage at random, and the truth beside: what is read is true, or it is said that it may not be.
//!
//! Each step writes one table with a few damaged cells, reads it as a city's list and as a batch, as csv, xlsx and xls,
//! and compares. `LVCAI_DAMAGE_STEPS` makes the run longer, `LVCAI_DAMAGE_SEED` makes it another.

use std::collections::BTreeMap;

use crate::dice::Dice;
use crate::files::{Sheet, json, lines, list};
use lvcai_exchange::lines::Line;
use lvcai_exchange::{ListRow, ReadError};

const STEPS: usize = 500;
const FIELDS: [&str; 8] =
    ["enterprise", "product", "models", "kind", "number", "valid_until", "issued_on", "certification_body"];
const HEADERS: [&[&str]; 8] = [
    &["企业名称", "认证委托人名称(主)", "3、申报单位名称", "企业名称 Enterprise"],
    &["产品名称", "产品名称及单元(主)", "绿色建材产品名称", "产 品 名称："],
    &["型号规格", "规格型号", "型号/规格", "规格型号【必填】"],
    &["产品类别", "建材种类", "类别"],
    &["证书编号", "认证证书号", "2、证书编号", "证书编号\u{200b}"],
    &["有效期至", "证书到期日期", "到期日期"],
    &["发证日期", "颁证日期", "获证时间"],
    &["认证机构", "发证机构"],
];
const KINDS: [&str; 3] = ["建筑门窗及配件", "预拌混凝土", "石膏装饰材料"];

/// One certificate as it is: the values of the fields, models joined by `、`.
type Truth = [String; 8];

/// What may become of a cell: how it is then written in csv and in xlsx, if it can stand there.
struct Damage {
    csv: Option<String>,
    xlsx: Option<String>,
}

fn both(text: &str) -> Damage {
    Damage { csv: Some(text.to_owned()), xlsx: Some(text.to_owned()) }
}

fn truth(dice: &mut Dice, row: usize) -> Truth {
    let day = |dice: &mut Dice, year: usize| format!("{}-{:02}-{:02}", year, 1 + dice.below(12), 1 + dice.below(28));
    let models = ["65系列", "70系列", "C30", "1,200×600", "A(1,2)", "DN100"];
    let first = dice.below(models.len());
    let chosen: Vec<&str> = (0..1 + dice.below(3)).map(|it| models[(first + it) % models.len()]).collect();
    [
        format!("大庆第{}建材有限公司", dice.below(3)),
        format!("产品{row}甲"),
        chosen.join("、"),
        dice.of(&KINDS).to_owned(),
        format!("CABR-01(02)-(2025)-CGP-{:03}", row + 10 * dice.below(90)),
        day(dice, 2027),
        day(dice, 2024),
        dice.of(&["某认证中心", "另一认证公司"]).to_owned(),
    ]
}

/// What has become of a cell of a field.
fn damage(dice: &mut Dice, field: usize, value: &str) -> Damage {
    let day = field == 5 || field == 6;
    match dice.below(12) {
        0 => both(dice.of(&["#N/A", "#REF!", "#VALUE!", "########"])),
        1 => both(dice.of(&["NULL", "null", "(null)", "None", "nan", "undefined", "/", "——"])),
        2 => both(dice.of(&["同上", "〃", "同左", "\""])),
        3 => both(""),
        4 => Damage { csv: None, xlsx: Some("=VLOOKUP(A1,B:C,2,0)".to_owned()) },
        5 => both("2.02501E+15"),
        6 if day => both("46000"),
        6 => Damage { csv: None, xlsx: Some("n:20250100000000016".to_owned()) },
        7 if day => Damage { csv: None, xlsx: Some("n:46000".to_owned()) },
        7 => Damage { csv: None, xlsx: Some("n0\"-\"000:7".to_owned()) },
        8 if field == 2 => both("详见附件"),
        8 => both(&format!("{value}\u{200b}")),
        9 => both(&format!(" {value}　")),
        10 if field == 2 => both(dice.of(&["1,200", "100,200,300"])),
        10 if field == 4 => both(&value.replace('1', "１")),
        _ if day => both(&value.replace('-', "/")),
        _ => both(value),
    }
}

/// A table in three forms, and what each of its rows means.
struct Case {
    csv: Vec<u8>,
    xlsx: Vec<u8>,
    /// The same as xlsx.
    xls: Vec<u8>,
    /// By the row of the csv.
    truths: BTreeMap<u32, Truth>,
    /// By the row of the xlsx, where merged cells say the same.
    merged: BTreeMap<u32, Truth>,
}

fn case(dice: &mut Dice) -> Case {
    let headers: Vec<String> = HEADERS.iter().map(|it| dice.of(it).to_owned()).chain(["证书状态".to_owned()]).collect();
    let (mut csv, mut xlsx) = (Sheet::default(), Sheet::default());
    let mut truths = BTreeMap::new();
    for sheet in [&mut csv, &mut xlsx] {
        sheet.rows.push(headers.clone());
    }
    let (value, kind) = dice.of(&[("", ""), ("<v></v>", ""), ("<v/>", ""), ("<v>0</v>", ""), ("", " t=\"str\"")]);
    xlsx.formula_values(value, kind);
    let rows = 2 + dice.below(4);
    for row in 0..rows {
        let truth = truth(dice, row);
        let (mut plain, mut cells) = (Vec::new(), Vec::new());
        for (field, value) in truth.iter().enumerate() {
            let damage = if dice.one_in(8) { damage(dice, field, value) } else { both(value) };
            plain.push(damage.csv.unwrap_or_else(|| value.clone()));
            cells.push(damage.xlsx.unwrap_or_else(|| value.clone()));
        }
        plain.push("有效".to_owned());
        cells.push("有效".to_owned());
        csv.rows.push(plain);
        xlsx.rows.push(cells);
        truths.insert(u32::try_from(row + 2).unwrap(), truth);
    }
    if dice.one_in(3) {
        let footer = dice.of(&["合计", "共 3 条记录", "制表人：某", "注：以上"]).to_owned();
        for sheet in [&mut csv, &mut xlsx] {
            sheet.rows.push(vec![footer.clone(), String::new(), "3".to_owned()]);
        }
    }
    let mut merged = truths.clone();
    if dice.one_in(4) {
        merge(dice, &mut xlsx, &mut merged, rows);
    }
    Case { csv: broken(dice, csv.csv()), xlsx: xlsx.xlsx(), xls: xlsx.xls(), truths, merged }
}

/// Merges a column of two rows: the second then means what the first does.
fn merge(dice: &mut Dice, sheet: &mut Sheet, truths: &mut BTreeMap<u32, Truth>, rows: usize) {
    let first = 1 + dice.below(rows - 1);
    let field = dice.of(&[0, 3, 5, 7]);
    let column = char::from(b'A' + u8::try_from(field).unwrap());
    sheet.rows[first + 1][field] = String::new();
    sheet.merge(&format!("{column}{}:{column}{}", first + 1, first + 2));
    let number = |row: usize| u32::try_from(row + 1).unwrap();
    let shared = truths[&number(first)][field].clone();
    truths.get_mut(&number(first + 1)).unwrap()[field] = shared;
}

/// The text of a csv, perhaps with a quote or a separator too many.
fn broken(dice: &mut Dice, mut csv: Vec<u8>) -> Vec<u8> {
    let at = dice.below(csv.len());
    match dice.below(8) {
        0 => {
            let field = csv.iter().skip(at).position(|it| *it == b',').map_or(csv.len(), |it| at + it + 1);
            csv.insert(field, b'"');
        }
        1 => csv = String::from_utf8(csv).unwrap().replace("\r\n", "\r").into_bytes(),
        2 => csv.push(0x1A),
        _ => {}
    }
    csv
}

fn fields_of(row: &ListRow) -> Truth {
    let day = |it: Option<jiff::civil::Date>| it.map(|it| it.to_string()).unwrap_or_default();
    [
        row.enterprise.clone(),
        row.product_name.clone(),
        row.models.join("、"),
        row.kind.clone(),
        row.certificate_number.clone(),
        day(row.valid_until),
        day(row.issued_on),
        row.certification_body.clone(),
    ]
}

fn fields_of_line(line: &Line) -> Truth {
    let record = json(line);
    let text = |pointer: &str| record.pointer(pointer).and_then(|it| it.as_str()).unwrap_or_default().to_owned();
    let models = record.pointer("/units/0/models").and_then(|it| it.as_array()).cloned().unwrap_or_default();
    [
        text("/holder/name"),
        text("/product_name"),
        models.iter().filter_map(|it| it.as_str()).collect::<Vec<_>>().join("、"),
        text("/kind"),
        text("/number"),
        text("/valid_until"),
        text("/issued_on"),
        String::new(),
    ]
}

/// Compares what was read with the truth; what is not there, or told, is not wrong.
fn check(found: &Truth, truth: &Truth, told: &[&str], what: &str) {
    for (at, field) in FIELDS.iter().enumerate() {
        let is_kind = *field == "kind" && found[at].starts_with("gbm-");
        let same = found[at] == truth[at] || found[at].is_empty() || is_kind;
        assert!(same || told.contains(field), "{what}: {field} is {:?} and was {:?}", found[at], truth[at]);
    }
}

fn check_list(data: &[u8], truths: &BTreeMap<u32, Truth>, what: &str) -> usize {
    let list = match list(data) {
        Ok(list) => list,
        Err(ReadError::BrokenQuotes { .. } | ReadError::NoHeader) => return 0,
        Err(error) => panic!("{what}: {error}"),
    };
    let names = ["企业名称", "产品名称", "规格型号", "产品类别", "证书编号", "有效期至", "发证日期", "认证机构"];
    let mut taken = 0;
    for row in list.rows.iter().filter(|row| row.faults.iter().all(|it| it.code.is_notice())) {
        let told = (0..8).filter(|at| row.faults.iter().any(|it| it.column == names[*at]));
        let told: Vec<&str> = told.map(|at| FIELDS[at]).collect();
        let truth = truths.get(&row.row).unwrap_or_else(|| panic!("{what}: row {} was none", row.row));
        check(&fields_of(row), truth, &told, what);
        taken += 1;
    }
    // A row may be refused or joined to the one above, but none is lost without a word.
    let told: usize = list.rows.iter().map(|it| 1 + it.faults.len()).sum::<usize>() + list.captions.len();
    assert!(told >= truths.len(), "{what}: {} rows of {}", list.rows.len(), truths.len());
    taken
}

fn check_batch(data: &[u8], truths: &BTreeMap<u32, Truth>, what: &str) -> usize {
    let (read, outcome) = lines(data);
    if outcome.is_err() {
        return 0;
    }
    let fields =
        ["/holder/name", "/product_name", "/units/0/models", "/kind", "/number", "/valid_until", "/issued_on", ""];
    let mut taken = 0;
    for line in read.iter().filter(|it| it.json.is_ok()) {
        let told = (0..7).filter(|at| line.notes.iter().any(|it| it.pointer == fields[*at]));
        let told: Vec<&str> = told.map(|at| FIELDS[at]).collect();
        let number = u32::try_from(line.number).unwrap();
        let truth = truths.get(&number).unwrap_or_else(|| panic!("{what}: line {number} was none"));
        check(&fields_of_line(line), truth, &told, what);
        taken += 1;
    }
    assert_eq!(read.len(), truths.len(), "{what}: lines");
    taken
}

#[test]
fn no_wrong_fact_comes_without_a_word() {
    let set = |name: &str| std::env::vars().find(|it| it.0 == name).and_then(|it| it.1.parse::<usize>().ok());
    let steps = set("LVCAI_DAMAGE_STEPS").unwrap_or(STEPS);
    let seed = set("LVCAI_DAMAGE_SEED").unwrap_or(1);
    let mut taken = 0;
    for step in 0..steps {
        let mut dice = Dice::new(u64::try_from(seed * 1_000_003 + step).unwrap());
        let Case { csv, xlsx, xls, truths, merged } = case(&mut dice);
        for (data, truths, form) in [(&csv, &truths, "csv"), (&xlsx, &merged, "xlsx"), (&xls, &merged, "xls")] {
            let shown = if form == "csv" { String::from_utf8_lossy(data) } else { "".into() };
            let what = |kind: &str| format!("seed {seed}, step {step}, {form} as {kind}\n{shown}");
            taken += check_list(data, truths, &what("list"));
            taken += check_batch(data, truths, &what("batch"));
        }
    }
    // Refusing everything would be right as well, and of no use to anybody.
    assert!(taken > steps * 4, "{taken} rows were taken in {steps} steps");
}
