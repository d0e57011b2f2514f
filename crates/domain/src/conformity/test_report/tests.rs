//! The steps of a report, told from its records.

use super::{ItemConclusion, PushedReport, ReportConclusion, TestReport, TestReportStatus, differences, step, void};
use crate::event::Event;
use crate::ids::TestReportId;
use crate::problem::ProblemKind;
use crate::rule::Rule;
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 3, 2);

fn report() -> TestReport {
    serde_json::from_value(serde_json::json!({
        "id": "rept_01900000-0000-7000-8000-000000000008", "laboratory": "230800020001", "number": "WT2026-0117",
        "sample_name": "细木工板", "client": { "name": "示例板业有限公司" }, "inspection": "commissioned",
        "sampled_on": "2026-01-05", "tested_from": "2026-01-06", "tested_until": "2026-01-12",
        "issued_on": "2026-01-15", "items": [
            { "name": "甲醛释放量", "method": "GB/T 17657-2022 4.60", "unit": "mg/m³", "value": "0.050",
              "number": "0.050", "conclusion": "pass" },
            { "name": "放射性", "method": "GB 6566-2010", "value": "未检出", "conclusion": "not_judged" }
        ], "conclusion": "pass", "status": "issued"
    }))
    .unwrap()
}

#[test]
fn a_report_is_issued_amended_unchanged_and_voided() {
    let issued = step(None, report(), TODAY).unwrap().unwrap();
    assert_eq!((issued.event, issued.effective_on), (Event::TestReportIssued, date(2026, 1, 15)));
    assert_eq!(step(Some(&issued.after), report(), TODAY).unwrap(), None);

    let stated = TestReport { sample_name: "细木工板（改）".to_owned(), ..report() };
    let amended = step(Some(&issued.after), stated.clone(), TODAY).unwrap().unwrap();
    assert_eq!((amended.event, amended.effective_on), (Event::TestReportAmended, TODAY));
    assert_eq!(amended.after.status, TestReportStatus::Amended);
    assert_eq!(step(Some(&amended.after), stated.clone(), TODAY).unwrap(), None);

    let voided = void(&amended.after, "样品信息有误".to_owned(), date(2026, 2, 1), TODAY).unwrap();
    assert_eq!((voided.event, voided.after.voided_on), (Event::TestReportVoided, Some(date(2026, 2, 1))));
    for refused in [
        step(Some(&voided.after), stated, TODAY).map(drop),
        void(&voided.after, "再次".to_owned(), TODAY, TODAY).map(drop),
    ] {
        assert_eq!(refused.unwrap_err().kind, ProblemKind::IllegalStep);
    }
}

#[test]
fn a_record_that_contradicts_itself_is_refused() {
    type Spoil = fn(&mut TestReport);
    let cases: [(Spoil, &str, Rule); 11] = [
        (|it| it.issued_on = date(2026, 3, 3), "/issued_on", Rule::OutOfRange),
        (|it| it.sampled_on = Some(date(2026, 1, 16)), "/sampled_on", Rule::DateOrder),
        (|it| it.tested_from = Some(date(2026, 1, 4)), "/tested_from", Rule::DateOrder),
        (|it| it.tested_from = Some(date(2026, 1, 13)), "/tested_from", Rule::DateOrder),
        (|it| it.tested_until = Some(date(2026, 1, 16)), "/tested_until", Rule::DateOrder),
        (|it| it.valid_until = Some(date(2026, 1, 14)), "/valid_until", Rule::DateOrder),
        (|it| it.supersedes = "wt2026－0117".parse().ok(), "/supersedes", Rule::NotAllowed),
        (|it| it.items[0].number = "0.05".parse().ok(), "/items/0/number", Rule::NotAllowed),
        // What is not found, or lies below a limit, is no number.
        (|it| it.items[1].number = "999".parse().ok(), "/items/1/number", Rule::NotAllowed),
        (
            |it| (it.items[0].value, it.items[0].number) = ("< 0.01".to_owned(), "0.5".parse().ok()),
            "/items/0/number",
            Rule::NotAllowed,
        ),
        (|it| it.items[1].conclusion = ItemConclusion::Fail, "/conclusion", Rule::NotAllowed),
    ];

    for (spoil, pointer, rule) in cases {
        let mut spoilt = report();
        spoil(&mut spoilt);
        let faults = step(None, spoilt, TODAY).unwrap_err().faults;
        assert!(faults.iter().any(|it| (it.pointer.as_str(), it.rule) == (pointer, rule)), "{pointer}: {faults:?}");
    }
    let mut otherwise = report();
    (otherwise.items[0].value, otherwise.items[0].number) = ("1.20×10³".to_owned(), "1200".parse().ok());
    assert!(step(None, otherwise, TODAY).is_ok(), "another notation of a number");
    for (value, number) in
        [("1.20×10³", "999"), ("3-5", "3"), ("A级/B1", "1"), ("≤0.1", "0.1"), ("1级", "1"), ("0.050 mg/m³", "0.05")]
    {
        let mut other = report();
        (other.items[0].value, other.items[0].number) = (value.to_owned(), number.parse().ok());
        let faults = step(None, other, TODAY).unwrap_err().faults;
        assert_eq!(faults.iter().map(|it| it.pointer.as_str()).collect::<Vec<_>>(), ["/items/0/number"], "{value}");
    }
    let mut failed = report();
    failed.items[1].conclusion = ItemConclusion::Fail;
    failed.conclusion = ReportConclusion::Fail;
    assert!(step(None, failed, TODAY).is_ok(), "a failing report is a report");
}

#[test]
fn a_pushed_record_may_repeat_whose_and_which_it_is() {
    let pushed = |laboratory: Option<&str>, number: Option<&str>| {
        let (laboratory, number) = (laboratory.map(|it| it.parse().unwrap()), number.map(|it| it.parse().unwrap()));
        PushedReport { report: report(), laboratory, number }
    };

    assert_eq!(pushed(None, None).stated().unwrap(), &report());
    assert_eq!(pushed(Some("230800020001"), Some("WT2026-0117")).stated().unwrap(), &report());
    let faults = pushed(Some("230800020002"), Some("wt2026-0117")).stated().unwrap_err().faults;
    let told: Vec<_> = faults.iter().map(|it| (it.pointer.as_str(), it.rule, it.allowed.clone())).collect();
    let wanted = [
        ("/laboratory", Rule::NotAllowed, vec!["230800020001".to_owned()]),
        ("/number", Rule::NotAllowed, vec!["WT2026-0117".to_owned()]),
    ];
    assert_eq!(told, wanted);
}

/// The fields in which a laboratory's record differs from ours.
fn pointers(ours: &TestReport, theirs: &TestReport) -> Vec<String> {
    differences(ours, theirs).unwrap().into_iter().map(|it| it.pointer).collect()
}

#[test]
fn a_list_differs_in_its_fields_and_where_ours_is_void() {
    let amended = TestReport { status: TestReportStatus::Amended, ..report() };
    let other = TestReport { id: TestReportId::mint(), sample_name: "胶合板".to_owned(), ..report() };
    let voided = void(&report(), "样品信息有误".to_owned(), TODAY, TODAY).unwrap().after;

    assert!(pointers(&amended, &report()).is_empty(), "a record says nothing of amendments");
    assert_eq!(pointers(&amended, &other), ["/sample_name"]);
    assert_eq!(pointers(&voided, &report()), ["/status"]);
}
