//! What the readers of a file do not see, or see struck out, is read and told; so are totals, old codes and long names.

use encoding_rs::BIG5;
use lvcai_exchange::FaultCode::{HiddenColumn, LostZero, NameTooLong, OrganisationCode, StruckOut, TooManyCells};

use crate::files::{Sheet, batch, lines, list, list_csv, pack, partly_struck, record, refused, relations};
use crate::{HEADER, REPORT, codes, line, row};

#[test]
fn a_hidden_column_and_a_text_that_is_struck_out_in_part_are_told() {
    let mut sheet = Sheet::of(&[
        &["企业名称", "产品名称", "规格型号", "证书编号", "有效期至"],
        &["大庆甲厂", "内开窗", "65系列", "A-1", "2030-06-04"],
        &["大庆乙厂", "~外开窗旧", "70系列", "A-2", "2030-06-04"],
    ]);
    sheet.hidden_columns = vec![3];
    for data in [sheet.xlsx(), sheet.xls()] {
        let list = list(&data).unwrap();

        assert_eq!(codes(&list.rows[0]), [("规格型号", HiddenColumn)]);
        assert_eq!(codes(&list.rows[1]), [("规格型号", HiddenColumn), ("整行", StruckOut)]);
        assert!(list.rows[0].faults[0].zh().contains("C2"), "{:?}", list.rows[0].faults);
    }
    let mut report = batch(&REPORT, &[&line(4, "~内平开塑料窗旧")]);
    report.hidden_columns = vec![6];
    for data in [report.xlsx(), report.xls()] {
        let notes = &lines(&data).0[0].notes;
        let told: Vec<_> = notes.iter().map(|it| (it.pointer.as_str(), it.code)).collect();
        assert_eq!(told, [("", StruckOut), ("/units/0/models", HiddenColumn)]);
    }
}

#[test]
fn a_shared_text_that_is_struck_out_in_part_is_told_in_each_cell() {
    let sheet = Sheet::of(&[
        &["企业名称", "产品名称", "证书编号", "有效期至"],
        &["大庆甲厂", "内开窗", "A-1", "2030-06-04"],
        &["大庆乙厂", "@1", "A-2", "2030-06-04"],
        &["大庆丙厂", "@0", "A-3", "2030-06-04"],
    ]);
    let mut parts = sheet.parts();
    for (name, text) in &mut parts {
        if name.ends_with("sheet1.xml") {
            for (shared, at) in [("0", "B4"), ("1", "B3")] {
                *text = text.replace(
                    &format!("<c r=\"{at}\" s=\"0\" t=\"inlineStr\"><is><t>@{shared}</t></is></c>"),
                    &format!("<c r=\"{at}\" s=\"0\" t=\"s\"><v>{shared}</v></c>"),
                );
            }
        }
        if name.ends_with("workbook.xml.rels") {
            *text = relations(&[
                ("worksheet", "worksheets/sheet1.xml"),
                ("styles", "styles.xml"),
                ("sharedStrings", "sharedStrings.xml"),
            ]);
        }
    }
    let shared = format!("<sst><si><t>推拉窗</t></si><si>{}</si></sst>", partly_struck("外开窗旧"));
    parts.push(("xl/sharedStrings.xml".to_owned(), shared));

    let rows = list(&pack(&parts)).unwrap().rows;

    let told: Vec<_> = rows.iter().map(|it| (it.product_name.as_str(), codes(it))).collect();
    assert_eq!(told, [("内开窗", vec![]), ("外开窗旧", vec![("整行", StruckOut)]), ("推拉窗", vec![])]);
}

#[test]
fn an_organisation_code_of_nine_characters_is_told_and_taken_for_none() {
    for code in ["71667540-9", "716675409", "ＭＡ１Ａ２Ｂ３ＣＸ"] {
        let list = list_csv(&format!("企业名称,统一社会信用代码,产品名称,证书编号\n大庆甲厂,{code},窗,A-1\n")).unwrap();
        assert_eq!(
            (list.rows[0].uscc.as_deref(), codes(&list.rows[0])),
            (None, vec![("统一社会信用代码", OrganisationCode)])
        );
        assert!(OrganisationCode.is_notice());
    }
    let list = list_csv("企业名称,统一社会信用代码,产品名称,证书编号\n大庆甲厂,9123060,窗,A-1\n").unwrap();
    assert_eq!(list.rows[0].uscc.as_deref(), Some("9123060"), "what is neither is left for the row to be refused");
}

