//! What must be so when an evidence is claimed, confirmed or ended.

use super::evidence::{Evidence, EvidenceStatus, Gap, Proof, covers, report_covers};
use super::test_report::{ReportConclusion, TestReport, TestReportStatus};
use crate::event::Event;
use crate::ids::OrganisationId;
use crate::problem::{Fault, Problem, ProblemKind};
use crate::product::{Product, ProductStatus};
use crate::rule::Rule;
use jiff::civil::Date;

/// From when and until when an evidence counts, as who confirms it says.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// The first day; today when absent.
    pub effective_on: Option<Date>,
    /// The last day, for a test report, whose period no rule sets.
    pub valid_until: Option<Date>,
    /// Why a certificate or a test report of another firm proves the product.
    pub distinct_holder: Option<String>,
}

impl Terms {
    /// Who does not confirm says none of it.
    fn refused(&self) -> Result<(), Fault> {
        let said = [
            ("/effective_on", self.effective_on.is_some()),
            ("/valid_until", self.valid_until.is_some()),
            ("/distinct_holder", self.distinct_holder.is_some()),
        ];
        match said.iter().find(|(_, is)| *is) {
            Some((pointer, _)) => Err(Fault::new(*pointer, Rule::NotAllowed)),
            None => Ok(()),
        }
    }
}

/// Refuses the terms of a proposal.
///
/// # Errors
///
/// Names the first of them that was said.
pub fn refuse_terms(terms: &Terms) -> Result<(), Fault> {
    let why = |fault: Fault| fault.detail("由确认者填写", "who confirms it says this");
    terms.refused().map_err(why)
}

/// What is confirmed is public, and so must be what it is about.
///
/// # Errors
///
/// Refuses a product that is not admitted.
pub fn check_admitted(product: &Product) -> Result<(), Problem> {
    if product.status == ProductStatus::Admitted {
        return Ok(());
    }
    let problem = Problem::from(ProblemKind::IllegalStep).fault(Fault::new("/product", Rule::NotAllowed));
    if product.status == ProductStatus::Retired {
        return Err(problem.detail("产品已退库", "the product was taken out of the database"));
    }
    Err(problem.detail("产品尚未入库，先办理入库", "the product is a draft; it must be admitted first"))
}

/// An evidence counts neither before what it rests on was issued nor from a day to come.
///
/// # Errors
///
/// Refuses such a day.
pub fn check_day(proof: &Proof, day: Date, today: Date) -> Result<(), Fault> {
    let issued = match proof {
        Proof::Certificate(certificate) => certificate.first_issued_on.or(certificate.issued_on),
        Proof::TestReport(report) => Some(report.issued_on),
    };
    if day > today || issued.is_some_and(|issued| day < issued) {
        return Err(Fault::new("/effective_on", Rule::OutOfRange));
    }
    Ok(())
}

/// Whether a claim's certificate or test report covers its product in the models named.
///
/// # Errors
///
/// Refuses another kind, a model that one of the two does not name, and a report on which nothing may rest.
pub fn check_cover(proof: &Proof, product: &Product, models: &[String], today: Date) -> Result<(), Fault> {
    let (gap, kind) = match proof {
        Proof::Certificate(certificate) => (covers(certificate, product, models, today), certificate.kind.as_str()),
        Proof::TestReport(report) => {
            check_passing(report)?;
            (report_covers(report, product, models, None), product.kind.as_str())
        }
    };
    match gap {
        Ok(()) => Ok(()),
        Err(Gap::Kind) => Err(Fault::new("/certificate", Rule::NotAllowed)
            .detail(
                format!("证书种类 {kind} 与产品种类 {} 不同", product.kind),
                format!("the certificate is of kind {kind}, the product of {}", product.kind),
            )
            .allowed([&product.kind])),
        Err(Gap::Model(model)) => Err(Fault::new("/models", Rule::NotAllowed).detail(
            format!("产品与证书或检验检测报告未同时列出型号 {model}"),
            format!("the model {model} is not named by both the product and what the evidence rests on"),
        )),
    }
}

/// Nothing rests on a report that is void or does not pass.
fn check_passing(report: &TestReport) -> Result<(), Fault> {
    let fault = Fault::new("/test_report", Rule::NotAllowed);
    if report.status == TestReportStatus::Voided {
        return Err(fault.detail("报告已作废", "the report is void"));
    }
    if report.conclusion == ReportConclusion::Fail {
        return Err(fault.detail("报告结论为不合格", "the report does not pass"));
    }
    Ok(())
}

