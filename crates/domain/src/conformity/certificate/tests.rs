//! The state machine, step by step.

use super::{Certificate, Party, ReportedStatus, Scheme, step};
use crate::event::Event;
use crate::ids::CertificateId;
use crate::problem::ProblemKind;
use crate::rule::Rule;
use crate::values::{RecordSource, Star};
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 11, 22);

fn certificate() -> Certificate {
    Certificate {
        id: CertificateId::mint(),
        certification_body: "CNCA-R-2006-148".parse().unwrap(),
        number: "CABR-01(02)-(2025)-CGP-035".parse().unwrap(),
        scheme: Scheme::StarCertification,
        kind: "gbm-09".to_owned(),
        star: Star::try_from(3).ok(),
        holder: Party::named("示例", None),
        manufacturer: None,
        factory: None,
        product_name: "窗".to_owned(),
        units: vec![],
        standards: vec![],
        first_issued_on: None,
        issued_on: Some(date(2025, 6, 5)),
        reissued_on: None,
        valid_until: date(2030, 6, 4),
        reported_status: ReportedStatus::Valid,
        status_on: date(2025, 6, 5),
        status_reason: None,
        suspension_planned_end: None,
        factory_site: None,
        product_name_en: None,
        technical_requirements: None,
        certification_mode: None,
        mutual_recognition: None,
        project_number: None,
        hs_code: None,
        decided_on: None,
        change_reason: None,
        predecessor: None,
        attachments: Vec::new(),
        remark: None,
        correction: None,
        record_source: RecordSource::Body,
        sample: false,
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
