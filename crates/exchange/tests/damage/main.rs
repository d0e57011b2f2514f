//! A cell whose value was lost on its way is told and never guessed, in whichever file and reader.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what the tests are made of may panic like the tests"
)]

mod columns;
mod dice;
mod files;
mod headers;
mod legacy;
mod packages;
mod sight;
mod truth;

use files::{Sheet, batch, lines, list, list_csv, refused};
use jiff::civil::date;
use lvcai_domain::Rule;
use lvcai_exchange::FaultCode::{
    BadDate, ErrorWord, FormulaWithoutValue, HiddenByFormat, HiddenRow, InAttachment, Inherited, LostDigits, Merged,
    Missing, SameAsAbove, SerialDate, StruckOut, TooManyCells, UnclearComma,
};
use lvcai_exchange::lines::LinesError;
use lvcai_exchange::{FaultCode, ListRow, ReadError};
use serde_json::json;

const HEADER: &str = "序号,企业名称,产品名称,规格型号,产品类别,认证等级,证书编号,有效期至,认证机构,备注";
const REPORT: [&str; 7] =
    ["证书编号", "证书状态", "证书发证日期", "证书到期日期", "产品名称及单元(主)", "型号规格", "认证委托人名称(主)"];

fn codes(row: &ListRow) -> Vec<(&'static str, FaultCode)> {
    row.faults.iter().map(|it| (it.column, it.code)).collect()
}

/// A row of a list with one of its ten cells replaced.
fn row(number: &str, at: usize, cell: &str) -> String {
    let mut cells = [
        "1",
        "大庆甲建材有限公司",
        "内平开塑料窗",
        "65系列",
        "建筑门窗及配件",
        "三星",
        number,
        "2030-06-04",
        "某认证",
        "",
    ];
    cells[at] = cell;
    cells.join(",")
}

/// A row of a batch with one of its seven cells replaced.
fn line(at: usize, cell: &str) -> Vec<&str> {
    let mut cells = vec!["A-1", "有效", "2025-06-05", "2030-06-04", "内平开塑料窗", "65系列", "大庆甲门窗有限公司"];
    cells[at] = cell;
    cells
}

#[test]
fn a_quote_that_takes_rows_in_refuses_the_file_and_names_its_line() {
    let text = format!("{HEADER}\r\n{}\r\n{}\r\n{}\r\n", row("A-1", 9, "\"首批"), row("A-2", 9, ""), row("A-3", 9, ""));
    assert!(matches!(list_csv(&text), Err(ReadError::BrokenQuotes { line: 2 })));

    let text = format!("{}\n{}\n{}\n", REPORT.join(","), line(6, "\"甲").join(","), line(0, "A-2").join(","));
    match lines(text.as_bytes()).1 {
        Err(LinesError::Table(error)) => {
            assert!(error.zh().contains("第 2 行") && error.to_string().contains("line 2"));
        }
        other => panic!("{other:?}"),
    }
    // The quote of a later row ends it: the record then has as many fields as the header.
    let text = format!("{HEADER}\n{}\n{}\n", row("A-1", 3, "\"6 寸"), row("A-2", 3, "8 寸\""));
    assert!(matches!(list_csv(&text), Err(ReadError::BrokenQuotes { line: 2 })));
    let text = format!("{HEADER}\n{}\n{}\n", row("A-1", 3, "\"65系列\n70系列\""), row("A-2", 3, "6\""));
    assert_eq!(list_csv(&text).unwrap().rows[0].models, ["65系列", "70系列"]);
}

#[test]
fn words_of_spreadsheets_and_exporters_are_no_values() {
    for (word, code) in
        [("#N/A", ErrorWord), ("#REF!", ErrorWord), ("########", ErrorWord), ("2.02501E+15", LostDigits)]
    {
        let list = list_csv(&format!("{HEADER}\n{}\n", row("A-1", 2, word))).unwrap();
        assert_eq!(codes(&list.rows[0]), [("产品名称", code)], "{word}");
        for at in [0, 4, 5, 6] {
            let found = refused(&batch(&REPORT, &[&line(at, word)]).csv());
            assert_eq!(found.len(), 1, "{word} {at}");
            assert!(found[0].1.contains(word), "{found:?}");
        }
    }
    for word in ["NULL", "null", "(null)", "nan", "None", "undefined", "/"] {
        let list = list_csv(&format!("{HEADER}\n{}\n{}\n", row("A-1", 1, "甲"), row("A-2", 1, word))).unwrap();
        assert_eq!(codes(&list.rows[1]), [("企业名称", Missing)], "{word} is no blank cell");
        let found = refused(&batch(&REPORT, &[&line(4, word)]).csv());
        assert!(found.len() == 1 && found[0].0 == "/product_name" && found[0].1.contains(word), "{found:?}");
        assert_eq!(batch(&REPORT, &[&line(5, word)]).record().get("units"), None, "{word}");
    }
}

