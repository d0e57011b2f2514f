//! Headers are known however they are written, and the reporting template is read as it is.

use lvcai_domain::reference::certificate_fields;
use serde_json::{Value, json};

use crate::files::{Sheet, batch, lines, list, list_csv};

/// A row of a report with seven columns.
const ROW: [&str; 7] = ["A-1", "有效", "2025-06-05", "2030-06-04", "内平开塑料窗", "65系列", "大庆甲门窗有限公司"];

fn is_read(headers: [&str; 7]) -> Value {
    let found = batch(&headers, &[&ROW]).record();
    assert_eq!(found["number"], "A-1", "{headers:?}");
    assert_eq!(found["issued_on"], "2025-06-05", "{headers:?}");
    assert_eq!(found["valid_until"], "2030-06-04", "{headers:?}");
    assert_eq!(found["units"], json!([{ "name": "内平开塑料窗", "models": ["65系列"] }]), "{headers:?}");
    assert_eq!(found["holder"], json!({ "name": "大庆甲门窗有限公司" }), "{headers:?}");
    found
}

#[test]
fn a_report_is_known_by_its_words_in_every_dress() {
    is_read([
        "1、证书编号",
        "2、证书状态",
        "3、证书发证日期",
        "4、证书到期日期",
        "5、产品名称及单元(主)",
        "6、型号规格",
        "7、认证委托人名称(主)",
    ]);
    is_read(["证书编号：", "状态：", "颁证日期：", "到期日期：", "产品名称：", "规格型号：", "认证委托人名称："]);
    is_read([
        "证书编号 Certificate No.",
        "证书状态 Status",
        "发证日期 Date of issue",
        "有效期至 Valid until",
        "产品名称 Product",
        "型号 Model",
        "持证人 Holder",
    ]);
    is_read(["证书编号【必填】", "证书状态*", "发证日期(必填)", "有效期至[必填]", "产品名称", "型号/规格", "企业名称"]);
    is_read([
        "证书编号\u{200b}",
        "\u{feff}证书状态",
        "获证日期",
        "有效期截止日期",
        "绿色建材产品名称",
        "规格\n型号",
        "申报单位名称",
    ]);
    is_read(["证书号", "证书状态", "颁证时间", "到期时间", "获证产品名称", "产品规格型号", "获证组织名称"]);
}

#[test]
fn models_in_two_columns_are_all_read() {
    let headers = ["证书编号", "证书状态", "规格", "型号"];
    let record = batch(&headers, &[&["A-1", "01", "1200×600", "65系列"]]).record();
    assert_eq!(record["units"], json!([{ "models": ["1200×600", "65系列"] }]));
}

#[test]
fn a_list_with_two_levels_of_headers_is_read() {
    let top = ["序号", "企业名称", "产品信息", "", "", "证书信息", "", "", ""];
    let below = ["", "", "产品名称", "型号", "类别", "编号", "发证日期", "有效期至", "认证机构"];
    let row = ["1", "甲", "窗", "65系列", "建筑门窗及配件", "A-1", "2025-06-05", "2030-06-04", "某认证"];
    let mut sheet = Sheet::of(&[&["名录"], &top, &below, &row]);
    let csv = sheet.csv();
    sheet.merge("A2:A3").merge("B2:B3").merge("C2:E2").merge("F2:I2").merge("A1:I1");
    for data in [csv, sheet.xlsx()] {
        let rows = list(&data).unwrap().rows;
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].faults, []);
        let found =
            [&rows[0].enterprise, &rows[0].product_name, &rows[0].certificate_number, &rows[0].certification_body];
        assert_eq!(found, ["甲", "窗", "A-1", "某认证"]);
        assert_eq!((rows[0].models.as_slice(), rows[0].kind.as_str()), (&["65系列".to_owned()][..], "建筑门窗及配件"));
    }

    // The first level is a header by itself; the second has what stands below 证书信息.
    let top = ["序号", "企业名称", "产品名称", "型号", "认证等级", "证书信息", "", ""];
    let below = ["", "", "", "", "", "证书编号", "发证日期", "有效期至"];
    let row = ["1", "甲", "窗", "65系列", "三星", "A-1", "2025-06-05", "2030-06-04"];
    let mut sheet = Sheet::of(&[&top, &below, &row]);
    let csv = sheet.csv();
    for column in ["A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:E2", "F1:H1"] {
        sheet.merge(column);
    }
    for data in [csv, sheet.xlsx()] {
        let rows = list(&data).unwrap().rows;
        assert_eq!((rows.len(), rows[0].faults.as_slice()), (1, &[][..]));
        assert_eq!((rows[0].star, rows[0].certificate_number.as_str()), (Some(3), "A-1"));
    }
}

