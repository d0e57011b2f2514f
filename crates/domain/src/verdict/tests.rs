//! Verdicts from facts that are made here.

use super::judge::Comparison;
use super::*;
use crate::conformity::certificate::{CancelledModel, Unit};
use jiff::civil::date;

const DAY: Date = date(2026, 3, 2);

fn terms() -> Terms {
    Terms { valid_on: DAY, cut: 7, basis: Basis::Certificate, list: None }
}

fn verdict(eligibility: Eligibility, code: ReasonCode) -> Verdict {
    terms().verdict_of(eligibility, Reason::plain(code))
}

fn unit(model: &str, zone: ClimateZone) -> Unit {
    Unit { name: model.to_owned(), models: vec![model.to_owned()], climate_zones: vec![zone], ..Unit::default() }
}

fn question(model: &str, zone: ClimateZone) -> Question {
    Question { model: Some(model.to_owned()), climate_zone: Some(zone), ..Question::default() }
}

#[test]
fn one_unit_must_cover_all_that_is_asked_about() {
    let units = [unit("65", ClimateZone::Cold), unit("70", ClimateZone::SevereCold)];
    let differs = |code| Comparison::Differs(code, Vec::new());

    assert_eq!(question("65", ClimateZone::Cold).compare(&units, DAY), Comparison::Same);
    let other_zone = question("65", ClimateZone::SevereCold).compare(&units, DAY);
    assert_eq!(other_zone, differs(ReasonCode::ClimateZoneNotCovered));
    assert_eq!(question("80", ClimateZone::Cold).compare(&units, DAY), differs(ReasonCode::ModelNotCovered));
    assert_eq!(Question::default().compare(&units, DAY), Comparison::Unasked);
}

#[test]
fn where_nothing_is_named_nothing_is_compared() {
    let zone_only = Unit { climate_zones: vec![ClimateZone::Cold], ..Unit::default() };
    let elsewhere = |text: &str| Unit { models: vec![text.to_owned()], ..Unit::default() };
    let model = |model: &str| Question { model: Some(model.to_owned()), ..Question::default() };
    let zone = Question { climate_zone: Some(ClimateZone::Cold), ..Question::default() };

    for units in [vec![], vec![Unit::default()], vec![zone_only.clone()]] {
        assert_eq!(model("65").compare(&units, DAY), Comparison::Nothing);
    }
    for text in ["详见附件", "见附件", "/", "无", "—", "——", "N/A", "詳見附件"] {
        assert_eq!(model("65").compare(&[elsewhere(text)], DAY), Comparison::Nothing, "{text}");
        assert_eq!(model(text).compare(&[elsewhere("65")], DAY), Comparison::Unasked, "{text}");
    }
    assert_eq!(zone.compare(&[elsewhere("65")], DAY), Comparison::Nothing);
    assert_eq!(zone.compare(std::slice::from_ref(&zone_only), DAY), Comparison::Same);
    // The zone was compared, and the model could not be.
    assert_eq!(question("65", ClimateZone::Cold).compare(&[zone_only], DAY), Comparison::Nothing);
}

#[test]
fn a_model_that_looks_alike_is_a_candidate_and_never_the_answer() {
    let units = [unit("GC-65", ClimateZone::Cold)];
    let asked = Question { model: Some("gc6５".to_owned()), ..Question::default() };
    let comparison = asked.compare(&units, DAY);
    assert_eq!(comparison, Comparison::Differs(ReasonCode::ModelNotCovered, vec!["GC-65".to_owned()]));

    let verdict = verdict(Eligibility::Eligible, ReasonCode::CertificateValid).compared(comparison);

    assert_eq!((verdict.eligibility, verdict.comparison), (Eligibility::Undetermined, ComparisonResult::Compared));
    assert_eq!(verdict.model_candidates, ["GC-65"]);
    let codes: Vec<ReasonCode> = verdict.reasons.iter().map(|it| it.code).collect();
    assert_eq!(codes, [ReasonCode::ModelNotCovered, ReasonCode::LookAlike, ReasonCode::CertificateValid]);
}

#[test]
fn of_two_models_that_fold_alike_the_one_written_so_counts() {
    let cancelled = CancelledModel { model: "12mm".to_owned(), cancelled_on: DAY };
    let both =
        Unit { models: vec!["12".to_owned(), "12mm".to_owned()], cancelled_models: vec![cancelled], ..Unit::default() };

    assert!(both.covers("12", DAY) && !both.covers("12mm", DAY));
    assert!(!both.covers("12 ㎜", DAY), "it may be the cancelled one");
    assert!(both.covers("12 ㎜", DAY.yesterday().unwrap()));
}

#[test]
fn a_question_that_was_answered_says_what_became_of_its_scope() {
    let unknown = || verdict(Eligibility::Unknown, ReasonCode::CertificateUnknown);

    assert_eq!(question("65", ClimateZone::Cold).answered(unknown()).comparison, ComparisonResult::NotCompared);
    assert_eq!(Question::default().answered(unknown()).comparison, ComparisonResult::NotAsked);
}

#[test]
fn what_makes_green_wins_and_what_is_undetermined_weighs_more_than_what_does_not_hold() {
    let green = || verdict(Eligibility::Eligible, ReasonCode::CertificateValid);
    let open = || verdict(Eligibility::Undetermined, ReasonCode::StatusUnknownOnDay);
    let not = |code| verdict(Eligibility::NotEligible, code);
    let suspended = || not(ReasonCode::CertificateSuspended);

    assert_eq!(suspended().or_better(green()), green());
    assert_eq!(green().or_better(open()), green());
    assert_eq!(suspended().or_better(open()), open());
    assert_eq!(open().or_better(suspended()), open());
    assert_eq!(suspended().or_better(not(ReasonCode::CertificateExpired)), not(ReasonCode::CertificateExpired));
}

#[test]
fn a_number_that_several_bodies_use_is_ambiguous_and_one_that_looks_alike_is_never_a_match() {
    let number: CertificateNumber = "A-1".parse().unwrap();
    let id = CertificateId::mint();

    let ambiguous = terms().no_single_match(&number, vec![id], vec![]);
    let unknown = terms().no_single_match(&number, vec![], vec![id]);

    assert_eq!((ambiguous.eligibility, ambiguous.candidates), (Eligibility::Ambiguous, vec![id]));
    assert_eq!((unknown.eligibility, unknown.certificate), (Eligibility::Unknown, None));
    assert_eq!(unknown.reasons.last().unwrap().code, ReasonCode::LookAlike);
}