#[test]
fn a_long_name_is_told_with_its_cell_and_the_bound() {
    let long = "窗".repeat(201);
    for (at, column, cell) in [(1, "企业名称", "B2"), (2, "产品名称", "C2"), (3, "规格型号", "D2")] {
        let list = list_csv(&format!("{HEADER}\n{}\n", row("A-1", at, &long))).unwrap();
        assert_eq!(codes(&list.rows[0]), [(column, NameTooLong)]);
        let said = list.rows[0].faults[0].zh();
        assert!(said.contains(cell) && said.contains("200"), "{said}");
    }
    let right = list_csv(&format!("{HEADER}\n{}\n", row("A-1", 2, &"窗".repeat(200)))).unwrap();
    assert_eq!(codes(&right.rows[0]), []);
    let models = vec!["65系列"; 100].join("、");
    assert_eq!(codes(&list_csv(&format!("{HEADER}\n{}\n", row("A-1", 3, &models))).unwrap().rows[0]), []);
}

#[test]
fn rows_may_be_numbered_without_a_header_and_totals_may_be_numbered_too() {
    let list = list_csv(
        ",企业名称,产品名称,证书编号,有效期至\n1,大庆甲厂,窗,A-1,2030-06-04\n2,大庆乙厂,门,A-2,2030-06-04\n\
         3,合计,2,2,\n",
    )
    .unwrap();

    assert_eq!(list.rows.iter().map(codes).collect::<Vec<_>>(), [vec![], vec![]]);
    assert_eq!(list.captions.len(), 1, "{:?}", list.captions);
    let other = list_csv(",企业名称,产品名称,证书编号,有效期至\n甲,大庆甲厂,窗,A-1,2030-06-04\n").unwrap();
    assert_eq!(codes(&other.rows[0]), [("规格型号", TooManyCells)]);
    let report = batch(&REPORT, &[&line(0, "A-1"), &["3", "合计", "", "", "2", "2", "2"]]);
    let (read, summary) = lines(&report.csv());
    assert_eq!((read.len(), summary.unwrap().passed_rows.len()), (1, 1));
}

#[test]
fn a_postal_code_that_lost_its_zero_is_refused_unless_it_is_abroad() {
    let headers = [&REPORT[..], &["认证委托人邮政编码", "认证委托人所在国家地区"]].concat();
    let with = |code: &str, country: &str| batch(&headers, &[&[&line(0, "A-1")[..], &[code, country]].concat()]);
    for (code, country) in [("10020", ""), ("n:10020", "156"), ("10020", "中国")] {
        let faults = refused(&with(code, country).xlsx());
        assert_eq!(faults[0].0, "/holder/postal_code");
        assert!(faults[0].1.contains(LostZero.zh()) && faults[0].1.contains("H2"), "{faults:?}");
    }
    for (code, country, taken) in [("010020", "", "010020"), ("10115", "276", "10115"), ("n000000:10020", "", "010020")]
    {
        assert_eq!(record(&with(code, country).xlsx())["holder"]["postal_code"], taken);
    }
}

#[test]
fn traditional_headers_and_big5_are_read() {
    let text = "序號,企業名稱,產品名稱,規格型號,證書編號,有效期至\r\n1,臺北示例建材廠,門窗,65系列,A-1,2030-06-04\r\n合計,1,,,,\r\n";
    let (big5, _, lost) = BIG5.encode(text);
    assert!(!lost);
    for data in [text.as_bytes(), &big5] {
        let list = list(data).unwrap();
        assert_eq!(list.rows.len(), 1, "{:?}", list.rows);
        let row = &list.rows[0];
        assert_eq!((row.enterprise.as_str(), row.product_name.as_str()), ("臺北示例建材廠", "門窗"));
        assert_eq!((row.certificate_number.as_str(), codes(row)), ("A-1", vec![]));
    }
}
