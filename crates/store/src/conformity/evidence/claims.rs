//! Who may claim evidence and who may decide on it. What must be so when they do is `lvcai_domain::claim`.

use super::{EvidenceRecord, Filter, list, proof, visible};
use crate::conformity::holders::Firms;
use crate::conformity::{certificates, test_reports};
use crate::error::{Error, Result};
use crate::ledger::{Author, Change, Decision, Moment, Page, View, Viewer, not_owner};
use crate::parties::{certification_bodies, laboratories};
use crate::products;
use lvcai_domain::claim::{Terms, check_admitted, check_cover, check_day, confirmed, decided, refuse_terms};
use lvcai_domain::evidence::{Proof, Source};
use lvcai_domain::holder::{check_holder, strangers};
use lvcai_domain::{
    Certificate, CertificationBody, Event, Evidence, EvidenceId, EvidenceStatus, Fault, Laboratory, OrganisationId,
    Problem, ProblemKind, Product, ProductId, Rule, TestReport,
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
    let product = products::read(view.conn, claim.product, view.cut, viewer)?;
    let product: Product = product.ok_or_else(|| unknown("/product"))?.parse()?;
    let status = match claim.by {
        _ if confirms => EvidenceStatus::Confirmed,
        by if by == product.enterprise => EvidenceStatus::Proposed,
        _ => return Err(not_owner()),
    };
    if confirms {
        check_admitted(&product)?;
    } else {
        refuse_terms(&claim.terms)?;
    }
    check_cover(&proof, &product, &claim.models, view.today())?;
    let distinct_holder = claim.terms.distinct_holder.clone();
    check_whose(view, (&proof, &product), distinct_holder.as_deref(), confirms)?;
    let effective_on = claim.terms.effective_on.unwrap_or_else(|| view.today());
    check_day(&proof, effective_on, view.today())?;
    check_new(view, claim)?;
    let evidence = Evidence {
        id: view.mint(),
        product: product.id,
        certificate: None,
        test_report: None,
        kind: None,
        models: claim.models.clone(),
        status,
        holder: Some(proof.parties().holder.into()),
        distinct_holder,
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

/// Whether what an evidence rests on is the product's own, or who confirms it says why it need not be.
fn check_whose(
    view: &mut View<'_>,
    (proof, product): (&Proof, &Product),
    distinct_holder: Option<&str>,
    confirms: bool,
) -> Result<()> {
    let of = Firms::default().of(view.conn, product, view.cut)?;
    let at = if matches!(proof, Proof::Certificate(_)) { "/certificate" } else { "/test_report" };
    Ok(check_holder(&strangers(proof.parties(), &of), distinct_holder, confirms, at)?)
}

/// What a claim rests on, with the organisation that speaks for it.
fn load_proof(view: &mut View<'_>, source: Source) -> Result<(Proof, OrganisationId)> {
    match source {
        Source::Certificate(id) => {
            let certificate = certificates::read(view.conn, id, view.cut)?;
            let certificate: Certificate = certificate.ok_or_else(|| unknown("/certificate"))?.parse()?;
            if certificate.retracted_on.is_some() {
                return Err(unknown("/certificate").into());
            }
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

/// Nobody claims again what stands.
fn check_new(view: &mut View<'_>, claim: &Claim) -> Result<()> {
    let filter = match claim.source {
        Source::Certificate(id) => Filter { certificate: Some(id), ..Filter::default() },
        Source::TestReport(id) => Filter { test_report: Some(id), ..Filter::default() },
    };
    let filter = Filter { product: Some(claim.product), ..filter };
    let page = Page::newest(view.cut, 500);
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

/// What is decided about an evidence, and by whom.
#[derive(Debug, Clone)]
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
    let EvidenceDecision { to, ref terms, by } = *decision;
    let (stored, visibility) = visible(view.conn, id, Moment::newest(view.cut))?
        .filter(|(_, visibility)| visibility.by(by.sees))
        .ok_or(ProblemKind::NotFound)?;
    let before: Evidence = stored.parse()?;
    by.must_answer_for(visibility.certifier.0.into())?;
    if before.test_report.is_some() && !by.authority {
        return Err(not_owner());
    }
    let (event, mut after, day) = decided(before, to, by.organisation, terms, view.today())?;
    if to == EvidenceStatus::Confirmed {
        after = recheck(view, after, terms)?;
    }
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
    check_whose(view, (&proof, &product), terms.distinct_holder.as_deref(), true)?;
    let (holder, distinct_holder) = (Some(proof.parties().holder.into()), terms.distinct_holder.clone());
    Ok(confirmed(Evidence { holder, distinct_holder, ..evidence }, &proof, &product, terms)?)
}