#[test]
fn what_stands_above_is_taken_where_the_cell_says_so_and_told() {
    for word in ["同上", "〃", "\"\"\"\"", "”"] {
        let list = list_csv(&format!("{HEADER}\n{}\n{}\n", row("A-1", 1, "甲"), row("A-2", 1, word))).unwrap();
        assert_eq!(list.rows[1].enterprise, "甲", "{word}");
        assert_eq!(codes(&list.rows[1]), [("企业名称", SameAsAbove)], "{word}");
    }
    let list = list_csv(&format!("{HEADER}\n{}\n{}\n", row("A-1", 1, "同上"), row("A-2", 1, "同左"))).unwrap();
    for row in &list.rows {
        assert_eq!(codes(row), [("企业名称", FaultCode::Elsewhere)]);
    }
    let found = refused(&batch(&REPORT, &[&line(6, "同上")]).csv());
    assert_eq!(found[0].0, "/holder/name");
}

#[test]
fn blanks_below_a_value_are_told_and_nothing_is_inherited_from_what_is_lost() {
    let text = format!(
        "{HEADER}\n{}\n{}\n{}\n{}\n",
        row("A-1", 1, "甲"),
        row("A-2", 4, ""),
        row("A-3", 1, "#N/A"),
        row("A-4", 1, ""),
    );
    let list = list_csv(&text).unwrap();
    assert_eq!((list.rows[1].kind.as_str(), codes(&list.rows[1])), ("建筑门窗及配件", vec![("产品类别", Inherited)]));
    assert_eq!(codes(&list.rows[3]), [("企业名称", Missing)], "the enterprise above is not known");
    assert!(list.rows[1].faults[0].zh().contains("E3"), "{}", list.rows[1].faults[0].zh());
}

#[test]
fn a_formula_without_value_is_no_blank_cell() {
    let mut sheet = Sheet::of(&[
        &["企业名称", "产品名称", "规格型号", "证书编号", "有效期至"],
        &["甲", "窗", "65", "A-1", "2030-06-04"],
        &["=B2", "门", "70", "A-2", "2030-06-04"],
        &["=\"\"", "门", "70", "A-3", "2030-06-04"],
    ]);
    sheet.formula_values("<v></v>", "");
    let rows = list(&sheet.xlsx()).unwrap().rows;
    assert_eq!(codes(&rows[1]), [("企业名称", FormulaWithoutValue)]);
    assert!(rows[1].faults[0].zh().contains("A3") && rows[1].faults[0].zh().contains("保存"));

    for (kind, value, wanted) in
        [("", "", true), (" t=\"str\"", "", true), ("", "<v>0</v>", true), (" t=\"str\"", "<v></v>", false)]
    {
        let mut report = Sheet::of(&[&REPORT, &line(5, "=A1&B1")]);
        report.formula_values(value, kind);
        let data = report.xlsx();
        if wanted {
            let found = refused(&data);
            assert_eq!(found.len(), 1, "{kind}{value}");
            assert!(found[0].0 == "/units/0/models" && found[0].1.contains("F2"), "{found:?}");
        } else {
            assert!(!lines(&data).0[0].json.as_ref().unwrap().contains("units"));
        }
    }
}

