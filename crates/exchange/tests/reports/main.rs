//! The report that certification bodies send to CNCA is read as it is.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what the tests are made of may panic like the tests"
)]

mod sample;

use std::ops::ControlFlow;

use jiff::civil::date;
use lvcai_domain::{Fault, Rule};
use lvcai_exchange::lines::{Form, Line, LineLimits, LinesError, Summary, read_lines};
use lvcai_exchange::{Content, Limits, Measure, ReadError};
use proptest::prelude::*;
use rust_xlsxwriter::Workbook;
use sample::{Cell, Report, file, texts};
use serde_json::{Value, json};

fn read_within(limits: &LineLimits, data: impl Into<Vec<u8>>) -> (Vec<Line>, Result<Summary, LinesError>) {
    let mut lines = Vec::new();
    let outcome = read_lines(file(data), Form::Table, limits, &mut |line| {
        lines.push(line);
        ControlFlow::Continue(())
    });
    (lines, outcome)
}

fn read(data: impl Into<Vec<u8>>) -> Vec<Line> {
    let (lines, outcome) = read_within(&LineLimits::default(), data);
    outcome.unwrap();
    lines
}

fn record(line: &Line) -> Value {
    serde_json::from_str(line.json.as_ref().unwrap()).unwrap()
}

/// The record of a report of one row.
fn one(headers: &[&str], row: &[&str]) -> Value {
    record(&read(Report::of(headers, &[row]).csv())[0])
}

/// The faults of a report of one row, each with its pointer and rule.
fn faults(headers: &[&str], row: &[&str]) -> Vec<(String, Rule)> {
    let faults = read(Report::of(headers, &[row]).csv()).remove(0).json.unwrap_err();
    faults.into_iter().map(|it| (it.pointer, it.rule)).collect()
}

fn party(from: u32, code: (&str, &str)) -> Value {
    let skips = u32::from(from == 42);
    let at = |offset: u32| format!("值{}", from + offset + if offset > 0 { skips } else { 0 });
    let mut party = json!({
        "country": at(0), "name": at(1), "other_name": at(2), "division": at(4), "address": at(5),
        "other_address": at(6), "postal_code": at(7), "organisation_type": at(10), "economic_type": at(11),
        "industry": at(12), "business_scope": at(13),
    });
    if !code.0.is_empty() {
        party[code.0] = code.1.into();
    }
    party
}

fn full() -> Value {
    json!({
        "number": "CABR-01(02)-(2025)-CGP-035", "scheme": "star_certification", "kind": "gbm-09", "star": 3,
        "holder": party(14, ("uscc", "91230607716675409L")),
        "manufacturer": party(28, ("organisation_code", "716675409")),
        "factory": party(42, ("", "")),
        "factory_site": { "number": "值43", "employees": 120, "longitude": "125.03000", "latitude": "46.58" },
        "product_name": "值10", "product_name_en": "值11",
        "units": [{ "name": "值10", "models": ["65系列", "70系列", "80(A,B)", "90系列", "100系列"] }],
        "standards": ["T/CECS 10026-2019", "GB/T 8478-2020"],
        "technical_requirements": "GB/T 8478-2020《铝合金门窗》；符合实施规则附件2",
        "certification_mode": "值8", "mutual_recognition": "值3", "project_number": "值1", "hs_code": "值13",
        "first_issued_on": "2020-06-05", "issued_on": "2025-06-05", "decided_on": "2025-06-01",
        "reissued_on": "2026-01-02", "change_reason": "05", "valid_until": "2030-06-04",
        "reported_status": "02", "status_on": "2026-03-01", "status_reason": "0203",
        "suspension_planned_end": "2026-09-01",
        "predecessor": { "number": "00216Q10097R1S", "relation": "transfer" },
        "attachments": [
            { "role": "certificate_scan", "name": "值72" }, { "role": "models", "name": "值73" },
            { "role": "type_test_report", "name": "值74" }, { "role": "other", "name": "值75" },
        ],
        "remark": "值77",
    })
}

