//! Who may claim evidence, who may decide on it, and what must be so when they do.

use super::{EvidenceRecord, Filter, list, proof, visible};
use crate::conformity::{certificates, test_reports};
use crate::error::{Error, Result};
use crate::ledger::{Author, Change, Decision, Page, View, Viewer, not_owner};
use crate::parties::{certification_bodies, laboratories};
use crate::products;
use jiff::civil::Date;
use lvcai_domain::evidence::{Gap, Proof, Source, covers, report_covers};
use lvcai_domain::{
    CertificationBody, Event, Evidence, EvidenceId, EvidenceStatus, Fault, Laboratory, OrganisationId, Problem,
    ProblemKind, Product, ProductId, ProductStatus, ReportVerdict, Rule, TestReport, TestReportStatus,
};

/// A claim that a certificate or a test report covers a product.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The product.
    pub product: ProductId,
    /// The certificate or the test report.
    pub source: Source,
    /// The models that it covers; all when empty.
    pub models: Vec<String>,
    /// From when and until when it counts.
    pub terms: Terms,
    /// Who claims it.
    pub by: OrganisationId,
    /// Whether the claimant is the authority, which may confirm at once.
    pub authority: bool,
}

/// From when and until when an evidence counts, as who confirms it says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terms {
    /// The first day; today when absent.
    pub effective_on: Option<Date>,
    /// The last day, for a test report, whose period no rule sets.
    pub valid_until: Option<Date>,
}

/// Decides on a claim: the certificate's own body and the authority confirm by
/// claiming, the product's enterprise proposes, and nobody else may. A test
/// report is confirmed by the authority alone.
///
/// # Errors
///
/// Refuses what does not exist, what is not the claimant's, a kind or a model
/// that is not covered, a report that is void or fails, and a claim that stands already.
pub fn claim(view: &mut View<'_>, claim: &Claim) -> Result<Decision> {
    let viewer = if claim.authority { Viewer::Everything } else { Viewer::Organisation(claim.by) };
    let (proof, certifier) = load_proof(view, claim.source)?;
    let confirms = claim.authority || (certifier == claim.by && matches!(proof, Proof::Certificate(_)));
    // A body names products that the enterprise has not had admitted yet.
    let seen = if confirms { Viewer::Everything } else { viewer };
    let product = products::read(view.conn, claim.product, view.cut, seen)?;
    let product: Product = product.ok_or_else(|| unknown("/product"))?.parse()?;
    let status = match claim.by {
        _ if confirms => EvidenceStatus::Confirmed,
        by if by == product.enterprise => EvidenceStatus::Proposed,
        _ => return Err(not_owner()),
    };
    check_cover(&proof, &product, &claim.models, view.today())?;
    if confirms {
        check_admitted(&product)?;
    } else {
        refuse_terms(&claim.terms)?;
    }
    let effective_on = claim.terms.effective_on.unwrap_or_else(|| view.today());
    check_day(&proof, effective_on, view.today())?;
    check_new(view, claim)?;
    let evidence = Evidence {
        id: EvidenceId::mint(),
        product: product.id,
        certificate: None,
        test_report: None,
        kind: None,
        models: claim.models.clone(),
        status,
        claimed_by: claim.by,
        decided_by: confirms.then_some(claim.by),
        effective_on,
        valid_until: None,
        ended_on: None,
    };
    let evidence = match claim.source {
        Source::Certificate(id) => Evidence { certificate: Some(id), ..evidence },
        Source::TestReport(id) => Evidence { test_report: Some(id), ..evidence },
    };
    let evidence = if confirms { confirmed(evidence, &proof, &product, &claim.terms)? } else { evidence };
    let event = if confirms { Event::EvidenceConfirmed } else { Event::EvidenceProposed };
    let record = EvidenceRecord { evidence, owner: product.enterprise, certifier };
    Ok(Decision::change(Change::create(event, record).effective_on(effective_on)))
}