#[test]
fn the_words_of_reports_are_known_in_lists() {
    let list = list_csv(
        "序号,认证委托人名称,产品名称,规格型号,产品种类,证书状态,证书编号,证书到期日期,颁证机构\n\
         1,甲,窗,65,门窗,有效,A-1,2030-06-04,某认证\n\
         2,乙,门,70,门窗,撤销,A-2,2030-06-04,某认证\n",
    );
    let list = list.unwrap();
    assert_eq!((list.ignored_columns.len(), list.rows[0].faults.len()), (0, 0));
    assert_eq!(list.rows[0].enterprise, "甲");
    assert!(list.rows[1].faults[0].zh().contains("撤销"), "a certificate that is withdrawn is not imported as valid");
}

/// The reporting template: codes, names with numbers, types, lengths, explanations, one certificate.
fn template() -> Sheet {
    let named = |name: &str, no: &str| match no {
        "2" => "认证证书号".to_owned(),
        "1" => "认证申请编号".to_owned(),
        "62" => "暂停截止时间".to_owned(),
        "64" => "撤销时间".to_owned(),
        "72" => "认证证书第1类附件文件名（认证证书扫描件）".to_owned(),
        _ => name.replace("生产者", "生产者（制造商）").replace('(', "（").replace(')', "）"),
    };
    let fields: Vec<_> = certificate_fields().iter().filter(|it| !it.no.starts_with('x')).collect();
    let explained = |first: &str, label: &str, cell: &dyn Fn(usize) -> String| {
        [first.to_owned(), label.to_owned()].into_iter().chain((0..fields.len()).map(cell)).collect::<Vec<_>>()
    };
    let value = |at: usize| match fields[at].no.as_str() {
        "1" => "P-2025-001",
        "2" => "A-1",
        "4" => "03撤销",
        "5" | "6" => "2025-06-05",
        "7" => "2030-06-04",
        "10" => "内平开塑料窗",
        "12" => "65系列；70系列",
        "15" => "大庆甲门窗有限公司",
        "22" => "某人",
        "63" => "0203",
        "64" => "2026-03-01",
        _ => "",
    };
    let rows = vec![
        explained("203010", "字段名称", &|at| format!("CODE_{at}")),
        explained("信息上报数据模版", "字段含义", &|at| {
            format!("{}、{}", fields[at].no, named(&fields[at].field_zh, &fields[at].no))
        }),
        explained("", "数据类型", &|_| "VARCHAR2".to_owned()),
        explained("", "最大长度（字符）", &|_| "20".to_owned()),
        explained("证书信息表", "填表说明", &|_| "必填；示例".to_owned()),
        explained("", "校验级别", &|_| "1".to_owned()),
        explained("", "是否公开", &|_| "是".to_owned()),
        explained("", "", &|at| value(at).to_owned()),
    ];
    Sheet { rows, ..Sheet::default() }
}

#[test]
fn the_reporting_template_is_read_as_it_is() {
    let (read, summary) = lines(&template().csv());

    assert_eq!(read.len(), 1, "{:?}", read.iter().map(|it| it.number).collect::<Vec<_>>());
    let record = crate::files::json(&read[0]);
    assert_eq!((read[0].number, &record["number"]), (8, &json!("A-1")));
    assert_eq!(record["project_number"], "P-2025-001");
    let status = [&record["reported_status"], &record["status_reason"], &record["status_on"]];
    assert_eq!(status, ["03", "0203", "2026-03-01"]);
    let summary = summary.unwrap();
    assert_eq!(summary.passed_rows.iter().map(|it| it.number).collect::<Vec<_>>(), [3, 4, 5, 6, 7]);
    let unknown: Vec<_> = summary.dropped_columns.iter().filter(|it| it.reason.id() == "unknown").collect();
    assert_eq!(unknown.iter().map(|it| it.header.as_str()).collect::<Vec<_>>(), ["信息上报数据模版", "字段含义"]);
    assert!(!read[0].json.as_ref().unwrap().contains("某人"));
}