#[test]
fn numbers_are_read_as_they_are_shown() {
    let headers = ["证书编号", "证书状态", "认证委托人邮政编码", "生产企业实际地址经度坐标", "生产企业人数"];
    let sheet = Sheet::of(&[&headers, &["n000:20", "01", "n000000:10020", "n:125.10310000000001", "n#,##0:1200"]]);
    let record = files::record(&sheet.xlsx());
    assert_eq!(record["number"], "020");
    assert_eq!(record["holder"]["postal_code"], "010020");
    assert_eq!(record["factory_site"], json!({ "longitude": "125.1031", "employees": 1200 }));

    let sheet = Sheet::of(&[&headers, &["n000-000:20", "01", "n:1000000000000000", "", "1,200"]]);
    let found = refused(&sheet.xlsx());
    assert_eq!(found.iter().map(|it| it.0.as_str()).collect::<Vec<_>>(), ["/number", "/holder/postal_code"]);

    let sheet =
        Sheet::of(&[&["企业名称", "产品名称", "证书编号", "有效期至"], &["甲", "窗", "n0\"-\"00:7", "n:45813"]]);
    let rows = list(&sheet.xlsx()).unwrap().rows;
    assert_eq!(codes(&rows[0]), [("证书编号", HiddenByFormat), ("有效期至", SerialDate)]);
    assert!(rows[0].faults[1].zh().contains("45813（2025-06-05）"), "{}", rows[0].faults[1].zh());
    let found = refused(&batch(&REPORT, &[&line(3, "45813")]).csv());
    assert!(found[0].1.contains("日期序列号"), "{found:?}");
}

#[test]
fn a_comma_in_a_number_separates_no_models() {
    let models = |text: &str| batch(&REPORT, &[&line(5, text)]).record()["units"][0]["models"].clone();
    assert_eq!(models("1,200×600"), json!(["1,200×600"]));
    assert_eq!(models("65系列,70系列"), json!(["65系列", "70系列"]));
    assert_eq!(refused(&batch(&REPORT, &[&line(5, "1,200")]).csv())[0].0, "/units/0/models");
    let list = list_csv(&format!("{HEADER}\n{}\n", row("A-1", 3, "\"100,200\""))).unwrap();
    assert_eq!(codes(&list.rows[0]), [("规格型号", UnclearComma)]);
    // Without its quotes the comma moves all later values by one column.
    let list = list_csv(&format!("{HEADER}\n{}\n", row("A-1", 3, "1,200×600"))).unwrap();
    assert!(codes(&list.rows[0]).contains(&("规格型号", TooManyCells)));
}

#[test]
fn models_in_an_attachment_are_a_remark() {
    let sheet = batch(&[&REPORT[..], &["备注"]].concat(), &[&[&line(5, "详见附件")[..], &["甲"]].concat()]);
    let record = sheet.record();
    assert_eq!((record.get("units"), &record["remark"]), (None, &json!("甲；型号规格：详见附件")));
    assert_eq!(lines(&sheet.csv()).0[0].notes[0].code, InAttachment);
    let list = list_csv(&format!("{HEADER}\n{}\n", row("A-1", 3, "见附件2"))).unwrap();
    assert_eq!((list.rows[0].models.len(), list.rows[0].remark.as_str()), (0, "规格型号见附件2"));
    assert_eq!(codes(&list.rows[0]), [("规格型号", InAttachment)]);
}

#[test]
fn totals_notes_and_signatures_are_no_lines() {
    let mut rows: Vec<Vec<&str>> = vec![line(0, "A-1")];
    rows.extend([
        vec!["合计", "1"],
        vec!["共 1 条记录"],
        vec!["制表人：张", "", "2026-01-02"],
        vec!["总计", "", "", "", "12"],
    ]);
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let (read, summary) = lines(&batch(&REPORT, &rows).csv());
    assert_eq!(read.len(), 1);
    let passed: Vec<_> = summary.unwrap().passed_rows.into_iter().map(|it| (it.number, it.text)).collect();
    assert_eq!(passed[0], (3, "合计 1".to_owned()));
    assert_eq!(passed.len(), 4);
}