/// What a claim rests on, with the organisation that speaks for it.
fn load_proof(view: &mut View<'_>, source: Source) -> Result<(Proof, OrganisationId)> {
    match source {
        Source::Certificate(id) => {
            let certificate = certificates::read(view.conn, id, view.cut)?;
            let certificate: lvcai_domain::Certificate = certificate.ok_or_else(|| unknown("/certificate"))?.parse()?;
            let body = certification_bodies::read(view.conn, &certificate.certification_body, view.cut)?;
            let body: CertificationBody =
                body.ok_or_else(|| Error::Database("a certificate without its body".into()))?.parse()?;
            Ok((certificate.into(), body.organisation))
        }
        Source::TestReport(id) => {
            let report = test_reports::read(view.conn, id, view.cut)?;
            let report: TestReport = report.ok_or_else(|| unknown("/test_report"))?.parse()?;
            let laboratory = laboratories::read(view.conn, &report.laboratory, view.cut)?;
            let laboratory: Laboratory =
                laboratory.ok_or_else(|| Error::Database("a report without its laboratory".into()))?.parse()?;
            Ok((report.into(), laboratory.organisation))
        }
    }
}

/// What is confirmed is public, and so must be what it is about.
fn check_admitted(product: &Product) -> Result<()> {
    if product.status == ProductStatus::Admitted {
        return Ok(());
    }
    let problem = Problem::from(ProblemKind::IllegalStep).fault(Fault::new("/product", Rule::NotAllowed));
    Err(problem.detail("产品尚未入库，先办理入库", "the product is a draft; it must be admitted first").into())
}

/// Who proposes says neither from when nor until when it counts.
fn refuse_terms(terms: &Terms) -> Result<()> {
    let refused = |pointer: &str| {
        let fault = Fault::new(pointer, Rule::NotAllowed);
        fault.detail("由确认者决定起止日期", "who confirms it says from when and until when it counts")
    };
    match terms {
        Terms { effective_on: Some(_), .. } => Err(refused("/effective_on").into()),
        Terms { valid_until: Some(_), .. } => Err(refused("/valid_until").into()),
        Terms { effective_on: None, valid_until: None } => Ok(()),
    }
}

/// An evidence counts neither before what it rests on was issued nor from a day to come.
fn check_day(proof: &Proof, day: Date, today: Date) -> Result<()> {
    let issued = match proof {
        Proof::Certificate(certificate) => certificate.first_issued_on.or(certificate.issued_on),
        Proof::TestReport(report) => Some(report.issued_on),
    };
    if day > today || issued.is_some_and(|issued| day < issued) {
        return Err(Fault::new("/effective_on", Rule::OutOfRange).into());
    }
    Ok(())
}

fn check_cover(proof: &Proof, product: &Product, models: &[String], today: Date) -> Result<()> {
    let (gap, kind) = match proof {
        Proof::Certificate(certificate) => (covers(certificate, product, models, today), certificate.kind.as_str()),
        Proof::TestReport(report) => {
            check_good(report)?;
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
            .allowed([&product.kind])
            .into()),
        Err(Gap::Model(model)) => Err(Fault::new("/models", Rule::NotAllowed)
            .detail(
                format!("产品与证书或检验检测报告未同时列出型号 {model}"),
                format!("the model {model} is not named by both the product and what the evidence rests on"),
            )
            .into()),
    }
}

/// Nothing rests on a report that is void or does not pass.
fn check_good(report: &TestReport) -> Result<()> {
    let fault = Fault::new("/test_report", Rule::NotAllowed);
    if report.status == TestReportStatus::Voided {
        return Err(fault.detail("报告已作废", "the report is void").into());
    }
    if report.verdict == ReportVerdict::Fail {
        return Err(fault.detail("报告结论为不合格", "the report does not pass").into());
    }
    Ok(())
}

fn check_new(view: &mut View<'_>, claim: &Claim) -> Result<()> {
    let filter = match claim.source {
        Source::Certificate(id) => Filter { certificate: Some(id), ..Filter::default() },
        Source::TestReport(id) => Filter { test_report: Some(id), ..Filter::default() },
    };
    let filter = Filter { product: Some(claim.product), ..filter };
    let page = Page { cut: view.cut, after: None, limit: 500 };
    for (_, body) in list(view.conn, &filter, &page, Viewer::Everything)? {
        let other: Evidence = serde_json::from_str(&body)?;
        if matches!(other.status, EvidenceStatus::Proposed | EvidenceStatus::Confirmed) && other.models == claim.models
        {
            let id = other.id;
            return Err(Problem::from(ProblemKind::Conflict)
                .detail(format!("证据 {id} 已作同样主张"), format!("the evidence {id} claims the same"))
                .into());
        }
    }
    Ok(())
}