#[test]
fn all_77_columns_become_one_record_in_every_file() {
    let report = Report::full();
    let gbk = encoding_rs::GBK.encode(&report.csv()).0.into_owned();
    for data in [report.xlsx(), report.csv().into_bytes(), gbk, Report::full().reversed().xlsx()] {
        let (lines, outcome) = read_within(&LineLimits::default(), data);

        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].number, 3);
        let mut found = record(&lines[0]);
        found["attachments"].as_array_mut().unwrap().sort_by_key(|it| it["name"].to_string());
        assert_eq!(found, full());
        let mut dropped: Vec<_> =
            outcome.unwrap().dropped_columns.into_iter().map(|it| (it.reason.id(), it.header)).collect();
        dropped.sort();
        let of = |reason| dropped.iter().filter(|it| it.0 == reason).count();
        assert_eq!((of("personal"), of("transport-only"), of("unknown"), dropped.len()), (7, 1, 1, 9));
    }
}

#[test]
fn what_is_about_persons_never_leaves_the_reader() {
    let personal = ["值22", "值23", "值36", "值37", "值51", "值52", "值69", "值76", "机密"];
    let mut report = Report::full();
    let mut broken = report.rows[0].clone();
    for (at, header) in report.headers.iter().enumerate() {
        if header.contains("日期") || header.contains("状态") {
            broken[at] = "？".into();
        }
    }
    report.rows.push(broken);

    for line in read(report.csv()) {
        let told = match &line.json {
            Ok(json) => texts(&serde_json::from_str(json).unwrap()).join(" "),
            Err(faults) => format!("{faults:?}"),
        };
        assert!(personal.iter().all(|it| !told.contains(it)), "{told}");
    }
}

#[test]
fn only_the_columns_of_the_row_s_status_count() {
    let headers = ["证书编号", "证书状态", "暂停原因", "暂停开始时间", "撤销原因", "撤销日期", "注销原因", "注销时间"];
    let row = |status| {
        let seasonal = "由于生产的季节性、按订单生产等原因，认证委托人申请暂停认证证书的。";
        one(
            &headers,
            &["A-1", status, seasonal, "2026-01-01", "201", "2026-02-02", "其他应当注销认证证书的情形", "2026-03-03"],
        )
    };
    let told = |code: &str, reason: &str, day: &str| json!({ "number": "A-1", "reported_status": code, "status_reason": reason, "status_on": day });

    for valid in ["01", "有效", "1", "０１"] {
        assert_eq!(row(valid), json!({ "number": "A-1", "reported_status": "01" }), "{valid}");
    }
    assert_eq!(row("05"), json!({ "number": "A-1", "reported_status": "05" }));
    assert_eq!(row("暂停"), told("02", "0208", "2026-01-01"));
    assert_eq!(row("3"), told("03", "0201", "2026-02-02"));
    assert_eq!(row("注 销"), told("04", "0299", "2026-03-03"));
    assert_eq!(row(""), json!({ "number": "A-1" }));
}

#[test]
fn a_cell_that_cannot_be_read_says_which() {
    let headers = ["证书编号", "证书状态", "认证委托人组织机构代码", "暂停原因", "证书发证日期", "生产企业人数"];
    let found = faults(&headers, &["甲，乙", "02", "91230607716675409X", "心情不好", "长期", "很多"]);
    let wanted = [
        ("/number", Rule::CertificateNumberForm),
        ("/holder/uscc", Rule::UsccCheckDigit),
        ("/status_reason", Rule::CodeUnknown),
        ("/issued_on", Rule::DateForm),
        ("/factory_site/employees", Rule::WrongType),
    ];
    assert_eq!(found, wanted.map(|(pointer, rule)| (pointer.to_owned(), rule)));

    let headers = ["证书编号", "变更原因", "认证制度", "建材种类", "星级", "生产企业实际地址经度坐标", "证书状态"];
    let found = faults(&headers, &["A-1", "搬家", "CCC", "门窗", "五星", "东经125度", "好"]);
    let wanted = [
        ("/change_reason", Rule::CodeUnknown),
        ("/scheme", Rule::NotAllowed),
        ("/kind", Rule::KindUnknown),
        ("/star", Rule::NotAllowed),
        ("/factory_site/longitude", Rule::DecimalForm),
        ("/reported_status", Rule::NotAllowed),
    ];
    assert_eq!(found, wanted.map(|(pointer, rule)| (pointer.to_owned(), rule)));
}