/// An evidence as its confirmation makes it: that of a report carries the kind and the last day.
///
/// # Errors
///
/// Refuses a last day for a certificate, none for a report, and one past the report's own.
pub fn confirmed(evidence: Evidence, proof: &Proof, product: &Product, terms: &Terms) -> Result<Evidence, Fault> {
    let Proof::TestReport(report) = proof else {
        return match terms.valid_until {
            Some(_) => Err(Fault::new("/valid_until", Rule::NotAllowed)
                .detail("证书的有效期由证书确定", "a certificate says itself until when it holds")),
            None => Ok(evidence),
        };
    };
    let Some(until) = terms.valid_until else {
        return Err(Fault::new("/valid_until", Rule::Required)
            .detail("须载明检验检测报告作为证据的截止日期", "say until when the report counts as evidence"));
    };
    if until < evidence.effective_on || report.valid_until.is_some_and(|end| until > end) {
        return Err(Fault::new("/valid_until", Rule::OutOfRange));
    }
    Ok(Evidence { kind: Some(product.kind.clone()), valid_until: Some(until), ..evidence })
}

/// What a decision about an evidence makes of it: what is recorded, from which day. A confirmation must still be
/// checked against what it rests on.
///
/// # Errors
///
/// Refuses a step that is not legal, and terms where nothing is confirmed.
pub fn decided(
    before: Evidence,
    to: EvidenceStatus,
    by: OrganisationId,
    terms: &Terms,
    today: Date,
) -> Result<(Event, Evidence, Date), Problem> {
    if !before.status.next().contains(&to) {
        let legal = before.status.next().iter().map(|it| it.step());
        let fault = Fault::new("/step", Rule::NotAllowed).allowed(legal);
        return Err(Problem::from(ProblemKind::IllegalStep).fault(fault));
    }
    let after = Evidence { status: to, decided_by: Some(by), ..before };
    if to == EvidenceStatus::Confirmed {
        let day = terms.effective_on.unwrap_or(today);
        return Ok((Event::EvidenceConfirmed, Evidence { effective_on: day, ..after }, day));
    }
    terms.refused()?;
    Ok(match to {
        EvidenceStatus::Ended => (Event::EvidenceEnded, Evidence { ended_on: Some(today), ..after }, today),
        _ => (Event::EvidenceRejected, after, today),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{EvidenceId, ProductId};
    use jiff::civil::date;

    const TODAY: Date = date(2026, 3, 2);

    fn evidence(status: EvidenceStatus) -> Evidence {
        Evidence {
            id: EvidenceId::mint(),
            product: ProductId::mint(),
            certificate: None,
            test_report: None,
            kind: None,
            models: Vec::new(),
            status,
            holder: None,
            distinct_holder: None,
            claimed_by: OrganisationId::mint(),
            decided_by: None,
            effective_on: date(2026, 1, 1),
            valid_until: None,
            ended_on: None,
        }
    }

    fn decide(from: EvidenceStatus, to: EvidenceStatus, terms: &Terms) -> Result<(Event, Evidence, Date), Problem> {
        decided(evidence(from), to, OrganisationId::mint(), terms, TODAY)
    }

    #[test]
    fn a_confirmation_counts_from_the_day_that_is_said_or_today() {
        let day = date(2026, 2, 1);
        let said = decide(
            EvidenceStatus::Proposed,
            EvidenceStatus::Confirmed,
            &Terms { effective_on: Some(day), ..Terms::default() },
        );
        let unsaid = decide(EvidenceStatus::Proposed, EvidenceStatus::Confirmed, &Terms::default());

        assert_eq!(said.unwrap().1.effective_on, day);
        assert_eq!(unsaid.unwrap().1.effective_on, TODAY);
    }

    #[test]
    fn what_is_ended_counts_until_the_day_before() {
        let (event, after, _) = decide(EvidenceStatus::Confirmed, EvidenceStatus::Ended, &Terms::default()).unwrap();

        assert_eq!(event, Event::EvidenceEnded);
        assert!(after.counts(TODAY.yesterday().unwrap()) && !after.counts(TODAY));
    }

    #[test]
    fn terms_belong_to_a_confirmation_alone() {
        let terms = Terms { valid_until: Some(TODAY), ..Terms::default() };
        let problem = decide(EvidenceStatus::Proposed, EvidenceStatus::Rejected, &terms).unwrap_err();

        assert_eq!(problem.faults[0].pointer, "/valid_until");
        assert!(refuse_terms(&terms).is_err() && refuse_terms(&Terms::default()).is_ok());
    }

    #[test]
    fn what_was_rejected_stays_so() {
        let problem = decide(EvidenceStatus::Rejected, EvidenceStatus::Confirmed, &Terms::default()).unwrap_err();

        assert_eq!(problem.kind, ProblemKind::IllegalStep);
    }
}
