//! The reference data is whole, in two languages, and says what is verified.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;
use crate::rule::Rule;
use crate::values::Scheme;

fn list(id: &str) -> CodeList {
    code_list(id).unwrap().clone()
}

#[test]
fn every_list_has_all_its_rows_once() {
    for (id, count) in [
        ("kinds-green-building-material-certification", 51),
        ("kinds-green-product-certification", 8),
        ("divisions", 12),
        ("certificate-statuses", 5),
        ("certificate-reasons", 89),
        ("working-days", 286),
        ("certificate-fields", 82),
        ("certificate-schemes", 3),
        ("certificate-attachments", 4),
        ("predecessor-relations", 2),
    ] {
        let codes: BTreeSet<_> = list(id).items.into_iter().map(|item| item.code).collect();
        assert_eq!((list(id).items.len(), codes.len()), (count, count), "{id}");
    }
    assert_eq!(code_lists().len(), 10);
    assert!(code_lists().iter().flat_map(|list| &list.items).all(|item| !item.source.is_empty()));
}

#[test]
fn a_code_keeps_what_its_list_says() {
    let reasons = list("certificate-reasons").items;
    let reason = reasons.iter().find(|item| item.code == "product/suspend/0208").unwrap();

    assert!(reason.name_en.as_ref().unwrap().contains("seasonal"));
    assert_eq!(reason.attributes["reason_code"], "0208");
    assert_eq!(reason.attributes["en_unofficial"], "true");
    assert_eq!(list("certificate-statuses").items[1].attributes["counts_as_valid"], "false");
    assert!(reasons.iter().all(|item| item.name_en.is_some()));
}

#[test]
fn kinds_are_found_by_code_and_by_exact_name_only() {
    assert_eq!(kinds().len(), 59);
    for it in kinds() {
        assert_eq!((kind(&it.code), kind_by_name(&it.name_zh)), (Some(it), Some(it)));
        assert!(it.standard.is_some() && !it.batch.is_empty(), "{}", it.code);
    }
    assert_eq!(kind_by_name(" 陶瓷砖（板） ").unwrap().code, "gp-08");
    for guess in ["门窗", "建筑门窗", "防水", ""] {
        assert_eq!(kind_by_name(guess), None);
    }
}

#[test]
fn only_a_confirmed_standard_is_verified() {
    let verified: Vec<_> = kinds().iter().filter(|kind| kind.standard_verified).map(|kind| &*kind.code).collect();
    assert_eq!(verified, ["gbm-09"]);
    assert_eq!(kind("gbm-09").unwrap().standard.as_ref().unwrap().as_str(), "T/CECS 10026-2019");
}

#[test]
fn certification_bodies_have_one_row_each() {
    let bodies = certification_bodies();
    let numbers: BTreeSet<_> = bodies.iter().map(|body| &body.approval_number).collect();

    assert_eq!((bodies.len(), numbers.len()), (185, 185));
    assert_eq!(bodies.iter().filter(|body| body.verified).count(), 1);
}

#[test]
fn an_alias_is_of_a_body_that_is_there_and_says_where_it_is_from() {
    let bodies: BTreeSet<_> = certification_bodies().into_iter().map(|it| it.approval_number).collect();
    let aliases = certification_body_aliases();

    assert_eq!(aliases.len(), 15);
    assert!(aliases.iter().all(|it| bodies.contains(&it.approval_number) && !it.source.is_empty()));
    assert!(aliases.iter().all(|it| !it.verified), "none was checked against the publication of CNCA");
}

#[test]
fn what_a_certificate_is_coded_with_is_named_in_both_languages() {
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let lists = code_lists().iter().filter(|list| list.id.starts_with("certificate-") || list.id.starts_with("pre"));
    let mut seen = 0;
    for list in lists {
        seen += 1;
        assert!(list.title_zh.chars().any(is_han) && !list.title_en.chars().any(is_han), "{}", list.id);
        for item in &list.items {
            let name_en = item.name_en.as_deref().unwrap_or_default();
            assert!(item.name_zh.chars().any(is_han), "{}: {}", list.id, item.code);
            assert!(!name_en.is_empty() && !name_en.chars().any(is_han), "{}: {}", list.id, item.code);
        }
    }
    assert_eq!(seen, 6);
}