#[test]
fn merged_hidden_and_struck_rows_are_told() {
    let mut sheet = Sheet::of(&[
        &["企业名称", "产品类别", "认证机构", "产品名称", "证书编号", "有效期至"],
        &["甲", "门窗", "某认证", "窗", "A-1", "2030-06-04"],
        &["", "", "", "门", "A-2", ""],
        &["乙", "", "", "s门", "A-3", "2030-06-04"],
    ]);
    sheet.merge("A2:A3").merge("B2:B4").merge("C2:C3").merge("F2:F3").hide(3);
    let rows = list(&sheet.xlsx()).unwrap().rows;
    let merged = ["企业名称", "产品类别", "有效期至", "认证机构"];
    for column in merged {
        assert!(codes(&rows[1]).contains(&(column, Merged)), "{column}: {:?}", rows[1].faults);
    }
    assert!(codes(&rows[1]).contains(&("整行", HiddenRow)));
    assert_eq!((rows[1].valid_until, rows[1].certification_body.as_str()), (Some(date(2030, 6, 4)), "某认证"));
    assert_eq!((rows[2].enterprise.as_str(), rows[2].kind.as_str()), ("乙", "门窗"));
    assert_eq!(codes(&rows[2]), [("认证机构", Inherited), ("产品类别", Merged), ("整行", StruckOut)]);

    let mut sheet = Sheet::of(&[&REPORT, &line(0, "A-1"), &["A-2", "", "", "", "门", "70系列", ""]]);
    sheet.merge("B2:B3").merge("C2:C3").merge("D2:D3").merge("G2:G3").hide(3);
    let read = lines(&sheet.xlsx()).0;
    assert_eq!(files::json(&read[1])["holder"]["name"], "大庆甲门窗有限公司");
    let notes: Vec<_> = read[1].notes.iter().map(|it| (it.pointer.as_str(), it.code)).collect();
    assert!(notes.contains(&("/holder/name", Merged)) && notes.contains(&("", HiddenRow)), "{notes:?}");
}

#[test]
fn a_number_merged_over_two_products_has_both() {
    let mut sheet = Sheet::of(&[
        &["企业名称", "产品名称", "规格型号", "证书编号", "有效期至"],
        &["甲", "窗", "65", "A-1", "2030-06-04"],
        &["", "门", "70", "", ""],
        &["", "", "80", "", ""],
    ]);
    sheet.merge("A2:A4").merge("D2:D4").merge("E2:E4");
    let rows = list(&sheet.xlsx()).unwrap().rows;
    let told: Vec<_> = rows.iter().map(|it| (it.product_name.as_str(), it.certificate_number.as_str())).collect();
    assert_eq!(told, [("窗", "A-1"), ("门", "A-1")]);
    assert_eq!(rows[1].models, ["70", "80"]);
}

#[test]
fn a_line_keeps_its_number_with_any_line_ends() {
    for end in ["\r", "\n", "\r\n"] {
        let text = [REPORT.join(","), line(0, "A-1").join(","), String::new(), line(1, "错").join(",")].join(end);
        let read = lines(text.as_bytes()).0;
        assert_eq!(read.iter().map(|it| it.number).collect::<Vec<_>>(), [2, 4], "{end:?}");
        assert_eq!(read[1].record.as_deref(), Some("A-1"));
        assert!(read[1].json.is_err());
    }
    let dos = [batch(&REPORT, &[&line(0, "A-1")]).csv(), b"\x1A".to_vec()].concat();
    assert_eq!(lines(&dos).0.len(), 1);
    let text = String::from_utf8(batch(&REPORT, &[&line(0, "A-1")]).csv()).unwrap();
    let bytes = |each: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(each).collect::<Vec<u8>>();
    for data in [bytes(u16::to_le_bytes), bytes(u16::to_be_bytes)] {
        assert_eq!(lines(&data).0.len(), 1, "UTF-16 without its mark");
    }
}

#[test]
fn a_number_over_two_lines_is_one_number_or_two_and_told_in_both_readers() {
    let broken = "CABR-01(02)-\n(2025)-CGP-035";
    let sheet = batch(&REPORT, &[&line(0, broken)]);
    assert_eq!(sheet.record()["number"], "CABR-01(02)-(2025)-CGP-035");
    assert_eq!(lines(&sheet.csv()).0[0].notes[0].code, FaultCode::LineBreak);
    let list = list_csv(&format!("{HEADER}\n{}\n", row(&format!("\"{broken}\""), 9, ""))).unwrap();
    assert_eq!(codes(&list.rows[0]), [("证书编号", FaultCode::LineBreak)]);

    assert_eq!(refused(&batch(&REPORT, &[&line(0, "A-1\nA-2")]).csv())[0].0, "/number");
    let list = list_csv(&format!("{HEADER}\n{}\n", row("\"A-1\nA-2\"", 9, ""))).unwrap();
    assert_eq!(codes(&list.rows[0]), [("证书编号", FaultCode::SeveralNumbers)]);
}

