//! The state machine, step by step.

use super::{
    Certificate, HeldRecords, Party, ReportedStatus, StatedScope, Statement, Target, Transition, Unit, cancel_models,
    differences, step,
};
use crate::event::Event;
use crate::ids::CertificateId;
use crate::problem::ProblemKind;
use crate::rule::Rule;
use crate::timeline::Timeline;
use crate::values::{RecordSource, Scheme, Star};
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 11, 22);

/// A star certificate that holds.
pub(crate) fn certificate() -> Certificate {
    Certificate {
        kind: "gbm-09".to_owned(),
        star: Star::try_from(3).ok(),
        holder: Party::named("示例", None),
        product_name: "窗".to_owned(),
        issued_on: Some(date(2025, 6, 5)),
        status_on: date(2025, 6, 5),
        ..Certificate::bare(
            "CNCA-R-2006-148".parse().unwrap(),
            "CABR-01(02)-(2025)-CGP-035".parse().unwrap(),
            date(2030, 6, 4),
        )
    }
}

fn suspended(before: &Certificate, on: Date) -> Certificate {
    Certificate {
        reported_status: ReportedStatus::Suspended,
        status_on: on,
        status_reason: Some("0203".to_owned()),
        ..before.clone()
    }
}

fn event(before: &Certificate, since: Date, after: &Certificate) -> Result<Option<Event>, ProblemKind> {
    step(Some((before, since)), after, TODAY).map(|it| it.map(|it| it.event)).map_err(|problem| problem.kind)
}

#[test]
fn the_first_record_issues_and_a_first_sight_of_a_suspension_is_recorded() {
    let issued = certificate();

    assert_eq!(step(None, &issued, TODAY).unwrap().unwrap().event, Event::CertificateIssued);
    let seen = suspended(&issued, date(2026, 1, 1));
    assert_eq!(step(None, &seen, TODAY).unwrap().unwrap().event, Event::CertificateRecorded);
}

#[test]
fn every_arrow_of_the_state_machine_is_legal_and_no_other() {
    for &from in ReportedStatus::ALL {
        for &to in ReportedStatus::ALL {
            let mut before = certificate();
            before.reported_status = from;
            let mut after = Certificate { reported_status: to, status_on: date(2026, 11, 1), ..before.clone() };
            after.status_reason = to.reason_action().map(|_| "0299".to_owned());
            if to == ReportedStatus::Expired {
                after.valid_until = date(2026, 10, 31);
            }
            if from == to {
                continue;
            }

            let result = event(&before, before.status_on, &after);

            match from.next().contains(&to) {
                true => assert!(matches!(result, Ok(Some(_))), "{from:?} → {to:?}: {result:?}"),
                false => assert_eq!(result, Err(ProblemKind::IllegalStep), "{from:?} → {to:?}"),
            }
        }
    }
}

#[test]
fn a_final_status_names_no_legal_step() {
    let problem = super::illegal(ReportedStatus::Withdrawn);

    assert_eq!(problem.faults.first().map(|it| it.allowed.len()), Some(0));
    assert!(problem.detail.is_some());
}

#[test]
fn the_same_record_again_is_no_step() {
    let issued = certificate();

    assert_eq!(event(&issued, issued.status_on, &issued), Ok(None));
}

#[test]
fn a_reissue_is_a_change_and_other_words_are_a_correction() {
    let issued = certificate();
    let reissued = Certificate { reissued_on: Some(date(2026, 2, 1)), ..issued.clone() };
    let corrected = Certificate { product_name: "门".to_owned(), ..issued.clone() };

    assert_eq!(event(&issued, issued.status_on, &reissued), Ok(Some(Event::CertificateChanged)));
    assert_eq!(event(&issued, issued.status_on, &corrected), Ok(Some(Event::CertificateCorrected)));
}

#[test]
fn a_step_never_takes_effect_before_the_one_before_it() {
    let issued = certificate();
    let paused = suspended(&issued, date(2026, 5, 1));
    let restored = Certificate { status_on: date(2026, 4, 1), ..issued };

    let problem = step(Some((&paused, paused.status_on)), &restored, TODAY).unwrap_err();

    assert_eq!(problem.faults.first().map(|it| it.rule), Some(Rule::DateOrder));
}

#[test]
fn a_suspension_without_a_reason_is_refused() {
    let mut paused = suspended(&certificate(), date(2026, 5, 1));
    paused.status_reason = None;

    let problem = step(None, &paused, TODAY).unwrap_err();

    assert_eq!(
        problem.faults.first().map(|it| (it.pointer.as_str(), it.rule)),
        Some(("/status_reason", Rule::Required))
    );
}

#[test]
fn the_last_day_of_validity_is_not_yet_expired() {
    let mut expired = Certificate { valid_until: date(2026, 10, 31), ..certificate() };
    expired.reported_status = ReportedStatus::Expired;
    expired.status_on = date(2026, 10, 31);
    assert!(step(None, &expired, TODAY).is_err());

    expired.status_on = date(2026, 11, 1);
    assert!(step(None, &expired, TODAY).is_ok());
}