#[test]
fn a_reason_says_which_schemes_it_applies_to() {
    let schemes: Vec<_> = list("certificate-schemes").items.into_iter().map(|item| item.code).collect();
    for item in list("certificate-reasons").items {
        let of = item.attributes.get("schemes").map(|it| it.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(of, item.code.starts_with("product/").then(|| schemes.clone()), "{}", item.code);
    }
}

#[test]
fn the_closed_lists_of_a_record_are_those_of_its_types() {
    let codes = |id: &str| list(id).items.into_iter().map(|item| item.code).collect::<Vec<_>>();

    let schemes = [Scheme::StarCertification, Scheme::GreenProduct, Scheme::LegacyLabel];
    assert_eq!(codes("certificate-schemes"), schemes.map(Scheme::name));
    let stars: Vec<_> =
        list("certificate-schemes").items.iter().map(|it| it.attributes.contains_key("stars")).collect();
    assert_eq!(stars, [true, false, true]);
    let roles: BTreeSet<_> = certificate_fields()
        .iter()
        .filter_map(|it| it.field.as_deref()?.strip_prefix("/attachments/").map(str::to_owned))
        .collect();
    assert_eq!(roles, codes("certificate-attachments").into_iter().collect());
    let reasons = codes("certificate-reasons");
    assert!(list("predecessor-relations").items.iter().all(|it| reasons.contains(&it.attributes["reason"])));
}

#[test]
fn a_field_is_kept_somewhere_or_says_why_not() {
    for it in certificate_fields() {
        assert_eq!(it.field.is_some(), it.kept == "yes", "{}", it.no);
        assert_eq!(it.why_not.is_some(), it.kept == "no", "{}", it.no);
    }
    let not_kept: Vec<_> = certificate_fields().iter().filter(|it| it.kept == "no").map(|it| it.no.as_str()).collect();
    assert_eq!(not_kept, ["22", "23", "36", "37", "51", "52", "69", "76"]);
    let of_a_status: Vec<_> =
        certificate_fields().iter().filter(|it| it.only_for_status.is_some()).map(|it| it.no.as_str()).collect();
    assert_eq!(of_a_status, ["60", "61", "62", "63", "64", "65", "66"]);
}

#[test]
fn the_guide_has_every_field() {
    let guide = include_str!("../../../../api/docs/guides/certificate-fields.md");
    let told: Vec<_> = guide.lines().filter(|line| line.starts_with("| ") && line.contains(" | ")).skip(1).collect();

    let wanted: Vec<_> = certificate_fields()
        .iter()
        .map(|it| {
            let place = it.field.as_ref().map_or("–".to_owned(), |field| format!("`{field}`"));
            let note = match (it.why_not.as_deref(), it.only_for_status.as_deref()) {
                (Some("personal"), _) => "不保存：个人信息 / not kept: personal".to_owned(),
                (Some(_), _) => "不保存：仅用于传输 / not kept: transport only".to_owned(),
                (None, Some(status)) => format!("仅状态 {status} / status {status} only"),
                (None, None) => String::new(),
            };
            format!("| {} | {} | {} | {place} | {note} |", it.no, it.field_zh, it.name_en)
        })
        .collect();
    assert_eq!(told, wanted);
}

#[test]
fn exchanged_weekends_move_the_end_of_a_period() {
    for (start, n, end) in [
        (date(2023, 9, 27), 5, date(2023, 10, 10)),
        (date(2024, 2, 7), 5, date(2024, 2, 20)),
        (date(2025, 1, 24), 5, date(2025, 2, 7)),
        (date(2025, 9, 29), 7, date(2025, 10, 15)),
        (date(2026, 2, 12), 5, date(2026, 2, 26)),
        (date(2023, 5, 4), 20, date(2023, 5, 31)),
    ] {
        assert_eq!(working_days().add(start, n), Ok(end), "{start} + {n}");
    }
    assert_eq!(working_days().is_working_day(date(2026, 10, 10)), Ok(true));
    assert_eq!(working_days().is_working_day(date(2026, 10, 11)), Ok(false));
    assert_eq!(working_days().on_or_after(date(2026, 10, 1)), Ok(date(2026, 10, 8)));
}

#[test]
fn an_unknown_year_is_an_error() {
    for unknown in [date(2018, 12, 29), date(2027, 1, 1), date(2027, 6, 1), date(2026, 12, 31), Date::MAX] {
        assert_eq!(working_days().is_working_day(unknown), Err(Rule::YearNotInCalendar), "{unknown}");
    }
    assert_eq!(working_days().is_working_day(date(2026, 12, 28)), Ok(true));
    assert_eq!(working_days().add(date(2026, 12, 24), 3), Err(Rule::YearNotInCalendar));
    assert_eq!(working_days().add(Date::MAX, 1), Err(Rule::YearNotInCalendar));
}

proptest! {
    #[test]
    fn adding_in_two_steps_is_adding_at_once(offset in 0_i64..2500, a in 0_u16..30, b in 0_u16..30) {
        let start = date(2019, 1, 1) + jiff::Span::new().days(offset);
        let calendar = working_days();
        let in_steps = calendar.add(start, a).and_then(|day| calendar.add(day, b));
        prop_assert_eq!(in_steps, calendar.add(start, a + b));
    }
}