fn unknown(pointer: &str) -> Problem {
    Fault::new(pointer, Rule::UnknownReference).into()
}

/// An evidence as its confirmation makes it: that of a report carries the kind and the last day.
fn confirmed(evidence: Evidence, proof: &Proof, product: &Product, terms: &Terms) -> Result<Evidence> {
    let Proof::TestReport(report) = proof else {
        return match terms.valid_until {
            Some(_) => Err(Fault::new("/valid_until", Rule::NotAllowed)
                .detail("证书的有效期由证书确定", "a certificate says itself until when it holds")
                .into()),
            None => Ok(evidence),
        };
    };
    let Some(until) = terms.valid_until else {
        return Err(Fault::new("/valid_until", Rule::Required)
            .detail("须载明检验检测报告作为证据的截止日期", "say until when the report counts as evidence")
            .into());
    };
    if until < evidence.effective_on || report.valid_until.is_some_and(|end| until > end) {
        return Err(Fault::new("/valid_until", Rule::OutOfRange).into());
    }
    Ok(Evidence { kind: Some(product.kind.clone()), valid_until: Some(until), ..evidence })
}

/// What is decided about an evidence, and by whom.
#[derive(Debug, Clone, Copy)]
pub struct EvidenceDecision {
    /// Where it goes.
    pub to: EvidenceStatus,
    /// For a confirmation: from when and until when it counts.
    pub terms: Terms,
    /// Who decides.
    pub by: Author,
}

/// Decides on a proposed or a confirmed evidence: confirm, reject, end. The
/// listings that rest on it follow in the same command.
///
/// # Errors
///
/// Refuses who is neither the certificate's body nor the authority, and steps that are not legal.
pub fn decide(view: &mut View<'_>, id: EvidenceId, decision: &EvidenceDecision) -> Result<Decision> {
    let EvidenceDecision { to, terms, by } = *decision;
    let (stored, visibility) = visible(view.conn, id, view.cut)?
        .filter(|(_, visibility)| visibility.by(by.sees))
        .ok_or(ProblemKind::NotFound)?;
    let before: Evidence = stored.parse()?;
    by.must_answer_for(visibility.certifier.0.into())?;
    if before.test_report.is_some() && !by.authority {
        return Err(not_owner());
    }
    if !before.status.next().contains(&to) {
        let legal = before.status.next().iter().map(|it| it.step());
        let fault = Fault::new("/step", Rule::NotAllowed).allowed(legal);
        return Err(Problem::from(ProblemKind::IllegalStep).fault(fault).into());
    }
    let today = view.today();
    let after = Evidence { status: to, decided_by: Some(by.organisation), ..before };
    let (event, after, day) = match to {
        EvidenceStatus::Confirmed => {
            let day = terms.effective_on.unwrap_or(today);
            let after = recheck(view, Evidence { effective_on: day, ..after }, &terms)?;
            (Event::EvidenceConfirmed, after, day)
        }
        _ if terms.effective_on.is_some() => return Err(Fault::new("/effective_on", Rule::NotAllowed).into()),
        _ if terms.valid_until.is_some() => return Err(Fault::new("/valid_until", Rule::NotAllowed).into()),
        EvidenceStatus::Ended => (Event::EvidenceEnded, Evidence { ended_on: Some(today), ..after }, today),
        EvidenceStatus::Rejected | EvidenceStatus::Proposed => (Event::EvidenceRejected, after, today),
    };
    let (owner, certifier) = (visibility.owner.0.into(), visibility.certifier.0.into());
    let record = EvidenceRecord { evidence: after, owner, certifier };
    Ok(Decision::change(Change::amend(event, record).effective_on(day)))
}

/// What was covered when it was proposed must be covered still.
fn recheck(view: &mut View<'_>, evidence: Evidence, terms: &Terms) -> Result<Evidence> {
    let proof = proof(view.conn, &evidence, view.cut)?.ok_or(ProblemKind::NotFound)?;
    let product =
        products::read(view.conn, evidence.product, view.cut, Viewer::Everything)?.ok_or(ProblemKind::NotFound)?;
    let product = product.parse()?;
    check_admitted(&product)?;
    check_day(&proof, evidence.effective_on, view.today())?;
    check_cover(&proof, &product, &evidence.models, view.today())?;
    confirmed(evidence, &proof, &product, terms)
}