#[test]
fn a_fault_names_the_column_and_the_cell_in_both_languages() {
    let report = Report::of(&["证书编号", "证书状态", "认证委托人组织机构代码"], &[&["A-1", "01", "12345"]]);

    let fault: Fault = read(report.csv()).remove(0).json.unwrap_err().remove(0);

    assert_eq!((fault.pointer.as_str(), fault.rule), ("/holder/uscc", Rule::UsccForm));
    let said = fault.detail.unwrap();
    assert_eq!(said.zh, "“认证委托人组织机构代码”列（C3）的内容是“12345”");
    assert_eq!(said.en, "the column 认证委托人组织机构代码 (Applicant: organisation code), cell C3, reads “12345”");
}

#[test]
fn the_number_of_a_citizen_is_refused_and_not_quoted() {
    for (number, rule) in [
        ("230699198009150034", Rule::UsccIsCitizenNumber),
        ("11010519491231002x", Rule::UsccIsCitizenNumber),
        ("２３０６９９ １９８００９１５ ００３４", Rule::UsccIsCitizenNumber),
        ("230699198009150033", Rule::UsccCheckDigit),
    ] {
        let report = Report::of(&["证书编号", "证书状态", "认证委托人组织机构代码"], &[&["A-1", "01", number]]);

        let fault: Fault = read(report.csv()).remove(0).json.unwrap_err().remove(0);

        assert_eq!((fault.pointer.as_str(), fault.rule), ("/holder/uscc", rule), "{number}");
        let said = fault.detail.unwrap();
        assert_eq!(said.zh, "“认证委托人组织机构代码”列（C3）的内容是“***”", "{number}");
        assert_eq!(said.en, "the column 认证委托人组织机构代码 (Applicant: organisation code), cell C3, reads “***”");
    }
}

#[test]
fn what_is_no_name_is_refused_and_of_an_optional_party_nothing() {
    let headers = ["证书编号", "证书状态", "产品名称", "认证委托人名称", "生产者名称", "生产企业名称"];
    for other in ["详见附件", "暂无", "/", "—", "见附件2"] {
        let report = Report::of(&headers, &[&["A-1", "01", "塑料窗", "甲公司", other, "无"]]);
        let json: Value = serde_json::from_str(&read(report.csv()).remove(0).json.unwrap()).unwrap();
        assert!(json.get("manufacturer").is_none() && json.get("factory").is_none(), "{other} {json}");
    }

    let report = Report::of(&headers, &[&["A-1", "01", "详见附件", "12345", "乙公司", "丙公司"]]);
    let found = read(report.csv()).remove(0).json.unwrap_err();

    let told: Vec<_> = found.iter().map(|it| (it.pointer.as_str(), it.rule)).collect();
    assert_eq!(told, [("/product_name", Rule::NotAName), ("/holder/name", Rule::NotAName)]);
    assert_eq!(found[0].detail.as_ref().unwrap().zh, "“产品名称及单元(主)”列（C3）的内容是“详见附件”");
}

#[test]
fn cells_of_a_workbook_are_read_by_their_kind() {
    let mut report = Report::of(&["证书编号", "证书状态", "证书到期日期", "HS编码", "暂停原因"], &[]);
    let day = Cell::Day(date(2030, 6, 4));
    report.rows.push(vec![
        "A-1".into(),
        Cell::Number(2.0),
        day.clone(),
        Cell::Number(39_259_000.0),
        Cell::Number(208.0),
    ]);
    report.rows.push(vec![Cell::Number(1e17), "01".into(), Cell::Number(20_300_604.0), day, "".into()]);

    let lines = read(report.xlsx());

    let wanted = json!({
        "number": "A-1", "reported_status": "02", "valid_until": "2030-06-04", "hs_code": "39259000",
        "status_reason": "0208",
    });
    assert_eq!(record(&lines[0]), wanted);
    let faults = lines[1].json.as_ref().unwrap_err();
    let found: Vec<_> = faults.iter().map(|it| (it.pointer.as_str(), it.rule)).collect();
    assert_eq!(found, [("/number", Rule::WrongType), ("/hs_code", Rule::WrongType)]);
    assert!(faults[0].detail.as_ref().unwrap().en.contains("lost its last digits"));
}