#[test]
fn a_bodys_own_record_takes_the_place_of_a_city_lists() {
    let hearsay = Certificate { record_source: RecordSource::CityList, ..certificate() };
    let own = suspended(&certificate(), date(2026, 1, 1));

    assert_eq!(event(&hearsay, hearsay.status_on, &own), Ok(Some(Event::CertificateRecorded)));
}

#[test]
fn a_correction_that_names_no_day_goes_back_to_the_day_that_stood() {
    let issued = certificate();
    let paused = suspended(&issued, date(2026, 5, 1));
    let timeline: Timeline<_> =
        [(issued.status_on, issued.clone()), (date(2026, 5, 1), paused.clone())].into_iter().collect();
    let to = Target::Correction(ReportedStatus::Valid, "误报".to_owned());

    let after = transition(to).apply(&paused, &timeline, TODAY).unwrap();

    assert_eq!((after.reported_status, after.status_on), (ReportedStatus::Valid, issued.status_on));
    assert_eq!(after.correction.as_deref(), Some("误报"));
}

#[test]
fn a_correction_to_a_status_that_never_was_must_name_its_day() {
    let issued = certificate();
    let timeline: Timeline<_> = [(issued.status_on, issued.clone())].into_iter().collect();
    let to = Target::Correction(ReportedStatus::Suspended, "漏报".to_owned());

    let problem = transition(to.clone()).apply(&issued, &timeline, TODAY).unwrap_err();
    let dated =
        Transition { effective_on: Some(date(2026, 6, 1)), ..transition(to) }.apply(&issued, &timeline, TODAY).unwrap();

    assert_eq!(problem.faults[0].pointer, "/status_on");
    assert_eq!(dated.status_on, date(2026, 6, 1));
}

#[test]
fn a_model_is_cancelled_once_and_only_where_the_unit_names_it() {
    let units = [Unit { name: "窗".to_owned(), models: vec!["65".to_owned()], ..Unit::default() }];
    let cancel = |units: &[Unit], model: &str| cancel_models(units, "窗", &[model.to_owned()], TODAY);

    let once = cancel(&units, "65").unwrap();

    assert_eq!(once[0].cancelled_models[0].cancelled_on, TODAY);
    assert_eq!(cancel(&once, "65").unwrap_err().kind, ProblemKind::IllegalStep);
    assert_eq!(cancel(&units, "70").unwrap_err().faults[0].allowed, ["65"]);
    assert!(cancel_models(&units, "门", &[], TODAY).is_err());
}

#[test]
fn a_body_that_has_not_heard_of_the_end_changes_nothing() {
    let issued = certificate();
    let ended = Certificate { reported_status: ReportedStatus::Expired, status_on: date(2030, 6, 5), ..issued.clone() };
    let timeline: Timeline<_> =
        [(issued.status_on, issued.clone()), (ended.status_on, ended.clone())].into_iter().collect();
    let held = HeldRecords { present: &ended, latest: &ended };
    let told = Statement { certificate: issued.clone(), status_on: None };

    assert!(told.needs_timeline(held));
    let record = told.complete(Some(held), &timeline, date(2030, 7, 1)).unwrap();
    assert_eq!((record.reported_status, record.status_on), (ReportedStatus::Expired, ended.status_on));
}

#[test]
fn what_a_city_list_said_leaves_the_bodys_first_word_its_own_day() {
    let hearsay = Certificate { record_source: RecordSource::CityList, status_on: date(2026, 1, 1), ..certificate() };
    let held = HeldRecords { present: &hearsay, latest: &hearsay };
    let told = Statement { certificate: certificate(), status_on: None };

    let record = told.complete(Some(held), &Timeline::default(), TODAY).unwrap();

    assert_eq!(Some(record.status_on), record.issued_on);
}

#[test]
fn a_record_says_its_scope_itself_or_by_its_batch_or_as_before() {
    let before = Certificate { scheme: Scheme::GreenProduct, kind: "gpc-01".to_owned(), star: None, ..certificate() };
    let star = Star::try_from(3).ok();
    let batch = StatedScope { star, ..StatedScope::default() };

    assert_eq!(StatedScope::default().or(&batch, Some(&before)), Ok((Scheme::GreenProduct, "gpc-01".to_owned(), None)));
    let own = StatedScope { scheme: Some(Scheme::StarCertification), kind: Some("gbm-09".to_owned()), star: None };
    assert_eq!(own.or(&batch, None), Ok((Scheme::StarCertification, "gbm-09".to_owned(), None)));
    assert_eq!(StatedScope::default().or(&batch, None).unwrap_err().len(), 2);
}

#[test]
fn two_records_differ_in_the_fields_that_both_could_say() {
    let ours = certificate();
    let theirs = Certificate { id: CertificateId::mint(), product_name: "门".to_owned(), ..ours.clone() };

    let difference = crate::difference::Difference {
        pointer: "/product_name".to_owned(),
        ours: ours.product_name.clone().into(),
        theirs: "门".into(),
    };
    assert_eq!(differences(&ours, &theirs).unwrap(), [difference]);
}

fn transition(to: Target) -> Transition {
    Transition { to, effective_on: None, reason: None, suspension_planned_end: None }
}
