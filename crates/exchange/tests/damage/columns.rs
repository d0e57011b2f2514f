//! What stands below no header refuses its row, for values may then stand in wrong columns; headers of two levels and
//! quotes that take rows in lose nothing.

use lvcai_exchange::FaultCode::{Missing, TooManyCells};
use lvcai_exchange::ReadError;
use lvcai_exchange::lines::LinesError;
use serde_json::json;

use crate::files::{Sheet, batch, json, lines, list, list_csv, refused};
use crate::{HEADER, REPORT, codes, line, row};

/// The forms in which a table may come.
fn forms(sheet: &Sheet) -> [(&'static str, Vec<u8>); 3] {
    [("csv", sheet.csv()), ("xlsx", sheet.xlsx()), ("xls", sheet.xls())]
}

#[test]
fn a_value_too_many_before_nameless_columns_refuses_its_row() {
    let text = format!(
        "{},,\n{},,\nA-2,有效,2025-06-05,2030-06-04,内平开塑料窗,65系列,70系列,大庆乙门窗有限公司,\n",
        REPORT.join(","),
        line(0, "A-1").join(",")
    );
    let read = lines(text.as_bytes()).0;
    assert_eq!(json(&read[0])["holder"]["name"], "大庆甲门窗有限公司");
    let found = read[1].json.as_ref().unwrap_err();
    assert!(found[0].detail.as_ref().unwrap().zh.contains("H3"), "{found:?}");

    let shifted = row("A-2", 3, "65系列,70系列");
    let rows = list_csv(&format!("{HEADER},,\n{},,\n{shifted}x,\n", row("A-1", 9, ""))).unwrap().rows;
    assert_eq!(codes(&rows[0]), []);
    let told = rows[1].faults.iter().find(|it| it.code == TooManyCells).unwrap();
    assert!(told.zh().contains("K3"), "{}", told.zh());
}

#[test]
fn a_value_below_no_header_refuses_its_row_in_every_form() {
    let report = |nameless: &str, beyond: &str| {
        let (mut headers, mut cells) = (REPORT.to_vec(), line(0, "A-1"));
        headers.insert(6, "");
        cells.insert(6, nameless);
        cells.push(beyond);
        Sheet::of(&[&headers, &cells])
    };
    for (form, data) in forms(&report("", "")) {
        assert_eq!(json(&lines(&data).0[0])["holder"]["name"], "大庆甲门窗有限公司", "{form}");
    }
    for (nameless, beyond, cell) in [("70系列", "", "G2"), ("", "某", "I2")] {
        for (form, data) in forms(&report(nameless, beyond)) {
            let found = refused(&data);
            assert!(found.len() == 1 && found[0].1.contains(cell), "{form}: {found:?}");
        }
    }

    let table = |nameless: &str, beyond: &str| {
        Sheet::of(&[
            &["企业名称", "产品名称", "规格型号", "", "证书编号", "有效期至"],
            &["甲", "窗", "65系列", nameless, "A-1", "2030-06-04", beyond],
        ])
    };
    for (nameless, beyond, wanted) in [("", "", 0), ("70系列", "", 1), ("", "某", 1)] {
        for (form, data) in forms(&table(nameless, beyond)) {
            let found = list(&data).unwrap().rows;
            assert_eq!(codes(&found[0]), [("规格型号", TooManyCells)][..wanted], "{form} {nameless}{beyond}");
        }
    }
}

#[test]
fn a_row_with_nothing_but_a_value_below_no_header_is_told() {
    let sheet = Sheet::of(&[&REPORT, &line(0, "A-1"), &["", "", "", "", "", "", "", "70系列"]]);
    for (form, data) in forms(&sheet) {
        let read = lines(&data).0;
        assert!(read.len() == 2 && read[1].json.is_err(), "{form}");
        let rows = list(&data).unwrap().rows;
        assert!(codes(&rows[1]).contains(&("规格型号", TooManyCells)), "{form}");
        assert!(codes(&rows[1]).contains(&("产品名称", Missing)), "{form}");
    }
    // A signature or a total beside the table is no row of it.
    let sheet = Sheet::of(&[&REPORT, &line(0, "A-1"), &["", "", "", "", "", "", "", "制表人：张"]]);
    for (form, data) in forms(&sheet) {
        assert_eq!((lines(&data).0.len(), list(&data).unwrap().rows.len()), (1, 1), "{form}");
    }
}

#[test]
fn a_header_that_nobody_knows_stands_over_its_column_in_two_levels_as_well() {
    let sheet = Sheet::of(&[
        &["企业名称", "法人", "产品信息", "", "证书信息", ""],
        &["", "", "产品名称", "型号", "编号", "有效期至"],
        &["甲", "某人", "窗", "65系列", "A-1", "2030-06-04"],
    ]);
    for (form, data) in forms(&sheet) {
        let list = list(&data).unwrap();
        assert_eq!(codes(&list.rows[0]), [], "{form}");
        assert!(list.ignored_columns.contains(&"法人".to_owned()), "{form}: {:?}", list.ignored_columns);
    }
}

#[test]
fn a_quote_that_takes_ragged_rows_in_refuses_the_file() {
    let headers = [&REPORT[..], &["备注"]].concat().join(",");
    let report = |number: &str, remark: &str| line(0, number).join(",") + remark;
    // A row in between without its last delimiter, without several, and a blank line.
    for between in [report("RG2", ""), report("RG2", "").replace(",65系列,大庆甲门窗有限公司", ""), String::new()]
    {
        let text =
            format!("{headers}\r\n{}\r\n{between}\r\n{}\r\n", report("RG1", ",\"首次"), report("RG3", ",再次\""));
        let error = lines(text.as_bytes()).1.unwrap_err();
        assert!(matches!(error, LinesError::Table(ReadError::BrokenQuotes { line: 2 })), "{between}: {error}");

        let city = |number| row(number, 9, "").trim_end_matches(',').to_owned();
        let text = format!("{HEADER}\n{}\n{}\n{}\n", row("RG1", 9, "\"首次"), city("RG2"), row("RG3", 9, "再次\""));
        assert!(matches!(list_csv(&text), Err(ReadError::BrokenQuotes { line: 2 })));
    }
    // Every row without its last delimiter, and the quote in a column before.
    let cut = |number: &str, product: &str| line(4, product).join(",").replace("A-1", number);
    let text = format!("{headers}\n{}\n{}\n{}\n", cut("A-1", "\"窗"), cut("A-2", "窗"), cut("A-3", "窗\""));
    assert!(matches!(lines(text.as_bytes()).1, Err(LinesError::Table(ReadError::BrokenQuotes { line: 2 }))));
}

#[test]
fn a_text_of_several_lines_is_read() {
    let headers = [&REPORT[..], &["备注"]].concat();
    let remark = "首次，\n地址：某路 1 号, 2 栋\n\n见批文";
    let cells = [&line(5, "65系列\n70系列\n80系列")[..], &[remark]].concat();
    let full = batch(&headers, &[&cells]).record();
    assert_eq!(full["units"][0]["models"], json!(["65系列", "70系列", "80系列"]));
    assert!(full["remark"].as_str().unwrap().contains("2 栋"), "{full}");
    // Without the delimiters behind the last value.
    let ragged = batch(&headers, &[&line(6, "大庆甲门窗\n有限公司")]).record();
    assert_eq!(ragged["holder"]["name"], "大庆甲门窗有限公司");
}

#[test]
fn a_second_level_whose_words_are_none_by_themselves_is_header() {
    let holder = "大庆甲门窗有限公司";
    let base = [&REPORT[..], &["生产者", ""]].concat();
    let (blank, own) = ([""; 7], line(0, "A-1"));
    let below = [&blank[..], &["名称", "地址"]].concat();
    let cells = [&own[..], &["某制造厂", "某路 1 号"]].concat();
    let at_end = Sheet::of(&[&base, &below, &cells]);
    let wide = |row: &[&'static str], last: &'static str| [row, &[last]].concat();
    let cells = [&cells[..], &["无误"]].concat();
    let within = Sheet::of(&[&wide(&base, "备注"), &wide(&below, ""), &cells]);
    for mut sheet in [at_end, within] {
        sheet.merge("H1:I1").merge("A1:A2").merge("B1:B2");
        for (form, data) in forms(&sheet) {
            let read = lines(&data).0;
            assert_eq!(read.len(), 1, "{form}");
            let record = json(&read[0]);
            assert_eq!(record["manufacturer"], json!({ "name": "某制造厂", "address": "某路 1 号" }), "{form}");
            assert_eq!(record["holder"]["name"], holder, "{form}");
            let rows = list(&data).unwrap().rows;
            assert_eq!((rows.len(), codes(&rows[0]), rows[0].enterprise.as_str()), (1, vec![], holder), "{form}");
        }
    }
}