#[test]
fn blank_rows_and_notes_are_no_lines_and_a_header_may_be_repeated() {
    let csv = "产品认证证书信息表\n\n证书编号,证书状态,备注,认证委托人联系人\nA-1,01,甲,张\n,,/,李\n\
               备注,证书状态,证书编号\n乙,01,A-2\n注：以上为本月数据\n合计,,\n丙,01,\n";

    let lines = read(csv);

    let found: Vec<_> = lines.iter().map(|it| (it.number, record(it)["remark"].clone())).collect();
    assert_eq!(found, [(4, json!("甲")), (7, json!("乙")), (10, json!("丙"))]);
}

#[test]
fn a_file_has_one_table() {
    let none = read_within(&LineLimits::default(), "证书编号,备注\nA-1,x\n").1;
    assert!(matches!(none, Err(LinesError::NoHeader)));
    let report = Report::of(&["证书编号", "证书状态", "备注"], &[&["A-1", "01", "x"]]);
    let mut book = Workbook::new();
    book.add_worksheet().set_name("说明").unwrap().write_string(0, 0, "填表说明").unwrap();
    report.sheet(&mut book, "甲");
    report.sheet(&mut book, "乙");

    let (lines, outcome) = read_within(&LineLimits::default(), book.save_to_buffer().unwrap());

    assert_eq!(lines.len(), 1);
    match outcome {
        Err(LinesError::SeveralTables { first, second }) => assert_eq!((first.as_str(), second.as_str()), ("甲", "乙")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_limit_is_enforced() {
    let row: &[&str] = &["A-1", "01", "一二三四五六七八九十一二三四五六七八九十"];
    let report = Report::of(&["证书编号", "证书状态", "备注"], &[row; 5]);
    let ample = LineLimits::default;

    let (lines, outcome) = read_within(&LineLimits { lines: 4, ..ample() }, report.csv());
    assert_eq!(lines.len(), 4);
    assert!(matches!(outcome, Err(LinesError::TooManyLines { limit: 4 })));

    let rule = |limits: &LineLimits| {
        let (lines, _) = read_within(limits, report.xlsx());
        lines[0].json.as_ref().unwrap_err().iter().map(|it| (it.pointer.clone(), it.rule)).collect::<Vec<_>>()
    };
    assert_eq!(rule(&LineLimits { line_bytes: 50, ..ample() }), [(String::new(), Rule::TooLong)]);
    let table = Limits { cell_chars: 10, ..ample().table };
    assert_eq!(rule(&LineLimits { table, ..ample() }), [("/remark".to_owned(), Rule::TooLong)]);

    let table = Limits { columns: 2, ..ample().table };
    match read_within(&LineLimits { table, ..ample() }, report.csv()).1 {
        Err(LinesError::Table(ReadError::TooLarge { what, .. })) => assert_eq!(what, Measure::Columns),
        other => panic!("{other:?}"),
    }
    let pdf = read_within(&ample(), "%PDF-1.7").1;
    assert!(matches!(pdf, Err(LinesError::Table(ReadError::NotAList { found: Content::Pdf }))));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_cells_make_it_panic_or_pass_a_limit(
        rows in prop::collection::vec(prop::collection::vec("(\\PC|\n|[0-9年月日/./、；()《》A-Z-]|GB/T ){0,12}", 82), 1..4),
        noise in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        let headers = Report::full().headers;
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        let limits = LineLimits { lines: 2, line_bytes: 600, ..LineLimits::default() };
        let csv = Report::of(&headers, &rows).csv();
        for data in [csv.clone().into_bytes(), [csv.as_bytes(), &noise[..]].concat()] {
            let (lines, _) = read_within(&limits, data);
            prop_assert!(lines.len() <= 2);
            for line in lines {
                match line.json {
                    Ok(json) => prop_assert!(json.len() <= 600 && serde_json::from_str::<Value>(&json).is_ok()),
                    Err(faults) => prop_assert!(!faults.is_empty() && faults.iter().all(|it| it.rule == Rule::TooLong || it.detail.is_some())),
                }
            }
        }
    }
}