#[test]
fn the_day_of_a_status_is_never_guessed() {
    let headers = |day| ["证书编号", "证书状态", "撤销原因", day];
    let read = |day, value| batch(&headers(day), &[&["A-1", "03", "0203", value]]);
    for day in ["撤销时间", "64、撤销时间", "撤销日期"] {
        assert_eq!(read(day, "2026-03-01").record()["status_on"], "2026-03-01", "{day}");
    }
    for (day, value) in [
        ("撤证日期", "2026-03-01"),
        ("撤销日期", "不详"),
        ("撤销日期", "NULL"),
        ("撤销日期", "/"),
        ("撤销日期", "#N/A"),
    ] {
        let found = refused(&read(day, value).csv());
        assert_eq!((found.len(), found[0].0.as_str()), (1, "/status_on"), "{day} {value}");
    }
    assert_eq!(read("撤证日期", "").record().get("status_on"), None);
}

#[test]
fn no_reason_is_dropped_and_no_party_made_of_a_reference() {
    let headers = ["证书编号", "证书状态", "暂停原因", "暂停开始时间", "变更原因"];
    for reasons in ["0203/0205", "0203+0205", "0203和0205", "0203（0205）", "0203；0205"] {
        let record = batch(&headers, &[&["A-1", "02", reasons, "2026-03-01", "01、02"]]).record();
        assert_eq!((&record["status_reason"], &record["change_reason"]), (&json!("0203"), &json!("01")), "{reasons}");
        assert_eq!(record["remark"], "暂停原因：0203；0205；变更原因：01；02", "{reasons}");
    }
    let named = refused(&batch(&headers, &[&["A-1", "02", "0203 监督时另见 0205", "2026-03-01", ""]]).csv());
    assert_eq!(named[0].0, "/status_reason");
    let headers = ["证书编号", "证书状态", "生产企业名称(主)"];
    for name in ["同认证委托人", "同委托人", "与委托人相同", "见认证委托人", "同制造商"] {
        let found = refused(&batch(&headers, &[&["A-1", "01", name]]).csv());
        assert_eq!(found[0].0, "/factory/name", "{name}");
    }
    let headers = ["證書編號", "證書狀態", "撤銷原因", "撤銷日期"];
    let traditional = batch(&headers, &[&["A-1", "03", "0203", "2026-03-01"]]).record();
    assert_eq!(traditional["status_on"], "2026-03-01");
    for day in ["撤消日期", "Date of withdrawal", "终止日期", "处理日期"] {
        let headers = ["证书编号", "证书状态", "撤销原因", day];
        let found = refused(&batch(&headers, &[&["A-1", "03", "0203", "2026-03-01"]]).csv());
        assert_eq!(found[0].0, "/status_on", "{day}");
    }
}

#[test]
fn values_are_read_as_the_template_prescribes_them() {
    let headers = ["证书编号", "证书状态", "暂停原因", "暂停开始时间", "备注"];
    let sheet = batch(&headers, &[&["A-1", "02暂停", "0203；0205", "2026-03-01", "甲"]]);
    let record = sheet.record();
    assert_eq!((&record["reported_status"], &record["status_reason"]), (&json!("02"), &json!("0203")));
    assert_eq!(record["remark"], "甲；暂停原因：0203；0205");
    assert_eq!(lines(&sheet.csv()).0[0].notes[0].code, FaultCode::SeveralReasons);
    assert!(
        refused(&batch(&headers, &[&["A-1", "02", "0203；9999", "2026-03-01", ""]]).csv())[0].0 == "/status_reason"
    );

    let headers =
        ["证书编号", "证书状态", "认证依据的标准和技术要求", "认证委托人组织机构代码", "首次获证日期", "生产企业人数"];
    let record =
        batch(&headers, &[&["A-1", "正常", "GB/T 23450-2009 建筑隔墙用保温条板", "无", "0000-00-00", "1,200"]]);
    let record = record.record();
    assert_eq!(record["standards"], json!(["GB/T 23450-2009"]));
    assert_eq!(record["technical_requirements"], "GB/T 23450-2009 建筑隔墙用保温条板");
    assert_eq!((record.get("holder"), record.get("first_issued_on")), (None, None));
    assert_eq!(record["factory_site"]["employees"], 1200);
    let found = lines(&batch(&headers, &[&["A-1", "02撤销", "", "", "", ""]]).csv()).0.remove(0).json.unwrap_err();
    assert_eq!(found[0].rule, Rule::NotAllowed);
    assert_eq!(BadDate.id(), "bad-date");
}
